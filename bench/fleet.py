"""Real web and worker processes of one deployment: started, killed, started again, and looked into.

They are started by their commands (`Procfile`), or forked from a process that has everything loaded
(`bench.zygote`), which is what killing hundreds of them needs.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from urllib.error import URLError
from urllib.request import urlopen

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from bench.platforms import ACCESS_TOKEN, BOT_TOKEN
from bench.postgres import new_database
from bench.webhooks import LINE_SECRET, TELEGRAM_SECRET
from bot.provision import provision
from bot.settings import Settings
from bot.storage.engine import READS, open_database

ROOT = Path(__file__).parents[1]
REDIS = "redis://127.0.0.1:6379"
GUNICORN = [sys.executable, "-m", "gunicorn", "--config", "python:bot.gunicorn_conf"]
WORKER = [sys.executable, "-c", "from bot.cli import main; main()", "worker"]
_OWN = ("TOCHIMADO_", "LINE_", "TELEGRAM_", "DATABASE_", "BENCH_", "PROMETHEUS_")


def free_port() -> int:
    """Return a port that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Zygote:
    """A process with everything loaded, of which web and worker processes are forked.

    `knowledge`: the content folder. Raises `RuntimeError` where it cannot be loaded.
    """

    def __init__(self, knowledge: Path):
        self.knowledge = knowledge
        code = "import sys; from bench.zygote import main; main(sys.argv[1])"
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, str(knowledge)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._process.stdout
        if self._process.stdout.readline() != "ready\n":
            raise RuntimeError(self._process.communicate(timeout=10)[1])

    def __enter__(self) -> Zygote:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._process.communicate(timeout=10)

    def fork(self, kind: str, environ: dict[str, str], log: Path) -> int:
        """Return the id of a new process; `kind`: web or worker."""
        assert self._process.stdin
        assert self._process.stdout
        order = {"kind": kind, "environ": environ, "log": str(log)}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


class Fleet:
    """One deployment. `database`, `queue`: URLs, None for SQLite in `data`. `api`: the platforms' address.

    `zygote`: what processes are forked from; None for real starts on the knowledge that ships.
    """

    def __init__(
        self,
        data: Path,
        api: str,
        database: str | None = None,
        queue: str | None = None,
        zygote: Zygote | None = None,
        **environ: str,
    ):
        self.data = data
        self.settings = Settings(data_dir=data, database_url=database, queue_url=queue)
        self._environ = {name: value for name, value in os.environ.items() if not name.startswith(_OWN)} | {
            "TOCHIMADO_DATA_DIR": str(data),
            "TOCHIMADO_SECRET": "s" * 40,
            "TOCHIMADO_LOG_LEVEL": "WARNING",
            "LINE_API_BASE": api,
            "LINE_CHANNEL_SECRET": LINE_SECRET,
            "LINE_CHANNEL_ACCESS_TOKEN": ACCESS_TOKEN,
            "TELEGRAM_API_BASE": api,
            "TELEGRAM_BOT_TOKEN": BOT_TOKEN,
            "TELEGRAM_WEBHOOK_SECRET": TELEGRAM_SECRET,
            **({"DATABASE_URL": database} if database else {}),
            **({"TOCHIMADO_QUEUE_URL": queue} if queue else {}),
            **(
                {"TOCHIMADO_KNOWLEDGE": str(zygote.knowledge), "TOCHIMADO_RELOAD_SECONDS": "0"}
                if zygote
                else {}
            ),
            **environ,
        }
        self.ports: dict[str, int] = {}
        self._running: dict[str, int] = {}
        self._started: dict[int, subprocess.Popen[bytes]] = {}
        provision(self.settings)
        self.engine: Engine = open_database(self.settings.database, patient=True)
        self._zygote = zygote

    def __enter__(self) -> Fleet:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.close()

    # --- starting -----------------------------------------------------------------------------------------

    def web(self, name: str = "web", app: str = "bot.app:create_app()", **environ: str) -> None:
        """Start gunicorn; started again it listens on the same port."""
        port = self.ports.setdefault(name, free_port())
        self._start(name, "web", [*GUNICORN, app], {"PORT": str(port), **environ})

    def worker(self, name: str = "worker", **environ: str) -> None:
        """Start a worker."""
        self._start(name, "worker", WORKER, environ)

    def _start(self, name: str, kind: str, command: list[str], environ: dict[str, str]) -> None:
        whole, log = {**self._environ, **environ}, self.data / f"{name}.log"
        if self._zygote:
            self._running[name] = self._zygote.fork(kind, whole, log)
            return
        with log.open("ab") as out:
            process = subprocess.Popen(
                command, cwd=ROOT, env=whole, stdout=out, stderr=out, start_new_session=True
            )
        self._running[name] = process.pid
        self._started[process.pid] = process

    def ready(self, name: str = "web", seconds: float = 60.0) -> None:
        """Wait until a web server answers. Raises `TimeoutError` with its log."""
        address = f"http://127.0.0.1:{self.ports[name]}/readyz"

        def answers() -> bool:
            with contextlib.suppress(URLError, OSError), urlopen(address, timeout=5) as answer:
                return bool(answer.status == 200)
            return False

        try:
            wait_until(answers, seconds)
        except TimeoutError:
            raise TimeoutError(f"{name}: {self.log(name)[-2000:]}") from None

    # --- ending -------------------------------------------------------------------------------------------

    def runs(self, name: str) -> bool:
        """Return whether the process is there."""
        pid = self._running.get(name)
        if pid is None:
            return False
        if pid in self._started:
            return self._started[pid].poll() is None
        return _exists(pid)

    def kill(self, name: str, alone: bool = False) -> None:
        """SIGKILL a process and, unless `alone`, all that it forked."""
        pid = self._running.get(name)
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            (os.kill if alone else os.killpg)(pid, signal.SIGKILL)
        wait_until(lambda: not self.runs(name), 10.0)

    def kill_child(self, name: str, choose: Callable[[list[int]], int]) -> bool:
        """SIGKILL one of the processes that gunicorn forked. Return whether there was one."""
        children = _children(self._running.get(name, 0))
        if not children:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(choose(children), signal.SIGKILL)
        return True

    def end(self, name: str, seconds: float = 30.0) -> bool:
        """Ask a process to end. Return whether it did in time; kill it otherwise."""
        if self.runs(name):
            os.kill(self._running[name], signal.SIGTERM if name in self.ports else signal.SIGINT)
        try:
            wait_until(lambda: not self.runs(name), seconds)
        except TimeoutError:
            self.kill(name)
            return False
        return True

    def close(self) -> None:
        """Kill everything that runs."""
        for name, pid in self._running.items():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
            with contextlib.suppress(TimeoutError):
                wait_until(lambda name=name: not self.runs(name), 5.0)  # type: ignore[misc]
        self.engine.dispose()

    # --- looking ------------------------------------------------------------------------------------------

    def log(self, name: str) -> str:
        """Return what a process wrote."""
        path = self.data / f"{name}.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def logged(self, event: str) -> list[dict[str, object]]:
        """Return the log lines of `event` of all processes."""
        lines = [line for name in self._running for line in self.log(name).splitlines() if event in line]
        found = []
        for line in lines:
            with contextlib.suppress(ValueError):
                found.append(json.loads(line))
        return [line for line in found if line.get("event") == event]

    def cpu(self, name: str) -> float:
        """Return the processor seconds that a process and those it forked have used."""
        pid = self._running.get(name, 0)
        return sum(_cpu(one) for one in (pid, *_children(pid)))

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        """Return the rows of a query, tried again through a busy moment."""
        for _ in range(20):
            try:
                with self.engine.execution_options(**READS).connect() as db:
                    return [tuple(row) for row in db.execute(text(statement))]
            except SQLAlchemyError:
                time.sleep(0.2)
        raise TimeoutError("the database does not answer")

    def backlog(self) -> tuple[int, int]:
        """Return how many messages wait in the inbox, how many replies in the outbox."""
        ((inbox,),) = self.rows("SELECT count(*) FROM inbox WHERE state = 0")
        ((outbox,),) = self.rows("SELECT count(*) FROM outbox WHERE state = 0")
        return int(str(inbox)), int(str(outbox))


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def wait_until(done: Callable[[], bool], seconds: float, pause: float = 0.02) -> None:
    """Poll until `done()`. Raises `TimeoutError`."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(pause)


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def scratch(store: str) -> Iterator[tuple[Path, str | None, str | None]]:
    """Yield a data folder and the URLs of an empty database and queue; `store`: sqlite or postgresql."""
    folder = Path(tempfile.mkdtemp(prefix="tochimado-bench-"))
    try:
        if store == "sqlite":
            yield folder, None, None
            return
        with new_database() as url:
            yield folder, url, f"{REDIS}/9"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
