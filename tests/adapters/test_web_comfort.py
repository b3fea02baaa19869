"""The web channel: furigana beside the answers and on request, suggestions, and what is served of a file."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from adapters.messages import Button, Card, Cards, Phone, Phones, Reply, Text
from adapters.web_request import QUERY_MAX, TEXTS_LENGTH_MAX, TEXTS_MAX
from adapters.web_static import HERE, load_assets
from tests.adapters.web_app import Bot, make_app, plain, post

READINGS = {"窓口": "まどぐち", "電話": "でんわ", "平日": "へいじつ", "選ぶ": "えらぶ"}


def ruby(text: str) -> list[tuple[str, str]]:
    return [(text, READINGS.get(text, ""))]


class Suggest:
    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def __call__(self, typed: str, lang: str) -> list[str]:
        self.asked.append((typed, lang))
        return [f"{typed}{n}" for n in range(9)]


@pytest.fixture
def bot() -> Bot:
    return Bot()


@pytest.fixture
def suggest() -> Suggest:
    return Suggest()


@pytest.fixture
def client(bot: Bot, suggest: Suggest) -> FlaskClient:
    app: Flask = make_app(bot, ruby=ruby, suggest=suggest)
    return app.test_client()


RICH = Reply(
    (
        Text("1. 電話\n・窓口\nそのほか"),
        Phones((Phone("窓口", "#7119", "平日", "電話"),)),
        Cards((Card("窓口", "電話", buttons=(Button("選ぶ", "x"),)),)),
    ),
    (Button("選ぶ", "y"),),
)


def test_furigana_comes_with_every_line_that_is_shown(client: FlaskClient, bot: Bot) -> None:
    bot.reply = RICH
    (message,) = post(client, text="x", furigana=True).json["messages"]
    assert message["ruby"] == {word: [[word, reading]] for word, reading in READINGS.items()}


@pytest.mark.parametrize("furigana", [None, False])
def test_without_the_wish_there_is_none(client: FlaskClient, bot: Bot, furigana: bool | None) -> None:
    bot.reply = RICH
    (message,) = post(client, text="x", furigana=furigana).json["messages"]
    assert "ruby" not in message


def test_an_answer_in_another_language_has_none(client: FlaskClient, bot: Bot) -> None:
    bot.reply = Reply((Text("窓口"),), lang="zh")
    (message,) = post(client, text="x", furigana=True).json["messages"]
    assert message["ruby"] == {}


def test_the_wish_is_a_switch(client: FlaskClient, bot: Bot) -> None:
    assert post(client, text="x", furigana="yes").status_code == 400
    assert bot.heard == []


def test_furigana_of_texts(client: FlaskClient) -> None:
    response = client.post("/api/v1/furigana", json={"texts": ["窓口", "LINE", "窓口", "\ud800"]})
    assert response.json == {"ruby": {"窓口": [["窓口", "まどぐち"]], "LINE": [], "\ud800": []}}
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"texts": "窓口"},
        {"texts": [1]},
        {"texts": [], "x": 1},
        {"texts": [""] * (TEXTS_MAX + 1)},
        {"texts": ["あ" * (TEXTS_LENGTH_MAX + 1)]},
        [],
    ],
)
def test_wrong_requests_for_furigana_are_refused(client: FlaskClient, body: Any) -> None:
    assert client.post("/api/v1/furigana", json=body).status_code == 400


def test_suggestions_are_few_and_what_is_typed_is_cut(client: FlaskClient, suggest: Suggest) -> None:
    response = client.post("/api/v1/suggest", json={"q": "  図書館 ", "lang": "easy"})
    assert response.json == {"suggestions": ["図書館0", "図書館1", "図書館2", "図書館3"]}
    client.post("/api/v1/suggest", json={"q": "あ" * 500})
    client.post("/api/v1/suggest", json={})
    assert suggest.asked == [("図書館", "easy"), ("あ" * QUERY_MAX, "ja"), ("", "ja")]


@pytest.mark.parametrize("body", [{"q": 1}, {"q": "x", "lang": "日本"}, {"query": "x"}, "x"])
def test_wrong_requests_for_suggestions_are_refused(client: FlaskClient, suggest: Suggest, body: Any) -> None:
    assert client.post("/api/v1/suggest", json=body).status_code == 400
    assert suggest.asked == []


@pytest.mark.parametrize("path", ["/api/v1/furigana", "/api/v1/suggest"])
def test_another_content_type_or_method_is_refused(client: FlaskClient, path: str) -> None:
    assert client.post(path, data="{}", content_type="text/plain").status_code == 415
    assert client.get(path).status_code == 405


def test_the_page_knows_what_the_server_can_do(client: FlaskClient, bot: Bot) -> None:
    assert 'data-features="furigana suggest"' in plain(client.get("/chat"))
    bare = make_app(bot).test_client()
    assert 'data-features=""' in plain(bare.get("/chat"))
    for path in ("/api/v1/furigana", "/api/v1/suggest"):
        assert bare.post(path, json={"texts": []}).status_code == 404
    assert bare.get("/chat").headers["ETag"] != client.get("/chat").headers["ETag"]


def test_comments_are_not_sent() -> None:
    assets = load_assets()
    for name in ("widget.js", "chat/main.js", "chat/blocks.js", "chat/chat.css"):
        sent = assets[name].body.decode()
        assert not [line for line in sent.splitlines() if line.startswith(("//", "*/", " "))]
    # Code on a line with a comment stays, and so does what only looks like one.
    source = (HERE / "chat" / "blocks.js").read_text(encoding="utf-8")
    assert source.count("export function") == assets["chat/blocks.js"].body.decode().count("export function")
    assert b'"https:"' in assets["chat/blocks.js"].body


def test_a_place_that_is_not_there_cannot_be_replaced() -> None:
    with pytest.raises(ValueError, match="does not hold"):
        load_assets()["chat.html"].replaced(b"nowhere", b"x")
