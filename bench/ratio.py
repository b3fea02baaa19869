"""How many acknowledgements a second, beside a bare Flask route under the same gunicorn."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from itertools import count

from bench.fleet import Fleet, scratch
from bench.questions import ask
from bench.webhooks import Event, Webhooks, request

RESIDENTS = 20_000
CONNECTIONS = 64
"""Enough for every thread to have a request waiting."""
TURNS = 12
"""Turns of each, one after the other: the machine's own ups and downs meet both alike."""


async def saturate(port: int, bodies: Sequence[bytes], seconds: float) -> float:
    """Post `bodies` one after the other on each of some connections. Return the acknowledgements a second."""
    webhooks, waiting = Webhooks([port], CONNECTIONS), iter(bodies)
    done = 0
    begun = time.monotonic()

    async def client() -> None:
        nonlocal done
        for body in waiting:
            if time.monotonic() - begun > seconds:
                return
            status = await webhooks.post(body, 10.0)
            done += 200 <= status < 300

    await asyncio.gather(*(client() for _ in range(CONNECTIONS)))
    took = time.monotonic() - begun
    webhooks.close()
    return done / took


def ratio(store: str, seconds: float) -> tuple[float, float]:
    """Return acknowledgements a second of bot and bare route, each for `seconds`, in short turns."""
    chance = random.Random(5)
    rates: dict[str, list[float]] = {"bot": [], "bare": []}
    nowhere = "http://127.0.0.1:9"  # without a worker nothing is sent
    with scratch(store) as (folder, database, queue), Fleet(folder, nowhere, database, queue) as fleet:
        fleet.web("bot")
        fleet.web("bare", "bench.bare:create_app()")
        fleet.ready("bare")
        fleet.ready("bot", 120)
        numbers = count(1)
        for turn in range(TURNS + 1):
            for name in ("bare", "bot"):
                bodies = []
                for _ in range(int(seconds / TURNS * 7000)):
                    user = f"U{chance.randrange(RESIDENTS):032x}"
                    event = Event(next(numbers), "line", user, ask(chance, False), sent=time.time())
                    bodies.append(request([event]))
                rate = asyncio.run(saturate(fleet.ports[name], bodies, seconds / TURNS))
                if turn:  # the first is for warming up
                    rates[name].append(rate)
    return sum(rates["bot"]) / TURNS, sum(rates["bare"]) / TURNS
