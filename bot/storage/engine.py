"""Database engines and migrations."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError

MIGRATIONS = Path(__file__).with_name("migrations")
BUSY_SECONDS = 0.3
"""How long a statement waits for a lock: an answer that comes without memory beats one that hangs."""
WAIT = "wait_seconds"
"""Execution option of an engine: how long its writers wait for their turn."""
READS = {"reads": True}
"""Execution options of transactions that only read; they take no write lock."""


PATIENT_SECONDS = 5.0
"""How long a worker's statement waits: nobody waits for the worker."""


def open_database(url: str, create: bool = False, patient: bool = False) -> Engine:
    """Return an engine for `url` (`sqlite:///…` or `postgresql+psycopg://…`); connects lazily.

    SQLite: write-ahead log; transactions that write begin IMMEDIATE. The file is only made with `create`, so
    that a lost file is an error and not an empty database. `patient`: for work that nobody waits for.
    """
    wait = PATIENT_SECONDS if patient else BUSY_SECONDS
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        options = f"-c lock_timeout={int(wait * 1000)} -c statement_timeout=6000"
        waits = {"connect_timeout": 1, "tcp_user_timeout": 1000, "options": options}
        return create_engine(
            url, pool_pre_ping=True, pool_size=20, max_overflow=10, pool_timeout=1, connect_args=waits
        )
    file = Path(parsed.database or "")
    if create:
        file.parent.mkdir(parents=True, exist_ok=True)
    mode = "rwc" if create else "rw"
    engine = create_engine(
        f"sqlite:///file:{quote(str(file.absolute()))}?mode={mode}&uri=true",
        connect_args={"timeout": wait},
        pool_size=20,
        pool_timeout=1,
        execution_options={WAIT: wait},
    )
    event.listen(engine, "connect", lambda connection, record: _on_connect(connection, record, file, wait))
    event.listen(engine, "checkout", _on_checkout)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, record: Any, file: Path, seconds: float) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself
    wait = f"busy_timeout={int(seconds * 1000)}"
    for pragma in (wait, "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    record.info["file"], record.info["inode"] = str(file), file.stat().st_ino


def same_file(info: Mapping[str, Any]) -> bool:
    """Return whether a connection's file is there and the one that it opened. `info`: of its record."""
    try:
        return bool(os.stat(info["file"]).st_ino == info["inode"])
    except (OSError, KeyError):
        return False


def _on_checkout(_connection: Any, record: Any, _proxy: Any) -> None:
    """Refuse a pooled connection whose file was removed or replaced: what it wrote would be lost."""
    if not same_file(record.info):
        raise DisconnectionError("the database file was removed or replaced")


def _on_begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get("reads")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def insert_of(dialect: str) -> Callable[[Any], sqlite.Insert | postgresql.Insert]:
    """Return the `insert` of a dialect, which knows what to do about a row that is there already."""
    return postgresql.insert if dialect == "postgresql" else sqlite.insert


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config


def migrate(url: str) -> None:
    """Bring the database at `url` to the newest schema; safe to run again and at the same time."""
    command.upgrade(_config(url), "head")


def at_newest(engine: Engine) -> bool:
    """Return whether the database has the newest schema."""
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    with engine.execution_options(**READS).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest
