"""Jobs of one conversation keep their order; conversations do not wait for each other."""

from __future__ import annotations

import threading

from bot.dispatch import Dispatcher


def test_order_within_a_conversation() -> None:
    dispatcher = Dispatcher(8)
    seen: dict[int, list[int]] = {key: [] for key in range(20)}
    for number in range(50):
        for key in seen:
            dispatcher.submit(key, seen[key].append, number)
    assert dispatcher.wait(10)
    assert all(numbers == list(range(50)) for numbers in seen.values())
    dispatcher.close()


def test_a_slow_conversation_holds_up_no_other() -> None:
    dispatcher = Dispatcher(2)
    release, done = threading.Event(), threading.Event()
    dispatcher.submit("slow", lambda _: release.wait(10), None)
    dispatcher.submit("quick", lambda _: done.set(), None)
    assert done.wait(5)
    release.set()
    assert dispatcher.wait(5)
    dispatcher.close()


def test_a_failing_job_does_not_stop_the_next() -> None:
    dispatcher = Dispatcher(1)
    seen: list[str] = []

    def fail(_: object) -> None:
        raise RuntimeError("broken")

    dispatcher.submit("a", fail, None)
    dispatcher.submit("a", seen.append, "after")
    assert dispatcher.wait(5)
    assert seen == ["after"]
    dispatcher.close()
