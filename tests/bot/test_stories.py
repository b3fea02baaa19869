"""Stories (said → heard), told on every channel through its real route and a strict fake of its service."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from bot.settings import Settings
from tests.drivers import (
    Driver,
)
from tests.residents import CHANNELS, resident_on

MakeApp = Callable[[Settings], Flask]


@pytest.fixture(params=CHANNELS)
def resident(request: pytest.FixtureRequest, settings: Settings, make_app: MakeApp) -> Iterator[Driver]:
    """A resident on each channel."""
    with resident_on(request.param, settings, make_app) as driver:
        yield driver


def feedback(buttons: dict[str, str], sign: str) -> str:
    """Return the data of a feedback button."""
    return next(data for data in buttons if data.startswith(f"fb{sign}"))


def test_a_lost_card_is_answered_with_number_source_date_and_counter(resident: Driver) -> None:
    heard = resident.say("マイナンバーカードをなくした")
    for part in ("0120-95-0178", "2024年12月2日", "出典", "担当"):
        assert part in heard.text
    assert any(data.startswith("entry:") for data in heard.buttons)
    assert {data[:3] for data in heard.buttons} >= {"fb+", "fb-"}


def test_the_first_answer_says_what_this_is_and_later_ones_do_not(resident: Driver) -> None:
    if resident.name == "console":
        pytest.skip("the terminal begins with the greeting")
    first = resident.say("マイナンバーカードをなくした")
    assert "自動応答です" in first.text
    assert "119" in first.text
    again = resident.say("マイナンバーカードをなくした")
    assert "自動応答です" not in again.text


def test_the_greeting_states_purpose_and_privacy(resident: Driver) -> None:
    heard = resident.open()
    for part in ("とちまど", "119", "マイナンバー", "30日", "データ削除"):
        assert part in heard.text
    assert any(data.startswith("topic:") for data in heard.buttons)


def test_a_follow_up_and_the_way_back(resident: Driver) -> None:
    first = resident.say("マイナンバーカードをなくした")
    follow_up = next(data for data in first.buttons if data.startswith("entry:"))
    second = resident.press(follow_up)
    assert "出典" in second.text
    assert "back" in second.buttons
    assert "0120-95-0178" in resident.press("back").text


def test_the_language_can_be_switched_in_the_middle(resident: Driver) -> None:
    resident.say("マイナンバーカードをなくした")
    menu = resident.say("言語")
    assert {"lang:ja", "lang:easy", "lang:en", "lang:zh", "lang:pt", "lang:es"} <= menu.buttons.keys()
    english = resident.press("lang:en")
    assert "Source:" in english.text
    assert "0120-95-0178" in english.text
    assert "Source:" in resident.say("I lost my My Number card").text
    assert "出典" in resident.say("日本語で").text


def test_english_is_answered_in_english(resident: Driver) -> None:
    heard = resident.say("I lost my My Number card")
    assert "0120-95-0178" in heard.text
    assert "Source:" in heard.text


def test_nonsense_falls_back_with_ways_on(resident: Driver) -> None:
    heard = resident.say("ふがほげぴよ")
    assert "見つけられませんでした" in heard.text
    assert "www.pref.tochigi.lg.jp" in heard.text
    assert sum(data.startswith("topic:") for data in heard.buttons) >= 4


def test_none_of_these_leads_to_the_fallback(resident: Driver) -> None:
    assert "見つけられませんでした" in resident.press("none").text


def test_topics_lead_to_entries(resident: Driver) -> None:
    topics = resident.say("メニュー")
    topic = next(data for data in topics.buttons if data.startswith("topic:"))
    entries = resident.press(topic)
    entry = next(data for data in entries.buttons if data.startswith("entry:"))
    assert "出典" in resident.press(entry).text


def test_feedback_is_thanked_for_and_a_bad_one_shows_the_way_on(resident: Driver) -> None:
    heard = resident.say("マイナンバーカードをなくした")
    assert "ありがとう" in resident.press(feedback(heard.buttons, "+")).text
    assert "www.pref.tochigi.lg.jp" in resident.press(feedback(heard.buttons, "-")).text


def test_help_says_how(resident: Driver) -> None:
    heard = resident.say("ヘルプ")
    assert "使い方" in heard.text
    assert "119" in heard.text


def test_a_location_names_the_municipality(resident: Driver) -> None:
    heard = resident.locate(36.3147, 139.8003)
    assert "小山市" in heard.text
    assert "www.city.oyama.tochigi.jp" in heard.text
    assert "栃木県の外" in resident.locate(35.68, 139.76).text


def test_deleting_asks_first_and_then_erases(resident: Driver) -> None:
    resident.say("English")
    question = resident.say("delete my data")
    assert "delete:yes" in question.buttons
    assert "erased" in resident.press("delete:yes").text
    after = resident.say("メニュー").text
    assert "分野" in after, "the language chosen before is forgotten"
    assert "自動応答です" in after or resident.name == "console"


def test_a_no_may_be_given_a_reason(resident: Driver) -> None:
    heard = resident.say("マイナンバーカードをなくした")
    sorry = resident.press(feedback(heard.buttons, "-"))
    assert "理由" in sorry.text
    reasons = {data.rsplit(":", 1)[1]: data for data in sorry.buttons if data.startswith("fbr:")}
    assert list(reasons) == ["off", "unclear", "wrong", "old", "short"]
    assert "topics" in {data.partition(":")[0] for data in sorry.buttons}, "nobody has to choose one"
    assert "ありがとう" in resident.press(reasons["old"]).text
    assert resident.press("fbr:").text.strip()
    assert resident.press(f"{reasons['old']}-and-more").text.strip()


def test_unknown_buttons_of_old_versions_lead_somewhere(resident: Driver) -> None:
    for data in ("entry:mynumber.gone-long-ago", "topic:nothing", "lang:tlh", "what-is-this", "fb+:"):
        heard = resident.press(data)
        assert heard.text.strip()
        assert heard.buttons


@pytest.mark.parametrize(
    "text",
    [
        "あ" * 5000,
        "A\x00B\x1b[2J マイナンバーカード",
        "\u200bマイ\u200bナンバー\u200bカードをなくした\u202e",
        "<script>alert(1)</script> & <b>太字</b>",
        "😀🏳️‍🌈👨‍👩‍👧‍👦",
        "   ",
        "1" * 400,
        "\n\n\n",
        "العربية هنا",
    ],
)
def test_anything_is_answered(resident: Driver, text: str) -> None:
    if resident.name == "console" and not text.strip():
        pytest.skip("a blank line at the terminal is not a message")
    heard = resident.say(text)
    assert heard.text.strip()


def test_a_search_for_places_is_told_on_every_channel(resident: Driver) -> None:
    asked = resident.say("一番近い病院")
    assert "どのあたり" in asked.text
    assert any(data.startswith("pl:town") for data in asked.buttons)
    found = resident.say("宇都宮市")
    for part in ("宇都宮", "028-", "出典"):
        assert part in found.text
    more = next(data for data in found.buttons if data.startswith("pl:more"))
    assert resident.press(more).text != found.text
    assert "0120-95-0178" in resident.say("マイナンバーカードをなくした").text


def test_a_place_sent_goes_on_with_the_search(resident: Driver) -> None:
    resident.say("近くの病院")
    heard = resident.locate(36.5658, 139.8836)
    assert "宇都宮" in heard.text
    assert "病院" in heard.text
