"""What was found harmless lately: in a flood, much of what is said has been said before.

A text with neither danger nor a secret in it need not be looked through again.  Only keyed digests are kept,
in the memory of this process; the key is drawn at the start and written nowhere.
"""

from __future__ import annotations

import hashlib
import os

from bot.recent import Recent

SIZE = 20_000
"""Texts that are remembered: about 4 MB in each process."""


class Harmless:
    """A set of texts that holds none of them. Threads may share it."""

    def __init__(self, size: int = SIZE):
        self._key = os.urandom(32)
        self._seen = Recent(size)

    def __contains__(self, text: str) -> bool:
        return self._digest(text) in self._seen

    def add(self, text: str) -> None:
        """Remember that `text` is harmless."""
        self._seen.add(self._digest(text))

    def _digest(self, text: str) -> bytes:
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, key=self._key).digest()
