"""An answer whose review is overdue: shown with a warning, or its counter named instead, everywhere."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from collections.abc import Callable, Iterator, Set
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner
from flask import Flask

from adapters.messages import IncomingMessage, Links, Phones, Reply
from adapters.plain import render_text
from bot.brain import BrainHolder
from bot.cli import cli
from bot.conversation import Conversation
from bot.postbacks import data
from bot.session import Session
from bot.settings import Settings, SettingsError, read_settings
from bot.staff.opendata import faq_csv, faq_jsonld
from bot.suggest import Suggester
from knowledge.hours import JAPAN
from knowledge.models import LANGS, Lang
from knowledge.review import Expired, expired, withheld
from tests.drivers import (
    Driver,
)
from tests.residents import CHANNELS, resident_on

LATE = datetime(2031, 1, 6, 10, 0, tzinfo=JAPAN)
"""A Monday on which every entry that ships is overdue."""
LOST = "マイナンバーカードをなくした"


def answer(
    holder: BrainHolder, entry_id: str, policy: Expired, lang: Lang = "ja", town: str | None = None
) -> Reply:
    made = Conversation(lambda: holder.brain, now=lambda: LATE, expired=policy)
    pressed = IncomingMessage("web", "u", "e", kind="postback", postback=data("entry", entry_id))
    session = Session(lang=lang, lang_chosen=True, greeted=True, municipality=town)
    reply = made.handle(pressed, session).reply
    assert reply is not None
    return reply


@pytest.mark.parametrize("lang", LANGS)
def test_shown_with_a_warning_in_every_language(holder: BrainHolder, lang: Lang) -> None:
    warning = holder.brain.phrases.say("review-due", lang)
    text = render_text(answer(holder, "medical.adult-night", "show", lang))
    assert warning in text
    assert holder.brain.knowledge.entries["medical.adult-night"].answer[lang].split("\n")[0] in text
    fresh = Conversation(lambda: holder.brain, now=lambda: datetime(2026, 11, 21, tzinfo=JAPAN))
    pressed = IncomingMessage("web", "u", "e", kind="postback", postback="entry:medical.adult-night")
    reply = fresh.handle(pressed, Session(lang=lang, lang_chosen=True)).reply
    assert reply is not None
    assert warning not in render_text(reply)


@pytest.mark.parametrize("lang", LANGS)
def test_withheld_says_so_and_gives_the_counters_telephone_and_page(holder: BrainHolder, lang: Lang) -> None:
    entry = next(e for e in holder.brain.knowledge.entries.values() if e.owner == "pref.medical-policy")
    text = render_text(answer(holder, entry.id, "withhold", lang))
    assert holder.brain.phrases.say("withheld", lang) in text
    assert "028-623-3146" in text
    assert (holder.brain.knowledge.counters[entry.owner].url or "no page") in text
    assert entry.title[lang] in text


@pytest.mark.parametrize("policy", ["show", "withhold"])
def test_no_withheld_answer_leaks_and_none_is_without_a_way_on(holder: BrainHolder, policy: Expired) -> None:
    knowledge = holder.brain.knowledge
    for entry in knowledge.entries.values():
        for lang in LANGS:
            reply = answer(holder, entry.id, policy, lang, "092088")
            said = "".join(render_text(reply).split())
            body = "".join(entry.answer[lang].split())
            assert (body in said) is (policy == "show"), (entry.id, lang)
            assert any(isinstance(block, Links | Phones) for block in reply.blocks), entry.id


def test_a_municipal_answer_withheld_hands_over_the_towns_page_or_asks_which(holder: BrainHolder) -> None:
    known = answer(holder, "eapp.juminhyo", "withhold", town="092088")
    assert "https://www.city.oyama.tochigi.jp/" in render_text(known)
    unknown = answer(holder, "eapp.juminhyo", "withhold")
    assert "towns" in [button.data for button in unknown.quick_replies]


def test_somebody_ill_is_helped_though_the_answer_is_withheld(holder: BrainHolder) -> None:
    made = Conversation(lambda: holder.brain, now=lambda: LATE, expired="withhold")
    reply = made.handle(IncomingMessage("web", "u", "e", text="子どもが熱を出してぐったりしている")).reply
    assert reply is not None
    assert "119" in render_text(reply)


@pytest.fixture(params=CHANNELS)
def resident(
    request: pytest.FixtureRequest, settings: Settings, make_app: Callable[[Settings], Flask]
) -> Iterator[Callable[[Expired], Driver]]:
    """Residents on each channel, of an application with each setting."""
    with contextlib.ExitStack() as stack:

        def make(policy: Expired) -> Driver:
            def app(made: Settings) -> Flask:
                return make_app(replace(made, expired=policy))

            return stack.enter_context(resident_on(request.param, settings, app))

        yield make


def test_on_every_channel(
    resident: Callable[[Expired], Driver], holder: BrainHolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    knowledge = holder.brain.knowledge
    old = knowledge.entries["mynumber.lost"].model_copy(update={"review_by": date(2026, 1, 1)})
    entries = {**knowledge.entries, old.id: old}
    aged = replace(holder.brain, knowledge=replace(knowledge, entries=entries))
    monkeypatch.setattr(holder, "_brain", aged)
    shown = resident("show").say(LOST).text
    assert "見直しの期限を過ぎています" in shown
    assert "一時停止" in shown
    hidden = resident("withhold").say(LOST).text
    assert "いまはお見せしていません" in hidden
    assert "一時停止" not in hidden.split("出典")[0]


def test_open_data_and_suggestions_follow(holder: BrainHolder, app: Flask, tmp_path: Path) -> None:
    knowledge = holder.brain.knowledge
    some = date.fromordinal(min(entry.review_by for entry in knowledge.entries.values()).toordinal() + 1)
    now = datetime(some.year, some.month, some.day, 12, 0, tzinfo=JAPAN)
    gone = {key for key, entry in knowledge.entries.items() if expired(entry, some)}
    assert 0 < len(gone) < len(knowledge.entries)
    cases: tuple[tuple[Expired, Set[str]], ...] = (
        ("show", knowledge.entries.keys()),
        ("withhold", knowledge.entries.keys() - gone),
    )
    for policy, wanted in cases:
        rows = csv.DictReader(io.StringIO(faq_csv(knowledge, now, policy)))
        assert {row["id"] for row in rows} == set(wanted)
        graph = faq_jsonld(knowledge, now, policy)["@graph"]
        assert {question["identifier"] for page in graph for question in page["mainEntity"]} == set(wanted)
    assert faq_jsonld(knowledge, LATE, "withhold")["@graph"] == []
    key = sorted(gone)[0]
    title = knowledge.entries[key].title["ja"]
    assert title in Suggester(holder, "show", lambda: now)(title, "ja")
    assert title not in Suggester(holder, "withhold", lambda: now)(title, "ja")
    assert Suggester(holder, "withhold", lambda: LATE)("", "ja") == []


def test_the_application_passes_the_setting_on(
    settings: Settings, make_app: Callable[[Settings], Flask]
) -> None:
    with time_machine.travel(LATE, tick=True):
        for policy in ("show", "withhold"):
            client = make_app(replace(settings, expired=policy)).test_client()
            graph = client.get("/opendata/faq.json").get_json()["@graph"]
            asked = client.post("/api/v1/suggest", json={"q": "マイナンバー", "lang": "ja"})
            assert bool(graph) is bool(asked.get_json()["suggestions"]) is (policy == "show")


def test_ask_follows_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCHIMADO_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TOCHIMADO_EXPIRED", "withhold")
    line = json.dumps({"id": 1, "text": LOST, "now": LATE.isoformat()})
    made = CliRunner().invoke(cli, ["ask", "--json", "--stdin"], input=line)
    assert "いまはお見せしていません" in json.loads(made.output)["reply"]["text"]


def test_the_setting_is_checked() -> None:
    assert read_settings({}).expired == "show"
    assert read_settings({"TOCHIMADO_EXPIRED": "withhold"}).expired == "withhold"
    with pytest.raises(SettingsError, match="TOCHIMADO_EXPIRED"):
        read_settings({"TOCHIMADO_EXPIRED": "hide"})


def test_the_last_day_is_still_shown(holder: BrainHolder) -> None:
    entry = holder.brain.knowledge.entries["mynumber.lost"]
    assert not withheld(entry, entry.review_by, "withhold")
    assert withheld(entry, date.fromordinal(entry.review_by.toordinal() + 1), "withhold")
    assert not withheld(entry, date(2099, 1, 1), "show")
