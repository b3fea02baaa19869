"""The grid: what it says is near is near, and nothing nearer is missed."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.places.grid import BITS, NOWHERE, block, cell, distance_km, level_for, proven_km, without

LAT = st.floats(24, 46)
LNG = st.floats(123, 150)


@given(LAT, LNG, LAT, LNG, st.integers(0, BITS - 1))
@settings(max_examples=400)
def test_what_is_nearer_than_proven_is_in_the_block(
    lat: float, lng: float, other_lat: float, other_lng: float, level: int
) -> None:
    other = cell(other_lat, other_lng)
    inside = any(first <= other <= last for first, last in block(lat, lng, level))
    if not inside:
        assert distance_km(lat, lng, other_lat, other_lng) > proven_km(lat, lng, level)


@given(LAT, LNG, st.integers(5, 16), st.floats(0, 360), st.floats(0, 1.2))
@settings(max_examples=400)
def test_points_about_the_border_are_not_missed(
    lat: float, lng: float, level: int, angle: float, share: float
) -> None:
    reach = proven_km(lat, lng, level) * share
    near_lat = lat + math.degrees(reach / 6371.0088) * math.cos(math.radians(angle))
    near_lng = lng + math.degrees(reach / 6371.0088) * math.sin(math.radians(angle)) / math.cos(
        math.radians(lat)
    )
    inside = any(a <= cell(near_lat, near_lng) <= b for a, b in block(lat, lng, level))
    assert inside or distance_km(lat, lng, near_lat, near_lng) > proven_km(lat, lng, level)


@given(LAT, LNG, st.integers(1, 14), st.integers(1, 3))
def test_rings_and_inner_block_make_up_the_outer_block(lat: float, lng: float, level: int, step: int) -> None:
    inner, outer = block(lat, lng, level), block(lat, lng, level + step)
    rings = without(outer, inner)
    size = sum(last - first + 1 for first, last in outer)
    assert sum(last - first + 1 for first, last in [*rings, *inner]) == size
    joined = sorted([*rings, *inner])
    assert all(a[1] < b[0] for a, b in pairwise(joined))


@pytest.mark.parametrize("km", [0.1, 1.5, 30, 500])
@given(lat=LAT, lng=LNG)
@settings(max_examples=50)
def test_a_level_reaches_what_it_should(km: float, lat: float, lng: float) -> None:
    assert proven_km(lat, lng, level_for(km)) >= km * 0.98


@pytest.mark.parametrize("where", [(None, None), (0.0, 0.0), (36.5, None), (91.0, 139.0), (36.0, 181.0)])
def test_what_is_no_place_has_no_cell(where: tuple[float | None, float | None]) -> None:
    assert cell(*where) == NOWHERE


def test_distances_are_those_of_the_sphere() -> None:
    assert distance_km(36.0, 139.0, 37.0, 139.0) == pytest.approx(111.195, abs=0.01)
    assert distance_km(36.565725, 139.883565, 36.555115, 139.882807) == pytest.approx(1.181, abs=0.005)
