"""The web channel: sessions, and what goes out."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask.testing import FlaskClient

from adapters.messages import (
    Address,
    Button,
    Card,
    Cards,
    Link,
    Links,
    LocationRequest,
    Phone,
    Phones,
    Reply,
    Text,
)
from adapters.web import SessionTokens, WebAdapter
from tests.adapters.web_app import HELLO, SECRET, Bot, make_app, post


@pytest.fixture
def bot() -> Bot:
    return Bot()


@pytest.fixture
def client(bot: Bot) -> FlaskClient:
    return make_app(bot).test_client()


def test_a_session_keeps_its_user_and_its_token(client: FlaskClient, bot: Bot) -> None:
    token = post(client).json["session"]
    again = post(client, session=token, text="図書館").json
    assert again["session"] == token
    assert "session_renewed" not in again
    assert bot.heard[0].user_id == bot.heard[1].user_id


def test_every_new_session_is_another_user(client: FlaskClient, bot: Bot) -> None:
    assert post(client).json["session"] != post(client).json["session"]
    assert bot.heard[0].user_id != bot.heard[1].user_id


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "トークン", "\ud800", "a" * 100_000, "..", "eyJ.x.y"])
def test_a_worthless_token_gives_a_new_session(client: FlaskClient, bot: Bot, token: str) -> None:
    response = post(client, session=token, text="図書館")
    assert response.status_code == 200
    assert response.json["session_renewed"] is True
    assert SessionTokens(SECRET).read(response.json["session"]) == bot.heard[0].user_id


def test_a_changed_or_foreign_token_is_not_read() -> None:
    tokens = SessionTokens(SECRET)
    token, user_id = tokens.issue()
    assert tokens.read(token) == user_id
    for at in range(0, len(token), 7):
        changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        assert tokens.read(changed) != user_id
    assert SessionTokens(b"another secret of many bytes").read(token) is None


def test_a_signed_thing_that_is_no_user_id_is_not_read() -> None:
    tokens = SessionTokens(SECRET)
    for payload in ("admin", 5, None, {"user": "x"}, "A" * 32):
        assert tokens.read(str(tokens._serializer.dumps(payload))) is None


def test_a_token_ends_after_thirty_days_and_bears_clocks_that_differ() -> None:
    tokens = SessionTokens(SECRET)
    start = datetime(2026, 11, 21, tzinfo=UTC)
    with time_machine.travel(start, tick=False):
        token, user_id = tokens.issue()
    for later, valid in (
        (timedelta(days=30), True),
        (timedelta(days=30, seconds=1), False),
        (timedelta(seconds=-60), True),
        (timedelta(hours=-1), False),
    ):
        with time_machine.travel(start + later, tick=False):
            assert tokens.read(token) == (user_id if valid else None), later


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        SessionTokens(b"short")


# --- what goes out --------------------------------------------------------------------------------------

PHONE = Phone("救急電話相談", "#7119", "24時間", "判断に迷うとき")
FULL = Reply(
    blocks=(
        Text("なくしたとき", "title"),
        Text("電話してください。\n\n1. 止める"),
        Phones((PHONE,)),
        Links((Link("公式", "https://www.pref.tochigi.lg.jp/"),)),
        Cards(
            (
                Card(
                    "診療所",
                    "小山市",
                    PHONE,
                    (Link("地図", "https://example.jp/"),),
                    (Button("選ぶ", "p:1"),),
                ),
            )
        ),
        LocationRequest("どこですか", "現在地を送る"),
    ),
    quick_replies=(Button("役に立った", "fb:1", "feedback"),),
    lang="easy",
    urgent=True,
)


def test_every_kind_of_block_is_rendered(client: FlaskClient, bot: Bot) -> None:
    bot.reply = FULL
    (message,) = post(client, text="x").json["messages"]
    phone = {
        "label": "救急電話相談",
        "number": "#7119",
        "dial": "tel:%237119",
        "hours": "24時間",
        "note": "判断に迷うとき",
    }
    assert message == {
        "blocks": [
            {"type": "text", "role": "title", "text": "なくしたとき"},
            {"type": "text", "role": "body", "text": "電話してください。\n\n1. 止める"},
            {"type": "phones", "items": [phone]},
            {"type": "links", "items": [{"title": "公式", "url": "https://www.pref.tochigi.lg.jp/"}]},
            {
                "type": "cards",
                "items": [
                    {
                        "title": "診療所",
                        "text": "小山市",
                        "phone": phone,
                        "links": [{"title": "地図", "url": "https://example.jp/"}],
                        "buttons": [{"label": "選ぶ", "data": "p:1", "group": ""}],
                    }
                ],
            },
            {"type": "location_request", "text": "どこですか", "label": "現在地を送る"},
        ],
        "quick_replies": [{"label": "役に立った", "data": "fb:1", "group": "feedback"}],
        "lang": "easy",
        "urgent": True,
    }


def test_a_topic_is_named_where_there_is_one(client: FlaskClient, bot: Bot) -> None:
    bot.reply = Reply((Text("x"),), topic="violence")
    assert post(client, text="x").json["messages"][0]["topic"] == "violence"


def test_a_long_answer_is_compressed_for_who_takes_that(client: FlaskClient, bot: Bot) -> None:
    bot.reply = Reply((Text("栃木県の窓口です。" * 50),))
    body = {"client_id": str(uuid4()), "text": "x"}
    packed = client.post("/api/v1/messages", json=body, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.get_data()) < 700
    for refusing in ({}, {"Accept-Encoding": "gzip;q=0"}, {"Accept-Encoding": "br"}):
        whole = client.post("/api/v1/messages", json=body, headers=refusing)
        assert "Content-Encoding" not in whole.headers
        assert json.loads(gzip.decompress(packed.get_data()))["messages"] == whole.json["messages"]
    bot.reply = HELLO
    assert (
        "Content-Encoding"
        not in client.post("/api/v1/messages", json=body, headers={"Accept-Encoding": "gzip"}).headers
    )


def test_silence_is_an_empty_list(client: FlaskClient, bot: Bot) -> None:
    bot.reply = None
    assert post(client, text="x").json["messages"] == []


def test_a_lone_surrogate_in_the_answer_breaks_nothing(client: FlaskClient, bot: Bot) -> None:
    bot.reply = Reply((Text("a\ud800b"),))
    assert post(client, text="x").json["messages"][0]["blocks"][0]["text"] == "a\ud800b"


@pytest.mark.parametrize("body", [{"text": "x"}, {"text": 5}])
def test_an_answer_is_never_stored_and_sets_no_cookie(client: FlaskClient, body: dict[str, Any]) -> None:
    response = post(client, **body)
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in response.headers


def test_nothing_is_delivered_later() -> None:
    adapter = WebAdapter(SessionTokens(SECRET), lambda message: None)
    to = Address("web", "0" * 32)
    adapter.deliver(to, adapter.render(HELLO))
    adapter.working(to)
    assert adapter.profile_language(to) is None
