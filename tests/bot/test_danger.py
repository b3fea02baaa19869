"""Somebody in danger is answered first: on every channel, in the middle of anything, whatever else fails."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from flask import Flask

from adapters.messages import IncomingMessage, Phones
from adapters.plain import render_text
from bot.brain import BrainHolder
from bot.conversation import Conversation
from bot.session import Session
from bot.settings import Settings
from knowledge.hours import JAPAN
from knowledge.models import LANGS, Lang
from knowledge.safety import KINDS
from tests.bot.test_stories import resident as resident
from tests.drivers import Driver, WebDriver

MakeApp = Callable[[Settings], Flask]
CHEST = "胸が苦しい"


def test_chest_pain_leads_to_119_on_every_channel(resident: Driver) -> None:
    heard = resident.say(CHEST)
    assert "119" in heard.text
    assert "見つけられませんでした" not in heard.text
    assert "もしかして" not in heard.text


def test_it_comes_first_in_the_middle_of_anything(resident: Driver) -> None:
    resident.say("マイナンバーカードをなくした")
    resident.say("データ削除")
    heard = resident.say("もう消えたい")
    assert "0120-279-338" in heard.text or "0120-061-338" in heard.text
    assert "出典" not in heard.text


def test_nothing_of_the_text_is_stored(resident: Driver, settings: Settings) -> None:
    resident.say("夫に殴られて逃げたい")
    connection = sqlite3.connect(settings.data_dir / "tochimado.sqlite3")
    rows = connection.execute(
        "SELECT said, decision, entry_id FROM turns WHERE decision = 'safety'"
    ).fetchall()
    connection.close()
    assert rows == [(None, "safety", None)]
    files = b"".join(path.read_bytes() for path in settings.data_dir.rglob("*") if path.is_file())
    assert "殴られて".encode() not in files


@pytest.fixture
def at_night(holder: BrainHolder) -> Conversation:
    return Conversation(lambda: holder.brain, now=lambda: datetime(2026, 11, 24, 2, 0, tzinfo=JAPAN))


SAID: dict[Lang, str] = {
    "ja": "死にたい",
    "easy": "死（し）にたい",
    "en": "I want to kill myself",
    "zh": "我想自杀",
    "pt": "quero me matar",
    "es": "quiero matarme",
}


@pytest.mark.parametrize("lang", LANGS)
def test_the_answer_in_every_language(at_night: Conversation, lang: Lang) -> None:
    session = Session(lang=lang, lang_chosen=True)
    outcome = at_night.handle(IncomingMessage("web", "u", "e", text=SAID[lang]), session)
    assert outcome.decision is not None
    assert outcome.decision.kind == "safety"
    assert outcome.said is None
    assert outcome.reply is not None
    assert outcome.reply.lang == lang
    assert outcome.reply.urgent
    assert outcome.reply.quick_replies == (), "nothing is asked"
    text = render_text(outcome.reply)
    assert "119" in text
    assert "0120-279-338" in text, "a line that is open at two in the morning"


def test_a_line_open_now_comes_before_one_that_is_closed(at_night: Conversation, holder: BrainHolder) -> None:
    outcome = at_night.handle(IncomingMessage("web", "u", "e", text="親に毎日殴られる。ぼくは小学生"))
    assert outcome.reply is not None
    numbers = [
        phone.number for block in outcome.reply.blocks if isinstance(block, Phones) for phone in block.items
    ]
    assert numbers[0] in ("110", "119")
    if "0120-99-7777" in numbers:  # Childline is closed at night
        assert numbers.index("189") < numbers.index("0120-99-7777")


def test_every_kind_has_an_answer_with_numbers_of_the_registry(holder: BrainHolder) -> None:
    assert set(holder.brain.responses) == set(KINDS)
    for kind, response in holder.brain.responses.items():
        assert response.phones, kind
        assert set(response.phones) <= holder.brain.knowledge.phones.keys()
        for lang in LANGS:
            assert response.empathy[lang]
            assert response.unread[lang]


def test_look_alikes_go_on_to_matching(at_night: Conversation) -> None:
    for text in ("死ぬほど暑い", "ペットが死んだ", "虐待防止条例とは", "119番の歴史"):
        outcome = at_night.handle(IncomingMessage("web", "u", "e", text=text))
        assert outcome.decision is None or outcome.decision.kind != "safety", text


def test_fever_at_night_leads_to_the_advice_lines(at_night: Conversation) -> None:
    child = at_night.handle(IncomingMessage("web", "u", "e", text="夜中に子どもが40度の熱"))
    adult = at_night.handle(IncomingMessage("web", "u", "e", text="階段で転んで足をひねった"))
    assert child.reply is not None
    assert adult.reply is not None
    assert "#8000" in render_text(child.reply)
    assert "028-623-3511" in render_text(child.reply)
    assert "#7119" in render_text(adult.reply)
    assert "028-623-3344" in render_text(adult.reply)
    assert "いま受付中" in render_text(adult.reply)


def test_limits_do_not_hold_for_danger(settings: Settings, make_app: MakeApp) -> None:
    web = WebDriver(make_app(replace(settings, turn_limit="1/minute", address_limit="2/minute")))
    for _ in range(2):
        web.say("ヘルプ")
    for _ in range(3):
        assert "119" in web.say(CHEST).text


def test_a_channel_that_is_switched_off_still_answers_danger(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings)
    app.extensions["tochimado"].store.switch("web", on=False)
    web = WebDriver(app)
    assert "点検" in web.say("ヘルプ").text
    assert "点検" not in web.say(CHEST).text


def test_without_the_data_of_the_answers_119_is_said_all_the_same(holder: BrainHolder) -> None:
    broken = replace(holder.brain, responses={})
    conversation = Conversation(lambda: broken)
    outcome = conversation.handle(IncomingMessage("web", "u", "e", text=CHEST))
    assert outcome.reply is not None
    assert "119" in render_text(outcome.reply)
    assert outcome.reply.urgent
