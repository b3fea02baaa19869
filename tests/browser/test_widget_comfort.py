"""The widget in a real browser: furigana, voice, text size, suggestions, copy, print, ending, quick exit."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import Page, expect

from tests.browser.helpers import LOST, MARKS, Bot, Site, ask, chat, open_widget, said

pytestmark = MARKS

# A device with one Japanese voice and one that speaks from afar; it says what it was told to say.
VOICE = """
  window.spoken = [];
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
  const waiting = [];
  const voices = [{lang: 'ja-JP', localService: true}, {lang: 'en-US', localService: false}];
  Object.defineProperty(window, 'speechSynthesis', {value: {
    getVoices: () => voices, addEventListener() {},
    speak(one) { window.spoken.push([one.text, one.lang]); waiting.push(one); },
    cancel() { waiting.length = 0; },
  }});
  window.finish = () => waiting.shift()?.onend();
"""
EAR = """
  window.SpeechRecognition = window.webkitSpeechRecognition = class {
    start() { window.started = (window.started ?? 0) + 1; window.ear = this; }
    stop() { this.onend(); }
  };
"""


def switch(page: Page, name: str) -> None:
    page.locator("#settings-open").click()
    page.get_by_label(name).check()
    page.locator("#settings-open").click()


def shown(page: Page) -> Page:
    expect(page.locator(".bot").first).to_be_visible()
    return page


def put(page: Page, text: str) -> None:
    answers = page.locator(".bot").count()
    page.locator("#input").fill(text)
    page.locator("#input").press("Enter")
    expect(page.locator(".bot")).to_have_count(answers + 1)


def test_furigana_on_a_switch_for_what_is_there_and_what_comes(rich: Site, new_page: Any) -> None:
    page = shown(new_page(f"{rich.url}/chat"))
    put(page, LOST)
    expect(page.locator("ruby")).to_have_count(0)
    switch(page, "ふりがなを付ける")
    title = page.locator("h2.title")
    expect(title.locator("ruby")).to_have_count(0)  # カードをなくしたとき: nothing to read
    body = page.locator(".text.body p").nth(1)
    expect(body.locator("rt")).to_have_text(["でんわ", "と"])
    expect(body.locator("rp").first).to_have_text("（")
    expect(page.locator(".bubble ol li rt").first).to_have_text("でんわ")
    expect(page.locator(".send rt")).to_have_text(["そうしん"])
    assert page.locator("rt:not([aria-hidden]), rp:not([aria-hidden])").count() == 0
    expect(page.locator(".user ruby")).to_have_count(0)
    put(page, "県庁")
    expect(page.locator(".bot .bubble").last.locator("rt")).to_have_text(["けんちょう"])
    page.reload()
    expect(page.locator(".bot .bubble").last.locator("rt")).to_have_text(["けんちょう"])
    page.locator("#settings-open").click()
    page.get_by_label("ふりがなを 付 ける").or_(page.locator("#furigana")).first.uncheck()
    expect(page.locator("ruby")).to_have_count(0)
    expect(page.locator(".text.body p").nth(1)).to_have_text("電話で止めてください。")


def test_furigana_comes_with_the_answer_and_is_not_asked_for_twice(rich: Site, new_page: Any) -> None:
    page = shown(new_page(f"{rich.url}/chat"))
    with page.expect_response("**/api/v1/furigana"):
        switch(page, "ふりがなを付ける")
    asked: list[list[str]] = []
    page.on(
        "request",
        lambda request: asked.append(request.post_data_json["texts"]) if "furigana" in request.url else None,
    )
    with page.expect_response("**/api/v1/messages") as answer:
        put(page, LOST)
    ruby = answer.value.json()["messages"][0]["ruby"]
    assert ruby["電話する"] == [["電話", "でんわ"], ["する", ""]]
    expect(page.locator(".bubble ol li rt").first).to_have_text("でんわ")
    assert not {"電話する", "届け出る", "電話で止めてください。"} & {
        text for texts in asked for text in texts
    }


def test_without_furigana_on_the_server_there_is_no_switch(site: Site, new_page: Any) -> None:
    page = shown(new_page(f"{site.url}/chat"))
    page.locator("#settings-open").click()
    expect(page.locator("#furigana")).to_be_hidden()
    expect(page.locator("#easy")).to_be_visible()
    page.locator("#language").select_option("pt")
    expect(page.locator("#easy")).to_be_hidden()


def test_easy_japanese_and_text_size_are_remembered(rich: Site, bot: Bot, new_page: Any) -> None:
    page = shown(new_page(f"{rich.url}/chat"))
    page.locator("#settings-open").click()
    page.locator("#easy").check()
    expect(page.locator("html")).to_have_attribute("data-lang", "easy")
    page.locator("#size-larger").check()
    assert page.evaluate("() => getComputedStyle(document.body).fontSize") == "24px"
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-lang", "easy")
    assert page.evaluate("() => getComputedStyle(document.body).fontSize") == "24px"
    assert bot.heard[1].postback == "lang:easy"
    page.locator("#settings-open").click()
    expect(page.locator("#easy")).to_be_checked()
    page.locator("#easy").uncheck()
    expect(page.locator("html")).to_have_attribute("data-lang", "ja")


def test_an_answer_is_read_aloud_sentence_by_sentence(rich: Site, new_page: Any) -> None:
    page = new_page("about:blank")
    page.add_init_script(VOICE)
    page.goto(f"{rich.url}/chat")
    shown(page)
    put(page, "申請（しんせい）します。急ぎます")
    page.get_by_role("button", name="読み上げる").last.click()
    assert page.evaluate("() => window.spoken") == [["「申請します。", "ja"]]
    expect(page.get_by_role("button", name="読み上げを止める")).to_have_count(1)
    page.evaluate("() => window.finish()")
    assert page.evaluate("() => window.spoken.at(-1)") == ["急ぎます」ですね。", "ja"]
    page.evaluate("() => window.finish()")
    expect(page.get_by_role("button", name="読み上げを止める")).to_have_count(0)
    page.get_by_role("button", name="読み上げる").last.click()
    page.get_by_role("button", name="読み上げを止める").click()
    expect(page.get_by_role("button", name="読み上げを止める")).to_have_count(0)
    assert page.evaluate("() => window.finish()") is None
    assert page.evaluate("() => window.spoken.length") == 3


def test_without_a_voice_of_the_device_nothing_offers_to_read(rich: Site, new_page: Any) -> None:
    page = new_page("about:blank")
    page.add_init_script(VOICE)
    page.goto(f"{rich.url}/chat")
    page.locator("#language").select_option("en")
    expect(said(page, "I will answer in English.")).to_be_visible()
    english = page.locator("li.bot[lang=en] .tool")
    expect(english).to_have_count(1)
    expect(english).to_be_hidden()  # the one English voice sends what it reads elsewhere


def test_the_browser_listens_on_a_tap_only_and_sends_nothing(rich: Site, bot: Bot, new_page: Any) -> None:
    page = new_page("about:blank")
    page.add_init_script(EAR)
    page.goto(f"{rich.url}/chat")
    shown(page)
    assert page.evaluate("() => window.started") is None
    page.get_by_role("button", name="声で入力する").click()
    expect(page.locator("#listen")).to_have_attribute("aria-pressed", "true")
    page.evaluate("() => window.ear.onresult({results: [[{transcript: '図書館'}]]})")
    page.evaluate("() => window.ear.onend()")
    expect(page.locator("#listen")).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_label("質問")).to_have_value("図書館")
    expect(page.get_by_label("質問")).to_be_focused()
    assert [message.kind for message in bot.heard] == ["follow"]


def test_where_the_browser_cannot_listen_there_is_no_button(rich: Site, new_page: Any) -> None:
    page = new_page("about:blank")
    page.add_init_script("delete window.webkitSpeechRecognition; delete window.SpeechRecognition;")
    page.goto(f"{rich.url}/chat")
    shown(page)
    expect(page.locator("#listen")).to_be_hidden()


def test_questions_are_suggested_and_one_goes_into_the_input(rich: Site, bot: Bot, new_page: Any) -> None:
    page = shown(new_page(f"{rich.url}/chat"))
    expect(page.locator(".suggestion")).to_have_count(3)  # at the beginning: what others ask
    field = page.get_by_label("質問")
    field.press_sequentially("図書館")
    expect(page.locator(".suggestion")).to_have_count(2)
    page.get_by_role("button", name="図書館はいつ休み？").click()
    expect(field).to_have_value("図書館はいつ休み？")
    expect(field).to_be_focused()
    expect(page.locator("#suggestions")).to_be_hidden()
    assert len(bot.heard) == 1
    field.press("Enter")
    expect(said(page, "「図書館はいつ休み？」ですね。")).to_be_visible()
    field.press_sequentially("パス")
    expect(page.locator(".suggestion")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#suggestions")).to_be_hidden()


def test_what_is_typed_stands_in_no_address(rich: Site, new_page: Any) -> None:
    page = shown(new_page(f"{rich.url}/chat"))
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.get_by_label("質問").press_sequentially("toshokan")
    with page.expect_response("**/api/v1/suggest"):
        page.get_by_label("質問").press_sequentially("x")
    assert addresses
    assert not any("tosho" in address for address in addresses)


def test_the_conversation_is_copied_and_printed(rich: Site, new_page: Any) -> None:
    page = new_page("about:blank", permissions=["clipboard-read", "clipboard-write"])
    page.add_init_script("window.printed = 0; window.print = () => { window.printed++; };")
    page.goto(f"{rich.url}/chat")
    shown(page)
    put(page, LOST)
    page.locator("#settings-open").click()
    page.get_by_role("button", name="会話をコピー").click()
    expect(page.locator("#done")).to_have_text("コピーしました")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    for part in (
        f"あなた: {LOST}",
        "カードをなくしたとき",
        "0120-95-0178",
        "https://www.kojinbango-card.go.jp/",
    ):
        assert part in copied
    assert "手数料" not in copied  # a button is no part of what was said
    page.get_by_role("button", name="印刷する").click()
    assert page.evaluate("() => window.printed") == 1
    page.emulate_media(media="print")
    for hidden in ("header", "#composer", "#settings", ".choice-rows"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.get_by_role("link", name="0120-95-0178")).to_be_visible()


def test_starting_again_asks_first_and_begins_as_somebody_else(rich: Site, bot: Bot, new_page: Any) -> None:
    page = shown(new_page(f"{rich.url}/chat"))
    put(page, "図書館")
    page.locator("#settings-open").click()
    page.get_by_role("button", name="はじめからにする").click()
    expect(page.get_by_role("button", name="はい", exact=True)).to_be_focused()
    page.get_by_role("button", name="いいえ").click()
    expect(page.get_by_role("button", name="はじめからにする")).to_be_focused()
    assert len(bot.heard) == 2
    page.get_by_role("button", name="はじめからにする").click()
    page.get_by_role("button", name="はい", exact=True).click()
    expect(page.locator("#log-list > li.user")).to_have_count(0)
    expect(said(page, "こんにちは。とちまどです。")).to_be_visible()
    assert bot.heard[-1].kind == "follow"
    assert bot.heard[-1].user_id != bot.heard[0].user_id


def test_ending_erases_here_and_there(rich: Site, bot: Bot, new_page: Any) -> None:
    page = shown(new_page(f"{rich.url}/chat"))
    put(page, "図書館")
    page.locator("#settings-open").click()
    page.get_by_role("button", name="会話を終えて消す").click()
    page.get_by_role("button", name="はい", exact=True).click()
    expect(said(page, "ボタン delete:yes")).to_be_visible()
    expect(page.locator(".user")).to_have_count(0)
    assert bot.heard[-1].postback == "delete:yes"
    assert page.evaluate("() => sessionStorage['tochimado.turns']") == "[]"


def test_feedback_may_have_a_reason(rich: Site, bot: Bot, new_page: Any) -> None:
    page = shown(new_page(f"{rich.url}/chat"))
    put(page, LOST)
    page.get_by_role("button", name="役に立たなかった").click()
    page.get_by_role("button", name="わかりにくい").click()
    expect(page.get_by_role("button", name="わかりにくい (選択済み)")).to_be_visible()
    assert [message.postback for message in bot.heard[2:]] == ["fb-:1", "fbr:1:unclear"]
    expect(page.get_by_label("質問")).to_be_focused()


def test_the_quick_exit_leaves_no_trace(rich: Site, host: Site, new_page: Any) -> None:
    page = new_page(f"{host.url}/{rich.url.removeprefix('http://')}")
    page.route("https://www.pref.tochigi.lg.jp/", lambda route: route.fulfill(body="<title>県</title>"))
    frame = open_widget(page)
    ask(frame, "死にたい")
    expect(frame.locator("#exit")).to_be_hidden()
    ask(frame, "殴られた")
    exit_button = frame.get_by_role("button", name="すぐにこのページを離れる")
    expect(exit_button).to_be_visible()
    page.evaluate("() => postMessage({tochimado: 'exit'}, '*')")  # nobody else may send the page away
    assert page.url.startswith(host.url)
    exit_button.click()
    page.wait_for_url("https://www.pref.tochigi.lg.jp/")
    page.go_back()
    assert not page.url.startswith(host.url)


def test_the_quick_exit_is_there_for_an_answer_on_violence_that_is_not_urgent(
    rich: Site, new_page: Any
) -> None:
    page = shown(new_page(f"{rich.url}/chat"))
    put(page, "図書館")
    expect(page.locator("#exit")).to_be_hidden()
    put(page, "DVの相談")
    expect(page.locator("#exit")).to_be_visible()
    page.reload()
    expect(page.locator("#exit")).to_be_visible()


def test_the_quick_exit_of_the_page_alone_forgets_everything(rich: Site, bot: Bot, new_page: Any) -> None:
    page = shown(new_page(f"{rich.url}/chat"))
    page.context.route(
        "https://www.pref.tochigi.lg.jp/", lambda route: route.fulfill(body="<title>県</title>")
    )
    put(page, "殴られた")
    page.get_by_role("button", name="すぐにこのページを離れる").click()
    page.wait_for_url("https://www.pref.tochigi.lg.jp/")
    page.goto(f"{rich.url}/chat")
    shown(page)
    expect(page.locator(".user")).to_have_count(0)
    assert bot.heard[-1].user_id != bot.heard[0].user_id


def test_escape_closes_the_innermost_thing_first(rich: Site, new_page: Any) -> None:
    page = new_page(rich.url)
    frame = open_widget(page)
    expect(frame.locator(".suggestion").first).to_be_visible()
    frame.get_by_role("button", name="設定").click()
    page.keyboard.press("Escape")
    expect(frame.locator("#settings")).to_be_hidden()
    expect(chat(page).get_by_role("button", name="設定")).to_be_focused()
    expect(frame.locator(".suggestion").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(frame.locator(".suggestion")).to_have_count(0)
    expect(page.locator("#tochimado dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#tochimado dialog")).to_be_hidden()
