"""Replies as plain text, as labels and as JSON."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.messages import Button, Card, Cards, Link, Links, LocationRequest, Phone, Phones, Reply, Text
from adapters.plain import button_json, choices, clean, render_blocks, render_choices, render_text

LOST = Phone("マイナンバー総合フリーダイヤル", "0120-95-0178", "24時間", "紛失・盗難")
CARDS = Cards(
    (
        Card(
            "一番医院",
            "小山市\n内科",
            LOST,
            (Link("地図", "https://example.com/1"),),
            (Button("詳しく", "p:1"),),
        ),
        Card("二番医院", "", None, (), (Button("詳しく", "p:2"), Button("近く", "n:2"))),
    )
)
REPLY = Reply(
    (
        Text("カードをなくした", "title"),
        Text("電話してください。\n\n1. 電話"),
        Phones((LOST, Phone("救急相談", "#7119"))),
        Links((Link("案内", "https://example.com/"), Link("", "https://example.com/2"))),
        CARDS,
        LocationRequest("場所を送ってください。", "現在地を送る"),
        Text("出典: 例", "source"),
    ),
    (Button("役に立った", "fb:yes", "feedback"), Button("話題", "topics", "nav")),
)


def test_text_is_the_whole_reply_without_its_buttons():
    assert render_text(REPLY) == (
        "カードをなくした\n\n"
        "電話してください。\n\n1. 電話\n\n"
        "☎ マイナンバー総合フリーダイヤル: 0120-95-0178（24時間）紛失・盗難\n"
        "☎ 救急相談: #7119\n\n"
        "案内: https://example.com/\nhttps://example.com/2\n\n"
        "1. 一番医院\n小山市\n内科\n☎ マイナンバー総合フリーダイヤル: 0120-95-0178（24時間）紛失・盗難\n"
        "地図: https://example.com/1\n\n"
        "2. 二番医院\n\n"
        "場所を送ってください。\n\n"
        "出典: 例"
    )


@pytest.mark.parametrize(
    ("phone", "line"),
    [
        (Phone("救急", "119"), "☎ 救急: 119"),
        (Phone("", "119"), "☎ 119"),
        (Phone("救急", "119", "いつでも"), "☎ 救急: 119（いつでも）"),
        (Phone("救急", "119", "", "無料"), "☎ 救急: 119 無料"),
        (Phone("救急", "119", "いつでも", "無料"), "☎ 救急: 119（いつでも）無料"),
    ],
)
def test_a_telephone_line_leaves_out_what_is_empty(phone, line):
    assert render_text(Reply((Phones((phone,)),))) == line


def test_empty_blocks_leave_no_gap():
    reply = Reply((Text("一"), Text("  \n"), Phones(()), Links(()), Cards(()), Text("二")))
    assert render_text(reply) == "一\n\n二"
    assert render_text(Reply(())) == ""


def test_choices_are_the_cards_buttons_then_the_quick_replies():
    assert render_choices(REPLY) == [
        "一番医院: 詳しく",
        "二番医院: 詳しく",
        "二番医院: 近く",
        "役に立った",
        "話題",
    ]
    assert [button.data for button in choices(REPLY)] == ["p:1", "p:2", "n:2", "fb:yes", "topics"]


def test_blocks_are_the_json_of_the_contract():
    lost = {
        "label": "マイナンバー総合フリーダイヤル",
        "number": "0120-95-0178",
        "dial": "tel:0120950178",
        "hours": "24時間",
        "note": "紛失・盗難",
    }
    assert render_blocks(REPLY) == [
        {"type": "text", "role": "title", "text": "カードをなくした"},
        {"type": "text", "role": "body", "text": "電話してください。\n\n1. 電話"},
        {
            "type": "phones",
            "items": [
                lost,
                {"label": "救急相談", "number": "#7119", "dial": "tel:%237119", "hours": "", "note": ""},
            ],
        },
        {
            "type": "links",
            "items": [
                {"title": "案内", "url": "https://example.com/"},
                {"title": "", "url": "https://example.com/2"},
            ],
        },
        {
            "type": "cards",
            "items": [
                {
                    "title": "一番医院",
                    "text": "小山市\n内科",
                    "phone": lost,
                    "links": [{"title": "地図", "url": "https://example.com/1"}],
                    "buttons": [{"label": "詳しく", "data": "p:1", "group": ""}],
                },
                {
                    "title": "二番医院",
                    "text": "",
                    "phone": None,
                    "links": [],
                    "buttons": [
                        {"label": "詳しく", "data": "p:2", "group": ""},
                        {"label": "近く", "data": "n:2", "group": ""},
                    ],
                },
            ],
        },
        {"type": "location_request", "text": "場所を送ってください。", "label": "現在地を送る"},
        {"type": "text", "role": "source", "text": "出典: 例"},
    ]
    assert json.loads(json.dumps(render_blocks(REPLY))) == render_blocks(REPLY)
    assert button_json(REPLY.quick_replies[1]) == {"label": "話題", "data": "topics", "group": "nav"}


@settings(deadline=None)  # the machine is shared
@given(st.lists(st.text(), max_size=5))
def test_every_text_is_in_the_plain_text_in_order(texts):
    plain = render_text(Reply(tuple(Text(text) for text in texts)))
    at = 0
    for text in texts:
        at = plain.index(text.strip(), at) + len(text.strip())


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\x00b\x1b[31mc\x7f\x9b", "ab[31mc"),
        ("a\r\nb\rc\n\td", "a\nb\nc\n\td"),
        ("\ud800x\udfff", "\ufffdx\ufffd"),
        ("栃木 😀 שלום\u200d", "栃木 😀 שלום\u200d"),
    ],
)
def test_clean(text, cleaned):
    assert clean(text) == cleaned


@settings(deadline=None)  # the machine is shared
@given(st.text(st.characters(exclude_categories=[])))
def test_cleaned_text_can_be_encoded_and_stays_as_it_is(text):
    cleaned = clean(text)
    assert cleaned.encode().decode() == cleaned == clean(cleaned)
    assert not any(ord(ch) < 32 and ch not in "\t\n" for ch in cleaned)
