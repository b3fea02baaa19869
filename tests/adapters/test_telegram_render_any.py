"""Any reply whatever renders to calls that Telegram accepts, and loses nothing."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.messages import Button, Card, Cards, Link, Links, LocationRequest, Phone, Phones, Reply, Text
from adapters.plain import clean
from adapters.telegram_render import for_group, plain_messages, render_messages, to_plain
from tests.fakes.fixtures_telegram import NO_SPECS
from tests.fakes.telegram_api import FakeTelegram
from tests.fakes.telegram_html import is_empty, parse_html
from tests.fakes.telegram_schema import specs_folder

TRICKY = st.sampled_from(
    [
        *(
            "<",
            ">",
            "&",
            '"',
            "&amp;",
            "</b>",
            "<a href=",
            "http://x.jp",
            "。",
            "栃木",
            "か\u3099",
            "\n\n",
            "\r\n",
        ),
        *("😀", "👨\u200d👩\u200d👧", "🇯🇵", "\U0010ffff", "\ufffe", "שלום", "مرحبا", "\u202e", "\u200f"),
        *("\ud800", "\udfff", "\x00", "\x1b", "\t"),
    ]
)
ANY_TEXT = st.lists(TRICKY | st.text(st.characters(exclude_categories=[]), max_size=20), max_size=12).map(
    "".join
)
LONG_TEXT = st.tuples(ANY_TEXT, st.integers(1, 400)).map(lambda pair: pair[0] * pair[1])
URLS = (
    st.sampled_from(["https://example.com/?q=1&r=<>", "http://example.jp/日本", "javascript:1", ""])
    | ANY_TEXT
)
BUTTONS = st.builds(Button, ANY_TEXT, ANY_TEXT, st.sampled_from(["", "choice", "feedback", "nav"]))
PHONES = st.builds(Phone, ANY_TEXT, st.sampled_from(["#7119", "0120-95-0178"]) | ANY_TEXT, ANY_TEXT, ANY_TEXT)
LINKS = st.builds(Link, ANY_TEXT, URLS)


def several(items, most=4):
    return st.lists(items, max_size=most).map(tuple)


CARDS = st.builds(Card, ANY_TEXT, LONG_TEXT, st.none() | PHONES, several(LINKS), several(BUTTONS, 3))
BLOCKS = st.one_of(
    st.builds(Text, LONG_TEXT, st.sampled_from(["body", "title", "notice", "source"])),
    st.builds(Links, several(LINKS)),
    st.builds(Phones, several(PHONES)),
    st.builds(Cards, several(CARDS)),
    st.builds(LocationRequest, ANY_TEXT, ANY_TEXT),
)
REPLIES = st.builds(Reply, several(BLOCKS), several(BUTTONS, 13))


@pytest.fixture(scope="module")
def checker():
    folder = specs_folder()
    if folder is None:
        pytest.skip(NO_SPECS)
    telegram = FakeTelegram(folder)
    yield telegram
    telegram.close()


def accept(checker, message, chat):
    """Return the text as it will be seen, after the fake's whole check."""
    fields = {key: value for key, value in message.items() if key != "method"}
    status, call, answer = checker.check(message["method"], {"chat_id": chat, **fields})
    assert status == 200, answer
    return call.text


PROPERTY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@PROPERTY
@given(reply=REPLIES)
def test_any_reply_renders_to_calls_that_telegram_accepts(checker, reply):
    for message in render_messages(reply):
        accept(checker, message, 5)
        for plain in plain_messages(message):
            accept(checker, plain, 5)
        if (suited := for_group(message)) is not None:
            accept(checker, suited, -5)


def visible(text):
    return "".join(ch for ch in text if not ch.isspace() and not is_empty(ch))


@PROPERTY
@given(st.lists(LONG_TEXT, max_size=4), st.sampled_from(["body", "title", "source"]))
def test_text_arrives_as_it_was(texts, role):
    messages = render_messages(Reply(tuple(Text(text, role) for text in texts)))
    seen = "".join(parse_html(message["text"])[0] for message in messages)
    assert visible(seen) == visible("".join(clean(text) for text in texts))


@PROPERTY
@given(LONG_TEXT)
def test_markup_and_plain_text_say_the_same(text):
    for message in render_messages(Reply((Text(text, "title"),))):
        assert to_plain(message["text"]) == parse_html(message["text"])[0]


@PROPERTY
@given(several(BUTTONS, 30))
def test_every_button_that_fits_is_there_once_and_in_order(buttons):
    (message,) = render_messages(Reply((Text("x"),), (*buttons, Button("last", "last"))))
    rows = message["reply_markup"]["inline_keyboard"]
    data = [clean(button.data) for button in buttons]
    fitting = [item for item in data if 0 < len(item.encode()) <= 64]
    assert [button["callback_data"] for row in rows for button in row] == [*fitting, "last"]
    assert all(len(row) <= 2 for row in rows)
