"""How alike an utterance and the single phrasings of an entry are; looked at for a few candidates only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from intents.index import Impacts, Index, Rows, Texts

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Likeness:
    """For each candidate its most alike ask. Shapes: (candidates,).

    `said`: the share of the utterance that the ask explains. `asked`: the share of the ask that was said.
    `total`: their geometric mean, 1 for the same words.
    """

    total: Impacts
    said: Impacts
    asked: Impacts


@dataclass(frozen=True)
class Asks:
    """The asks of all entries as lists of terms.

    Entry `i` has the asks `first[i]` to `first[i + 1]` (at least one, maybe empty); ask `j` has the terms
    `terms[start[j]:start[j + 1]]` with `shares` of its meaning that sum to one.
    """

    first: Numbers
    start: Numbers
    terms: Rows
    shares: Impacts

    @classmethod
    def of(cls, entries: Sequence[Texts], index: Index) -> Asks:
        """Take the asks of all entries, each as its terms with how much they say."""
        first, start = [0], [0]
        terms: list[int] = []
        shares: list[float] = []
        for asks in entries:
            for ask in asks or ({},):
                numbers = [index.vocabulary[term] for term in ask]
                weights = [says * float(index.idf[n]) for n, says in zip(numbers, ask.values(), strict=True)]
                total = sum(weights) or 1.0
                terms += numbers
                shares += [weight / total for weight in weights]
                start.append(len(terms))
            first.append(len(start) - 1)
        numbers64 = np.array(first, np.int64), np.array(start, np.int64)
        return cls(*numbers64, np.array(terms, np.int32), np.array(shares, np.float32))

    def alike(self, rows: Rows, explained: Impacts, total: float) -> Likeness:
        """Compare with the asks of `rows` (not empty).

        `explained`: by term number, how much of the utterance it explains, in the unit of `total`.
        """
        numbers, counts = _stretches(self.first[rows], self.first[rows + 1])
        cells, lengths = _stretches(self.start[numbers], self.start[numbers + 1])
        held = explained[self.terms[cells]]
        edges = np.concatenate(([0], np.cumsum(lengths)))
        said = np.minimum(_sums(held, edges) / np.float32(max(total, 1e-9)), np.float32(1.0))
        asked = np.minimum(
            _sums(np.where(held > 0, self.shares[cells], np.float32(0.0)), edges), np.float32(1.0)
        )
        alike = np.sqrt(said * asked)
        begin = np.cumsum(counts) - counts
        best = np.maximum.reduceat(alike, begin)
        hits = np.flatnonzero(alike == np.repeat(best, counts))
        chosen = hits[np.searchsorted(hits, begin)]
        return Likeness(best, said[chosen], asked[chosen])


def _stretches(begin: Numbers, end: Numbers) -> tuple[Numbers, Numbers]:
    """Return the numbers of all stretches `begin` to `end`, one after the other, and their lengths."""
    lengths = end - begin
    shift = begin - (np.cumsum(lengths) - lengths)
    return np.repeat(shift, lengths) + np.arange(lengths.sum()), lengths


def _sums(values: Impacts, edges: Numbers) -> Impacts:
    """Return the sums of `values` between neighbouring `edges`; an empty stretch sums to zero."""
    running = np.concatenate((np.zeros(1), np.cumsum(values, dtype=np.float64)))
    return (running[edges[1:]] - running[edges[:-1]]).astype(np.float32)
