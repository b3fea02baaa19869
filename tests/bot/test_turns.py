"""Writers of SQLite take turns over threads and processes, and nobody waits for ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from bot.storage.database import is_lock
from bot.storage.turns import Turns

HOLD = """
import sys, time
from pathlib import Path
from bot.storage.turns import Turns
with Turns(Path(sys.argv[1]), 5.0):
    print("held", flush=True)
    time.sleep(60)
"""


def holder(file: Path) -> subprocess.Popen[str]:
    """Start a process that takes the turn and keeps it."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(file)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_threads_write_one_after_the_other(tmp_path: Path) -> None:
    turns, inside, most = Turns(tmp_path / "turn", 5.0), 0, 0

    def write() -> None:
        nonlocal inside, most
        for _ in range(20):
            with turns:
                inside += 1
                most = max(most, inside)
                time.sleep(0.0005)
                inside -= 1

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_process_that_dies_gives_its_turn_back(tmp_path: Path) -> None:
    other = holder(tmp_path / "turn")
    waited = threading.Event()

    def wait() -> None:
        with Turns(tmp_path / "turn", 30.0):
            waited.set()

    thread = threading.Thread(target=wait)
    thread.start()
    assert not waited.wait(0.3), "the other process holds it"
    os.kill(other.pid, signal.SIGKILL)
    other.communicate()
    assert waited.wait(10)
    thread.join()


def test_after_its_time_a_writer_is_told_as_of_a_lock(tmp_path: Path) -> None:
    other = holder(tmp_path / "turn")
    turns = Turns(tmp_path / "turn", 0.2)
    try:
        for _ in range(2):
            with pytest.raises(OperationalError) as caught, turns:
                pass
            assert is_lock(caught.value)
    finally:
        other.kill()
        other.communicate()


def test_without_a_place_for_the_file_threads_still_take_turns(tmp_path: Path) -> None:
    turns = Turns(tmp_path / "missing" / "turn", 0.2)
    with turns:
        pass
    with turns:
        pass
