"""The widget in a real browser: for everyone, on every screen, in every language."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import expect

from tests.browser.helpers import LOST, MARKS, PHONE, Bot, Site, ask, chat, open_widget, said

pytestmark = MARKS


def test_the_language_is_switched_and_kept(site: Site, bot: Bot, new_page: Any) -> None:
    page = new_page(site.url)
    frame = open_widget(page)
    names = ["日本語", "やさしい日本語", "English", "中文", "Português", "Español"]
    expect(frame.get_by_label("言語").locator("option")).to_have_text(names)
    frame.get_by_label("言語").select_option("en")
    expect(said(frame, "I will answer in English.")).to_be_visible()
    expect(frame.locator("li.bot[lang=en]")).to_have_count(1)
    expect(frame.locator("html")).to_have_attribute("lang", "en")
    expect(frame.get_by_role("button", name="Send")).to_be_visible()
    expect(frame.get_by_label("Question")).to_have_attribute("placeholder", "Type your question")
    assert bot.heard[-1].postback == "lang:en"
    page.reload()
    expect(chat(page).get_by_label("Language")).to_have_value("en")


@pytest.mark.parametrize(
    ("locale", "lang", "send"),
    [
        ("pt-BR", "pt-BR", "Enviar"),
        ("zh-TW", "zh-Hans", "发送"),
        ("es-419", "es", "Enviar"),
        ("vi-VN", "ja", "送信"),
    ],
)
def test_the_interface_begins_in_the_language_of_the_browser(
    site: Site, bot: Bot, new_page: Any, locale: str, lang: str, send: str
) -> None:
    frame = open_widget(new_page(site.url, locale=locale))
    expect(frame.locator("html")).to_have_attribute("lang", lang)
    expect(frame.get_by_role("button", name=send)).to_be_visible()
    assert bot.heard[0].lang_hint == locale


def test_every_language_has_every_word(site: Site, new_page: Any) -> None:
    page = new_page(f"{site.url}/chat")
    words = page.evaluate("() => import('/static/chat/strings.js').then(module => module.STRINGS)")
    assert set(words) == {"ja", "easy", "en", "zh", "pt", "es"}
    for lang, strings in words.items():
        assert set(strings) == set(words["ja"]), lang
        assert all(value.strip() for value in strings.values()), lang
    kanji = re.compile(r"[\u4e00-\u9fff]")
    assert not kanji.search("".join(words["easy"].values()))


def test_the_keyboard_alone_is_enough(site: Site, host: Site, bot: Bot, new_page: Any) -> None:
    page = new_page(f"{host.url}/{site.url.removeprefix('http://')}")
    launcher = page.locator("#tochimado").get_by_role("button")
    expect(launcher).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(launcher).to_be_focused()
    page.keyboard.press("Enter")
    field = chat(page).get_by_label("質問")
    expect(field).to_be_focused()
    expect(launcher).to_be_hidden()
    page.keyboard.type(LOST)
    page.keyboard.press("Enter")
    expect(chat(page).get_by_role("link", name="0120-95-0178")).to_be_visible()
    expect(field).to_be_focused()  # the answer does not take the focus away

    page.keyboard.press("Shift+Tab")
    expect(chat(page).get_by_role("button", name="役に立った")).to_be_focused()
    outline = chat(page).locator(":focus").evaluate("node => getComputedStyle(node).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    expect(said(chat(page), "ボタン fb+:1")).to_be_visible()
    expect(field).to_be_focused()

    reached = set()
    for _ in range(14):
        page.keyboard.press("Shift+Tab")
        reached.add(
            chat(page)
            .locator(":focus")
            .evaluate("node => node.id || node.getAttribute('href') || node.textContent")
        )
        if "language" in reached:
            break
    assert {"language", "close", "log", "tel:0120950178", "手数料"} <= reached
    page.keyboard.press("Escape")
    expect(launcher).to_be_focused()
    expect(page.locator("#tochimado dialog")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    expect(chat(page).locator(".bot")).to_have_count(3)  # what was said is still there
    assert [message.kind for message in bot.heard] == ["follow", "text", "postback"]


def test_answers_are_announced_once_and_the_log_is_silent(site: Site, new_page: Any) -> None:
    frame = open_widget(new_page(site.url))
    log = frame.get_by_role("log", name="会話")
    expect(log).to_have_attribute("aria-live", "off")
    live = frame.locator("#live")
    expect(live).to_have_attribute("aria-live", "polite")
    live.evaluate(
        "live => { window.heard = []; new MutationObserver(changes => changes.forEach(change =>"
        " change.addedNodes.forEach(node => window.heard.push([node.lang, node.textContent]))))"
        ".observe(live, {childList: true}); }"
    )
    ask(frame, LOST)
    expect(live).to_be_empty()
    ((lang, words),) = live.evaluate("() => window.heard")
    assert lang == "ja"
    for part in ("カードをなくしたとき", "0120-95-0178", "総合サイト", "手数料"):
        assert words.count(part) == 1


def test_on_a_phone_it_fills_the_screen(site: Site, host: Site, new_page: Any) -> None:
    page = new_page(
        f"{host.url}/{site.url.removeprefix('http://')}", viewport=PHONE, is_mobile=True, has_touch=True
    )
    frame = open_widget(page)
    box = page.locator("#tochimado dialog").bounding_box()
    width, height = page.evaluate("() => [innerWidth, innerHeight]")
    assert box == {"x": 0, "y": 0, "width": width, "height": height}
    assert page.locator("#tochimado dialog").evaluate("dialog => dialog.matches(':modal')")
    expect(frame.locator("#name")).to_be_focused()  # no keyboard over the greeting
    ask(frame, LOST)
    assert frame.locator("html").evaluate("html => html.scrollWidth <= html.clientWidth")
    small = frame.locator("button:visible, a:visible, select:visible, textarea:visible").evaluate_all(
        "nodes => nodes.map(node => [node.getBoundingClientRect(), node.outerHTML])"
        ".filter(([box]) => box.height < 44 || box.width < 44).map(([, html]) => html)"
    )
    assert small == []
    frame.get_by_role("button", name="閉じる").tap()
    expect(page.locator("#tochimado dialog")).to_be_hidden()


def test_at_400_per_cent_everything_can_be_read_and_reached(site: Site, new_page: Any) -> None:
    frame = open_widget(new_page(site.url, viewport={"width": 320, "height": 256}))
    ask(frame, LOST)
    assert frame.locator("html").evaluate("html => html.scrollWidth <= html.clientWidth")
    composer = frame.locator("#composer").bounding_box()
    assert composer
    reached = 0
    while frame.locator("#log-list :focus").count() or not reached:
        frame.locator(":focus").press("Shift+Tab")
        box = frame.locator(":focus").bounding_box()
        if frame.locator("#log-list :focus").count():
            assert box
            assert box["y"] + box["height"] <= composer["y"]
            reached += 1
    assert reached == 7
    frame.get_by_role("button", name="閉じる").click()


def test_a_long_answer_is_read_from_its_beginning(site: Site, new_page: Any) -> None:
    page = new_page(site.url, reduced_motion="reduce")
    frame = open_widget(page)
    scrolled = page.evaluate("() => scrollY")
    ask(frame, "長い")
    expect(frame.locator(".user").last).to_be_in_viewport()
    expect(said(frame, "29 段落め。")).not_to_be_in_viewport()
    assert page.evaluate("() => scrollY") == scrolled
    assert frame.locator("html").evaluate("html => html.scrollTop") == 0


def test_tab_goes_through_everything_and_out_again(rich: Site, host: Site, new_page: Any) -> None:
    page = new_page(f"{host.url}/{rich.url.removeprefix('http://')}")
    frame = open_widget(page)
    ask(frame, LOST)
    frame.get_by_role("button", name="設定").click()
    page.evaluate("() => document.querySelector('a').focus()")
    seen: list[str] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.id") != "tochimado":
            break
        seen.append(
            frame.locator(":focus").evaluate(
                "node => node.id || node.getAttribute('href') || node.textContent", timeout=5_000
            )
        )
    else:
        pytest.fail("the focus does not leave the widget")
    # In the order in which it stands on the screen.
    expected = ["language", "settings-open", "close", "furigana", "easy", "size-normal", "copy", "print"]
    expected += ["restart", "end", "log", "病院", "tel:0120950178", "tel:%237119"]
    expected += ["https://www.kojinbango-card.go.jp/", "手数料", "役に立たなかった", "役に立った", "input"]
    assert [name for name in seen if name in expected] == expected
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("size", [{"width": 640, "height": 512}, {"width": 320, "height": 256}, PHONE])
def test_with_the_largest_text_and_zoom_nothing_is_cut_off(rich: Site, new_page: Any, size: Any) -> None:
    frame = open_widget(new_page(rich.url, viewport=size))
    frame.get_by_role("button", name="設定").click()
    frame.get_by_label("特大").check()
    frame.get_by_label("ふりがなを付ける").check()
    expect(frame.locator("#settings ruby").first).to_be_visible()
    assert frame.locator("html").evaluate("html => html.scrollWidth <= html.clientWidth")
    frame.locator("#settings-open").click()
    frame.locator("#input").fill("病院")
    frame.locator("#input").press("Enter")
    expect(frame.locator(".card")).to_have_count(2)
    assert frame.locator("html").evaluate("html => html.scrollWidth <= html.clientWidth")
    wide = frame.locator("button:visible, a:visible, select:visible, textarea:visible").evaluate_all(
        "nodes => nodes.map(node => [node.getBoundingClientRect(), node.outerHTML])"
        ".filter(([box]) => box.right > innerWidth + 1 || box.height < 44 || box.width < 44)"
        ".map(([, html]) => html.slice(0, 120))"
    )
    assert wide == []


def test_motion_is_left_out_where_it_is_not_wanted(rich: Site, bot: Bot, new_page: Any) -> None:
    page = new_page(f"{rich.url}/chat", reduced_motion="reduce")
    expect(page.locator(".bot")).to_have_count(1)
    bot.may_answer.clear()
    page.locator("#input").fill("図書館")
    page.locator("#input").press("Enter")
    expect(page.locator(".dots")).to_have_count(1)
    assert page.locator(".dots i").first.evaluate("dot => getComputedStyle(dot).animationName") == "none"
    assert page.locator("#log").evaluate("log => getComputedStyle(log).scrollBehavior") == "auto"
    bot.may_answer.set()


def test_a_screen_reader_meets_the_kanji_once(rich: Site, new_page: Any) -> None:
    page = new_page(f"{rich.url}/chat")
    expect(page.locator(".bot")).to_have_count(1)
    page.locator("#settings-open").click()
    page.locator("#furigana").check()
    expect(page.locator("#copy rt")).to_have_count(1)
    session = page.context.new_cdp_session(page)
    names = [
        node["name"]["value"]
        for node in session.send("Accessibility.getFullAXTree")["nodes"]
        if node.get("role", {}).get("value") == "button" and not node["ignored"]
    ]
    assert any(name.replace(" ", "") == "会話をコピー" for name in names), names
    assert not any("かいわ" in name for name in names)


def test_wider_text_spacing_cuts_nothing_off(rich: Site, new_page: Any) -> None:
    """WCAG 1.4.12: line 1.5, paragraph 2, letter 0.12, word 0.16."""
    page = new_page(f"{rich.url}/chat", viewport=PHONE)
    expect(page.locator(".bot")).to_have_count(1)
    page.locator("#settings-open").click()
    page.evaluate(
        """() => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
            word-spacing: .16em !important; } p { margin-bottom: 2em !important; }`);
          document.adoptedStyleSheets = [sheet];
        }"""
    )
    cut = page.locator("button:visible, label:visible, a:visible, h2:visible, p:visible").evaluate_all(
        "nodes => nodes.filter(node => !node.closest('.visually-hidden')"
        " && getComputedStyle(node).overflow !== 'visible'"
        " && (node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1))"
        ".map(node => node.outerHTML.slice(0, 120))"
    )
    assert cut == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_the_interface_and_the_answers_name_their_language(rich: Site, new_page: Any) -> None:
    page = new_page(f"{rich.url}/chat")
    expect(page.locator(".bot")).to_have_count(1)
    page.locator("#language").select_option("en")
    expect(said(page, "I will answer in English.")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.locator("li.bot").evaluate_all("lines => lines.map(line => line.lang)") == ["ja", "en"]
