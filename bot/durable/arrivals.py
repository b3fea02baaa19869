"""The insert that an acknowledgement waits for: many events at once, and which of them were new.

SQLite's driver lets go of the interpreter's lock for each row and each column that it fetches, which costs
more than the writing where many threads wait for that lock: there, one statement that returns nothing.  What
it made has the highest numbers of the table, for nobody else writes in the meantime.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import NamedTuple

from sqlalchemy import Connection, Executable, text

from bot.storage.engine import insert_of
from bot.storage.tables import InboxRow

PER_STATEMENT = 100
"""Rows that go into one statement: SQLite takes 32,766 values."""

Known = tuple[str, str]
"""Channel and event id: what an event is known by."""


class Arrival(NamedTuple):
    """A row of the inbox before it has a number; the fields are columns of `InboxRow`."""

    channel: str
    event_id: str
    conversation: str
    at: float
    hold: float
    urgent: int
    tries: int
    state: int
    payload: bytes

    @property
    def known(self) -> Known:
        """What the event is known by."""
        return self.channel, self.event_id


_LATEST = text("SELECT channel, event_id, id FROM inbox ORDER BY id DESC LIMIT :count")


def keep(db: Connection, rows: Sequence[Arrival]) -> dict[Known, int]:
    """Keep events, in a transaction that writes. Return the numbers of those that were not known yet."""
    if db.dialect.name != "sqlite":
        made = db.execute(_returning(db.dialect.name), [row._asdict() for row in rows])
        return {(channel, event): number for number, channel, event in made}
    numbers: dict[Known, int] = {}
    for start in range(0, len(rows), PER_STATEMENT):
        numbers |= _keep_some(db, rows[start : start + PER_STATEMENT])
    return numbers


def _keep_some(db: Connection, rows: Sequence[Arrival]) -> dict[Known, int]:
    made = db.exec_driver_sql(_silent(len(rows)), tuple(chain.from_iterable(rows)))
    if made.rowcount == len(rows):
        first = made.lastrowid - len(rows) + 1
        return {row.known: number for number, row in enumerate(rows, first)}
    return {
        (channel, event): number for channel, event, number in db.execute(_LATEST, {"count": made.rowcount})
    }


@lru_cache(maxsize=PER_STATEMENT)
def _silent(rows: int) -> str:
    marks = ", ".join([f"({', '.join('?' * len(Arrival._fields))})"] * rows)
    columns = ", ".join(Arrival._fields)
    return f"INSERT INTO inbox ({columns}) VALUES {marks} ON CONFLICT (channel, event_id) DO NOTHING"  # noqa: S608


@cache
def _returning(dialect: str) -> Executable:
    kept = insert_of(dialect)(InboxRow).on_conflict_do_nothing(index_elements=["channel", "event_id"])
    return kept.returning(InboxRow.id, InboxRow.channel, InboxRow.event_id)
