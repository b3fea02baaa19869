"""The widget in a real browser without a network, with a slow one, reloaded, and in two tabs."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import Page, expect

from tests.browser.helpers import MARKS, Bot, Site, chat, said

pytestmark = MARKS


def begin(new_page: Any, url: str) -> Page:
    page: Page = new_page(url)
    expect(page.locator(".bot")).to_have_count(1)
    return page


def write(page: Page, *texts: str) -> None:
    for text in texts:
        page.locator("#input").fill(text)
        page.locator("#input").press("Enter")


def texts(bot: Bot) -> list[str | None]:
    return [message.text for message in bot.heard if message.kind == "text"]


def test_what_is_written_offline_is_sent_once_and_in_order(site: Site, bot: Bot, new_page: Any) -> None:
    page = begin(new_page, f"{site.url}/chat")
    page.context.set_offline(True)
    write(page, "一", "二", "三")
    expect(page.locator(".failed")).to_have_count(3)
    expect(page.locator(".failed").first).to_contain_text("つながったら、自動で送ります")
    assert texts(bot) == []
    page.context.set_offline(False)
    expect(page.locator(".bot")).to_have_count(4)
    assert texts(bot) == ["一", "二", "三"]
    lines = [
        re.sub(r"\s", "", line) for line in page.locator("#log-list > li.user, li.bot").all_inner_texts()
    ]
    assert [line[-7:] for line in lines[1:]] == [
        part[-7:] for text in "一二三" for part in (f"あなた:{text}", f"とちまど「{text}」ですね。")
    ]
    expect(page.locator(".failed")).to_have_count(0)


def test_a_lost_answer_is_asked_for_again_under_the_same_id(site: Site, bot: Bot, new_page: Any) -> None:
    page = begin(new_page, f"{site.url}/chat")
    reached: list[str] = []

    def lose_the_answer(route: Any) -> None:
        reached.append(route.request.post_data_json["client_id"])
        route.fetch()
        route.abort()

    page.route("**/api/v1/messages", lose_the_answer, times=1)
    write(page, "図書館")
    expect(page.locator(".failed")).to_have_count(1)
    page.get_by_role("button", name="もう一度送る").click()
    expect(said(page, "「図書館」ですね。")).to_be_visible()
    assert [message.event_id for message in bot.heard[1:]] == reached * 2


def test_without_an_event_of_the_browser_it_tries_again_by_itself(
    site: Site, bot: Bot, new_page: Any
) -> None:
    page = new_page("about:blank")
    page.clock.install()
    page.goto(f"{site.url}/chat")
    expect(page.locator(".bot")).to_have_count(1)
    page.route("**/api/v1/messages", lambda route: route.abort())
    write(page, "図書館")
    expect(page.locator(".failed")).to_have_count(1)
    page.unroute("**/api/v1/messages")
    page.clock.run_for(3_100)
    expect(said(page, "「図書館」ですね。")).to_be_visible()
    assert texts(bot) == ["図書館"]


def test_a_reload_in_the_middle_loses_and_doubles_nothing(site: Site, bot: Bot, new_page: Any) -> None:
    page = begin(new_page, f"{site.url}/chat")
    page.route("**/api/v1/messages", lambda route: route.abort())
    write(page, "一", "二")
    expect(page.locator(".failed")).to_have_count(2)
    stored = page.evaluate("() => JSON.parse(sessionStorage['tochimado.turns'])")
    ids = [turn["request"]["client_id"] for turn in stored[1:]]
    page.unroute("**/api/v1/messages")
    page.reload()
    expect(page.locator(".bot")).to_have_count(3)
    assert texts(bot) == ["一", "二"]
    assert [message.event_id for message in bot.heard[1:]] == ids
    assert len({message.user_id for message in bot.heard}) == 1


def test_a_reload_while_the_server_thinks_sends_the_same_id(site: Site, bot: Bot, new_page: Any) -> None:
    page = begin(new_page, f"{site.url}/chat")
    bot.may_answer.clear()
    with page.expect_request("**/api/v1/messages"):
        write(page, "図書館")
    page.reload()
    bot.may_answer.set()
    expect(said(page, "「図書館」ですね。")).to_be_visible()
    assert len({message.event_id for message in bot.heard[1:]}) == 1


def test_what_the_server_refused_is_not_sent_again_by_a_reload(site: Site, bot: Bot, new_page: Any) -> None:
    page = begin(new_page, f"{site.url}/chat")
    page.route("**/api/v1/messages", lambda route: route.fulfill(status=413, json={}))
    write(page, "図書館")
    expect(page.locator(".failed")).to_have_count(1)
    page.unroute("**/api/v1/messages")
    page.reload()
    expect(page.get_by_role("button", name="もう一度送る")).to_be_visible()
    assert texts(bot) == []


def test_two_tabs_are_one_resident_with_two_conversations(site: Site, bot: Bot, new_page: Any) -> None:
    page = begin(new_page, f"{site.url}/chat")
    other = page.context.new_page()
    other.goto(f"{site.url}/chat")
    expect(other.locator(".bot")).to_have_count(1)
    page.context.set_offline(True)
    write(page, "一")
    write(other, "二")
    for one in (page, other):
        expect(one.locator(".failed")).to_have_count(1)
    page.context.set_offline(False)
    expect(said(page, "「一」ですね。")).to_be_visible()
    expect(said(other, "「二」ですね。")).to_be_visible()
    assert sorted(map(str, texts(bot))) == ["一", "二"]
    assert len({message.user_id for message in bot.heard}) == 1


def test_two_tabs_that_begin_at_once_get_one_session(site: Site, bot: Bot, new_page: Any) -> None:
    page = new_page("about:blank")
    other = page.context.new_page()
    bot.may_answer.clear()
    for one in (page, other):
        one.goto(f"{site.url}/chat", wait_until="commit")
    threading.Timer(0.3, bot.may_answer.set).start()
    for one in (page, other):
        expect(one.locator(".bot")).to_have_count(1)
    assert len({message.user_id for message in bot.heard}) == 1


def test_a_copy_of_a_tab_does_not_send_what_the_tab_will_send(site: Site, bot: Bot, new_page: Any) -> None:
    page = new_page("about:blank")
    page.clock.install()
    page.goto(f"{site.url}/chat")
    expect(page.locator(".bot")).to_have_count(1)
    page.route("**/api/v1/messages", lambda route: route.abort())
    write(page, "一")
    expect(page.locator(".failed")).to_have_count(1)
    kept = page.evaluate("() => sessionStorage['tochimado.turns']")
    copy = page.context.new_page()
    copy.add_init_script(f"sessionStorage['tochimado.turns'] ??= {kept!r}")
    copy.goto(f"{site.url}/chat")
    copy.clock.run_for(2_100)  # so long it waits for the tab to let go
    expect(copy.locator(".user")).to_have_count(0)
    expect(copy.locator(".bot")).to_have_count(1)
    page.unroute("**/api/v1/messages")
    page.clock.run_for(3_100)  # it tries again by itself
    expect(said(page, "「一」ですね。")).to_be_visible()
    assert texts(bot) == ["一"]


def test_a_slow_network_is_waited_for_and_said(site: Site, bot: Bot, new_page: Any) -> None:
    page = new_page("about:blank")
    page.clock.install()
    page.goto(f"{site.url}/chat")
    expect(page.locator(".bot")).to_have_count(1)
    bot.may_answer.clear()
    write(page, "図書館")
    expect(page.locator(".dots")).to_have_count(1)
    page.clock.run_for(2_600)
    assert "回答を準備しています" in (page.locator("#live").text_content() or "")
    page.clock.run_for(1_100)
    expect(page.locator("#live")).to_be_empty()
    bot.may_answer.set()
    expect(said(page, "「図書館」ですね。")).to_be_visible()


def test_a_widget_that_is_opened_offline_says_so_and_comes_back(
    site: Site, host: Site, bot: Bot, new_page: Any
) -> None:
    page = new_page(f"{host.url}/{site.url.removeprefix('http://')}")
    launcher = page.locator("#tochimado").get_by_role("button")
    expect(launcher).to_be_visible()
    page.context.set_offline(True)
    launcher.click()
    notice = page.locator("#tochimado").get_by_role("alert")
    expect(notice).to_contain_text("とちまどにつながりません。")
    page.keyboard.press("Tab")
    page.locator("#tochimado").get_by_role("button", name="閉じる").click()
    expect(launcher).to_be_visible()
    launcher.click()
    page.context.set_offline(False)
    expect(chat(page).locator(".bot")).to_have_count(1)
    expect(notice).to_have_count(0)
    assert [message.kind for message in bot.heard] == ["follow"]
