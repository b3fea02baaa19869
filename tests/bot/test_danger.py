"""Somebody in danger is answered first: on every channel, in the middle of anything, whatever else fails."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from ruamel.yaml import YAML

from adapters.messages import IncomingMessage, Phones, Text
from adapters.plain import render_text
from bot.brain import BrainHolder
from bot.conversation import Conversation
from bot.harmless import Harmless
from bot.outcome import Outcome
from bot.session import Session
from bot.settings import Settings
from intents.language import detect
from intents.safety import Crisis, detect_crisis
from knowledge.hours import JAPAN
from knowledge.models import LANGS, Lang
from knowledge.safety import ADVICE, KINDS, Kind
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


MOMENTS = {
    "Monday 10:00": datetime(2026, 11, 16, 10, 0, tzinfo=JAPAN),
    "Sunday 3:00": datetime(2026, 11, 22, 3, 0, tzinfo=JAPAN),
    "1 January": datetime(2027, 1, 1, 14, 0, tzinfo=JAPAN),
}
SETS = Path(__file__).parent.parent / "safety"
WITHOUT_VOICE = ("NET119", "110番アプリ", "110番（ばん）アプリ", "LINE", "チャット", "chat", "Chat", "聊天")


@cache
def cries() -> dict[tuple[Kind, Lang], str]:
    """Return, for each kind of danger and language, something said in it and no other (of our own set)."""
    found: dict[tuple[Kind, Lang], str] = {}
    for row in YAML(typ="safe").load(SETS / "crisis_dev.yaml"):
        for said in row["said"].strip().split("\n"):
            crisis = detect_crisis(said)
            if crisis is not None and detect(said, "ja").lang in (row["lang"], "ja"):
                found.setdefault((crisis.kind, row["lang"]), said)
    for kind in KINDS:  # easy Japanese is Japanese with readings; some kinds are said in it alone
        found.setdefault((kind, "easy"), found[kind, "ja"])
    return found


def answer(holder: BrainHolder, kind: Kind, lang: Lang, moment: datetime) -> Outcome:
    said = cries()[kind, lang]
    session = Session(lang=lang, lang_chosen=True)
    conversation = Conversation(lambda: holder.brain, now=lambda: moment)
    return conversation.handle(IncomingMessage("web", "u", "e", text=said), session)


def state(holder: BrainHolder, phone: str, moment: datetime) -> int:
    """Return 0 where a line is open at `moment`, 1 where that is not known, 2 where it is closed."""
    hours = holder.brain.knowledge.phones[phone].opening
    if hours is None or hours.state_at(moment) == "unknown":
        return 1
    return 0 if hours.open_at(moment) else 2


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS.keys())
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ADVICE])
def test_what_every_answer_to_danger_has(
    holder: BrainHolder, kind: Kind, lang: Lang, moment: datetime
) -> None:
    outcome = answer(holder, kind, lang, moment)
    reply = outcome.reply
    assert reply is not None
    assert reply.lang == lang
    assert reply.urgent
    response = holder.brain.responses[kind]
    texts = [block for block in reply.blocks if isinstance(block, Text)]

    assert reply.blocks[0] == Text(response.empathy[lang]), "empathy comes first"
    assert "\n" not in response.empathy[lang]
    assert texts[1].text == response.first[lang], "then what to do"

    known = holder.brain.knowledge.phones
    names = {phone.number: name for name, phone in known.items() if name in response.phones}
    lines = [
        names[phone.number] for block in reply.blocks if isinstance(block, Phones) for phone in block.items
    ]
    assert sorted(lines) == sorted(response.phones), "all lines, each to be called, no other"
    emergency = [name for name in lines if name.startswith("emergency.")]
    assert emergency
    assert lines[: len(emergency)] == emergency, "119 and 110 before all others"
    assert any(number in response.first[lang] for number in ("119", "110"))
    states = [state(holder, name, moment) for name in lines[len(emergency) :]]
    assert states == sorted(states), "what is open now stands before what is closed"
    assert 0 in [state(holder, name, moment) for name in lines], "somebody answers at any hour"

    assert texts[-2].text == response.voiceless[lang]
    assert any(way in texts[-2].text for way in WITHOUT_VOICE)
    assert texts[-1].text == response.unread[lang], "no person reads this"

    assert reply.quick_replies == ()
    for text in texts:
        assert not set("?？") & set(text.text), "nothing is asked"
    assert outcome.said is None, "nothing of the text is kept"
    assert cries()[kind, lang] not in str(outcome.session.as_json())


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


@pytest.mark.parametrize("lang", ["pt", "es"])
def test_sister_languages_are_told_apart_by_the_session(at_night: Conversation, lang: Lang) -> None:
    message = IncomingMessage("web", "u", "e", text="fui violada")
    outcome = at_night.handle(message, Session(lang=lang, lang_chosen=True, turns=3))
    assert outcome.reply is not None
    assert outcome.reply.lang == lang


def test_a_question_that_is_surely_on_something_else_is_answered(
    at_night: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only where no pattern speaks of danger: the second net is often right, a pattern is believed."""
    monkeypatch.setattr(Harmless, "__contains__", lambda *_: False)  # other tests have asked the same

    def found(evidence: str) -> str:
        crisis = Crisis("crime", True, evidence)
        monkeypatch.setattr("bot.intake.detect_crisis", lambda _: crisis)
        outcome = at_night.handle(IncomingMessage("web", "u", "e", text="マイナンバーカードをなくした"))
        assert outcome.decision is not None
        return outcome.decision.kind

    assert found("score") == "answer"
    assert found("ja.attacked") == "safety"
