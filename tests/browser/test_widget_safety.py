"""The widget in a real browser: markup, origins, embedding, erasing."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import Browser, expect

from tests.browser.helpers import LOST, MARKS, XSS, Bot, Site, ask, chat, open_widget, said

pytestmark = MARKS


def test_markup_from_resident_and_bot_stays_text(site: Site, new_page: Any) -> None:
    page = new_page(site.url)
    frame = open_widget(page)
    ask(frame, XSS)
    expect(frame.locator(".user p").last).to_have_text(XSS)
    expect(frame.locator(".bot").last).to_contain_text(XSS)
    ask(frame, "わな")
    expect(frame.get_by_role("heading", name=XSS).first).to_be_visible()
    log = frame.get_by_role("log")
    expect(log.locator("img, script, iframe, [onclick], [onerror]")).to_have_count(0)
    hrefs = log.locator("a").evaluate_all("links => links.map(link => link.href)")
    assert hrefs == []  # none of those addresses and numbers may be followed
    frame.locator(".choices[data-group] button").last.click()
    expect(said(frame, "ボタン x:2")).to_be_visible()
    for one in page.frames:
        assert one.evaluate("() => window.hit") is None


def test_erasing_leaves_nothing_in_the_browser(site: Site, bot: Bot, new_page: Any) -> None:
    page = new_page(f"{site.url}/chat")
    expect(page.locator(".bot")).to_have_count(1)
    for text in ("図書館", "データ削除"):
        page.get_by_label("質問").fill(text)
        page.get_by_label("質問").press("Enter")
    page.get_by_role("button", name="消す", exact=True).click()
    expect(said(page, "ボタン delete:yes")).to_be_visible()
    expect(page.locator("#log-list > li")).to_have_count(1)
    kept = page.evaluate("() => [{...localStorage}, {...sessionStorage}]")
    assert kept == [{"tochimado.session": ""}, {"tochimado.turns": "[]"}]
    page.reload()
    expect(said(page, "こんにちは。とちまどです。")).to_be_visible()
    assert bot.heard[-1].kind == "follow"
    assert bot.heard[-1].user_id != bot.heard[0].user_id


def test_alone_it_has_no_close_button_and_a_link_can_only_write(site: Site, bot: Bot, new_page: Any) -> None:
    page = new_page(f"{site.url}/chat#ask=%E5%9B%B3%E6%9B%B8%E9%A4%A8")
    expect(page.locator(".bot")).to_have_count(1)
    expect(page.get_by_label("質問")).to_have_value("図書館")
    expect(page.locator("#close")).to_be_hidden()
    assert [message.kind for message in bot.heard] == ["follow"]


def test_a_strict_host_page_embeds_it_and_another_may_not(
    site: Site, host: Site, bot: Bot, new_page: Any
) -> None:
    address = site.url.removeprefix("http://")
    page = new_page(f"{host.url}/{address}")
    frame = open_widget(page)
    ask(frame, LOST)
    expect(frame.get_by_role("link", name="0120-95-0178")).to_be_visible()
    kept = page.evaluate("() => [{...localStorage}, {...sessionStorage}]")
    assert kept == [{}, {"tochimado.open": "1"}], "on the host page, that the window is open and nothing else"
    # A page may not speak for another origin, nor may anybody but the parent speak.
    heard = len(bot.heard)
    page.evaluate("() => postMessage({tochimado: 'close'}, '*')")
    chat(page).locator("body").evaluate("() => postMessage({tochimado: 'ask', text: 'にせもの'}, '*')")
    ask(frame, "ほんもの")
    assert [message.text for message in bot.heard[heard:]] == ["ほんもの"]
    expect(page.locator("#tochimado dialog")).to_be_visible()


def test_on_one_origin_the_frame_and_its_parent_hear_only_each_other(
    site: Site, bot: Bot, new_page: Any
) -> None:
    page = new_page(site.url)
    frame = open_widget(page)
    page.evaluate("() => postMessage({tochimado: 'close'}, '*')")
    frame.locator("body").evaluate("() => postMessage({tochimado: 'ask', text: 'にせもの'}, '*')")
    ask(frame, "ほんもの")
    assert [message.text for message in bot.heard] == [None, "ほんもの"]
    expect(page.locator("#tochimado dialog")).to_be_visible()


def test_a_page_that_is_not_allowed_cannot_frame_it(
    site: Site, host: Site, bot: Bot, browser: Browser
) -> None:
    context = browser.new_context()
    page = context.new_page()
    other = host.url.replace("127.0.0.1", "localhost")  # frame-ancestors names 127.0.0.1
    refusals: list[str] = []
    page.on("console", lambda message: refusals.append(message.text))
    page.goto(f"{other}/{site.url.removeprefix('http://')}")
    with page.expect_event("console", lambda message: "frame-ancestors" in message.text):
        page.locator("#tochimado").get_by_role("button").click()
    assert bot.heard == []
    context.close()


def test_a_parent_that_lies_about_its_origin_is_not_heard(
    site: Site, host: Site, bot: Bot, new_page: Any
) -> None:
    page = new_page(f"{host.url}/{site.url.removeprefix('http://')}")
    page.evaluate(
        """url => new Promise(done => {
          const frame = document.createElement('iframe');
          frame.id = 'liar';
          frame.src = url + '/chat#host=https%3A%2F%2Fwww.pref.tochigi.lg.jp';
          frame.onload = done;
          document.body.append(frame);
        })""",
        site.url,
    )
    liar = page.frame_locator("#liar")
    expect(liar.locator(".bot")).to_have_count(1)
    page.evaluate(
        "() => document.querySelector('#liar').contentWindow.postMessage({tochimado: 'ask', text: 'x'}, '*')"
    )
    ask(liar, "ほんもの")
    assert [message.text for message in bot.heard] == [None, "ほんもの"]
