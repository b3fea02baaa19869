"""Summing posting lists.

Work depends on the lists read, not on the size of the index: sums are kept in a scratch array per thread
that is wiped where it was written.  Short lists (rare, telling terms) are read whole; once they have brought
enough entries, long ones are only looked up for those.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from intents.index import EMPTY, Impacts, Rows

Weighted = tuple[Rows, Impacts, float]
"""A posting list and what its impacts are multiplied with."""

BUDGET = 12_000
"""Postings that are read whole for one utterance."""
FEW = 8192
"""Entries up to which it is quickest to sum over all of them."""
SURVIVORS = 48
"""Entries that stay in the race before long lists are looked up and neighbours counted."""


class Scorer:
    """Sums posting lists over `size` entries. Threads may share it."""

    def __init__(self, size: int):
        self._size = size
        self._local = threading.local()

    def best(self, lists: Sequence[Weighted]) -> tuple[Rows, Impacts, Impacts]:
        """Return (rows, sums, all sums by row) for the best `SURVIVORS` entries, in no order.

        The third is the thread's scratch array, which holds the sums of everything that was read;
        `wipe` must be called before the next use.
        """
        scratch, place = self._scratch()
        sizes = [len(item[0]) for item in lists]
        if not sum(sizes):
            self._local.touched = EMPTY[0]
            return (*EMPTY, scratch)
        ordered, whole = lists, len(lists)
        if sum(sizes) > BUDGET:
            ordered = sorted(lists, key=lambda item: len(item[0]))
            sizes.sort()
            reached = np.cumsum(sizes).searchsorted(BUDGET, "right")
            whole = max(int(reached), sum(size == 0 for size in sizes) + 1)
        read = ordered[:whole]
        touched = np.concatenate([item[0] for item in read])
        sums = np.concatenate([item[1] for item in read])
        sums *= np.array([item[2] for item in read], np.float32).repeat(sizes[:whole])
        if self._size <= FEW:
            scratch[:] = np.bincount(touched, sums, self._size)
            found = scratch.nonzero()[0].astype(np.int32)
        else:
            np.add.at(scratch, touched, sums)
            numbers = np.arange(touched.size, dtype=np.int32)
            place[touched] = numbers
            found = touched[place[touched] == numbers]
        self._local.touched = found
        scores = scratch[found]
        if found.size > SURVIVORS:
            kept = np.argpartition(scores, found.size - SURVIVORS)[-SURVIVORS:]
            found, scores = found[kept], scores[kept]
        for rows, impacts, weight in ordered[whole:]:
            scores = scores + _looked_up(rows, impacts, found) * np.float32(weight)
            scratch[found] = scores
        return found, scores, scratch

    def wipe(self) -> None:
        """Forget the sums of this thread's last `best`."""
        self._local.scratch[self._local.touched] = 0.0

    def _scratch(self) -> tuple[Impacts, NDArray[np.int32]]:
        if not hasattr(self._local, "scratch"):
            self._local.scratch = np.zeros(self._size, np.float32)
            self._local.place = np.zeros(self._size, np.int32)
        return self._local.scratch, self._local.place


def _looked_up(rows: Rows, impacts: Impacts, found: Rows) -> Impacts:
    """Return the impacts of the entries `found` in one list, 0 where they are not in it."""
    place = np.minimum(np.searchsorted(rows, found), rows.size - 1)
    return np.where(rows[place] == found, impacts[place], np.float32(0.0))
