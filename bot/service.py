"""The service: gives messages their session, answers them, keeps the turn and the reply.

Two ways in: `answer` (web, console: the reply goes back at once) and `receive` (LINE, Telegram: into the
inbox, acknowledged, answered by a worker through `work`).  Where the inbox cannot be written, and for
whoever is in danger, `receive` answers without a worker.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import structlog
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from adapters.base import JSON, Adapter
from adapters.messages import IncomingMessage, Reply, Text
from bot import metrics
from bot.brain import BrainHolder
from bot.conversation import Conversation
from bot.delivery import send
from bot.dispatch import Dispatcher
from bot.durable.failpoints import failpoint
from bot.durable.inbox import Inbox, Waiting
from bot.durable.outbox import Letter, Outbox, write
from bot.durable.sender import Sender
from bot.intake import Prepared
from bot.limits import TurnLimits
from bot.outcome import Outcome
from bot.recent import Recent
from bot.session import Session, lang_from_tag
from bot.storage.database import is_unwritable
from bot.storage.store import Store
from bot.switches import Switches
from bot.urgent import Urgent
from knowledge.models import Lang

log = structlog.get_logger()

SILENT = ("unfollow", "unsend")
"""Kinds of event to which nothing may be sent."""
BEHIND_SECONDS = 5.0
"""Age of a message from which nothing is asked of the channel before it is answered."""


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
        self.holder = holder
        self.adapters: dict[str, Adapter] = {}
        self.sender: Sender | None = None
        self._conversation = conversation
        self._store = store
        self._inbox = inbox
        self._outbox = outbox
        self._dispatcher = dispatcher
        self._limits = limits
        self._switches = switches
        self._wake = wake
        self._urgent = Urgent(dispatcher, inbox, store.database, self.work, self._without_inbox)
        self._notices = TurnLimits("1/minute")
        self._seen = Recent(20_000)
        self._signals = ThreadPoolExecutor(4, thread_name_prefix="signal")

    # --- at once: web, console ----------------------------------------------------------------------------

    def answer(self, message: IncomingMessage) -> Reply | None:
        """Answer one message now. The same message again gets the same reply. Never raises."""
        started = time.perf_counter()
        try:
            reply = self._answer(self._conversation.prepare(message))
        except Exception:
            reply = self._trouble(message)
        metrics.TURN_SECONDS.labels(message.channel).observe(time.perf_counter() - started)
        return reply

    def _answer(self, prepared: Prepared, kept: bool = True) -> Reply | None:
        message = prepared.message
        if (why := self._refusal(prepared)) is not None:
            return self._decline(why, message)
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
        self._note(message, outcome, kept)
        return outcome.reply if kept else self._marked(outcome)

    def _marked(self, outcome: Outcome) -> Reply | None:
        """Say that nothing is remembered at the moment; a crisis answer stays as it is."""
        if outcome.reply is None or outcome.reply.urgent:
            return outcome.reply
        note = Text(self.holder.brain.phrases.say("stateless", outcome.session.lang), "notice")
        return replace(outcome.reply, blocks=(*outcome.reply.blocks, note))

    # --- after the acknowledgement: LINE, Telegram --------------------------------------------------------

    def receive(self, messages: list[IncomingMessage]) -> None:
        """Take messages up: kept when this returns; answered later, in order within a conversation."""
        new = [message for message in messages if _event(message) not in self._seen]
        received = [self._conversation.prepare(message) for message in new]
        failpoint("received")
        try:
            fresh = self._inbox.put(received)
        except SQLAlchemyError as error:
            log.error("inbox.unwritable", reason=type(error).__name__)
            for prepared in received:
                key = (prepared.message.channel, prepared.message.user_id)
                self._dispatcher.submit(key, self._without_inbox, prepared)
            return  # the acknowledgement stands: the channel would send a refused event again, and late
        failpoint("stored")
        if len(fresh) < len(received):
            log.info("event.repeated", channel=messages[0].channel, events=len(received) - len(fresh))
        for waiting in fresh:
            if waiting.prepared.urgent and self.sender is not None:
                self._urgent.take(waiting, self.sender)
        if fresh:
            self._wake()

    def _without_inbox(self, prepared: Prepared) -> bool:
        """Answer without the database, once; nothing is remembered. Return whether this was the time."""
        message = prepared.message
        if not self._seen.add(_event(message)):
            return False
        try:
            reply = self._answer(prepared, kept=False)
        except Exception:
            reply = self._trouble(message)
        if reply is not None:
            send(self.adapters[message.channel], message, reply)
        return True

    def work(self, waiting: Waiting, owner: str | None) -> Sequence[Letter]:
        """Answer one message of the inbox; keep turn and reply in one transaction.

        Return the letters that `owner` then has in hand. Raises `TakenError` where somebody else was first,
        `SQLAlchemyError` where nothing could be kept: the message stays in the inbox.
        """
        started = time.perf_counter()
        prepared = waiting.prepared
        message = prepared.message
        event = _event(message)
        if event in self._seen:  # answered while nothing could be kept
            with self._store.database.transaction() as db:
                self._inbox.finish(db, waiting)
            return ()
        outcome: Outcome | None = None
        try:
            if (why := self._refusal(prepared)) is not None:
                reply = self._decline(why, message)
            else:
                session = self._store.load(message.channel, message.user_id)
                if session is None:
                    prepared = self._with_language(prepared)
                self._show_working(prepared)
                outcome = self._conversation.answer(prepared, session)
                reply = outcome.reply
            letters = self._letters(waiting, reply)
        except SQLAlchemyError:
            raise
        except Exception:
            outcome, reply = None, self._trouble(message)
            letters = self._letters(waiting, reply)
        failpoint("answered")
        try:
            with self._store.database.transaction() as db:
                self._inbox.finish(db, waiting)
                if outcome:
                    self._store.keep(db, message, outcome)
                in_hand = self._outbox.add(db, letters, owner)
        except SQLAlchemyError as error:  # unwritable: answer once, and note it when that can be noted
            if reply is not None and is_unwritable(error) and self._seen.add(event):
                shown = self._marked(outcome) if outcome else reply
                send(self.adapters[message.channel], message, shown or reply)
            raise
        failpoint("kept")
        if outcome:
            self._note(message, outcome, kept=True)
        metrics.TURN_SECONDS.labels(message.channel).observe(time.perf_counter() - started)
        return in_hand

    def _letters(self, waiting: Waiting, reply: Reply | None) -> list[Letter]:
        if reply is None:
            return []
        message = waiting.prepared.message
        adapter = self.adapters[message.channel]
        units: list[list[JSON]] = adapter.units(adapter.render(reply))
        return write(waiting.conversation, message.address, units, reply.urgent)

    def _with_language(self, prepared: Prepared) -> Prepared:
        """Ask the channel for the language of a profile, once for somebody never seen, if there is time."""
        message = prepared.message
        if message.lang_hint or message.kind in SILENT or prepared.urgent or _age(message) > BEHIND_SECONDS:
            return prepared
        language = self.adapters[message.channel].profile_language(message.address)
        return replace(prepared, message=replace(message, lang_hint=language))

    def _show_working(self, prepared: Prepared) -> None:
        """Have the channel show that an answer is coming; not where that would keep somebody waiting."""
        message = prepared.message
        if message.kind in SILENT or prepared.urgent or _age(message) > BEHIND_SECONDS:
            return
        self._signals.submit(self.adapters[message.channel].working, message.address)

    def close(self) -> None:
        """Drop signals that were not given yet."""
        self._signals.shutdown(wait=False, cancel_futures=True)

    # --- common -------------------------------------------------------------------------------------------

    def _refusal(self, prepared: Prepared) -> str | None:
        """Return why a message is not answered (the phrase that says so); danger to life always is."""
        message = prepared.message
        if message.kind in SILENT or prepared.urgent:
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

    def _trouble(self, message: IncomingMessage) -> Reply | None:
        """Log the exception at hand and say that something went wrong."""
        log.exception("turn.failed", channel=message.channel, event_id=message.event_id)
        metrics.TURNS.labels(message.channel, "error", "").inc()
        return None if message.kind in SILENT else self._say("trouble", message)

    def _say(self, key: str, message: IncomingMessage) -> Reply:
        lang: Lang = lang_from_tag(message.lang_hint) or "ja"
        return Reply((Text(self.holder.brain.phrases.say(key, lang)),), (), lang)

    def _note(self, message: IncomingMessage, outcome: Outcome, kept: bool) -> None:
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


def _event(message: IncomingMessage) -> tuple[str, str]:
    return message.channel, message.event_id


def _age(message: IncomingMessage) -> float:
    """Return the seconds since the event."""
    return time.time() - message.received_at.timestamp()
