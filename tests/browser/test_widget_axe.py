"""axe over every state of the widget: nothing may be left to complain about."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.helpers import LOST, MARKS, PHONE, Site, ask, open_widget, said
from tests.services import needs

_SPEC = importlib.util.find_spec("axe_playwright_python")
AXE = Path(_SPEC.origin).with_name("axe.min.js") if _SPEC and _SPEC.origin else Path("axe.min.js is missing")

pytestmark = [*MARKS, needs("axe (the package axe-playwright-python)", AXE.exists())]


def complaints(page: Page) -> list[str]:
    """Return what axe finds in the page and in the chat's frame: rule, element."""
    found = []
    for frame in page.frames:
        frame.evaluate(AXE.read_text(encoding="utf-8"))
        result = frame.evaluate(
            "() => axe.run(document, {iframes: false, resultTypes: ['violations'],"
            " runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
        )
        assert len(result["passes"]) > 5, "axe has looked at something"
        found += [
            f"{frame.url[:40]} {rule['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
            for rule in result["violations"]
            for node in rule["nodes"]
        ]
    return found


def answer(frame: FrameLocator) -> None:
    ask(frame, LOST)


def pressed(frame: FrameLocator) -> None:
    ask(frame, LOST)
    frame.get_by_role("button", name="手数料").click()
    expect(frame.locator(".chosen")).to_have_count(1)


def refused(frame: FrameLocator) -> None:
    frame.locator("body").page.route("**/api/v1/messages", lambda route: route.fulfill(status=500, json={}))
    frame.get_by_label("質問").fill("図書館")
    frame.get_by_label("質問").press("Enter")
    expect(said(frame, "うまくいきませんでした")).to_be_visible()


def offline(frame: FrameLocator) -> None:
    frame.locator("body").page.context.set_offline(True)
    frame.get_by_label("質問").fill("図書館")
    frame.get_by_label("質問").press("Enter")
    expect(said(frame, "つながりません")).to_be_visible()


def settings(frame: FrameLocator) -> None:
    frame.get_by_role("button", name="設定").click()
    frame.get_by_role("button", name="会話を終えて消す").click()
    expect(frame.get_by_role("button", name="はい", exact=True)).to_be_focused()


def furigana(frame: FrameLocator) -> None:
    frame.get_by_role("button", name="設定").click()
    frame.get_by_label("ふりがなを付ける").check()
    ask(frame, LOST)
    expect(frame.locator("#log .bubble ruby").first).to_be_visible()


def suggested(frame: FrameLocator) -> None:
    frame.get_by_label("質問").press_sequentially("図書館")
    expect(frame.locator(".suggestion")).to_have_count(2)


def largest(frame: FrameLocator) -> None:
    frame.get_by_role("button", name="設定").click()
    frame.get_by_label("特大").check()
    ask(frame, LOST)


STATES: dict[str, Callable[[FrameLocator], None]] = {
    "open": lambda frame: None,
    "answer": answer,
    "pressed": pressed,
    "clarify": lambda frame: ask(frame, "どれ"),
    "places": lambda frame: ask(frame, "病院"),
    "crisis": lambda frame: ask(frame, "殴られた"),
    "offline": offline,
    "refused": refused,
    "settings": settings,
    "furigana": furigana,
    "suggested": suggested,
    "largest": largest,
}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "forced": {"forced_colors": "active"},
    "phone": {"viewport": PHONE, "is_mobile": True, "has_touch": True},
    "double": {"viewport": {"width": 640, "height": 512}},
    "zoom": {"viewport": {"width": 320, "height": 256}},
}
SHOWN = [(state, "light") for state in STATES] + [
    (state, look)
    for look in ("dark", "forced", "phone", "double", "zoom")
    for state in ("open", "answer", "places", "crisis", "settings", "furigana", "offline")
]


@pytest.mark.parametrize(("state", "look"), SHOWN)
def test_axe_finds_nothing(rich: Site, new_page: Any, state: str, look: str) -> None:
    page = new_page(rich.url, reduced_motion="reduce", **LOOKS[look])
    frame = open_widget(page)
    STATES[state](frame)
    assert complaints(page) == []


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_in_the_closed_widget(rich: Site, new_page: Any, look: str) -> None:
    page = new_page(rich.url, **LOOKS[look])
    expect(page.locator("#tochimado").get_by_role("button")).to_be_visible()
    assert complaints(page) == []


@pytest.mark.parametrize("lang", ["ja", "easy", "en", "zh", "pt", "es"])
def test_axe_finds_nothing_in_any_language(rich: Site, new_page: Any, lang: str) -> None:
    page = new_page(f"{rich.url}/chat", reduced_motion="reduce")
    expect(page.locator(".bot")).to_have_count(1)
    page.locator("#language").select_option(lang)
    page.locator("#settings-open").click()
    page.locator("#input").fill(LOST)
    page.locator("#input").press("Enter")
    expect(page.get_by_role("link", name="0120-95-0178")).to_be_attached()
    assert complaints(page) == []


def test_axe_would_find_something(rich: Site, new_page: Any) -> None:
    page = new_page(f"{rich.url}/chat")
    expect(page.locator(".bot")).to_have_count(1)
    page.evaluate("() => document.querySelector('#close').hidden = false")
    page.evaluate("() => document.querySelector('#close').removeAttribute('aria-label')")
    assert any("button-name" in complaint for complaint in complaints(page))
