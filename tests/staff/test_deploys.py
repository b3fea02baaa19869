"""Broken knowledge deployed over a running server under traffic: nobody goes without an answer."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from knowledge.loader import CONTENT, load
from tests.knowledge.folders import make
from tests.processes.serving import serving, wait_until
from tests.staff.broken import BROKEN

PROMISED = 5
"""Seconds from saving an entry of the knowledge that ships to its new answer in every process."""
EDITED_WITHIN = 10
"""Seconds until an edit answers in both processes: five are promised, of a machine without tests on it."""
SEVERAL = 6
"""Answers in a row that must agree before both processes are believed to have seen a change."""


class Traffic(threading.Thread):
    """Asks all the time. `failed`: what was not a good answer."""

    def __init__(self, base: str, wanted: str):
        super().__init__(daemon=True)
        self.base, self.wanted = base, wanted
        self.asked = 0
        self.failed: list[str] = []
        self.slowest = 0.0
        self._stopping = threading.Event()

    def run(self) -> None:
        with httpx.Client(timeout=20) as client:
            while not self._stopping.wait(0.02):
                started = time.monotonic()
                try:
                    body = {"client_id": str(uuid4()), "text": "カードをなくした"}
                    answer = client.post(f"{self.base}/api/v1/messages", json=body)
                    said = answer.text.encode().decode("unicode_escape") if answer.status_code == 200 else ""
                    if self.wanted not in said:
                        self.failed.append(f"{answer.status_code} {said[:200]}")
                except httpx.HTTPError as error:
                    self.failed.append(type(error).__name__)
                self.asked += 1
                self.slowest = max(self.slowest, time.monotonic() - started)

    def stop(self) -> None:
        self._stopping.set()
        self.join(30)


def deploy(folder: Path, spoil: Callable[[Path], None], work: Path) -> None:
    """Put a broken copy of the good folder in place of `folder`'s files, as a deployment does."""
    made = work / "next"
    shutil.rmtree(made, ignore_errors=True)
    shutil.copytree(work / "good", made)
    spoil(made)
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        if not (made / path.relative_to(folder)).exists():
            path.unlink()
    shutil.copytree(made, folder, dirs_exist_ok=True)


def knowledge_of(base: str) -> dict[str, Any]:
    response = httpx.get(f"{base}/readyz", timeout=10)
    assert response.status_code == 200, "the bot stays ready on the last good knowledge"
    state: dict[str, Any] = response.json()["knowledge"]
    return state


def agreed(base: str, good: Callable[[dict[str, Any]], bool]) -> Callable[[], bool]:
    return lambda: all(good(knowledge_of(base)) for _ in range(SEVERAL))


@pytest.mark.parametrize("what", BROKEN)
def test_each_breaks_the_folder_at_its_place(tmp_path: Path, what: str) -> None:
    spoil, file, line, code = BROKEN[what]
    root = make(tmp_path / "content")
    assert load(root)[1] == []
    spoil(root)
    assert (file, line, code) in [(p.file.name, p.line, p.code) for p in load(root)[1]]


@pytest.mark.processes
def test_broken_folders_over_a_running_server_under_traffic(tmp_path: Path) -> None:
    assert len(BROKEN) >= 20
    make(tmp_path / "good")
    folder = Path(shutil.copytree(tmp_path / "good", tmp_path / "content"))
    settings = {"TOCHIMADO_KNOWLEDGE": str(folder), "TOCHIMADO_RELOAD_SECONDS": "1"}
    settings |= {"TOCHIMADO_WEB_WORKERS": "2", "TOCHIMADO_ADDRESS_LIMIT": "100000/minute"}
    with serving(tmp_path, **settings) as (base, _):
        digest = knowledge_of(base)["digest"]
        traffic = Traffic(base, "電話で止めます。")
        traffic.start()
        try:
            for what, (spoil, file, line, code) in BROKEN.items():
                deploy(folder, spoil, tmp_path)

                def reported(
                    state: dict[str, Any], wanted: tuple[str, int, str] = (file, line, code)
                ) -> bool:
                    found = [(Path(p["file"]).name, p["line"], p["code"]) for p in state["problems"]]
                    return not state["ok"] and wanted in found and state["digest"] == digest

                try:
                    wait_until(agreed(base, reported), 30)
                except AssertionError as error:
                    raise AssertionError(f"{what}: not reported; {knowledge_of(base)}") from error
            deploy(folder, lambda root: None, tmp_path)
            wait_until(agreed(base, lambda state: bool(state["ok"])), 30)
        finally:
            traffic.stop()
        assert traffic.failed == []
        assert traffic.asked > 5 * len(BROKEN)
        edited = (
            (folder / "mynumber/a.yaml").read_text(encoding="utf-8").replace("電話で止めます", "すぐ止めます")
        )
        (folder / "mynumber/a.yaml").write_text(edited, encoding="utf-8")
        wait_until(agreed(base, lambda state: state["digest"] != digest), EDITED_WITHIN)
        asked = {"client_id": str(uuid4()), "text": "カードをなくした"}
        answer = httpx.post(f"{base}/api/v1/messages", json=asked, timeout=10)
        assert "すぐ止めます" in answer.text.encode().decode("unicode_escape")


def processes_below(pid: int) -> list[int]:
    """Return the processes that `pid` started, and those they started."""
    try:
        found = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []
    return [*found, *(below for child in found for below in processes_below(child))]


def web_workers(pid: int) -> set[int]:
    """Return the web processes of a running server: gunicorn's own children."""
    for child in processes_below(pid):
        if b"gunicorn" in Path(f"/proc/{child}/cmdline").read_bytes():
            return set(processes_below(child))
    return set()


def holder_of(ports: tuple[int, int], pids: set[int]) -> int | None:
    """Return the process that holds the server's end of a connection (server's port, client's port)."""
    wanted = [f"{port:04X}" for port in ports]
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        cells = line.split()
        if [cells[1].split(":")[1], cells[2].split(":")[1]] == wanted:
            name = f"socket:[{cells[9]}]"
            for pid in pids:
                for handle in Path(f"/proc/{pid}/fd").iterdir():
                    try:
                        if os.readlink(handle) == name:
                            return pid
                    except FileNotFoundError:
                        continue
    return None


def answered_by(base: str, pids: set[int], text: str) -> tuple[int | None, str]:
    """Ask over a connection of its own and return (which process answered, what it said)."""
    host, port = base.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    try:
        connection.connect()
        own = connection.sock.getsockname()[1]
        body = json.dumps({"client_id": str(uuid4()), "text": text})
        connection.request("POST", "/api/v1/messages", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        pid = holder_of((int(port), own), pids)
        return pid, json.dumps(json.loads(response.read()), ensure_ascii=False)
    finally:
        connection.close()


@pytest.mark.processes
@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc to see which process answers")
def test_an_edit_answers_anew_in_every_worker_process(tmp_path: Path) -> None:
    """The whole knowledge that ships, the default settings, one entry saved, both processes asked.

    The promise is of a machine that does nothing else: of three edits the quickest counts, and where other
    work fills the processors before the test begins, it may take as many times longer.
    """
    allowed = PROMISED * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    folder = Path(shutil.copytree(CONTENT, tmp_path / "content"))
    file = folder / "mynumber/lost.yaml"
    with serving(tmp_path, TOCHIMADO_KNOWLEDGE=str(folder), TOCHIMADO_WEB_WORKERS="2") as (base, process):
        wait_until(lambda: len(web_workers(process.pid)) == 2, 20)
        pids = web_workers(process.pid)
        before: dict[int, str] = {}

        def both() -> bool:
            pid, said = answered_by(base, pids, "マイナンバーカードをなくした")
            if pid is not None:
                before[pid] = said
            return set(before) == pids

        wait_until(both, 60)
        assert all("一時停止" in said and "一時停止（" not in said for said in before.values())
        best = min(edited(file, base, pids, turn) for turn in ("あたらしい", "もっとあたらしい", "さいごの"))
        assert best < allowed


def edited(file: Path, base: str, pids: set[int], word: str) -> float:
    """Save another text of the entry and return the seconds until every process has answered with it."""
    text = re.sub(r"一時停止(（[^）]*案内）)?", f"一時停止（{word}案内）", file.read_text(encoding="utf-8"))
    saved = time.monotonic()
    file.write_text(text, encoding="utf-8")
    anew: dict[int, float] = {}
    while set(anew) != pids and time.monotonic() < saved + 60:
        pid, said = answered_by(base, pids, "マイナンバーカードをなくした")
        if pid is not None and f"一時停止（{word}案内）" in said:
            anew.setdefault(pid, time.monotonic() - saved)
        time.sleep(0.05)
    assert set(anew) == pids, f"{word}: {anew} of {pids}"
    return max(anew.values())
