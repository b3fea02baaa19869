"""`tochimado backup` and `restore`: the conversation goes on in an empty environment, of either kind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import create_engine, text

from bench.postgres import new_database
from bot.backup import MANIFEST
from bot.cli import cli
from bot.provision import provision
from bot.settings import Settings
from bot.storage.engine import MIGRATIONS
from tests.drivers import LINE_SECRET, LineDriver, line_event, sign, texts_of, with_line
from tests.fakes.line_api import REPLY, FakeLine
from tests.knowledge.folders import make
from tests.processes.serving import serving, wait_until
from tests.services import needs_postgres

MakeApp = Callable[[Settings], Flask]
PERDI, FEBRE = "perdi meu cartão My Number", "meu filho está com febre à noite"


@pytest.fixture
def postgres() -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    with new_database() as url:
        yield url


def run(settings: Settings, *words: object) -> Result:
    """Run `tochimado` with these settings."""
    environ = {
        "TOCHIMADO_DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url or "",
        "TOCHIMADO_SECRET": settings.secret or "",
    }
    return CliRunner().invoke(cli, [str(word) for word in words], env=environ)


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(statement))]
    engine.dispose()
    return found


def said(user: str, token: str, words: str) -> dict[str, object]:
    return line_event(
        "message", user, token, message={"type": "text", "id": uuid4().hex, "quoteToken": "q", "text": words}
    )


def post(target: str | Flask, *events: dict[str, object]) -> None:
    body = json.dumps({"destination": "U" + "0" * 32, "events": list(events)}).encode()
    headers = {"x-line-signature": sign(body), "content-type": "application/json"}
    if isinstance(target, Flask):
        assert target.test_client().post("/webhook/line", data=body, headers=headers).status_code == 200
    else:
        assert httpx.post(f"{target}/webhook/line", content=body, headers=headers).status_code == 200


def texts_to(fake: FakeLine, user: str, *tokens: str) -> list[str]:
    """Return what reached `user`, one text for each delivery."""
    return ["\n".join(texts_of(sent.messages)) for sent in fake.sent if sent.to in (user, *tokens)]


@pytest.mark.processes
def test_a_server_that_is_gone_goes_on_elsewhere(tmp_path: Path, fake_line: FakeLine) -> None:
    old, new, file = tmp_path / "old", tmp_path / "new", tmp_path / "backup.zip"
    old.mkdir()
    new.mkdir()
    line = {"LINE_CHANNEL_SECRET": LINE_SECRET, "LINE_CHANNEL_ACCESS_TOKEN": fake_line.access_token}
    line |= {"LINE_API_BASE": fake_line.base_url, "TOCHIMADO_WEB_WORKERS": "1"}
    line["TOCHIMADO_KNOWLEDGE"] = str(make(tmp_path / "content"))  # small: the starts are most of the time
    user, tokens = f"U{uuid4().hex}", [fake_line.issue_token() for _ in range(4)]
    with serving(old, **line) as (base, process):
        for token, pressed in zip(tokens, ("lang:en", "help"), strict=False):
            post(base, line_event("postback", user, token, postback={"data": pressed}))
        assert fake_line.wait_for(lambda fake: len(fake.sent) == 2, 60)
        fake_line.fail_next(1000, path="/v2/bot/message")
        post(base, said(user, tokens[2], "カードをなくした"))
        assert fake_line.wait_for(lambda fake: len(fake.calls(REPLY)) > 2, 60)
        made = run(Settings(data_dir=old), "backup", file)
        assert made.exit_code == 0, made.output
        assert "鍵（TOCHIMADO_SECRET" in made.output
        assert 'tochimado_backlog{box="outbox"}' in httpx.get(f"{base}/metrics").text, "the worker says it"
        process.send_signal(signal.SIGKILL)
        for pid in processes_of(old):
            os.kill(pid, signal.SIGKILL)
    shutil.copy(old / "secret", new / "secret")
    shutil.rmtree(old)
    with fake_line._lock:
        fake_line._faults.clear()
    made = run(Settings(data_dir=new), "restore", file)
    assert made.exit_code == 0, made.output
    with serving(new, **line) as (base, _):
        assert fake_line.wait_for(lambda fake: len(fake.sent) == 3, 60), "the waiting letter"
        post(base, line_event("postback", user, tokens[3], postback={"data": "help"}))
        assert fake_line.wait_for(lambda fake: len(fake.sent) == 4, 60)
        wait_until(lambda: httpx.get(f"{base}/readyz").json()["backlog"]["outbox"]["waiting"] == 0, 20)
    heard = texts_to(fake_line, user, *tokens)
    assert len(heard) == 4, "each once"
    assert "電話で止めます" in heard[2]
    assert "How to use" in heard[3], "the language that was chosen"
    assert heard[3] == heard[1]


def processes_of(data: Path) -> list[int]:
    """Return the processes whose data folder is `data`: those that `serve` started."""
    wanted = f"TOCHIMADO_DATA_DIR={data}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


@needs_postgres
@pytest.mark.postgres
def test_from_sqlite_to_postgresql_and_back(
    settings: Settings, postgres: str, fake_line: FakeLine, make_app: MakeApp, tmp_path: Path
) -> None:
    first = with_line(replace(settings, secret="s" * 40), fake_line)
    app = make_app(first)
    resident = LineDriver(app, fake_line)
    resident.press("lang:pt")
    answer = resident.say(PERDI)
    resident.press(next(data for data in answer.buttons if data.startswith("fb+")))
    unanswered, token = f"U{uuid4().hex}", fake_line.issue_token()
    post(app, said(unanswered, token, "マイナンバーカードをなくした"))  # no worker: it waits in the inbox
    before = len(fake_line.sent)

    there = replace(first, database_url=postgres, data_dir=tmp_path / "there")
    assert run(first, "backup", tmp_path / "a.zip").exit_code == 0
    moved = run(there, "restore", tmp_path / "a.zip")
    assert moved.exit_code == 0, moved.output
    second = make_app(there)
    parts = second.extensions["tochimado"]
    assert parts.settle(20)
    assert len(fake_line.sent) == before + 1
    assert "0120-95-0178" in texts_to(fake_line, unanswered, token)[0]
    again = LineDriver(second, fake_line, resident.user)
    assert "Fonte:" in again.say(PERDI).text, "Portuguese was chosen"
    assert rows(postgres, "SELECT value FROM feedback") == [(1,)]

    back = replace(first, data_dir=tmp_path / "back")
    assert run(there, "backup", tmp_path / "b.zip").exit_code == 0
    assert run(back, "restore", tmp_path / "b.zip").exit_code == 0
    third = LineDriver(make_app(back), fake_line, resident.user)
    assert "Fonte:" in third.say(FEBRE).text
    for table in ("places", "place_terms", "feedback"):
        counts = {rows(url, f"SELECT count(*) FROM {table}")[0] for url in (first.database, postgres)}
        assert len(counts) == 1, table
    kept = "SELECT key, body, changed_at FROM places ORDER BY key"
    files = [closing(sqlite3.connect(one.data_dir / "tochimado.sqlite3")) for one in (first, back)]
    with files[0] as old, files[1] as new:
        assert old.execute(kept).fetchall() == new.execute(kept).fetchall(), "to the byte"


def test_the_file_is_whole_private_and_without_keys(settings: Settings, tmp_path: Path) -> None:
    secret = "no-one-may-read-this-secret-0123456789"
    file = tmp_path / "a.zip"
    (settings.data_dir / "secret").write_text(secret)
    assert run(settings, "backup", file).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "var"], "nothing is left over"
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        assert all(secret.encode() not in archive.read(name) for name in archive.namelist())
        manifest = json.loads(archive.read(MANIFEST))
    assert manifest["tables"]["places"]["rows"] > 10
    refused = run(settings, "backup", file)
    assert refused.exit_code == 1
    assert "すでにあります" in refused.output
    assert run(settings, "backup", "--overwrite", file).exit_code == 0


def test_a_database_with_something_in_it_is_not_overwritten_unasked(
    settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "a.zip"
    assert run(settings, "backup", file).exit_code == 0
    refused = run(settings, "restore", file)
    assert refused.exit_code == 1
    assert "空ではありません" in refused.output
    assert "--replace" in refused.output
    asked = run(settings, "restore", "--replace", file)
    assert asked.exit_code == 0, asked.output


@pytest.mark.parametrize("harm", ["changed", "shorter", "no zip", "missing", "newer"])
def test_a_damaged_backup_changes_nothing(settings: Settings, tmp_path: Path, harm: str) -> None:
    good, bad = tmp_path / "good.zip", tmp_path / "bad.zip"
    assert run(settings, "backup", good).exit_code == 0
    with zipfile.ZipFile(good) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    if harm == "changed":
        content["tables/places.jsonl"] = content["tables/places.jsonl"].replace(b"1", b"2", 1)
    elif harm == "shorter":
        del content["tables/feedback.jsonl"]
    elif harm == "newer":
        manifest = json.loads(content[MANIFEST])
        content[MANIFEST] = json.dumps(manifest | {"revision": "9999"}).encode()
    with zipfile.ZipFile(bad, "w") as archive:
        for name, value in content.items():
            archive.writestr(name, value)
    if harm == "no zip":
        bad.write_bytes(good.read_bytes()[:-200])
    elif harm == "missing":
        bad.unlink()
    before = rows(settings.database, "SELECT * FROM places ORDER BY id")
    made = run(settings, "restore", "--replace", bad)
    assert made.exit_code == 1
    assert "bad.zip" in made.output or "新しい版" in made.output
    assert rows(settings.database, "SELECT * FROM places ORDER BY id") == before


def test_another_key_is_refused_before_anything_is_written(settings: Settings, tmp_path: Path) -> None:
    file, empty = tmp_path / "a.zip", Settings(data_dir=tmp_path / "empty")
    keyed = replace(settings, secret="a" * 40)
    assert run(keyed, "backup", file).exit_code == 0
    for other in (empty, replace(empty, secret="b" * 40)):
        refused = run(other, "restore", file)
        assert refused.exit_code == 1
        assert "鍵" in refused.output
        assert not (empty.data_dir / "secret").exists(), "no key is made up"
        assert not list(empty.data_dir.glob("*.sqlite3"))
    assert run(empty, "restore", "--other-secret", file).exit_code == 0


def test_a_backup_of_an_older_schema_is_brought_to_the_newest(tmp_path: Path) -> None:
    from alembic import command
    from alembic.config import Config

    old = Settings(data_dir=tmp_path / "old")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = old.database
    command.upgrade(config, "0003")
    with closing(sqlite3.connect(old.data_dir / "tochimado.sqlite3")) as db:
        db.execute("INSERT INTO events VALUES ('line', 'E1', '2026-01-02 03:04:05.000000')")
        db.execute(
            "INSERT INTO sessions VALUES ('k', 'line', '{\"lang\": \"es\"}', '2026-01-02 03:04:05.000000', "
            "'2026-01-02 03:04:05.000000')"
        )
        db.commit()
    assert run(old, "backup", tmp_path / "a.zip").exit_code == 0
    new = Settings(data_dir=tmp_path / "new")
    provision(new)  # of the newest schema, with the places that ship
    made = run(new, "restore", "--replace", tmp_path / "a.zip")
    assert made.exit_code == 0, made.output
    assert rows(new.database, "SELECT channel, event_id, state FROM inbox") == [("line", "E1", 1)]
    assert rows(new.database, "SELECT key FROM sessions") == [("k",)]
    assert rows(new.database, "SELECT count(*) FROM places") == [(0,)]


def test_going_back_replaces_a_newer_schema_and_never_foreign_tables(
    settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "a.zip"
    assert run(settings, "backup", file).exit_code == 0
    database = settings.data_dir / "tochimado.sqlite3"
    with closing(sqlite3.connect(database)) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
        db.execute("CREATE TABLE of_tomorrow (id INTEGER PRIMARY KEY)")
        db.commit()
    assert run(settings, "restore", file).exit_code == 1
    made = run(settings, "restore", "--replace", file)
    assert made.exit_code == 0, made.output
    names = {name for (name,) in rows(settings.database, "SELECT name FROM sqlite_master")}
    assert "of_tomorrow" not in names
    assert rows(settings.database, "SELECT count(*) FROM places") != [(0,)]
    other = Settings(data_dir=tmp_path / "other")
    other.data_dir.mkdir()
    with closing(sqlite3.connect(other.data_dir / "tochimado.sqlite3")) as db:
        db.execute("CREATE TABLE somebody_elses (id INTEGER PRIMARY KEY)")
    refused = run(other, "restore", "--replace", file)
    assert refused.exit_code == 1
    assert "とちまどのものでない" in refused.output
    assert rows(other.database, "SELECT name FROM sqlite_master") == [("somebody_elses",)]


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    made = run(Settings(data_dir=tmp_path / "nothing"), "backup", tmp_path / "a.zip")
    assert made.exit_code == 1
    assert "TOCHIMADO_DATA_DIR" in made.output
    assert list(tmp_path.iterdir()) == []
