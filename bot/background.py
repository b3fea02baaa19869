"""The worker process: answers and sends (`bot.durable.worker`), and does periodic work by huey."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import structlog
from huey import Huey, crontab
from huey.consumer import Consumer
from prometheus_client import start_http_server
from sqlalchemy.exc import SQLAlchemyError

from bot import metrics
from bot.brain import Watcher
from bot.parts import Parts, build_parts
from bot.queueing import WAKE, open_queue
from bot.settings import Settings

log = structlog.get_logger()

GAUGES_SECONDS = 10.0
"""Between two looks at what waits."""


def build_queue(parts: Parts, wake: Callable[[], None]) -> Huey:
    """Return the queue with its tasks. Each may run twice, on several machines, without harm."""
    queue = open_queue(parts.settings.queue)
    settings, store = parts.settings, parts.store

    @queue.task(name=WAKE)  # type: ignore[untyped-decorator]
    def woken() -> None:
        """Look into the inbox: something came."""
        wake()

    @queue.periodic_task(crontab(minute="17", hour="18"), name="purge")  # type: ignore[untyped-decorator]
    def purge() -> None:
        """Erase what is older than its time, every night at 3:17 in Japan (18:17 UTC)."""
        gone = store.purge(settings.retention_days, event_days=settings.event_days)
        log.info("purge", turns=gone.turns, sessions=gone.sessions, events=gone.events)

    @queue.periodic_task(crontab(minute="*/5"), name="positions")  # type: ignore[untyped-decorator]
    def positions() -> None:
        """Erase the positions of searches that ended, within the hour that residents are promised."""
        log.info("positions", erased=store.forget_positions())

    @queue.periodic_task(crontab(minute="*"), name="sweep")  # type: ignore[untyped-decorator]
    def sweep() -> None:
        """Take up what a dead worker left."""
        parts.inbox.sweep()
        wake()

    @queue.periodic_task(crontab(minute="7,37"), name="statistics")  # type: ignore[untyped-decorator]
    def statistics() -> None:
        """Count the turns of today and yesterday, before they are erased one day."""
        log.info("statistics", rows=parts.statistics.count_lately())

    return queue


def keep_gauges(parts: Parts, stopping: threading.Event, pause: float = GAUGES_SECONDS) -> None:
    """Set the gauges until `stopping`. A thread of its own: they matter most when queue or database fail."""
    while True:
        try:
            metrics.set_gauges(parts.inbox, parts.outbox)
        except SQLAlchemyError as error:
            log.warning("gauges.unreachable", reason=type(error).__name__)
        except Exception:
            log.exception("gauges.failed")
        if stopping.wait(pause):
            return


def run_worker(settings: Settings) -> None:
    """Answer, send and do periodic work until SIGTERM or SIGINT; what is in hand is finished first."""
    logging.getLogger("huey").setLevel(logging.WARNING)
    parts = build_parts(settings, patient=True)
    if settings.reload_seconds:
        Watcher(parts.holder, settings.reload_seconds).start()
    if settings.worker_metrics_port:
        start_http_server(settings.worker_metrics_port, addr=settings.host)
    worker, stopping = parts.worker(), threading.Event()
    threading.Thread(target=keep_gauges, args=(parts, stopping), name="gauges", daemon=True).start()
    try:
        queue = build_queue(parts, worker.wake)
        Consumer(queue, workers=1, periodic=True, initial_delay=0.1, max_delay=2.0).run()
    finally:
        stopping.set()
        worker.close()
        parts.close()
