"""`tochimado serve`, `worker`, `migrate`: running the bot."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

import click

from bot.background import run_worker
from bot.logs import configure_logs
from bot.provision import provision
from bot.settings import Settings, read_settings
from knowledge.loader import load_valid
from knowledge.problems import KnowledgeError

GRACE_SECONDS = 25
QUICK_ENDS, QUICK_SECONDS = 3, 10.0
"""A process that ends this often, each time within these seconds of its start, ends the whole."""


@click.command()
def migrate() -> None:
    """データベースを最新の形にする（Procfile の release）。"""
    settings = read_settings()
    configure_logs(settings.log_level)
    provision(settings)
    click.echo("データベースは最新です。")


@click.command()
def worker() -> None:
    """裏方の仕事（定期的な削除など）をする。"""
    settings = read_settings()
    configure_logs(settings.log_level)
    run_worker(settings)


@click.command()
def serve() -> None:
    """1 台ですべて（Web と裏方の仕事）を動かす。Ctrl-C で終わる。"""
    settings = read_settings()
    _port_is_free(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    _check_knowledge(settings)
    configure_logs("WARNING")
    provision(settings)
    with _metrics_folder() as folder:
        environ = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": folder}
        here = [sys.executable, "-m"]
        web = [*here, "gunicorn", "--config", "python:bot.gunicorn_conf", "bot.app:create_app()"]
        background = [sys.executable, "-c", "from bot.cli import main; main()", "worker"]
        click.echo(f"とちまど: http://{settings.host}:{settings.port}/ （Ctrl-C で終わります）")
        sys.exit(_supervise([web, background], environ))


def _port_is_free(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise click.ClickException(
                f"{settings.host}:{settings.port} では待ち受けられません（{error.strerror}）。"
                "使われていないポートを PORT で指定してください（例: PORT=8080 make run）。"
            ) from error


def _check_knowledge(settings: Settings) -> None:
    """Say what is wrong with the knowledge before any process starts; a last good one may still serve."""
    try:
        load_valid(settings.knowledge)
    except KnowledgeError as error:
        if not (settings.data_dir / "knowledge-last-good.json").exists():
            raise
        for problem in error.problems:
            click.echo(str(problem), err=True)
        click.echo("tochimado: 知識に誤りがあるので、最後に正しかった知識で動かします。", err=True)


@contextlib.contextmanager
def _metrics_folder() -> Iterator[str]:
    folder = tempfile.mkdtemp(prefix="tochimado-metrics-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _supervise(commands: list[list[str]], environ: dict[str, str]) -> int:
    """Run `commands` until a signal comes, then stop all. Return the exit code.

    One that ends is started again; one that keeps ending ends everything.
    """

    def start(command: list[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, env=environ, start_new_session=True)  # noqa: S603

    processes = [start(command) for command in commands]
    begun = [time.monotonic()] * len(commands)
    quick_ends = 0
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while not stopping and quick_ends < QUICK_ENDS:
        time.sleep(0.1)
        for number, process in enumerate(processes):
            if process.poll() is None or stopping:
                continue
            quick_ends = quick_ends + 1 if time.monotonic() - begun[number] < QUICK_SECONDS else 0
            if quick_ends < QUICK_ENDS:
                click.echo(f"tochimado: 止まったプロセスを動かし直します（{process.returncode}）。", err=True)
                processes[number], begun[number] = start(commands[number]), time.monotonic()
    ended = [process.returncode for process in processes if process.poll() is not None]
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM if process is processes[0] else signal.SIGINT)
    deadline = time.monotonic() + GRACE_SECONDS
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
    return 0 if stopping else next((code for code in ended if code), 1)
