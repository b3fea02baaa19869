"""What several threads want written at once: one transaction, one commit for all of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from bot.storage.database import is_lock

GATHER_SECONDS = 0.001
"""How long work is gathered for one commit, when the last commit was of more than one thread's."""

Item = TypeVar("Item")


@dataclass(slots=True, eq=False)
class _Wish(Generic[Item]):
    """What one thread wants written, and what became of it."""

    item: Item
    error: SQLAlchemyError | None = None
    settled: bool = False
    turn: threading.Event = field(default_factory=threading.Event)


class Together(Generic[Item]):
    """Writes items of many threads together. `write` writes some in one transaction, all or none.

    The first thread that comes writes for all that come meanwhile, then hands on to one of the next. A moment
    in which the database is locked is tried twice; where one of several may be at fault, each is tried alone.
    """

    def __init__(self, write: Callable[[Sequence[Item]], None], gather: float = GATHER_SECONDS):
        self._write = write
        self._gather = gather
        self._queueing = threading.Lock()
        self._queued: list[_Wish[Item]] = []
        self._led = self._crowded = False

    def put(self, item: Item) -> None:
        """Return when `item` is written. Raises `SQLAlchemyError`."""
        mine = _Wish(item)
        with self._queueing:
            leading, self._led = not self._led, True
            self._queued.append(mine)
        if not leading:
            mine.turn.wait()
        if not mine.settled:
            self._lead()
        if mine.error is not None:
            raise mine.error

    def _lead(self) -> None:
        """Write what this thread and all others that wait have brought. Never raises."""
        if self._crowded and self._gather:
            time.sleep(self._gather)
        with self._queueing:
            together, self._queued = self._queued, []
        self._crowded = len(together) > 1
        try:
            self._settle(together)
        finally:
            with self._queueing:
                following = self._queued[:1]
                self._led = bool(following)
            for wish in (*together, *following):  # who is not settled yet leads next
                wish.turn.set()

    def _settle(self, together: list[_Wish[Item]]) -> None:
        for tried in (1, 2):  # a busy moment: once more, before work is done without a database
            error = self._try(together)
            if error is None or not is_lock(error) or tried == 2:
                break
        for wish in together:
            if error is not None and len(together) > 1 and not isinstance(error, OperationalError):
                wish.error = self._try([wish])  # one of them alone may be at fault
            else:
                wish.error = error
            wish.settled = True

    def _try(self, together: Sequence[_Wish[Item]]) -> SQLAlchemyError | None:
        try:
            self._write([wish.item for wish in together])
        except SQLAlchemyError as error:
            return error
        return None
