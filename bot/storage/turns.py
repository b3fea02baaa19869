"""Turns of SQLite's writers, over threads and processes.

SQLite lets one write at a time and has the others sleep and try again, longer each time: many processes spend
most of a flood asleep.  A lock on a file beside the database wakes the next one at once.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path
from types import TracebackType

from sqlalchemy.exc import OperationalError

NAP_SECONDS = 0.001


class Turns:
    """One writer at a time. Waits `seconds` at most; raises `OperationalError` as SQLite does for a lock.

    Without the file (a folder that cannot be written to) threads still take turns, and SQLite keeps processes
    apart. A process that dies gives its turn back.
    """

    def __init__(self, file: Path, seconds: float):
        self._file = file
        self._seconds = seconds
        self._thread = threading.Lock()
        self._descriptor = -1
        self._process = 0

    def __enter__(self) -> None:
        until = time.monotonic() + self._seconds
        if not self._thread.acquire(timeout=self._seconds):
            raise _locked()
        try:
            taken = self._take(until)
        except OSError:
            self._descriptor, taken = -1, True
        if not taken:
            self._thread.release()
            raise _locked()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._descriptor >= 0:
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        finally:
            self._thread.release()

    def _take(self, until: float) -> bool:
        if self._process != os.getpid():  # a lock belongs to the open file: a fork must open its own
            self._descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._process = os.getpid()
        while True:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    return False
                time.sleep(NAP_SECONDS)
            else:
                return True


def _locked() -> OperationalError:
    return OperationalError("turn", None, TimeoutError("database is locked by other writers"))
