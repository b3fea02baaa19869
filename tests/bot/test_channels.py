"""What channels promise beyond a story: once only, in order, nothing without authentication, retries."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from bot.parts import Parts
from bot.settings import Settings
from tests.drivers import LineDriver, TelegramDriver, line_event, with_line, with_telegram
from tests.fakes.line_api import FakeLine
from tests.fakes.openapi_strict import line_api
from tests.fakes.telegram_api import FakeTelegram

MakeApp = Callable[[Settings], Flask]
LOST = "マイナンバーカードをなくした"


@pytest.fixture
def line(settings: Settings, make_app: MakeApp, fake_line: FakeLine) -> LineDriver:
    return LineDriver(make_app(with_line(settings, fake_line)), fake_line)


@pytest.fixture
def telegram(settings: Settings, make_app: MakeApp, fake_telegram: FakeTelegram) -> TelegramDriver:
    return TelegramDriver(make_app(with_telegram(settings, fake_telegram)), fake_telegram)


def said(words: str, number: str = "1") -> dict[str, object]:
    return {"message": {"type": "text", "id": number, "quoteToken": "q", "text": words}}


def rows(parts: Parts, statement: str) -> list[object]:
    with parts.store._engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def test_one_event_one_reply_that_validates(line: LineDriver) -> None:
    line.say(LOST)
    assert [sent.way for sent in line.fake.sent] == ["reply"]
    spec = line_api()
    if spec is None:
        pytest.skip("needs LINE's specification: set TOCHIMADO_SPECS")
    body = {"replyToken": "x", "messages": line.fake.sent[0].messages}
    assert spec.errors("ReplyMessageRequest", body) == []
    assert spec.errors("ReplyMessageRequest", {**body, "messages": [{"type": "text"}]}) != []


def test_a_wrong_line_signature_reaches_nobody(line: LineDriver) -> None:
    event = line_event("message", line.user, line.fake.issue_token(), **said(LOST))
    assert line.send(event, signature="wrong") == 401
    assert line.fake.requests == []
    assert rows(line.parts, "SELECT * FROM inbox") == []


@pytest.mark.parametrize(("secret", "status"), [(None, 401), ("wrong", 403)])
def test_a_wrong_telegram_secret_reaches_nobody(
    telegram: TelegramDriver, secret: str | None, status: int
) -> None:
    update = {"update_id": 1, "message": telegram.message(text=LOST)}
    assert telegram.send(update, secret=secret) == status
    assert telegram.fake.calls == []


def test_a_redelivered_event_is_answered_once(line: LineDriver) -> None:
    event = line_event("message", line.user, line.fake.issue_token(), **said(LOST))
    line.send(event)
    line.send({**event, "deliveryContext": {"isRedelivery": True}}, event)
    assert len(line.fake.sent) == 1


def test_a_repeated_update_is_answered_once(telegram: TelegramDriver) -> None:
    update = {"update_id": 77, "message": telegram.message(text=LOST)}
    telegram.send(update)
    count = len(telegram.fake.sent)
    telegram.send(update)
    assert len(telegram.fake.sent) == count > 0


def test_many_events_of_one_resident_are_answered_in_order(line: LineDriver) -> None:
    tokens = [line.fake.issue_token() for _ in range(10)]
    events = [
        line_event("message", line.user, token, **said(LOST, str(number)))
        for number, token in enumerate(tokens)
    ]
    assert line.send(*events) == 200
    assert [sent.to for sent in line.fake.sent] == tokens


def test_the_profiles_language_is_the_first_guess_on_line(line: LineDriver) -> None:
    line.fake.profiles[line.user] = {"displayName": "A", "userId": line.user, "language": "pt-BR"}
    assert "Olá" in line.open().text
    count = len([r for r in line.fake.requests if "/profile/" in r.path])
    line.say("119")
    assert len([r for r in line.fake.requests if "/profile/" in r.path]) == count, "asked once"


def test_the_apps_language_is_the_first_guess_on_telegram(telegram: TelegramDriver) -> None:
    telegram.language = "es"
    assert "Hola" in telegram.open().text


def test_the_loading_indicator_is_shown(line: LineDriver) -> None:
    line.say(LOST)
    assert [call["chatId"] for call in line.fake.loading] == [line.user]


def test_taking_a_message_back_erases_its_text(line: LineDriver) -> None:
    event = line_event("message", line.user, line.fake.issue_token(), **said("ひみつ", "9001"))
    line.send(event)
    assert rows(line.parts, "SELECT said FROM turns") == [("ひみつ",)]
    line.send(line_event("unsend", line.user, None, unsend={"messageId": "9001"}))
    assert rows(line.parts, "SELECT said FROM turns") == [(None,)]
    assert len(line.fake.sent) == 1


def test_blocking_erases_the_session(line: LineDriver, telegram: TelegramDriver) -> None:
    line.say(LOST)
    line.send(line_event("unfollow", line.user, None))
    assert rows(line.parts, "SELECT * FROM sessions") == []
    telegram.say(LOST)
    blocked = {
        "chat": {"id": telegram.chat, "type": "private", "first_name": "A"},
        "from": telegram.person(),
        "date": 1,
        "old_chat_member": {"status": "member", "user": telegram.person()},
        "new_chat_member": {"status": "kicked", "user": telegram.person(), "until_date": 0},
    }
    telegram.send({"update_id": 5, "my_chat_member": blocked})
    assert rows(telegram.parts, "SELECT * FROM turns") == []


@pytest.mark.parametrize(
    "message",
    [
        {
            "type": "sticker",
            "id": "1",
            "quoteToken": "q",
            "packageId": "1",
            "stickerId": "1",
            "stickerResourceType": "STATIC",
        },
        {"type": "image", "id": "1", "quoteToken": "q", "contentProvider": {"type": "line"}},
        {"type": "hologram", "id": "1"},
    ],
)
def test_what_cannot_be_read_is_answered_politely(line: LineDriver, message: dict[str, object]) -> None:
    assert "文字で" in line.event("message", message=message).text


def test_unknown_events_are_accepted_and_counted(line: LineDriver) -> None:
    assert (
        line.send(
            line_event("somethingNew", line.user, None), {"type": 5}, line_event("beacon", line.user, None)
        )
        == 200
    )
    assert line.fake.sent == []
    metrics = line.client.get("/metrics").get_data(as_text=True)
    assert 'tochimado_ignored_events_total{channel="line",event="somethingNew"}' in metrics


def test_an_empty_list_of_events_is_accepted(line: LineDriver) -> None:
    assert line.send() == 200


def test_a_channel_that_is_busy_is_tried_again(line: LineDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.durable.outbox.FIRST_WAIT", 0.01)
    line.fake.fail_next(2, "status", path="/v2/bot/message/reply", status=500)
    line.send(line_event("message", line.user, line.fake.issue_token(), **said(LOST)))
    assert len(line.fake.sent) == 1


def test_a_channel_that_is_gone_for_a_while_loses_nothing_and_holds_nobody_up(
    line: LineDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.durable.outbox.FIRST_WAIT", 0.05)
    line.fake.fail_next(4, "status", path="/v2/bot/message", status=503)
    line.send(line_event("message", line.user, line.fake.issue_token(), **said(LOST)))
    assert len(line.fake.sent) == 1
    assert LineDriver(line.client.application, line.fake).say(LOST).text
    assert rows(line.parts, "SELECT * FROM outbox") == []


def test_nothing_is_sent_for_channels_that_nobody_asked(line: LineDriver) -> None:
    """A reply goes back to the conversation that asked, and to no other."""
    line.say(LOST)
    other = LineDriver(line.client.application, line.fake)
    other.say(LOST)
    assert len({sent.to for sent in line.fake.sent}) == 2
