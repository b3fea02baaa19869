"""The inbox: webhook events from their receipt until their answer is in the outbox.

Statements are plain SQL that SQLite and PostgreSQL read alike: this is the path of every message. All methods
raise `sqlalchemy.exc.SQLAlchemyError`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from pydantic import TypeAdapter
from sqlalchemy import Executable, bindparam, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session as Transaction

from bot.durable.sealing import Sealer, UnsealError
from bot.intake import Prepared
from bot.storage.database import Database, is_lock
from bot.storage.tables import WAITING, InboxRow

log = structlog.get_logger()

LEASE_SECONDS = 15.0
"""How long a worker that says nothing keeps what it holds; a live one says so every third of it."""
URGENT_HOLD = 5.0
"""Seconds in which the process that received an urgent message answers it itself."""
FAR = 10 * LEASE_SECONDS
"""A lease that ends later than this was written before the clock was set back."""
ALONE_AFTER, DEAD_AFTER = 3, 10
"""Claims without an end after which a message is tried by itself, and after which it is given up."""
SCAN = 64
GATHER_SECONDS = 0.001
"""How long events are gathered for one commit, when the last commit was of more than one thread's."""
PER_CLAIM = 100

_PREPARED = TypeAdapter(Prepared)

_FREE = text(
    "SELECT i.id, i.conversation, i.tries FROM inbox i LEFT JOIN leases l ON l.conversation = i.conversation "
    "WHERE i.state = 0 AND (i.hold < :now OR i.hold > :far) "
    "AND (l.until IS NULL OR l.until < :now OR l.until > :far) ORDER BY i.urgent DESC, i.id LIMIT :limit"
)
_TAKE = text(
    "INSERT INTO leases (conversation, owner, until) VALUES (:conversation, :owner, :until) "
    "ON CONFLICT (conversation) DO UPDATE SET owner = excluded.owner, until = excluded.until "
    "WHERE leases.until < :now OR leases.until > :far RETURNING conversation"
)
_HELD = text(
    "SELECT id, channel, event_id, conversation, tries, payload FROM inbox "
    "WHERE state = 0 AND conversation IN :conversations AND (hold < :now OR hold > :far) "
    "ORDER BY at, id LIMIT :limit"
).bindparams(bindparam("conversations", expanding=True))
_TRIED = text("UPDATE inbox SET tries = tries + 1 WHERE id IN :ids").bindparams(
    bindparam("ids", expanding=True)
)
_FINISH = text("UPDATE inbox SET state = 1, payload = NULL, conversation = NULL WHERE id = :id AND state = 0")
_GIVE_UP = text(
    "UPDATE inbox SET state = 2, conversation = NULL, payload = NULL WHERE id = :id AND state = 0"
)
_RELEASE = text("DELETE FROM leases WHERE owner = :owner AND conversation IN :conversations").bindparams(
    bindparam("conversations", expanding=True)
)
_RENEW = text("UPDATE leases SET until = :until WHERE owner = :owner")
_SWEEP = text("DELETE FROM leases WHERE until < :before")
_WAITING = text("SELECT count(*), min(at) FROM inbox WHERE state = 0")


def _statement(dialect: str) -> Executable:
    """Return the statement that keeps many events at once and gives the numbers of those that were new."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    table = InboxRow.__table__.c
    kept = insert(InboxRow).on_conflict_do_nothing(index_elements=["channel", "event_id"])
    return kept.returning(table.id, table.channel, table.event_id)


class TakenError(Exception):
    """Another worker finished this message."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row of the inbox in hand. `conversation`: the keyed hash."""

    id: int
    conversation: str
    prepared: Prepared


@dataclass(slots=True, eq=False)
class _Putting:
    """What one thread wants kept, and what became of it."""

    rows: list[tuple[Prepared, dict[str, Any]]]
    fresh: list[Waiting] = field(default_factory=list)
    error: SQLAlchemyError | None = None
    settled: bool = False
    turn: threading.Event = field(default_factory=threading.Event)


class Inbox:
    """The inbox of one deployment. `key`: (channel, user id) → keyed hash of the conversation."""

    def __init__(self, database: Database, sealer: Sealer, key: Callable[[str, str], str]):
        self._database = database
        self._sealer = sealer
        self._key = key
        self._queueing = threading.Lock()
        self._queued: list[_Putting] = []
        self._led = self._crowded = False
        self._put = _statement(database.engine.dialect.name)

    def put(self, received: Iterable[Prepared]) -> list[Waiting]:
        """Keep messages, all or none. Return those that were not known yet."""
        mine = _Putting([(prepared, self._row(prepared)) for prepared in received])
        with self._queueing:
            leading, self._led = not self._led, True
            self._queued.append(mine)
        if not leading:
            mine.turn.wait()
        if not mine.settled:
            self._lead()
        if mine.error is not None:
            raise mine.error
        return mine.fresh

    def _lead(self) -> None:
        """Keep what this thread and all others that wait have brought: one commit for many. Never raises."""
        if self._crowded:
            time.sleep(GATHER_SECONDS)
        with self._queueing:
            together, self._queued = self._queued, []
        self._crowded = len(together) > 1
        try:
            self._put_all(together)
        finally:
            with self._queueing:
                following = self._queued[:1]
                self._led = bool(following)
            for putting in (*together, *following):  # who is not settled yet leads next
                putting.turn.set()

    def _put_all(self, together: list[_Putting]) -> None:
        """Keep what several threads brought, and tell each what became of it. Never raises."""
        for tried in (1, 2):  # a busy moment: once more, before messages are answered without a database
            error = self._try_to_put(together)
            if error is None or not is_lock(error) or tried == 2:
                break
        for putting in together:
            if error is not None and len(together) > 1 and not isinstance(error, OperationalError):
                putting.error = self._try_to_put([putting])  # one of them alone may be at fault
            else:
                putting.error = error
            putting.settled = True

    def _try_to_put(self, together: list[_Putting]) -> SQLAlchemyError | None:
        try:
            rows = [row for putting in together for _, row in putting.rows]
            if not rows:
                return None
            with self._database.connection() as connection:
                made = connection.execute(self._put, rows).all()
            numbers = {(channel, event): number for number, channel, event in made}
            for putting in together:
                putting.fresh = [
                    Waiting(number, row["conversation"], prepared)
                    for prepared, row in putting.rows
                    if (number := numbers.pop((row["channel"], row["event_id"]), None)) is not None
                ]
        except SQLAlchemyError as error:
            return error
        return None

    def _row(self, prepared: Prepared) -> dict[str, Any]:
        message = prepared.message
        return {
            "channel": message.channel,
            "event_id": message.event_id[:128],
            "conversation": self._key(message.channel, message.user_id),
            "at": message.received_at.timestamp(),
            "hold": time.time() + URGENT_HOLD if prepared.urgent else 0.0,
            "urgent": int(prepared.urgent),
            "tries": 0,
            "state": WAITING,
            "payload": self._sealer.seal(_PREPARED.dump_python(prepared, mode="json")),
        }

    def claim(self, owner: str, conversations: int) -> list[Waiting]:
        """Take up to `conversations` conversations that nobody holds. Return their messages in order."""
        with self._database.reading() as db:  # most looks find nothing and must not take the write lock
            if not db.execute(_FREE, _window(limit=1)).first():
                return []
        with self._database.transaction() as db:
            taken = self._take(db, owner, conversations)
            if not taken:
                return []
            held = db.execute(_HELD, _window(limit=PER_CLAIM, conversations=taken)).all()
            db.execute(_TRIED, {"ids": [row.id for row in held] or [0]})
        return [waiting for row in held if (waiting := self._open(row))]

    @staticmethod
    def _take(db: Transaction, owner: str, wanted: int) -> list[str]:
        """Lease conversations: the urgent first, then by age; one that failed before comes alone."""
        taken: list[str] = []
        seen: set[str] = set()
        for row in db.execute(_FREE, _window(limit=SCAN)).all():
            if row.conversation in seen:
                continue
            seen.add(row.conversation)
            alone = row.tries >= ALONE_AFTER
            if alone and taken:
                continue
            lease = _window(conversation=row.conversation, owner=owner, until=time.time() + LEASE_SECONDS)
            if db.scalar(_TAKE, lease):
                taken.append(row.conversation)
            if alone or len(taken) >= wanted:
                break
        return taken

    def _open(self, row: Any) -> Waiting | None:
        """Return a row in hand; give up one that cannot be read, or that ends every worker that tries it."""
        reason = "no end in sight" if row.tries >= DEAD_AFTER else None
        try:
            prepared = _PREPARED.validate_python(self._sealer.unseal(row.payload))
        except (UnsealError, ValueError) as error:
            reason = str(error) if isinstance(error, UnsealError) else "unreadable"
        if reason is None:
            return Waiting(row.id, row.conversation, prepared)
        log.error("inbox.given_up", channel=row.channel, event_id=row.event_id, reason=reason)
        with self._database.transaction() as db:
            db.execute(_GIVE_UP, {"id": row.id})
        return None

    @staticmethod
    def finish(db: Transaction, waiting: Waiting) -> None:
        """Mark a message answered, in the transaction that keeps its answer. Raises `TakenError`."""
        if db.execute(_FINISH, {"id": waiting.id}).rowcount != 1:  # type: ignore[attr-defined]
            raise TakenError(str(waiting.id))

    def release(self, owner: str, conversations: Sequence[str]) -> None:
        """Give conversations back."""
        if conversations:
            with self._database.transaction() as db:
                db.execute(_RELEASE, {"owner": owner, "conversations": list(conversations)})

    def renew(self, owner: str) -> None:
        """Say that `owner` lives and goes on with what it holds."""
        with self._database.transaction() as db:
            db.execute(_RENEW, {"owner": owner, "until": time.time() + LEASE_SECONDS})

    def sweep(self) -> None:
        """Forget leases of workers that are long gone."""
        with self._database.transaction() as db:
            db.execute(_SWEEP, {"before": time.time() - FAR})

    def backlog(self) -> tuple[int, float]:
        """Return how many messages wait, and for how many seconds the oldest has."""
        with self._database.reading() as db:
            count, oldest = db.execute(_WAITING).one()
        return count, max(0.0, time.time() - oldest) if oldest is not None else 0.0


def _window(**more: Any) -> dict[str, Any]:
    """Return the parameters of now: what ended before `:now` is over, what ends after `:far` is a leap."""
    now = time.time()
    return {"now": now, "far": now + FAR, **more}
