"""The queue (huey): wake-ups and periodic work. Inbox and outbox are the truth; the queue may be lost."""

from __future__ import annotations

import threading
from pathlib import Path

import structlog
from huey import Huey, RedisHuey, SqliteHuey
from redis import ConnectionPool

log = structlog.get_logger()

NAME = "tochimado"
WAKE = "wake"
BETWEEN_WAKES = 0.05


def open_queue(url: str) -> Huey:
    """Return the queue at `url` (`sqlite://FILE`, `redis://…`)."""
    if url.startswith("sqlite://"):
        file = Path(url.removeprefix("sqlite://"))
        file.parent.mkdir(parents=True, exist_ok=True)
        return SqliteHuey(NAME, filename=str(file))
    pool = ConnectionPool.from_url(url, socket_timeout=5, socket_connect_timeout=1)
    return RedisHuey(NAME, connection_pool=pool)


def queue_answers(url: str) -> bool:
    """Return whether the queue can be reached."""
    try:
        open_queue(url).pending_count()
    except Exception:  # every client has exceptions of its own; here only yes or no counts
        return False
    return True


class Waker:
    """Wakes a worker through Redis, at most twenty times a second and never in the way of an acknowledgement.

    With the embedded queue there is nothing to gain: the worker looks into the inbox as often as it would
    look into the queue.
    """

    def __init__(self, url: str):
        self._url = url
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def wake(self) -> None:
        """Ask for a worker. Never raises, never waits."""
        if self._url.startswith("sqlite://"):
            return
        self._wanted.set()
        if self._thread is None:
            with self._lock:
                if self._thread is None:  # on first use: gunicorn forks before
                    self._thread = threading.Thread(target=self._run, name="waker", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        queue = open_queue(self._url)
        task = queue.task(name=WAKE)(lambda: None)
        while not self._stopping.is_set():
            if not self._wanted.wait(0.5):
                continue
            self._wanted.clear()
            try:
                if queue.pending_count() < 4:
                    task()
            except Exception as error:
                log.warning("queue.unreachable", reason=type(error).__name__)
                self._stopping.wait(1.0)
            self._stopping.wait(BETWEEN_WAKES)

    def close(self) -> None:
        """Stop waking."""
        self._stopping.set()
