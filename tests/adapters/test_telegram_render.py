"""Replies as sendMessage calls: within the limits for any reply, and readable for the ordinary ones."""

import logging

import pytest

from adapters.limits import utf16_len
from adapters.messages import (
    Button,
    Card,
    Cards,
    Link,
    Links,
    LocationRequest,
    Phone,
    Phones,
    Reply,
    Text,
)
from adapters.telegram_render import for_group, plain_messages, render_messages, to_plain
from tests.fakes.telegram_html import parse_html

CARD_LINE = Phone("マイナンバー総合フリーダイヤル", "0120-95-0178", "24時間", "紛失・盗難")
ANSWER = Reply(
    (
        Text("カードをなくしたとき", "title"),
        Text("すぐに電話して止めます。\n\n1. 電話する\n2. 警察に届ける"),
        Phones((CARD_LINE,)),
        Links((Link("国の案内 <公式> & 手続き", "https://example.com/?a=1&b=%22"),)),
        Text("出典: 例（2026-01-02 確認）", "source"),
    ),
    (
        Button("役に立った", "fb:yes", "feedback"),
        Button("立たなかった", "fb:no", "feedback"),
        Button("話題", "topics", "nav"),
    ),
)


def texts(reply):
    return [parse_html(message["text"])[0] for message in render_messages(reply)]


def labels(message):
    return [[button["text"] for button in row] for row in message["reply_markup"]["inline_keyboard"]]


def test_an_answer_is_one_message_as_it_should_be_read():
    (message,) = render_messages(ANSWER)
    assert message["text"] == (
        "<b>カードをなくしたとき</b>\n\n"
        "すぐに電話して止めます。\n\n"
        "1. 電話する\n2. 警察に届ける\n\n"
        "☎ マイナンバー総合フリーダイヤル\n0120-95-0178\n（24時間）紛失・盗難\n\n"
        '・<a href="https://example.com/?a=1&amp;b=%22">国の案内 &lt;公式&gt; &amp; 手続き</a>\n\n'
        "<i>出典: 例（2026-01-02 確認）</i>"
    )
    assert {key: message[key] for key in ("method", "parse_mode", "link_preview_options")} == {
        "method": "sendMessage",
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    assert labels(message) == [["役に立った", "立たなかった"], ["話題"]]
    assert "chat_id" not in message


@pytest.mark.parametrize(
    "text", ["<b>太字</b>", "a & b", "&amp;", "&lt;", '"引用"', "1 < 2 > 0", "<script>", "</b>"]
)
def test_no_variable_becomes_markup(text):
    phone = Phone(text, "#7119", text, text)
    link = Link(text, "https://example.com/")
    reply = Reply(
        (
            Text(text, "title"),
            Text(text),
            Text(text, "source"),
            Phones((phone,)),
            Links((link,)),
            Cards((Card(text, text, phone, (link,)),)),
            LocationRequest(text, text),
        )
    )
    (seen,) = texts(reply)
    assert seen.count(text) == 14
    assert to_plain(render_messages(reply)[0]["text"]).count(text) == 14


def test_an_address_cannot_leave_its_attribute():
    (message,) = render_messages(Reply((Links((Link("x", 'https://example.com/"onclick="&<>'),)),)))
    assert message["text"] == '・x: https://example.com/"onclick="&amp;&lt;&gt;'
    (message,) = render_messages(Reply((Links((Link("x", "https://example.com/'&a=1"),)),)))
    assert message["text"] == '・<a href="https://example.com/&#x27;&amp;a=1">x</a>'


@pytest.mark.parametrize("url", ["javascript:alert(1)", "tg://user?id=1", "ftp://example.com/", "", "/path"])
def test_only_web_addresses_become_links(url):
    (message,) = render_messages(Reply((Links((Link("案内", url),)),)))
    assert "<a" not in message["text"]
    assert message["text"].startswith("・案内")


def test_choices_are_one_a_row_others_two_and_long_labels_alone():
    buttons = (
        Button("カードをなくした", "a", "choice"),
        Button("カードの更新", "b", "choice"),
        Button("はい", "c", "feedback"),
        Button("いいえ", "d", "feedback"),
        Button("もどる", "e", "nav"),
        Button("話題", "f", "nav"),
        Button("言語", "g", "nav"),
        Button("栃木県の休日と夜間の急な病気の相談窓口", "h", "nav"),
        Button("A", "i"),
        Button("B", "j"),
    )
    assert labels(render_messages(Reply((Text("x"),), buttons))[0]) == [
        ["カードをなくした"],
        ["カードの更新"],
        ["はい", "いいえ"],
        ["もどる", "話題"],
        ["言語"],
        ["栃木県の休日と夜間の急な病気の相談窓口"],
        ["A", "B"],
    ]


def test_a_label_is_clipped_and_never_blank():
    reply = Reply(
        (Text("x"),), (Button("👨‍👩‍👧" * 100, "a"), Button(" \u200b", "b"), Button("a\nb", "c", "n"))
    )
    assert labels(render_messages(reply)[0]) == [["👨‍👩‍👧" * 59 + "…"], ["…"], ["a b"]]


def test_a_button_whose_data_does_not_fit_is_left_out_and_its_length_logged(caplog):
    caplog.set_level(logging.WARNING)
    reply = Reply((Text("x"),), (Button("長い", "é" * 33), Button("空", ""), Button("合う", "é" * 32)))
    assert labels(render_messages(reply)[0]) == [["合う"]]
    assert [record.args for record in caplog.records] == [(66,), (0,)]
    assert "é" not in caplog.text


def test_the_buttons_are_on_the_last_message():
    messages = render_messages(Reply((Text("あ。" * 5000),), ANSWER.quick_replies))
    assert len(messages) == 3
    assert ["reply_markup" in message for message in messages] == [False, False, True]


def test_a_long_answer_is_divided_at_sentence_ends_and_loses_nothing():
    sentence = "マイナンバーカードの手続きは市町の窓口で行います。"
    paragraph = sentence * 90
    seen = texts(Reply((Text("題", "title"), Text("\n\n".join([paragraph] * 4)), Text(paragraph * 5))))
    assert all(utf16_len(text) <= 4096 for text in seen)
    assert all(text.endswith("。") for text in seen)
    assert "".join(seen).replace("\n", "") == "題" + paragraph * 9


def test_a_title_too_long_for_a_message_stays_bold_in_each():
    messages = render_messages(Reply((Text("<" * 9000, "title"),)))
    assert [message["text"][:7] for message in messages] == ["<b>&lt;"] * 3
    assert sum(parse_html(message["text"])[0].count("<") for message in messages) == 9000


def test_emoji_are_counted_as_telegram_counts_and_never_cut():
    family = "👨‍👩‍👧‍👦"
    seen = texts(Reply((Text(family * 1000),)))
    assert "".join(seen) == family * 1000
    assert len(seen) > 2
    assert all(utf16_len(text) <= 4096 and text.startswith("👨") and text.endswith("👦") for text in seen)


def test_many_links_go_over_to_further_messages():
    items = tuple(Link(f"案内{n}", "https://example.com/" + "&" * 1500) for n in range(120))
    messages = render_messages(Reply((Links(items),)))
    assert sum(message["text"].count("<a ") for message in messages) == 120
    assert all(len(message["text"].encode()) <= 35_000 for message in messages)


def test_cards_are_a_numbered_list_with_their_buttons_by_number():
    cards = Cards(
        (
            Card(
                "とちぎ病院",
                "宇都宮市 1.2 km\n診療中",
                CARD_LINE,
                (Link("地図", "https://example.com/1"),),
                (Button("詳しく", "p:1"),),
            ),
            Card("おやま医院", "小山市", None, (), (Button("詳しく", "p:2"), Button("近く", "n:2"))),
        )
    )
    (message,) = render_messages(Reply((cards,), (Button("もっと", "more"),)))
    assert message["text"] == (
        "<b>1. とちぎ病院</b>\n宇都宮市 1.2 km\n診療中\n"
        "☎ マイナンバー総合フリーダイヤル\n0120-95-0178\n（24時間）紛失・盗難\n"
        '・<a href="https://example.com/1">地図</a>\n\n'
        "<b>2. おやま医院</b>\n小山市"
    )
    assert labels(message) == [["1. 詳しく"], ["2. 詳しく", "2. 近く"], ["もっと"]]


def test_a_single_card_has_no_number():
    (message,) = render_messages(Reply((Cards((Card("医院", "", buttons=(Button("見る", "p"),)),)),)))
    assert (message["text"], labels(message)) == ("<b>医院</b>", [["見る"]])


def test_past_a_hundred_buttons_the_quick_replies_stay():
    cards = Cards(tuple(Card(f"c{n}", "t", buttons=(Button("見る", f"p:{n}"),)) for n in range(120)))
    rows = labels(render_messages(Reply((cards,), (Button("もどる", "back"),)))[-1])
    assert sum(map(len, rows)) == 100
    assert rows[-1] == ["もどる"]


ASK = LocationRequest("いまいる場所を送ってください。", "現在地を送る")
KEYBOARD = {
    "keyboard": [[{"text": "📍 現在地を送る", "request_location": True}]],
    "resize_keyboard": True,
    "one_time_keyboard": True,
}


def test_a_request_for_the_place_alone_is_one_message():
    (message,) = render_messages(Reply((Text("病院をさがします。"), ASK)))
    assert message["text"] == "病院をさがします。\n\nいまいる場所を送ってください。"
    assert message["reply_markup"] == KEYBOARD


def test_a_request_for_the_place_beside_buttons_has_its_own_message():
    first, second = render_messages(Reply((ASK,), (Button("市町でさがす", "m"),)))
    assert (first["text"], labels(first)) == ("いまいる場所を送ってください。", [["市町でさがす"]])
    assert (second["text"], second["reply_markup"]) == ("📍 現在地を送る", KEYBOARD)


def test_a_group_is_not_asked_for_a_place():
    (alone,) = render_messages(Reply((ASK,)))
    assert for_group(alone) == {key: value for key, value in alone.items() if key != "reply_markup"}
    first, second = render_messages(Reply((ASK,), (Button("市町 <でさがす>", "m"),)))
    assert for_group(first) == first
    assert for_group(second) is None
    (_, odd) = render_messages(Reply((LocationRequest("x", "<ここ> & そこ"),), (Button("m", "m"),)))
    assert for_group(odd) is None


@pytest.mark.parametrize(
    "text", ["", " \n\t", "\u3000", "\u200b\u200e", "\u2800", "\x00", "\ufeff\n\n\u3164"]
)
def test_what_cannot_be_seen_is_no_message(text):
    assert render_messages(Reply((Text(text, "title"), Text(text)))) == []
    (message,) = render_messages(Reply((Text(text),), (Button("話題", "topics"),)))
    assert (message["text"], labels(message)) == ("👇", [["話題"]])


def test_plain_messages_keep_everything_but_the_markup():
    (message,) = render_messages(ANSWER)
    (plain,) = plain_messages(message)
    assert "parse_mode" not in plain
    assert plain["reply_markup"] == message["reply_markup"]
    assert "・国の案内 <公式> & 手続き: https://example.com/?a=1&b=%22\n\n出典" in plain["text"]


def test_plain_messages_are_divided_when_addresses_make_them_too_long():
    links = tuple(Link(f"案内{n}", "https://example.com/" + "x" * 1900) for n in range(5))
    (message,) = render_messages(Reply((Links(links),), (Button("話題", "topics"),)))
    plain = plain_messages(message)
    assert len(plain) > 1
    assert all(0 < utf16_len(part["text"]) <= 4096 for part in plain)
    assert ["reply_markup" in part for part in plain] == [False] * (len(plain) - 1) + [True]
