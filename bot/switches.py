"""The kill switch of each channel: off means a maintenance text instead of answers, without a restart.

The switch is a row in the database, so that it holds for every process and machine; each process looks at it
at most every `FRESH_SECONDS`.  When the database is out of reach, the last known state holds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

log = structlog.get_logger()

FRESH_SECONDS = 3.0


class Switches:
    """Which channels are switched off. `read`: returns their names from the database."""

    def __init__(self, read: Callable[[], frozenset[str]], fresh_seconds: float = FRESH_SECONDS):
        self._read = read
        self._fresh = fresh_seconds
        self._lock = threading.Lock()
        self._off: frozenset[str] = frozenset()
        self._until = 0.0

    def is_off(self, channel: str) -> bool:
        """Return whether `channel` is switched off. Never raises."""
        if time.monotonic() >= self._until and self._lock.acquire(blocking=False):
            try:
                self._off = self._read()
            except SQLAlchemyError as error:
                log.warning("switches.unreachable", reason=type(error).__name__)
            finally:
                self._until = time.monotonic() + self._fresh
                self._lock.release()
        return channel in self._off
