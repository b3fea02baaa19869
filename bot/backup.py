"""Backups: everything the database holds, in one file that SQLite and PostgreSQL both read back.

A backup is a zip: `manifest.json` and for each table `tables/NAME.jsonl`, one row a line as a JSON array in
the order of the manifest's columns. Bytes are base64, moments ISO 8601 in UTC. It holds no key: what is
sealed in the database stays sealed. `bot.restore` reads it.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import JSON, Connection, Engine, MetaData, Table, create_engine, select
from sqlalchemy.engine import make_url
from sqlalchemy.types import Boolean, Date, DateTime, Float, Integer, LargeBinary, String, TypeEngine

from bot.secrets import derived
from bot.settings import Settings
from bot.storage.engine import open_database

FORMAT = 1
MANIFEST = "manifest.json"
NOT_KEPT = ("alembic_version", "leases")
"""Tables that say something of this schema and these processes, not of residents."""
ROWS_AT_ONCE = 1000

_KINDS: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (LargeBinary, "bytes"),
    (JSON, "json"),
    (DateTime, "moment"),
    (Date, "day"),
    (Boolean, "value"),
    (Integer, "value"),
    (Float, "value"),
    (String, "value"),
)


class BackupError(Exception):
    """A backup cannot be made, read or restored; the message is for staff, in Japanese."""


@dataclass(frozen=True)
class TableInfo:
    """One table of a backup. `columns`: name → kind (`value`, `bytes`, `json`, `moment`, `day`)."""

    rows: int
    sha256: str
    columns: dict[str, str]


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself.

    `revision`: the schema's (Alembic). `secret`: a digest that tells whether the deployment's secret is the
    same, and nothing about it; None where the secret was not there.
    """

    format: int
    program: str
    made_at: str
    database: str
    revision: str
    secret: str | None
    tables: dict[str, TableInfo]

    @property
    def rows(self) -> int:
        """The number of rows in all tables."""
        return sum(table.rows for table in self.tables.values())


def write_backup(settings: Settings, file: Path, overwrite: bool = False) -> Manifest:
    """Write everything in the database of `settings` to `file` (mode 600), while the bot goes on serving.

    The file appears whole or not at all. Raises `BackupError`, `OSError`, `SQLAlchemyError`.
    """
    if file.exists() and not overwrite:
        raise BackupError(f"{file} は、すでにあります。別の名前にするか、--overwrite を付けてください。")
    with _at_one_moment(settings.database, file.parent) as connection, whole_or_not(file) as out:
        revision = MigrationContext.configure(connection).get_current_revision()
        if revision is None:
            raise BackupError(
                "データベースに表がありません。DATABASE_URL か TOCHIMADO_DATA_DIR が、"
                "動いているデータベースを指しているかを確かめてください。"
            )
        tables = reflect(connection)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            kept = {table.name: _write_table(archive, connection, table) for table in tables}
            manifest = Manifest(
                FORMAT,
                version("tochimado"),
                datetime.now(UTC).isoformat(timespec="seconds"),
                make_url(settings.database).get_backend_name(),
                revision,
                secret_digest(settings),
                kept,
            )
            archive.writestr(MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False, indent=1))
    return manifest


def secret_digest(settings: Settings) -> str | None:
    """Return what tells this deployment's secret from another, without making one; None if there is none."""
    file = settings.data_dir / "secret"
    if settings.secret:
        return derived(settings.secret.encode(), "backup")[:8].hex()
    return derived(file.read_bytes().strip(), "backup")[:8].hex() if file.exists() else None


def reflect(connection: Connection) -> list[Table]:
    """Return the tables that a backup holds, as they are in the database, referred ones first."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name not in NOT_KEPT]


def kind_of(column_type: TypeEngine[Any]) -> str:
    """Return how values of a column are written. Raises TypeError for a type that backups do not know."""
    for known, kind in _KINDS:
        if isinstance(column_type, known):
            return kind
    raise TypeError(f"backups do not know columns of type {column_type!r}")


def encode(value: Any, kind: str) -> Any:
    """Return a database value as JSON. A moment without zone is UTC, as SQLite keeps them."""
    if value is None or kind in ("value", "json"):
        return value
    if kind == "bytes":
        return base64.b64encode(bytes(value)).decode()
    if kind == "moment":
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat()
    return value.isoformat()


def decode(value: Any, kind: str) -> Any:
    """Return the database value of what `encode` wrote."""
    if value is None or kind in ("value", "json"):
        return value
    readers: dict[str, Callable[[str], Any]] = {
        "bytes": base64.b64decode,
        "moment": datetime.fromisoformat,
        "day": date.fromisoformat,
    }
    return readers[kind](value)


def _write_table(archive: zipfile.ZipFile, connection: Connection, table: Table) -> TableInfo:
    columns = {column.name: kind_of(column.type) for column in table.columns}
    kinds, digest, count = list(columns.values()), hashlib.sha256(), 0
    rows = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(
        select(table).order_by(*table.primary_key.columns)
    )
    with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as out:
        for row in rows:
            values = [encode(value, kind) for value, kind in zip(row, kinds, strict=True)]
            line = json.dumps(values, separators=(",", ":")).encode() + b"\n"
            digest.update(line)
            out.write(line)
            count += 1
    return TableInfo(count, digest.hexdigest(), columns)


@contextlib.contextmanager
def _at_one_moment(url: str, scratch: Path) -> Iterator[Connection]:
    """Yield a connection that sees the database as it is at one moment, and keeps no writer waiting."""
    if make_url(url).get_backend_name() == "sqlite":
        with tempfile.TemporaryDirectory(dir=scratch, prefix=".tochimado-backup-") as folder:
            copy = Path(folder) / "copy.sqlite3"
            _copy_online(Path(make_url(url).database or ""), copy)
            with _connected(open_database(f"sqlite:///{copy}")) as connection:
                yield connection
        return
    with _connected(create_engine(url, isolation_level="REPEATABLE READ")) as connection:
        yield connection


@contextlib.contextmanager
def _connected(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _copy_online(file: Path, copy: Path) -> None:
    """Copy a SQLite database that is in use, by SQLite's own online backup, in one step."""
    if not file.is_file():
        raise BackupError(
            f"データベース {file} がありません。TOCHIMADO_DATA_DIR か DATABASE_URL を確かめてください。"
        )
    source, target = sqlite3.connect(file, timeout=30), sqlite3.connect(copy)
    with contextlib.closing(source), contextlib.closing(target):
        source.backup(target)


@contextlib.contextmanager
def whole_or_not(file: Path, mode: int = 0o600) -> Iterator[IO[bytes]]:
    """Yield a new file that takes the name `file` and `mode` at the end, and is gone after an error."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")  # mkstemp: mode 600
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.chmod(mode)
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
