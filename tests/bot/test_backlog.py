"""What waits and what is dead: in the metrics and on /readyz, where operators look."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from flask import Flask
from prometheus_client import REGISTRY
from sqlalchemy import text

from bot.background import keep_gauges
from bot.metrics import set_gauges
from bot.parts import Parts
from bot.settings import Settings
from tests.drivers import line_event, sign, with_line
from tests.fakes.line_api import FakeLine
from tests.processes.serving import wait_until

OLD = 90
"""Seconds that what waits is made to have waited."""


@pytest.fixture
def app(settings: Settings, fake_line: FakeLine, make_app: Callable[[Settings], Flask]) -> Flask:
    """The application with LINE and without a worker."""
    return make_app(with_line(settings, fake_line))


@pytest.fixture
def parts(app: Flask) -> Iterator[Parts]:
    return app.extensions["tochimado"]


def post(app: Flask, *texts: str) -> None:
    """Post one message of a resident each."""
    events = []
    for words in texts:
        message = {"type": "text", "id": uuid4().hex, "quoteToken": "q", "text": words}
        events.append(line_event("message", f"U{uuid4().hex}", uuid4().hex, message=message))
    body = json.dumps({"destination": "U" + "0" * 32, "events": events}).encode()
    headers = {"x-line-signature": sign(body), "content-type": "application/json"}
    assert app.test_client().post("/webhook/line", data=body, headers=headers).status_code == 200


def gauge(name: str, box: str | None = None) -> float | None:
    return REGISTRY.get_sample_value(f"tochimado_{name}", {"box": box} if box else {})


def grow_old(parts: Parts, box: str) -> None:
    """Have everything in `box` wait for `OLD` seconds more."""
    with parts.store.database.transaction() as db:
        db.execute(text(f"UPDATE {box} SET at = at - {OLD}"))


def answer_all(parts: Parts) -> None:
    """Answer what waits in the inbox; send nothing."""
    while claimed := parts.inbox.claim("test", 10):
        parts.service.work.answer(claimed, None, lambda letters: None)
        parts.inbox.release("test", [waiting.conversation for waiting in claimed])


def test_gauges_follow_a_message_from_inbox_to_dead_letter(app: Flask, parts: Parts) -> None:
    set_gauges(parts.inbox, parts.outbox)
    assert (gauge("backlog", "inbox"), gauge("backlog_seconds", "inbox")) == (0, 0)
    post(app, "図書館", "パスポート")
    grow_old(parts, "inbox")
    set_gauges(parts.inbox, parts.outbox)
    assert (gauge("backlog", "inbox"), gauge("backlog", "outbox")) == (2, 0)
    assert (gauge("backlog_seconds", "inbox") or 0) >= OLD
    answer_all(parts)
    grow_old(parts, "outbox")
    set_gauges(parts.inbox, parts.outbox)
    assert (gauge("backlog", "inbox"), gauge("backlog", "outbox")) == (0, 2)
    assert (gauge("backlog_seconds", "outbox") or 0) >= OLD
    assert gauge("dead_letters") == 0
    (letter, *_) = parts.outbox.claim("test", 1)
    parts.outbox.dies(letter, "test", "refused")
    set_gauges(parts.inbox, parts.outbox)
    assert (gauge("backlog", "outbox"), gauge("dead_letters")) == (1, 1)


def test_a_look_at_the_metrics_sees_what_waits_now(app: Flask, parts: Parts) -> None:
    set_gauges(parts.inbox, parts.outbox)
    post(app, "図書館", "パスポート")  # no worker is there to say so
    shown = app.test_client().get("/metrics").get_data(as_text=True)
    assert 'tochimado_backlog{box="inbox"} 2.0' in shown
    file = parts.settings.data_dir / "tochimado.sqlite3"
    file.rename(file.with_suffix(".away"))
    assert app.test_client().get("/metrics").status_code == 200


def test_readyz_names_what_waits_and_stays_ready(app: Flask, parts: Parts) -> None:
    post(app, "図書館", "パスポート", "ごみの出し方")
    grow_old(parts, "inbox")
    made = app.test_client().get("/readyz")
    assert made.status_code == 200
    shown = made.get_json()["backlog"]
    assert shown["inbox"]["waiting"] == 3
    assert shown["inbox"]["oldest_seconds"] >= OLD
    assert shown["outbox"] == {"waiting": 0, "oldest_seconds": 0, "dead": 0}
    answer_all(parts)
    made = app.test_client().get("/readyz")
    assert made.status_code == 200
    assert made.get_json()["backlog"]["outbox"]["waiting"] == 3


def test_without_the_database_the_numbers_are_missing_and_come_back(app: Flask, parts: Parts) -> None:
    post(app, "図書館")
    file, stopping = parts.settings.data_dir / "tochimado.sqlite3", threading.Event()
    file.rename(file.with_suffix(".away"))
    made = app.test_client().get("/readyz")
    assert made.status_code == 503
    assert "inbox" not in made.get_json()["backlog"]
    assert made.get_json()["backlog"]["reason"]
    thread = threading.Thread(target=keep_gauges, args=(parts, stopping, 0.05))
    thread.start()
    try:
        time.sleep(0.2)
        assert thread.is_alive(), "a failure does not end it"
        file.with_suffix(".away").rename(file)
        wait_until(lambda: gauge("backlog", "inbox") == 1, 15)
    finally:
        stopping.set()
        thread.join(10)
    assert not thread.is_alive()
