"""Sessions and turns on real databases: SQLite always, PostgreSQL where it answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, inspect, text

from adapters.messages import (
    Button,
    Card,
    Cards,
    IncomingMessage,
    Link,
    Links,
    LocationRequest,
    Phone,
    Phones,
    Reply,
    Text,
)
from bench.postgres import new_database
from bot.outcome import Outcome
from bot.session import Session
from bot.storage.engine import MIGRATIONS, at_newest, migrate, open_database
from bot.storage.store import Store
from bot.storage.tables import Base
from intents.types import Candidate, Decision
from tests.services import needs_postgres


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=[needs_postgres, pytest.mark.postgres])])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'x.sqlite3'}"
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
def store(engine: Engine) -> Store:
    return Store(engine, b"k" * 32)


REPLY = Reply(
    (
        Text("答え"),
        Text("出典", "source"),
        Phones((Phone("窓口", "0120-95-0178", "平日"),)),
        Links((Link("県", "https://www.pref.tochigi.lg.jp/"),)),
        Cards((Card("病院", "近く", Phone("代表", "0285-36-0200"), (), (Button("次", "entry:a.b"),)),)),
        LocationRequest("どこですか", "送る"),
    ),
    (Button("役に立った", "fb+:x", "feedback"),),
    "ja",
)


def message(event: str = "e1", user: str = "U1", **more: object) -> IncomingMessage:
    return IncomingMessage("line", user, event, text="x", **more)  # type: ignore[arg-type]


def outcome(turn: str | None = None, **more: object) -> Outcome:
    decision = Decision("answer", (Candidate("mynumber.lost", 0.9),))
    values = {"reply": REPLY, "session": Session(lang="en", trail=("mynumber.lost",)), "decision": decision}
    values |= {"entry_id": "mynumber.lost", "said": "なくした"} | more
    return Outcome(turn_id=turn or uuid4().hex, **values)  # type: ignore[arg-type]


def rows(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def shape(engine: Engine) -> dict[str, tuple[dict[str, bool], dict[str, list[str | None]]]]:
    """Return, for each table of the models, its columns (may they be empty?) and its indexes."""
    found = inspect(engine)
    return {
        name: (
            {column["name"]: column["nullable"] for column in found.get_columns(name)},
            {
                str(index["name"]): index["column_names"]
                for index in found.get_indexes(name)
                if not index.get("duplicates_constraint")
            },
        )
        for name in Base.metadata.tables
    }


def test_the_migrations_make_the_tables_of_the_models(engine: Engine) -> None:
    assert at_newest(engine)
    migrated = shape(engine)
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    assert migrated == shape(engine)
    assert len(migrated["inbox"][1]) == (2 if engine.dialect.name == "sqlite" else 3)


def test_a_session_comes_back(store: Store) -> None:
    assert store.load("line", "U1") is None
    store.save(message(), outcome())
    assert store.load("line", "U1") == Session(lang="en", trail=("mynumber.lost",))
    assert store.load("telegram", "U1") is None


def test_the_same_message_gets_the_same_reply(store: Store) -> None:
    store.save(message("e7"), outcome())
    assert store.replay(message("e7")) == REPLY
    assert store.replay(message("e8")) is None
    assert store.replay(message("e7", user="U2")) is None


def test_ids_of_residents_are_not_stored(store: Store, engine: Engine) -> None:
    store.save(message(user="U4af4980629"), outcome())
    with engine.connect() as connection:
        dump = str(connection.execute(text("SELECT * FROM sessions")).all())
        dump += str(connection.execute(text("SELECT * FROM turns")).all())
    assert "U4af4980629" not in dump


def test_secrets_in_what_was_said_are_masked(store: Store, engine: Engine) -> None:
    store.save(message(), outcome(said="番号は 1234-5678-9012 メールは a.b@example.jp です"))
    with engine.connect() as connection:
        said = connection.execute(text("SELECT said FROM turns")).scalar_one()
    assert "5678" not in said
    assert "example" not in said
    assert said.startswith("番号は")


def test_feedback_counts_for_ones_own_turn_only_and_the_last_word_stands(
    store: Store, engine: Engine
) -> None:
    store.save(message("e1"), outcome("a" * 32))
    store.save(message("e2"), outcome(feedback=("a" * 32, 1)))
    store.save(message("e3"), outcome(feedback=("a" * 32, -1)))
    store.save(message("e4", user="U2"), outcome(feedback=("a" * 32, 1)))
    store.save(message("e5"), outcome(feedback=("nobody", 1)))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT value FROM feedback")).all() == [(-1,)]


def test_a_reason_is_kept_until_the_answer_is_called_useful(store: Store, engine: Engine) -> None:
    store.save(message("e1"), outcome("a" * 32))
    seen = []
    for event, value, reason in (("e2", -1, None), ("e3", -1, "old"), ("e4", -1, None), ("e5", 1, None)):
        store.save(message(event), outcome(feedback=("a" * 32, value), reason=reason))
        with engine.connect() as connection:
            seen += connection.execute(text("SELECT value, reason FROM feedback")).all()
    assert seen == [(-1, None), (-1, "old"), (-1, "old"), (1, None)]


def test_a_reason_for_somebody_elses_turn_is_not_kept(store: Store, engine: Engine) -> None:
    store.save(message("e1"), outcome("a" * 32))
    store.save(message("e2", user="U2"), outcome(feedback=("a" * 32, -1), reason="old"))
    assert rows(engine, "feedback") == 0


def test_unsend_erases_the_text(store: Store, engine: Engine) -> None:
    store.save(message("e1", message_id="m1"), outcome())
    store.save(message("e2", message_id="m2"), outcome(said="別の"))
    store.save(message("e3", kind="unsend", ref="m1"), outcome())
    with engine.connect() as connection:
        assert connection.execute(text("SELECT said FROM turns ORDER BY event_id")).all() == [
            (None,),
            ("別の",),
        ]


def test_erase_leaves_nothing_of_that_person(store: Store, engine: Engine) -> None:
    store.save(message("e1"), outcome("a" * 32))
    store.save(message("e2"), outcome(feedback=("a" * 32, 1)))
    store.save(message("e1", user="U2"), outcome())
    store.save(message("e3"), outcome(erase=True))
    assert (rows(engine, "sessions"), rows(engine, "turns"), rows(engine, "feedback")) == (1, 1, 0)
    assert store.load("line", "U1") is None


def test_purge_erases_what_is_older(store: Store, engine: Engine) -> None:
    store.save(message("e1"), outcome("a" * 32))
    store.save(message("e2"), outcome(feedback=("a" * 32, 1)))
    later = datetime.now(UTC) + timedelta(days=29)
    assert store.purge(30, later).turns == 0
    gone = store.purge(30, later + timedelta(days=2))
    assert (gone.turns, gone.sessions) == (2, 1)
    assert [rows(engine, table) for table in ("turns", "sessions", "feedback")] == [0, 0, 0]


def test_a_damaged_state_falls_back_to_defaults() -> None:
    damaged = {"lang": "xx", "trail": "abc", "municipality": 5, "turns": None, "greeted": "yes"}
    assert Session.from_json(damaged) == Session()
    assert Session.from_json(None) == Session()


def test_feedback_of_before_has_no_reason_and_survives_the_way_back(
    engine: Engine, store: Store, tmp_path: Path
) -> None:
    store.save(message("e1"), outcome("a" * 32))
    store.save(message("e2"), outcome(feedback=("a" * 32, -1), reason="old"))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = engine.url.render_as_string(hide_password=False)
    if engine.name == "sqlite":
        config.attributes["url"] = f"sqlite:///{tmp_path / 'x.sqlite3'}"
    command.downgrade(config, "0004")
    assert "reason" not in {column["name"] for column in inspect(engine).get_columns("feedback")}
    command.upgrade(config, "head")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT value, reason FROM feedback")).all() == [(-1, None)]


def test_migrating_twice_is_harmless(engine: Engine, tmp_path: Path) -> None:
    url = engine.url.render_as_string(hide_password=False)
    migrate(url if engine.name == "postgresql" else f"sqlite:///{tmp_path / 'x.sqlite3'}")
    assert at_newest(engine)


def test_positions_of_ended_searches_are_erased_within_the_hour(store: Store) -> None:
    search = {"query": {}, "location": [36.31, 139.8]}
    store.save(message("e1"), outcome(session=Session(search=search)))
    store.save(message("e1", user="U2"), outcome(session=Session(municipality="092088")))
    now = datetime.now(UTC)
    assert store.forget_positions(now=now + timedelta(minutes=40)) == 0
    assert store.forget_positions(now=now + timedelta(minutes=55)) == 1
    assert store.load("line", "U1") == Session()
    assert store.load("line", "U2") == Session(municipality="092088")
