"""A process that has everything loaded and becomes a web server or a worker by a fork, in milliseconds.

Restarting a killed process costs seconds of imports otherwise. What runs is the program's own code; only the
knowledge is shared. `bench.fleet` starts it and writes one JSON line for each process that it wants:

    {"kind": "web" | "worker", "environ": {…}, "log": FILE}        answered by the new process's id

In `environ`, `BENCH_LEASE` shortens the leases (seconds) and `BENCH_CLOCK` sets the process's clock (seconds
ahead), for tests that cannot wait for either.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import random
import signal
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

HOLDER: Any = None
_PR_SET_PDEATHSIG = 1


def main(knowledge: str) -> None:
    """Load, then fork for each line of stdin until it closes."""
    global HOLDER  # noqa: PLW0603
    for name in ("bot.app", "bot.background", "bot.durable.worker", "gunicorn.app.wsgiapp", "time_machine"):
        importlib.import_module(name)
    from bot.brain import BrainHolder
    from bot.logs import configure_logs
    from intents.safety import detect_crisis

    configure_logs("WARNING")  # to stderr: stdout is for the ids
    HOLDER = BrainHolder(Path(knowledge))
    HOLDER.brain.understander.decide("こんにちは", "ja")
    detect_crisis("")
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(order)
        print(pid, flush=True)


def _become(order: dict[str, Any]) -> None:
    """Be the process that `order` asks for. Never returns."""
    code = 1
    try:
        os.setsid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        null = os.open(os.devnull, os.O_RDONLY)
        for target, source in ((0, null), (1, log), (2, log)):
            os.dup2(source, target)
        os.environ.clear()
        os.environ.update(order["environ"])
        random.seed()
        _adjust()
        if order["kind"] == "web":
            _web()
        else:
            _worker()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)


def _adjust() -> None:
    """Take up what the environment says of failpoints, leases and the clock."""
    importlib.reload(importlib.import_module("bot.durable.failpoints"))  # functions see the new settings
    if lease := os.environ.get("BENCH_LEASE"):
        for name in ("inbox", "outbox", "sender", "worker"):
            importlib.import_module(f"bot.durable.{name}").LEASE_SECONDS = float(lease)  # type: ignore[attr-defined]
    if ahead := os.environ.get("BENCH_CLOCK"):
        import time_machine

        time_machine.travel(datetime.now(UTC) + timedelta(seconds=float(ahead)), tick=True).start()


def _web() -> None:
    from gunicorn.app.wsgiapp import run

    sys.argv = ["gunicorn", "--config", "python:bot.gunicorn_conf", "bench.zygote:application()"]
    run()


def application() -> Any:
    """Return the WSGI application on the shared knowledge; called by gunicorn's workers."""
    from bot.app import create_app

    return create_app(holder=HOLDER)


def _worker() -> None:
    from bot import background
    from bot.logs import configure_logs
    from bot.settings import read_settings

    settings = read_settings()
    configure_logs(settings.log_level)
    background.build_parts = partial(background.build_parts, holder=HOLDER)  # type: ignore[assignment]
    background.run_worker(settings)
