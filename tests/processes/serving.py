"""Start and stop the real program: gunicorn and the worker, on a free port of loopback."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx


def free_port() -> int:
    """Return a port that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(data: Path, **environ: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run `tochimado serve` and yield its address and process; stop it at the end."""
    port = free_port()
    log = (data / "serve.log").open("wb")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("TOCHIMADO_", "LINE_"))}
    process = subprocess.Popen(
        [sys.executable, "-c", "from bot.cli import main; main()", "serve"],
        env=clean | {"PORT": str(port), "TOCHIMADO_DATA_DIR": str(data)} | environ,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    base = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _ready(base) or process.poll() is not None, 60)
        assert process.poll() is None, (data / "serve.log").read_text(encoding="utf-8")
        yield base, process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        finally:
            log.close()


def _ready(base: str) -> bool:
    try:
        return httpx.get(f"{base}/readyz", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def wait_until(done: object, seconds: float) -> None:
    """Poll `done()` until it is true. Fails after `seconds`."""
    assert callable(done)
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
