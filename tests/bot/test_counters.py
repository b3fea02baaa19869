"""Who is responsible, and when: counters are hours-aware, and a municipality is never without its address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from adapters.messages import IncomingMessage, Links, Phones, Reply
from adapters.plain import render_text
from bot.brain import BrainHolder
from bot.conversation import Conversation
from bot.opening import status
from bot.outcome import Outcome
from bot.postbacks import data
from bot.session import Session
from knowledge.hours import JAPAN, read_hours
from knowledge.models import LANGS, Knowledge, Lang

MOMENTS = {
    "monday": datetime(2026, 11, 30, 10, 0, tzinfo=JAPAN),
    "lunch": datetime(2026, 11, 30, 12, 30, tzinfo=JAPAN),
    "saturday": datetime(2026, 11, 28, 10, 0, tzinfo=JAPAN),
    "new year": datetime(2027, 1, 1, 10, 0, tzinfo=JAPAN),
    "29 december": datetime(2026, 12, 29, 10, 0, tzinfo=JAPAN),
}
NIGHT = {"monday": "16:00", "lunch": "16:00", "saturday": "open", "new year": "open", "29 december": "16:00"}
SHUT = {"monday": "", "lunch": "", "saturday": "", "new year": "closed", "29 december": "closed"}
ALWAYS = dict.fromkeys(MOMENTS, "")
LINES = {
    "medical.adult": NIGHT,
    "medical.child": NIGHT,
    "child.abuse": ALWAYS,
    "safety.consumer": SHUT,
    "tourism.museum": {
        "monday": "12/1", "lunch": "12/1", "saturday": "open", "new year": "1/5", "29 december": "1/5",
    },
}  # fmt: skip
"""Line of a counter of the prefecture → what is said of it: nothing, open, closed, or when it opens."""
WORDS_ONLY = {"safety.police-consult", "tourism.art-museum", "industry.jobmall"}
"""Hours in words that no machine should follow: 「平日の昼間が中心」, closed between exhibitions, of 2020."""
OPEN: dict[Lang, str] = {
    "ja": "いま受付中", "easy": "いま 電話（でんわ）できます", "en": "open now", "zh": "现在可拨打",
    "pt": "atende agora", "es": "atiende ahora",
}  # fmt: skip
CLOSED: dict[Lang, str] = {
    "ja": "きょうは休み", "easy": "きょうは 休（やす）み", "en": "closed today", "zh": "今天休息",
    "pt": "fechado hoje", "es": "hoy cerrado",
}  # fmt: skip
LUNCH: dict[Lang, str] = {
    "ja": "いまは昼休み。次は13:00から", "easy": "いまは 昼休（ひるやす）みです。次（つぎ）は 13:00から",
    "en": "closed for lunch, opens 13:00", "zh": "现在是午休，13:00起受理",
    "pt": "pausa para o almoço, abre 13:00", "es": "cerrado por la comida, abre 13:00",
}  # fmt: skip
DAYS: dict[Lang, dict[str, str]] = {
    "ja": {"12/1": "12/1 (火) 9:30", "1/5": "1/5 (火) 9:30"},
    "easy": {"12/1": "12/1 (火) 9:30", "1/5": "1/5 (火) 9:30"},
    "en": {"12/1": "Tue, Dec 1 9:30", "1/5": "Tue, Jan 5 9:30"},
    "zh": {"12/1": "12/1 (周二) 9:30", "1/5": "1/5 (周二) 9:30"},
    "pt": {"12/1": "ter. 1/12 9:30", "1/5": "ter. 5/1 9:30"},
    "es": {"12/1": "mar 1/12 9:30", "1/5": "mar 5/1 9:30"},
}


def press(holder: BrainHolder, entry_id: str, lang: Lang, now: datetime, town: str | None = None) -> Reply:
    made = Conversation(lambda: holder.brain, now=lambda: now)
    pressed = IncomingMessage("web", "u", "e", kind="postback", postback=data("entry", entry_id))
    reply = made.handle(pressed, Session(lang=lang, lang_chosen=True, greeted=True, municipality=town)).reply
    assert reply is not None
    return reply


def shown(knowledge: Knowledge, phone: str) -> str:
    """Return an entry that shows a line."""
    return next(entry.id for entry in knowledge.entries.values() if phone in entry.phones)


def test_every_line_of_the_prefecture_with_hours_is_in_this_table(holder: BrainHolder) -> None:
    knowledge = holder.brain.knowledge
    own = {counter.phone for counter in knowledge.counters.values() if counter.kind == "prefecture"}
    timed = {
        key for key in own if key and (knowledge.phones[key].hours or knowledge.phones[key].opening)
    }  # fmt: skip
    assert timed == LINES.keys() | WORDS_ONLY
    assert {key for key in WORDS_ONLY if knowledge.phones[key].opening} == set()
    counters = [c for c in knowledge.counters.values() if c.kind == "prefecture"]
    assert [c for c in counters if c.hours or c.opening] == [], "a counter's own hours need rows of their own"


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("phone", LINES)
def test_the_answer_says_whether_the_line_is_open(
    holder: BrainHolder, phone: str, moment: str, lang: Lang
) -> None:
    knowledge = holder.brain.knowledge
    line, wanted = knowledge.phones[phone], LINES[phone][moment]
    reply = press(holder, shown(knowledge, phone), lang, MOMENTS[moment])
    phones = [item for block in reply.blocks if isinstance(block, Phones) for item in block.items]
    (row,) = [item.hours for item in phones if item.number == line.number]
    assert row in render_text(reply)
    if wanted == "":
        assert "［" not in row
    elif wanted == "open":
        assert f"［{OPEN[lang]}］" in row
    elif wanted == "closed":
        assert f"［{CLOSED[lang]}" in row
        assert "12/" not in row.split("［")[1]
    elif "/" in wanted:
        assert CLOSED[lang] in row
        assert DAYS[lang][wanted] in row
    else:
        assert wanted in row.split("［")[1]
        assert OPEN[lang] not in row
        assert CLOSED[lang] not in row


@pytest.mark.parametrize("lang", LANGS)
def test_lunch_is_said_with_the_time_it_ends(holder: BrainHolder, lang: Lang) -> None:
    office = read_hours(["mon-fri 08:30-12:00", "mon-fri 13:00-17:15"], ["12/29-1/3"])
    said = {name: status(holder.brain.phrases, office, now, lang) for name, now in MOMENTS.items()}
    assert said["lunch"] == LUNCH[lang]
    assert said["monday"] == OPEN[lang]
    assert all(said[name].startswith(CLOSED[lang]) for name in ("saturday", "new year", "29 december"))
    assert "8:30" in said["29 december"]


@pytest.mark.parametrize("lang", LANGS)
def test_a_counter_with_hours_of_its_own_says_them(holder: BrainHolder, lang: Lang) -> None:
    knowledge = holder.brain.knowledge
    counter = knowledge.counters["living.popora"]
    entry = next(e.id for e in knowledge.entries.values() if e.owner == "living.popora")
    for moment, now in MOMENTS.items():
        text = render_text(press(holder, entry, lang, now))
        assert counter.hours[lang] in text
        row = next(row for row in text.split("\n") if counter.hours[lang] in row)
        if moment == "saturday":
            assert OPEN[lang] in row
        elif moment in ("monday", "lunch"):
            assert CLOSED[lang] in row
        else:
            assert "［" not in row, "the days around New Year are not known"


def test_a_line_known_only_by_its_closed_days_is_neither_first_nor_last_in_danger(
    holder: BrainHolder,
) -> None:
    hours = holder.brain.knowledge.phones["safety.consumer"].opening
    assert hours is not None
    assert not hours.known
    assert hours.state_at(MOMENTS["monday"]) == "unknown"
    assert hours.state_at(MOMENTS["new year"]) == "closed-today"


# --- the municipality -----------------------------------------------------------------------------------


def municipal(knowledge: Knowledge) -> list[str]:
    return [
        key
        for key, entry in knowledge.entries.items()
        if knowledge.counters[entry.owner].kind == "municipality"
    ]


def addresses(reply: Reply) -> list[str]:
    return [link.url for block in reply.blocks if isinstance(block, Links) for link in block.items]


@pytest.mark.parametrize("lang", LANGS)
def test_every_municipal_answer_asks_which_town_or_hands_over_its_page(
    holder: BrainHolder, lang: Lang
) -> None:
    knowledge = holder.brain.knowledge
    keys = municipal(knowledge)
    assert len(keys) > 90
    now = MOMENTS["monday"]
    asked = holder.brain.phrases.say("which-town", lang)
    page = knowledge.municipalities["092088"].url
    for key in keys:
        unknown = press(holder, key, lang, now)
        assert asked in render_text(unknown), key
        assert unknown.quick_replies[0].data == "towns", key
        known = press(holder, key, lang, now, "092088")
        assert addresses(known)[0] == page, key
        assert asked not in render_text(known), key
        assert "towns" not in [button.data for button in known.quick_replies], key


def test_every_town_has_its_page_in_a_municipal_answer(holder: BrainHolder) -> None:
    for code, town in holder.brain.knowledge.municipalities.items():
        assert addresses(press(holder, "eapp.juminhyo", "ja", MOMENTS["monday"], code))[0] == town.url


def test_a_town_that_is_no_longer_known_is_asked_for_again(holder: BrainHolder) -> None:
    reply = press(holder, "eapp.juminhyo", "ja", MOMENTS["monday"], "099999")
    assert reply.quick_replies[0].data == "towns"


def said(conversation: Conversation, text: str, session: Session | None = None) -> Outcome:
    return conversation.handle(IncomingMessage("web", "u", "e", text=text), session)


def by_button(conversation: Conversation) -> Outcome:
    first = said(conversation, "住民票がほしい")
    pressed = IncomingMessage("web", "u", "e", kind="postback", postback="town:092088")
    return conversation.handle(pressed, first.session)


def by_place(conversation: Conversation) -> Outcome:
    here = IncomingMessage("web", "u", "e", kind="location", location=(36.3147, 139.8003))
    return said(conversation, "住民票がほしい", conversation.handle(here).session)


WAYS: dict[str, Callable[[Conversation], Outcome]] = {
    "the text": lambda c: said(c, "住民票がほしい（小山）"),
    "an earlier text": lambda c: said(c, "住民票がほしい", said(c, "印鑑登録をしたい（小山市）").session),
    "its name alone": lambda c: said(c, "小山市", said(c, "住民票がほしい").session),
    "a button": by_button,
    "the place": by_place,
}


@pytest.mark.parametrize("way", WAYS)
def test_the_town_is_taken_from(holder: BrainHolder, way: str) -> None:
    outcome = WAYS[way](Conversation(lambda: holder.brain, now=lambda: MOMENTS["monday"]))
    assert outcome.entry_id == "eapp.juminhyo"
    assert outcome.reply is not None
    assert addresses(outcome.reply)[0] == "https://www.city.oyama.tochigi.jp/"


def test_an_entry_whose_counter_closes_for_lunch_says_so(holder: BrainHolder) -> None:
    knowledge = holder.brain.knowledge
    office = {"open": ["mon-fri 08:30-12:00", "mon-fri 13:00-17:15"], "closed": ["12/29-1/3"]}
    counter = knowledge.counters["pref.tax"].model_copy(update=office)
    counters = {**knowledge.counters, "pref.tax": counter}
    brain = replace(holder.brain, knowledge=replace(knowledge, counters=counters))
    entry = next(e.id for e in knowledge.entries.values() if e.owner == "pref.tax")
    pressed = IncomingMessage("web", "u", "e", kind="postback", postback=data("entry", entry))
    made = Conversation(lambda: brain, now=lambda: MOMENTS["lunch"]).handle(pressed)
    assert made.reply is not None
    assert "いまは昼休み。次は13:00から" in render_text(made.reply)
