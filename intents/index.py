"""A term index: for every term the entries that hold it, with BM25F impacts computed beforehand.

An entry has fields (what residents say, the answer); a field has one or more texts.  A term's frequency in
a field is that of the text where it is densest, so that an entry with many phrasings has no advantage over
one with a single good one.  BM25F (Robertson, Zaragoza, Taylor 2004): frequencies are divided by the text's
relative length, weighted and summed over the fields, then saturated.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Rows = NDArray[np.int32]
Impacts = NDArray[np.float32]
Term = str | int
Texts = Sequence[Mapping[Term, float]]
"""The texts of one field: each its terms with their frequencies."""
Progress = Callable[[int, int], None]

EMPTY: tuple[Rows, Impacts] = (np.empty(0, np.int32), np.empty(0, np.float32))
REMEMBERED = 20_000
"""Lists that are kept cut out: cutting one takes longer than finding it."""
SATURATION = 1.2
"""BM25's k1."""


@dataclass(frozen=True, slots=True)
class Field:
    """How a field counts: its weight, and BM25's b, how far long texts are divided down."""

    weight: float
    b: float


@dataclass(frozen=True)
class Lists:
    """Posting lists in one array each: list `i` is `rows[start[i]:start[i + 1]]`, sorted by row."""

    start: list[int]
    rows: Rows
    impacts: Impacts
    _seen: dict[int, tuple[Rows, Impacts]] = dataclasses.field(
        default_factory=dict, compare=False, repr=False
    )

    def get(self, number: int) -> tuple[Rows, Impacts]:
        """Return (rows, impacts) of list `number`."""
        found = self._seen.get(number)
        if found is None:
            if len(self._seen) >= REMEMBERED:
                self._seen.clear()
            first, last = self.start[number], self.start[number + 1]
            found = self._seen[number] = self.rows[first:last], self.impacts[first:last]
        return found

    @classmethod
    def of(cls, matrix: sp.csr_matrix) -> Lists:
        """Take the rows of a sparse matrix as lists."""
        matrix.sort_indices()
        return cls(matrix.indptr.tolist(), matrix.indices.astype(np.int32), matrix.data.astype(np.float32))


@dataclass(frozen=True)
class Index:
    """Posting lists of `size` entries by term. `idf`: per term, how telling it is."""

    size: int
    vocabulary: dict[Term, int]
    lists: Lists
    idf: list[float]

    def postings(self, term: Term) -> tuple[Rows, Impacts]:
        """Return (rows, impacts) of a term; empty arrays for an unknown one."""
        number = self.vocabulary.get(term)
        return EMPTY if number is None else self.lists.get(number)

    def matrix(self) -> sp.csr_matrix:
        """Return the impacts as a sparse matrix, terms × entries, sharing memory with the lists."""
        shape = (len(self.vocabulary), self.size)
        return sp.csr_matrix((self.lists.impacts, self.lists.rows, self.lists.start), shape=shape)


def build(entries: Sequence[Sequence[Texts]], fields: Sequence[Field]) -> Index:
    """Index `entries`: for each, the texts of each of `fields`, in the same order."""
    averages = [_average(entry[number] for entry in entries) for number in range(len(fields))]
    vocabulary: dict[Term, int] = {}
    terms: list[int] = []
    frequencies: list[float] = []
    rows: list[int] = []
    for row, entry in enumerate(entries):
        summed: dict[Term, float] = {}
        for texts, field, average in zip(entry, fields, averages, strict=True):
            for term, frequency in _densest(texts, field.b, average).items():
                summed[term] = summed.get(term, 0.0) + field.weight * frequency
        for term, frequency in summed.items():
            terms.append(vocabulary.setdefault(term, len(vocabulary)))
            frequencies.append(frequency)
        rows.extend([row] * len(summed))
    shape = (len(vocabulary), len(entries))
    matrix = sp.csr_matrix((np.array(frequencies, np.float32), (terms, rows)), shape=shape)
    held = np.diff(matrix.indptr)
    idf = np.log1p((len(entries) - held + 0.5) / (held + 0.5)).astype(np.float32)
    matrix.data = matrix.data * (SATURATION + 1.0) / (matrix.data + SATURATION) * np.repeat(idf, held)
    return Index(len(entries), vocabulary, Lists.of(matrix), idf.tolist())


def _average(fields: Iterable[Texts]) -> float:
    lengths = [sum(text.values()) for texts in fields for text in texts]
    return max(sum(lengths) / max(len(lengths), 1), 1e-9)


def _densest(texts: Texts, b: float, average: float) -> dict[Term, float]:
    best: dict[Term, float] = {}
    for text in texts:
        norm = 1.0 - b + b * sum(text.values()) / average
        for term, count in text.items():
            if count > best.get(term, 0.0) * norm:
                best[term] = count / norm
    return best
