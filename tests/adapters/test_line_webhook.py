"""POST /webhook/line: signature, bodies, and every event type."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from adapters.line import LineAdapter
from adapters.line_parse import BadBodyError, parse_webhook
from adapters.messages import IncomingMessage
from tests.fakes.openapi_strict import line_webhook, needs_specs

SECRET = "channel_secret"
FIXTURES = Path(__file__).parents[1] / "fixtures" / "line"
USER = "U4af4980629c84f0f4af4980629c84f0f"
GROUP = "C7b3a91ce5d0248e67b3a91ce5d0248e6"
ROOM = "R0c5de8f1a2b347960c5de8f1a2b34796"

# What each fixture becomes: the fields that matter of each message, or the types that are ignored.
TEXT = {"kind": "text", "user_id": USER}
ATTACHMENT = {"kind": "attachment", "user_id": USER, "text": None}
HEARD: dict[str, list[dict[str, Any]]] = {
    "text": [{**TEXT, "text": "マイナンバーカードをなくした", "redelivered": False}],
    "text_redelivered": [{**TEXT, "text": "避難所はどこ", "redelivered": True}],
    "text_group_mention": [{"kind": "text", "user_id": GROUP, "text": "😀  休日当番医は？"}],
    "text_room_mention": [{"kind": "text", "user_id": ROOM, "text": "パスポートの申請"}],
    "location": [{"kind": "location", "user_id": USER, "location": (36.5657, 139.8836)}],
    "sticker": [{**ATTACHMENT, "ref": "sticker"}],
    "image": [{**ATTACHMENT, "ref": "image"}],
    "video": [{**ATTACHMENT, "ref": "video"}],
    "audio": [{**ATTACHMENT, "ref": "audio"}],
    "file": [{**ATTACHMENT, "ref": "file"}],
    "message_unknown": [{**ATTACHMENT, "ref": "hologram"}],
    "follow": [{"kind": "follow", "user_id": USER}],
    "unfollow": [{"kind": "unfollow", "user_id": USER, "reply_token": None}],
    "unsend": [{"kind": "unsend", "user_id": USER, "ref": "560000000000000001", "reply_token": None}],
    "unsend_group": [{"kind": "unsend", "user_id": GROUP, "ref": "560000000000000002"}],
    "postback": [{"kind": "postback", "user_id": USER, "postback": "e:mynumber.lost"}],
    "postback_group": [{"kind": "postback", "user_id": GROUP, "postback": "fb:yes"}],
    "several": [{**TEXT, "text": "一つ目"}, {**TEXT, "text": "二つ目"}],
}
EVENTS_THAT_MEAN_NOTHING_TO_US = [
    *(
        "join",
        "leave",
        "memberJoined",
        "memberLeft",
        "videoPlayComplete",
        "beacon",
        "accountLink",
        "membership",
    ),
    *("module", "activated", "deactivated", "botSuspended", "botResumed", "delivery", "messageEdited"),
]
IGNORED: dict[str, list[str]] = {
    "several": ["messageEdited"],
    "text_standby": ["message"],
    "text_no_source": ["message"],
    "text_group": ["message"],
    "text_group_other_mention": ["message"],
    "postback_foreign": ["postback"],
    **{name: [name] for name in EVENTS_THAT_MEAN_NOTHING_TO_US},
}
NEWER_THAN_THE_SPECIFICATION = {"message_unknown", "messageEdited", "several"}
NAMES = sorted(path.stem for path in FIXTURES.glob("*.json"))


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


# --- events ---------------------------------------------------------------------------------------------


def test_every_fixture_has_its_expectation() -> None:
    assert set(NAMES) == HEARD.keys() | IGNORED.keys() | {"empty"}


@pytest.mark.parametrize("name", NAMES)
def test_event(hook: Hook, name: str) -> None:
    response = hook.post(fixture(name))
    assert (response.status_code, response.get_json()) == (200, {})
    expected = HEARD.get(name, [])
    assert len(hook.heard) == (1 if expected else 0)
    assert len(hook.messages) == len(expected)
    for message, fields in zip(hook.messages, expected, strict=True):
        found = asdict(message)
        assert {key: found[key] for key in fields} == fields
    assert hook.ignored == IGNORED.get(name, [])


@pytest.mark.parametrize("name", NAMES)
@needs_specs
def test_fixtures_are_as_line_sends_them(name: str) -> None:
    spec = line_webhook()
    assert spec is not None
    errors = spec.errors("CallbackRequest", json.loads(fixture(name)))
    assert bool(errors) == (name in NEWER_THAN_THE_SPECIFICATION), errors


@needs_specs
def test_every_type_of_the_specification_has_a_fixture() -> None:
    spec = line_webhook()
    assert spec is not None
    events = [event for name in NAMES for event in json.loads(fixture(name))["events"]]
    assert spec.kinds("Event") <= {event["type"] for event in events}
    assert spec.kinds("MessageContent") <= {
        event["message"]["type"] for event in events if event["type"] == "message"
    }
    assert spec.kinds("Source") <= {event["source"]["type"] for event in events if "source" in event}


def test_text_carries_what_answers_need(hook: Hook) -> None:
    hook.post(fixture("text"))
    (message,) = hook.messages
    sent = json.loads(fixture("text"))["events"][0]
    assert message.channel == "line"
    assert message.event_id == sent["webhookEventId"]
    assert message.reply_token == message.address.reply_token == sent["replyToken"]
    assert message.message_id == sent["message"]["id"]
    assert message.received_at.tzinfo is UTC
    assert abs(message.received_at - datetime.now(UTC)) < timedelta(seconds=10)
    assert message.address.push_worthwhile


def test_pushes_are_not_worthwhile_for_attachments(hook: Hook) -> None:
    hook.post(fixture("sticker"))
    assert not hook.messages[0].address.push_worthwhile


@pytest.mark.parametrize(
    "source",
    [None, {}, [], "user", {"type": "user"}, {"type": "user", "userId": 7}, {"type": "user", "userId": ""},
     {"type": "planet", "userId": USER}, {"type": ["user"], "userId": USER}],
)  # fmt: skip
def test_event_without_a_source_to_answer_is_ignored(hook: Hook, source: object) -> None:
    assert hook.post(event(source=source)).status_code == 200
    assert (hook.heard, hook.ignored) == ([], ["message"])


@pytest.mark.parametrize(
    ("changes", "ignored"),
    [
        ({"type": None}, "unknown"),
        ({"type": 7}, "unknown"),
        ({"type": {"a": 1}}, "unknown"),
        ({"type": "x" * 41}, "unknown"),
        ({"type": "new-type\n"}, "unknown"),
        ({"type": "brandNew"}, "brandNew"),
        ({"type": "unsend", "unsend": {"messageId": 5}}, "unsend"),
        ({"type": "unsend", "unsend": None}, "unsend"),
        ({"type": "postback", "postback": {"data": ""}}, "postback"),
        ({"type": "postback", "postback": {"data": "a" * 301}}, "postback"),
        ({"type": "postback", "postback": {"data": "a\nb"}}, "postback"),
        ({"type": "postback", "postback": ["data"]}, "postback"),
    ],
)
def test_strange_events_are_counted(hook: Hook, changes: dict[str, Any], ignored: str) -> None:
    assert hook.post(event(**changes)).status_code == 200
    assert (hook.heard, hook.ignored) == ([], [ignored])


@pytest.mark.parametrize("content", ["event", 7, None, [], True])
def test_event_that_is_no_object_is_counted(hook: Hook, content: object) -> None:
    assert hook.post(json.dumps({"events": [content]}).encode()).status_code == 200
    assert (hook.heard, hook.ignored) == ([], ["unknown"])


@pytest.mark.parametrize(
    "message",
    [
        None,
        "text",
        {"type": "text"},
        {"type": "text", "text": 7},
        {"type": "location", "latitude": 36.5},
        {"type": "location", "latitude": 91, "longitude": 0},
        {"type": "location", "latitude": float("nan"), "longitude": 0},
        {"type": "location", "latitude": 0, "longitude": float("-inf")},
        {"type": "location", "latitude": "36", "longitude": True},
        {"type": "location", "latitude": True, "longitude": 1},
        {"type": "location", "latitude": 10**400, "longitude": 0},
        {"id": 5, "type": None},
    ],
)
def test_message_that_cannot_be_read_is_an_attachment(hook: Hook, message: object) -> None:
    changes = {} if message is None else {"message": message}
    body = json.loads(event(**changes))
    if message is None:
        del body["events"][0]["message"]
    assert hook.post(json.dumps(body).encode()).status_code == 200
    (found,) = hook.messages
    assert found.kind == "attachment"
    assert (found.text, found.location, found.message_id) == (None, None, None)


def test_group_message_mentioning_the_bot_with_strange_places(hook: Hook) -> None:
    for index, length in ((0, 99), (5, 5), (-1, 5), ("0", 5), (None, None), (10**300, 2)):
        mention = {"mentionees": [{"type": "user", "isSelf": True, "index": index, "length": length}, 7]}
        message = {"type": "text", "id": "1", "text": "😀@ab こんにちは", "mention": mention}
        changes = {
            "source": {"type": "group", "groupId": GROUP},
            "message": message,
            "webhookEventId": f"{index}",
        }
        hook.post(event(**changes))
    assert [message.text for message in hook.messages] == ["😀@ab こんにちは"] * 6


@pytest.mark.parametrize("event_id", [None, "", 7, "x" * 65, "é", "a\nb"])
def test_event_without_a_usable_id_gets_one_of_its_content(hook: Hook, event_id: object) -> None:
    body = event(webhookEventId=event_id)
    hook.post(body)
    hook.post(body)
    hook.post(event(webhookEventId=event_id, timestamp=1))
    first, second, other = (message.event_id for message in hook.messages)
    assert first == second != other
    assert first.isascii()
    assert len(first) <= 64


def test_receiver_that_fails_makes_line_deliver_again() -> None:
    def fail(messages: list[IncomingMessage]) -> None:
        raise RuntimeError("the inbox is full")

    app = Flask("test")
    app.register_blueprint(LineAdapter(SECRET, "token").blueprint(fail))
    response = app.test_client().post(
        "/webhook/line", data=fixture("text"), headers={"X-Line-Signature": sign(fixture("text"))}
    )
    assert response.status_code == 500


# --- by property ----------------------------------------------------------------------------------------

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8)
KEYS = [
    *("type", "source", "userId", "groupId", "message", "text", "mention", "mentionees", "isSelf", "index"),
    *("length", "postback", "data", "unsend", "messageId", "mode", "webhookEventId", "deliveryContext", "id"),
    *("replyToken", "latitude", "longitude"),
]
keys = st.sampled_from(KEYS)
names = st.sampled_from(
    ["message", "text", "user", "group", "postback", "unsend", "follow", "location", "standby"]
)
anything = st.recursive(
    scalars | names,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(keys, part, max_size=6),
    max_leaves=20,
)


@given(st.lists(st.dictionaries(keys, anything, max_size=8) | anything, max_size=4))
def test_no_json_makes_it_fail(events: list[Any]) -> None:
    ignored: list[str] = []
    messages = parse_webhook(json.dumps({"events": events}).encode(), ignored.append)
    assert len(messages) + len(ignored) <= len(events)
    assert all(message.user_id and message.event_id for message in messages)


@given(st.binary(max_size=40))
def test_no_bytes_make_it_fail(body: bytes) -> None:
    try:
        messages = parse_webhook(body, lambda kind: None)
    except BadBodyError:
        return
    assert messages == []
