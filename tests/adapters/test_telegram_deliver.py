"""Delivery over a real socket to a Telegram on loopback that is as strict as the real one, and as moody."""

import logging
import socket
import traceback

import pytest

from adapters.base import DeliveryError
from adapters.messages import Address, Button, LocationRequest, Reply, Text
from adapters.telegram import COMMAND_MENU, TelegramAdapter, TelegramDeliveryError
from adapters.telegram_parse import ALLOWED_UPDATES
from tests.fakes.fixtures_telegram import fake_telegram  # noqa: F401

TO = Address("telegram", "5550100")
GROUP = Address("telegram", "-1001234500678")
SECRET_TEXT = "ひみつの相談 <tag>"
REPLY = Reply((Text(SECRET_TEXT),), (Button("話題", "topics"),))


@pytest.fixture
def adapter(fake_telegram):  # noqa: F811
    adapter = TelegramAdapter(fake_telegram.token, "hook-secret", fake_telegram.url, timeout=0.5)
    yield adapter
    adapter.close()


def failure(adapter, messages, to=TO):
    with pytest.raises(TelegramDeliveryError) as caught:
        adapter.deliver(to, messages)
    assert isinstance(caught.value, DeliveryError)
    assert caught.value.channel == "telegram"
    return caught.value


def test_messages_arrive_in_order_over_one_connection(adapter, fake_telegram):  # noqa: F811
    messages = [
        *adapter.render(Reply((Text("一"),))),
        *adapter.render(Reply((Text("二 & 2"),))),
        *adapter.render(REPLY),
    ]
    adapter.deliver(TO, messages)
    adapter.deliver(TO, messages)
    assert [call.text for call in fake_telegram.sent] == ["一", "二 & 2", SECRET_TEXT] * 2
    assert {call.fields["chat_id"] for call in fake_telegram.sent} == {5550100}
    assert "method" not in fake_telegram.sent[0].fields
    assert fake_telegram.connections == 1


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_base_may_have_a_path_and_a_slash(fake_telegram, slash):  # noqa: F811
    adapter = TelegramAdapter(fake_telegram.token, "s", fake_telegram.url + "/proxy/telegram" + slash)
    assert failure(adapter, adapter.render(REPLY)).status == 404  # the fake serves the root only
    adapter.close()
    adapter = TelegramAdapter(fake_telegram.token, "s", fake_telegram.url + slash)
    adapter.deliver(TO, adapter.render(REPLY))
    adapter.close()
    assert len(fake_telegram.sent) == 1


@pytest.mark.parametrize(
    ("status", "description", "retry_after", "expected"),
    [
        (429, "", 7, (True, 7.0)),
        (429, "Too Many Requests", None, (True, None)),
        (500, "Internal Server Error", None, (True, None)),
        (502, "Bad Gateway", None, (True, None)),
        (503, "", 3, (True, 3.0)),
        (400, "Bad Request: chat not found", None, (False, None)),
        (400, "Bad Request: message text is empty", None, (False, None)),
        (403, "Forbidden: bot was blocked by the user", None, (False, None)),
        (403, "Forbidden: user is deactivated", None, (False, None)),
        (401, "Unauthorized", None, (False, None)),
        (404, "Not Found", None, (False, None)),
        (409, "Conflict", None, (False, None)),
        (413, "Request Entity Too Large", None, (False, None)),
        (302, "Found", None, (False, None)),
    ],
)
def test_an_error_says_whether_and_when_to_try_again(
    adapter,
    fake_telegram,  # noqa: F811
    status,
    description,
    retry_after,
    expected,
):
    fake_telegram.fail(status, description, retry_after=retry_after)
    error = failure(adapter, adapter.render(REPLY))
    assert (error.retry, error.after) == expected
    assert (error.status, error.delivered) == (status, 0)
    assert len(fake_telegram.calls) == 1
    adapter.deliver(TO, adapter.render(REPLY))
    assert len(fake_telegram.sent) == 1


@pytest.mark.parametrize("kind", ["silence", "garbage", "hangup"])
def test_no_answer_or_an_unreadable_one_is_tried_again(adapter, fake_telegram, kind):  # noqa: F811
    fake_telegram.misbehave(kind)
    error = failure(adapter, adapter.render(REPLY))
    assert error.retry
    assert error.status == (200 if kind == "garbage" else 0)
    adapter.deliver(TO, adapter.render(REPLY))
    assert len(fake_telegram.sent) == 1


def test_nobody_at_the_address_is_tried_again():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        adapter = TelegramAdapter("1:a", "s", f"http://127.0.0.1:{unused.getsockname()[1]}", timeout=0.5)
        error = failure(adapter, adapter.render(REPLY))
        assert (error.retry, error.status, error.after) == (True, 0, None)
        adapter.close()


@pytest.mark.parametrize("after", ["7", -1, None, [], True, 1e300])
def test_only_a_sensible_retry_after_is_believed(adapter, fake_telegram, after):  # noqa: F811
    fake_telegram.fail(429, retry_after=after)
    assert failure(adapter, adapter.render(REPLY)).after in (None, 1.0 if after is True else None)


def test_markup_that_is_not_accepted_is_sent_again_as_plain_text(adapter, fake_telegram):  # noqa: F811
    fake_telegram.fail(400, "Bad Request: can't parse entities: Unsupported start tag", method="sendMessage")
    adapter.deliver(TO, adapter.render(Reply((Text("<b> & 題", "title"), Text("本文")), REPLY.quick_replies)))
    (sent,) = fake_telegram.sent
    assert sent.text == "<b> & 題\n\n本文"
    assert "parse_mode" not in sent.fields
    assert sent.fields["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == "topics"
    assert [call.status for call in fake_telegram.calls] == [400, 200]


def test_really_broken_markup_is_refused_by_the_fake_and_arrives_as_plain_text(adapter, fake_telegram):  # noqa: F811
    fake_telegram.expects_problems = True
    adapter.deliver(TO, [{"method": "sendMessage", "text": "<b>a &lt; b", "parse_mode": "HTML"}])
    assert [call.text for call in fake_telegram.sent] == ["a < b"]


def test_plain_text_that_is_refused_too_is_given_up(adapter, fake_telegram):  # noqa: F811
    fake_telegram.fail(400, "Bad Request: can't parse entities", times=2)
    assert not failure(adapter, adapter.render(REPLY)).retry
    assert len(fake_telegram.calls) == 2


@pytest.mark.parametrize("position", [0, 1, 2])
def test_after_a_failure_the_rest_is_sent_from_where_it_failed(adapter, fake_telegram, position):  # noqa: F811
    messages = [adapter.render(Reply((Text(text),)))[0] for text in ("一", "二", "三")]
    fake_telegram.fail(500, skip=position)
    error = failure(adapter, messages)
    assert (error.delivered, error.retry) == (position, True)
    adapter.deliver(TO, messages[error.delivered :])
    assert [call.text for call in fake_telegram.sent] == ["一", "二", "三"]


def test_who_blocked_the_bot_is_not_tried_again(adapter, fake_telegram):  # noqa: F811
    fake_telegram.blocked.add(int(TO.user_id))
    error = failure(adapter, adapter.render(REPLY))
    assert (error.retry, error.status, error.reason) == (False, 403, "bot was blocked by the user")


@pytest.mark.parametrize("user_id", ["", "abc", "@name", "5; drop", "１２", "9" * 30, "-"])
def test_what_is_no_chat_id_is_not_tried(adapter, fake_telegram, user_id):  # noqa: F811
    to = Address("telegram", user_id)
    assert not failure(adapter, adapter.render(REPLY), to).retry
    adapter.working(to)
    assert fake_telegram.calls == []


def test_a_group_gets_no_keyboard_that_asks_for_a_place(adapter, fake_telegram):  # noqa: F811
    ask = LocationRequest("どこですか。", "現在地を送る")
    for reply in (Reply((ask,)), Reply((ask,), REPLY.quick_replies)):
        adapter.deliver(GROUP, adapter.render(reply))
        adapter.deliver(TO, adapter.render(reply))
    seen = [
        (call.fields["chat_id"] < 0, call.text, *call.fields.get("reply_markup", {}))
        for call in fake_telegram.sent
    ]
    keyboard = ("keyboard", "resize_keyboard", "one_time_keyboard")
    assert seen == [
        (True, "どこですか。"),
        (False, "どこですか。", *keyboard),
        (True, "どこですか。", "inline_keyboard"),
        (False, "どこですか。", "inline_keyboard"),
        (False, "📍 現在地を送る", *keyboard),
    ]


# --- working --------------------------------------------------------------------------------------------


def test_working_stops_the_spinner_and_shows_typing(adapter, fake_telegram):  # noqa: F811
    adapter.working(Address("telegram", "5550100", reply_token="4382bfdw"))
    adapter.working(TO)
    assert [(call.method, call.fields) for call in fake_telegram.calls] == [
        ("answerCallbackQuery", {"callback_query_id": "4382bfdw"}),
        ("sendChatAction", {"chat_id": 5550100, "action": "typing"}),
        ("sendChatAction", {"chat_id": 5550100, "action": "typing"}),
    ]


@pytest.mark.parametrize("fault", ["garbage", "hangup", 400, 403, 429, 500])
def test_working_never_raises(adapter, fake_telegram, fault):  # noqa: F811
    if isinstance(fault, str):
        fake_telegram.misbehave(fault, times=2)
    else:
        fake_telegram.fail(fault, times=2, retry_after=9)
    adapter.working(Address("telegram", "5550100", reply_token="old"))
    assert [call.method for call in fake_telegram.calls] == ["answerCallbackQuery", "sendChatAction"]


def test_working_never_raises_even_when_closed(adapter):
    adapter.close()
    adapter.working(TO)


def test_the_profile_has_no_language(adapter, fake_telegram):  # noqa: F811
    assert adapter.profile_language(TO) is None
    assert fake_telegram.calls == []


# --- setting up -----------------------------------------------------------------------------------------


def test_set_webhook_asks_for_what_is_understood_with_the_secret(adapter, fake_telegram):  # noqa: F811
    adapter.set_webhook("https://bot.example.jp/webhook/telegram")
    (call,) = fake_telegram.accepted("setWebhook")
    assert call.fields == {
        "url": "https://bot.example.jp/webhook/telegram",
        "secret_token": "hook-secret",
        "allowed_updates": list(ALLOWED_UPDATES),
    }
    with pytest.raises(ValueError, match="https"):
        adapter.set_webhook("http://bot.example.jp/webhook/telegram")


def test_set_commands_in_each_language_and_english_for_the_others(adapter, fake_telegram):  # noqa: F811
    adapter.set_commands()
    calls = fake_telegram.accepted("setMyCommands")
    menus = {call.fields.get("language_code"): call.fields["commands"] for call in calls}
    assert menus.keys() == {None, *COMMAND_MENU} == {None, "ja", "en", "zh", "pt", "es"}
    assert menus[None] == menus["en"] != menus["ja"]
    assert {"command": "help", "description": "使い方"} in menus["ja"]


# --- what must not be seen ------------------------------------------------------------------------------


def test_neither_token_nor_text_is_in_logs_or_exceptions(adapter, fake_telegram, caplog):  # noqa: F811
    caplog.set_level(logging.DEBUG)
    messages = adapter.render(REPLY)
    adapter.deliver(TO, messages)
    fake_telegram.fail(400, f"Bad Request: can't parse entities: {SECRET_TEXT}", method="sendMessage")
    adapter.deliver(TO, messages)
    fake_telegram.misbehave("hangup", times=3)
    fake_telegram.misbehave("silence")
    fake_telegram.misbehave("garbage")
    fake_telegram.fail(400, f"Bad Request: {SECRET_TEXT} {fake_telegram.token}")
    said = []
    for _ in range(6):
        try:
            adapter.deliver(TO, messages)
        except DeliveryError as error:
            said += [str(error), repr(error), *traceback.format_exception(error)]
    assert len(said) > 12
    everything = (
        caplog.text + "".join(map(str, (record.__dict__ for record in caplog.records))) + "".join(said)
    )
    assert "HTTP Request: POST" in everything  # httpx does log each call
    assert fake_telegram.token not in everything
    assert "loopback_TOKEN" not in everything
    assert "ひみつ" not in everything
    assert fake_telegram.token not in repr(adapter)
