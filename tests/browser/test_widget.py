"""The widget in a real browser: what a resident does with it."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import expect

from tests.browser.helpers import LOST, MARKS, Bot, Site, ask, chat, open_widget, said

pytestmark = MARKS


def test_open_ask_answer_press(site: Site, bot: Bot, new_page: Any) -> None:
    page = new_page(site.url)
    frame = open_widget(page)
    expect(said(frame, "こんにちは。とちまどです。")).to_be_visible()
    note = "自動応答です。人は読んでいません。個人情報は入力しないでください。"
    expect(frame.locator("#note")).to_have_text(note)
    ask(frame, LOST)
    expect(frame.locator(".user")).to_contain_text(LOST)
    expect(frame.get_by_role("heading", name="カードをなくしたとき")).to_be_visible()
    call = frame.get_by_role("link", name="0120-95-0178")
    expect(call).to_have_attribute("href", "tel:0120950178")
    expect(frame.get_by_role("link", name="#7119")).to_have_attribute("href", "tel:%237119")
    link = frame.get_by_role("link", name="総合サイト")
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(frame.locator(".bubble ol li")).to_have_text(["電話する", "届け出る"])
    expect(frame.locator(".bubble ul:not([role]) li")).to_have_text(["本人確認書類"])

    frame.get_by_role("button", name="手数料").click()
    expect(said(frame, "ボタン entry:mynumber.fee")).to_be_visible()
    expect(frame.get_by_role("button", name="手数料 (選択済み)")).to_be_visible()
    expect(frame.get_by_label("質問")).to_be_focused()

    assert [message.kind for message in bot.heard] == ["follow", "text", "postback"]
    assert len({message.user_id for message in bot.heard}) == 1
    assert len({message.event_id for message in bot.heard}) == 3
    assert {message.lang_hint for message in bot.heard} == {"ja-JP"}


def test_an_example_of_the_demo_page_opens_the_widget_and_asks(site: Site, bot: Bot, new_page: Any) -> None:
    page = new_page(site.url)
    page.get_by_role("button", name=LOST, exact=True).click()
    expect(chat(page).get_by_role("link", name="0120-95-0178")).to_be_visible()
    assert [message.kind for message in bot.heard] == ["follow", "text"]
    # The opening was answered first and stands first.
    expect(chat(page).locator("#log-list > li").first).to_contain_text("こんにちは")


def test_a_message_is_not_sent_while_an_input_method_chooses(site: Site, bot: Bot, new_page: Any) -> None:
    frame = open_widget(new_page(site.url))
    field = frame.get_by_label("質問")
    field.fill("とちぎ")
    for state in ({"isComposing": True}, {"keyCode": 229}):
        field.evaluate(
            "(field, state) => field.dispatchEvent(new KeyboardEvent('keydown',"
            " {key: 'Enter', bubbles: true, cancelable: true, ...state}))",
            state,
        )
    expect(field).to_have_value("とちぎ")
    field.press("Shift+Enter")
    expect(field).to_have_value("とちぎ\n")
    field.press("Enter")
    expect(said(frame, "「とちぎ」ですね。")).to_be_visible()
    field.press("Enter")  # nothing to send
    assert [message.text for message in bot.heard] == [None, "とちぎ"]


def test_a_failed_message_is_sent_again_under_the_same_id(site: Site, bot: Bot, new_page: Any) -> None:
    page = new_page(site.url)
    frame = open_widget(page)
    lost: list[str] = []

    def lose(route: Any) -> None:
        lost.append(route.request.post_data_json["client_id"])
        route.abort()

    page.route("**/api/v1/messages", lose)
    frame.get_by_label("質問").fill("図書館")
    frame.get_by_role("button", name="送信").click()
    expect(said(frame, "インターネットにつながりません。")).to_be_visible()
    page.unroute("**/api/v1/messages")
    frame.get_by_role("button", name="もう一度送る").click()
    expect(said(frame, "「図書館」ですね。")).to_be_visible()
    expect(frame.locator(".failed")).to_have_count(0)
    assert [bot.heard[-1].event_id] == lost
    assert len(bot.heard) == 2


def test_after_silence_the_message_is_sent_again_under_a_new_id(site: Site, bot: Bot, new_page: Any) -> None:
    frame = open_widget(new_page(site.url))
    bot.silent_for = "図書館"
    frame.get_by_label("質問").fill("図書館")
    frame.get_by_label("質問").press("Enter")
    frame.get_by_role("button", name="もう一度送る").click()
    expect(said(frame, "「図書館」ですね。")).to_be_visible()
    assert [message.text for message in bot.heard] == [None, "図書館", "図書館"]
    assert bot.heard[1].event_id != bot.heard[2].event_id


@pytest.mark.parametrize(
    ("status", "words"),
    [(429, "混み合っています"), (413, "文章が長すぎます"), (500, "うまくいきませんでした")],
)
def test_a_refusal_is_explained(site: Site, new_page: Any, status: int, words: str) -> None:
    page = new_page(site.url)
    frame = open_widget(page)
    page.route(
        "**/api/v1/messages",
        lambda route: route.fulfill(status=status, json={"error": {"code": "x", "message": "internal"}}),
    )
    frame.get_by_label("質問").fill("図書館")
    frame.get_by_label("質問").press("Enter")
    expect(frame.locator(".failed")).to_contain_text(words)
    expect(frame.get_by_text("internal")).to_have_count(0)


def test_messages_typed_in_a_hurry_are_sent_in_order(site: Site, bot: Bot, new_page: Any) -> None:
    frame = open_widget(new_page(site.url))
    bot.may_answer.clear()
    for text in "一二三四五":
        frame.get_by_label("質問").fill(text)
        frame.get_by_label("質問").press("Enter")
    expect(frame.locator(".user")).to_have_count(5)
    expect(frame.locator(".dots")).to_have_count(5)
    assert len(bot.heard) <= 2  # the second is not sent before the first is answered
    bot.may_answer.set()
    expect(frame.locator(".bot")).to_have_count(6)
    assert [message.text for message in bot.heard[1:]] == list("一二三四五")
    said = frame.locator("#log-list > .user, #log-list > .bot").all_inner_texts()
    assert [re.sub(r"\s|とちまど|あなた:", "", text) for text in said][1:] == [
        part for text in "一二三四五" for part in (text, f"「{text}」ですね。")
    ]


def test_a_reload_keeps_the_conversation_and_the_session(site: Site, bot: Bot, new_page: Any) -> None:
    page = new_page(site.url)
    ask(open_widget(page), LOST)
    page.reload()
    frame = chat(page)
    expect(frame.get_by_role("link", name="0120-95-0178")).to_be_visible()
    ask(frame, "図書館")
    assert [message.kind for message in bot.heard] == ["follow", "text", "text"]
    assert len({message.user_id for message in bot.heard}) == 1


def test_the_place_is_sent_on_a_tap_only(site: Site, bot: Bot, new_page: Any) -> None:
    page = new_page(
        f"{site.url}/chat",
        geolocation={"latitude": 36.5657, "longitude": 139.8836},
        permissions=["geolocation"],
    )
    expect(page.locator(".bot")).to_have_count(1)
    page.get_by_label("質問").fill("わな")
    page.get_by_label("質問").press("Enter")
    expect(page.locator(".bot")).to_have_count(2)
    assert [message.location for message in bot.heard] == [None, None]
    page.locator(".bot .bubble > .choices button").click()
    expect(said(page, "近い順に案内します。")).to_be_visible()
    assert bot.heard[-1].location == (36.5657, 139.8836)


def test_a_refused_place_is_asked_for_in_words(site: Site, bot: Bot, new_page: Any) -> None:
    page = new_page(f"{site.url}/chat", permissions=[])
    page.get_by_label("質問").fill("わな")
    page.get_by_label("質問").press("Enter")
    page.locator(".bot .bubble > .choices button").click()
    expect(page.locator(".refused")).to_contain_text("市町名を入力してください")
    assert all(message.kind != "location" for message in bot.heard)
