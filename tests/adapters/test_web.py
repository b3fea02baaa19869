"""The web channel: what comes in, right, wrong and malformed."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.adapters.web_app import UUID, Bot, make_app, plain, post


@pytest.fixture
def bot() -> Bot:
    return Bot()


@pytest.fixture
def client(bot: Bot) -> FlaskClient:
    return make_app(bot).test_client()


def test_without_content_the_widget_is_opened(client: FlaskClient, bot: Bot) -> None:
    response = post(client, lang="pt-BR")
    assert response.status_code == 200
    assert response.json["session"]
    assert "session_renewed" not in response.json
    (message,) = bot.heard
    assert (message.channel, message.kind, message.event_id) == ("web", "follow", UUID)
    assert (message.text, message.postback, message.location) == (None, None, None)
    assert message.lang_hint == "pt-BR"
    assert re.fullmatch("[0-9a-f]{32}", message.user_id)


@pytest.mark.parametrize(
    ("body", "kind", "field", "value"),
    [
        ({"text": "マイナンバーカードをなくした"}, "text", "text", "マイナンバーカードをなくした"),
        ({"text": ""}, "text", "text", ""),
        ({"text": "あ" * 5000}, "text", "text", "あ" * 5000),
        ({"text": "a\u0000b\ud800"}, "text", "text", "a\u0000b\ud800"),
        ({"postback": "entry:mynumber.lost"}, "postback", "postback", "entry:mynumber.lost"),
        ({"location": [36.5657, 139.8836]}, "location", "location", (36.5657, 139.8836)),
        ({"location": [-90, 180]}, "location", "location", (-90.0, 180.0)),
    ],
)
def test_content_is_passed_on(
    client: FlaskClient, bot: Bot, body: dict[str, Any], kind: str, field: str, value: object
) -> None:
    assert post(client, **body).status_code == 200
    (message,) = bot.heard
    assert message.kind == kind
    assert getattr(message, field) == value


def test_null_counts_as_absent(client: FlaskClient, bot: Bot) -> None:
    body = {"session": None, "text": "パスポート", "postback": None, "location": None, "lang": None}
    assert post(client, **body).status_code == 200
    assert bot.heard[0].text == "パスポート"


def test_client_id_in_capitals_is_the_same_event(client: FlaskClient, bot: Bot) -> None:
    client.post("/api/v1/messages", json={"client_id": UUID.upper()})
    assert bot.heard[0].event_id == UUID


def test_bytes_that_are_not_utf8_are_replaced(client: FlaskClient, bot: Bot) -> None:
    raw = b'{"client_id": "%s", "text": "caf\xe9"}' % UUID.encode()
    response = client.post("/api/v1/messages", data=raw, content_type="application/json; charset=utf-8")
    assert response.status_code == 200
    assert bot.heard[0].text == "caf\ufffd"


SECRET_WORD = "himitsu"


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ([SECRET_WORD], "JSON object"),
        (None, "JSON object"),
        ({"client_id": UUID, "txt": SECRET_WORD}, "unknown field"),
        ({"client_id": UUID, SECRET_WORD: "x"}, "unknown field"),
        ({"text": SECRET_WORD}, "client_id"),
        ({"client_id": SECRET_WORD}, "client_id"),
        ({"client_id": UUID + "\n"}, "client_id"),
        ({"client_id": "{" + UUID + "}"}, "client_id"),
        ({"client_id": UUID.replace("0", "０")}, "client_id"),
        ({"client_id": 5}, "client_id"),
        ({"client_id": UUID, "text": [SECRET_WORD]}, "text must be a string"),
        ({"client_id": UUID, "text": 5}, "text must be a string"),
        ({"client_id": UUID, "session": {"a": 1}}, "session must be a string"),
        ({"client_id": UUID, "postback": ""}, "postback"),
        ({"client_id": UUID, "postback": "a" * 301}, "postback"),
        ({"client_id": UUID, "postback": "ひみつ"}, "postback"),
        ({"client_id": UUID, "postback": "a\u0000"}, "postback"),
        ({"client_id": UUID, "location": "36,139"}, "location"),
        ({"client_id": UUID, "location": [36.5]}, "location"),
        ({"client_id": UUID, "location": [36.5, 139.8, 0]}, "location"),
        ({"client_id": UUID, "location": [True, False]}, "location"),
        ({"client_id": UUID, "location": ["36.5", "139.8"]}, "location"),
        ({"client_id": UUID, "location": [90.01, 0]}, "out of range"),
        ({"client_id": UUID, "location": [0, -180.01]}, "out of range"),
        ({"client_id": UUID, "location": [10**400, 0]}, "out of range"),
        ({"client_id": UUID, "lang": 1}, "lang"),
        ({"client_id": UUID, "lang": ""}, "lang"),
        ({"client_id": UUID, "lang": "日本語"}, "lang"),
        ({"client_id": UUID, "lang": "ja\n"}, "lang"),
        ({"client_id": UUID, "lang": "en-" + "a-" * 17 + "a"}, "lang"),
        ({"client_id": UUID, "text": SECRET_WORD, "postback": "x"}, "only one"),
        ({"client_id": UUID, "text": "", "location": [0, 0]}, "only one"),
    ],
)
def test_a_wrong_body_is_refused_with_a_reason(
    client: FlaskClient, bot: Bot, body: Any, complaint: str
) -> None:
    data = json.dumps(body)
    response = client.post("/api/v1/messages", data=data, content_type="application/json")
    assert response.status_code == 400
    assert complaint in plain(response)
    assert SECRET_WORD not in plain(response)
    assert bot.heard == []


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b'{"client_id": "%s", "location": [NaN, 0]}' % UUID.encode(), "not valid JSON"),
        (b'{"client_id": "%s", "location": [0, -Infinity]}' % UUID.encode(), "not valid JSON"),
        (b'{"client_id": "%s", "location": [1e999, 0]}' % UUID.encode(), "out of range"),
        (b'{"client_id": "%s", "location": [%s, 0]}' % (UUID.encode(), b"9" * 5000), "not valid JSON"),
        (b'\xef\xbb\xbf{"client_id": "%s"}' % UUID.encode(), "not valid JSON"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"text":' * 100_000, "nested too deeply"),
    ],
)
def test_malformed_json_is_refused(client: FlaskClient, bot: Bot, raw: bytes, complaint: str) -> None:
    response = client.post("/api/v1/messages", data=raw, content_type="application/json")
    assert response.status_code == 400
    assert complaint in plain(response)
    assert bot.heard == []


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_content_type_is_refused(client: FlaskClient, content_type: str) -> None:
    data = json.dumps({"client_id": UUID})
    assert client.post("/api/v1/messages", data=data, content_type=content_type).status_code == 415


def test_too_large_a_body_is_refused(client: FlaskClient, bot: Bot) -> None:
    assert post(client, text="a" * 1024 * 1024).status_code == 413
    assert bot.heard == []


def test_only_post_is_allowed(client: FlaskClient) -> None:
    assert client.get("/api/v1/messages").status_code == 405


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(["session", "client_id", "text", "postback", "location", "lang"])
bodies = json_values | st.builds(
    lambda valid, other: {**valid, **other},
    st.fixed_dictionaries({"client_id": st.just(UUID)}),
    st.dictionaries(names, json_values | st.lists(st.floats(-200, 200), min_size=2, max_size=2), max_size=3),
)


@settings(max_examples=300, deadline=None)
@given(bodies)
def test_any_json_is_answered_or_refused(body: Any) -> None:
    bot = Bot()
    client = make_app(bot).test_client()
    response = client.post("/api/v1/messages", data=json.dumps(body), content_type="application/json")
    assert response.status_code in (200, 400)
    assert len(bot.heard) == (response.status_code == 200)
    for message in bot.heard:
        assert sum(part is not None for part in (message.text, message.postback, message.location)) <= 1
        lat, lng = message.location or (0.0, 0.0)
        assert abs(lat) <= 90
        assert abs(lng) <= 180


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused(raw: bytes) -> None:
    response = (
        make_app(Bot()).test_client().post("/api/v1/messages", data=raw, content_type="application/json")
    )
    assert response.status_code == 400
