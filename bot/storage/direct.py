"""SQLite's driver without layers, for the one statement that every acknowledgement waits for.

SQLAlchemy takes six times as long to begin and to commit as the driver. And each call of the driver lets go
of the interpreter's lock: all other threads of a busy server wait for it, and the next writer for them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from sqlalchemy import Engine, PoolProxiedConnection
from sqlalchemy.exc import DBAPIError

from bot.storage.engine import same_file


class Direct:
    """One connection of an engine of SQLite, kept open, for one thread at a time: its user sees to that."""

    def __init__(self, engine: Engine):
        self._engine = engine
        self._kept: PoolProxiedConnection | None = None

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """The connection; each statement is a transaction by itself unless one is begun.

        Raises `SQLAlchemyError`. What fails is rolled back, and followed by a new connection.
        """
        try:
            yield self._connection()
        except BaseException as error:
            self.close()
            if isinstance(error, sqlite3.Error | OSError):  # the file may vanish while it is opened
                raise DBAPIError.instance(None, None, error, sqlite3.Error) from error
            raise

    def _connection(self) -> sqlite3.Connection:
        """Return the connection; a new one where the file is not the same any more."""
        if self._kept is not None and not same_file(self._kept.info):
            self.close()
        if self._kept is None:
            self._kept = self._engine.raw_connection()
        return cast(sqlite3.Connection, self._kept.dbapi_connection)

    def close(self) -> None:
        """Close the connection; what it had not committed is rolled back."""
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.invalidate()
