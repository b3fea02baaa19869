"""What each webhook event becomes, also the strange ones."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.line import LineAdapter
from adapters.line_parse import BadBodyError, parse_webhook
from adapters.messages import IncomingMessage
from tests.adapters import test_line_webhook
from tests.adapters.test_line_webhook import FIXTURES, SECRET, Hook, event, fixture, sign
from tests.fakes.openapi_strict import line_webhook, needs_specs

hook = test_line_webhook.hook

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine is shared
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
def test_event_without_a_usable_id_gets_the_same_one_each_time(hook: Hook, event_id: object) -> None:
    body = event(webhookEventId=event_id)
    hook.post(body)
    hook.post(body)
    hook.post(event(webhookEventId=event_id, deliveryContext={"isRedelivery": True}))
    hook.post(event(webhookEventId=event_id, timestamp=1))
    first, second, again, other = (message.event_id for message in hook.messages)
    assert first == second == again != other
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


@unhurried
@given(st.lists(st.dictionaries(keys, anything, max_size=8) | anything, max_size=4))
def test_no_json_makes_it_fail(events: list[Any]) -> None:
    ignored: list[str] = []
    messages = parse_webhook(json.dumps({"events": events}).encode(), ignored.append)
    assert len(messages) + len(ignored) <= len(events)
    assert all(message.user_id and message.event_id for message in messages)


@unhurried
@given(st.binary(max_size=40))
def test_no_bytes_make_it_fail(body: bytes) -> None:
    try:
        messages = parse_webhook(body, lambda kind: None)
    except BadBodyError:
        return
    assert messages == []
