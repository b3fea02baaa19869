"""The scratch environment: the real web and worker processes on a free port, in a folder of their own."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from bot.drill.line import DrillLine
from bot.provision import provision
from bot.settings import Settings

READY_SECONDS = 90.0
_WEB = ["-m", "gunicorn", "--config", "python:bot.gunicorn_conf", "bot.app:create_app()"]
_WORKER = ["-c", "from bot.cli import main; main()", "worker"]


class SceneError(Exception):
    """The exercise cannot go on; the message is for staff, in Japanese."""


@dataclass
class Asked:
    """One message of a resident. `status`: of the acknowledgement, 0 for none; seconds since it was sent."""

    user: str
    text: str
    urgent: bool
    at: float = 0.0
    status: int = 0
    acknowledged: float = 0.0


class Scene:
    """One scratch environment. `folder` is its own; `knowledge` is read only."""

    def __init__(self, folder: Path, knowledge: Path, line: DrillLine):
        self.folder = folder
        self.line = line
        self._knowledge = knowledge
        self._secret = secrets.token_hex(16)
        self._port = _free_port()
        self._number = 0
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._client = httpx.Client(timeout=20, trust_env=False)
        self.data = self._new_folder()

    # --- the environment ----------------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """The settings of the scratch environment."""
        return Settings(data_dir=self.data, knowledge=self._knowledge)

    def _new_folder(self) -> Path:
        self._number += 1
        made = self.folder / f"machine-{self._number}"
        (made / "metrics").mkdir(parents=True)
        return made

    def start(self, workers: int = 1) -> float:
        """Start web and worker. Return the seconds until they are ready. Raises `SceneError`."""
        began = time.monotonic()
        provision(self.settings)
        self._start("web", _WEB, workers)
        self.start_worker()
        self.wait(lambda: self.readiness() == 200, READY_SECONDS, "仮の環境が動き出しません")
        return time.monotonic() - began

    def start_worker(self) -> None:
        """Start the worker process."""
        self._start("worker", _WORKER, 1)

    def _start(self, name: str, words: list[str], workers: int) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(  # noqa: S603
                [sys.executable, *words],
                env=self._environ(workers),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _environ(self, workers: int) -> dict[str, str]:
        """Return the environment of the processes: of the deployment's settings only the knowledge."""
        known = {item.metadata["env"] for item in fields(Settings)}
        own = {key: value for key, value in os.environ.items() if key not in known}
        return own | {
            "PORT": str(self._port),
            "TOCHIMADO_DATA_DIR": str(self.data),
            "TOCHIMADO_KNOWLEDGE": str(self._knowledge),
            "TOCHIMADO_WEB_WORKERS": str(workers),
            "TOCHIMADO_RELOAD_SECONDS": "0",
            "TOCHIMADO_LOG_LEVEL": "WARNING",
            "LINE_CHANNEL_SECRET": self._secret,
            "LINE_CHANNEL_ACCESS_TOKEN": self.line.access_token,
            "LINE_API_BASE": self.line.address,
            "PROMETHEUS_MULTIPROC_DIR": str(self.data / "metrics"),
        }

    def kill(self, *names: str) -> None:
        """End processes at once, as a power cut does."""
        for name in names or tuple(self._processes):
            process = self._processes.pop(name)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def lose_everything(self) -> bytes:
        """End all processes and erase the data folder. Return the secret, which was kept elsewhere."""
        self.kill()
        secret = (self.data / "secret").read_bytes()
        shutil.rmtree(self.data)
        self.data = self._new_folder()
        return secret

    def destroy(self) -> None:
        """End everything."""
        self.kill()
        self._client.close()

    def last_words(self) -> str:
        """Return the end of what the processes wrote."""
        logs = [path.read_text(errors="replace")[-300:] for path in sorted(self.folder.glob("*.log"))]
        return " / ".join(" ".join(log.split()) for log in logs) or "記録はありません"

    # --- what is done to it -------------------------------------------------------------------------------

    def take_away(self, name: str) -> Callable[[], None]:
        """Move a database's files away and put something unusable there. Return what puts them back."""
        away = self.folder / f"away-{uuid4().hex}"
        away.mkdir()
        moved = [self.data / f"{name}{end}" for end in ("", "-wal", "-shm")]
        moved = [path for path in moved if path.exists()]
        for path in moved:
            path.rename(away / path.name)
        (self.data / name).mkdir()

        def put_back() -> None:
            (self.data / name).rmdir()
            for path in moved:
                (away / path.name).rename(path)

        return put_back

    # --- residents ----------------------------------------------------------------------------------------

    def ask(self, texts: list[tuple[str, bool]], user: str | None = None, threads: int = 4) -> list[Asked]:
        """Send messages as LINE does: (text, whether a life is at risk). Return them, acknowledged or not."""
        asked = [Asked(user or f"U{uuid4().hex}", text, urgent) for text, urgent in texts]
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(self._post, asked))
        return asked

    def _post(self, asked: Asked, **event: Any) -> None:
        message = {
            "type": "text",
            "id": str(secrets.randbelow(10**17)),
            "quoteToken": "q",
            "text": asked.text,
        }
        event = event or {"type": "message", "message": message}
        event |= {
            "mode": "active",
            "timestamp": int(time.time() * 1000),
            "source": {"type": "user", "userId": asked.user},
            "webhookEventId": uuid4().hex.upper()[:26],
            "deliveryContext": {"isRedelivery": False},
            "replyToken": self.line.issue_token(asked.user),
        }
        body = json.dumps({"destination": "U" + "0" * 32, "events": [event]}, ensure_ascii=False).encode()
        signature = base64.b64encode(hmac.new(self._secret.encode(), body, hashlib.sha256).digest()).decode()
        headers = {"X-Line-Signature": signature, "Content-Type": "application/json"}
        asked.at = time.monotonic()
        try:
            asked.status = self._client.post(
                self._at("/webhook/line"), content=body, headers=headers
            ).status_code
        except httpx.HTTPError:
            asked.status = 0
        asked.acknowledged = time.monotonic() - asked.at

    def press(self, user: str, data: str) -> None:
        """Press a button of `user`'s."""
        self._post(Asked(user, data, False), type="postback", postback={"data": data})

    # --- what it says of itself ---------------------------------------------------------------------------

    def _at(self, path: str) -> str:
        return f"http://127.0.0.1:{self._port}{path}"

    def readiness(self) -> int:
        """Return the status of /readyz, 0 for no answer."""
        try:
            return self._client.get(self._at("/readyz")).status_code
        except httpx.HTTPError:
            return 0

    def waiting(self) -> int:
        """Return how many messages and replies wait, -1 where that is not known."""
        try:
            shown = self._client.get(self._at("/readyz")).json()["backlog"]
            return int(shown["inbox"]["waiting"]) + int(shown["outbox"]["waiting"])
        except (httpx.HTTPError, KeyError, ValueError):
            return -1

    def wait(self, done: Callable[[], bool], seconds: float, what: str) -> float:
        """Wait until `done()`. Return the seconds it took. Raises `SceneError` with `what`."""
        began = time.monotonic()
        while not done():
            dead = [name for name, process in self._processes.items() if process.poll() is not None]
            if dead or time.monotonic() - began > seconds:
                why = f"プロセス {'、'.join(dead)} が止まりました" if dead else f"{seconds:.0f} 秒待ちました"
                raise SceneError(f"{what}（{why}）。")
            time.sleep(0.05)
        return time.monotonic() - began


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
