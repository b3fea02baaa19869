"""The insert that an acknowledgement waits for: many events at once, and which of them were new.

SQLite's driver lets go of the interpreter's lock for each row and each column that it fetches, which costs
more than the writing where many threads wait for that lock: there, one statement that is a transaction by
itself and returns nothing.  What it made has numbers without others between, up to the last one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import NamedTuple

from sqlalchemy import Executable

from bot.storage.database import Database
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


_LATEST = "SELECT channel, event_id, id FROM inbox WHERE id <= ? ORDER BY id DESC LIMIT ?"


def keep(database: Database, rows: Sequence[Arrival]) -> dict[Known, int]:
    """Keep events in one transaction. Return the numbers of those that were not known yet.

    Raises `sqlalchemy.exc.SQLAlchemyError`.
    """
    if not database.embedded:
        with database.transaction() as db:
            made = db.execute(_returning(db.dialect.name), [row._asdict() for row in rows])
            return {(channel, event): number for number, channel, event in made}
    with database.direct() as lite:
        if len(rows) <= PER_STATEMENT:
            last, count = _insert(lite, rows)
            try:
                return _numbers(lite, rows, last, count)
            except sqlite3.Error:  # they are kept: a worker finds them, and answered here they would be twice
                return {}
        lite.execute("BEGIN IMMEDIATE")
        numbers: dict[Known, int] = {}
        for start in range(0, len(rows), PER_STATEMENT):
            some = rows[start : start + PER_STATEMENT]
            numbers |= _numbers(lite, some, *_insert(lite, some))
        lite.execute("COMMIT")
        return numbers


def _insert(lite: sqlite3.Connection, rows: Sequence[Arrival]) -> tuple[int, int]:
    """Return the number of the last one that was new, and how many were."""
    made = lite.execute(_silent(len(rows)), tuple(chain.from_iterable(rows)))
    return made.lastrowid or 0, made.rowcount


def _numbers(lite: sqlite3.Connection, rows: Sequence[Arrival], last: int, count: int) -> dict[Known, int]:
    if count == len(rows):
        return {row.known: number for number, row in enumerate(rows, last - count + 1)}
    return {(channel, event): number for channel, event, number in lite.execute(_LATEST, (last, count))}


@lru_cache(maxsize=PER_STATEMENT)
def _silent(rows: int) -> str:
    marks = ", ".join([f"({', '.join('?' * len(Arrival._fields))})"] * rows)
    columns = ", ".join(Arrival._fields)
    return f"INSERT INTO inbox ({columns}) VALUES {marks} ON CONFLICT (channel, event_id) DO NOTHING"  # noqa: S608


@cache
def _returning(dialect: str) -> Executable:
    kept = insert_of(dialect)(InboxRow).on_conflict_do_nothing(index_elements=["channel", "event_id"])
    return kept.returning(InboxRow.id, InboxRow.channel, InboxRow.event_id)
