"""Answer messages of the inbox: several at once, their turns and replies kept in one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from adapters.base import JSON, Adapter
from adapters.messages import IncomingMessage, Reply
from bot import metrics
from bot.conversation import Conversation
from bot.delivery import send
from bot.durable.failpoints import failpoint
from bot.durable.inbox import Inbox, TakenError, Waiting
from bot.durable.outbox import Letter, Outbox, write
from bot.outcome import Outcome
from bot.recent import Recent
from bot.refusals import Refusals, note
from bot.session import Session
from bot.signals import Signals
from bot.storage.database import is_unwritable
from bot.storage.store import Store

log = structlog.get_logger()

Sessions = dict[str, Session]
Offer = Callable[[Sequence[Letter]], object]


@dataclass(frozen=True, slots=True)
class _Draft:
    """A message answered and not kept yet. `outcome`: None where it was declined, or answered before."""

    waiting: Waiting
    outcome: Outcome | None
    reply: Reply | None
    letters: Sequence[Letter]
    seconds: float


class Work:
    """Answers what waits. `answered`: events that were answered while nothing could be kept."""

    def __init__(
        self,
        conversation: Conversation,
        store: Store,
        inbox: Inbox,
        outbox: Outbox,
        refusals: Refusals,
        adapters: Mapping[str, Adapter],
        answered: Recent,
    ):
        self._conversation = conversation
        self._store = store
        self._inbox = inbox
        self._outbox = outbox
        self._refusals = refusals
        self._adapters = adapters
        self._answered = answered
        self._signals = Signals(adapters)

    def answer(self, together: Sequence[Waiting], owner: str | None, offer: Offer) -> None:
        """Answer messages, in their order; keep turns and replies in one transaction.

        `offer` gets the letters that `owner` then has in hand, of one conversation at a time. Messages that
        somebody else finished are left to them. Raises `SQLAlchemyError` where something could not be kept:
        those messages stay in the inbox.
        """
        sessions = self._store.load_all(list({waiting.conversation for waiting in together}))
        drafts = [self._draft(waiting, sessions) for waiting in self._told(together, sessions)]
        failpoint("answered")
        try:
            letters = self._keep(drafts, owner)
        except (TakenError, IntegrityError, DataError):
            self._one_by_one(drafts, owner, offer)
            return
        except SQLAlchemyError as error:
            if is_unwritable(error):
                self._answer_unkept(drafts)
            raise
        failpoint("kept")
        for some in _by_conversation(letters):
            offer(some)

    def _told(self, together: Sequence[Waiting], sessions: Sessions) -> Sequence[Waiting]:
        """Return the messages, with the language of the profile for who was never seen."""
        new = [one for one in together if one.conversation not in sessions]
        prepared = self._signals.with_languages([one.prepared for one in new])
        told = {one.id: Waiting(one.id, one.conversation, it) for one, it in zip(new, prepared, strict=True)}
        return [told.get(one.id, one) for one in together]

    def _draft(self, waiting: Waiting, sessions: Sessions) -> _Draft:
        """Answer one message after those before it. Raises `SQLAlchemyError`."""
        started = time.perf_counter()
        message = waiting.prepared.message
        outcome: Outcome | None = None
        try:
            if event_of(message) in self._answered:
                reply = None
            elif (why := self._refusals.why(waiting.prepared)) is not None:
                reply = self._refusals.decline(why, message)
            else:
                self._signals.working(waiting.prepared)
                outcome = self._conversation.answer(waiting.prepared, sessions.get(waiting.conversation))
                reply = outcome.reply
            letters = self._letters(waiting, reply)
        except SQLAlchemyError:
            raise
        except Exception:
            outcome, reply = None, self._refusals.trouble(message)
            letters = self._letters(waiting, reply)
        if outcome and outcome.erase:
            sessions.pop(waiting.conversation, None)
        elif outcome and message.kind != "unsend":
            sessions[waiting.conversation] = outcome.session
        return _Draft(waiting, outcome, reply, letters, time.perf_counter() - started)

    def _letters(self, waiting: Waiting, reply: Reply | None) -> list[Letter]:
        if reply is None:
            return []
        message = waiting.prepared.message
        adapter = self._adapters[message.channel]
        units: list[list[JSON]] = adapter.units(adapter.render(reply))
        return write(waiting.conversation, message.address, units, reply.urgent)

    def _keep(self, drafts: Sequence[_Draft], owner: str | None) -> tuple[Letter, ...]:
        """Keep drafts, all or none. Raises `TakenError`, `SQLAlchemyError`."""
        with self._store.database.transaction() as db:
            self._inbox.finish(db, [draft.waiting for draft in drafts])
            done = [(_message(draft), draft.outcome) for draft in drafts if draft.outcome]
            self._store.keep(db, done)
            in_hand = self._outbox.add(db, [one for draft in drafts for one in draft.letters], owner)
        for draft in drafts:
            if draft.outcome:
                note(_message(draft), draft.outcome, kept=True)
            metrics.TURN_SECONDS.labels(_message(draft).channel).observe(draft.seconds)
        return in_hand

    def _one_by_one(self, drafts: Sequence[_Draft], owner: str | None, offer: Offer) -> None:
        """Keep each draft that can be kept. Raises the last error when one could not be."""
        failed: SQLAlchemyError | None = None
        for draft in drafts:
            try:
                letters = self._keep([draft], owner)
            except TakenError:
                log.info("inbox.taken", message=draft.waiting.id)
            except SQLAlchemyError as error:
                log.error("work.unkept", reason=type(error).__name__, message=draft.waiting.id)
                failed = error
            else:
                offer(letters)
        if failed:
            raise failed

    def _answer_unkept(self, drafts: Sequence[_Draft]) -> None:
        """Answer what cannot be kept now, once; it is noted when that is possible."""
        for draft in drafts:
            message = _message(draft)
            if draft.reply is not None and self._answered.add(event_of(message)):
                shown = self._refusals.forgetful(draft.outcome) if draft.outcome else draft.reply
                send(self._adapters[message.channel], message, shown or draft.reply)

    def close(self) -> None:
        """Drop signals that were not given yet."""
        self._signals.close()


def event_of(message: IncomingMessage) -> tuple[str, str]:
    """Return what tells an event from all others: channel and event id."""
    return message.channel, message.event_id


def _message(draft: _Draft) -> IncomingMessage:
    return draft.waiting.prepared.message


def _by_conversation(letters: Sequence[Letter]) -> list[list[Letter]]:
    """Return letters that are sent one after the other together; the urgent wait for no others."""
    groups: dict[tuple[str, bool], list[Letter]] = {}
    for letter in letters:
        groups.setdefault((letter.conversation, letter.urgent), []).append(letter)
    return list(groups.values())
