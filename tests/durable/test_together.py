"""What several threads want written at once."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy.exc import DataError, OperationalError, SQLAlchemyError

from bot.storage import together as module
from bot.storage.together import Together

Take = Callable[[], Sequence[int]]


def locked() -> OperationalError:
    return OperationalError("BEGIN", None, TimeoutError("database is locked"))


class Table:
    """Remembers what was written, transaction by transaction; `wait` is what the first one waits for."""

    def __init__(self) -> None:
        self.written: list[list[int]] = []
        self.begun = threading.Event()
        self.wait = threading.Event()

    def write(self, take: Take) -> None:
        first = not self.begun.is_set()
        self.begun.set()
        items = list(take())
        if first:
            self.wait.wait(10)
        self.written.append(items)


def queued(together: Together[int], count: int) -> None:
    """Wait until so many are queued. Raises `TimeoutError`."""
    deadline = time.monotonic() + 10
    while len(together._queued) < count:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{len(together._queued)} of {count}")


def behind(
    threads: ThreadPoolExecutor, together: Together[int], table: Table, last: int
) -> list[Future[None]]:
    """Put 0, and 1 to `last` while it is written. Return what becomes of each."""
    first = threads.submit(together.put, 0)
    assert table.begun.wait(10)
    others = [threads.submit(together.put, number) for number in range(1, last + 1)]
    queued(together, last)
    table.wait.set()
    return [first, *others]


def put_all(together: Together[int], numbers: Sequence[int]) -> dict[int, SQLAlchemyError | None]:
    """Put each number by a thread of its own. Return the errors."""

    def put(number: int) -> SQLAlchemyError | None:
        try:
            together.put(number)
        except SQLAlchemyError as error:
            return error
        return None

    with ThreadPoolExecutor(len(numbers)) as threads:
        return dict(zip(numbers, threads.map(put, numbers), strict=True))


def test_what_comes_while_one_writes_is_written_at_once() -> None:
    table = Table()
    together = Together(table.write)
    with ThreadPoolExecutor(40) as threads:
        for done in behind(threads, together, table, 39):
            done.result(10)
    assert [sorted(items) for items in table.written] == [[0], list(range(1, 40))]


def test_where_several_come_the_next_waits_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table()
    together = Together(table.write)
    slept: list[float] = []
    threads = ThreadPoolExecutor(8)

    def sleep(seconds: float) -> None:
        """While the writer waits, two more come."""
        slept.append(seconds)
        for number in (10, 11):
            threads.submit(together.put, number)
        queued(together, 3)

    monkeypatch.setattr(module, "sleep", sleep)
    for done in behind(threads, together, table, 2):
        done.result(10)
    assert slept == [], "one alone, and those who came while it was written, wait for nobody"
    threads.submit(together.put, 9).result(10)
    threads.shutdown()
    assert slept[0] == module.GATHER_SECONDS
    assert [sorted(items) for items in table.written[:3]] == [[0], [1, 2], [9, 10, 11]]


def test_one_alone_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table()
    table.wait.set()
    together = Together(table.write)
    monkeypatch.setattr(module, "sleep", pytest.fail)
    for number in range(5):
        together.put(number)
    assert table.written == [[0], [1], [2], [3], [4]]


def test_nothing_is_written_twice_or_forgotten_under_pressure() -> None:
    table = Table()
    table.wait.set()
    together = Together(table.write)
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(together.put, range(5000)))
    assert sorted(number for items in table.written for number in items) == list(range(5000))


def test_one_at_fault_fails_alone() -> None:
    kept: list[int] = []
    gate = threading.Barrier(2)

    def write(take: Take) -> None:
        items = list(take())
        if items == [0] and not kept:
            gate.wait(10)
            queued(together, 4)
        if 3 in items:
            raise DataError("INSERT", None, ValueError("not for this column"))
        kept.extend(items)

    together = Together(write)
    with ThreadPoolExecutor(5) as threads:
        first = threads.submit(together.put, 0)
        gate.wait(10)
        others = {number: threads.submit(together.put, number) for number in (1, 2, 3, 4)}
        first.result(10)
        for number in (1, 2, 4):
            others[number].result(10)
        with pytest.raises(DataError):
            others[3].result(10)
    assert sorted(kept) == [0, 1, 2, 4]


@pytest.mark.parametrize("before", [True, False], ids=["before it takes", "after"])
@pytest.mark.parametrize(("failures", "fails"), [(1, False), (2, True)])
def test_a_lock_is_a_moment_and_a_second_one_is_told_to_all(before: bool, failures: int, fails: bool) -> None:
    left = failures
    kept: list[int] = []

    def write(take: Take) -> None:
        nonlocal left
        if before and left:
            left -= 1
            raise locked()
        items = take()
        if left:
            left -= 1
            raise locked()
        kept.extend(items)

    together = Together(write)
    errors = put_all(together, [1])
    assert (errors[1] is not None) is fails
    assert put_all(together, [2, 3, 4]) == {2: None, 3: None, 4: None}, "the next go on"
    assert sorted(kept) == ([2, 3, 4] if fails else [1, 2, 3, 4])


def test_an_unforeseen_end_is_told_to_all_that_wait() -> None:
    """Whoever waited must not take it for success; the next one writes again."""
    table = Table()
    together = Together(table.write)

    def write(take: Take) -> None:
        if table.begun.is_set():
            raise ZeroDivisionError
        table.write(take)

    together._write = write
    with ThreadPoolExecutor(8) as threads:
        first, *others = behind(threads, together, table, 5)
        first.result(10)
        ends = Counter(type(other.exception(10)) for other in others)
    assert ends == {ZeroDivisionError: 1, SQLAlchemyError: 4}
    together._write = table.write
    together.put(7)
    assert table.written == [[0], [7]]
