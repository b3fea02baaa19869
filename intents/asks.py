"""How alike an utterance and the single phrasings of an entry are; looked at for a few candidates only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from intents.index import Impacts, Index, Rows, Texts

Numbers = NDArray[np.int64]
Shares = NDArray[np.float64]


@dataclass(frozen=True)
class Likeness:
    """For each candidate its most alike ask. Shapes: (candidates,).

    `said`: the share of the utterance that the ask explains. `asked`: the share of the ask that was said.
    `total`: their geometric mean, 1 for the same words.
    """

    total: Shares
    said: Shares
    asked: Shares


@dataclass(frozen=True)
class Asks:
    """The asks of all entries as lists of terms.

    Entry `i` has the asks `first[i]` to `first[i + 1]` (at least one, maybe empty) and the cells `start[i]`
    `start[i + 1]`; a cell is a term (`terms`) of an ask (`owners`) with its share of what the ask says.
    """

    first: Numbers
    start: Numbers
    terms: Rows
    owners: Rows
    shares: Impacts

    @classmethod
    def of(cls, entries: Sequence[Texts], index: Index) -> Asks:
        """Take the asks of all entries, each as its terms with how much they say."""
        first, start = [0], [0]
        terms: list[int] = []
        owners: list[int] = []
        shares: list[float] = []
        for asks in entries:
            for number, ask in enumerate(asks, first[-1]):
                numbers = [index.vocabulary[term] for term in ask]
                weights = [says * index.idf[n] for n, says in zip(numbers, ask.values(), strict=True)]
                total = sum(weights) or 1.0
                terms += numbers
                owners += [number] * len(numbers)
                shares += [weight / total for weight in weights]
            first.append(first[-1] + max(len(asks), 1))
            start.append(len(terms))
        return cls(
            np.array(first, np.int64),
            np.array(start, np.int64),
            np.array(terms, np.int32),
            np.array(owners, np.int32),
            np.array(shares, np.float32),
        )

    def alike(self, rows: Rows, explained: Shares, named: Shares, total: float) -> Likeness:
        """Compare with the asks of `rows` (not empty).

        `explained`: by term number, how much of the utterance it explains, in the unit of `total`.
        `named`: by term number, how surely it is meant, 0 to 1.
        """
        begin, end = self.start[rows], self.start[rows + 1]
        lengths = end - begin
        reach = lengths.cumsum()
        cells = (begin - reach + lengths).repeat(lengths) + np.arange(int(reach[-1]))
        asks = self.first[rows]
        counts = self.first[rows + 1] - asks
        after = counts.cumsum()
        place = after - counts
        numbers = self.owners[cells] + (place - asks).repeat(lengths)
        terms = self.terms[cells]
        size = int(after[-1])
        said = np.bincount(numbers, explained[terms], size) / max(total, 1e-9)
        asked = np.bincount(numbers, self.shares[cells] * named[terms], size)
        alike = np.sqrt(np.minimum(said, 1.0) * np.minimum(asked, 1.0))
        best = np.maximum.reduceat(alike, place)
        same = (alike == best.repeat(counts)).nonzero()[0]
        chosen = same[same.searchsorted(place)]
        return Likeness(best, said[chosen], asked[chosen])
