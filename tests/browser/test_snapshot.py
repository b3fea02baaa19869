"""The snapshot page in a real browser: readable by everybody, in every light, on paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import Page, expect

from bot.snapshot import Content, snapshot
from knowledge.hours import JAPAN
from knowledge.loader import CONTENT, load_valid
from knowledge.phrases import load_phrases
from knowledge.safety_responses import load_responses
from tests.browser.helpers import DESK, MARKS, PHONE
from tests.browser.test_widget_axe import AXE, complaints
from tests.services import needs

pytestmark = [*MARKS, needs("axe (the package axe-playwright-python)", AXE.exists())]

SHOWN = ("disaster.shelter", "disaster.evacuate-now", "disaster.family", "medical.adult-night")
"""Answers that have every part a page can have; more of them only take time."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page with some answers, one of them past its review."""
    knowledge = load_valid(CONTENT)[0]
    entries = {key: knowledge.entries[key] for key in SHOWN}
    overdue = entries["disaster.family"]
    entries[overdue.id] = overdue.model_copy(update={"review_by": overdue.checked})
    content = Content(
        replace(knowledge, entries=entries),
        load_phrases(),
        load_responses()[0],
        datetime.now(JAPAN),
    )
    path: Path = tmp_path_factory.mktemp("snapshot") / "saigai.html"
    path.write_text(snapshot(content), encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize(
    ("scheme", "viewport"),
    [("light", DESK), ("dark", DESK), ("light", PHONE)],
    ids=["light", "dark", "phone"],
)
def test_axe_finds_nothing(address: str, new_page: Any, scheme: str, viewport: dict[str, int]) -> None:
    page: Page = new_page(address, color_scheme=scheme, viewport=viewport)
    assert complaints(page) == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= viewport["width"], "nothing has to be scrolled sideways"
    shade = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert shade == ("rgb(20, 20, 22)" if scheme == "dark" else "rgb(242, 242, 242)")


def test_without_script_by_keyboard_and_on_paper(address: str, new_page: Any) -> None:
    page: Page = new_page(address, java_script_enabled=False, offline=True)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="本文へ移動")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.get_by_role("link", name="English", exact=True).click()
    expect(page.get_by_role("heading", name="English:")).to_be_in_viewport()
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator("nav").first).to_be_hidden()
    expect(page.locator("article").first).to_have_css("color", "rgb(0, 0, 0)")
