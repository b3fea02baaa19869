"""Search on real databases, beside reading everything and sorting it."""

from __future__ import annotations

import random
from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from bot.places import search as searching
from bot.places.grid import distance_km
from bot.places.search import Search, Wanted
from bot.places.store import PlaceStore
from bot.places.timetable import Window, pack, unpack
from knowledge.hours import JAPAN
from knowledge.place import Kind, Place, Span

KINDS: tuple[Kind, ...] = ("clinic", "hospital", "shelter_emergency")
MONDAY_TEN = Window.at(datetime(2026, 11, 16, 10, tzinfo=JAPAN))


def made_up(count: int, seed: int = 3) -> list[Place]:
    """Return places of which some share a spot, some are far away, some have no coordinates."""
    chance = random.Random(seed)
    places = []
    for number in range(count):
        lat: float | None = chance.gauss(36.5, 0.15)
        lng: float | None = chance.gauss(139.8, 0.15)
        if number % 17 == 0:
            lat, lng = 36.555, 139.882
        if number % 23 == 0:
            lat, lng = None, None
        kind = chance.choice(KINDS)
        known = chance.random() < 0.8
        spans = (Span(frozenset(chance.sample(("mon", "tue", "sat", "hol"), 2)), 540, 1020),) if known else ()
        places.append(
            Place(
                f"t:{number}",
                kind,
                f"場所{number}",
                municipality=chance.choice(("092011", "092088", None)),
                lat=lat,
                lng=lng,
                spans=spans,
                hours_known=known,
                specialities=frozenset(chance.sample(("内科", "小児科", "外科"), 2)),
                hazards=frozenset({"flood"} if chance.random() < 0.3 else ()),
                attributes=frozenset({"wheelchair"} if chance.random() < 0.4 else ()),
            )
        )
    return places


PLACES = made_up(700)


@pytest.fixture
def search(engine: Engine) -> Search:
    for _ in PlaceStore(engine).put(PLACES, "test"):
        pass
    return Search(engine)


def by_hand(wanted: Wanted) -> list[str]:
    """Return the keys that fit, nearest first, by looking at every place."""
    assert wanted.near
    found = []
    for number, place in enumerate(PLACES):
        if place.lat is None or place.lng is None or place.kind not in wanted.kinds:
            continue
        if wanted.specialities and not wanted.specialities & place.specialities:
            continue
        if not wanted.needs <= place.hazards | place.attributes:
            continue
        if wanted.municipality and place.municipality != wanted.municipality:
            continue
        table = unpack(pack(place))
        if wanted.open_in and not (table and table.open_in(wanted.open_in, wanted.specialities)):
            continue
        km = distance_km(*wanted.near, place.lat, place.lng)
        if km <= wanted.within_km:
            found.append((km, number, place.key))
    return [key for _, _, key in sorted(found)[: wanted.limit]]


WANTED = st.builds(
    lambda kinds, specialities, needs, town, lat, lng, timed, km, limit: Wanted(
        tuple(sorted(kinds)),
        specialities,
        needs,
        town,
        (lat, lng),
        MONDAY_TEN if timed else None,
        within_km=km,
        limit=limit,
    ),
    st.frozensets(st.sampled_from(KINDS), min_size=1),
    st.frozensets(st.sampled_from(("小児科", "外科")), max_size=2),
    st.frozensets(st.sampled_from(("flood", "wheelchair")), max_size=2),
    st.sampled_from([None, None, "092011"]),
    st.floats(36.0, 37.1),
    st.floats(139.3, 140.3),
    st.booleans(),
    st.sampled_from([0.5, 5.0, 50.0, 300.0]),
    st.integers(1, 12),
)


def test_the_order_is_that_of_true_distance(search: Search) -> None:
    @given(WANTED)
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    def compare(wanted: Wanted) -> None:
        result = search.find(wanted)
        assert [found.place.key for found in result.items] == by_hand(wanted)
        distances = [found.km for found in result.items]
        assert distances == sorted(distances, key=lambda km: km or 0)

    compare()


def test_nothing_that_is_not_known_is_called_closed_or_open(search: Search) -> None:
    wanted = Wanted(("clinic",), near=(36.55, 139.88), open_in=MONDAY_TEN, within_km=80, limit=400)
    result = search.find(wanted)
    assert result.items
    assert result.unsure
    assert result.closed
    assert all(found.place.hours_known and found.open for found in result.items)
    assert all(not found.place.hours_known and found.open is None for found in result.unsure)
    assert all(found.place.hours_known and found.open is False for found in result.closed)
    placed = [p for p in PLACES if p.kind == "clinic" and p.lat is not None]
    assert len(result.items) + len(result.unsure) + len(result.closed) == len(placed)


def test_a_municipality_has_those_without_coordinates_too(search: Search) -> None:
    wanted = Wanted(("clinic",), municipality="092011", limit=500)
    keys = {found.place.key for found in search.find(wanted).items}
    expected = {p.key for p in PLACES if p.kind == "clinic" and p.municipality == "092011"}
    assert keys == expected
    bare = search.elsewhere(Wanted(("clinic",), near=(36.5, 139.8), limit=500), ["092011", "092088"])
    assert {found.place.key for found in bare.items} == {
        p.key for p in PLACES if p.kind == "clinic" and p.lat is None and p.municipality
    }
    assert all(found.km is None for found in bare.items)


def test_a_search_stops_where_it_has_looked_at_enough(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MOST_LOOKED_AT", 40)
    never = Window(date(2026, 11, 18), 600, 601)
    result = search.find(Wanted(KINDS, near=(36.5, 139.8), open_in=never, within_km=300))
    assert result.items == ()
    assert 0 < result.reached_km < 100


def test_the_same_place_of_two_files_comes_once(store: PlaceStore, engine: Engine) -> None:
    one = Place("a:1", "hospital", "医療法人社団友愛会 小山病院", municipality="092088", lat=36.3, lng=139.8)
    two = Place(
        "b:1", "hospital", "小山　病院", municipality="092088", lat=36.3001, lng=139.8, phone="0285-00-0000"
    )
    other = Place("b:2", "hospital", "小山病院", municipality="092011", lat=36.3002, lng=139.8)
    for number, place in enumerate((one, two, other)):
        list(store.put([place], f"d{number}"))
    found = Search(engine).find(Wanted(("hospital",), near=(36.3, 139.8)))
    assert [item.place.key for item in found.items] == ["a:1", "b:2"]
    assert [[place.key for place in group] for group in Search(engine).siblings([one, other])] == [
        ["b:1"],
        [],
    ]


def test_events_are_found_while_they_last(store: PlaceStore, engine: Engine) -> None:
    day = date(2026, 11, 21)
    events = [
        Place("e:1", "event", "今日まで", lat=36.5, lng=139.8, starts=date(2026, 11, 1), ends=day),
        Place("e:2", "event", "昨日まで", lat=36.5, lng=139.8, ends=date(2026, 11, 20)),
        Place("e:3", "event", "明日から", lat=36.5, lng=139.8, starts=date(2026, 11, 22)),
    ]
    list(store.put(events, "events"))
    found = Search(engine).find(Wanted(("event",), near=(36.5, 139.8), open_in=Window(day, 0, 1440)))
    assert [item.place.key for item in found.items] == ["e:1"]
    assert found.unsure == ()
