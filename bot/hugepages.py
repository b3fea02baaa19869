"""Puts what a process has loaded into huge pages, where Linux has them.

What is read for every message (word lists, weights, code) lies over hundreds of megabytes: in pages of 4 kB
the processor spends a noticeable part of its time on looking up where they are.  See `madvise(2)`.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

HUGE = 2 * 1024 * 1024
"""Bytes of a huge page."""
_MADV_HUGEPAGE, _MADV_COLLAPSE = 14, 25
_MAPS = Path("/proc/self/maps")


def areas(maps: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Yield (address, bytes) of the whole huge pages in the process's own memory. `maps`: as of proc(5)."""
    for line in maps:
        addresses, access, *_, name = [*line.split(maxsplit=5), ""][:6]
        if access != "rw-p" or name not in ("", "[heap]"):
            continue
        start, end = (int(address, 16) for address in addresses.split("-"))
        first, last = -(-start // HUGE) * HUGE, end // HUGE * HUGE
        if first < last:
            yield first, last - first


def use_huge_pages() -> int:
    """Ask for huge pages for all that is loaded. Return the bytes that got them. Never raises."""
    if sys.platform != "linux":
        return 0
    gc.collect()
    try:
        madvise = ctypes.CDLL(None, use_errno=True).madvise
        mine = list(areas(_MAPS.read_text(encoding="utf-8").splitlines()))
    except (OSError, AttributeError, ValueError):
        return 0
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    gained = 0
    for start, size in mine:
        madvise(start, size, _MADV_HUGEPAGE)  # for what the kernel will do by itself
        gained += size if madvise(start, size, _MADV_COLLAPSE) == 0 else 0  # at once; Linux 6.1 and later
    return gained
