"""Background work by huey: on SQLite by default, on Redis by TOCHIMADO_QUEUE_URL."""

from __future__ import annotations

import logging
from pathlib import Path

import structlog
from huey import Huey, RedisHuey, SqliteHuey, crontab
from huey.consumer import Consumer

from bot.secrets import deployment_secret, derived
from bot.settings import Settings
from bot.storage.engine import open_database
from bot.storage.store import Store

log = structlog.get_logger()
NAME = "tochimado"


def open_queue(url: str) -> Huey:
    """Return the queue at `url` (`sqlite://FILE`, `redis://…`)."""
    if url.startswith("sqlite://"):
        file = Path(url.removeprefix("sqlite://"))
        file.parent.mkdir(parents=True, exist_ok=True)
        return SqliteHuey(NAME, filename=str(file))
    return RedisHuey(NAME, url=url)


def queue_answers(url: str) -> bool:
    """Return whether the queue can be reached."""
    try:
        open_queue(url).pending_count()
    except Exception:  # every client has exceptions of its own; here only yes or no counts
        return False
    return True


def build_queue(settings: Settings) -> Huey:
    """Return the queue with its periodic work: the nightly purge."""
    queue = open_queue(settings.queue)
    store = Store(open_database(settings.database), derived(deployment_secret(settings), "user-ids"))

    @queue.periodic_task(crontab(minute="17", hour="18"), name="purge")  # type: ignore[untyped-decorator]
    def purge() -> None:
        """Erase what is older than its time, every night at 3:17 in Japan (18:17 UTC)."""
        gone = store.purge(settings.retention_days, event_days=settings.event_days)
        log.info("purge", turns=gone.turns, sessions=gone.sessions, events=gone.events)

    @queue.periodic_task(crontab(minute="*/5"), name="positions")  # type: ignore[untyped-decorator]
    def positions() -> None:
        """Erase the positions of searches that ended, within the hour that residents are promised."""
        log.info("positions", erased=store.forget_positions())

    return queue


def run_worker(settings: Settings) -> None:
    """Run background work until SIGTERM or SIGINT; what is held is finished first."""
    logging.getLogger("huey").setLevel(logging.WARNING)
    Consumer(build_queue(settings), workers=1, periodic=True, initial_delay=0.1, max_delay=2.0).run()
