"""POST /webhook/line: signature, bodies, and every event type."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from adapters.line import LineAdapter
from adapters.line_parse import BadBodyError, parse_webhook
from adapters.messages import IncomingMessage

SECRET = "channel_secret"
FIXTURES = Path(__file__).parents[1] / "fixtures" / "line"


class Hook:
    """The webhook in an application of its own, with what it heard and ignored."""

    def __init__(self) -> None:
        self.heard: list[list[IncomingMessage]] = []
        self.ignored: list[str] = []
        self.adapter = LineAdapter(SECRET, "token", "http://127.0.0.1:9", on_ignored=self.ignored.append)
        app = Flask("test")
        app.config["MAX_CONTENT_LENGTH"] = 1 << 20
        app.register_blueprint(self.adapter.blueprint(self.heard.append))
        self.client: FlaskClient = app.test_client()

    def post(self, body: bytes, signature: str | None = "right") -> TestResponse:
        if signature == "right":
            signature = sign(body)
        headers = {} if signature is None else {"X-Line-Signature": signature}
        return self.client.post("/webhook/line", data=body, headers=headers)

    @property
    def messages(self) -> list[IncomingMessage]:
        return [message for batch in self.heard for message in batch]


def sign(body: bytes, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


@pytest.fixture
def hook() -> Hook:
    return Hook()


def fixture(name: str) -> bytes:
    return (FIXTURES / f"{name}.json").read_bytes()


def event(**changes: Any) -> bytes:
    """Return the body of the text fixture with its event changed; None takes a property away."""
    body = json.loads(fixture("text"))
    merged = body["events"][0] | changes
    body["events"] = [{key: value for key, value in merged.items() if value is not None}]
    return json.dumps(body).encode()


# --- signature ------------------------------------------------------------------------------------------


def test_published_vector() -> None:
    adapter = LineAdapter("channel_secret", "token")
    assert adapter.signature_ok(b"bodybodybodybody", "/gg9a+LvFevTH1sd7XCQycD7tsWclCsInj7MhBHxN7k=")
    assert not adapter.signature_ok(b"bodybodybodybodY", "/gg9a+LvFevTH1sd7XCQycD7tsWclCsInj7MhBHxN7k=")


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "x",
        sign(fixture("text"), "other"),
        sign(fixture("text"))[:-1],
        sign(fixture("text")).lower(),
        "é",
    ],
)
def test_wrong_signature_is_refused_and_nothing_parsed(
    hook: Hook, signature: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        response = hook.post(fixture("text"), signature)
    assert response.status_code == 401
    assert (hook.heard, hook.ignored) == ([], [])
    assert [record.getMessage() for record in caplog.records] == ["line: webhook with a wrong signature"]


def test_signature_is_over_the_raw_bytes(hook: Hook) -> None:
    spaced = json.dumps(json.loads(fixture("text")), ensure_ascii=True, separators=(" , ", " : ")).encode()
    assert hook.post(spaced).status_code == 200
    assert hook.post(spaced, sign(fixture("text"))).status_code == 401
    assert len(hook.messages) == 1


def test_malformed_body_with_a_wrong_signature_is_401(hook: Hook) -> None:
    assert hook.post(b"{", "wrong").status_code == 401


def test_settings_must_be_usable() -> None:
    for secret, token in (("", "token"), ("secret", ""), ("secret", "two words"), ("secret", "to\r\nken")):
        with pytest.raises(ValueError, match="LINE"):
            LineAdapter(secret, token)


# --- bodies ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"events"',
        b"7",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"9" * 5000,
    ],
    ids=lambda body: f"{body[:6]!r}x{len(body)}",
)
def test_what_is_no_json_object_is_400(hook: Hook, body: bytes) -> None:
    assert hook.post(body).status_code == 400
    assert hook.heard == []


def test_json_nested_nearly_too_deep_is_read_or_refused(hook: Hook) -> None:
    answers = []
    for depth in range(700, 1000):
        deep = b"[" * depth + b"]" * depth
        body = b'{"events":[{"type":"follow","source":{"type":"user","userId":"U1"},"deep":' + deep + b"}]}"
        answers.append(hook.post(body).status_code)
    assert set(answers) == {200, 400}


def test_complaint_about_a_body_holds_nothing_of_it() -> None:
    with pytest.raises(BadBodyError) as caught:
        parse_webhook(b'{"events":[{"message":{"text":"secret"}', lambda kind: None)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert "secret" not in str(caught.value)


def test_body_over_a_mebibyte_is_413(hook: Hook) -> None:
    assert hook.post(b" " * (1 << 20) + b"{}").status_code == 413
    assert hook.post(b" " * ((1 << 20) - 2) + b"{}").status_code == 200


@pytest.mark.parametrize(
    "body", [b"{}", fixture("empty"), b'{"events":null}', b'{"events":{}}', b'{"events":"x"}']
)
def test_body_without_events_is_accepted(hook: Hook, body: bytes) -> None:
    response = hook.post(body)
    assert (response.status_code, response.get_json()) == (200, {})
    assert hook.heard == []


def test_only_post_is_routed(hook: Hook) -> None:
    assert hook.client.get("/webhook/line").status_code == 405


def test_bad_utf8_is_read_with_replacements(hook: Hook) -> None:
    body = fixture("text").replace("なくした".encode(), b"\xe3\x81\xff\xff")
    assert hook.post(body).status_code == 200
    assert hook.messages[0].text == "マイナンバーカードを\ufffd\ufffd\ufffd"


def test_nul_and_lone_surrogates_pass(hook: Hook) -> None:
    body = fixture("text").replace("なくした".encode(), b"\\u0000\\ud83d\\ude00\\ud83d")
    assert hook.post(body).status_code == 200
    assert hook.messages[0].text == "マイナンバーカードを\x00😀\ud83d"
