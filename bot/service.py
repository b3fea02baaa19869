"""The service: gives messages their session, answers them, keeps the turn, sends the reply.

Two ways in: `answer` (web, console: the reply goes back at once) and `receive` (LINE, Telegram: acknowledged
at once, answered by `bot.dispatch` in the order of each conversation).
"""

from __future__ import annotations

import time
from dataclasses import replace

import structlog
from sqlalchemy.exc import SQLAlchemyError

from adapters.base import Adapter, DeliveryError
from adapters.messages import IncomingMessage, Reply, Text
from bot import metrics
from bot.brain import BrainHolder
from bot.conversation import Conversation, Outcome
from bot.dispatch import Dispatcher
from bot.session import Session
from bot.storage.store import Store

log = structlog.get_logger()

TRIES = 4
FIRST_WAIT = 0.5
LONGEST_WAIT = 10.0


class Service:
    """Answers messages of every channel. `adapters`: channels that are sent to, by name."""

    def __init__(self, holder: BrainHolder, conversation: Conversation, store: Store, dispatcher: Dispatcher):
        self.holder = holder
        self.adapters: dict[str, Adapter] = {}
        self._conversation = conversation
        self._store = store
        self._dispatcher = dispatcher

    def answer(self, message: IncomingMessage) -> Reply | None:
        """Answer one message now. The same message again gets the same reply. Never raises."""
        started = time.perf_counter()
        try:
            outcome = self._turn(message)
        except Exception:
            log.exception("turn.failed", channel=message.channel, event_id=message.event_id)
            metrics.TURNS.labels(message.channel, "error", "").inc()
            return self._trouble(message)
        metrics.TURN_SECONDS.labels(message.channel).observe(time.perf_counter() - started)
        return outcome

    def receive(self, messages: list[IncomingMessage]) -> None:
        """Take messages up; they are answered after this returns, in order within a conversation."""
        for message in messages:
            self._dispatcher.submit((message.channel, message.user_id), self._work, message)

    def _turn(self, message: IncomingMessage) -> Reply | None:
        session: Session | None = None
        kept = True
        try:
            replayed = self._store.replay(message)
            if replayed is not None:
                return replayed
            session = self._store.load(message.channel, message.user_id)
        except SQLAlchemyError as error:
            kept = False
            log.error("store.unreachable", reason=type(error).__name__)
        outcome = self._conversation.handle(message, session)
        if kept:
            self._keep(message, outcome)
        kind = outcome.decision.kind if outcome.decision else message.kind
        metrics.TURNS.labels(message.channel, kind, outcome.session.lang).inc()
        log.info(
            "turn",
            channel=message.channel,
            event_id=message.event_id,
            turn=outcome.turn_id,
            kind=kind,
            entry=outcome.entry_id,
            lang=outcome.session.lang,
        )
        return outcome.reply

    def _keep(self, message: IncomingMessage, outcome: Outcome) -> None:
        try:
            self._store.save(message, outcome)
        except SQLAlchemyError as error:
            log.error("store.unwritable", reason=type(error).__name__, turn=outcome.turn_id)

    def _trouble(self, message: IncomingMessage) -> Reply | None:
        if message.kind in ("unfollow", "unsend"):
            return None
        return Reply((Text(self.holder.brain.phrases.say("trouble", "ja")),))

    def _work(self, message: IncomingMessage) -> None:
        """Answer one message of a channel that is sent to."""
        adapter = self.adapters[message.channel]
        if not self._claimed(message):
            log.info("event.repeated", channel=message.channel, event_id=message.event_id)
            return
        if message.kind not in ("unfollow", "unsend"):
            adapter.working(message.address)
        message = self._with_language(message, adapter)
        reply = self.answer(message)
        if reply is None:
            return
        self._send(adapter, message, reply)

    def _claimed(self, message: IncomingMessage) -> bool:
        try:
            return self._store.claim(message.channel, message.event_id)
        except SQLAlchemyError as error:
            log.error("store.unreachable", reason=type(error).__name__)
            return True

    def _with_language(self, message: IncomingMessage, adapter: Adapter) -> IncomingMessage:
        """Ask the channel for the language of a profile, once for somebody never seen."""
        if message.lang_hint is not None or message.kind in ("unfollow", "unsend"):
            return message
        try:
            known = self._store.load(message.channel, message.user_id) is not None
        except SQLAlchemyError:
            return message
        if known:
            return message
        return replace(message, lang_hint=adapter.profile_language(message.address))

    def _send(self, adapter: Adapter, message: IncomingMessage, reply: Reply) -> None:
        rendered = adapter.render(reply)
        for tried in range(1, TRIES + 1):
            try:
                adapter.deliver(message.address, rendered)
            except DeliveryError as error:
                again = error.retry and tried < TRIES
                log.warning(
                    "delivery.failed",
                    channel=adapter.name,
                    event_id=message.event_id,
                    status=error.status,
                    reason=error.reason,
                    again=again,
                )
                metrics.DELIVERIES.labels(adapter.name, "retried" if again else "failed").inc()
                if not again:
                    return
                rendered = rendered[getattr(error, "delivered", 0) :]
                wait = error.after if error.after is not None else FIRST_WAIT * 2 ** (tried - 1)
                time.sleep(min(wait, LONGEST_WAIT))
            else:
                metrics.DELIVERIES.labels(adapter.name, "sent").inc()
                return
