"""Every kind of update, from real-looking payloads, to what the conversation sees of it."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.messages import IncomingMessage
from adapters.telegram_parse import COMMANDS, Ignored, parse_update
from tests.fakes.fixtures_telegram import NO_SPECS
from tests.fakes.telegram_schema import Schema, load_specification, specs_folder

FIXTURES = Path(__file__).parents[1] / "fixtures" / "telegram"
NAMES = sorted(path.stem for path in FIXTURES.glob("*.json"))
BOT_ID = 123456789
PRIVATE, GROUP = "5550100", "-1001234500678"
KENCHO = (36.5551, 139.8828)


def load(name):
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def parse(name, bot_id=BOT_ID):
    return parse_update(load(name), bot_id)


ANSWERED = {
    "text": {"text": "マイナンバーカードをなくした", "lang_hint": "ja"},
    "text_portuguese": {"text": "Perdi meu cartão 😢", "lang_hint": "pt-br"},
    "text_formatted": {"text": "<b>救急</b> & 相談 7119"},
    "command_start": {"kind": "follow", "ref": None},
    "command_start_payload": {"kind": "follow", "ref": "e_medical_7119"},
    "command_help": {"kind": "postback", "postback": "help", "text": None},
    "command_help_named": {"kind": "postback", "postback": "help"},
    "command_lang": {"kind": "postback", "postback": "lang"},
    "command_delete": {"kind": "postback", "postback": "delete"},
    "command_topics": {"kind": "postback", "postback": "topics"},
    "command_unknown": {"kind": "text", "text": "hospital 小山市"},
    "edited_text": {"kind": "text", "text": "パスポートの更新"},
    "location": {"kind": "location", "location": KENCHO, "text": None},
    "venue": {"kind": "location", "location": (36.7581, 139.5988)},
    "sticker": {"kind": "attachment", "ref": "sticker"},
    "photo": {"kind": "attachment", "ref": "image"},
    "photo_caption": {"kind": "text", "text": "この通知は何ですか", "ref": None},
    "voice": {"kind": "attachment", "ref": "audio"},
    "audio": {"kind": "attachment", "ref": "audio"},
    "video": {"kind": "attachment", "ref": "video"},
    "video_note": {"kind": "attachment", "ref": "video"},
    "animation": {"kind": "attachment", "ref": "video"},
    "document": {"kind": "attachment", "ref": "file"},
    "contact": {"kind": "attachment", "ref": "contact"},
    "dice": {"kind": "attachment", "ref": "dice"},
    "poll_message": {"kind": "attachment", "ref": "poll"},
    "group_command": {"kind": "postback", "postback": "topics", "user_id": GROUP},
    "group_reply_to_bot": {"kind": "text", "text": "小山市", "user_id": GROUP},
    "group_location_reply": {"kind": "location", "location": KENCHO, "user_id": GROUP},
    "callback_query": {
        "kind": "postback",
        "postback": "e:mynumber.lost",
        "reply_token": "4382bfdwdsb323b2d9",
        "lang_hint": "ja",
    },
    "callback_query_group": {"kind": "postback", "postback": "help", "user_id": GROUP},
    "my_chat_member_kicked": {"kind": "unfollow", "text": None},
    "my_chat_member_left": {"kind": "unfollow", "user_id": GROUP},
}

IGNORED = {
    "text_from_bot": "message.bot",
    "edited_live_location": "edited_message",
    "service_new_members": "message.group",
    "service_pinned": "message.service",
    "group_chatter": "message.group",
    "group_reply_to_other_bot": "message.group",
    "callback_query_inaccessible": "callback_query.inaccessible",
    "callback_query_inline": "callback_query.inaccessible",
    "callback_query_game": "callback_query.no_data",
    "my_chat_member_member": "my_chat_member",
    "channel_post": "channel_post",
    "inline_query": "inline_query",
    "poll_answer": "poll_answer",
}


def test_every_fixture_has_an_expectation():
    assert sorted(ANSWERED.keys() | IGNORED.keys()) == NAMES
    assert len(NAMES) >= 40


@pytest.mark.parametrize("name", NAMES)
def test_fixture_is_an_update_of_the_bot_api(name):
    if (folder := specs_folder()) is None:
        pytest.skip(NO_SPECS)
    assert Schema(load_specification(folder)).type_problems("Update", load(name)) == []


@pytest.mark.parametrize("name", ANSWERED)
def test_answered(name):
    update, message = load(name), parse(name)
    assert isinstance(message, IncomingMessage)
    expected = {
        "channel": "telegram",
        "user_id": PRIVATE,
        "event_id": str(update["update_id"]),
        **ANSWERED[name],
    }
    assert {field: getattr(message, field) for field in expected} == expected


@pytest.mark.parametrize("name", IGNORED)
def test_ignored(name):
    assert parse(name) == Ignored(IGNORED[name])


def test_message_id_names_chat_and_message():
    assert parse("text").message_id == f"{PRIVATE}:{load('text')['message']['message_id']}"
    assert parse("group_command").message_id.startswith(f"{GROUP}:")


def test_without_the_bots_id_a_reply_to_any_bot_counts():
    assert parse("group_reply_to_other_bot", bot_id=None).text == "はい"


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("form", ["/{}", "/{}@some_bot", "/{} and words", "/{}\nwords", "  /{}  "])
def test_commands_in_every_form(command, form):
    for name in (command, command.upper()):
        update = {"update_id": 1, "message": private(text=form.format(name))}
        assert parse_update(update).postback == COMMANDS[command]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/", "/"),
        ("/病院", "病院"),
        ("/foo@bot_bot bar", "foo bar"),
        ("/start2", "start2"),
        ("//help", "/help"),
        ("24/7", "24/7"),
        ("\x00", ""),
        ("a\x00b\ud800c", "ab\ufffdc"),
        ("あ" * 5000, "あ" * 5000),
    ],
)
def test_odd_texts(text, said):
    message = parse_update({"update_id": 1, "message": private(text=text)})
    assert (message.kind, message.text) == ("text", said)


@pytest.mark.parametrize("payload", ["", "   ", "a b", "x" * 65, "é", "<script>"])
def test_start_keeps_no_payload_that_a_deep_link_cannot_carry(payload):
    message = parse_update({"update_id": 1, "message": private(text=f"/start {payload}")})
    assert (message.kind, message.ref) == ("follow", None)


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        (91, 0),
        (0, 181),
        ("36", "139"),
        (None, 139.8),
        (float("nan"), 0),
        (float("inf"), 0),
        (True, False),
        (10**400, 0),
    ],
)
def test_impossible_places_are_not_places(latitude, longitude):
    update = {"update_id": 1, "message": private(location={"latitude": latitude, "longitude": longitude})}
    assert parse_update(update) == Ignored("message.service")


@pytest.mark.parametrize("code", ["", "日本語", "ja\n", "x" * 50, "a", 7, None, "ja-" + "x" * 40])
def test_a_language_that_is_no_tag_is_no_hint(code):
    update = {
        "update_id": 1,
        "message": private(text="x", **{"from": {"is_bot": False, "language_code": code}}),
    }
    assert parse_update(update).lang_hint is None


@pytest.mark.parametrize(
    ("update", "kind"),
    [
        ({}, "malformed"),
        ({"update_id": "1", "message": {}}, "malformed"),
        ({"update_id": True, "message": {}}, "malformed"),
        ({"update_id": 2**70, "message": {}}, "malformed"),
        ({"update_id": 1}, "unknown"),
        ({"update_id": 1, "telepathy": {"thought": "病院"}}, "unknown"),
        ({"update_id": 1, "message": None}, "unknown"),
        ({"update_id": 1, "message": []}, "unknown"),
        ({"update_id": 1, "message": {}}, "malformed"),
        ({"update_id": 1, "message": {"chat": {"id": "5"}, "text": "x"}}, "malformed"),
        ({"update_id": 1, "message": {"chat": {"id": 5, "type": "channel"}, "text": "x"}}, "message.channel"),
        ({"update_id": 1, "message": {"chat": {"id": 5}, "text": "x"}}, "message.group"),
        (
            {"update_id": 1, "message": {"chat": {"id": 5, "type": "private"}, "hologram": {}}},
            "message.service",
        ),
        ({"update_id": 1, "callback_query": {"id": "1", "data": "help"}}, "callback_query.inaccessible"),
        ({"update_id": 1, "callback_query": {"from": {"is_bot": True}}}, "callback_query.bot"),
        ({"update_id": 1, "my_chat_member": {}}, "malformed"),
        (
            {"update_id": 1, "my_chat_member": {"chat": {"id": 1}, "new_chat_member": "left"}},
            "my_chat_member",
        ),
        ({"update_id": 1, "managed_bot": {}}, "managed_bot"),
    ],
)
def test_odd_updates_are_ignored_by_name(update, kind):
    assert parse_update(update) == Ignored(kind)


def private(**content):
    return {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}, **content}


FIELD_NAMES = st.sampled_from(
    [
        *("update_id", "message", "edited_message", "callback_query", "my_chat_member", "chat", "from", "id"),
        *("type", "text", "caption", "date", "data", "is_bot", "language_code", "location", "venue"),
        *("latitude", "longitude", "photo", "reply_to_message", "new_chat_member", "status"),
    ]
)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("private"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELD_NAMES, inner, max_size=8),
    max_leaves=25,
)
KINDS = set(IGNORED.values()) | {"malformed", "unknown", "message.channel", "callback_query.bot"}


@settings(deadline=None)  # the machine is shared
@given(st.dictionaries(FIELD_NAMES, ANY_JSON, max_size=8), st.booleans())
def test_no_shape_raises(update, numbered):
    result = parse_update(update | ({"update_id": 1} if numbered else {}))
    assert isinstance(result, IncomingMessage) or result.kind in KINDS


@settings(deadline=None)  # the machine is shared
@given(
    ANY_JSON,
    st.sampled_from(["message", "edited_message"]),
    st.sampled_from(["text", "location", "from", "photo"]),
)
def test_no_field_raises(value, kind, field):
    result = parse_update({"update_id": 1, kind: private(**{field: value})})
    assert isinstance(result, IncomingMessage | Ignored)
