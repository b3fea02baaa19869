"""The whole thing as a newcomer sees it: the page of the served bot, asked in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.helpers import MARKS, Site

pytestmark = MARKS


def test_the_demo_page_answers_with_number_source_and_date(app: Flask, new_page: Callable[..., Page]) -> None:
    site = Site(app)
    page = new_page(site.url)
    page.get_by_role("button", name="マイナンバーカードをなくした").click()
    chat = page.frame_locator("iframe")
    answer = chat.get_by_role("log")
    expect(answer.get_by_role("link", name="0120-95-0178").first).to_be_visible()
    expect(answer).to_contain_text("2024年12月2日")
    expect(answer).to_contain_text("出典")
    site.close()


@pytest.mark.parametrize(
    "question",
    [
        "暗証番号を忘れてしまった",
        "夜に子どもが熱を出した",
        "パスポートを作りたい",
        "日光東照宮は何時から？",
        "Perdí mi tarjeta My Number",
    ],
)
def test_the_demo_questions_are_answered(app: Flask, question: str) -> None:
    made = app.test_client().post(
        "/api/v1/messages",
        json={"client_id": "123e4567-e89b-42d3-a456-426614174000", "text": question},
    )
    messages = made.get_json()["messages"]
    blocks = [block for message in messages for block in message["blocks"]]
    buttons = [button["data"] for message in messages for button in message["quick_replies"]]
    sourced = any(block.get("role") == "source" for block in blocks)
    # An answer to somebody ill names numbers with their hours in place of a source, and asks nothing.
    hours = [phone["hours"] for block in blocks if block["type"] == "phones" for phone in block["items"]]
    advised = any(hours) and not any(data.startswith(("topic:", "entry:")) for data in buttons)
    assert sourced or advised, "answered, not asked back"
