"""SQLite by its driver: what fails leaves nothing behind and is SQLAlchemy's kind of error."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError

from bot.storage.database import Database, DatabaseDownError
from bot.storage.direct import Direct
from bot.storage.engine import open_database


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database with one table of one unique number."""
    path = tmp_path / "one.sqlite3"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE one (number INTEGER PRIMARY KEY)")
    made.close()
    return path


@pytest.fixture
def engine(file: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{file}")
    yield engine
    engine.dispose()


def numbers(file: Path) -> list[int]:
    reader = sqlite3.connect(file)
    found = [number for (number,) in reader.execute("SELECT number FROM one ORDER BY number")]
    reader.close()
    return found


def left_open(lite: sqlite3.Connection) -> None:
    lite.execute("BEGIN IMMEDIATE")
    lite.execute("INSERT INTO one VALUES (1)")
    raise TypeError


def test_what_is_done_without_an_error_is_kept(engine: Engine, file: Path) -> None:
    direct = Direct(engine)
    for number in (1, 2):
        with direct.connection() as lite:
            lite.execute("INSERT INTO one VALUES (?)", (number,))
            assert numbers(file)[-1] == number, "a statement is a transaction by itself"


def test_the_connection_stays(engine: Engine) -> None:
    direct = Direct(engine)
    with direct.connection() as first:
        pass
    with direct.connection() as second:
        assert second is first
        assert second.execute("PRAGMA synchronous").fetchone() == (2,)  # each commit is on the disk


def test_it_closes_with_its_engine(engine: Engine) -> None:
    database = Database(engine)
    with database.direct() as lite:
        lite.execute("SELECT 1")
    engine.dispose()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        lite.execute("SELECT 1")


def test_an_error_leaves_nothing_behind_and_the_next_transaction_works(engine: Engine, file: Path) -> None:
    direct = Direct(engine)
    with pytest.raises(TypeError), direct.connection() as lite:
        left_open(lite)
    assert numbers(file) == []
    with direct.connection() as lite:
        lite.execute("INSERT INTO one VALUES (2)")
    assert numbers(file) == [2]


def test_errors_of_the_driver_are_those_of_sqlalchemy(engine: Engine) -> None:
    direct = Direct(engine)
    with pytest.raises(IntegrityError), direct.connection() as lite:
        lite.execute("INSERT INTO one VALUES (1), (1)")
    with pytest.raises(OperationalError, match="no such table"), direct.connection() as lite:
        lite.execute("INSERT INTO two VALUES (1)")


def test_a_lock_of_somebody_else_is_an_operational_error(engine: Engine, file: Path) -> None:
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    database = Database(engine)
    with pytest.raises(OperationalError, match="locked"), database.direct() as lite:
        lite.execute("INSERT INTO one VALUES (1)")
    holder.execute("ROLLBACK")
    holder.close()
    with database.direct() as lite:
        lite.execute("INSERT INTO one VALUES (1)")
    assert numbers(file) == [1]


def test_a_file_that_was_replaced_is_not_written_to_behind_its_name(engine: Engine, file: Path) -> None:
    direct = Direct(engine)
    with direct.connection() as lite:
        lite.execute("INSERT INTO one VALUES (1)")
    for path in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
        path.unlink(missing_ok=True)
    with pytest.raises(SQLAlchemyError), direct.connection():
        raise AssertionError
    with sqlite3.connect(file) as made:
        made.execute("CREATE TABLE one (number INTEGER PRIMARY KEY)")
    made.close()
    with direct.connection() as lite:
        lite.execute("INSERT INTO one VALUES (2)")
    assert numbers(file) == [2]


def test_a_database_that_is_gone_is_left_alone_for_a_moment(engine: Engine, file: Path) -> None:
    database = Database(engine)
    file.unlink()
    with pytest.raises(SQLAlchemyError), database.direct():
        raise AssertionError
    with pytest.raises(DatabaseDownError), database.direct():
        raise AssertionError
