"""Real workers between a real inbox and the fake LINE."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from bot.durable.outbox import Letter
from bot.parts import Parts, build_parts
from bot.settings import Settings
from tests.drivers import LineDriver, line_event, sign, texts_of, with_line
from tests.fakes.line_api import FakeLine

CHEST = "胸が苦しい"


@pytest.fixture
def app_on(
    database_url: str, settings: Settings, fake_line: FakeLine, make_app: Callable[[Settings], Flask]
) -> Flask:
    """The application with LINE, on each kind of database, without a worker."""
    wide = replace(settings, database_url=database_url, turn_limit="10000/minute", secret="s" * 40)
    return make_app(with_line(wide, fake_line))


def post(app: Flask, *events: dict[str, object]) -> None:
    body = json.dumps({"destination": "U" + "0" * 32, "events": list(events)}).encode()
    headers = {"x-line-signature": sign(body)}
    made = app.test_client().post(
        "/webhook/line", data=body, headers=headers, content_type="application/json"
    )
    assert made.status_code == 200


def said(user: str, token: str, text: str) -> dict[str, object]:
    return line_event(
        "message", user, token, message={"type": "text", "id": uuid4().hex, "quoteToken": "q", "text": text}
    )


def until(done: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while True:
        with suppress(SQLAlchemyError):  # a busy moment
            if done():
                return
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)


def test_two_workers_answer_everything_once_and_in_order(app_on: Flask, fake_line: FakeLine) -> None:
    """Every event comes twice, side by side, from several threads; two processes' worth of workers answer."""
    parts: Parts = app_on.extensions["tochimado"]
    other = build_parts(parts.settings, parts.holder, patient=True)
    users = [f"U{uuid4().hex}" for _ in range(12)]
    asked = ["言語", "ヘルプ", "言語", "ヘルプ"]
    events = defaultdict(list)
    for text in asked:
        for user in users:
            events[user].append(said(user, fake_line.issue_token(), text))

    def deliver(user: str) -> None:
        for event in events[user]:
            post(app_on, event)
            post(app_on, event)

    third = build_parts(parts.settings, parts.holder, patient=True)
    workers = [third.worker(2, 4), other.worker(2, 4)]
    threads = [threading.Thread(target=deliver, args=(user,)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wanted = len(users) * len(asked)
    until(lambda: len(fake_line.sent) >= wanted)
    until(lambda: parts.outbox.backlog()[0] == 0 and parts.inbox.backlog()[0] == 0)
    for worker in workers:
        worker.close()
    other.close()
    third.close()
    assert len(fake_line.sent) == wanted
    used = [sent.to for sent in fake_line.sent]
    for user in users:
        mine = [used.index(event["replyToken"]) for event in events[user]]
        assert mine == sorted(mine), "a conversation is answered in its order"


def test_danger_is_answered_without_any_worker(app_on: Flask, fake_line: FakeLine) -> None:
    parts: Parts = app_on.extensions["tochimado"]
    for _ in range(20):
        post(app_on, said(f"U{uuid4().hex}", fake_line.issue_token(), "ヘルプ"))
    post(app_on, said(f"U{uuid4().hex}", fake_line.issue_token(), CHEST))
    until(lambda: len(fake_line.sent) == 1, 5)
    assert "119" in "".join(texts_of(fake_line.sent[0].messages))
    assert parts.inbox.backlog()[0] == 20, "the others still wait for a worker"
    with parts.store.database.reading() as db:
        assert CHEST not in repr(db.exec_driver_sql("SELECT * FROM turns").all())


def test_a_reply_that_arrived_unnoticed_is_not_sent_again(app_on: Flask, fake_line: FakeLine) -> None:
    """The sender died between LINE's answer and the outbox: the used token tells the next one."""
    parts: Parts = app_on.extensions["tochimado"]
    post(app_on, said(f"U{uuid4().hex}", fake_line.issue_token(), "ヘルプ"))
    offered: list[Letter] = []
    parts.service.work.answer(parts.inbox.claim("w", 1), "dead", offered.extend)
    (letter,) = offered
    parts.service.adapters["line"].deliver(letter.to, letter.messages, retry_key=letter.key)
    assert len(fake_line.sent) == 1
    with parts.store.database.transaction() as db:
        db.exec_driver_sql("UPDATE outbox SET until = 1")
    assert parts.settle(10)
    assert len(fake_line.sent) == 1
    assert parts.outbox.dead_letters() == []


def test_what_nobody_waits_for_any_more_is_settled_not_sent(
    app_on: Flask, fake_line: FakeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts: Parts = app_on.extensions["tochimado"]
    monkeypatch.setattr(parts.sender, "_late", -1.0)
    LineDriver(app_on, fake_line).send(said(f"U{uuid4().hex}", fake_line.issue_token(), "ヘルプ"))
    assert fake_line.sent == []
    assert parts.outbox.backlog() == (0, 0.0, 0)
