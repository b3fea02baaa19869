"""How many acknowledgements a second, beside a bare Flask route under the same gunicorn."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from bench.fleet import Fleet, scratch
from bench.questions import ask
from bench.webhooks import Event, Webhooks, request

RESIDENTS = 20_000
_KANA = "あいうえおかきくけこさしすせそたちつてと"
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


@dataclass(frozen=True, slots=True)
class Rates:
    """Acknowledgements a second. `bot`: of what residents say by `ask`; `new`: of what nobody had ever said.

    `again`: the share of what residents said in `bot` that had been said before.
    """

    bare: float
    bot: float
    new: float
    again: float


def measure(store: str, seconds: float) -> Rates:
    """Return the rates of bot and bare route, each taken for `seconds`, in short turns."""
    chance = random.Random(5)
    rates: dict[str, list[float]] = {"bare": [], "bot": [], "new": []}
    said: set[str] = set()
    again: list[bool] = []
    nowhere = "http://127.0.0.1:9"  # without a worker nothing is sent
    with scratch(store) as (folder, database, queue), Fleet(folder, nowhere, database, queue) as fleet:
        fleet.web("bot")
        fleet.web("bare", "bench.bare:create_app()")
        fleet.ready("bare")
        fleet.ready("bot", 120)
        numbers = count(1)
        for turn in range(TURNS + 1):
            for name, taken in rates.items():
                bodies = []
                for _ in range(int(seconds / TURNS * 7000)):
                    number = next(numbers)
                    user = f"U{chance.randrange(RESIDENTS):032x}"
                    text = ask(chance, False) + (_tail(number) if name == "new" else "")
                    bodies.append((text, request([Event(number, "line", user, text, sent=time.time())])))
                port = fleet.ports["bare" if name == "bare" else "bot"]
                rate = asyncio.run(saturate(port, [body for _, body in bodies], seconds / TURNS))
                if turn:  # the first is for warming up
                    taken.append(rate)
                for text, _ in bodies[: int(rate * seconds / TURNS)] if name == "bot" else ():
                    again.append(text in said)
                    said.add(text)
    each = {name: sum(taken) / TURNS for name, taken in rates.items()}
    return Rates(**each, again=sum(again) / len(again))


def _tail(number: int) -> str:
    """Return a few kana that no other number has: a text with them was never said before."""
    tail = " "
    while number:
        number, kana = divmod(number, len(_KANA))
        tail += _KANA[kana]
    return tail
