"""The dialogue: told as stories over a real store."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import get_args

import pytest
from sqlalchemy import Engine

from adapters.messages import Cards, Links, LocationRequest, Phones, Reply, Text
from bot.places.cards import distance, map_url
from bot.places.finder import Finder, Step
from bot.places.search import Search
from bot.places.shipped import shipped
from bot.places.state import FinderState
from bot.places.store import PlaceStore
from intents.finding import PlaceQuery, find_slots
from knowledge.hours import JAPAN
from knowledge.loader import CONTENT, load
from knowledge.models import LANGS, Knowledge, Lang
from knowledge.place import Place, Span

MONDAY = datetime(2026, 11, 16, 10, tzinfo=JAPAN)
EVENING = datetime(2026, 11, 18, 20, tzinfo=JAPAN)
NEW_YEAR = datetime(2027, 1, 1, 11, tzinfo=JAPAN)
KENCHO = (36.5657, 139.8836)
PARIS = (48.85, 2.35)
WEEK = frozenset(("mon", "tue", "wed", "thu", "fri"))


def clinic(number: int, **more: object) -> Place:
    values: dict[str, object] = {
        "municipality": "092088", "lat": 36.30 + number / 100, "lng": 139.80,
        "phone": f"(0285)00-{number:04}",
        "spans": (Span(WEEK, 540, 1080),), "hours_known": True, "specialities": frozenset({"小児科", "内科"}),
        "source": "小山市", "checked": MONDAY.date(), "credit": "小山市オープンデータ",
        "licence": "CC BY 4.0",
    }  # fmt: skip
    return Place(f"o:{number}", "clinic", f"小山医院{number}", **(values | more))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return load(CONTENT)[0]


@pytest.fixture(scope="module")
def finder(shared_engine: Engine, known: Knowledge) -> Finder:
    store = PlaceStore(shared_engine)
    list(store.put(shipped(), "shipped"))
    list(store.put([clinic(n) for n in range(7)], "oyama"))
    list(store.put([clinic(8, spans=(), hours_known=False)], "oyama"))
    shelters = [
        Place(
            f"g:{n}",
            "shelter_emergency",
            f"避難場所{n}",
            municipality="092011",
            lat=36.56 + n / 200,
            lng=139.88,
            hazards=frozenset({"flood"} if n % 2 else {"earthquake"}),
            credit="国土地理院 指定緊急避難場所データ",
        )
        for n in range(12)
    ]
    list(store.put(shelters, "gsi"))
    return Finder(Search(shared_engine), known)


def ask(finder: Finder, text: str, now: datetime = MONDAY, lang: Lang = "ja", **more: object) -> Step:
    query = find_slots(text, lang)
    assert query is not None
    return finder.reply(query, None, more.pop("location", None), now, lang, **more)  # type: ignore[arg-type]


def titles(reply: Reply) -> list[str]:
    return [card.title for block in reply.blocks if isinstance(block, Cards) for card in block.items]


def said(reply: Reply) -> str:
    return "\n".join(block.text for block in reply.blocks if isinstance(block, Text))


def data(reply: Reply) -> list[str]:
    return [button.data for button in reply.quick_replies]


def kinds(reply: Reply) -> list[type]:
    return [type(block) for block in reply.blocks]


def test_open_now_in_a_town_page_by_page(finder: Finder) -> None:
    step = ask(finder, "小山市で今やってる小児科")
    assert titles(step.reply) == [f"小山医院{n}" for n in range(5)]
    card = next(block for block in step.reply.blocks if isinstance(block, Cards)).items[0]
    assert "18:00まで" in card.text
    assert "出典: 小山市（2026年11月16日）" in card.text
    assert card.phone
    assert card.phone.dial == "tel:0285000000"
    assert card.links[0].url == "https://www.google.com/maps/search/?api=1&query=36.300000%2C139.800000"
    assert "小山市オープンデータ（CC BY 4.0）" in said(step.reply)
    assert "pl:more.1" in data(step.reply)
    second = finder.press("more.1", step.state, MONDAY, "ja")
    assert second
    assert titles(second.reply)[:2] == ["小山医院5", "小山医院6"]
    third = finder.press("more.2", second.state, MONDAY, "ja")
    assert third
    assert "これで全部" in said(third.reply)


def test_in_the_evening_the_night_clinic_and_the_advice_line(finder: Finder) -> None:
    reply = ask(finder, "小山市で今やってる小児科", EVENING).reply
    assert titles(reply)[0] == "小山地区夜間休日急患診療所"
    phones = [p.number for block in reply.blocks if isinstance(block, Phones) for p in block.items]
    assert phones == ["#8000", "028-623-3511"]
    assert "小山医院8" in titles(reply)
    assert not {f"小山医院{n}" for n in range(7)} & set(titles(reply))


def test_at_night_the_night_clinics_come_unasked(finder: Finder) -> None:
    reply = ask(finder, "小山市の小児科", EVENING).reply
    assert titles(reply)[:1] == ["小山医院0"]
    assert "小山地区夜間休日急患診療所" in titles(reply)
    assert any(isinstance(block, Phones) for block in reply.blocks)
    assert not any(isinstance(block, Phones) for block in ask(finder, "小山市の小児科").reply.blocks)


def test_on_new_years_day_adults_get_both_lines(finder: Finder) -> None:
    reply = ask(finder, "小山市で今やってる病院", NEW_YEAR).reply
    phones = [p.number for block in reply.blocks if isinstance(block, Phones) for p in block.items]
    assert phones == ["#7119", "028-623-3344", "#8000", "028-623-3511"]
    assert "小山地区夜間休日急患診療所" in titles(reply)


def test_only_what_is_missing_is_asked(finder: Finder) -> None:
    step = ask(finder, "一番近い避難所")
    assert kinds(step.reply) == [Text, LocationRequest]
    assert step.state.waiting
    assert "pl:town.092011" in data(step.reply)
    more = finder.press("towns.10", step.state, MONDAY, "ja")
    assert more
    assert len(more.reply.quick_replies) == 11
    last = finder.press("towns.20", step.state, MONDAY, "ja")
    assert last
    assert len(last.reply.quick_replies) == 5
    found = finder.reply(step.state.query, step.state, KENCHO, MONDAY, "ja")
    assert titles(found.reply)[0] == "避難場所1"
    assert not found.state.waiting
    town = finder.press("town.092011", step.state, MONDAY, "ja")
    assert town
    assert len(titles(town.reply)) == 5


def test_a_flood_leads_to_shelters_for_floods_nearest_first(finder: Finder) -> None:
    reply = ask(finder, "洪水のとき逃げるところ", location=KENCHO).reply
    assert titles(reply) == ["避難場所1", "避難場所3", "避難場所5", "避難場所7", "避難場所9"]
    assert "洪水のときの避難場所" in said(reply)
    assert "市町の発表" in said(reply)


def test_the_town_of_the_session_needs_no_question(finder: Finder) -> None:
    assert len(titles(ask(finder, "今やってる小児科", home="092088").reply)) == 5
    asked = ask(finder, "近くの小児科", home="092088").reply
    assert asked.quick_replies[0].data == "pl:town.092088"


def test_one_slot_is_changed_by_words(finder: Finder) -> None:
    step = ask(finder, "小山市で今やってる小児科", EVENING)
    tomorrow = finder.follow("明日の朝は？", step.state, EVENING, "ja")
    assert tomorrow
    assert titles(tomorrow.reply)[:2] == ["小山医院0", "小山医院1"]
    assert "11月19日(木) 9:00–18:00" in str(tomorrow.reply.blocks)
    assert finder.follow("ありがとう", step.state, EVENING, "ja") is None
    anytime = finder.press("any", step.state, EVENING, "ja")
    assert anytime
    assert "小山医院0" in titles(anytime.reply)
    waiting = ask(finder, "近くの小児科")
    answered = finder.follow("小山市", waiting.state, MONDAY, "ja")
    assert answered
    assert "小山医院0" in titles(answered.reply)


def test_nothing_there_is_never_said_to_be_none(finder: Finder) -> None:
    reply = ask(finder, "小山市の眼科").reply
    assert titles(reply) == []
    assert "すべての場所を含むわけではありません" in said(reply)
    assert any(isinstance(block, Links) for block in reply.blocks)


def test_what_is_outside_the_town_is_offered(finder: Finder) -> None:
    reply = ask(finder, "野木町の小児科").reply
    assert "野木町の外で近いところ" in said(reply)
    assert titles(reply) == ["小山医院0", "小山医院1", "小山医院2"]
    assert " km" not in str(reply.blocks)


def test_places_without_coordinates_are_offered_apart(finder: Finder) -> None:
    reply = ask(finder, "近くの病院", location=(36.41, 140.01)).reply  # 真岡市
    assert "福田記念病院" in titles(reply)
    assert "正確な位置がデータにない" in said(reply)


def test_a_condition_that_no_file_tells_is_put_aside_and_said(finder: Finder) -> None:
    reply = ask(finder, "小山市で英語が通じる小児科").reply
    assert titles(reply)
    assert "英語対応" in said(reply)
    assert "外して探しました" in said(reply)


def test_far_from_the_prefecture_a_town_is_asked_for(finder: Finder) -> None:
    step = ask(finder, "近くの病院", location=PARIS)
    assert "離れています" in said(step.reply)
    assert step.state.location is None


def test_wider(finder: Finder) -> None:
    step = ask(finder, "近くの薬局", location=KENCHO)
    assert "pl:wide" in data(step.reply)
    wider = finder.press("wide", step.state, MONDAY, "ja")
    assert wider
    assert wider.state.within_km == 90


@pytest.mark.parametrize("lang", LANGS)
def test_every_language_answers_in_its_own_words(finder: Finder, lang: Lang) -> None:
    query = find_slots("小山市で今やってる小児科")
    assert query
    for now in (MONDAY, EVENING):
        reply = finder.reply(query, None, None, now, lang).reply
        assert reply.lang == lang
        assert titles(reply)
        assert "{" not in str(reply.blocks)
        assert all(len(button.data.encode()) <= 60 for button in reply.quick_replies)
    assert set(get_args(Lang)) == set(LANGS)


def test_a_telephone_comes_from_another_file(engine: Engine, known: Knowledge) -> None:
    store = PlaceStore(engine)
    bare = replace(clinic(1, phone="", source="医療情報ネット"), key="m:1")
    list(store.put([bare], "mhlw"))
    list(store.put([clinic(1)], "oyama"))
    reply = ask(Finder(Search(engine), known), "近くの小児科", location=(36.31, 139.80)).reply
    cards = [card for block in reply.blocks if isinstance(block, Cards) for card in block.items]
    assert len(cards) == 1
    assert cards[0].phone
    assert "小山市" in cards[0].text


def test_a_state_comes_back_for_an_hour_only(finder: Finder) -> None:
    state = ask(finder, "洪水のとき逃げるところ", location=KENCHO).state
    made = state.as_json()
    assert FinderState.from_json(made, MONDAY + timedelta(minutes=59)) == state
    assert FinderState.from_json(made, MONDAY + timedelta(minutes=61)) is None
    for damaged in (None, [], {}, {**made, "query": {}}, {**made, "at": "x"}, {**made, "location": [1]}):
        assert FinderState.from_json(damaged, MONDAY) is None
    assert finder.press("more.1", None, MONDAY, "ja") is None


@pytest.mark.parametrize("argument", ["", "more.x", "town.999999", "towns.999", "nonsense.1", "more.99999"])
def test_foreign_buttons_do_no_harm(finder: Finder, argument: str) -> None:
    state = ask(finder, "小山市の小児科").state
    step = finder.press(argument, state, MONDAY, "ja")
    assert step
    assert step.reply.blocks


def test_distances_and_maps_in_words() -> None:
    assert [distance(km) for km in (0.001, 0.234, 0.996, 1.26, 12.4)] == [
        "10 m", "230 m", "1.0 km", "1.3 km", "12 km",
    ]  # fmt: skip
    assert "%E5%B0%8F%E5%B1%B1" in map_url(clinic(1, lat=None, lng=None))


def test_an_empty_query_is_harmless(finder: Finder) -> None:
    assert finder.reply(PlaceQuery(), None, None, MONDAY, "ja").state.waiting
