"""Read and write sessions and turns. One transaction a call; raises `sqlalchemy.exc.SQLAlchemyError`."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, Text, bindparam, cast, delete, insert, select, update

from adapters.messages import IncomingMessage, Reply
from bot.outcome import Outcome
from bot.session import Session
from bot.storage.database import Database
from bot.storage.engine import at_newest, insert_of
from bot.storage.tables import DEAD, Feedback, InboxRow, OutboxRow, SessionRow, Switch, Turn
from intents.masking import mask

_REPLY = TypeAdapter(Reply)
_STATES = select(SessionRow.key, SessionRow.state).where(
    SessionRow.key.in_(bindparam("keys", expanding=True))
)
_REPLAY = select(Turn.reply).where(
    Turn.session_key == bindparam("key"), Turn.event_id == bindparam("event_id")
)
_TURN = insert(Turn)
_SWITCHED_OFF = select(Switch.channel)
_OWN = select(Turn.id).where(Turn.id == bindparam("turn"), Turn.session_key == bindparam("key"))


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows a purge removed."""

    turns: int
    sessions: int
    events: int


class Store:
    """The database of one deployment. `secret`: the key under which user ids are hashed."""

    def __init__(self, engine: Engine, secret: bytes):
        self.database = Database(engine)
        self._engine = engine
        self._keyed = hmac.new(secret, digestmod="sha256")
        self._insert = insert_of(engine.dialect.name)
        session = self._insert(SessionRow)
        again = {"state": session.excluded.state, "updated_at": session.excluded.updated_at}
        self._remember = session.on_conflict_do_update(index_elements=["key"], set_=again)

    def key(self, channel: str, user_id: str) -> str:
        """Return the keyed hash under which a resident is stored, 64 hex digits."""
        said = f"{channel}\0{user_id}".encode("utf-8", "surrogatepass")
        keyed = self._keyed.copy()
        keyed.update(said)
        return keyed.hexdigest()

    def load(self, channel: str, user_id: str) -> Session | None:
        """Return what is remembered of a resident, None for somebody never seen."""
        key = self.key(channel, user_id)
        return self.load_all([key]).get(key)

    def load_all(self, keys: Sequence[str]) -> dict[str, Session]:
        """Return what is remembered of residents, by the keys of those that were seen before."""
        with self.database.reading() as db:
            rows = db.execute(_STATES, {"keys": keys}).all()
        return {key: Session.from_json(state) for key, state in rows}

    def replay(self, message: IncomingMessage) -> Reply | None:
        """Return the reply that this very message got before, None if it is new."""
        key = self.key(message.channel, message.user_id)
        with self.database.reading() as db:
            made = db.scalar(_REPLAY, {"key": key, "event_id": message.event_id[:128]})
        return _REPLY.validate_python(made) if made else None

    def save(self, message: IncomingMessage, outcome: Outcome) -> None:
        """Keep the session and the turn of `message` in a transaction of its own."""
        with self.database.transaction() as db:
            self.keep(db, [(message, outcome)])

    def keep(self, db: Connection, done: Iterable[tuple[IncomingMessage, Outcome]]) -> None:
        """Keep sessions and turns of messages, in their order; erase a resident where the outcome says so."""
        sessions: list[dict[str, Any]] = []
        turns: list[dict[str, Any]] = []
        begun = datetime.now(UTC)
        for position, (message, outcome) in enumerate(done):
            now = begun + timedelta(microseconds=position)  # their order is told by their times
            key = self.key(message.channel, message.user_id)
            if outcome.erase or message.kind == "unsend":
                self._write(db, sessions, turns)
                if outcome.erase:
                    self._erase(db, key)
                else:
                    self._unsend(db, key, message.ref)
                continue
            state = {"state": outcome.session.as_json(), "updated_at": now}
            sessions.append({"key": key, "channel": message.channel, "created_at": now, **state})
            turns.append(_turn(key, message, outcome, now))
            if outcome.feedback:
                self._write(db, sessions, turns)
                self._judge(db, key, outcome, now)
        self._write(db, sessions, turns)

    def _write(self, db: Connection, sessions: list[dict[str, Any]], turns: list[dict[str, Any]]) -> None:
        """Write rows and empty the lists."""
        if sessions:
            db.execute(self._remember, sessions)
            db.execute(_TURN, turns)
            sessions.clear()
            turns.clear()

    def _judge(self, db: Connection, key: str, outcome: Outcome, now: datetime) -> None:
        """Keep a judgement of one's own turn; a second one replaces the first.

        A reason stays when "no" is pressed again without one, and goes with a "yes".
        """
        turn_id, value = outcome.feedback or ("", 0)
        turn = db.scalar(_OWN, {"turn": turn_id[:32], "key": key})
        if turn is None:
            return
        said: dict[str, Any] = {"value": value, "at": now}
        if outcome.reason or value > 0:
            said["reason"] = outcome.reason
        judged = self._insert(Feedback).values(turn_id=turn, **said)
        db.execute(judged.on_conflict_do_update(index_elements=["turn_id"], set_=said))

    @staticmethod
    def _unsend(db: Connection, key: str, ref: str | None) -> None:
        """Erase the text of a message that was taken back."""
        wanted = update(Turn).where(Turn.session_key == key, Turn.message_ref == (ref or "")[:128])
        db.execute(wanted.values(said=None))

    def erase(self, channel: str, user_id: str) -> None:
        """Erase everything of a resident."""
        with self.database.transaction() as db:
            self._erase(db, self.key(channel, user_id))

    @staticmethod
    def _erase(db: Connection, key: str) -> None:
        turns = select(Turn.id).where(Turn.session_key == key)
        db.execute(delete(Feedback).where(Feedback.turn_id.in_(turns)))
        db.execute(delete(Turn).where(Turn.session_key == key))
        db.execute(delete(SessionRow).where(SessionRow.key == key))
        db.execute(delete(OutboxRow).where(OutboxRow.conversation == key))

    def purge(self, days: int, now: datetime | None = None, event_days: int = 7) -> Purged:
        """Erase turns and idle sessions older than `days`, events older than `event_days`."""
        now = now or datetime.now(UTC)
        old, old_events = now - timedelta(days=days), now - timedelta(days=event_days)
        turns = select(Turn.id).where(Turn.at < old)
        with self.database.transaction() as db:
            db.execute(delete(Feedback).where(Feedback.turn_id.in_(turns)))
            counts = [
                len(db.execute(statement).all())
                for statement in (
                    delete(Turn).where(Turn.at < old).returning(Turn.id),
                    delete(SessionRow).where(SessionRow.updated_at < old).returning(SessionRow.key),
                    delete(InboxRow).where(InboxRow.at < old_events.timestamp()).returning(InboxRow.id),
                )
            ]
            dead = (OutboxRow.state == DEAD, OutboxRow.at < old_events.timestamp())
            db.execute(delete(OutboxRow).where(*dead))
        return Purged(*counts)

    def forget_positions(self, minutes: int = 50, now: datetime | None = None) -> int:
        """Erase searches for places, and the positions in them, that nobody went on with for `minutes`."""
        old = (now or datetime.now(UTC)) - timedelta(minutes=minutes)
        searching = cast(SessionRow.state, Text).like('%"search": {%')
        left = select(SessionRow.key, SessionRow.state).where(SessionRow.updated_at < old, searching)
        with self.database.transaction() as db:
            rows = db.execute(left).all()
            for key, state in rows:
                forgotten = update(SessionRow).where(SessionRow.key == key)
                db.execute(forgotten.values(state={**state, "search": None}))
        return len(rows)

    def switched_off(self) -> frozenset[str]:
        """Return the channels that are switched off."""
        with self.database.reading() as db:
            return frozenset(db.scalars(_SWITCHED_OFF))

    def switch(self, channel: str, on: bool) -> None:
        """Switch a channel on or off."""
        with self.database.transaction() as db:
            db.execute(delete(Switch).where(Switch.channel == channel))
            if not on:
                db.execute(insert(Switch).values(channel=channel, at=datetime.now(UTC)))

    def ping(self) -> bool:
        """Return whether the database has the newest schema. Raises `SQLAlchemyError` if unreachable."""
        return at_newest(self._engine)

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._engine.dispose()


def _turn(key: str, message: IncomingMessage, outcome: Outcome, now: datetime) -> dict[str, Any]:
    """Return the row of one turn."""
    best = outcome.decision.candidates[0] if outcome.decision and outcome.decision.candidates else None
    return {
        "id": outcome.turn_id,
        "session_key": key,
        "event_id": message.event_id[:128],
        "message_ref": (message.message_id or "")[:128] or None,
        "at": now,
        "lang": outcome.session.lang,
        "said": mask(outcome.said) if outcome.said else None,
        "decision": outcome.decision.kind if outcome.decision else None,
        "entry_id": outcome.entry_id,
        "confidence": best.confidence if best else None,
        "reply": _REPLY.dump_python(outcome.reply, mode="json") if outcome.reply else None,
    }
