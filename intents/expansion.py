"""What is computed from the index beforehand: posting lists of the lexicon's phrases, and neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from intents.index import Index, Lists
from intents.lexicon import Keys, Lexicon

LONGEST = 3000
"""Entries that a phrase of the lexicon can bring; beyond, only those of the highest impact."""
NEIGHBOURS = 10
TELLING = 64
TELLING_OF_MANY = 24
"""Terms by which an entry is compared with others: those of the highest impact, fewer among many entries."""
MANY = 5000
_CHUNK = 512


@dataclass(frozen=True)
class Phrases:
    """The lexicon's phrases that mean something in an index, by number.

    `brought`: the entries with their impacts. `means`: the terms with their weights.
    """

    numbers: dict[Keys, int]
    brought: Lists
    means: list[tuple[tuple[int, float], ...]]


def expand(index: Index, lexicon: Lexicon) -> Phrases:
    """Look up all phrases beforehand.

    An entry's impact is the root of the summed squares over everything the phrase means, so that a group
    counts about as much as its best member, however many it has.
    """
    phrases: dict[Keys, int] = {}
    cells: list[tuple[int, int, float]] = []
    for say, means in lexicon.entries.items():
        number = len(phrases)
        known = [
            (number, index.vocabulary[key.rstrip("!")], weight * weight / len(mean))
            for mean, weight in means.items()
            for key in mean
            if key.rstrip("!") in index.vocabulary
        ]
        if known:
            phrases[say] = number
            cells += known
    rows, columns, weights = zip(*cells, strict=True) if cells else ((), (), ())
    shape = (len(phrases), len(index.vocabulary))
    spread = sp.csr_matrix((np.array(weights, np.float32), (rows, columns)), shape=shape)
    squares = index.matrix().copy()
    squares.data = squares.data**2
    parts = []
    for first in range(0, max(len(phrases), 1), _CHUNK):
        part = (spread[first : first + _CHUNK] @ squares).tocsr()
        part.data = np.sqrt(part.data)
        parts.append(_shortened(part))
    meant = [
        tuple(zip(spread.indices[a:b].tolist(), np.sqrt(spread.data[a:b]).tolist(), strict=True))
        for a, b in zip(spread.indptr[:-1], spread.indptr[1:], strict=True)
    ]
    return Phrases(phrases, Lists.of(sp.vstack(parts, format="csr")), meant)


class Contents:
    """Which terms an entry holds, for the few entries of a decision. Threads may share it."""

    _REMEMBERED = 4096

    def __init__(self, index: Index):
        across = index.matrix().T.tocsr()
        self._start: list[int] = across.indptr.tolist()
        self._terms: NDArray[np.int32] = across.indices.astype(np.int32)
        self._known: dict[int, frozenset[int]] = {}

    def of(self, row: int) -> frozenset[int]:
        """Return the numbers of the terms of an entry."""
        found = self._known.get(row)
        if found is None:
            if len(self._known) >= self._REMEMBERED:
                self._known.clear()
            found = frozenset(self._terms[self._start[row] : self._start[row + 1]].tolist())
            self._known[row] = found
        return found


def _shortened(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """Return `matrix` with at most `LONGEST` cells a row, the highest."""
    counts = np.diff(matrix.indptr)
    for row in np.flatnonzero(counts > LONGEST):
        data = matrix.data[matrix.indptr[row] : matrix.indptr[row + 1]]
        data[data < np.partition(data, -LONGEST)[-LONGEST]] = 0.0
    if (counts > LONGEST).any():
        matrix.eliminate_zeros()
    return matrix


def neighbours(index: Index) -> NDArray[np.int32]:
    """Return for every entry its `NEIGHBOURS` most similar ones by the cosine of their telling terms.

    Shape: (entries, NEIGHBOURS); an entry with fewer is filled up with itself.
    """
    found = np.repeat(np.arange(index.size, dtype=np.int32)[:, None], NEIGHBOURS, axis=1)
    vectors = _telling(index)
    if not vectors.nnz:
        return found
    across = vectors.T.tocsr()
    for first in range(0, index.size, _CHUNK):
        similar = (vectors[first : first + _CHUNK] @ across).tocsr()
        for offset in range(similar.shape[0]):
            row = first + offset
            span = slice(similar.indptr[offset], similar.indptr[offset + 1])
            columns, values = similar.indices[span], similar.data[span]
            values[columns == row] = 0.0
            count = min(NEIGHBOURS, int(np.count_nonzero(values)))
            if count:
                found[row, :count] = columns[np.argpartition(values, -count)[-count:]]
    return found


def _telling(index: Index) -> sp.csr_matrix:
    """Return the entries × terms matrix of the highest impacts of an entry, rows of length one."""
    matrix = index.matrix()
    common = np.diff(matrix.indptr) > max(index.size // 10, 1000)
    entries = matrix.T.tocsr()
    entries.data = np.where(common[entries.indices], np.float32(0.0), entries.data)
    most = TELLING_OF_MANY if index.size > MANY else TELLING
    for row in np.flatnonzero(np.diff(entries.indptr) > most):
        data = entries.data[entries.indptr[row] : entries.indptr[row + 1]]
        data[data < np.partition(data, -most)[-most]] = 0.0
    entries.eliminate_zeros()
    lengths = np.sqrt(np.asarray(entries.multiply(entries).sum(axis=1)).ravel())
    return (sp.diags(1.0 / np.maximum(lengths, 1e-9)) @ entries).tocsr()
