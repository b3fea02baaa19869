"""SIGKILL at random moments under load: what is lost, what is said twice.

    python -m bench.kill [--kills 300] [--store sqlite|postgresql|both] [--seed N]

Web servers, their workers, gunicorn's master and the background worker are killed and started again while
LINE and Telegram deliver events, each again until it is acknowledged. Every question has an answer of its
own, so that each event is put to its answer. Exits with 1 where the promise is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from bench.fleet import Fleet, Zygote, scratch
from bench.marked import THINGS, marked_knowledge, question
from bench.platforms import Platforms
from bench.webhooks import Event, Webhooks

WEIGHTS = {"worker": 40, "web process": 25, "web": 15, "gunicorn": 10, "everything": 10}
"""How often each is killed: worker; one of gunicorn's forks; gunicorn with its forks; its master alone."""
DRAIN_SECONDS = 240.0


@dataclass
class Result:
    """What a run found. `settled`: answers dropped by rule because their token had passed its time."""

    store: str
    kills: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    lost: list[Event] = field(default_factory=list)
    doubled: Counter[str] = field(default_factory=Counter)
    settled: int = 0
    redelivered: int = 0
    pushes: int = 0
    unasked: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)
    without_inbox: int = 0
    seconds: float = 0.0
    drained: float = 0.0

    @property
    def kept(self) -> bool:
        """Whether the promise was kept: nothing lost, twice only where the channel cannot help it."""
        own = self.doubled["telegram"] <= sum(self.kills.values())
        return not (self.lost or self.doubled["line"] or self.unasked) and own

    def __str__(self) -> str:
        kills = ", ".join(f"{name} {number}" for name, number in sorted(self.kills.items()))
        number = sum(self.kills.values())
        parts = (
            ("acknowledged", f"LINE {self.accepted['line']}, Telegram {self.accepted['telegram']}"),
            ("delivered again by the channel", self.redelivered),
            ("LOST", len(self.lost)),
            ("dropped by rule (too late)", self.settled),
            ("SENT TWICE on LINE", self.doubled["line"]),
            (f"sent twice on Telegram (at most one a kill: {number})", self.doubled["telegram"]),
            ("sent to nobody who asked", self.unasked),
            ("pushes", self.pushes),
            ("refused by LINE", self.refused or "none"),
            ("inbox", self.states),
            ("answered without the inbox", self.without_inbox),
            ("seconds until drained", round(self.drained, 1)),
        )
        head = f"## {self.store}: {number} SIGKILLs in {self.seconds:.0f} s ({kills})"
        verdict = "PROMISE KEPT" if self.kept else "PROMISE BROKEN"
        lost = (f"  lost: {event}" for event in self.lost[:10])
        return "\n".join([head, *(f"{name}: {value}" for name, value in parts), verdict, *lost])


class Load:
    """Residents who ask one to three different things, a little after each other."""

    def __init__(self, webhooks: Webhooks, chance: random.Random, rate: float, telegram: float = 0.3):
        self.events: list[Event] = []
        self._webhooks = webhooks
        self._chance = chance
        self._rate = rate
        self._telegram = telegram
        self._numbers = count(1)
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Begin conversations until `stop`, then wait until all is acknowledged."""
        while not stop.is_set():
            task = asyncio.create_task(self._resident())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            await asyncio.sleep(self._chance.expovariate(self._rate / 2))
        await asyncio.gather(*self._tasks)

    async def _resident(self) -> None:
        telegram = self._chance.random() < self._telegram
        number = next(self._numbers)
        channel, user = ("telegram", str(10_000 + number)) if telegram else ("line", f"U{number:032x}")
        for mark in self._chance.sample(range(len(THINGS)), self._chance.choice((1, 2, 3))):
            event = Event(next(self._numbers), channel, user, question(mark), mark)
            self.events.append(event)
            again = self._chance.random() < 0.1
            await asyncio.gather(*(self._webhooks.deliver([event]) for _ in range(2 if again else 1)))
            await asyncio.sleep(self._chance.random() * 0.5)


class Killer:
    """Kills and starts again."""

    def __init__(self, fleet: Fleet, chance: random.Random, pause: float):
        self.kills: Counter[str] = Counter()
        self._fleet = fleet
        self._chance = chance
        self._pause = pause

    async def run(self, kills: int) -> None:
        """Kill `kills` times, every `pause` seconds on average."""
        while sum(self.kills.values()) < kills:
            await asyncio.sleep(self._pause * self._chance.uniform(0.3, 1.7))
            (what,) = self._chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
            if await asyncio.to_thread(self._kill, what):
                self.kills[what] += 1
        self.revive()

    def _kill(self, what: str) -> bool:
        self.revive()
        if what == "web process":
            return self._fleet.kill_child("web", self._chance.choice)
        for name in ("web", "worker") if what == "everything" else (what.replace("gunicorn", "web"),):
            self._fleet.kill(name, alone=what == "gunicorn")
        self.revive()
        return True

    def revive(self) -> None:
        """Start what does not run, as a supervisor does."""
        if not self._fleet.runs("web"):
            self._fleet.web()
        if not self._fleet.runs("worker"):
            self._fleet.worker()


async def _run(fleet: Fleet, kills: int, pause: float, rate: float, seed: int) -> tuple[Load, Killer]:
    webhooks = Webhooks(list(fleet.ports.values()))
    load, killer = (
        Load(webhooks, random.Random(seed), rate),
        Killer(fleet, random.Random(seed + 1), pause),
    )
    stop = asyncio.Event()
    running = asyncio.create_task(load.run(stop))
    await asyncio.sleep(1.0)
    await killer.run(kills)
    await asyncio.sleep(1.0)
    stop.set()
    while not running.done():
        await asyncio.to_thread(killer.revive)
        await asyncio.wait([running], timeout=0.5)
    await running
    webhooks.close()
    return load, killer


def measure(
    store: str, kills: int, pause: float = 0.8, rate: float = 25.0, seed: int = 1, **environ: str
) -> Result:
    """Run once on `store` (`sqlite`, `postgresql` with Redis). `rate`: events a second."""
    with (
        scratch(store) as (data, database, queue),
        Platforms(0.02) as platforms,
        Zygote(marked_knowledge(data / "content")) as zygote,
        Fleet(data, platforms.url, database, queue, zygote, **environ) as fleet,
    ):
        fleet.web()
        fleet.worker()
        fleet.ready()
        begun = time.monotonic()
        load, killer = asyncio.run(_run(fleet, kills, pause, rate, seed))
        result = Result(store, killer.kills, seconds=time.monotonic() - begun)
        result.drained = drain(fleet, killer.revive)
        judge(result, load.events, platforms, fleet)
        return result


def drain(fleet: Fleet, revive: Callable[[], None]) -> float:
    """Wait until nothing waits any more. Return the seconds that took. Raises `TimeoutError`."""
    begun = time.monotonic()
    while fleet.backlog() != (0, 0):
        revive()
        if time.monotonic() - begun > DRAIN_SECONDS:
            raise TimeoutError(f"not drained: {fleet.backlog()} {fleet.rows('SELECT * FROM outbox')[:3]}")
        time.sleep(0.1)
    time.sleep(0.5)  # what a signal thread or an urgent answer still has in hand
    return time.monotonic() - begun


def judge(result: Result, events: list[Event], platforms: Platforms, fleet: Fleet) -> None:
    """Put every delivery to its event and note what is missing or too much."""
    numbered = {event.number: event for event in events}
    got: Counter[tuple[str, int]] = Counter()
    for _, way, to, mark, _ in platforms.look():
        result.pushes += way == "push"
        user = numbered[int(to[:12])].user if way == "reply" else to
        got[(user, mark)] += 1
    late = {line["letter"] for line in fleet.logged("delivery.late")}
    result.settled = len(late)
    missing = []
    for event in events:
        result.accepted[event.channel] += 1
        result.redelivered += event.tries - 1
        times = got.pop((event.user, event.mark), 0)
        if times == 0:
            missing.append(event)
        result.doubled[event.channel] += max(0, times - 1)
    result.lost = missing[len(late) :]
    result.unasked = sum(got.values())
    result.refused = platforms.refused
    result.without_inbox = len(fleet.logged("inbox.unwritable"))
    result.states = {
        ("waiting", "answered", "given up")[int(str(state))]: int(str(number))
        for state, number in fleet.rows("SELECT state, count(*) FROM inbox GROUP BY state")
    }
    if dead := fleet.rows("SELECT channel, tries, reason FROM outbox WHERE state = 2"):
        result.states["dead letters"] = len(dead)


def _stores(asked: str) -> Iterator[str]:
    yield from ("sqlite", "postgresql") if asked == "both" else (asked,)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--pause", type=float, default=0.8, help="seconds between two kills, on average")
    parser.add_argument("--rate", type=float, default=25.0, help="events a second")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    kept = True
    for store in _stores(given.store):
        result = measure(store, given.kills, given.pause, given.rate, given.seed)
        print(result, flush=True)
        kept &= result.kept
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
