"""The service: gives messages their session, answers them, keeps the turn, sends the reply.

Two ways in: `answer` (web, console: the reply goes back at once) and `receive` (LINE, Telegram: acknowledged
at once, answered by `bot.dispatch` in the order of each conversation).
"""

from __future__ import annotations

import time
from dataclasses import replace

import structlog
from sqlalchemy.exc import SQLAlchemyError

from adapters.base import Adapter
from adapters.messages import IncomingMessage, Reply, Text
from bot import metrics
from bot.brain import BrainHolder
from bot.conversation import Conversation
from bot.delivery import send
from bot.dispatch import Dispatcher
from bot.limits import TurnLimits
from bot.outcome import Outcome
from bot.session import Session, lang_from_tag
from bot.storage.store import Store
from bot.switches import Switches
from knowledge.models import Lang

log = structlog.get_logger()

SILENT = ("unfollow", "unsend")
"""Kinds of event to which nothing may be sent."""


class Service:
    """Answers messages of every channel. `adapters`: channels that are sent to, by name."""

    def __init__(
        self,
        holder: BrainHolder,
        conversation: Conversation,
        store: Store,
        dispatcher: Dispatcher,
        limits: TurnLimits,
        switches: Switches,
    ):
        self.holder = holder
        self.adapters: dict[str, Adapter] = {}
        self._conversation = conversation
        self._store = store
        self._dispatcher = dispatcher
        self._limits = limits
        self._switches = switches
        self._notices = TurnLimits("1/minute")

    def answer(self, message: IncomingMessage) -> Reply | None:
        """Answer one message now. The same message again gets the same reply. Never raises."""
        started = time.perf_counter()
        try:
            reply = (
                self._turn(message)
                if (why := self._refusal(message)) is None
                else self._decline(why, message)
            )
        except Exception:
            log.exception("turn.failed", channel=message.channel, event_id=message.event_id)
            metrics.TURNS.labels(message.channel, "error", "").inc()
            return None if message.kind in SILENT else self._say("trouble", message)
        metrics.TURN_SECONDS.labels(message.channel).observe(time.perf_counter() - started)
        return reply

    def receive(self, messages: list[IncomingMessage]) -> None:
        """Take messages up; they are answered after this returns, in order within a conversation."""
        for message in messages:
            self._dispatcher.submit((message.channel, message.user_id), self._work, message)

    def _refusal(self, message: IncomingMessage) -> str | None:
        """Return why a message is not answered (the phrase that says so); danger to life always is."""
        if message.kind in SILENT or self._conversation.is_crisis(message):
            return None
        if self._switches.is_off(message.channel):
            return "maintenance"
        if self._limits.allows(self._store.key(message.channel, message.user_id)):
            return None
        return "limited"

    def _decline(self, why: str, message: IncomingMessage) -> Reply | None:
        """Say why there is no answer; on a channel that is sent to, once a minute to each resident."""
        metrics.TURNS.labels(message.channel, why, "").inc()
        key = f"{why}:{self._store.key(message.channel, message.user_id)}"
        if message.channel in self.adapters and not self._notices.allows(key):
            return None
        return self._say(why, message)

    def _say(self, key: str, message: IncomingMessage) -> Reply:
        lang: Lang = lang_from_tag(message.lang_hint) or "ja"
        return Reply((Text(self.holder.brain.phrases.say(key, lang)),), (), lang)

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
            kept = self._keep(message, outcome)
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
            kept=kept,
        )
        return outcome.reply if kept else self._marked(outcome)

    def _marked(self, outcome: Outcome) -> Reply | None:
        """Say that nothing is remembered at the moment; a crisis answer stays as it is."""
        if outcome.reply is None or outcome.reply.urgent:
            return outcome.reply
        note = Text(self.holder.brain.phrases.say("stateless", outcome.session.lang), "notice")
        return replace(outcome.reply, blocks=(*outcome.reply.blocks, note))

    def _keep(self, message: IncomingMessage, outcome: Outcome) -> bool:
        try:
            self._store.save(message, outcome)
        except SQLAlchemyError as error:
            log.error("store.unwritable", reason=type(error).__name__, turn=outcome.turn_id)
            return False
        return True

    def _work(self, message: IncomingMessage) -> None:
        """Answer one message of a channel that is sent to."""
        adapter = self.adapters[message.channel]
        if not self._claimed(message):
            log.info("event.repeated", channel=message.channel, event_id=message.event_id)
            return
        if message.kind not in SILENT and not self._conversation.is_crisis(message):
            adapter.working(message.address)
        message = self._with_language(message, adapter)
        reply = self.answer(message)
        if reply is not None:
            send(adapter, message, reply)

    def _claimed(self, message: IncomingMessage) -> bool:
        try:
            return self._store.claim(message.channel, message.event_id)
        except SQLAlchemyError as error:
            log.error("store.unreachable", reason=type(error).__name__)
            return True

    def _with_language(self, message: IncomingMessage, adapter: Adapter) -> IncomingMessage:
        """Ask the channel for the language of a profile, once for somebody never seen."""
        if message.lang_hint is not None or message.kind in SILENT:
            return message
        try:
            known = self._store.load(message.channel, message.user_id) is not None
        except SQLAlchemyError:
            return message
        if known:
            return message
        return replace(message, lang_hint=adapter.profile_language(message.address))
