"""What is about violence says so in the web channel's JSON, so that the widget can offer its quick exit."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask

from bot import violence
from bot.brain import BrainHolder
from bot.settings import Settings

MakeApp = Callable[[Settings], Flask]


@pytest.fixture
def topics(settings: Settings, make_app: MakeApp) -> Callable[..., list[str | None]]:
    client = make_app(settings).test_client()

    def ask(**content: str) -> list[str | None]:
        made = client.post("/api/v1/messages", json={"client_id": str(uuid4()), **content})
        return [message.get("topic") for message in made.get_json()["messages"]]

    return ask


@pytest.mark.parametrize(
    "text",
    ["夫に殴られて逃げたい", "レイプされた", "my husband beats me"],
)
def test_somebody_in_danger_from_others_may_have_to_leave_at_once(
    topics: Callable[..., list[str | None]], text: str
) -> None:
    assert topics(text=text) == [violence.TOPIC]


@pytest.mark.parametrize("text", ["胸が苦しい", "マイナンバーカードをなくした"])
def test_other_answers_have_no_topic(topics: Callable[..., list[str | None]], text: str) -> None:
    assert topics(text=text) == [None]


def test_so_have_the_answers_of_the_knowledge(
    topics: Callable[..., list[str | None]], holder: BrainHolder
) -> None:
    known = holder.brain.knowledge.entries
    assert set(known) >= violence.ENTRIES
    for entry in sorted(violence.ENTRIES):
        assert topics(postback=f"entry:{entry}") == [violence.TOPIC]
    assert topics(postback="entry:mynumber.lost") == [None]
