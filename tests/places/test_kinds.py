"""Events, AEDs, Wi-Fi, care and childcare: each found by everyday words after importing the samples."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import Engine

from adapters.messages import Card, Cards, LocationRequest, Reply, Text
from bot.places.finder import Finder
from bot.places.search import Search
from bot.places.services import SERVICES, services
from bot.places.store import PlaceStore
from intents.finding import find_slots
from intents.finding_when import When, read_when
from intents.finding_words import load_words
from knowledge.hours import JAPAN
from knowledge.loader import CONTENT, load
from knowledge.models import LANGS, Lang
from knowledge.opendata import read_file
from knowledge.place import Place
from tests.places.plain import SAMPLES, data_folder, rows_of

FRIDAY = datetime(2026, 11, 27, 10, tzinfo=JAPAN)
FILES = ("aed_v1", "wifi_v1", "events_v1", "care_v1", "childcare_v1", "kaigo_sample", "toilets_v1")
OYAMA = "092088"


@pytest.fixture(scope="module")
def finder(shared_engine: Engine) -> Finder:
    known = load(CONTENT)[0]
    towns = {town.name: town.code for town in known.municipalities.values()}
    for name in FILES:
        places = read_file(SAMPLES / f"{name}.csv", municipalities=towns).places
        list(PlaceStore(shared_engine).put(places, name))
    return Finder(Search(shared_engine), known)


def cards(reply: Reply) -> list[Card]:
    return [card for block in reply.blocks if isinstance(block, Cards) for card in block.items]


WORDS = {
    "AEDどこ": ["見本交番前", "見本体育館"],
    "無料Wi-Fi": ["見本駅前広場"],
    "フリーWi-Fiが使えるところを教えて": ["見本駅前広場"],
    "今週末のイベント": ["見本まつり"],
    "デイサービス": ["見本デイサービス"],
    "訪問介護の事業所を探しています": ["見本ヘルパーステーション"],
    "保育園": ["見本保育園"],
    "トイレどこ": ["見本公園トイレ"],
}


@pytest.mark.parametrize("text", WORDS)
def test_everyday_words_ask_where_and_find(finder: Finder, text: str) -> None:
    query = find_slots(text)
    assert query, text
    asked = finder.reply(query, None, None, FRIDAY, "ja")
    assert any(isinstance(block, LocationRequest) for block in asked.reply.blocks)
    chosen = finder.press(f"town.{OYAMA}", asked.state, FRIDAY, "ja")
    assert chosen
    names = [card.title for card in cards(chosen.reply)]
    assert set(names) >= set(WORDS[text])
    located = finder.reply(query, asked.state, (36.3, 139.8), FRIDAY, "ja")
    assert {card.title for card in cards(located.reply)} >= set(WORDS[text])


IN_LANGUAGES: dict[Lang, tuple[str, str, str, str, str]] = {
    "ja": ("AEDどこ", "無料Wi-Fi", "今週末のイベント", "デイサービス", "保育園"),
    "easy": (
        "AEDは どこですか", "無料（むりょう）の Wi-Fi", "今週末（こんしゅうまつ）の イベント",
        "デイサービスは どこですか", "保育園（ほいくえん）は どこですか",
    ),
    "en": (
        "where is an AED", "free wifi near me", "events this weekend", "nursing home near me",
        "nursery near me",
    ),
    "zh": ("AED在哪里", "附近的免费WiFi", "周末的活动", "附近的养老院", "附近的保育园"),
    "pt": (
        "onde tem desfibrilador", "wifi grátis perto de mim", "eventos neste fim de semana",
        "lar de idosos perto", "creche perto de mim",
    ),
    "es": (
        "dónde hay un desfibrilador", "wifi gratis cerca", "eventos este fin de semana",
        "residencia de ancianos cerca", "guardería cerca de mí",
    ),
}  # fmt: skip


@pytest.mark.parametrize("lang", LANGS)
def test_in_every_language(lang: Lang) -> None:
    kinds = ("aed", "wifi", "event", "care", "childcare")
    for kind, text in zip(kinds, IN_LANGUAGES[lang], strict=True):
        query = find_slots(text, lang)
        assert query, text
        assert query.kinds == (kind,), text


def test_a_home_helper_is_no_day_service(finder: Finder) -> None:
    for text, name in (
        ("小山市のデイサービス", "見本デイサービス"),
        ("小山市の訪問介護", "見本ヘルパーステーション"),
    ):
        query = find_slots(text)
        assert query
        names = [card.title for card in cards(finder.reply(query, None, None, FRIDAY, "ja").reply)]
        assert name in names
    kindergarten = find_slots("小山市の幼稚園")
    assert kindergarten
    reply = finder.reply(kindergarten, None, None, FRIDAY, "ja").reply
    assert cards(reply) == []
    assert "すべての場所を含むわけではありません" in str(reply.blocks)


def test_services_of_the_official_kinds() -> None:
    folder = data_folder()
    file = folder / "care" / "tochigi_care_20250601.csv" if folder else None
    if file is None or not file.exists():
        pytest.skip("care/tochigi_care_20250601.csv is not here")
    kinds = {row["serviceType"] for row in rows_of(file)}
    none = {kind for kind in kinds if not services(Place("a:1", "care", "x", extra={"service": kind}))}
    assert len(none) <= len(kinds) / 3, none
    assert services(Place("a:1", "care", "x", extra={"service": "地域密着型通所介護"})) == {"day_care"}
    assert load_words().topics["attributes"].keys() >= SERVICES


def test_events_of_the_weekend_and_none_that_is_over(finder: Finder) -> None:
    query = find_slots("小山市のイベント")
    assert query
    for day, names in ((27, {"見本まつり", "見本講座"}), (30, {"見本講座"})):
        now = FRIDAY.replace(day=day)
        assert {card.title for card in cards(finder.reply(query, None, None, now, "ja").reply)} == names
    feast = cards(finder.reply(query, None, None, FRIDAY, "ja").reply)[0]
    assert "11月28日(土)〜11月29日(日) 10:00–16:00" in feast.text
    assert "営業中" not in feast.text


@pytest.mark.parametrize(
    ("now", "day", "start", "end"),
    [
        (FRIDAY, 28, 0, 2880),
        (FRIDAY.replace(day=28), 28, 600, 2880),
        (FRIDAY.replace(day=29), 29, 600, 1440),
        (FRIDAY.replace(day=23), 28, 0, 2880),
    ],
)
def test_the_weekend(now: datetime, day: int, start: int, end: int) -> None:
    when = read_when("今週末")
    assert when == When("weekend")
    assert when.resolve(now) == (now.date().replace(day=day), start, end)


def test_what_is_always_there_has_no_closing_time(finder: Finder) -> None:
    query = find_slots("小山市のAED")
    assert query
    by_name = {card.title: card.text for card in cards(finder.reply(query, None, None, FRIDAY, "ja").reply)}
    assert "0:00–24:00" in by_name["見本交番前"]
    assert "21:00まで" in by_name["見本体育館"]


def test_credit_and_source_go_along(finder: Finder) -> None:
    query = find_slots("小山市のデイサービス")
    assert query
    reply = finder.reply(query, None, None, FRIDAY, "ja").reply
    credit = [block.text for block in reply.blocks if isinstance(block, Text) and block.role == "source"]
    assert any("小山市オープンデータ" in text for text in credit)
    assert all("出典: " in card.text for card in cards(reply))
