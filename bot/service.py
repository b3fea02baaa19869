"""The service: gives messages their session, answers them, keeps the turn and the reply.

Two ways in: `answer` (web, console: the reply goes back at once) and `receive` (LINE, Telegram: into the
inbox, acknowledged, answered by a worker through `work`).  Where the inbox cannot be written, and for
whoever is in danger, `receive` answers without a worker.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from adapters.base import Adapter
from adapters.messages import IncomingMessage, Reply
from bot import metrics
from bot.brain import BrainHolder
from bot.conversation import Conversation
from bot.delivery import send
from bot.dispatch import Dispatcher
from bot.durable.failpoints import failpoint
from bot.durable.inbox import Arriving, Inbox
from bot.durable.outbox import Outbox
from bot.durable.sender import Sender
from bot.intake import Prepared
from bot.limits import TurnLimits
from bot.recent import Recent
from bot.refusals import Refusals, note
from bot.session import Session
from bot.storage.store import Store
from bot.switches import Switches
from bot.urgent import Urgent
from bot.work import Work, event_of

log = structlog.get_logger()


class Service:
    """Answers messages of every channel. `adapters`: channels that are sent to, by name.

    `wake` is called when there is work for a worker.
    """

    def __init__(
        self,
        holder: BrainHolder,
        conversation: Conversation,
        store: Store,
        inbox: Inbox,
        outbox: Outbox,
        dispatcher: Dispatcher,
        limits: TurnLimits,
        switches: Switches,
        wake: Callable[[], None] = lambda: None,
    ):
        self.adapters: dict[str, Adapter] = {}
        self.sender: Sender | None = None
        self._conversation = conversation
        self._store = store
        self._inbox = inbox
        self._dispatcher = dispatcher
        self._wake = wake
        self._answered = Recent(20_000)
        self._refusals = Refusals(holder, limits, switches, store.key, self.adapters)
        self.work = Work(conversation, store, inbox, outbox, self._refusals, self.adapters, self._answered)
        self._urgent = Urgent(dispatcher, inbox, store.database, self.work, self._without_inbox)

    # --- at once: web, console ----------------------------------------------------------------------------

    def answer(self, message: IncomingMessage) -> Reply | None:
        """Answer one message now. The same message again gets the same reply. Never raises."""
        started = time.perf_counter()
        try:
            reply = self._answer(self._conversation.prepare(message))
        except Exception:
            reply = self._refusals.trouble(message)
        metrics.TURN_SECONDS.labels(message.channel).observe(time.perf_counter() - started)
        return reply

    def _answer(self, prepared: Prepared, kept: bool = True) -> Reply | None:
        message = prepared.message
        if (why := self._refusals.why(prepared)) is not None:
            return self._refusals.decline(why, message)
        session: Session | None = None
        try:
            if kept:
                replayed = self._store.replay(message)
                if replayed is not None:
                    return replayed
                session = self._store.load(message.channel, message.user_id)
        except SQLAlchemyError as error:
            kept = False
            log.error("store.unreachable", reason=type(error).__name__)
        outcome = self._conversation.answer(prepared, session)
        if kept:
            try:
                self._store.save(message, outcome)
            except IntegrityError:  # the same message came twice at once: one of them was first
                return self._store.replay(message) or outcome.reply
            except SQLAlchemyError as error:
                kept = False
                log.error("store.unwritable", reason=type(error).__name__, turn=outcome.turn_id)
        note(message, outcome, kept)
        return outcome.reply if kept else self._refusals.forgetful(outcome)

    # --- after the acknowledgement: LINE, Telegram --------------------------------------------------------

    def receive(self, messages: list[IncomingMessage]) -> None:
        """Take messages up: kept when this returns; answered later, in order within a conversation."""
        new = [message for message in messages if event_of(message) not in self._answered]
        arriving = Arriving(lambda: [self._conversation.prepare(message) for message in new])
        failpoint("received")
        try:
            self._inbox.receive(arriving)
        except SQLAlchemyError as error:
            log.error("inbox.unwritable", reason=type(error).__name__)
            for prepared in arriving.prepared():
                key = (prepared.message.channel, prepared.message.user_id)
                self._dispatcher.submit(key, self._without_inbox, prepared)
            return  # the acknowledgement stands: the channel would send a refused event again, and late
        failpoint("stored")
        if len(arriving.fresh) < len(new):
            log.info("event.repeated", channel=messages[0].channel, events=len(new) - len(arriving.fresh))
        for waiting in arriving.fresh:
            if waiting.prepared.urgent and self.sender is not None:
                self._urgent.take(waiting, self.sender)
        if arriving.fresh:
            self._wake()

    def _without_inbox(self, prepared: Prepared) -> bool:
        """Answer without the database, once; nothing is remembered. Return whether this was the time."""
        message = prepared.message
        if not self._answered.add(event_of(message)):
            return False
        try:
            reply = self._answer(prepared, kept=False)
        except Exception:
            reply = self._refusals.trouble(message)
        if reply is not None:
            send(self.adapters[message.channel], message, reply)
        return True

    def close(self) -> None:
        """Drop what is not worth finishing."""
        self.work.close()
