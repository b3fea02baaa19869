"""One place of several files is one card with all sources; two places of one name stay two."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import Engine

from adapters.messages import Card, Cards, Reply, Text
from bot.places.finder import Finder
from bot.places.same import address_key, identity, joined, same
from bot.places.search import Search
from bot.places.store import PlaceStore
from intents.finding import find_slots
from knowledge.hours import JAPAN
from knowledge.loader import CONTENT, load
from knowledge.opendata import read_file
from knowledge.place import Place, Span
from tests.places.plain import data_folder, rows_of

NOW = datetime(2026, 11, 30, 10, tzinfo=JAPAN)
WEEK = frozenset(("mon", "tue", "wed", "thu", "fri"))
CITY = Place(
    "od-092088-medical:1", "clinic", "青葉こどもクリニック", municipality="092088", phone="0285-00-0001",
    address="栃木県小山市城東2-19-2", lat=36.3139684, lng=139.815920, spans=(Span(WEEK, 540, 1080),),
    hours_known=True, hours_text="月〜金 9:00〜18:00", specialities=frozenset({"小児科"}),
    source="小山市「医療機関一覧」", credit="小山市オープンデータ", licence="CC BY 4.0",
)  # fmt: skip
NATION = Place(
    "mhlw:0922090000001", "clinic", "医療法人あおば会 青葉こどもクリニック", municipality="092088",
    address="栃木県小山市城東二丁目１９番２号", lat=36.3133, lng=139.8149, url="https://clinic.example.jp/",
    specialities=frozenset({"小児科", "アレルギー科"}), source="医療情報ネット（厚生労働省）",
    checked=date(2025, 6, 1),
    credit="「医療情報ネットのオープンデータ」（厚生労働省）を加工して作成", licence="PDL1.0",
)  # fmt: skip


def cards(reply: Reply) -> list[Card]:
    return [card for block in reply.blocks if isinstance(block, Cards) for card in block.items]


def told(engine: Engine, text: str) -> Reply:
    query = find_slots(text)
    assert query
    return Finder(Search(engine), load(CONTENT)[0]).reply(query, None, None, NOW, "ja").reply


@pytest.mark.parametrize(
    "text",
    ["小山市の小児科", "小山市で今やってる小児科", "小山市のアレルギー科", "小山市で今やってるアレルギー科"],
)
@pytest.mark.parametrize("order", [(CITY, NATION), (NATION, CITY)], ids=["city first", "nation first"])
def test_two_files_one_card_both_sources(
    store: PlaceStore, engine: Engine, text: str, order: tuple[Place, ...]
) -> None:
    for number, place in enumerate(order):
        list(store.put([place], f"d{number}"))
    reply = told(engine, text)
    (card,) = cards(reply)
    assert "営業中（18:00まで）" in card.text
    assert card.phone
    assert card.phone.number == "0285-00-0001"
    assert "出典: 小山市「医療機関一覧」" in card.text
    assert "出典: 医療情報ネット（厚生労働省）（2025年6月1日）" in card.text
    assert "https://clinic.example.jp/" in [link.url for link in card.links]
    credited = [block.text for block in reply.blocks if isinstance(block, Text) and block.role == "source"]
    assert "小山市オープンデータ（CC BY 4.0）" in credited[0]
    assert "（PDL1.0）" in credited[0]


def test_hours_of_the_other_file_keep_a_closed_one_out(store: PlaceStore, engine: Engine) -> None:
    closed = replace(CITY, spans=(Span(frozenset({"sat"}), 540, 720),), specialities=frozenset({"内科"}))
    list(store.put([closed], "city"))
    list(store.put([NATION], "nation"))
    assert [card.title for card in cards(told(engine, "小山市で今やってる小児科"))] == []


ALIKE = [
    ("width and body", {"name": "医療法人社団 あおば会　青葉こどもクリニック"}),
    ("only the telephone besides the name", {"address": "", "lat": None, "lng": None, "phone": "0285000001"}),
    ("only the place besides the name", {"address": "", "lat": 36.3140, "lng": 139.8160}),
    ("only the address besides the name", {"lat": None, "lng": None}),
    ("a longer name at the address", {"name": "青葉こどもクリニック 小児科・アレルギー科"}),
    ("another name, telephone and address", {"name": "城東小児医院", "phone": "0285-00-0001"}),
    ("nothing besides the name", {"address": "", "lat": None, "lng": None}),
]
OTHER = [
    ("another municipality", {"municipality": "092011"}),
    ("another kind", {"kind": "pharmacy"}),
    ("same name elsewhere in town", {"address": "栃木県小山市駅南町1-1", "lat": 36.29, "lng": 139.80}),
    ("same name, another address, no point", {"address": "栃木県小山市駅南町1-1", "lat": None, "lng": None}),
    ("another name next door", {"name": "城東皮膚科"}),
    ("another name at the telephone only", {"name": "城東皮膚科", "address": "", "phone": "0285-00-0001"}),
]


@pytest.mark.parametrize(("_why", "fields"), ALIKE, ids=[why for why, _ in ALIKE])
def test_these_are_one(_why: str, fields: dict[str, object]) -> None:
    other = identity(replace(NATION, **fields))  # type: ignore[arg-type]
    assert same(identity(CITY), other)
    assert same(other, identity(CITY))


@pytest.mark.parametrize(("_why", "fields"), OTHER, ids=[why for why, _ in OTHER])
def test_these_are_two(_why: str, fields: dict[str, object]) -> None:
    other = identity(replace(NATION, **fields))  # type: ignore[arg-type]
    assert not same(identity(CITY), other)
    assert not same(other, identity(CITY))


def test_one_name_twice_in_one_file_is_two_unless_at_one_spot() -> None:
    bare = Place("mhlw:1", "clinic", "鈴木医院", "092037")
    assert not same(identity(bare), identity(replace(bare, key="mhlw:2")))
    assert same(identity(bare), identity(replace(bare, key="od-092037-medical:2")))
    here = replace(bare, lat=36.38, lng=139.73)
    assert same(identity(here), identity(replace(here, key="mhlw:2", lat=36.3805)))


def test_names_in_one_file_are_two_unless_equal() -> None:
    hall = Place("gsi:1", "shelter_emergency", "見本小学校", "092088", address="栃木県小山市見本1-1")
    gym = replace(hall, key="gsi:2", name="見本小学校 体育館")
    assert not same(identity(hall), identity(gym))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("栃木県小山市城東2-19-2", "小山市城東二丁目１９番２号"),
        ("栃木県小山市大字神鳥谷2251番地1", "栃木県小山市神鳥谷２２５１－１"),
        ("栃木県塩谷郡高根沢町大字花岡2351", "高根沢町花岡２３５１番地"),
        ("宇都宮市大通り1-3-16", "栃木県宇都宮市大通り１丁目３番１６号 記念ビル2階"),
    ],
)
def test_addresses_in_one_spelling(one: str, two: str) -> None:
    assert address_key(one) == address_key(two) != ""


def test_a_town_alone_is_no_address() -> None:
    assert address_key("栃木県小山市城東") == ""


def test_what_is_known_stays_and_gaps_are_filled() -> None:
    made = joined(NATION, [CITY])
    assert (made.name, made.url, made.source) == (NATION.name, NATION.url, NATION.source)
    assert (made.phone, made.spans, made.hours_known) == (CITY.phone, CITY.spans, True)
    assert made.specialities == {"小児科", "アレルギー科"}
    assert joined(CITY, []) == CITY


def test_the_city_s_list_and_the_nation_s_meet(engine: Engine) -> None:
    folder = data_folder()
    files = [
        folder / "medical" / name
        for name in ("oyama_hospitals_ccby.csv", "tochigi_mhlw_clinic_20250601.csv")
        if folder
    ]
    if not files or not all(path.exists() for path in files):
        pytest.skip("medical/*.csv of the shared data are not here")
    places = [read_file(path).places for path in files]
    clinics = [place for place in places[0] if place.kind == "clinic"]
    nation = [identity(place) for place in places[1] if place.municipality == "092088"]
    met = {place.name for place in clinics if any(same(identity(place), other) for other in nation)}
    plain = {"".join(row["名称"].split()) for row in rows_of(files[0])}
    plain &= {"".join(row["name"].split()) for row in rows_of(files[1]) if row["code6"] == "092088"}
    exact = {place.name for place in clinics if "".join(place.name.split()) in plain}
    assert exact <= met
    assert len(met) >= 0.8 * len(clinics)
    doubles = [sum(same(identity(place), other) for other in nation) for place in clinics]
    assert max(doubles) == 1, "no clinic of the city is two of the nation's"
