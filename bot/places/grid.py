"""Squares of the map as ranges of one whole number (Z-order curve), and true distances.

The world is a grid of 2^26 columns of 360°/2^26 (0.6 m) and rows of the same angle; a cell is the bits of row
and column interleaved.  All points of an aligned square of 2^level cells have neighbouring numbers, so that a
B-tree finds them in one range, in any database.  Nothing here looks across the meridian of 180°.
"""

from __future__ import annotations

import math
from functools import lru_cache

BITS = 26
NOWHERE = -1
"""The cell of a place without coordinates."""
EARTH_KM = 6371.0088
"""Mean radius (IUGG)."""
_UNIT = 360.0 / (1 << BITS)
_MARGIN_KM = 1e-6
"""Taken off what is proven: more than rounding can move a border."""


def _spread(value: int) -> int:
    """Return `value` with a zero bit before each of its bits."""
    value = (value | value << 16) & 0x0000FFFF0000FFFF
    value = (value | value << 8) & 0x00FF00FF00FF00FF
    value = (value | value << 4) & 0x0F0F0F0F0F0F0F0F
    value = (value | value << 2) & 0x3333333333333333
    return (value | value << 1) & 0x5555555555555555


def _row_column(lat: float, lng: float) -> tuple[int, int]:
    most = (1 << BITS) - 1
    return min(most, int((lat + 90.0) / _UNIT)), min(most, int((lng + 180.0) / _UNIT))


def valid(lat: float | None, lng: float | None) -> bool:
    """Return whether these are coordinates; 0, 0 is how files write that they do not know."""
    if lat is None or lng is None or (lat == 0 and lng == 0):
        return False
    return -90 <= lat <= 90 and -180 <= lng <= 180


def cell(lat: float | None, lng: float | None) -> int:
    """Return the cell of a point in degrees (WGS 84), `NOWHERE` without valid coordinates."""
    if lat is None or lng is None or not valid(lat, lng):
        return NOWHERE
    row, column = _row_column(lat, lng)
    return _spread(row) << 1 | _spread(column)


def block(lat: float, lng: float, level: int) -> list[tuple[int, int]]:
    """Return the ranges (first, last) of the 3×3 squares of 2^`level` cells around a point, joined."""
    row, column = (value >> level for value in _row_column(lat, lng))
    most = (1 << (BITS - level)) - 1
    squares = sorted(
        _spread(r) << 1 | _spread(c)
        for r in range(max(0, row - 1), min(most, row + 1) + 1)
        for c in range(max(0, column - 1), min(most, column + 1) + 1)
    )
    ranges: list[tuple[int, int]] = []
    for square in squares:
        first, last = square << 2 * level, (square + 1 << 2 * level) - 1
        if ranges and ranges[-1][1] + 1 == first:
            ranges[-1] = (ranges[-1][0], last)
        else:
            ranges.append((first, last))
    return ranges


def without(ranges: list[tuple[int, int]], inner: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return `ranges` less `inner`; both sorted and disjoint, `inner` inside `ranges`."""
    rest = []
    for first, last in ranges:
        here = first
        for start, end in inner:
            if start > last or end < here:
                continue
            if start > here:
                rest.append((here, start - 1))
            here = end + 1
        if here <= last:
            rest.append((here, last))
    return rest


def proven_km(lat: float, lng: float, level: int) -> float:
    """Return how far every point is sure to be inside `block(lat, lng, level)`."""
    row, column = (value >> level for value in _row_column(lat, lng))
    edge = _UNIT * (1 << level)
    south, west = (row - 1) * edge - 90.0, (column - 1) * edge - 180.0
    to_parallel = min(lat - south, south + 3 * edge - lat)
    to_meridian = min(lng - west, west + 3 * edge - lng)
    if to_meridian >= 90.0:
        return math.radians(to_parallel) * EARTH_KM - _MARGIN_KM
    across = math.asin(math.cos(math.radians(lat)) * math.sin(math.radians(to_meridian)))
    return min(math.radians(to_parallel), across) * EARTH_KM - _MARGIN_KM


def distance_km(a_lat: float, a_lng: float, b_lat: float, b_lng: float) -> float:
    """Return the distance on the sphere (haversine) in km."""
    north, east = math.radians(b_lat - a_lat) / 2, math.radians(b_lng - a_lng) / 2
    flat = math.cos(math.radians(a_lat)) * math.cos(math.radians(b_lat))
    half = math.sin(north) ** 2 + flat * math.sin(east) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, half)))


@lru_cache(maxsize=64)
def level_for(km: float) -> int:
    """Return the finest level whose block surely reaches `km` from any of its points in Japan."""
    level = 0
    while level < BITS and _UNIT * (1 << level) * 78.0 < km:  # a degree of longitude at 45° is 78 km
        level += 1
    return level
