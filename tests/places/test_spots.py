"""Where: a station, a town, a postal code; what is not known, or is several, is asked back."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from adapters.messages import Cards, LocationRequest, Reply, Text
from bot.places.finder import Finder, Step
from bot.places.search import Search
from bot.places.state import FinderState
from bot.places.store import PlaceStore
from intents.finding import find_slots, only_slots
from intents.finding_spots import spot_keys
from intents.places import STATIONS, Places, stations
from knowledge.hours import JAPAN
from knowledge.loader import CONTENT, load
from knowledge.models import Knowledge
from knowledge.opendata import read_file
from knowledge.place import Place
from knowledge.problems import KnowledgeError
from knowledge.yamlsource import read
from tests.places.plain import SAMPLES, data_folder, haversine, rows_of

NOW = datetime(2026, 11, 30, 10, tzinfo=JAPAN)
GAZETTEER = (
    "towns_geolonia_sample.csv", "towns_isj_sample.csv", "postal_sample.csv", "stations_sample.geojson",
)  # fmt: skip


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return load(CONTENT)[0]


@pytest.fixture(scope="module")
def finder(shared_engine: Engine, known: Knowledge) -> Finder:
    store = PlaceStore(shared_engine)
    towns = {town.name: town.code for town in known.municipalities.values()}
    for name in GAZETTEER:
        list(store.put(read_file(SAMPLES / name, municipalities=towns).places, name))
    spots = [
        Place(f"t:{n}", "town", "鶴田", municipality=n, lat=36.5, lng=139.8) for n in ("092011", "092096")
    ]
    list(store.put(spots, "towns"))
    clinics = [
        Place(
            f"c:{n}",
            "clinic",
            f"医院{n}",
            municipality="092088",
            lat=36.30 + n / 200,
            lng=139.802,
            specialities=frozenset({"内科"}),
        )
        for n in range(8)
    ]
    list(store.put(clinics, "clinics"))
    return Finder(Search(shared_engine), known)


def ask(finder: Finder, text: str, home: str | None = None) -> Step:
    query = find_slots(text)
    assert query
    return finder.reply(query, None, None, NOW, "ja", home)


def titles(reply: Reply) -> list[str]:
    return [card.title for block in reply.blocks if isinstance(block, Cards) for card in block.items]


def headline(reply: Reply) -> str:
    first = reply.blocks[0]
    assert isinstance(first, Text)
    return first.text


def asks_where(reply: Reply) -> bool:
    return any(isinstance(block, LocationRequest) for block in reply.blocks)


@pytest.mark.parametrize(
    ("text", "spot", "point"),
    [
        ("見本駅の近くの内科", "見本駅", (36.31, 139.8025)),
        ("JR見本駅から近い内科", "見本駅", (36.31, 139.8025)),
        ("小山市の見本駅付近の内科", "見本駅", (36.31, 139.8025)),
        ("〒323-0999の近くの内科", "〒323-0999", (36.311, 139.802)),
        ("323-0999 で内科を探して", "〒323-0999", (36.311, 139.802)),
        ("小山市の見本二丁目で内科を探しています", "見本二丁目", (36.312, 139.804)),
        ("小山の見本2丁目の内科", "見本二丁目", (36.312, 139.804)),
        ("小山の見本で内科どこ", "見本", (36.311, 139.802)),
        ("見本台の内科どこですか", "見本台一丁目", (36.32, 139.81)),
    ],
)
def test_nearest_to_what_was_named(finder: Finder, text: str, spot: str, point: tuple[float, float]) -> None:
    step = ask(finder, text)
    by_distance = sorted(range(8), key=lambda n: haversine(*point, 36.30 + n / 200, 139.802))
    assert f"（{spot}）" in headline(step.reply)
    assert titles(step.reply) == [f"医院{n}" for n in by_distance[:5]]
    assert step.state.location == pytest.approx(point)
    assert FinderState.from_json(step.state.as_json(), NOW) == step.state


def test_a_postal_code_of_several_municipalities_is_asked_back(finder: Finder) -> None:
    step = ask(finder, "〒320-0999の近くの内科")
    assert asks_where(step.reply)
    assert [button.data for button in step.reply.quick_replies] == ["pl:town.092011", "pl:town.093017"]
    chosen = finder.press("town.092011", step.state, NOW, "ja")
    assert chosen
    assert chosen.state.query.municipality == "092011"


def test_a_postal_code_without_a_town_gives_its_municipality(finder: Finder) -> None:
    step = ask(finder, "〒323-0990の近くの内科")
    assert step.state.query.municipality == "092088"
    assert headline(step.reply).startswith("小山市の内科")


@pytest.mark.parametrize("text", ["〒399-9999の近くの内科", "無名ヶ原駅の近くの内科"])
def test_what_no_file_knows_is_asked_back(finder: Finder, text: str) -> None:
    step = ask(finder, text, home="092088")
    assert asks_where(step.reply)
    assert step.state.waiting
    assert step.reply.quick_replies[0].data == "pl:town.092088"


def test_a_station_that_no_file_has_still_tells_its_municipality(finder: Finder) -> None:
    step = ask(finder, "久下田駅の近くの内科")
    assert step.state.query.municipality == "092096"
    assert "駅" not in headline(step.reply), "no claim of being near it"


def test_a_town_of_several_municipalities_is_asked_back_and_kept(finder: Finder) -> None:
    step = ask(finder, "鶴田の内科どこ")
    assert asks_where(step.reply)
    assert {button.data for button in step.reply.quick_replies} == {"pl:town.092011", "pl:town.092096"}
    pressed = finder.press("town.092096", step.state, NOW, "ja")
    typed = finder.follow("真岡市", step.state, NOW, "ja")
    assert pressed
    assert typed
    for made in (pressed, typed):
        assert made.state.spot == "鶴田"
        assert made.state.location == (36.5, 139.8)


def test_the_question_where_is_answered_with_any_of_them(finder: Finder) -> None:
    waiting = ask(finder, "近くの内科").state
    for text in ("〒323-0999", "323-0999です", "見本駅", "小山市の見本二丁目", "見本二丁目"):
        step = finder.follow(text, waiting, NOW, "ja")
        assert step, text
        assert titles(step.reply), text
        assert step.state.spot, text
    unknown = finder.follow("〒399-9999", waiting, NOW, "ja")
    assert unknown
    assert asks_where(unknown.reply)


def test_talk_after_a_search_does_not_change_it(finder: Finder) -> None:
    state = ask(finder, "見本駅の近くの内科").state
    for text in ("ありがとう", "パスポートを作りたい", "明日の天気と気温を教えてほしい", "鶴は千年"):
        assert finder.follow(text, state, NOW, "ja") is None, text
    tomorrow = finder.follow("明日の朝は？", state, NOW, "ja")
    assert tomorrow
    assert tomorrow.state.location == state.location
    other = finder.follow("宇都宮市では？", state, NOW, "ja")
    assert other
    assert (other.state.location, other.state.query.municipality) == (None, "092011")


def test_only_slots() -> None:
    for text in ("明日の朝は？", "内科は？", "小山市では", "tomorrow morning?", "鶴田なら"):
        assert only_slots(text), text
    for text in ("明日は会社を休んで病院へ行くつもりです", "マイナンバーカードを病院で使いたい"):
        assert not only_slots(text), text


def test_digits_of_a_postal_code_are_all_kept() -> None:
    for text in ("〒320-0000の内科", "〒３２０－００００ の内科", "320ー0000の内科", "〒3200000の内科"):
        query = find_slots(text)
        assert query, text
        assert query.spots == ("postal/3200000",), text
    telephone = find_slots("0285-22-1182の病院どこ")
    assert telephone
    assert not any(spot.startswith("postal/") for spot in telephone.spots)


def test_keys_of_a_town() -> None:
    assert spot_keys("大字櫻野") == {"桜野"}
    assert spot_keys("城東二丁目") == {"城東2丁目", "城東"}
    assert spot_keys("鶴田町") == {"鶴田町", "鶴田"}
    assert spot_keys("大通り十二丁目") == {"大通り12丁目", "大通り"}


def test_every_station_has_a_municipality_of_the_prefecture_and_a_source(known: Knowledge) -> None:
    rows = read(STATIONS).data
    assert len({row["station"] for row in rows}) == len(rows) > 0
    assert {row["municipality"] for row in rows} <= {town.name for town in known.municipalities.values()}
    for row in rows:
        own = row["municipality"][:-1] in row["station"]
        assert row["source"]
        assert own or date.fromisoformat(row["checked"]), row["station"]


@pytest.mark.parametrize(
    ("text", "town"),
    [
        ("栃木駅の近くの内科", "092037"),
        ("吉水駅のそばの歯医者", "092045"),
        ("氏家駅の内科", "092142"),
        ("下野市の下野見本駅", "092169"),
        ("下野市見本駅の内科", "092169"),
        ("下野見本駅の内科", None),
        ("思川駅の内科", None),
    ],
)
def test_only_stations_that_are_sure_tell_a_municipality(
    known: Knowledge, text: str, town: str | None
) -> None:
    assert Places(known.municipalities.values()).find(text) == town


def test_a_broken_list_of_stations_is_reported(tmp_path: Path) -> None:
    (tmp_path / "stations.yaml").write_text("- station: [小山", encoding="utf-8")
    with pytest.raises(KnowledgeError):
        stations(tmp_path / "stations.yaml")


@pytest.mark.parametrize(
    ("text", "town", "stem"),
    [("宇都宮の鶴田で歯医者を探してる", "092011", "鶴田"), ("小山市城東の小児科はどこ", "092088", "城東")],
)
def test_towns_of_the_shared_data(tmp_path: Path, known: Knowledge, text: str, town: str, stem: str) -> None:
    folder = data_folder()
    file = folder / "municipalities" / "tochigi_towns_geolonia.csv" if folder else None
    if file is None or not file.exists():
        pytest.skip("municipalities/tochigi_towns_geolonia.csv is not here")
    from tests.places.conftest import database

    points = [
        (float(row["lat"]), float(row["lng"]))
        for row in rows_of(file)
        if row["code6"] == town and row["town"].startswith(stem)
    ]
    middle = tuple(sum(values) / len(points) for values in zip(*points, strict=True))
    with database("sqlite", tmp_path) as engine:
        list(PlaceStore(engine).put(read_file(file).places, "towns"))
        step = ask(Finder(Search(engine), known), text)
    assert step.state.location
    assert haversine(*step.state.location, *middle) < 1.0
