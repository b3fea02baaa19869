"""Broken knowledge deployed over a running server under traffic: nobody goes without an answer."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from knowledge.loader import load
from tests.knowledge.folders import make
from tests.processes.serving import serving, wait_until
from tests.staff.broken import BROKEN

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
