"""A flood on LINE: how fast it is acknowledged and answered, what is lost, what comes late.

    python -m bench.load [--rate 100 --seconds 300 --burst-rate 300 --burst-seconds 60] [--quick]
                         [--database URL --queue URL]

The program as it is run (gunicorn with 2 workers, 1 background worker, the knowledge that ships) between a
generator of signed webhook events and a LINE on loopback, each a process of its own. Exits with 1 where a
promise is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bench.fleet import Fleet, scratch
from bench.platforms import TOKEN_LIFETIME, Platforms
from bench.questions import DANGER, ask
from bench.ratio import CONNECTIONS, RESIDENTS, measure
from bench.steps import profile
from bench.webhooks import Event, Webhooks, request

TOGETHER = 0.05
"""Share of webhooks that carry two to four events."""
AGAIN = 0.02
"""Share of webhooks that come once more, as a redelivery, within 20 s."""
IN_DANGER = 0.01
"""Share of the burst's events that tell of danger to life."""
DRAIN_SECONDS = 1800.0
LINE_SECONDS = 0.02
"""What the LINE on loopback takes to answer a call."""
_EVENT = re.compile(r'"event": "([^"]*)"')


@dataclass
class Phase:
    """A stretch of load at one rate. `acknowledged`: seconds of each webhook, from when it was due."""

    name: str
    rate: float
    seconds: float
    disaster: bool = False
    events: list[Event] = field(default_factory=list)
    acknowledged: list[float] = field(default_factory=list)
    failed: int = 0
    again: int = 0
    begun: float = 0.0
    ended: float = 0.0


class Generator:
    """Posts events at a given rate, whatever becomes of those before (open loop)."""

    def __init__(self, webhooks: Webhooks, chance: random.Random):
        self._webhooks = webhooks
        self._chance = chance
        self._numbers = count(1)
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, phase: Phase) -> None:
        """Run one phase; redeliveries may come after it."""
        phase.begun = due = time.time()
        while due < phase.begun + phase.seconds:
            events = [self._event(phase) for _ in range(self._together())]
            phase.events += events
            due += self._chance.expovariate(phase.rate) * len(events)
            if (wait := due - time.time()) > 0:
                await asyncio.sleep(wait)
            self._spawn(self._post(phase, events, due))
        phase.ended = time.time()

    async def finish(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._tasks)

    def _spawn(self, work: object) -> None:
        task = asyncio.ensure_future(work)  # type: ignore[call-overload]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _together(self) -> int:
        return self._chance.choice((2, 3, 4)) if self._chance.random() < TOGETHER else 1

    def _event(self, phase: Phase) -> Event:
        urgent = phase.disaster and self._chance.random() < IN_DANGER
        text = self._chance.choice(DANGER) if urgent else ask(self._chance, phase.disaster)
        user = f"U{self._chance.randrange(RESIDENTS):032x}"
        return Event(next(self._numbers), "line", user, text, urgent=urgent)

    async def _post(self, phase: Phase, events: list[Event], due: float) -> None:
        for event in events:
            event.sent = due
        tries = await self._webhooks.deliver(events)
        phase.failed += len(tries) - 1
        phase.acknowledged.append(events[0].acknowledged - due if len(tries) == 1 else tries[0])
        if self._chance.random() < AGAIN:
            await asyncio.sleep(20 * self._chance.random())
            phase.again += len(events)
            await self._webhooks.post(request(events, again=True))


# --- judging ----------------------------------------------------------------------------------------------


@dataclass
class Outcome:
    """What became of the events. `answered`: seconds from an event to its answer at LINE, by number."""

    answered: dict[int, float] = field(default_factory=dict)
    pushed: dict[int, float] = field(default_factory=dict)
    dropped: int = 0
    lost: int = 0
    twice: int = 0
    states: dict[str, int] = field(default_factory=dict)


def judge(events: Sequence[Event], platforms: Platforms, fleet: Fleet) -> Outcome:
    """Put every delivery to its event: a reply by its token, a push to the oldest open question."""
    outcome, numbered = Outcome(), {event.number: event for event in events}
    pushes: dict[str, list[float]] = {}
    for at, way, to, _, _ in platforms.look():
        if way == "push":
            pushes.setdefault(to, []).append(at)
            continue
        event = numbered[int(to[:12])]
        outcome.twice += event.number in outcome.answered
        outcome.answered[event.number] = at - event.sent
    for event in events:
        if event.number not in outcome.answered and pushes.get(event.user):
            outcome.pushed[event.number] = pushes[event.user].pop(0) - event.sent
    outcome.twice += sum(map(len, pushes.values()))
    outcome.dropped = len({line["letter"] for line in fleet.logged("delivery.late")})
    done = len(outcome.answered) + len(outcome.pushed) + outcome.dropped
    outcome.lost = len(events) - done
    outcome.states = {
        ("waiting", "answered", "given up")[int(str(state))]: int(str(number))
        for state, number in fleet.rows("SELECT state, count(*) FROM inbox GROUP BY state")
    }
    ((outcome.states["turns"],),) = fleet.rows("SELECT count(*) FROM turns")  # type: ignore[assignment]
    ((outcome.states["dead letters"],),) = fleet.rows("SELECT count(*) FROM outbox WHERE state = 2")  # type: ignore[assignment]
    return outcome


def at(values: Sequence[float], share: float) -> float:
    """Return the quantile `share` of `values`, 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def line_of(name: str, seconds: Sequence[float], unit: float = 1000.0) -> str:
    """Return p50, p99 and the most of `seconds`, in ms or (`unit` 1) in s."""
    shown = [f"{at(seconds, share) * unit:.{1 if unit > 1 else 2}f}" for share in (0.5, 0.99, 1.0)]
    return f"{name:<44} n {len(seconds):>6}   p50 {shown[0]:>8}   p99 {shown[1]:>8}   max {shown[2]:>8} " + (
        "ms" if unit > 1 else "s"
    )


class Report:
    """Prints, and remembers what is broken."""

    def __init__(self) -> None:
        self.broken: list[str] = []

    def say(self, text: str) -> None:
        print(text, flush=True)

    def promise(self, text: str, kept: bool) -> None:
        """Say whether `text` holds."""
        self.say(f"  {'holds ' if kept else 'BROKEN'} {text}")
        if not kept:
            self.broken.append(text)


def report(steady: Phase, burst: Phase, outcome: Outcome, drained: float, says: Report) -> None:
    """Print what was found."""
    answered = outcome.answered | outcome.pushed
    for phase in (steady, burst):
        rate = len(phase.events) / (phase.ended - phase.begun)
        says.say(
            f"## {phase.name}: {len(phase.events)} events, {rate:.0f} a second, for {phase.seconds:.0f} s"
        )
        says.say(
            f"  posted again: {phase.failed} not acknowledged, {phase.again} events redelivered all the same"
        )
        says.say("  " + line_of("acknowledgement", phase.acknowledged))
        p99, most = at(phase.acknowledged, 0.99), at(phase.acknowledged, 1.0)
        says.promise(
            f"p99 {p99 * 1000:.0f} ms < 1 s, max {most * 1000:.0f} ms ≤ 2 s",
            p99 < 1 and most <= 2 and not phase.failed,
        )
        kinds: tuple[tuple[str, Callable[[Event], bool]], ...] = (
            ("reply, ordinary", lambda event: not event.urgent),
            ("reply, danger", lambda event: event.urgent),
        )
        for name, wanted in kinds:
            some = [answered[e.number] for e in phase.events if wanted(e) and e.number in answered]
            if some:
                says.say("  " + line_of(name, some, 1.0))
    late = [answered[e.number] for e in steady.events if e.number in answered]
    late_ones = sum(1 for event in steady.events if answered.get(event.number, 1e9) > TOKEN_LIFETIME)
    says.promise(
        f"at {steady.rate:.0f}/s every reply within its token's minute (max {at(late, 1.0):.2f} s)",
        not late_ones,
    )
    ordinary = [answered[e.number] for e in burst.events if not e.urgent and e.number in answered]
    danger = [answered[e.number] for e in burst.events if e.urgent and e.number in answered]
    says.promise(
        f"in the burst danger overtakes: p99 {at(danger, 0.99):.2f} s, others' p50 {at(ordinary, 0.5):.2f} s",
        at(danger, 0.99) <= max(2.0, at(ordinary, 0.5)),
    )
    says.say(f"## after the burst: the backlog drains in {drained:.0f} s")
    past = [seconds for seconds in answered.values() if seconds > TOKEN_LIFETIME]
    says.say("  " + line_of("answers after their token's minute", past, 1.0))
    says.say(f"  pushed {len(outcome.pushed)}, dropped by rule {outcome.dropped}; {outcome.states}")
    says.promise(f"lost {outcome.lost}", outcome.lost == 0)
    says.promise(f"answered twice {outcome.twice}", outcome.twice == 0)


async def _flood(port: int, phases: Sequence[Phase], warm: Phase) -> None:
    webhooks = Webhooks([port], 200)
    generator = Generator(webhooks, random.Random(3))
    for phase in (warm, *phases):
        await generator.run(phase)
    await generator.finish()
    webhooks.close()


def flood(store: str, given: argparse.Namespace, says: Report) -> None:
    """Run both phases against a fleet and report."""
    steady = Phase("steady", given.rate, given.seconds)
    burst = Phase("burst", given.burst_rate, given.burst_seconds, disaster=True)
    warm = Phase("warm", 20.0, 3.0)
    with scratch(store) as (folder, *urls), Platforms(LINE_SECONDS) as platforms:
        database, queue = given.database or urls[0], given.queue or urls[1]
        with Fleet(folder, platforms.url, database, queue) as fleet:
            fleet.web()
            fleet.worker()
            fleet.ready(seconds=120)
            before = {name: fleet.cpu(name) for name in ("web", "worker")}
            asyncio.run(_flood(fleet.ports["web"], (steady, burst), warm))
            drained = _drain(fleet, burst.ended)
            events = [*warm.events, *steady.events, *burst.events]
            report(steady, burst, judge(events, platforms, fleet), drained, says)
            used = {name: (fleet.cpu(name) - before[name]) / len(events) * 1000 for name in before}
            spent = ", ".join(f"{name} {each:.2f} ms" for name, each in used.items())
            says.say(f"  processor time an event: {spent}")
            says.say(f"  logged at WARNING and above: {dict(_logged(fleet)) or 'nothing'}")


def _logged(fleet: Fleet) -> Counter[str]:
    """Return how often each event stands in the logs."""
    lines = [line for name in ("web", "worker") for line in fleet.log(name).splitlines()]
    return Counter(found[1] for line in lines if (found := _EVENT.search(line)))


def _drain(fleet: Fleet, since: float) -> float:
    """Wait until nothing waits. Return the seconds since `since`. Raises `TimeoutError`."""
    while fleet.backlog() != (0, 0):
        if time.time() - since > DRAIN_SECONDS:
            raise TimeoutError(f"the backlog does not drain: {fleet.backlog()}")
        time.sleep(0.5)
    took = time.time() - since
    time.sleep(1.0)
    return took


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=100.0, help="events a second at first")
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--burst-rate", type=float, default=300.0)
    parser.add_argument("--burst-seconds", type=float, default=60.0)
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--database", help="the URL of an empty database, in place of a scratch one")
    parser.add_argument("--queue", help="the URL of a queue")
    parser.add_argument("--quick", action="store_true", help="20 s and 10 s")
    parser.add_argument("--only", choices=("flood", "ratio", "steps"), help="one part")
    given = parser.parse_args()
    if given.quick:
        given.seconds, given.burst_seconds = 20.0, 10.0
    says = Report()
    if given.only in (None, "ratio"):
        rates = measure(given.store, 6.0 if given.quick else 24.0)
        says.say(
            f"## acknowledgements a second, {CONNECTIONS} connections: bot {rates.bot:.0f} "
            f"({rates.again:.0%} of texts had come before), every text new {rates.new:.0f}, "
            f"bare Flask {rates.bare:.0f}"
        )
        says.say(f"  every text new: ratio {rates.new / rates.bare:.2f}")
        says.promise(f"ratio {rates.bot / rates.bare:.2f} ≥ 0.4", rates.bot / rates.bare >= 0.4)
    if given.only in (None, "steps"):
        chance = random.Random(7)
        with tempfile.TemporaryDirectory() as folder:
            steps = profile(Path(folder), None, [ask(chance, False) for _ in range(600)])
        says.say("## where an acknowledgement's time goes (one process, one at a time, SQLite, no sockets)")
        for name, milliseconds in steps:
            says.say(f"  {name:<40} {milliseconds:7.3f} ms")
    if given.only in (None, "flood"):
        flood(given.store, given, says)
    return 1 if says.broken else 0


if __name__ == "__main__":
    sys.exit(main())
