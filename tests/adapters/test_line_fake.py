"""The fake LINE and its validator are as strict as they say: what LINE refuses, they refuse."""

from __future__ import annotations

import copy
import time
from typing import Any

import httpx
import pytest

from tests.fakes import fixtures_line
from tests.fakes.line_api import LOADING, PROFILE, PUSH, REPLY, FakeLine
from tests.fakes.openapi_strict import StrictSpec, limit_faults, line_api, needs_specs

fake_line = fixtures_line.fake_line

JSON = dict[str, Any]
USER = "U4af4980629c84f0f4af4980629c84f0f"
KEY = "123e4567-e89b-12d3-a456-426614174000"
TEXT = {"type": "text", "text": "本文"}
QUICK = {
    "type": "action",
    "action": {"type": "postback", "label": "はい", "data": "y", "displayText": "はい"},
}
BUTTON = {"type": "button", "action": {"type": "uri", "label": "開く", "uri": "https://example.jp/"}}
BUBBLE = {
    "type": "bubble",
    "body": {"type": "box", "layout": "vertical", "contents": [{"type": "text", "text": "あ"}, BUTTON]},
}
FLEX = {"type": "flex", "altText": "あ", "contents": BUBBLE}
CAROUSEL = {"type": "flex", "altText": "あ", "contents": {"type": "carousel", "contents": [BUBBLE]}}
BUTTONS = {"type": "buttons", "title": "題", "text": "文", "actions": [BUTTON["action"]]}
TEMPLATE = {"type": "template", "altText": "あ", "template": BUTTONS}


def post(fake: FakeLine, path: str, body: Any, **headers: str | None) -> httpx.Response:
    sent = {"Authorization": f"Bearer {fake.access_token}", "Content-Type": "application/json"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {name: value for name, value in (sent | named).items() if value is not None}
    content = body if isinstance(body, bytes) else None
    return httpx.post(fake.base_url + path, json=None if content else body, content=content, headers=sent)


def reply(fake: FakeLine, *messages: JSON, token: str = "token", **headers: str | None) -> httpx.Response:
    return post(fake, REPLY, {"replyToken": token, "messages": list(messages)}, **headers)


def push(fake: FakeLine, *messages: JSON, **headers: str | None) -> httpx.Response:
    return post(fake, PUSH, {"to": USER, "messages": list(messages)}, **headers)


def changed(message: JSON, *path: str | int, to: object) -> JSON:
    """Return a copy of `message` with the value at `path` changed, or taken away by `...`."""
    found = copy.deepcopy(message)
    part: Any = found
    for step in path[:-1]:
        part = part[step]
    if to is ...:
        del part[path[-1]]
    else:
        part[path[-1]] = to
    return found


def quick(name: str, value: object) -> JSON:
    """Return a text message whose quick reply has one property of its action changed."""
    return TEXT | {"quickReply": {"items": [changed(QUICK, "action", name, to=value)]}}


def linked(name: str, value: object) -> JSON:
    """Return a flex message whose button has one property of its action changed."""
    return changed(FLEX, "contents", "body", "contents", 1, "action", name, to=value)


def template(kind: str, **fields: Any) -> JSON:
    return {"type": "template", "altText": "あ", "template": {"type": kind, **fields}}


# --- the specification, made strict ---------------------------------------------------------------------


@pytest.fixture
def spec() -> StrictSpec:
    found = line_api()
    assert found is not None
    return found


@needs_specs
@pytest.mark.parametrize(
    "message", [TEXT, TEXT | {"quickReply": {"items": [QUICK]}}, FLEX, CAROUSEL, TEMPLATE]
)
def test_good_messages_pass(spec: StrictSpec, message: JSON) -> None:
    assert spec.errors("Message", message) == []
    assert list(limit_faults(message)) == []


@needs_specs
@pytest.mark.parametrize(
    "message",
    [
        {},
        {"type": "text"},
        {"type": "nothing", "text": "a"},
        {"text": "a"},
        TEXT | {"text": 5},
        TEXT | {"texts": "a"},
        TEXT | {"quickReply": {"items": [QUICK] * 14}},
        TEXT | {"quickReply": {"items": [QUICK], "more": 1}},
        quick("data", "x" * 301),
        quick("type", "unheard"),
        changed(FLEX, "altText", to=...),
        changed(FLEX, "contents", to=...),
        changed(FLEX, "contents", "type", to="box"),
        changed(FLEX, "contents", "body", "layout", to="diagonal"),
        changed(FLEX, "contents", "body", "type", to="text"),
        changed(FLEX, "contents", "body", "contents", 0, "bold", to=True),
        linked("uri", "example.jp"),
        linked("uri", "https://example.jp/あ"),
        changed(FLEX, "contents", "body", "contents", 1, "action", to=...),
        changed(CAROUSEL, "contents", "contents", 0, to=CAROUSEL["contents"]),
    ],
)
def test_bad_messages_do_not(spec: StrictSpec, message: JSON) -> None:
    assert spec.errors("Message", message) != []


@needs_specs
def test_requests_are_checked_as_a_whole(spec: StrictSpec) -> None:
    name = spec.request_schema(REPLY)
    assert name == "ReplyMessageRequest"
    assert spec.errors(name, {"replyToken": "t", "messages": [TEXT] * 5}) == []
    for bad in (
        {"messages": [TEXT]},
        {"replyToken": "t", "messages": []},
        {"replyToken": "t", "messages": [TEXT] * 6},
    ):
        assert spec.errors(name, bad) != []


@needs_specs
def test_every_union_of_the_specification_is_enforced(spec: StrictSpec) -> None:
    bases = [name for name, schema in spec.schemas.items() if "mapping" in schema.get("discriminator", {})]
    assert len(bases) >= 15
    for base in bases:
        assert spec.errors(base, {"type": "unheard"}) != [], base
        for kind in spec.kinds(base):
            assert spec.errors(base, {"type": kind, "unheard": 1}) != [], (base, kind)


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (TEXT | {"text": " \n"}, "text: blank"),
        (TEXT | {"text": "あ" * 5001}, "text: 5001 of 5000"),
        (TEXT | {"text": "😀" * 2501}, "text: 5002 of 5000"),
        (TEXT | {"text": "a\x00"}, "text: not Unicode text"),
        (TEXT | {"text": "a\ud83d"}, "text: not Unicode text"),
        (TEXT | {"quickReply": {"items": []}}, "quickReply: 0 items"),
        (TEXT | {"quickReply": {"items": [QUICK] * 14}}, "quickReply: 14 items"),
        (quick("label", "あ" * 21), "postback label: 21 of 20"),
        (quick("label", ...), "postback label: blank"),
        (quick("data", "x" * 301), "postback data: 301 of 300"),
        (quick("data", ...), "postback: no data"),
        (quick("displayText", "x" * 301), "postback displayText: 301 of 300"),
        (changed(FLEX, "altText", to=""), "altText: blank"),
        (changed(FLEX, "altText", to="あ" * 401), "altText: 401 of 400"),
        (changed(FLEX, "contents", "body", to=...), "bubble: empty"),
        (changed(FLEX, "contents", "body", "contents", 0, "text", to=""), "flex text: blank"),
        (changed(FLEX, "contents", "body", "contents", 0, "size", to="huge"), "size: huge"),
        (changed(FLEX, "contents", "body", "contents", 0, "color", to="green"), "color: green"),
        (changed(FLEX, "contents", "body", "spacing", to="wide"), "spacing: wide"),
        (linked("label", ""), "uri label: blank"),
        (linked("uri", "https://a/" + "b" * 1000), "uri uri: 1010 of 1000"),
        (linked("type", "location"), "location: only in quick replies"),
        (changed(CAROUSEL, "contents", "contents", to=[]), "carousel: 0 bubbles"),
        (changed(CAROUSEL, "contents", "contents", to=[BUBBLE] * 13), "carousel: 13 bubbles"),
        (changed(TEMPLATE, "template", "title", to="あ" * 41), "title: 41 of 40"),
        (changed(TEMPLATE, "template", "text", to="あ" * 61), "text: 61 of 60"),
        (changed(TEMPLATE, "template", "actions", to=[BUTTON["action"]] * 5), "template: 5 actions"),
        (template("confirm", text="あ" * 241, actions=[]), "text: 241 of 240"),
        (template("carousel", columns=[]), "template: 0 columns"),
        (
            template("carousel", columns=[{"text": "あ" * 121, "actions": [BUTTON["action"]]}]),
            "text: 121 of 120",
        ),
    ],
)
def test_limits_beyond_the_specification(message: JSON, fault: str) -> None:
    assert list(limit_faults(message)) == [fault]


def test_bytes_of_bubble_and_carousel() -> None:
    def bubble(units: int) -> JSON:
        return changed(BUBBLE, "body", "contents", 0, "text", to="漢" * units)

    assert list(limit_faults(changed(FLEX, "contents", to=bubble(4900)))) == []
    assert [fault.split(":")[0] for fault in limit_faults(changed(FLEX, "contents", to=bubble(5000)))] == [
        "bubble"
    ]
    carousel = changed(CAROUSEL, "contents", "contents", to=[bubble(2800)] * 3)
    assert [fault.split(":")[0] for fault in limit_faults(carousel)] == ["carousel"]


# --- the service ----------------------------------------------------------------------------------------


def test_reply_token_works_once(fake_line: FakeLine) -> None:
    assert reply(fake_line, TEXT).status_code == 200
    again = reply(fake_line, TEXT)
    assert (again.status_code, again.json()) == (400, {"message": "Invalid reply token"})
    assert reply(fake_line, TEXT, token="another").status_code == 200
    assert len(fake_line.sent) == 2


def test_refused_payload_does_not_spend_the_token(fake_line: FakeLine) -> None:
    assert reply(fake_line, TEXT | {"text": ""}).status_code == 400
    assert reply(fake_line, TEXT).status_code == 200


def test_reply_token_has_its_lifetime() -> None:
    fake = FakeLine(token_lifetime=30, only_issued=True).start()
    try:
        assert reply(fake, TEXT, token=fake.issue_token()).status_code == 200
        assert reply(fake, TEXT, token=fake.issue_token(age=31)).json() == {"message": "Invalid reply token"}
        assert reply(fake, TEXT, token="never issued").json() == {"message": "Invalid reply token"}
    finally:
        fake.stop()


def test_retry_key_is_for_pushes_and_taken_once(fake_line: FakeLine) -> None:
    assert reply(fake_line, TEXT, X_Line_Retry_Key=KEY).status_code == 400
    first = push(fake_line, TEXT, X_Line_Retry_Key=KEY)
    again = push(fake_line, TEXT, X_Line_Retry_Key=KEY)
    assert (first.status_code, again.status_code) == (200, 409)
    assert again.json()["sentMessages"] == first.json()["sentMessages"]
    assert push(fake_line, TEXT, X_Line_Retry_Key="no uuid").status_code == 400
    assert push(fake_line, TEXT).status_code == push(fake_line, TEXT).status_code == 200
    assert [sent.retry_key for sent in fake_line.sent] == [KEY, None, None]


@pytest.mark.parametrize("path", [REPLY, PUSH, LOADING])
def test_access_and_form_of_requests(fake_line: FakeLine, path: str) -> None:
    good = {
        REPLY: {"replyToken": "t", "messages": [TEXT]},
        PUSH: {"to": USER, "messages": [TEXT]},
        LOADING: {"chatId": USER, "loadingSeconds": 5},
    }[path]
    assert post(fake_line, path, good, Authorization=None).status_code == 401
    assert post(fake_line, path, good, Authorization="Bearer other").status_code == 401
    assert post(fake_line, path, good, Content_Type="text/plain").status_code == 415
    assert post(fake_line, path, b"{").status_code == 400
    assert post(fake_line, path, b"\xff").status_code == 400
    assert post(fake_line, "/v2/bot/message/unheard", good).status_code == 404
    assert (fake_line.sent, fake_line.loading) == ([], [])
    assert post(fake_line, path, good).status_code == (202 if path == LOADING else 200)


def test_faults_are_named_by_property(fake_line: FakeLine) -> None:
    answer = reply(fake_line, TEXT, TEXT | {"text": ""})
    assert answer.status_code == 400
    assert answer.json() == {
        "message": "The request body has 1 error(s)",
        "details": [{"property": "messages/1", "message": "text: blank"}],
    }


@needs_specs
def test_loading_seconds_are_multiples_of_five_for_users(fake_line: FakeLine) -> None:
    for body in (
        {"chatId": USER, "loadingSeconds": 7},
        {"chatId": USER, "loadingSeconds": 65},
        {"chatId": "C1", "loadingSeconds": 5},
    ):
        assert post(fake_line, LOADING, body).status_code == 400
    assert fake_line.loading == []


def test_profiles(fake_line: FakeLine) -> None:
    fake_line.profiles[USER] = {"userId": USER, "displayName": "Ana"}
    headers = {"Authorization": f"Bearer {fake_line.access_token}"}
    assert httpx.get(fake_line.base_url + PROFILE + USER, headers=headers).json()["displayName"] == "Ana"
    assert httpx.get(fake_line.base_url + PROFILE + "U0", headers=headers).status_code == 404
    assert httpx.get(fake_line.base_url + PROFILE + USER).status_code == 401


def test_faults_come_in_their_order_and_by_path(fake_line: FakeLine) -> None:
    fake_line.fail_next(2, status=429, headers={"Retry-After": "3"}, path=PUSH)
    fake_line.fail_next(status=500)
    assert reply(fake_line, TEXT).status_code == 500
    assert push(fake_line, TEXT).headers["Retry-After"] == "3"
    assert push(fake_line, TEXT).status_code == 429
    assert push(fake_line, TEXT).status_code == 200
    assert [received.status for received in fake_line.requests] == [500, 429, 429, 200]


def test_lost_answer_is_done_all_the_same(fake_line: FakeLine) -> None:
    fake_line.fail_next(kind="lost")
    with pytest.raises(httpx.RemoteProtocolError):
        push(fake_line, TEXT, X_Line_Retry_Key=KEY)
    assert push(fake_line, TEXT, X_Line_Retry_Key=KEY).status_code == 409
    assert len(fake_line.sent) == 1


@pytest.mark.parametrize("kind", ["drop", "garbage"])
def test_broken_answers(fake_line: FakeLine, kind: Any) -> None:
    fake_line.fail_next(kind=kind)
    with pytest.raises(httpx.RemoteProtocolError):
        push(fake_line, TEXT)
    assert fake_line.sent == []


def test_stopping_ends_hanging_and_idle_connections() -> None:
    fake = FakeLine().start()
    idle = httpx.Client()
    assert idle.get(fake.base_url + PROFILE + USER).status_code == 401
    fake.fail_next(kind="hang")
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(fake.base_url + PUSH, json={}, timeout=0.2)
    assert fake.wait_for(lambda seen: len(seen.requests) == 2)
    start = time.monotonic()
    fake.stop()
    assert time.monotonic() - start < 3
    with pytest.raises(httpx.TransportError):
        idle.get(fake.base_url)
    idle.close()
