"""The widget from one page of its host to the next: as open or closed as it was, with what was said in it."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import Page, expect

from tests.browser.helpers import MARKS, PHONE, Bot, Site, ask, chat, open_widget, said

pytestmark = MARKS


def host_page(host: Site, site: Site, name: str = "") -> str:
    """Return the address of one of the host's pages; they have a strict Content-Security-Policy."""
    return f"{host.url}/{site.url.removeprefix('http://')}?{name}"


def window_of(page: Page) -> Any:
    return page.locator("#tochimado dialog")


def test_an_open_window_comes_with_the_resident_and_takes_no_focus(
    site: Site, host: Site, bot: Bot, new_page: Any
) -> None:
    page = new_page(host_page(host, site))
    ask(open_widget(page), "図書館")
    page.goto(host_page(host, site, "next"))
    expect(said(chat(page), "「図書館」ですね。")).to_be_visible()
    expect(page.locator("#tochimado .launcher")).to_be_hidden()
    assert page.evaluate("() => document.activeElement === document.body"), "the page's own reader goes on"
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="本文")).to_be_focused()
    ask(chat(page), "病院はどこ")
    assert [message.text for message in bot.heard] == [None, "図書館", "病院はどこ"]
    assert len({message.user_id for message in bot.heard}) == 1


def test_a_closed_window_stays_closed_and_a_new_tab_begins_closed(
    site: Site, host: Site, bot: Bot, new_page: Any
) -> None:
    page = new_page(host_page(host, site))
    ask(open_widget(page), "図書館")
    other = page.context.new_page()
    other.goto(host_page(host, site, "other-tab"))
    expect(other.locator("#tochimado").get_by_role("button", name="とちまどに聞く")).to_be_visible()
    assert other.locator("#tochimado iframe").count() == 0, "nothing is fetched before it is asked for"
    chat(page).get_by_role("button", name="閉じる").click()
    page.reload()
    expect(page.locator("#tochimado").get_by_role("button", name="とちまどに聞く")).to_be_visible()
    expect(window_of(page)).to_be_hidden()
    expect(said(open_widget(page), "「図書館」ですね。")).to_be_visible()
    assert [message.text for message in bot.heard] == [None, "図書館"]


def test_on_a_phone_it_covers_the_next_page_as_it_covered_the_last(
    site: Site, host: Site, new_page: Any
) -> None:
    page = new_page(host_page(host, site), viewport=PHONE, is_mobile=True, has_touch=True)
    open_widget(page)
    page.goto(host_page(host, site, "next"))
    expect(chat(page).locator(".bot")).to_have_count(1)
    assert window_of(page).bounding_box() == {"x": 0, "y": 0, **PHONE}
    assert window_of(page).evaluate("dialog => dialog.matches(':modal')")


def test_what_is_written_offline_goes_out_from_the_hosts_next_page(
    site: Site, host: Site, bot: Bot, new_page: Any
) -> None:
    page = new_page(host_page(host, site))
    frame = open_widget(page)
    page.route("**/api/v1/messages", lambda route: route.abort())
    for text in ("一", "二"):
        frame.get_by_label("質問").fill(text)
        frame.get_by_label("質問").press("Enter")
    expect(frame.locator(".failed")).to_have_count(2)
    page.unroute("**/api/v1/messages")
    page.goto(host_page(host, site, "next"))
    expect(said(chat(page), "「二」ですね。")).to_be_visible()
    assert [message.text for message in bot.heard] == [None, "一", "二"]


def test_after_the_quick_exit_the_window_is_closed_again(site: Site, host: Site, new_page: Any) -> None:
    page = new_page(host_page(host, site))
    page.route("https://www.pref.tochigi.lg.jp/", lambda route: route.fulfill(body="<title>県</title>"))
    frame = open_widget(page)
    ask(frame, "殴られた")
    frame.get_by_role("button", name="すぐにこのページを離れる").click()
    page.wait_for_url("https://www.pref.tochigi.lg.jp/")
    page.goto(host_page(host, site))
    expect(page.locator("#tochimado").get_by_role("button", name="とちまどに聞く")).to_be_visible()
    expect(window_of(page)).to_be_hidden()
