"""When parts fail: answers still come, quickly, and what failed comes back by itself."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from bot.durable.worker import AFTER_FAILURE
from bot.parts import Parts
from bot.settings import Settings
from bot.storage import database
from bot.switches import Switches
from tests.drivers import (
    ConsoleDriver,
    Driver,
    LineDriver,
    TelegramDriver,
    WebDriver,
    line_event,
    with_line,
    with_telegram,
)
from tests.fakes.line_api import FakeLine
from tests.fakes.telegram_api import FakeTelegram

pytestmark = pytest.mark.processes

MakeApp = Callable[[Settings], Flask]
LOST = "マイナンバーカードをなくした"
NUMBER = "0120-95-0178"


CHEST = "胸が苦しい"
STATELESS = "記録の仕組みが止まっている"
PAUSE = 0.2
"""Seconds for which a database that failed is left alone in these tests."""


@dataclass
class Running:
    """A resident on a channel of a running server, and the server's parts."""

    resident: Driver
    parts: Parts

    @property
    def file(self) -> Path:
        return self.parts.settings.data_dir / "tochimado.sqlite3"

    def turns(self) -> int:
        """Return how many turns the database file holds; reads it beside the server."""
        with closing(sqlite3.connect(self.file)) as connection:
            return int(connection.execute("SELECT count(*) FROM turns").fetchone()[0])

    def without_memory(self) -> None:
        """Ask what must be answered within a second whatever has failed: danger as ever, the rest marked."""
        for _ in range(2):  # the first call meets the failure, the second finds the database left alone
            danger = within_a_second(self.resident, CHEST)
            assert "119" in danger
            assert STATELESS not in danger, "nothing stands beside what to do now"
            lost = within_a_second(self.resident, LOST)
            assert NUMBER in lost
            assert STATELESS in lost

    def remembers_again(self) -> None:
        """Ask again after the pause: the turns are stored without a restart."""
        time.sleep(AFTER_FAILURE + PAUSE)
        before = self.turns()
        assert STATELESS not in within_a_second(self.resident, LOST)
        assert "119" in within_a_second(self.resident, CHEST)
        assert self.turns() >= before + 2


def within_a_second(resident: Driver, said: str) -> str:
    started = time.monotonic()
    heard = resident.say(said)
    took = time.monotonic() - started
    assert took < 1.0, f"{said}: {took:.2f} s"
    return heard.text


@dataclass
class Sent:
    """Waits until the service was sent to, in the place of `Parts.settle`: a real worker does the work."""

    fake: FakeLine | FakeTelegram
    heard: int = 0

    def settle(self, seconds: float) -> bool:
        """Return whether something new was sent within `seconds`, and what belongs to it."""
        deadline = time.monotonic() + min(seconds, 3.0)
        while len(self.fake.sent) == self.heard and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(0.05)
        before, self.heard = self.heard, len(self.fake.sent)
        return self.heard > before


@pytest.fixture(params=["web", "line", "telegram", "console"])
def running(
    request: pytest.FixtureRequest, settings: Settings, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Running]:
    """A server on each channel, with its worker, that has been answering for a while."""
    monkeypatch.setattr(database, "PAUSE_SECONDS", PAUSE)
    fake: FakeLine | FakeTelegram | None = None
    resident: Driver
    if request.param == "line":
        fake = line = request.getfixturevalue("fake_line")
        app = make_app(with_line(settings, line))
        resident = LineDriver(app, line)
    elif request.param == "telegram":
        fake = telegram = request.getfixturevalue("fake_telegram")
        app = make_app(with_telegram(settings, telegram))
        resident = TelegramDriver(app, telegram)
    else:
        app = make_app(settings)
        resident = WebDriver(app) if request.param == "web" else ConsoleDriver(app.extensions["tochimado"])
    parts: Parts = app.extensions["tochimado"]
    worker = parts.worker() if fake else None
    if fake:
        sent = Sent(fake)
        monkeypatch.setattr(Parts, "settle", lambda _, seconds: sent.settle(seconds))
    server = Running(resident, parts)
    for said in (LOST, CHEST):
        assert STATELESS not in resident.say(said).text
    assert server.turns() >= 2
    yield server
    if worker:
        worker.close()


def test_the_database_file_is_removed_and_comes_back(running: Running) -> None:
    kept = running.parts.settings.data_dir / "kept"
    kept.mkdir()
    files = list(running.parts.settings.data_dir.glob("tochimado.sqlite3*"))
    for file in files:
        shutil.move(file, kept / file.name)
    running.without_memory()
    assert not running.file.exists(), "no empty database in its place"
    for file in files:
        shutil.copy(kept / file.name, file)
    running.remembers_again()


def test_the_database_is_locked_by_another_process(running: Running) -> None:
    with closing(sqlite3.connect(running.file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        running.without_memory()
        other.execute("ROLLBACK")
    running.remembers_again()


def test_the_database_is_read_only(running: Running) -> None:
    """Tests run as root, whom no file mode stops: SQLite itself refuses to write here."""
    with refusing(running, "query_only=ON"):
        running.without_memory()
    running.remembers_again()


def test_the_disk_is_full(running: Running) -> None:
    with refusing(running, "max_page_count=1"):
        running.without_memory()
    running.remembers_again()


@contextmanager
def refusing(running: Running, pragma: str) -> Iterator[None]:
    """Have SQLite take nothing that the server writes."""
    engine = running.parts.store.database.engine

    def refuse(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA {pragma}")

    event.listen(engine, "connect", refuse)
    engine.dispose()
    yield
    event.remove(engine, "connect", refuse)
    engine.dispose()


def test_garbage_in_place_of_the_database(running: Running) -> None:
    for file in running.parts.settings.data_dir.glob("tochimado.sqlite3*"):
        file.unlink()
    running.file.write_bytes(b"this is no database" * 100)
    running.without_memory()


def test_a_flood_is_answered_politely_and_cheaply(settings: Settings, make_app: MakeApp) -> None:
    web = WebDriver(make_app(replace(settings, turn_limit="5/minute")))
    heard = [web.say(LOST).text for _ in range(8)]
    assert ["0120-95-0178" in text for text in heard] == [True] * 5 + [False] * 3
    assert "1分ほど待って" in heard[-1]
    assert "119" in heard[-1]
    other = WebDriver(web.client.application)
    assert "0120-95-0178" in other.say(LOST).text, "the same address is not the same resident"


def test_a_flood_on_line_is_told_once(settings: Settings, make_app: MakeApp, fake_line: FakeLine) -> None:
    line = LineDriver(make_app(replace(with_line(settings, fake_line), turn_limit="2/minute")), fake_line)
    events = [
        line_event("message", line.user, fake_line.issue_token(), message=text_message(str(number)))
        for number in range(8)
    ]
    assert line.send(*events) == 200
    assert len(fake_line.sent) == 3, "two answers and one request to wait"
    assert "1分ほど待って" in str(fake_line.sent[-1].messages)


def text_message(number: str) -> dict[str, str]:
    return {"type": "text", "id": number, "quoteToken": "q", "text": LOST}


def test_an_address_that_floods_gets_429_in_the_one_shape(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(replace(settings, address_limit="3/minute"))
    web = WebDriver(app)
    for _ in range(3):
        web.say("ヘルプ")
    response = app.test_client().post(
        "/api/v1/messages", json={"client_id": "123e4567-e89b-42d3-a456-426614174000", "text": "a"}
    )
    assert response.status_code == 429
    assert response.get_json()["error"]["code"] == "too_many_requests"
    assert app.test_client().get("/healthz").status_code == 200


def test_a_channel_can_be_switched_off_and_on(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    resident, store = running.resident, running.parts.store
    if resident.name == "console":
        pytest.skip("the terminal has no switch")
    monkeypatch.setattr(
        running.parts.service._refusals, "_switches", Switches(store.switched_off, fresh_seconds=0.0)
    )
    store.switch(resident.name, on=False)
    heard = resident.say(LOST)
    assert "点検" in heard.text
    assert "119" in heard.text
    store.switch(resident.name, on=True)
    assert NUMBER in resident.say(LOST).text


def test_switches_keep_their_last_state_without_a_database() -> None:
    answers: Iterator[frozenset[str] | None] = iter([frozenset({"line"}), None, None])

    def read() -> frozenset[str]:
        found = next(answers)
        if found is None:
            raise database.DatabaseDownError("gone")
        return found

    switches = Switches(read, fresh_seconds=0.0)
    assert switches.is_off("line") is True
    assert switches.is_off("line") is True
    assert switches.is_off("web") is False
