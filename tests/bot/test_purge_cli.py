"""`tochimado purge` with the clock moved on: the real command on SQLite and, where it answers, PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import create_engine, text

from bench.postgres import new_database
from bot.cli import cli
from bot.provision import provision
from bot.settings import Settings
from tests.drivers import LineDriver, WebDriver, with_line
from tests.fakes.line_api import FakeLine
from tests.services import needs_postgres

MakeApp = Callable[[Settings], Flask]
SAID = ("マイナンバーカードをなくした", "パスポートの手続き", "胸が苦しい")
PERSONAL = ("turns", "sessions", "feedback")
"""Tables that hold something of residents for the days of `TOCHIMADO_RETENTION_DAYS`."""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=[needs_postgres, pytest.mark.postgres])])
def deployment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a deployment with a database of its own."""
    if request.param == "sqlite":
        made = Settings(data_dir=tmp_path / "var", reload_seconds=0)
        provision(made)
        yield made
        return
    with new_database() as url:
        made = Settings(data_dir=tmp_path / "var", reload_seconds=0, database_url=url)
        provision(made)
        yield made


def purge(deployment: Settings, *words: str, database: str | None = None) -> Result:
    """Run `tochimado purge` as a deployment would: everything from the environment."""
    environ = {
        "TOCHIMADO_DATA_DIR": str(deployment.data_dir),
        "DATABASE_URL": database or deployment.database_url,
        "TOCHIMADO_RETENTION_DAYS": None,
        "TOCHIMADO_EVENT_DAYS": None,
    }
    return CliRunner().invoke(cli, ["purge", *words], env=environ)


def rows(deployment: Settings) -> dict[str, int]:
    """Return how many rows each table of residents holds, and the inbox."""
    engine = create_engine(deployment.database)
    with engine.connect() as connection:
        counts = {
            table: int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)
            for table in (*PERSONAL, "inbox")
        }
    engine.dispose()
    return counts


def talk(deployment: Settings, make_app: MakeApp, fake_line: FakeLine) -> None:
    """Have somebody on the web and somebody on LINE ask and judge an answer."""
    app = make_app(with_line(deployment, fake_line))
    for resident in (WebDriver(app), LineDriver(app, fake_line)):
        for said in SAID:
            heard = resident.say(said)
            thumb = next((data for data in heard.buttons if data.startswith("fb+")), None)
            if thumb:
                resident.press(thumb)


def test_a_month_and_a_day_later_no_turn_is_left(
    deployment: Settings, make_app: MakeApp, fake_line: FakeLine
) -> None:
    talk(deployment, make_app, fake_line)
    before = rows(deployment)
    assert all(before.values()), before
    assert before["turns"] >= 2 * len(SAID)

    done = purge(deployment)
    assert done.exit_code == 0, done.output
    assert rows(deployment) == before, "nothing is old enough today"

    today = datetime.now(UTC)
    with time_machine.travel(today + timedelta(days=29)):
        done = purge(deployment)
    assert done.exit_code == 0, done.output
    kept = rows(deployment)
    assert {table: kept[table] for table in PERSONAL} == {table: before[table] for table in PERSONAL}
    assert kept["inbox"] == 0, "received events are kept for days, not a month"

    with time_machine.travel(today + timedelta(days=31)):
        done = purge(deployment)
    assert done.exit_code == 0, done.output
    assert f"やりとり {before['turns']} 件" in done.output
    assert set(rows(deployment).values()) == {0}


def test_the_days_can_be_named(deployment: Settings, make_app: MakeApp, fake_line: FakeLine) -> None:
    talk(deployment, make_app, fake_line)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=3)):
        assert purge(deployment, "--days", "5").exit_code == 0
        assert rows(deployment)["turns"]
        assert purge(deployment, "--days", "2").exit_code == 0
    assert rows(deployment)["turns"] == 0


def test_old_turns_go_and_new_ones_stay(deployment: Settings, make_app: MakeApp, fake_line: FakeLine) -> None:
    talk(deployment, make_app, fake_line)
    old = rows(deployment)["turns"]
    with time_machine.travel(datetime.now(UTC) + timedelta(days=31)):
        WebDriver(make_app(deployment)).say(SAID[0])
        done = purge(deployment)
        assert f"やりとり {old} 件" in done.output
        assert rows(deployment)["turns"] == 1


@pytest.mark.parametrize(
    "database", ["sqlite:////nowhere/at/all.sqlite3", "postgresql+psycopg://nobody@127.0.0.1:1/none"]
)
def test_a_database_that_cannot_be_reached_is_said_plainly(tmp_path: Path, database: str) -> None:
    done = purge(Settings(data_dir=tmp_path), database=database)
    assert done.exit_code == 1
    assert "データベース" in done.output
    assert "DATABASE_URL" in done.output
    assert "Traceback" not in done.output
