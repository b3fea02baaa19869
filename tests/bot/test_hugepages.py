"""Huge pages: which parts of the memory, and what is left of a process that asked for them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.hugepages import HUGE, areas, use_huge_pages

MAPS = """\
00400000-00c00000 rw-p 00000000 00:00 0 [heap]
01000000-011fffff rw-p 00000000 00:00 0
02100000-02500000 rw-p 00000000 00:00 0
03000000-04000000 r--p 00000000 00:00 0
05000000-06000000 rw-p 00000000 08:01 12   /usr/lib/libc.so.6
07000000-08000000 rw-p 00000000 00:00 0    [stack]
7ffd00000000-7ffd00400000 rw-p 00000000 00:00 0
"""


def test_only_whole_pages_of_own_memory() -> None:
    assert list(areas(MAPS.splitlines())) == [
        (0x400000, 4 * HUGE),
        (0x2200000, HUGE),
        (0x7FFD00000000, 2 * HUGE),
    ]


def test_nothing_is_lost_by_it() -> None:
    """A process that asked goes on with all that it had, in fewer pages where the kernel has huge ones."""
    code = (
        "import re; from bot.hugepages import use_huge_pages\n"
        "held = {str(n): float(n) for n in range(400_000)}\n"
        "gained = use_huge_pages()\n"
        "assert all(held[str(n)] == n for n in range(400_000))\n"
        "said = open('/proc/self/smaps_rollup').read()\n"
        "print(gained, re.search(r'AnonHugePages:\\s+(\\d+)', said)[1])"
    )
    if sys.platform != "linux":
        pytest.skip("huge pages are asked for on Linux only")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    gained, held = map(int, done.stdout.split())
    assert gained % HUGE == 0
    assert held * 1024 >= gained // 2


def test_a_machine_without_them_goes_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("bot.hugepages._MAPS", tmp_path / "none")
    assert use_huge_pages() == 0
    monkeypatch.setattr(sys, "platform", "darwin")
    assert use_huge_pages() == 0
