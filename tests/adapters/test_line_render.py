"""Replies as LINE messages: what is said, and that every reply keeps LINE's specification and limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from adapters.limits import graphemes, utf16_len
from adapters.line_flex import (
    BUBBLE_BYTES,
    CAROUSEL_BYTES,
    label,
    link_row,
    phone_row,
    postback,
    size,
    web_uri,
)
from adapters.line_render import plain_messages, render
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
from tests.fakes.openapi_strict import check_messages as check

JSON = dict[str, Any]
LOST = Phone("マイナンバー総合フリーダイヤル", "0120-95-0178", "24時間", "紛失・盗難")
PREFECTURE = Link("栃木県のページ", "https://www.pref.tochigi.lg.jp/")


def parts(component: JSON, kind: str) -> Iterator[JSON]:
    """Yield the components of a type in a flex container, in their order."""
    if component["type"] == kind:
        yield component
    for child in [*component.get("contents", []), *([component["body"]] if "body" in component else [])]:
        yield from parts(child, kind)


def texts(component: JSON) -> list[str]:
    return [part["text"] for part in parts(component, "text")]


def actions(component: JSON) -> list[JSON]:
    return [part["action"] for part in parts(component, "button")]


def test_all_words_are_one_text_message() -> None:
    reply = Reply(
        (
            Text("カードをなくしたとき", "title"),
            Text("すぐに電話で止めます。\n\n1. 電話する"),
            Phones((LOST,)),
            Text("出典: 総務省 2026-07-01", "source"),
        )
    )
    text, flex = render(reply)
    check([text, flex])
    assert text == {
        "type": "text",
        "text": "カードをなくしたとき\n\nすぐに電話で止めます。\n\n1. 電話する\n\n出典: 総務省 2026-07-01",
    }
    assert flex["type"] == "flex"


def test_telephones_and_links_are_one_bubble_with_the_number_to_read_and_to_tap() -> None:
    (flex,) = render(Reply((Phones((LOST, Phone("救急電話相談", "#7119"))), Links((PREFECTURE,)))))
    check([flex])
    assert flex["contents"]["type"] == "bubble"
    assert texts(flex["contents"]) == [
        "マイナンバー総合フリーダイヤル",
        "0120-95-0178",
        "24時間",
        "紛失・盗難",
        "救急電話相談",
        "#7119",
    ]
    assert actions(flex["contents"]) == [
        {"type": "uri", "label": "電話 0120-95-0178", "uri": "tel:0120950178"},
        {"type": "uri", "label": "電話 #7119", "uri": "tel:%237119"},
        {"type": "uri", "label": "栃木県のページ", "uri": "https://www.pref.tochigi.lg.jp/"},
    ]
    for said in ("0120-95-0178", "#7119", "https://www.pref.tochigi.lg.jp/"):
        assert said in flex["altText"]


def test_what_is_to_read_is_wrapped_scaled_and_dark_on_white() -> None:
    (flex,) = render(Reply((Phones((LOST,)),)))
    for text in parts(flex["contents"], "text"):
        assert (text["wrap"], text["scaling"]) == (True, True)
        assert text["size"] in ("md", "lg")
        assert contrast(text["color"]) >= 7
    assert all(contrast(button["color"]) >= 7 for button in parts(flex["contents"], "button"))
    assert flex["contents"]["styles"]["body"]["backgroundColor"] == "#FFFFFF"


def contrast(colour: str) -> float:
    """Return the contrast of a colour with white (WCAG 2.2)."""
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 1.05 / (sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True)) + 0.05)


@pytest.mark.parametrize(
    ("lang", "words"),
    [("ja", "電話"), ("easy", "電話"), ("en", "Call"), ("zh", "拨打"), ("pt", "Ligar"), ("es", "Llamar")],
)
def test_dialling_is_said_in_the_language_and_never_cuts_the_number(lang: str, words: str) -> None:
    row = phone_row(Phone("", "0285-00-0000"), lang)
    long = phone_row(Phone("", "0120-000-000-000"), lang)
    assert row is not None
    assert long is not None
    assert row.parts[-1]["action"]["label"] == f"{words} 0285-00-0000"
    assert long.parts[-1]["action"]["label"].endswith("0120-000-000-000")


@pytest.mark.parametrize(
    "number", ["", "内線 23", "0120 95 0178", "javascript:1", "1", "#", "++81", "９９９"]
)
def test_number_that_cannot_be_dialled_is_only_said(number: str) -> None:
    row = phone_row(Phone("受付", number), "ja")
    assert row is not None
    assert [part["type"] for part in row.parts] == ["text"] * (2 if number else 1)
    assert phone_row(Phone("", "  "), "ja") is None


def test_title_too_long_for_a_button_stands_above_it() -> None:
    title = "指定緊急避難場所・指定避難所の一覧（栃木県）"
    row = link_row(Link(title, "https://example.jp/a"), "en")
    assert row is not None
    assert row.parts[0]["text"] == title
    assert row.parts[1]["action"] == {"type": "uri", "label": "Open", "uri": "https://example.jp/a"}


@pytest.mark.parametrize(
    ("url", "uri"),
    [
        ("https://www.pref.tochigi.lg.jp/a?b=1&c=%E3%81%82#d", "https://www.pref.tochigi.lg.jp/a?b=1&c=%E3%81%82#d"),
        ("https://example.jp/栃木 県", "https://example.jp/%E6%A0%83%E6%9C%A8%20%E7%9C%8C"),
        ("https://example.jp/100%", "https://example.jp/100%25"),
        ("https://example.jp/#a#b", "https://example.jp/#a%23b"),
        ("http://example.jp:8080", "http://example.jp:8080"),
        ("https://example.jp/[x]|<>\"`{}\\^", "https://example.jp/%5Bx%5D%7C%3C%3E%22%60%7B%7D%5C%5E"),
        ("javascript:alert(1)", None),
        ("https://", None),
        ("https://user@example.jp/", None),
        ("https://例え.jp/", None),
        ("ftp://example.jp/", None),
        ("", None),
        ("https://example.jp/" + "a" * 1000, None),
        ("https://example.jp/" + "あ" * 200, None),
    ],
)  # fmt: skip
def test_addresses_are_made_such_that_line_takes_them(url: str, uri: str | None) -> None:
    assert web_uri(url) == uri


def test_address_that_line_would_refuse_is_said() -> None:
    (flex,) = render(Reply((Links((Link("資料", "ftp://example.jp/"), Link("", "ftp://x/"))),)))
    check([flex])
    assert texts(flex["contents"]) == ["資料", "ftp://example.jp/", "ftp://x/"]
    assert actions(flex["contents"]) == []


def test_cards_are_a_carousel() -> None:
    cards = tuple(
        Card(f"病院{n}", "内科 小児科\n1.2 km", LOST, (PREFECTURE,), (Button("くわしく", f"p:{n}"),))
        for n in range(12)
    )
    text, flex = render(Reply((Text("近い順です。"), Cards(cards))))
    check([text, flex])
    assert len(flex["contents"]["contents"]) == 12
    first = flex["contents"]["contents"][0]
    assert texts(first)[:2] == ["病院0", "内科 小児科\n1.2 km"]
    assert [action["type"] for action in actions(first)] == ["uri", "uri", "postback"]
    assert actions(first)[2] == {
        "type": "postback",
        "label": "くわしく",
        "data": "p:0",
        "displayText": "くわしく",
    }


def test_more_cards_than_a_carousel_holds_go_on_in_another() -> None:
    text, *flexes = render(Reply((Text("一覧"), Cards(tuple(Card(f"場所{n}", "") for n in range(30))))))
    check([text, *flexes])
    assert [len(flex["contents"]["contents"]) for flex in flexes] == [12, 12, 6]


def test_cards_beyond_all_carousels_are_said_in_words() -> None:
    messages = render(Reply((Cards(tuple(Card(f"場所{n}", "住所") for n in range(60))),)))
    check(messages)
    assert [message["type"] for message in messages] == ["text", *["flex"] * 4]
    assert messages[0]["text"].startswith("場所48\n住所")
    assert messages[0]["text"].endswith("場所59\n住所")


def test_heavy_cards_keep_the_bytes_of_bubble_and_carousel() -> None:
    heavy = "漢" * 900
    card = Card(
        heavy, heavy, Phone(heavy, "0120-95-0178", heavy, heavy), (Link(heavy, "https://example.jp/"),) * 8
    )
    messages = render(Reply((Cards((card,) * 6),)))
    check(messages)
    for message in messages[1:]:
        assert size(message["contents"]) <= CAROUSEL_BYTES
        assert all(size(bubble) <= BUBBLE_BYTES for bubble in message["contents"].get("contents", []))


@pytest.mark.parametrize("units", range(560, 640, 4))
def test_rows_fill_bubbles_up_to_their_bytes(units: int) -> None:
    messages = render(Reply((Links((Link("漢" * units, "https://example.jp/"),) * 16),)))
    check(messages)
    containers = [message["contents"] for message in messages]
    bubbles = [bubble for found in containers for bubble in found.get("contents", [found])]
    assert max(map(size, bubbles)) > BUBBLE_BYTES - 4000
    assert sum(len(actions(bubble)) for bubble in bubbles) == 16


def test_contacts_and_cards_come_in_the_order_of_the_reply() -> None:
    cards, phones = Cards((Card("病院", ""),)), Phones((LOST,))
    for blocks in ((cards, phones), (phones, cards)):
        first, second = render(Reply(blocks))
        assert ("病院" in first["altText"]) == (blocks[0] is cards)
        assert ("病院" in second["altText"]) == (blocks[0] is phones)


def test_choices_hang_on_the_last_message_and_show_what_was_chosen() -> None:
    reply = Reply(
        (Text("どれですか。"), Phones((LOST,))),
        (Button("役に立った", "fb:yes"), Button("もどる", "nav:back")),
    )
    text, flex = render(reply)
    check([text, flex])
    assert "quickReply" not in text
    assert flex["quickReply"]["items"] == [
        {
            "type": "action",
            "action": {
                "type": "postback",
                "label": "役に立った",
                "data": "fb:yes",
                "displayText": "役に立った",
            },
        },
        {
            "type": "action",
            "action": {"type": "postback", "label": "もどる", "data": "nav:back", "displayText": "もどる"},
        },
    ]


def test_label_is_clipped_by_clusters_and_what_is_said_is_not() -> None:
    family = "👨‍👩‍👧‍👦"
    action = postback(Button(family * 30, "x"))
    assert action is not None
    assert len(graphemes(action["label"])) <= 20
    assert action["label"].endswith("…")
    action = postback(Button("あいうえおかきくけこさしすせそたちつてとな", "x"))
    assert action is not None
    assert action["label"] == "あいうえおかきくけこさしすせそたちつて…"
    assert action["displayText"] == "あいうえおかきくけこさしすせそたちつてとな"
    assert label(" 二\nつ \x00") == "二 つ"
    assert utf16_len(label("e" + "\u0301" * 3000)) <= 100


@pytest.mark.parametrize(
    "button",
    [Button("", "x"), Button(" ", "x"), Button("a", ""), Button("a", "x" * 301), Button("a", "\ud83d")],
)
def test_button_that_line_would_refuse_is_left_out(button: Button) -> None:
    (message,) = render(Reply((Text("本文"),), (button,)))
    assert message == {"type": "text", "text": "本文"}


def test_at_most_thirteen_choices() -> None:
    reply = Reply(
        (LocationRequest("どこですか。", "現在地"),), tuple(Button(f"{n}", f"{n}") for n in range(20))
    )
    (message,) = render(reply)
    check([message])
    labels = [item["action"]["label"] for item in message["quickReply"]["items"]]
    assert labels == ["現在地", *map(str, range(12))]


def test_request_for_the_place() -> None:
    (message,) = render(Reply((LocationRequest("近くをさがします。", "位置情報を送る"),)))
    check([message])
    assert message["text"] == "近くをさがします。"
    assert message["quickReply"] == {
        "items": [{"type": "action", "action": {"type": "location", "label": "位置情報を送る"}}]
    }
    (message,) = render(Reply((LocationRequest("Where?", ""),), lang="en"))
    assert message["quickReply"]["items"][0]["action"]["label"] == "Send location"


@pytest.mark.parametrize("lang", ["ja", "easy", "en", "zh", "pt", "es", "tlh"])
def test_choices_without_words_get_some(lang: str) -> None:
    (message,) = render(Reply((Text(" \n"),), (Button("はい", "y"),), lang))
    check([message])
    assert len(message["quickReply"]["items"]) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(()),
        Reply((Text(""), Text(" \n\x00"))),
        Reply((Phones(()), Links(()), Cards(()))),
        Reply((Cards((Card("", ""),)),)),
    ],
)
def test_reply_that_says_nothing_is_no_message(reply: Reply) -> None:
    assert render(reply) == []


def test_long_answer_is_split_at_sentence_ends_and_loses_nothing() -> None:
    body = "".join(f"これは{n}番目の文で、とても長い説明の一部です。" for n in range(600))
    assert 10_000 < utf16_len(body) < 25_000
    messages = render(Reply((Text(body),)))
    check(messages)
    assert len(messages) == 3
    assert all(message["text"].endswith("。") for message in messages)
    assert "".join(message["text"] for message in messages) == body


@pytest.mark.parametrize("lang", ["ja", "easy", "en", "zh", "pt", "es"])
def test_answer_beyond_five_messages_says_that_it_was_cut(lang: str) -> None:
    body = "長い文です。" * 10_000
    messages = render(Reply((Text(body), Phones((LOST,))), lang=lang))
    check(messages)
    assert len(messages) == 5
    assert messages[4]["type"] == "flex"
    ends = messages[3]["text"].rsplit("…\n\n", 1)
    assert len(ends) == 2
    assert ends[1][0] in "（("
    assert body.startswith(ends[0])


def test_answer_that_just_fits_is_not_cut() -> None:
    messages = render(Reply((Text("あ" * 25_000),)))
    check(messages)
    assert "".join(message["text"] for message in messages) == "あ" * 25_000
    messages = render(Reply((Text("あ" * 25_001),)))
    check(messages)
    assert messages[4]["text"].endswith("…\n\n（長いため、ここまでにしました。）")


def test_words_beyond_a_void_are_said_to_be_cut() -> None:
    (message,) = render(Reply((Text("あ" + "\n" * 30_000 + "い"),)))
    assert message["text"] == "あ…\n\n（長いため、ここまでにしました。）"


def test_astral_text_is_counted_in_utf16_and_never_halved() -> None:
    messages = render(Reply((Text("😀" * 6000),)))
    check(messages)
    assert [utf16_len(message["text"]) for message in messages] == [5000, 5000, 2000]


def test_control_characters_and_surrogates_are_not_sent() -> None:
    messages = render(
        Reply((Text("a\x00b\ud83d\x1bc\r\nd"), Links((Link("\ud83d\x00t", "https://example.jp/"),))))
    )
    check(messages)
    assert messages[0]["text"] == "ab\ufffdc\nd"


def test_plain_fallback_says_everything_that_the_rich_messages_said() -> None:
    cards = Cards(
        (Card("病院", "内科", LOST, (PREFECTURE,), (Button("くわしく", "p:1"),)), Card("医院", "外科"))
    )
    rich = render(Reply((Text("一覧です。"), Phones((LOST,)), cards), (Button("もどる", "b"),)))
    messages = plain_messages(rich)
    check(messages)
    assert {message["type"] for message in messages} == {"text"}
    assert all(message.keys() == {"type", "text"} for message in messages)
    for words in ("一覧です。", "0120-95-0178", "24時間", "病院", "内科", "医院", PREFECTURE.url, "くわしく"):
        assert words in messages[0]["text"]
