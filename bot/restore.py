"""Restore a backup (`bot.backup`) into an empty database of either kind."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, func, inspect, null, select, text
from sqlalchemy.engine import make_url

from bot.backup import (
    FORMAT,
    MANIFEST,
    ROWS_AT_ONCE,
    BackupError,
    Manifest,
    TableInfo,
    decode,
    reflect,
    secret_digest,
)
from bot.settings import Settings
from bot.storage.engine import MIGRATIONS, READS, migrate, open_database

_OURS = {"sessions", "turns"}
"""Tables that every version has."""
_LET_GO = {
    "inbox": "UPDATE inbox SET hold = 0 WHERE state = 0",
    "outbox": "UPDATE outbox SET owner = NULL, until = 0",
}
UNTOUCHED = "何も書き込んでいません。"
_BROKEN = f"{{file}} は、とちまどの控えとして読めません（{{why}}）。別の控えを使ってください。{UNTOUCHED}"


def read_manifest(file: Path) -> Manifest:
    """Return what a backup says of itself, after checking every table against it. Raises `BackupError`."""
    try:
        with zipfile.ZipFile(file) as archive:
            said = json.loads(archive.read(MANIFEST))
            if said.get("format") != FORMAT:
                raise BackupError(_BROKEN.format(file=file, why=f"形式 {said.get('format')} を知りません"))
            tables = {name: TableInfo(**table) for name, table in said.pop("tables").items()}
            manifest = Manifest(**said, tables=tables)
            for name, table in tables.items():
                _check_table(archive, file, name, table)
    except FileNotFoundError as error:
        raise BackupError(f"{file} がありません。") from error
    except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError, AttributeError) as error:
        raise BackupError(_BROKEN.format(file=file, why=str(error) or type(error).__name__)) from error
    return manifest


def _check_table(archive: zipfile.ZipFile, file: Path, name: str, table: TableInfo) -> None:
    digest, count = hashlib.sha256(), 0
    with archive.open(f"tables/{name}.jsonl") as lines:
        for line in lines:
            digest.update(line)
            count += 1
    if (count, digest.hexdigest()) != (table.rows, table.sha256):
        raise BackupError(_BROKEN.format(file=file, why=f"表 {name} の中身が記録と違います"))


def restore_backup(
    settings: Settings, file: Path, replace: bool = False, other_secret: bool = False
) -> Manifest:
    """Bring the backup `file` into the database of `settings` and its schema to the newest.

    `replace`: erase what is there. `other_secret`: also under another secret. The file is checked to its end
    before anything is written. Raises `BackupError`, `OSError`, `SQLAlchemyError`.
    """
    manifest = read_manifest(file)
    if not other_secret:
        _same_secret(settings, manifest)
    if manifest.revision not in _known():
        raise BackupError(
            f"この控えは新しい版（{manifest.program}、形 {manifest.revision}）のものです。"
            f"その版か、より新しい版のプログラムで戻してください。{UNTOUCHED}"
        )
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = _engine(settings.database)
    try:
        _make_room(engine, settings.database, manifest.revision, replace)
        with engine.begin() as connection:
            _load(connection, file, manifest)
    finally:
        engine.dispose()
    migrate(settings.database)
    return manifest


def _known() -> set[str]:
    return {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}


def _same_secret(settings: Settings, manifest: Manifest) -> None:
    """Refuse a backup that this deployment could not read: its sessions would be nobody's."""
    here = secret_digest(settings)
    if manifest.secret in (None, here):
        return
    missing = "鍵がありません" if here is None else "鍵が、控えを作ったときの鍵と違います"
    raise BackupError(
        f"{missing}。控えの中の会話と未送信の返事は、そのときの鍵でしか読めません。"
        "TOCHIMADO_SECRET を同じ値にするか、"
        f"取っておいた鍵のファイルを {settings.data_dir / 'secret'} に置いてください。"
        "鍵を失ったとき、読めないものをあきらめて戻すには --other-secret を付けてください。"
        f"{UNTOUCHED}"
    )


def _engine(url: str) -> Engine:
    """Return an engine without the time limits of an answering process."""
    if make_url(url).get_backend_name() == "sqlite":
        return open_database(url, create=True, patient=True)
    return create_engine(url)


def _make_room(engine: Engine, url: str, revision: str, replace: bool) -> None:
    """Bring the schema to `revision` without any rows but those that `_load` will replace."""
    with engine.execution_options(**READS).connect() as connection:
        there = MigrationContext.configure(connection).get_current_revision()
        names = set(inspect(connection).get_table_names())
        filled = _filled(connection)
    if names and (there is None or not names >= _OURS):
        raise BackupError(
            "このデータベースには、とちまどのものでない表があります。"
            f"空のデータベースを指定してください。{UNTOUCHED}"
        )
    if filled and not replace:
        raise BackupError(
            "データベースが空ではありません（"
            + "、".join(f"{name} {count} 行" for name, count in filled.items())
            + "）。戻すと、いまの中身は消えます。それでよければ --replace を付けてください。"
            + UNTOUCHED
        )
    if there not in (None, revision):  # also one that this version does not know: it is replaced as a whole
        metadata = MetaData()
        metadata.reflect(engine)
        metadata.drop_all(engine)
    command.upgrade(_config(url), revision)


def _filled(connection: Connection) -> dict[str, int]:
    counts = {
        table.name: connection.scalar(select(func.count()).select_from(table)) or 0
        for table in reflect(connection)
    }
    return {name: count for name, count in counts.items() if count}


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config


def _load(connection: Connection, file: Path, manifest: Manifest) -> None:
    """Put the rows of the backup in the place of all rows, in the transaction of `connection`."""
    tables = reflect(connection)
    if strange := manifest.tables.keys() - {table.name for table in tables}:
        raise BackupError(_BROKEN.format(file=file, why=f"知らない表 {'、'.join(sorted(strange))}"))
    for table in reversed(tables):
        connection.execute(table.delete())
    if "leases" in inspect(connection).get_table_names():
        connection.execute(text("DELETE FROM leases"))
    with zipfile.ZipFile(file) as archive:
        for table in tables:
            if info := manifest.tables.get(table.name):
                for rows in _rows(archive, table, info):
                    connection.execute(table.insert(), rows)
                _go_on_counting(connection, table)
    for table in tables:  # nobody of the old environment holds anything here
        if statement := _LET_GO.get(table.name):
            connection.execute(text(statement))


def _rows(archive: zipfile.ZipFile, table: Table, info: TableInfo) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of one table, some at a time. A JSON null is no value where the column may be empty."""
    empties = {
        name: null() if kind == "json" and table.c[name].nullable else None
        for name, kind in info.columns.items()
    }
    some: list[dict[str, Any]] = []
    with archive.open(f"tables/{table.name}.jsonl") as lines:
        for line in lines:
            values = zip(info.columns.items(), json.loads(line), strict=True)
            row = {name: decode(value, kind) for (name, kind), value in values}
            some.append({name: empties[name] if value is None else value for name, value in row.items()})
            if len(some) >= ROWS_AT_ONCE:
                yield some
                some = []
    if some:
        yield some


def _go_on_counting(connection: Connection, table: Table) -> None:
    """Have PostgreSQL number new rows after the restored ones; SQLite does so by itself."""
    keys = list(table.primary_key.columns)
    if connection.dialect.name != "postgresql" or len(keys) != 1:
        return
    named = {"table": table.name, "column": keys[0].name}
    sequence = connection.scalar(text("SELECT pg_get_serial_sequence(:table, :column)"), named)
    if sequence:
        highest = connection.scalar(select(func.max(keys[0])))
        connection.execute(
            text("SELECT setval(CAST(:sequence AS regclass), :next, false)"),
            {"sequence": sequence, "next": (highest or 0) + 1},
        )
