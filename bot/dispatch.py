"""Work after the acknowledgement: in order within a conversation, side by side between conversations."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import structlog

log = structlog.get_logger()

Job = Callable[[], object]
T = TypeVar("T")


class Dispatcher:
    """Runs jobs on `threads` threads; jobs of one key run one after the other, in the order submitted."""

    def __init__(self, threads: int = 8):
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="answer")
        self._lock = threading.Lock()
        self._waiting: dict[Hashable, deque[Job]] = {}
        self._idle = threading.Condition(self._lock)

    def submit(self, key: Hashable, work: Callable[[T], object], argument: T) -> None:
        """Take up `work(argument)` for the conversation `key`."""
        with self._lock:
            queue = self._waiting.get(key)
            if queue is not None:
                queue.append(lambda: work(argument))
                return
            self._waiting[key] = deque([lambda: work(argument)])
        self._pool.submit(self._drain, key)

    def _drain(self, key: Hashable) -> None:
        while True:
            with self._lock:
                queue = self._waiting[key]
                if not queue:
                    del self._waiting[key]
                    self._idle.notify_all()
                    return
                job = queue.popleft()
            try:
                job()
            except Exception:
                log.exception("job.failed")

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is left to do. Return whether that was so within `seconds`."""
        with self._lock:
            return self._idle.wait_for(lambda: not self._waiting, seconds)

    def close(self, seconds: float = 20.0) -> None:
        """Finish what is held and take nothing new."""
        self.wait(seconds)
        self._pool.shutdown(wait=False, cancel_futures=True)
