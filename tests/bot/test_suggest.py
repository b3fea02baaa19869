"""Suggestions come from the knowledge, follow its changes, and never from residents."""

from __future__ import annotations

from flask import Flask

from bot.brain import BrainHolder
from bot.suggest import MOST, Suggester
from tests.drivers import WebDriver


def test_what_is_typed_is_completed(holder: BrainHolder) -> None:
    suggest = Suggester(holder)
    found = suggest("マイナンバーカードをなく", "ja")
    assert found
    assert all("なく" in text for text in found)
    assert suggest("ﾏｲﾅﾝﾊﾞｰｶｰﾄﾞをなく", "ja") == found


def test_nothing_typed_gives_the_questions_asked_most(holder: BrainHolder) -> None:
    assert len(Suggester(holder)("", "en")) == MOST
    assert Suggester(holder)("zzzzqq", "ja") == []


def test_residents_words_are_never_suggested(app: Flask) -> None:
    WebDriver(app).say("ザクロの木を植えたい")
    client = app.test_client()
    made = client.post("/api/v1/suggest", json={"q": "ザクロの木", "lang": "ja"})
    assert made.status_code == 200
    assert made.get_json() == {"suggestions": []}


def test_furigana_comes_with_the_answer(app: Flask) -> None:
    body = {
        "client_id": "123e4567-e89b-42d3-a456-426614174000",
        "text": "マイナンバーカードをなくした",
        "furigana": True,
    }
    made = app.test_client().post("/api/v1/messages", json=body).get_json()
    parts = [part for line in made["messages"][0]["ruby"].values() for part in line]
    assert ["電話", "でんわ"] in parts
