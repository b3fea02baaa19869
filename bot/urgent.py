"""Danger first: the process that hears of it answers, before and beside all other work."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.dispatch import Dispatcher
from bot.durable.inbox import Inbox, TakenError, Waiting
from bot.durable.sender import Sender
from bot.intake import Prepared
from bot.storage.database import Database, is_lock
from bot.work import Work

log = structlog.get_logger()

BUSY_PAUSES = (0.0, 0.1)
"""Seconds before each try to answer with a memory, while the database is busy."""
SETTLE_SECONDS = 60.0
"""For how long it is tried to note that somebody was answered without the database."""


class Urgent:
    """Answers urgent messages of the inbox.

    `unkept`: answers without the database, unless that was done before.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        inbox: Inbox,
        database: Database,
        work: Work,
        unkept: Callable[[Prepared], bool],
    ):
        self._dispatcher = dispatcher
        self._inbox = inbox
        self._database = database
        self._work = work
        self._unkept = unkept

    def take(self, waiting: Waiting, sender: Sender) -> None:
        """Answer `waiting` soon, on a thread of this process."""
        self._dispatcher.submit(("urgent", waiting.id), self._answer, (waiting, sender))

    def _answer(self, taken: tuple[Waiting, Sender]) -> None:
        waiting, sender = taken
        for pause in BUSY_PAUSES:  # a lock is a moment: whoever answers danger should also be able to note it
            time.sleep(pause)
            try:
                self._work.answer([waiting], sender.owner, sender.send)
            except SQLAlchemyError as error:
                log.error("store.unreachable", reason=type(error).__name__)
                if not is_lock(error):
                    break
            else:
                return
        self._unkept(waiting.prepared)
        self._dispatcher.submit("settle", self._settle, waiting)

    def _settle(self, waiting: Waiting) -> None:
        """Note that a message was answered, before a worker takes it up and answers it again."""
        until = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < until:
            try:
                with self._database.transaction() as db:
                    self._inbox.finish(db, [waiting])
            except TakenError:
                return
            except SQLAlchemyError:
                time.sleep(0.05)
            else:
                return
