"""An empty database of each kind, with an inbox and an outbox on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from bench.postgres import new_database
from bot.durable.inbox import Arriving, Inbox, Waiting
from bot.durable.outbox import Outbox
from bot.durable.sealing import Sealer
from bot.intake import Prepared
from bot.storage.engine import migrate, open_database
from bot.storage.store import Store
from tests.services import needs_postgres


@dataclass
class Boxes:
    """What the tests work with."""

    store: Store
    inbox: Inbox
    outbox: Outbox

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        with self.store.database.reading() as db:
            return [tuple(row) for row in db.execute(text(statement))]


def put(inbox: Inbox, received: Sequence[Prepared]) -> list[Waiting]:
    """Keep messages. Return those that were not known yet."""
    arriving = Arriving(lambda: received)
    inbox.receive(arriving)
    return arriving.fresh


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=[needs_postgres, pytest.mark.postgres])])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty, migrated database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'boxes.sqlite3'}"
        migrate(url)
        yield url
        return
    with new_database() as url:
        migrate(url)
        yield url


@pytest.fixture
def boxes(database_url: str) -> Iterator[Boxes]:
    engine = open_database(database_url)
    store, sealer = Store(engine, b"k" * 32), Sealer(b"s" * 32)
    yield Boxes(store, Inbox(store.database, sealer, store.key), Outbox(store.database, sealer))
    engine.dispose()
