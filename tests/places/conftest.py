"""Databases for places: SQLite always, PostgreSQL where it answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

import bot.places.tables  # noqa: F401  (its tables belong to the schema)
from bench.postgres import new_database
from bot.places.store import PlaceStore
from bot.storage.engine import migrate, open_database
from tests.services import needs_postgres

KINDS = ["sqlite", pytest.param("postgres", marks=[needs_postgres, pytest.mark.postgres])]


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A migrated, empty database."""
    with database(request.param, tmp_path) as made:
        yield made


@pytest.fixture(scope="module", params=KINDS)
def shared_engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """A migrated, empty database for all tests of a module that only read what its fixture wrote."""
    with database(request.param, tmp_path_factory.mktemp("places")) as made:
        yield made


@contextmanager
def database(kind: str, folder: Path) -> Iterator[Engine]:
    """Make a migrated, empty database and remove it afterwards."""
    if kind == "sqlite":
        url = f"sqlite:///{folder / 'x.sqlite3'}"
        migrate(url)
        engine = open_database(url)
        yield engine
        engine.dispose()
        return
    with new_database() as url:
        migrate(url)
        engine = open_database(url)
        yield engine
        engine.dispose()


@pytest.fixture
def store(engine: Engine) -> PlaceStore:
    return PlaceStore(engine)
