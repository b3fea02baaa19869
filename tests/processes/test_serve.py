"""The program as it is run: real gunicorn processes, real sockets."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.knowledge.folders import entry, make
from tests.processes.serving import serving, wait_until

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("served")) as (base, _):
        yield base


def ask(base: str, text: str) -> httpx.Response:
    return httpx.post(f"{base}/api/v1/messages", json={"client_id": str(uuid4()), "text": text}, timeout=10)


def test_the_page_and_an_answer(served: str) -> None:
    assert "とちまど" in httpx.get(f"{served}/").text
    answer = ask(served, "マイナンバーカードをなくした")
    assert answer.status_code == 200
    for part in ("0120-95-0178", "出典", "2024年12月2日"):
        assert part in str(answer.json())


def test_a_chunked_body_over_one_mebibyte_is_refused(served: str) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"client_id": "'
        for _ in range(300):
            yield b"x" * 8192

    try:
        response = httpx.post(
            f"{served}/api/v1/messages", content=pieces(), headers={"Content-Type": "application/json"}
        )
    except (httpx.WriteError, httpx.ReadError):
        pytest.fail("the connection was cut instead of answered")
    assert response.status_code == 413
    assert response.json()["error"]["code"] == "request_entity_too_large"


def test_metrics_are_summed_over_processes(served: str) -> None:
    for _ in range(6):
        ask(served, "ヘルプ")
    text = httpx.get(f"{served}/metrics").text
    counts = [
        float(line.split()[-1]) for line in text.splitlines() if line.startswith("tochimado_turns_total")
    ]
    assert sum(counts) >= 6


def look(base: str, seen: list[httpx.Response]) -> httpx.Response:
    """Ask one of the processes how it is, and keep what it said."""
    seen.append(httpx.get(f"{base}/readyz"))
    return seen[-1]


def told(state: httpx.Response) -> list[dict[str, str]]:
    """Return the problems of the knowledge that a process tells of."""
    problems: list[dict[str, str]] = state.json()["knowledge"]["problems"]
    return problems


def test_a_broken_edit_under_a_running_server(tmp_path: Path) -> None:
    folder = make(tmp_path / "content")
    with serving(tmp_path, TOCHIMADO_KNOWLEDGE=str(folder), TOCHIMADO_RELOAD_SECONDS="1") as (base, _):
        (folder / "mynumber/a.yaml").write_text("- id: [\n", encoding="utf-8")
        seen: list[httpx.Response] = []  # two processes: whichever answers may not have looked yet
        wait_until(lambda: bool(told(look(base, seen))), 10)
        assert seen[-1].status_code == 200
        assert told(seen[-1])[0]["file"].endswith("a.yaml")
        assert "lost" in ask(base, "カードをなくした").text
        (folder / "mynumber/a.yaml").write_text(entry("found", ask="カードを見つけた"), encoding="utf-8")
        wait_until(lambda: httpx.get(f"{base}/readyz").json()["knowledge"]["ok"], 10)


def test_sigterm_ends_it_cleanly(tmp_path: Path) -> None:
    with serving(tmp_path) as (base, process):
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0
        with pytest.raises(httpx.ConnectError):
            httpx.get(base)


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-c", "from bot.cli import main; main()", "serve"],
            env={"PORT": port, "TOCHIMADO_DATA_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            timeout=60,
            check=False,
        )
    assert done.returncode != 0
    assert len(done.stderr.decode().strip().splitlines()) == 1
    assert port in done.stderr.decode()


def test_a_python_too_old_is_said_in_one_line(tmp_path: Path) -> None:
    root = Path(__file__).parent.parent.parent
    shutil.copytree(root / "scripts", tmp_path / "scripts")
    shutil.copytree(root / "requirements", tmp_path / "requirements")
    shutil.copy(root / "pyproject.toml", tmp_path)
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "python3").write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" || exit 1\n')
    (tools / "python3").chmod(0o755)
    for name in ("sh", "cat", "cksum", "dirname"):
        (tools / name).symlink_to(str(shutil.which(name)))
    done = subprocess.run(
        ["sh", "scripts/setup.sh", "run"],
        cwd=tmp_path, env={"PATH": str(tools)}, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert len(done.stderr.decode().strip().splitlines()) == 1
    assert "Python 3.9.2" in done.stderr.decode()
