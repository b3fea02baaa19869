"""The order within a conversation, over two web and two worker processes of which one is always dying.

    python -m bench.order [--conversations 10000] [--messages 3] [--rate 30] [--store postgresql|sqlite]

Each resident asks different things one right after the other. The answers must reach LINE, and the turns
must be kept, in the order of the inbox. Exits with 1 where one is not.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import count

from bench.fleet import Fleet, Zygote, scratch
from bench.kill import drain
from bench.marked import THINGS, marked_knowledge, question
from bench.platforms import Platforms
from bench.webhooks import Event, Webhooks

NAMES = ("web1", "web2", "worker1", "worker2")


@dataclass
class Result:
    """What a run found; `wrong` tells of some conversations."""

    store: str
    conversations: int = 0
    messages: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    answered: int = 0
    doubled: int = 0
    answers_out_of_order: int = 0
    turns_out_of_order: int = 0
    pushes: int = 0
    redelivered: int = 0
    seconds: float = 0.0
    drained: float = 0.0
    wrong: list[str] = field(default_factory=list)

    @property
    def kept(self) -> bool:
        """Whether all was answered once and in order."""
        complete = self.answered == self.messages and not self.doubled
        return complete and not (self.answers_out_of_order or self.turns_out_of_order)

    def __str__(self) -> str:
        kills = ", ".join(f"{name} {number}" for name, number in sorted(self.kills.items()))
        parts = (
            ("SIGKILLs", f"{sum(self.kills.values())} ({kills})"),
            ("answered", f"{self.answered}, {self.pushes} of them by push"),
            ("SENT TWICE", self.doubled),
            ("delivered again by the channel", self.redelivered),
            ("conversations with ANSWERS OUT OF ORDER", self.answers_out_of_order),
            ("conversations with TURNS OUT OF ORDER", self.turns_out_of_order),
            ("seconds until drained", round(self.drained, 1)),
        )
        head = f"## {self.store}: {self.conversations} conversations, {self.messages} messages"
        verdict = "PROMISE KEPT" if self.kept else "PROMISE BROKEN"
        lines = [f"{head} in {self.seconds:.0f} s", *(f"{name}: {value}" for name, value in parts), verdict]
        return "\n".join([*lines, *self.wrong[:5]])


class Supervisor:
    """Kills one process after the other and starts it again."""

    def __init__(self, fleet: Fleet, chance: random.Random):
        self.kills: Counter[str] = Counter()
        self._fleet = fleet
        self._chance = chance

    async def run(self, stop: asyncio.Event, pause: float) -> None:
        """Kill one every `pause` seconds on average until `stop`."""
        while not stop.is_set():
            await asyncio.sleep(pause * self._chance.uniform(0.5, 1.5))
            name = self._chance.choice(NAMES)
            await asyncio.to_thread(self._fleet.kill, name)
            self.kills[name] += 1
            await asyncio.to_thread(self.revive)

    def revive(self) -> None:
        """Start what does not run."""
        for name in NAMES:
            if not self._fleet.runs(name):
                (self._fleet.web if name.startswith("web") else self._fleet.worker)(name)


async def _talk(
    fleet: Fleet, supervisor: Supervisor, conversations: int, messages: int, rate: float, pause: float
) -> list[Event]:
    """Let residents ask; return the events in the order sent."""
    chance, numbers, events = random.Random(2), count(1), []
    webhooks, stop = Webhooks(list(fleet.ports.values()), 128), asyncio.Event()
    killing = asyncio.create_task(supervisor.run(stop, pause))

    async def resident(number: int) -> None:
        for mark in chance.sample(range(len(THINGS)), messages):
            event = Event(next(numbers), "line", f"U{number:032x}", question(mark), mark)
            events.append(event)
            await webhooks.deliver([event])

    tasks = []
    for number in range(conversations):
        tasks.append(asyncio.create_task(resident(number)))
        await asyncio.sleep(chance.expovariate(rate))
    await asyncio.gather(*tasks)
    stop.set()
    await killing
    webhooks.close()
    return events


def measure(
    store: str,
    conversations: int,
    messages: int = 3,
    rate: float = 30.0,
    pause: float = 2.0,
    **environ: str,
) -> Result:
    """Run once. `rate`: new conversations a second; `pause`: seconds between kills."""
    environ = {"TOCHIMADO_WEB_WORKERS": "1", **environ}
    with (
        scratch(store) as (data, database, queue),
        Platforms(0.01) as platforms,
        Zygote(marked_knowledge(data / "content")) as zygote,
        Fleet(data, platforms.url, database, queue, zygote, **environ) as fleet,
    ):
        supervisor = Supervisor(fleet, random.Random(4))
        supervisor.revive()
        fleet.ready("web1")
        fleet.ready("web2")
        begun = time.monotonic()
        events = asyncio.run(_talk(fleet, supervisor, conversations, messages, rate, pause))
        result = Result(store, conversations, len(events), supervisor.kills)
        result.seconds = time.monotonic() - begun
        result.drained = drain(fleet, supervisor.revive)
        result.redelivered = sum(event.tries - 1 for event in events)
        judge(result, events, platforms, fleet)
        return result


def judge(result: Result, events: list[Event], platforms: Platforms, fleet: Fleet) -> None:
    """Compare the order of the inbox with that of the answers and of the turns."""
    by_id = {event.id: event for event in events}
    numbered = {event.number: event for event in events}
    inbox: dict[str, list[int]] = defaultdict(list)
    for (event_id,) in fleet.rows("SELECT event_id FROM inbox ORDER BY at, id"):
        inbox[by_id[str(event_id)].user].append(by_id[str(event_id)].mark)
    turns: dict[str, list[int]] = defaultdict(list)
    for (event_id,) in fleet.rows("SELECT event_id FROM turns ORDER BY at"):
        turns[by_id[str(event_id)].user].append(by_id[str(event_id)].mark)
    answers: dict[str, list[int]] = defaultdict(list)
    for _, way, to, mark, _ in platforms.look():
        answers[numbered[int(to[:12])].user if way == "reply" else to].append(mark)
        result.pushes += way == "push"
    for user, asked in inbox.items():
        got = answers[user]
        result.answered += len(set(got))
        result.doubled += len(got) - len(set(got))
        result.answers_out_of_order += (wrong := got != asked)
        result.turns_out_of_order += turns[user] != asked
        if wrong or turns[user] != asked:
            result.wrong.append(f"  {user[-6:]}: asked {asked}, turns {turns[user]}, answers {got}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=10_000)
    parser.add_argument("--messages", type=int, default=3)
    parser.add_argument("--rate", type=float, default=30.0, help="new conversations a second")
    parser.add_argument("--pause", type=float, default=2.0, help="seconds between kills, on average")
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="postgresql")
    given = parser.parse_args()
    result = measure(given.store, given.conversations, given.messages, given.rate, given.pause)
    print(result, flush=True)
    return 0 if result.kept else 1


if __name__ == "__main__":
    sys.exit(main())
