"""The worker: threads that answer what waits in the inbox and threads that send what waits in the outbox."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.durable.failpoints import failpoint
from bot.durable.inbox import LEASE_SECONDS, Inbox, Waiting
from bot.durable.outbox import Letter, Outbox
from bot.durable.sender import Sender, SenderPool

log = structlog.get_logger()

IDLE_SECONDS = 0.1
"""Between two looks at an empty inbox; a wake-up ends the pause early."""
AFTER_FAILURE = 0.5
PER_CLAIM = 16
"""Conversations that a thread takes at once."""
TOGETHER = 16
"""Messages that are kept in one transaction."""

Work = Callable[[Sequence[Waiting], str | None, Callable[[Sequence[Letter]], None]], None]


class Worker:
    """Works through inbox and outbox until `close`.

    `work` answers messages and keeps the answers; given an owner, it offers the letters that this owner then
    has in hand. `threads` answer, `senders` send.
    """

    def __init__(
        self, inbox: Inbox, outbox: Outbox, sender: Sender, work: Work, threads: int = 2, senders: int = 16
    ):
        self._inbox = inbox
        self._outbox = outbox
        self._sender = sender
        self._work = work
        self._awake = threading.Event()
        self._stopping = threading.Event()
        self._pool = SenderPool(sender, senders)
        self._senders = senders
        self._answering = ThreadPoolExecutor(threads, thread_name_prefix="answer")
        self._beats = [
            threading.Thread(target=self._forever, args=(what, pause), name=name, daemon=True)
            for name, what, pause in (
                ("outbox", self._collect, IDLE_SECONDS),
                ("heartbeat", self._beat, LEASE_SECONDS / 3),
            )
        ]
        for number in range(threads):
            self._answering.submit(self._answer_all, f"{sender.owner[:24]}-{number}")
        for thread in self._beats:
            thread.start()

    def wake(self) -> None:
        """Look into the inbox now."""
        self._awake.set()

    def _answer_all(self, owner: str) -> None:
        """Answer until stopped. `owner` is this thread: it holds the conversations it claims."""
        owed: set[str] = set()
        while not self._stopping.is_set():
            try:
                if not self._answer_some(owner, owed):
                    self._awake.wait(IDLE_SECONDS)
                    self._awake.clear()
            except SQLAlchemyError as error:
                log.error("inbox.unreachable", reason=type(error).__name__)
                self._stopping.wait(AFTER_FAILURE)
            except Exception:
                log.exception("worker.failed")
                self._stopping.wait(AFTER_FAILURE)

    def _answer_some(self, owner: str, owed: set[str]) -> bool:
        """Claim some conversations and answer them. Return whether there were any.

        `owed`: conversations that could not be given back when the database failed; they are now.
        """
        if owed:
            self._inbox.release(owner, list(owed))
            owed.clear()
        claimed = self._inbox.claim(owner, PER_CLAIM)
        if not claimed:
            return False
        failpoint("claimed")
        started = renewed = time.monotonic()
        held = list({waiting.conversation: None for waiting in claimed})
        try:
            ordered = sorted(claimed, key=lambda item: held.index(item.conversation))
            for start in range(0, len(ordered), TOGETHER):
                if self._stopping.is_set():
                    break
                if time.monotonic() - renewed > LEASE_SECONDS / 3:
                    self._inbox.renew(owner)
                    renewed = time.monotonic()
                sends = self._sender.owner if self._pool.room() else None
                self._work(ordered[start : start + TOGETHER], sends, self._pool.offer)
        finally:
            owed.update(held)
            self._inbox.release(owner, held)
            owed.clear()
        log.debug("worker.claimed", messages=len(claimed), seconds=round(time.monotonic() - started, 3))
        return True

    def _collect(self) -> None:
        """Take up letters that nobody holds: put back, or left by a worker that died."""
        while self._pool.room() and not self._stopping.is_set():
            letters = self._outbox.claim(self._sender.owner, min(self._pool.room(), self._senders))
            for _, together in groupby(letters, key=lambda letter: letter.conversation):
                self._pool.offer(list(together))
            if not letters:
                return

    def _beat(self) -> None:
        self._sender.catch_up()
        self._outbox.renew(self._sender.owner, [*self._pool.held(), *self._sender.unmarked()])

    def _forever(self, what: Callable[[], None], pause: float) -> None:
        while not self._stopping.wait(pause):
            try:
                what()
            except SQLAlchemyError as error:
                log.error("database.unreachable", reason=type(error).__name__, what=what.__name__)
                self._stopping.wait(AFTER_FAILURE)
            except Exception:
                log.exception("worker.failed", what=what.__name__)

    def close(self, seconds: float = 20.0) -> None:
        """Finish what is in hand, take nothing new; the rest stays for another worker."""
        self._stopping.set()
        self._awake.set()
        self._answering.shutdown(wait=True)
        self._pool.close(seconds)
        try:
            self._sender.catch_up()
        except SQLAlchemyError as error:
            log.error("database.unreachable", reason=type(error).__name__, what="catch_up")
