"""Counts of one process for `limits`: moving windows that cost the same with one resident and with 100,000.

The storage that comes with `limits` starts a thread for most hits and looks at every key in it, which a flood
turns into more work than the answers.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, defaultdict, deque

from limits.storage import MovingWindowSupport, Storage

SCHEME = "process"
"""`process://`, as an address of a storage."""
SWEPT = 4
"""How many of the keys that were hit longest ago are looked at with each hit, and forgotten when over."""


class Hits(Storage, MovingWindowSupport):
    """When each key was hit within its window, in this process. Times are `time.monotonic()`."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 (as the base class has it)

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: str):
        super().__init__(uri, wrap_exceptions, **options)
        self._lock = threading.Lock()
        self._clock = time.monotonic
        self._windows: defaultdict[int, OrderedDict[str, deque[float]]] = defaultdict(OrderedDict)

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Hit `key` `amount` times; False, and no hit, where that exceeds `limit` in `expiry` seconds."""
        now = self._clock()
        with self._lock:
            window = self._windows[expiry]
            self._sweep(window, now - expiry)
            hits = window.get(key)
            if hits is None:
                hits = window[key] = deque()
            _forget(hits, now - expiry)
            if len(hits) + amount > limit:
                return False
            hits.extend([now] * amount)
            window.move_to_end(key)
            return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Return when the window of `key` begins (`time.time()`) and how many hits are in it."""
        now = self._clock()
        with self._lock:
            hits = self._windows[expiry].get(key, deque())
            _forget(hits, now - expiry)
            return time.time() - (now - hits[0] if hits else 0.0), len(hits)

    @staticmethod
    def _sweep(window: OrderedDict[str, deque[float]], since: float) -> None:
        for _ in range(min(SWEPT, len(window))):
            key, hits = next(iter(window.items()))
            if hits and hits[-1] > since:
                return
            del window[key]

    # --- the rest of a storage, for windows that do not move; nothing here asks for them -------------------

    @property
    def base_exceptions(self) -> type[Exception]:
        """What may be raised."""
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Not for this storage. Raises `NotImplementedError`."""
        raise NotImplementedError("process:// counts in moving windows only")

    def get(self, key: str) -> int:
        """Not for this storage. Raises `NotImplementedError`."""
        raise NotImplementedError("process:// counts in moving windows only")

    def get_expiry(self, key: str) -> float:
        """Not for this storage. Raises `NotImplementedError`."""
        raise NotImplementedError("process:// counts in moving windows only")

    def check(self) -> bool:
        """Return that it works."""
        return True

    def reset(self) -> int:
        """Forget everything. Return how many keys there were."""
        with self._lock:
            count = sum(map(len, self._windows.values()))
            self._windows.clear()
        return count

    def clear(self, key: str) -> None:
        """Forget `key`."""
        with self._lock:
            for window in self._windows.values():
                window.pop(key, None)


def _forget(hits: deque[float], since: float) -> None:
    while hits and hits[0] <= since:
        hits.popleft()
