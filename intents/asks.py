"""How alike an utterance and the single phrasings of an entry are; looked at for a few candidates only."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from intents.hearing import Heard
from intents.index import Index, Rows, Texts

SEVERAL = 3
"""Asks that an entry is judged by: one alone may be like the utterance by chance."""
Numbers = NDArray[np.int64]
Shares = NDArray[np.float64]


@dataclass(frozen=True)
class Likeness:
    """For each candidate its most alike ask. Shapes: (candidates,).

    `said`: the share of the utterance that the ask explains. `asked`: the share of the ask that was said.
    `several`: the mean over the three most alike asks of the geometric mean of the two, 1 for the same words.
    """

    several: Shares
    said: Shares
    asked: Shares


@dataclass(frozen=True)
class Asks:
    """The asks of all entries as lists of terms.

    Entry `i` has the asks `first[i]` to `first[i + 1]` (at least one) and the cells `start[i]` to
    `start[i + 1]`; a cell is a term (`terms`) with its share of what the ask says (`shares`).  An ask's cells
    begin at `begins` of it; an ask without terms is left out.  The asks in Japanese come first, up to
    `native` and `inner` (asks and cells); an entry without any has one that nothing is like.
    """

    first: list[int]
    native: list[int]
    start: list[int]
    inner: list[int]
    begins: Numbers
    terms: Numbers
    shares: Shares
    size: int
    _local: threading.local = field(default_factory=threading.local, compare=False)

    @classmethod
    def of(cls, entries: Sequence[tuple[Texts, Texts]], index: Index) -> Asks:
        """Take the asks of all entries, Japanese and others, as terms with how much they say."""
        first, start = [0], [0]
        native: list[int] = []
        inner: list[int] = []
        begins: list[int] = []
        terms: list[int] = []
        shares: list[float] = []
        for parts in entries:
            for asks, asks_end, cells_end in zip(parts, (native, first), (inner, start), strict=True):
                before = len(terms)
                for ask in filter(None, asks):
                    begins.append(len(terms))
                    numbers = [index.vocabulary[term] for term in ask]
                    weights = [says * index.idf[n] for n, says in zip(numbers, ask.values(), strict=True)]
                    total = sum(weights) or 1.0
                    terms += numbers
                    shares += [weight / total for weight in weights]
                if len(terms) == before and asks_end is native:
                    begins.append(before)
                    terms.append(0)
                    shares.append(0.0)
                asks_end.append(len(begins))
                cells_end.append(len(terms))
        cells = np.array(terms, np.int64), np.array(shares, np.float64)
        return cls(first, native, start, inner, np.array(begins, np.int64), *cells, len(index.vocabulary))

    def alike(self, rows: Rows, heard: Heard, foreign: bool = False) -> Likeness:
        """Compare with the asks of `rows` (not empty), those in other languages only if `foreign`."""
        last_ask, last_cell, after = (self.first, self.start, 1) if foreign else (self.native, self.inner, 0)
        terms, shares, begins, place, counts = [], [], [], [], []
        cells = asks = 0
        for row in rows.tolist():
            first, last = self.start[row], last_cell[row + after]
            first_ask = self.first[row]
            count = last_ask[row + after] - first_ask
            terms.append(self.terms[first:last])
            shares.append(self.shares[first:last])
            begins.append(self.begins[first_ask : first_ask + count] + (cells - first))
            place.append(asks)
            counts.append(count)
            cells += last - first
            asks += count
        found = np.concatenate(terms)
        begin = np.concatenate(begins)
        explained, named = self._scratch()
        said_terms, named_terms = list(heard.explained), list(heard.named)
        explained[said_terms] = list(heard.explained.values())
        named[named_terms] = list(heard.named.values())
        said = np.minimum(np.add.reduceat(explained[found], begin) / max(heard.total, 1e-9), 1.0)
        asked = np.minimum(np.add.reduceat(named[found] * np.concatenate(shares), begin), 1.0)
        explained[said_terms] = 0.0
        named[named_terms] = 0.0
        alike = np.sqrt(said * asked)
        best = np.maximum.reduceat(alike, place)
        chosen = _first(alike, best, counts, place)
        several, here = best.copy(), chosen
        for number in range(1, SEVERAL):
            alike[here] = 0.0
            following = np.maximum.reduceat(alike, place)
            several += following
            if number + 1 < SEVERAL:
                here = _first(alike, following, counts, place)
        return Likeness(several / [min(count, SEVERAL) for count in counts], said[chosen], asked[chosen])

    def _scratch(self) -> tuple[Shares, Shares]:
        """Return two arrays of zeros by term number, the same ones in a thread."""
        if not hasattr(self._local, "explained"):
            self._local.explained = np.zeros(self.size)
            self._local.named = np.zeros(self.size)
        return self._local.explained, self._local.named


def _first(alike: Shares, best: Shares, counts: Sequence[int], place: Sequence[int]) -> Numbers:
    """Return, for each candidate, the number of the first ask that is as alike as the best."""
    same = (alike == best.repeat(counts)).nonzero()[0]
    found: Numbers = same[same.searchsorted(place)]
    return found
