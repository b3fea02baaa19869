"""Sends letters: each is done, put back for later, settled by rule, or dead."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from queue import Empty, PriorityQueue

import structlog
from sqlalchemy.exc import SQLAlchemyError

from adapters.base import Adapter, DeliveryError
from bot import metrics
from bot.durable.failpoints import failpoint
from bot.durable.inbox import LEASE_SECONDS
from bot.durable.outbox import Letter, Outbox

log = structlog.get_logger()

TOKEN_SECONDS = 50.0
"""Age from which LINE's reply token is not tried any more (`adapters.line.TOKEN_SECONDS`)."""


class Sender:
    """Sends the letters that `owner` holds.

    `late_seconds`: how old a message may be for its answer to be worth sending; urgent ones always are.
    """

    def __init__(self, outbox: Outbox, adapters: Mapping[str, Adapter], owner: str, late_seconds: float):
        self.owner = owner
        self._outbox = outbox
        self._adapters = adapters
        self._late = late_seconds
        self._unmarked: dict[int, Letter] = {}

    def send(self, letters: Sequence[Letter]) -> bool:
        """Send letters in hand, of one conversation. Return whether all are settled. Never raises."""
        for position, letter in enumerate(letters):
            try:
                settled = self._send(letter)
            except SQLAlchemyError as error:
                log.error("outbox.unreachable", reason=type(error).__name__, letter=letter.id)
                return False
            except Exception:
                log.exception("sender.failed", letter=letter.id)
                settled = False
            if not settled:
                self.let_go(letters[position + 1 :])
                return False
        return True

    def _send(self, letter: Letter) -> bool:
        adapter = self._adapters.get(letter.to.channel)
        if adapter is None:
            self._outbox.again(letter, self.owner, "the channel has no settings here", 60.0)
            return False
        age = (datetime.now(UTC) - letter.to.received_at).total_seconds()
        if not letter.urgent and self._too_late(letter, age):
            metrics.DELIVERIES.labels(adapter.name, "late").inc()
            log.warning("delivery.late", channel=adapter.name, letter=letter.id, seconds=round(age))
            self._outbox.done(letter, self.owner)
            return True
        failpoint("sending")
        try:
            adapter.deliver(letter.to, letter.messages, retry_key=letter.key, again=letter.tries > 1)
        except DeliveryError as error:
            return self._failed(adapter.name, letter, error)
        failpoint("sent")
        metrics.DELIVERIES.labels(adapter.name, "sent").inc()
        metrics.DELIVERY_SECONDS.labels(adapter.name).observe(max(0.0, age))
        self._mark(letter)
        return True

    def _too_late(self, letter: Letter, age: float) -> bool:
        """Return whether an answer is not worth its cost any more: an old one, a push for little."""
        needs_push = letter.to.channel == "line" and age >= TOKEN_SECONDS
        return age > self._late or (needs_push and not letter.to.push_worthwhile)

    def _failed(self, channel: str, letter: Letter, error: DeliveryError) -> bool:
        if error.retry:
            wait = self._outbox.again(letter, self.owner, error.reason, error.after)
            result = "retried" if wait is not None else "dead"
        else:
            self._outbox.dies(letter, self.owner, error.reason)
            result = "dead"
        metrics.DELIVERIES.labels(channel, result).inc()
        log.warning(
            "delivery.failed",
            channel=channel,
            letter=letter.id,
            status=error.status,
            reason=error.reason,
            result=result,
        )
        return result == "dead"

    def _mark(self, letter: Letter) -> None:
        """Note that a letter arrived; without the database it is noted later and not sent again."""
        try:
            self._outbox.done(letter, self.owner)
        except SQLAlchemyError as error:
            log.error("outbox.unmarked", reason=type(error).__name__, letter=letter.id)
            self._unmarked[letter.id] = letter

    def let_go(self, letters: Sequence[Letter]) -> None:
        """Put letters back that were in hand and not tried. Never raises."""
        try:
            self._outbox.let_go(letters, self.owner)
        except SQLAlchemyError as error:
            log.error("outbox.unreachable", reason=type(error).__name__)

    def unmarked(self) -> list[int]:
        """Return the ids of letters that arrived without the outbox knowing."""
        return list(self._unmarked)

    def catch_up(self) -> None:
        """Note what arrived while the database was away. Raises `SQLAlchemyError`."""
        for number, letter in list(self._unmarked.items()):
            self._outbox.done(letter, self.owner)
            self._unmarked.pop(number, None)


class SenderPool:
    """Threads that send. What is offered is sent soon, the urgent first."""

    def __init__(self, sender: Sender, threads: int):
        self._sender = sender
        self._room = 2 * threads
        self._queue: PriorityQueue[tuple[int, int, float, tuple[Letter, ...]]] = PriorityQueue()
        self._number = count()
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, name=f"send-{number}", daemon=True)
            for number in range(threads)
        ]
        self._held: dict[int, int] = {}
        self._lock = threading.Lock()
        for thread in self._threads:
            thread.start()

    def room(self) -> int:
        """Return how many more replies can be offered."""
        return max(0, self._room - self._queue.qsize())

    def offer(self, letters: Sequence[Letter]) -> None:
        """Send `letters` (of one conversation, in hand) when a thread is free."""
        if letters:
            with self._lock:
                self._held.update({letter.id: letter.id for letter in letters})
            until = time.monotonic() + 4 * LEASE_SECONDS
            self._queue.put((not letters[0].urgent, next(self._number), until, tuple(letters)))

    def _run(self) -> None:
        while not (self._stopping.is_set() and self._queue.empty()):
            try:
                _, _, until, letters = self._queue.get(timeout=0.2)
            except Empty:
                continue
            try:
                if time.monotonic() > until:  # it stood in the queue for long: better in the outbox, in order
                    self._sender.let_go(letters)
                else:
                    self._sender.send(letters)
            finally:
                with self._lock:
                    for letter in letters:
                        self._held.pop(letter.id, None)

    def held(self) -> list[int]:
        """Return the ids of the letters that are offered or under way."""
        with self._lock:
            return list(self._held)

    def close(self, seconds: float) -> None:
        """Send what was offered, take nothing new."""
        self._stopping.set()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
