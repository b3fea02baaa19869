"""Pieces of a text, as it is written or as it sounds: they show what its dictionary words hide.

Pairs of neighbouring signs hold compounds, endings and half a misspelt word; single kanji hold what a
compound is about (証, 税, 券).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from intents.chinese import is_han
from intents.index import Field, Index, Term, Texts, build
from intents.scorer import Weighted

FIELDS = (Field(1.0, 0.5),)
REACH = 1.5
"""The impact that a piece has where it is asked for, in units of its idf."""
LEAST = 0.4
"""The idf of a piece that every second entry has: it is not looked up."""
LONGEST = 400
"""Signs of an utterance that are looked at."""


def pieces(folded: str) -> dict[Term, float]:
    """Return, counted, the pairs of signs and the single kanji of folded text; triples if it is Latin."""
    signs = "".join(char for char in folded[:LONGEST] if char.isalnum())
    length = 3 if _latin(signs) else 2
    counts: dict[Term, float] = {}
    for start in range(len(signs) - length + 1):
        pair = signs[start : start + length]
        counts[pair] = counts.get(pair, 0.0) + 1.0
    for char in signs:
        if is_han(char):
            counts[char] = counts.get(char, 0.0) + 1.0
    return counts


def _latin(text: str) -> bool:
    return all(char < "\u0250" for char in text)


class Pieces:
    """The pieces of all entries. Immutable; threads may share it. `unknown`: what one is worth nobody has."""

    def __init__(self, entries: Sequence[Texts], unknown: float):
        self._index: Index = build([[texts] for texts in entries], FIELDS)
        self._unknown = unknown

    def lists(self, said: Mapping[Term, float], weight: float) -> list[Weighted]:
        """Return posting lists whose impacts sum up to about `weight` where all that was said is found."""
        index = self._index
        known: list[tuple[int, float]] = []
        total = 0.0
        for piece, count in said.items():
            number = index.vocabulary.get(piece)
            if number is None:
                total += count * self._unknown
            else:
                total += count * index.idf[number]
                if index.idf[number] > LEAST:
                    known.append((number, count))
        if not known or not weight:
            return []
        share = weight / (REACH * total)
        return [(*index.lists.get(number), count * share) for number, count in known]
