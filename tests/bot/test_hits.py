"""Counts of one process: the same verdicts as the storage that comes with `limits`, without its threads."""

from __future__ import annotations

import random
import threading
import time

import pytest
import time_machine
from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from bot import hits
from bot.hits import Hits
from bot.limits import HERE, TurnLimits


def timed() -> Hits:
    """Return a storage whose time the tests set."""
    storage = Hits()
    storage._clock = lambda: time.time()  # noqa: PLW0108 (looked up anew: a test replaces it)
    return storage


def test_the_address_leads_here() -> None:
    assert isinstance(storage_from_string(HERE), Hits)


def test_verdicts_and_windows_are_those_of_the_common_storage() -> None:
    """Two thousand hits of five keys at random moments, under two rules, in both storages."""
    chance = random.Random(11)
    rules: list[RateLimitItem] = parse_many("4/10seconds;9/minute")
    with time_machine.travel(1_800_000_000.0, tick=False) as clock:
        ours, theirs = MovingWindowRateLimiter(timed()), MovingWindowRateLimiter(MemoryStorage())
        verdicts = []
        for _ in range(2000):
            clock.shift(round(chance.expovariate(3.0), 3))
            rule, key = chance.choice(rules), chance.choice("abcde")
            verdict = ours.hit(rule, key)
            assert verdict == theirs.hit(rule, key)
            assert ours.get_window_stats(rule, key).remaining == theirs.get_window_stats(rule, key).remaining
            verdicts.append(verdict)
    assert 200 < sum(verdicts) < 1900, "both verdicts were met"


def test_keys_are_forgotten_when_their_window_is_over() -> None:
    storage = timed()
    with time_machine.travel(1_800_000_000.0, tick=False) as clock:
        for number in range(1000):
            assert storage.acquire_entry(str(number), 1, 60)
        assert not storage.acquire_entry("5", 1, 60)
        clock.shift(61)
        for _ in range(1000 // (hits.SWEPT - 1)):
            storage.acquire_entry("one", 10_000, 60)
        assert storage.reset() == 1


def test_clearing_a_key_and_all() -> None:
    storage = Hits()
    assert [storage.acquire_entry("a", 2, 60) for _ in range(3)] == [True, True, False]
    storage.clear("a")
    assert storage.acquire_entry("a", 2, 60, amount=2)
    assert not storage.acquire_entry("b", 2, 60, amount=3), "more than there is room for: none is taken"
    assert storage.acquire_entry("b", 2, 60, amount=2)
    assert storage.check()
    assert storage.reset() == 2


def test_no_thread_is_started_and_threads_count_together() -> None:
    before = set(threading.enumerate())
    limits = TurnLimits("500/minute;900/hour")
    assert limits.allows("U2")
    assert set(threading.enumerate()) <= before
    allowed: list[bool] = []

    def hit() -> None:
        allowed.extend([limits.allows("U1") for _ in range(100)])

    threads = [threading.Thread(target=hit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(allowed) == 500


@pytest.mark.parametrize("method", ["incr", "get", "get_expiry"])
def test_windows_that_do_not_move_are_refused_plainly(method: str) -> None:
    arguments = ("a", 60) if method == "incr" else ("a",)
    with pytest.raises(NotImplementedError, match="moving"):
        getattr(Hits(), method)(*arguments)
