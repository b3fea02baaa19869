"""Transactions that give up quickly on a database that is gone."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from urllib.parse import unquote

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError

from bot.storage.direct import Direct
from bot.storage.engine import BUSY_SECONDS, READS, WAIT
from bot.storage.turns import Turns

PAUSE_SECONDS = 1.0


LOCKS_IN_A_ROW = 2


def is_lock(error: SQLAlchemyError) -> bool:
    """Return whether `error` says that a lock did not come free in time."""
    return isinstance(error, OperationalError) and "lock" in str(error.orig).lower()


def is_unwritable(error: SQLAlchemyError) -> bool:
    """Return whether `error` says that the database is full or read-only: trying again will not help soon."""
    said = str(getattr(error, "orig", "")).lower()
    return "full" in said or "readonly" in said or "read-only" in said or "no space" in said


class DatabaseDownError(SQLAlchemyError):
    """The database failed a moment ago and is left alone for `PAUSE_SECONDS`."""


class Database:
    """One database of one process.

    After a failure every call fails at once for `PAUSE_SECONDS`, so that answers do not wait for a database
    that is gone; then the next call tries again.  Waiting in vain for a lock is such a failure when it
    happens twice in a row: once is a busy moment.
    """

    def __init__(self, engine: Engine):
        self.engine = engine
        self._reads = engine.execution_options(**READS)
        self._down_until = 0.0
        self._locked = 0
        self._turn = _turns(engine)
        self._direct = Direct(engine)
        event.listen(engine, "engine_disposed", lambda _: self._direct.close())

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction that writes. Raises `SQLAlchemyError`."""
        with self._watched(), self._turn, self.engine.begin() as connection:
            yield connection

    @property
    def embedded(self) -> bool:
        """Whether this is SQLite, which has `direct`."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def direct(self) -> Iterator[sqlite3.Connection]:
        """SQLite's driver, for one transaction that writes. Raises `SQLAlchemyError`."""
        with self._watched(), self._turn, self._direct.connection() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One transaction that only reads and takes no write lock. Raises `SQLAlchemyError`."""
        with self._watched(), self._reads.begin() as connection:
            yield connection

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Fail at once after a failure, and take notice of one."""
        if time.monotonic() < self._down_until:
            raise DatabaseDownError("the database failed a moment ago")
        try:
            yield
            self._locked = 0
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            if is_lock(error):
                self._locked += 1
                if self._locked < LOCKS_IN_A_ROW:
                    raise
            self._down_until = time.monotonic() + PAUSE_SECONDS
            raise


def _turns(engine: Engine) -> AbstractContextManager[None]:
    """Return what writers of SQLite queue at; other databases have a queue of their own."""
    file = Path(engine.url.database or "")
    if engine.dialect.name != "sqlite":
        return nullcontext()
    name = str(file).removeprefix("file:").partition("?")[0]
    return Turns(Path(unquote(name) + "-turn"), engine.get_execution_options().get(WAIT, BUSY_SECONDS))
