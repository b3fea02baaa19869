"""The fake Telegram refuses what the real one refuses; were it lenient, the other tests would say nothing."""

import json
import threading
import time
import urllib.error
import urllib.request

import pytest

from tests.fakes.fixtures_telegram import NO_SPECS, fake_telegram  # noqa: F401
from tests.fakes.telegram_api import FakeTelegram
from tests.fakes.telegram_html import EntityError, is_empty, parse_html
from tests.fakes.telegram_schema import Schema, load_specification, specs_folder


@pytest.fixture
def telegram(fake_telegram):  # noqa: F811
    fake_telegram.expects_problems = True
    return fake_telegram


def call(telegram, method, fields, token=None, content_type="application/json"):
    """Return status and answer of one call."""
    body = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
    request = urllib.request.Request(
        f"{telegram.url}/bot{token or telegram.token}/{method}", body, {"Content-Type": content_type}
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


MESSAGE = {"chat_id": 5, "text": "こんにちは"}


def key(**fields):
    return {"text": "x", **fields}


def inline(*rows):
    return {"reply_markup": {"inline_keyboard": list(rows)}}


@pytest.mark.parametrize(
    "fields",
    [
        MESSAGE,
        MESSAGE | {"text": "x" * 4096},
        MESSAGE | {"text": "😀" * 2048},
        MESSAGE | {"text": "<b>" + "&lt;" * 4096 + "</b>", "parse_mode": "HTML"},
        MESSAGE | {"text": "a < b & c"},
        MESSAGE | {"text": '<a href="https://example.com/">x</a> <b><i>y</i></b>', "parse_mode": "HTML"},
        MESSAGE | inline([key(callback_data="x" * 64)], [key(url="https://example.com/")]),
        MESSAGE | inline([key(callback_data="あ" * 21)]),
        MESSAGE | {"reply_markup": {"keyboard": [[key(request_location=True)]], "one_time_keyboard": True}},
        MESSAGE | {"reply_markup": {"remove_keyboard": True}},
        MESSAGE | {"link_preview_options": {"is_disabled": True}},
    ],
)
def test_accepts(telegram, fields):
    status, answer = call(telegram, "sendMessage", fields)
    assert (status, answer["ok"]) == (200, True)
    assert telegram.schema.type_problems("Message", answer["result"]) == []
    assert telegram.problems == []


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"text": "x"}, "sendMessage.chat_id: required"),
        ({"chat_id": 5}, "sendMessage.text: required"),
        (MESSAGE | {"chat_id": None}, "chat_id: not Integer"),
        (MESSAGE | {"chat_id": True}, "chat_id: not Integer"),
        (MESSAGE | {"method": "sendMessage"}, "method: unknown field"),
        (MESSAGE | {"text": 5}, "text: not String"),
        (MESSAGE | {"text": ""}, "message text is empty"),
        (MESSAGE | {"text": " \u3000\u200b"}, "message text is empty"),
        (MESSAGE | {"text": "<b> </b>", "parse_mode": "HTML"}, "message text is empty"),
        (MESSAGE | {"text": "x" * 4097}, "message is too long"),
        (MESSAGE | {"text": "😀" * 2049}, "message is too long"),
        (MESSAGE | {"text": "\ud800"}, "strings must be encoded in UTF-8"),
        (MESSAGE | {"text": "<b>x</b>" * 101, "parse_mode": "HTML"}, "entities would be left out"),
        (MESSAGE | {"text": "<b>x", "parse_mode": "HTML"}, "can't parse entities: Can't find end tag"),
        (MESSAGE | {"text": "x", "parse_mode": "MarkdownV2"}, "unsupported parse_mode"),
        (
            MESSAGE | {"link_preview_options": {"disabled": True}},
            "link_preview_options.disabled: unknown field",
        ),
        (MESSAGE | {"link_preview_options": True}, "not LinkPreviewOptions"),
        (MESSAGE | inline(key(callback_data="x")), "inline_keyboard[0]: not an array"),
        (MESSAGE | inline([{"callback_data": "x"}]), "[0][0].text: required"),
        (MESSAGE | inline([key()]), "text buttons are unallowed"),
        (MESSAGE | inline([key(callback_data="x", url="https://a.jp")]), "text buttons are unallowed"),
        (MESSAGE | inline([key(callback_data="x" * 65)]), "BUTTON_DATA_INVALID"),
        (MESSAGE | inline([key(callback_data="あ" * 22)]), "BUTTON_DATA_INVALID"),
        (MESSAGE | inline([key(callback_data="")]), "BUTTON_DATA_INVALID"),
        (MESSAGE | inline([key(url="javascript:1")]), "BUTTON_URL_INVALID"),
        (MESSAGE | inline([{"text": " ", "callback_data": "x"}]), "button text must be non-empty"),
        (MESSAGE | inline([key(callback_data="x")] * 9), "REPLY_MARKUP_TOO_LONG"),
        (MESSAGE | inline(*[[key(callback_data="x")]] * 101), "REPLY_MARKUP_TOO_LONG"),
        (
            {"chat_id": -5, "text": "x", "reply_markup": {"keyboard": [[key(request_location=True)]]}},
            "location can be requested in private chats only",
        ),
        (
            MESSAGE | {"reply_markup": {"inline_keyboard": [], "keyboard": []}},
            "unknown field",
        ),
    ],
)
def test_refuses(telegram, fields, problem):
    status, answer = call(telegram, "sendMessage", fields)
    assert (status, answer["ok"], answer["error_code"]) == (400, False, 400)
    assert problem in answer["description"]
    assert len(telegram.problems) >= 1
    assert telegram.sent == []


@pytest.mark.parametrize(
    ("method", "fields", "status"),
    [
        ("sendChatAction", {"chat_id": 5, "action": "typing"}, 200),
        ("sendChatAction", {"chat_id": 5, "action": "thinking"}, 400),
        ("answerCallbackQuery", {"callback_query_id": "1", "text": "x" * 200}, 200),
        ("answerCallbackQuery", {"callback_query_id": "1", "text": "x" * 201}, 400),
        ("answerCallbackQuery", {"callback_query_id": 1}, 400),
        ("setWebhook", {"url": "https://a.jp", "secret_token": "a-_9", "allowed_updates": ["message"]}, 200),
        ("setWebhook", {"url": "http://a.jp"}, 400),
        ("setWebhook", {"url": "https://a.jp", "secret_token": "a b"}, 400),
        ("setWebhook", {"url": "https://a.jp", "secret_token": "a" * 257}, 400),
        ("setWebhook", {"url": "https://a.jp", "allowed_updates": "message"}, 400),
        (
            "setMyCommands",
            {"commands": [{"command": "help", "description": "使い方"}], "language_code": "ja"},
            200,
        ),
        ("setMyCommands", {"commands": [{"command": "Help", "description": "使い方"}]}, 400),
        ("setMyCommands", {"commands": [{"command": "help", "description": ""}]}, 400),
        ("setMyCommands", {"commands": [{"command": "help"}]}, 400),
        ("setMyCommands", {"commands": [], "language_code": "pt-br"}, 400),
        ("getMe", {}, 200),
        ("sendTelepathy", {}, 404),
    ],
)
def test_other_methods(telegram, method, fields, status):
    assert call(telegram, method, fields)[0] == status


def test_wrong_tokens(telegram):
    assert call(telegram, "getMe", {}, token="123456789:other")[0] == 401
    assert call(telegram, "getMe", {}, token="nonsense")[0] == 404
    assert telegram.calls == []


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b"\xff"])
def test_a_body_that_is_no_object_is_refused(telegram, body):
    assert call(telegram, "sendMessage", body)[0] == 400


def test_only_json_is_understood(telegram):
    assert call(telegram, "sendMessage", b"chat_id=5&text=x", content_type="text/plain")[0] == 400


def test_faults_hit_the_method_they_are_meant_for_and_then_end(telegram):
    telegram.fail(429, retry_after=4, method="sendMessage", times=2)
    typing = {"chat_id": 5, "action": "typing"}
    statuses = [
        call(telegram, *each)[0] for each in [("sendMessage", MESSAGE), ("sendChatAction", typing)] * 3
    ]
    assert statuses == [429, 200, 429, 200, 200, 200]
    telegram.fail(429, retry_after=4)
    assert call(telegram, "sendMessage", MESSAGE)[1]["parameters"] == {"retry_after": 4}


def test_wait_for_ends_with_the_call_or_the_deadline(telegram):
    thread = threading.Timer(0.05, call, (telegram, "sendMessage", MESSAGE))
    thread.start()
    assert [each.text for each in telegram.wait_for(1)] == ["こんにちは"]
    thread.join()
    with pytest.raises(TimeoutError, match="1 of 2"):
        telegram.wait_for(2, seconds=0.05)


def test_closing_does_not_wait_for_a_silent_answer():
    if (folder := specs_folder()) is None:
        pytest.skip(NO_SPECS)
    start = time.monotonic()
    with FakeTelegram(folder) as telegram:
        telegram.misbehave("silence")
        with pytest.raises(TimeoutError):
            urllib.request.urlopen(f"{telegram.url}/bot{telegram.token}/getMe", b"{}", timeout=0.1)
    assert time.monotonic() - start < 5


# --- its parts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("", "", 0),
        ("a", "a", 0),
        ("<b>a</b>&lt;&#x27;&#39;&quot;&amp;", "a<''\"&", 1),
        ('<a href="https://a.jp/?x=1&amp;y">題</a>', "題", 1),
        ("<b>a<i>b</i></b >c", "abc", 2),
        ("&amp;lt;", "&lt;", 0),
    ],
)
def test_html_that_is_well_formed(source, text, entities):
    assert parse_html(source) == (text, entities)


@pytest.mark.parametrize(
    "source",
    [
        *(
            "<",
            ">",
            "&",
            "a & b",
            "<b>",
            "</b>",
            "<b></i>",
            "<b><i></b></i>",
            "<script>x</script>",
            "<br>",
            "&nbsp;",
        ),
        *(
            "<a>x</a>",
            '<a href="">x</a>',
            '<a href="x" onclick="y">x</a>',
            '<b class="x">y</b>',
            "<b",
            "<!-- x -->",
        ),
        *("<a href=https://a.jp>x</a>", '<a href="a"b">x</a>', "<日本>x</日本>"),
    ],
)
def test_html_that_is_not(source):
    with pytest.raises(EntityError):
        parse_html(source)


def test_empty_is_what_nobody_sees():
    assert is_empty("")
    assert is_empty(" \n\u200b\u3000\u2800")
    assert not is_empty("\u3000.")


def test_the_schema_is_not_satisfied_by_anything():
    if (folder := specs_folder()) is None:
        pytest.skip(NO_SPECS)
    schema = Schema(load_specification(folder))
    user = {"id": 1, "is_bot": False, "first_name": "x"}
    assert schema.type_problems("User", user) == []
    assert schema.type_problems("User", user | {"age": 7}) == ["User.age: unknown field"]
    assert schema.type_problems("User", user | {"id": "1"}) == ["User.id: not Integer"]
    assert schema.type_problems("User", {"id": 1}) == ["User.is_bot: required", "User.first_name: required"]
    assert schema.type_problems("Array of User", [user, 1]) == ["Array of User[1]: not User"]
    assert schema.type_problems("Update", {"update_id": 1, "callback_query": {"id": "1"}}) != []
