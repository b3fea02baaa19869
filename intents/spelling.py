"""The nearest known word to one with a slip of the finger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST = 4
"""Letters of a word that is repaired: in a shorter one a slip makes another word."""
LONG = 7
"""Letters of a word that may hold two slips."""
_LOOKED_AT = 40


class Speller:
    """Finds the nearest of its words. Only words that share pairs of letters are compared. Immutable."""

    def __init__(self, words: Iterable[str]):
        self._words = sorted({word for word in words if len(word) >= SHORTEST - 1})
        self._holding: dict[str, list[int]] = {}
        for number, word in enumerate(self._words):
            for pair in _pairs(word):
                self._holding.setdefault(pair, []).append(number)

    def nearest(self, word: str) -> str | None:
        """Return the known word one slip away from `word` (two in a long one), or None.

        The first letter must be right: it is seldom the one that slips, and gmail is not email.
        """
        if not SHORTEST <= len(word) <= 40:
            return None
        shared: Counter[int] = Counter()
        for pair in _pairs(word):
            shared.update(self._holding.get(pair, ()))
        candidates = (self._words[number] for number, _ in shared.most_common(_LOOKED_AT))
        near = [known for known in candidates if known[0] == word[0]]
        slips = 1 if len(word) < LONG else 2
        found = process.extractOne(word, near, scorer=OSA.distance, score_cutoff=slips)
        return found[0] if found else None


def _pairs(word: str) -> set[str]:
    return {word[i : i + 2] for i in range(len(word) - 1)}
