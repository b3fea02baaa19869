"""When parts fail: answers still come, quickly, and what failed comes back by itself."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import event

from bot.app import Parts
from bot.settings import Settings
from bot.storage import store as storage
from bot.switches import Switches
from tests.drivers import Driver, LineDriver, WebDriver, line_event, with_line
from tests.fakes.line_api import FakeLine

MakeApp = Callable[[Settings], Flask]
LOST = "マイナンバーカードをなくした"


@pytest.fixture(params=["web", "line"])
def resident(
    request: pytest.FixtureRequest, settings: Settings, make_app: MakeApp, fake_line: FakeLine
) -> Driver:
    app = make_app(with_line(settings, fake_line))
    return WebDriver(app) if request.param == "web" else LineDriver(app, fake_line)


def parts_of(resident: Driver) -> Parts:
    assert isinstance(resident, WebDriver | LineDriver)
    parts: Parts = resident.client.application.extensions["tochimado"]
    return parts


def turns(parts: Parts) -> int:
    file = parts.settings.data_dir / "tochimado.sqlite3"
    with sqlite3.connect(file) as connection:
        count = connection.execute("SELECT count(*) FROM turns").fetchone()[0]
    connection.close()
    return int(count)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "PAUSE_SECONDS", 0.2)


def said_within_a_second(resident: Driver) -> str:
    started = time.monotonic()
    heard = resident.say(LOST)
    assert time.monotonic() - started < 1.0
    assert "0120-95-0178" in heard.text
    return heard.text


def test_the_database_file_is_removed_and_comes_back(resident: Driver, soon: None) -> None:
    parts = parts_of(resident)
    said_within_a_second(resident)
    before = turns(parts)
    kept = parts.settings.data_dir / "kept"
    kept.mkdir()
    files = list(parts.settings.data_dir.glob("tochimado.sqlite3*"))
    for file in files:
        shutil.move(file, kept / file.name)
    assert "記録の仕組みが止まっている" in said_within_a_second(resident)
    assert not (parts.settings.data_dir / "tochimado.sqlite3").exists(), "no empty database in its place"
    for file in files:
        shutil.copy(kept / file.name, file)
    time.sleep(0.3)
    assert "記録の仕組みが止まっている" not in said_within_a_second(resident)
    assert turns(parts) == before + 1


def test_the_database_is_locked_by_another_process(resident: Driver, soon: None) -> None:
    parts = parts_of(resident)
    said_within_a_second(resident)
    other = sqlite3.connect(parts.settings.data_dir / "tochimado.sqlite3", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    started = time.monotonic()
    heard = resident.say(LOST)
    assert time.monotonic() - started < 2.0
    assert "0120-95-0178" in heard.text
    other.execute("ROLLBACK")
    other.close()
    time.sleep(0.3)
    assert "記録の仕組みが止まっている" not in said_within_a_second(resident)


def test_the_database_is_read_only(resident: Driver, soon: None) -> None:
    """Tests run as root, whom no file mode stops: SQLite itself refuses to write here."""
    parts = parts_of(resident)
    said_within_a_second(resident)
    engine, before = parts.store._engine, turns(parts)

    def refuse(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA query_only=ON")

    event.listen(engine, "connect", refuse)
    engine.dispose()
    assert "記録の仕組みが止まっている" in said_within_a_second(resident)
    event.remove(engine, "connect", refuse)
    engine.dispose()
    time.sleep(0.3)
    assert "記録の仕組みが止まっている" not in said_within_a_second(resident)
    assert turns(parts) == before + 1


def test_garbage_in_place_of_the_database(resident: Driver, soon: None) -> None:
    parts = parts_of(resident)
    for file in parts.settings.data_dir.glob("tochimado.sqlite3*"):
        file.unlink()
    (parts.settings.data_dir / "tochimado.sqlite3").write_bytes(b"this is no database" * 100)
    said_within_a_second(resident)


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


def test_a_channel_can_be_switched_off_and_on(resident: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = parts_of(resident)
    monkeypatch.setattr(parts.service._switches, "_fresh", 0.0)
    parts.store.switch(resident.name, on=False)
    heard = resident.say(LOST)
    assert "点検" in heard.text
    assert "119" in heard.text
    parts.store.switch(resident.name, on=True)
    assert "0120-95-0178" in resident.say(LOST).text


def test_switches_keep_their_last_state_without_a_database() -> None:
    answers: Iterator[frozenset[str] | None] = iter([frozenset({"line"}), None, None])

    def read() -> frozenset[str]:
        found = next(answers)
        if found is None:
            raise storage.StoreDown("gone")
        return found

    switches = Switches(read, fresh_seconds=0.0)
    assert switches.is_off("line") is True
    assert switches.is_off("line") is True
    assert switches.is_off("web") is False
