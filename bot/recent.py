"""What was seen lately, for the time when no database remembers it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable


class Recent:
    """A set that forgets its oldest members beyond `size`."""

    def __init__(self, size: int):
        self._size = size
        self._seen: OrderedDict[Hashable, None] = OrderedDict()
        self._lock = threading.Lock()

    def __contains__(self, item: Hashable) -> bool:
        with self._lock:
            return item in self._seen

    def add(self, item: Hashable) -> bool:
        """Add `item`. Return whether it was new."""
        with self._lock:
            if item in self._seen:
                return False
            self._seen[item] = None
            if len(self._seen) > self._size:
                self._seen.popitem(last=False)
            return True
