"""By property: every reply becomes messages that keep LINE's specification and limits."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.line_render import plain_messages, render
from adapters.messages import Button, Card, Cards, Link, Links, LocationRequest, Phone, Phones, Reply, Text
from tests.fakes.openapi_strict import check_messages as check

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine is shared
words = st.one_of(
    st.text(st.characters(), max_size=30),
    st.sampled_from(
        [
            "",
            " ",
            "栃木県",
            "👨‍👩‍👧‍👦" * 30,
            "e" + "\u0301" * 3000,
            "漢" * 6000,
            "文です。" * 2000,
            "😀" * 2600,
            "\ud83d",
        ]
    ),
)
numbers = st.sampled_from(["0120-95-0178", "#7119", "119", "", "内線"]) | words
urls = (
    st.sampled_from(
        ["https://www.pref.tochigi.lg.jp/", "https://example.jp/あ?b= c#d#e", "x", "https://a/" + "%" * 990]
    )
    | words
)
buttons = st.builds(Button, words, st.sampled_from(["e:x", "", "x" * 300, "x" * 301]) | words)
phones = st.builds(Phone, words, numbers, words, words)
links = st.builds(Link, words, urls)


def several(items: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(items, max_size=most).map(tuple)


cards = st.builds(Card, words, words, st.none() | phones, several(links, 4), several(buttons, 4))
blocks = st.one_of(
    st.builds(Text, words, st.sampled_from(["body", "title", "notice", "source"])),
    st.builds(Links, several(links, 15)),
    st.builds(Phones, several(phones, 15)),
    st.builds(Cards, several(cards, 8)),
    st.builds(Cards, several(cards, 2).map(lambda few: few * 20)),
    st.builds(LocationRequest, words, words),
)
replies = st.builds(
    Reply,
    several(blocks, 5),
    several(buttons, 16),
    st.sampled_from(["ja", "easy", "en", "zh", "pt", "es"]),
    st.booleans(),
)


@unhurried
@given(replies)
def test_every_reply_keeps_specification_and_limits(reply: Reply) -> None:
    messages = render(reply)
    check(messages)
    check(plain_messages(messages))
    assert json.loads(json.dumps(messages)) == messages


@unhurried
@given(replies)
def test_every_reply_that_says_something_says_it(reply: Reply) -> None:
    said = any(
        isinstance(block, Text | LocationRequest) and block.text.strip() and block.text.isprintable()
        for block in reply.blocks
    )
    assert bool(render(reply)) or not said
