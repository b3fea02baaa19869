"""What several threads want written at once: one transaction, one commit for all of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import sleep
from typing import Generic, TypeVar

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from bot.storage.database import is_lock

Item = TypeVar("Item")

GATHER_SECONDS = 0.003
"""How long the next writer waits for more, where several came last time: `commit_delay` of PostgreSQL."""


def _held() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(slots=True, eq=False)
class _Wish(Generic[Item]):
    """What one thread wants written, and what became of it."""

    item: Item
    error: SQLAlchemyError | None = None
    settled: bool = False
    turn: threading.Lock = field(default_factory=_held)
    """Held until this thread leads or is settled; a lock costs a fraction of an event."""


class Together(Generic[Item]):
    """Writes items of many threads together.

    `write` gets a function that gives all items that wait, for one transaction: called within it, also what
    came while it waited for its turn to write. The first thread that comes writes, then hands
    on to one of those that came later. Where several come at once it waits for others a moment: one commit
    costs as much as making several messages ready. A moment in which the database is locked is tried twice;
    where one of several items may be at fault, each is tried alone.
    """

    def __init__(self, write: Callable[[Callable[[], Sequence[Item]]], None]):
        self._write = write
        self._queueing = threading.Lock()
        self._queued: list[_Wish[Item]] = []
        self._led = False
        self._last = 0
        """How many were written together the last time."""

    def put(self, item: Item) -> None:
        """Return when `item` is written. Raises `SQLAlchemyError`."""
        mine = _Wish(item)
        with self._queueing:
            leading, self._led = not self._led, True
            self._queued.append(mine)
        if not leading:
            mine.turn.acquire()
        if not mine.settled:
            self._lead()
        if mine.error is not None:
            raise mine.error

    def _lead(self) -> None:
        """Write what this thread and all others that wait have brought. Never raises `SQLAlchemyError`."""
        taken: list[_Wish[Item]] = []
        if self._last > 1:
            sleep(GATHER_SECONDS)
        try:
            self._settle(taken)
        except BaseException as error:
            self._give_up(taken, error)
            raise
        finally:
            with self._queueing:
                self._last = len(taken)
                following = self._queued[:1]
                self._led = bool(following)
            for wish in (*taken, *following):  # who is not settled yet leads next
                if wish.turn.locked():
                    wish.turn.release()

    def _gather(self, taken: list[_Wish[Item]]) -> None:
        """Add what waits to `taken`."""
        with self._queueing:
            taken.extend(self._queued)
            self._queued = []

    def _give_up(self, taken: list[_Wish[Item]], error: BaseException) -> None:
        """Tell all that nothing is written: who waits must not take an unforeseen end for success."""
        self._gather(taken)
        for wish in taken:
            if not wish.settled:
                wish.error, wish.settled = SQLAlchemyError(f"not written: {type(error).__name__}"), True

    def _settle(self, taken: list[_Wish[Item]]) -> None:
        """Write, and tell each wish in `taken` what became of it."""

        def take() -> Sequence[Item]:
            self._gather(taken)
            return [wish.item for wish in taken]

        for tried in (1, 2):  # a busy moment: once more, before work is done without a database
            error = self._try(take)
            if error is None or not is_lock(error) or tried == 2:
                break
        if error is not None and not taken:
            self._gather(taken)
        for wish in taken:
            if error is not None and len(taken) > 1 and not isinstance(error, OperationalError):
                wish.error = self._try(lambda wish=wish: [wish.item])  # type: ignore[misc]  # it may be at fault
            else:
                wish.error = error
            wish.settled = True

    def _try(self, take: Callable[[], Sequence[Item]]) -> SQLAlchemyError | None:
        try:
            self._write(take)
        except SQLAlchemyError as error:
            return error
        return None
