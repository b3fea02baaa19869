"""The inbox: webhook events from their receipt until their answer is in the outbox.

Statements are plain SQL that SQLite and PostgreSQL read alike: this is the path of every message. All methods
raise `sqlalchemy.exc.SQLAlchemyError`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, text

from bot.durable.arrivals import Arrival, keep
from bot.durable.sealing import Sealer, UnsealError
from bot.intake import Prepared
from bot.storage.database import Database
from bot.storage.tables import WAITING
from bot.storage.together import Together

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
PER_CLAIM = 100
AHEAD = 1000
"""Messages beyond those looked at among which a claim finds more of the same conversations.

What comes later than that is left for a later claim: a long backlog must not make each claim long.
"""

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
# Both values of `urgent`, and `+at`: so SQLite goes by the index of what waits, up to `last`, and no other.
_HELD = text(
    "SELECT id, channel, event_id, conversation, tries, payload FROM inbox "
    "WHERE state = 0 AND urgent IN (0, 1) AND id <= :last AND conversation IN :conversations "
    "AND (hold < :now OR hold > :far) ORDER BY +at, id LIMIT :limit"
).bindparams(bindparam("conversations", expanding=True))
_TRIED = text("UPDATE inbox SET tries = tries + 1 WHERE id IN :ids").bindparams(
    bindparam("ids", expanding=True)
)
_FINISH = text(
    "UPDATE inbox SET state = 1, payload = NULL, conversation = NULL WHERE id IN :ids AND state = 0"
).bindparams(bindparam("ids", expanding=True))
_GIVE_UP = text(
    "UPDATE inbox SET state = 2, conversation = NULL, payload = NULL WHERE id = :id AND state = 0"
)
_RELEASE = text("DELETE FROM leases WHERE owner = :owner AND conversation IN :conversations").bindparams(
    bindparam("conversations", expanding=True)
)
_RENEW = text("UPDATE leases SET until = :until WHERE owner = :owner")
_SWEEP = text("DELETE FROM leases WHERE until < :before")
_WAITING = text("SELECT count(*), min(at) FROM inbox WHERE state = 0")


class TakenError(Exception):
    """Another worker finished these messages, or one of them."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row of the inbox in hand. `conversation`: the keyed hash."""

    id: int
    conversation: str
    prepared: Prepared


@dataclass(slots=True, eq=False)
class Arriving:
    """What one thread wants kept, and which of it was new.

    `make`: makes its messages fit for keeping. The thread that writes calls it, for its own and for those of
    others, one after the other: the same work done together takes a good part less than here and there.
    """

    make: Callable[[], Sequence[Prepared]]
    fresh: list[Waiting] = field(default_factory=list)
    failure: Exception | None = None
    made: list[tuple[Prepared, Arrival]] | None = None

    def prepared(self) -> Sequence[Prepared]:
        """Return the messages fit for keeping. Raises what `make` raises."""
        if self.failure is not None:
            raise self.failure
        return self.make() if self.made is None else [prepared for prepared, _ in self.made]


class Inbox:
    """The inbox of one deployment. `key`: (channel, user id) → keyed hash of the conversation."""

    def __init__(self, database: Database, sealer: Sealer, key: Callable[[str, str], str]):
        self._database = database
        self._sealer = sealer
        self._key = key
        self._together = Together(self._keep)

    def receive(self, mine: Arriving) -> None:
        """Keep messages, all or none, and tell which were not known yet. Raises what `mine.make` raises."""
        self._together.put(mine)
        if mine.failure is not None:
            raise mine.failure

    def _keep(self, take: Callable[[], Sequence[Arriving]]) -> None:
        """Keep what several threads brought, and tell each what of it was new."""
        together = take()
        rows = [row for arriving in together for _, row in self._made(arriving)]
        if not rows:
            return
        numbers = keep(self._database, rows)
        for arriving in together:
            arriving.fresh = [
                Waiting(number, row.conversation, prepared)
                for prepared, row in self._made(arriving)
                if (number := numbers.pop(row.known, None)) is not None
            ]

    def _made(self, arriving: Arriving) -> list[tuple[Prepared, Arrival]]:
        """Return messages with their rows, made once. What fails is its own thread's matter."""
        if arriving.made is None:
            try:
                arriving.made = [(prepared, self._row(prepared)) for prepared in arriving.make()]
            except Exception as error:
                arriving.failure, arriving.made = error, []
        return arriving.made

    def _row(self, prepared: Prepared) -> Arrival:
        message = prepared.message
        return Arrival(
            channel=message.channel,
            event_id=message.event_id[:128],
            conversation=self._key(message.channel, message.user_id),
            at=message.received_at.timestamp(),
            hold=time.time() + URGENT_HOLD if prepared.urgent else 0.0,
            urgent=int(prepared.urgent),
            tries=0,
            state=WAITING,
            payload=self._sealer.seal(_PREPARED.dump_json(prepared)),
        )

    def claim(self, owner: str, conversations: int) -> list[Waiting]:
        """Take up to `conversations` conversations that nobody holds. Return their messages in order."""
        with self._database.reading() as db:  # most looks find nothing and must not take the write lock
            if not db.execute(_FREE, _window(limit=1)).first():
                return []
        with self._database.transaction() as db:
            taken, last = self._take(db, owner, conversations)
            if not taken:
                return []
            held = db.execute(_HELD, _window(limit=PER_CLAIM, conversations=taken, last=last)).all()
            db.execute(_TRIED, {"ids": [row.id for row in held] or [0]})
        return [waiting for row in held if (waiting := self._open(row))]

    @staticmethod
    def _take(db: Connection, owner: str, wanted: int) -> tuple[list[str], int]:
        """Lease conversations: the urgent first, then by age; one that failed before comes alone.

        Return them, and the number of the last message to look at.
        """
        taken: list[str] = []
        seen: set[str] = set()
        free = db.execute(_FREE, _window(limit=SCAN)).all()
        for row in free:
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
        return taken, AHEAD + max((row.id for row in free), default=0)

    def _open(self, row: Any) -> Waiting | None:
        """Return a row in hand; give up one that cannot be read, or that ends every worker that tries it."""
        reason = "no end in sight" if row.tries >= DEAD_AFTER else None
        try:
            prepared = _PREPARED.validate_json(self._sealer.unseal(row.payload))
        except (UnsealError, ValueError) as error:
            reason = str(error) if isinstance(error, UnsealError) else "unreadable"
        if reason is None:
            return Waiting(row.id, row.conversation, prepared)
        log.error("inbox.given_up", channel=row.channel, event_id=row.event_id, reason=reason)
        with self._database.transaction() as db:
            db.execute(_GIVE_UP, {"id": row.id})
        return None

    @staticmethod
    def finish(db: Connection, done: Sequence[Waiting]) -> None:
        """Mark messages answered, in the transaction that keeps their answers. Raises `TakenError`."""
        if db.execute(_FINISH, {"ids": [waiting.id for waiting in done]}).rowcount != len(done):
            raise TakenError(str([waiting.id for waiting in done]))

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
