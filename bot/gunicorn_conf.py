"""gunicorn's configuration, from the same settings as everything else."""

from __future__ import annotations

from typing import Any

from prometheus_client import multiprocess

from bot.hugepages import use_huge_pages
from bot.settings import read_settings

_settings = read_settings()

bind = (
    f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"
)
workers = _settings.workers
worker_class = "gthread"
threads = _settings.threads
timeout = 30
graceful_timeout = 20
keepalive = 5
max_requests = 0
limit_request_line = 4094
limit_request_fields = 60
forwarded_allow_ips = "127.0.0.1,::1"
accesslog = None  # addresses of residents are not logged
loglevel = "warning"
control_socket_disable = True


def child_exit(server: Any, worker: Any) -> None:
    """Forget the gauges of a worker that has ended."""
    import os

    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def post_worker_init(worker: Any) -> None:
    """Settle in, with everything loaded."""
    use_huge_pages()
