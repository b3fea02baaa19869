"""The outbox: replies from the transaction that decided them until the channel has them.

A conversation's replies leave in order: a row may be sent only when no earlier one of the conversation
waits; urgent rows wait for earlier urgent ones alone. All methods raise `sqlalchemy.exc.SQLAlchemyError`.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, insert, text

from adapters.base import JSON
from adapters.messages import Address
from bot.durable.inbox import FAR, LEASE_SECONDS
from bot.durable.sealing import Sealer, UnsealError
from bot.storage.database import Database
from bot.storage.tables import WAITING, OutboxRow
from bot.storage.together import Together

FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0
"""Seconds before the second try, and at most before any later one; each is stretched by chance."""
LONGEST_ASKED = 3600.0
"""Seconds that a channel may ask to wait; a row due much later was written before the clock was set back."""
LAST_TRY = 30
"""Tries after which a reply becomes a dead letter."""

_ADDRESS = TypeAdapter(Address)

_ADD = insert(OutboxRow).returning(OutboxRow.id, sort_by_parameter_order=True)
_EARLIER = text(
    "SELECT DISTINCT conversation FROM outbox WHERE conversation IN :conversations AND state = 0"
).bindparams(bindparam("conversations", expanding=True))
_READY = (
    "SELECT o.id, o.conversation, o.channel, o.at, o.urgent, o.tries, o.payload FROM outbox o "
    "WHERE o.state = 0 AND (o.due < :now OR o.due > :beyond) AND (o.until < :now OR o.until > :far) "
    "AND NOT EXISTS (SELECT 1 FROM outbox p WHERE p.conversation = o.conversation AND p.id < o.id "
    "AND p.state = 0 AND p.urgent >= o.urgent) ORDER BY o.urgent DESC, o.id LIMIT :limit"
)
_HOLD = text(
    "UPDATE outbox SET owner = :owner, until = :until, tries = tries + 1 WHERE id IN :ids"
).bindparams(bindparam("ids", expanding=True))
_DONE = text("DELETE FROM outbox WHERE id = :id AND owner = :owner")
_AGAIN = text(
    "UPDATE outbox SET owner = NULL, until = 0, due = :due, reason = :reason "
    "WHERE id = :id AND owner = :owner"
)
_DIES = text(
    "UPDATE outbox SET owner = NULL, until = 0, state = 2, reason = :reason WHERE id = :id AND owner = :owner"
)
_LET_GO = text(
    "UPDATE outbox SET owner = NULL, until = 0, tries = tries - 1 WHERE id IN :ids AND owner = :owner"
).bindparams(bindparam("ids", expanding=True))
_RENEW = text(
    "UPDATE outbox SET until = :until WHERE owner = :owner AND state = 0 AND id IN :ids"
).bindparams(bindparam("ids", expanding=True))
_LETTERS = text("SELECT id, channel, at, tries, reason FROM outbox WHERE state = 2 ORDER BY id")
_REVIVE = text("UPDATE outbox SET state = 0, tries = 0, due = 0, reason = NULL WHERE state = 2 AND id = :id")
_DROP = text("DELETE FROM outbox WHERE state = 2 AND id = :id")
_WAITING = text("SELECT count(*), min(at) FROM outbox WHERE state = 0")
_DEAD = text("SELECT count(*) FROM outbox WHERE state = 2")


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to a channel, in hand. `tries`: this one included. `key`: a UUID, the same in each try."""

    id: int
    conversation: str
    to: Address
    messages: list[JSON]
    key: str
    urgent: bool
    tries: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A reply that could not be sent. `at`: when the resident wrote, seconds since 1970."""

    id: int
    channel: str
    at: float
    tries: int
    reason: str


class Outbox:
    """The outbox of one deployment."""

    def __init__(self, database: Database, sealer: Sealer):
        self._database = database
        self._sealer = sealer
        self._arrived = Together(self._forget)

    def add(self, db: Connection, letters: Sequence[Letter], owner: str | None = None) -> tuple[Letter, ...]:
        """Keep letters, in their order, in the transaction that decided them.

        `owner`: who will send them at once. Return those that it then has in hand: of a conversation all, or,
        but for the urgent, none where an earlier letter of it still waits.
        """
        if not letters:
            return ()
        conversations = list(dict.fromkeys(letter.conversation for letter in letters if not letter.urgent))
        waits = set(db.scalars(_EARLIER, {"conversations": conversations})) if conversations else set()
        holders = [owner if letter.urgent or letter.conversation not in waits else None for letter in letters]
        rows = [self._row(letter, holder) for letter, holder in zip(letters, holders, strict=True)]
        numbers = db.scalars(_ADD, rows).all()
        return tuple(
            replace(letter, id=number, tries=1)
            for letter, number, holder in zip(letters, numbers, holders, strict=True)
            if holder
        )

    def _row(self, letter: Letter, holder: str | None) -> dict[str, Any]:
        sealed = {
            "to": _ADDRESS.dump_python(letter.to, mode="json"),
            "messages": letter.messages,
            "key": letter.key,
        }
        return {
            "conversation": letter.conversation,
            "channel": letter.to.channel,
            "at": letter.to.received_at.timestamp(),
            "due": 0.0,
            "owner": holder,
            "until": time.time() + LEASE_SECONDS if holder else 0.0,
            "urgent": int(letter.urgent),
            "tries": 1 if holder else 0,
            "state": WAITING,
            "payload": self._sealer.seal(json.dumps(sealed, ensure_ascii=False).encode()),
        }

    def claim(self, owner: str, limit: int) -> list[Letter]:
        """Take up to `limit` letters that may be sent now, the urgent first."""
        now = time.time()
        window: dict[str, Any] = {
            "now": now,
            "far": now + FAR,
            "beyond": now + 2 * LONGEST_ASKED,
            "limit": limit,
        }
        with self._database.reading() as db:
            if not db.execute(text(_READY), {**window, "limit": 1}).first():
                return []
        with self._database.transaction() as db:
            locks = " FOR UPDATE OF o SKIP LOCKED" if db.dialect.name == "postgresql" else ""
            rows = db.execute(text(_READY + locks), window).all()
            if not rows:
                return []
            hold = {"owner": owner, "until": now + LEASE_SECONDS, "ids": [row.id for row in rows]}
            db.execute(_HOLD, hold)
        return [letter for row in rows if (letter := self._open(row, owner))]

    def _open(self, row: Any, owner: str) -> Letter | None:
        try:
            sealed = json.loads(self._sealer.unseal(row.payload))
        except UnsealError as error:
            self._mark(_DIES, id=row.id, owner=owner, reason=str(error))
            return None
        return Letter(
            row.id,
            row.conversation,
            _ADDRESS.validate_python(sealed["to"]),
            sealed["messages"],
            sealed["key"],
            bool(row.urgent),
            row.tries + 1,
        )

    def done(self, letter: Letter, owner: str) -> None:
        """Forget a letter that the channel has, or that is not worth sending any more."""
        self._arrived.put((letter.id, owner))

    def _forget(self, take: Callable[[], Sequence[tuple[int, str]]]) -> None:
        with self._database.transaction() as db:
            db.execute(_DONE, [{"id": number, "owner": owner} for number, owner in take()])

    def again(self, letter: Letter, owner: str, reason: str, after: float | None = None) -> float | None:
        """Put a letter back after a failure that may pass. `after`: seconds that the channel asks to wait.

        Return the seconds until the next try; None when it was the last and the letter is dead.
        """
        if letter.tries >= LAST_TRY:
            self.dies(letter, owner, reason)
            return None
        wait: float = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (letter.tries - 1)) * random.uniform(0.5, 1.5)  # noqa: S311
        wait = max(wait, min(after or 0.0, LONGEST_ASKED))
        self._mark(_AGAIN, id=letter.id, owner=owner, reason=reason[:200], due=time.time() + wait)
        return wait

    def dies(self, letter: Letter, owner: str, reason: str) -> None:
        """Make a letter that cannot be delivered a dead letter."""
        self._mark(_DIES, id=letter.id, owner=owner, reason=reason[:200])

    def let_go(self, letters: Sequence[Letter], owner: str) -> None:
        """Put letters back that were in hand and not tried."""
        if letters:
            self._mark(_LET_GO, ids=[letter.id for letter in letters], owner=owner)

    def renew(self, owner: str, ids: Sequence[int]) -> None:
        """Say that `owner` lives and goes on with the letters `ids`."""
        if ids:
            self._mark(_RENEW, owner=owner, until=time.time() + LEASE_SECONDS, ids=list(ids))

    def _mark(self, statement: Any, **values: Any) -> None:
        with self._database.transaction() as db:
            db.execute(statement, values)

    # --- for staff ----------------------------------------------------------------------------------------

    def dead_letters(self) -> list[DeadLetter]:
        """Return the replies that could not be sent, the oldest first; without who and what."""
        with self._database.reading() as db:
            return [DeadLetter(*row) for row in db.execute(_LETTERS).all()]

    def revive(self, number: int) -> bool:
        """Send a dead letter again. Return whether there was one."""
        with self._database.transaction() as db:
            return bool(db.execute(_REVIVE, {"id": number}).rowcount)

    def drop(self, number: int) -> bool:
        """Throw a dead letter away. Return whether there was one."""
        with self._database.transaction() as db:
            return bool(db.execute(_DROP, {"id": number}).rowcount)

    def backlog(self) -> tuple[int, float, int]:
        """Return how many letters wait, for how many seconds the oldest has, and how many are dead."""
        with self._database.reading() as db:
            count, oldest = db.execute(_WAITING).one()
            dead = db.scalar(_DEAD) or 0
        return count, max(0.0, time.time() - oldest) if oldest is not None else 0.0, dead


def write(conversation: str, to: Address, units: Sequence[list[JSON]], urgent: bool) -> list[Letter]:
    """Return the letters of one reply: one for each call that its channel needs."""
    return [Letter(0, conversation, to, unit, str(uuid4()), urgent, 0) for unit in units]
