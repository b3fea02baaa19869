"""Delivery through the real SDK to a LINE on loopback: replies, pushes, refusals, silence."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from adapters.base import DeliveryError
from adapters.line import LineAdapter
from adapters.messages import (
    Address,
    Button,
    Card,
    Cards,
    IncomingMessage,
    Link,
    Links,
    LocationRequest,
    Phone,
    Phones,
    Reply,
    Text,
)
from tests.fakes import fixtures_line
from tests.fakes.line_api import LOADING, PROFILE, PUSH, REPLY, FakeLine

fake_line = fixtures_line.fake_line

USER = "U4af4980629c84f0f4af4980629c84f0f"
KEY = "123e4567-e89b-12d3-a456-426614174000"
TEXT = [{"type": "text", "text": "ひみつの本文"}]
RICH = Reply(
    (
        Text("近くの病院", "title"),
        LocationRequest("もっと近くは位置情報から。", "位置情報を送る"),
        Phones((Phone("救急電話相談", "#7119", "24時間"),)),
        Links((Link("栃木県", "https://www.pref.tochigi.lg.jp/"),)),
        Cards(tuple(Card(f"病院{n}", "内科", buttons=(Button("ここ", f"p:{n}"),)) for n in range(3))),
    ),
    (Button("役に立った", "fb:yes", "feedback"),),
)


@pytest.fixture
def line(fake_line: FakeLine) -> LineAdapter:
    return adapter(fake_line)


def adapter(fake: FakeLine, **options: Any) -> LineAdapter:
    return LineAdapter("secret", fake.access_token, fake.base_url, **{"timeout": (2.0, 2.0), **options})


def address(token: str | None = "token", *, age: float = 0, **changes: Any) -> Address:
    to = Address("line", USER, token, datetime.now(UTC) - timedelta(seconds=age))
    return replace(to, **changes)


def ways(fake: FakeLine) -> list[str]:
    return [sent.way for sent in fake.sent]


def test_reply_arrives_as_it_was_rendered(line: LineAdapter, fake_line: FakeLine) -> None:
    messages = line.render(RICH)
    line.deliver(address(), messages)
    (sent,) = fake_line.sent
    assert (sent.way, sent.to, sent.messages) == ("reply", "token", messages)
    (received,) = fake_line.requests
    assert received.headers["authorization"] == f"Bearer {fake_line.access_token}"
    assert "x-line-retry-key" not in received.headers


def test_signed_event_becomes_one_reply(line: LineAdapter, fake_line: FakeLine) -> None:
    def answer(messages: list[IncomingMessage]) -> None:
        for message in messages:
            line.working(message.address)
            line.deliver(message.address, line.render(RICH))

    app = Flask("test")
    app.register_blueprint(line.blueprint(answer))
    body = (Path(__file__).parents[1] / "fixtures" / "line" / "text.json").read_bytes()
    digest = hmac.new(b"secret", body, hashlib.sha256).digest()
    for signature, status in (("wrong", 401), (base64.b64encode(digest).decode(), 200)):
        response = app.test_client().post("/webhook/line", data=body, headers={"X-Line-Signature": signature})
        assert response.status_code == status
        assert len(fake_line.sent) == (status == 200)
    (sent,) = fake_line.sent
    assert (sent.way, sent.to) == ("reply", json.loads(body)["events"][0]["replyToken"])
    assert len(fake_line.loading) == 1


def test_no_messages_are_no_request(line: LineAdapter, fake_line: FakeLine) -> None:
    line.deliver(address(), [])
    assert fake_line.requests == []


@pytest.mark.parametrize("to", [address(None), address(age=51), address(age=3600)])
def test_without_a_young_token_it_is_a_push(line: LineAdapter, fake_line: FakeLine, to: Address) -> None:
    line.deliver(to, TEXT)
    (sent,) = fake_line.sent
    assert (sent.way, sent.to, sent.messages) == ("push", USER, TEXT)
    assert fake_line.calls(REPLY) == []
    assert sent.retry_key


@pytest.mark.parametrize("age", [49, 0, -30])
def test_young_token_is_a_reply(line: LineAdapter, fake_line: FakeLine, age: float) -> None:
    line.deliver(address(age=age), TEXT)
    assert ways(fake_line) == ["reply"]


@pytest.fixture
def _in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_in_tokyo")
def test_time_without_a_zone_is_utc(line: LineAdapter, fake_line: FakeLine) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    line.deliver(address("a", received_at=now), TEXT)
    line.deliver(address("b", received_at=now - timedelta(seconds=55)), TEXT)
    assert ways(fake_line) == ["reply", "push"]


@pytest.mark.parametrize("to", [address(None, push_worthwhile=False), address(age=60, push_worthwhile=False)])
def test_no_push_where_it_is_not_worthwhile(line: LineAdapter, fake_line: FakeLine, to: Address) -> None:
    with pytest.raises(DeliveryError) as caught:
        line.deliver(to, TEXT)
    assert caught.value.retry is False
    assert fake_line.requests == []


def test_used_or_old_token_becomes_a_push(line: LineAdapter, fake_line: FakeLine) -> None:
    line.deliver(address("once"), TEXT)
    line.deliver(address("once"), TEXT)
    line.deliver(address(fake_line.issue_token(age=61)), TEXT)
    assert ways(fake_line) == ["reply", "push", "push"]
    with pytest.raises(DeliveryError) as caught:
        line.deliver(address("once", push_worthwhile=False), TEXT)
    assert (caught.value.retry, caught.value.status) == (False, 400)


def test_same_delivery_again_is_one_push(line: LineAdapter, fake_line: FakeLine) -> None:
    to = address(age=60)
    fake_line.fail_next(kind="lost")
    with pytest.raises(DeliveryError) as caught:
        line.deliver(to, TEXT)
    assert (caught.value.retry, caught.value.status) == (True, 0)
    line.deliver(to, TEXT)
    assert [received.status for received in fake_line.calls(PUSH)] == [0, 409]
    assert len(fake_line.sent) == 1


def test_retry_key_tells_deliveries_apart(line: LineAdapter, fake_line: FakeLine) -> None:
    moment = datetime.now(UTC) - timedelta(hours=1)
    to = Address("line", USER, "token", moment)
    later = Address("line", USER, None, moment + timedelta(seconds=1))
    for each in (
        to,
        replace(to, user_id="U" + "1" * 32),
        replace(to, reply_token="other"),
        replace(to, reply_token=None),
        later,
    ):
        line.deliver(each, TEXT)
    line.deliver(to, [{"type": "text", "text": "別の本文"}])
    assert len({sent.retry_key for sent in fake_line.sent}) == len(fake_line.sent) == 6


def test_retry_key_can_be_given(line: LineAdapter, fake_line: FakeLine) -> None:
    line.deliver(address(None), TEXT, retry_key=KEY)
    line.deliver(address(None), TEXT, retry_key=KEY)
    assert [sent.retry_key for sent in fake_line.sent] == [KEY]
    with pytest.raises(ValueError, match="UUID"):
        line.deliver(address(None), TEXT, retry_key="not a key")


@pytest.mark.parametrize("token", ["token", None])
def test_refused_payload_is_sent_again_as_plain_text(
    line: LineAdapter,
    fake_line: FakeLine,
    token: str | None,
) -> None:
    messages = line.render(RICH)
    messages[-1]["quickReply"]["items"][-1]["action"]["label"] = "x" * 21  # the SDK does not count these
    line.deliver(address(token), messages)
    (sent,) = fake_line.sent
    assert sent.way == ("reply" if token else "push")
    assert {message["type"] for message in sent.messages} == {"text"}
    for words in ("近くの病院", "#7119", "https://www.pref.tochigi.lg.jp/", "病院2"):
        assert words in sent.messages[0]["text"]
    keys = [received.headers.get("x-line-retry-key") for received in fake_line.requests]
    assert len(keys) == 2
    assert keys == [None, None] if token else keys[0] != keys[1]


def test_refused_twice_is_given_up(line: LineAdapter, fake_line: FakeLine) -> None:
    fake_line.fail_next(2, status=400, body=b'{"message":"The request body has 1 error(s)"}')
    with pytest.raises(DeliveryError) as caught:
        line.deliver(address(), TEXT)
    assert (caught.value.retry, caught.value.status) == (False, 400)
    assert len(fake_line.requests) == 2


@pytest.mark.parametrize("token", ["token", None])
def test_what_the_sdk_would_not_send_is_sent_as_plain_text(
    line: LineAdapter, fake_line: FakeLine, token: str | None
) -> None:
    line.deliver(address(token), TEXT * 6)
    (sent,) = fake_line.sent
    assert sent.messages == [{"type": "text", "text": "\n\n".join(["ひみつの本文"] * 6)}]


@pytest.mark.parametrize("token", ["token", None])
@pytest.mark.parametrize(
    ("status", "retry"),
    [(429, True), (500, True), (503, True), (401, False), (403, False), (404, False), (302, False)],
)
def test_error_answers(
    line: LineAdapter, fake_line: FakeLine, status: int, retry: bool, token: str | None
) -> None:
    headers = {"Location": f"{fake_line.base_url}{PUSH}"} if status == 302 else {}
    fake_line.fail_next(status=status, headers=headers)
    with pytest.raises(DeliveryError) as caught:
        line.deliver(address(token), TEXT)
    error = caught.value
    assert (error.channel, error.retry, error.status, error.after) == ("line", retry, status, None)
    assert len(fake_line.requests) == 1
    assert fake_line.sent == []


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        ("7", 7, 7),
        ("0.5", 0.5, 0.5),
        ("-3", 0, 0),
        ("999999", 3600, 3600),
        pytest.param(
            format_datetime(datetime.now(UTC) + timedelta(seconds=1800), usegmt=True), 1500, 1800, id="date"
        ),
        ("soon", None, None),
        ("nan", None, None),
        ("", None, None),
    ],
)
def test_retry_after(
    line: LineAdapter, fake_line: FakeLine, value: str, least: float | None, most: float | None
) -> None:
    fake_line.fail_next(status=429, headers={"Retry-After": value})
    with pytest.raises(DeliveryError) as caught:
        line.deliver(address(), TEXT)
    if least is None or most is None:
        assert caught.value.after is None
    else:
        assert caught.value.after is not None
        assert least <= caught.value.after <= most


@pytest.mark.parametrize("kind", ["drop", "garbage", "hang", "lost"])
def test_no_answer_can_be_tried_again(fake_line: FakeLine, kind: Any) -> None:
    line = adapter(fake_line, timeout=(0.5, 0.3))
    fake_line.fail_next(kind=kind)
    with pytest.raises(DeliveryError) as caught:
        line.deliver(address(), TEXT)
    assert (caught.value.retry, caught.value.status) == (True, 0)
    assert len(fake_line.requests) == 1


def test_nobody_there_can_be_tried_again() -> None:
    fake = FakeLine().start()
    line = adapter(fake)
    fake.stop()
    with pytest.raises(DeliveryError) as caught:
        line.deliver(address(), TEXT)
    assert (caught.value.retry, caught.value.status) == (True, 0)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"{", b'"ok"', b'{"sentMessages":5}', b"[" * 5000])
@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=klingon", "text/html; charset=utf-16"]
)
def test_status_counts_whatever_the_body(
    line: LineAdapter, fake_line: FakeLine, body: bytes, content_type: str
) -> None:
    headers = {"Content-Type": content_type}
    fake_line.fail_next(status=200, body=body, headers=headers)
    line.deliver(address(), TEXT)
    fake_line.fail_next(status=503, body=body, headers=headers)
    with pytest.raises(DeliveryError) as caught:
        line.deliver(address(), TEXT)
    assert (caught.value.retry, caught.value.status) == (True, 503)


def test_error_says_nothing_of_the_message(
    line: LineAdapter, fake_line: FakeLine, caplog: pytest.LogCaptureFixture
) -> None:
    fake_line.profiles[USER] = {"displayName": "Hanako", "userId": USER, "language": "ja"}
    with caplog.at_level(logging.DEBUG):
        line.profile_language(address())
        for body in (b'{"message":"bad"}', b"", TEXT[0]["text"].encode()):
            fake_line.fail_next(2, status=400, body=body)
            with pytest.raises(DeliveryError) as caught:
                line.deliver(address(), TEXT)
            assert "ひみつ" not in str(caught.value)
            assert caught.value.__cause__ is None
            assert caught.value.__context__ is None
    assert "ひみつ" not in caplog.text
    assert "Hanako" not in caplog.text
    assert fake_line.access_token not in caplog.text


def test_one_adapter_serves_many_threads(line: LineAdapter, fake_line: FakeLine) -> None:
    failed: list[BaseException] = []

    def send(n: int) -> None:
        try:
            for m in range(5):
                line.deliver(address(f"{n}-{m}"), [{"type": "text", "text": f"{n}-{m}"}])
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=send, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    assert sorted(sent.to for sent in fake_line.sent) == sorted(
        f"{n}-{m}" for n in range(12) for m in range(5)
    )
    assert all(sent.to == sent.messages[0]["text"] for sent in fake_line.sent)


# --- loading indicator and profile ----------------------------------------------------------------------


def test_loading_indicator(line: LineAdapter, fake_line: FakeLine) -> None:
    line.working(address())
    line.working(address(user_id="C7b3a91ce5d0248e67b3a91ce5d0248e6"))
    assert fake_line.loading == [{"chatId": USER, "loadingSeconds": 20}]
    assert len(fake_line.requests) == 1


def test_profile_language(line: LineAdapter, fake_line: FakeLine) -> None:
    fake_line.profiles[USER] = {"displayName": "Ana", "userId": USER, "language": "pt-BR"}
    assert line.profile_language(address()) == "pt-BR"
    fake_line.profiles[USER] = {"displayName": "Ana", "userId": USER}
    assert line.profile_language(address()) is None
    assert line.profile_language(address(user_id="U" + "0" * 32)) is None
    assert line.profile_language(address(user_id="R" + "0" * 32)) is None
    assert len(fake_line.calls(PROFILE)) == 3


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 429},
        {"kind": "drop"},
        {"kind": "garbage"},
        {"status": 200, "body": b"\xff{"},
        {"status": 200, "body": b'{"language":7}'},
    ],
)
def test_neither_of_them_ever_raises(line: LineAdapter, fake_line: FakeLine, fault: dict[str, Any]) -> None:
    fake_line.profiles[USER] = {"displayName": "Ana", "userId": USER, "language": "en"}
    fake_line.fail_next(2, **fault)
    line.working(address())
    assert line.profile_language(address()) is None
    assert [received.path.startswith((LOADING, PROFILE)) for received in fake_line.requests] == [True, True]
    assert line.profile_language(address()) == "en"
