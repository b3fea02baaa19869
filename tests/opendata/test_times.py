"""Times of day as offices type them."""

from __future__ import annotations

import pytest

from knowledge.opendata.problems import BadValue
from knowledge.opendata.times import from_columns, parse_ranges, parse_time


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("9:00", 540),
        ("09:00", 540),
        ("９：００", 540),
        ("9:00:00", 540),
        ("９時", 540),
        ("9時30分", 570),
        ("9時半", 570),
        ("9時5分", 545),
        ("0.375", 540),
        ("0.770833333333333", 1110),
        ("0.743055555555555", 1070),
        ("1", 1440),
        ("1.0", 1440),
        ("24:00", 1440),
        ("24時", 1440),
        ("25:30", 1530),
        ("午後2時", 840),
        ("午前9:15", 555),
        ("PM 5:00", 1020),
        ("正午", 720),
        ("0", 0),
        ("0:00", 0),
        ("9", 540),
        ("0900", 540),
        ("1730", 1050),
        ("1899-12-30 09:00:00", 540),
        ("午後12時30分", 750),
    ],
)
def test_time_of_day(text: str, minutes: int) -> None:
    assert parse_time(text) == minutes


@pytest.mark.parametrize(
    "text", ["", "九時", "9:60", "9-00", "abc", "99", "72:00", "-0.375", "9:00～", "2026-11-21"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        parse_time(text)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("9:00-12:00", [(540, 720)]),
        ("9時～17時30分", [(540, 1050)]),
        ("9:00から17:00まで", [(540, 1020)]),
        ("①9:00～12:00 ②14:00～18:00", [(540, 720), (840, 1080)]),
        ("9:00〜12:00、13:00〜17:00", [(540, 720), (780, 1020)]),
        ("9:00－12:00/14:00−18:00", [(540, 720), (840, 1080)]),
        ("24時間", [(0, 1440)]),
        ("0:00～23:59", [(0, 1440)]),
        ("21:00～翌6:00", [(1260, 1800)]),
        ("午後2:00～5:00", [(840, 1020)]),
        ("22:00-24:00", [(1320, 1440)]),
    ],
)
def test_ranges(text: str, spans: list[tuple[int, int]]) -> None:
    assert parse_ranges(text) == spans


@pytest.mark.parametrize(
    "text", ["9:00", "9:00-12:00 要予約", "おおむね9:00-12:00", "9:00-9:00", "15:30-15:00", ""]
)
def test_ranges_are_read_whole_or_not_at_all(text: str) -> None:
    with pytest.raises(BadValue):
        parse_ranges(text)


def test_two_columns() -> None:
    assert from_columns("0.375", "0.75") == [(540, 1080)]
    assert from_columns("19:00", "7:00") == [(1140, 1860)]
    assert from_columns("9:00;14:00", "12:00;18:00") == [(540, 720), (840, 1080)]
    assert from_columns("①9:00～12:00 ②14:00～18:00", "") == [(540, 720), (840, 1080)]
    assert from_columns(" ", "") == []
    for start, end in [
        ("9:00", ""),
        ("", "17:00"),
        ("00:00", "00:00"),
        ("9:00;14:00", "12:00"),
        ("17:00", "16:00"),
    ]:
        with pytest.raises(BadValue):
            from_columns(start, end)
