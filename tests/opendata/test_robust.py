"""Whatever a cell or a file holds, reading ends in places and problems."""

from __future__ import annotations

import csv
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.opendata import ReadingError, read_file, values
from knowledge.opendata.hours import read_hours
from knowledge.opendata.problems import BadValue
from knowledge.opendata.times import from_columns, parse_ranges, parse_time
from knowledge.opendata.words import read_words
from tests.opendata.helpers import SAMPLES, TOWNS

PIECES = st.sampled_from(
    [
        *"月火水木金土日祝・、,~〜-/()（）：:。　 休①",
        *(
            "曜",
            "曜日",
            "第1",
            "第3",
            "平日",
            "毎日",
            "午前",
            "午後",
            "まで",
            "休診",
            "休館日",
            "を除く",
            "外来：",
            "透析：",
            "内科：",
        ),
        *(
            "9:00",
            "９時",
            "17時半",
            "99時",
            "24:00",
            "9:00～12:00",
            "23:00-7:00",
            "12/29",
            "1月3日",
            "年末年始",
            "13/45",
            "診療",
            "のみ",
        ),
        *("24時間", "祝日", "祝日の場合は", "無休", "から", "0.375", "1", "あ", "\u3000", "\n", "の"),
    ]
)
WORDS = st.lists(PIECES, max_size=14).map("".join)
QUIET = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUIET
@given(days=WORDS | st.text(max_size=20), start=WORDS, end=WORDS, note=WORDS | st.text(max_size=40))
def test_hours_are_read_or_complained_of_and_always_sound(days: str, start: str, end: str, note: str) -> None:
    complaints: list[str] = []
    cells = {"days": days, "start": start, "end": end, "hours_note": note}
    hours = read_hours(cells, lambda name, reason: complaints.append(name))
    assert hours.known == bool(hours.spans)
    for span in hours.spans:
        assert span.days
        assert 0 <= span.start < 1440
        assert span.start < span.end <= 2880
        assert span.weeks <= {1, 2, 3, 4, 5}
    assert set(complaints) <= {"days", "start", "end"}


@QUIET
@given(text=WORDS | st.text(max_size=60))
def test_what_cannot_be_read_raises_nothing_else(text: str) -> None:
    read_words(text)
    read_words(text, column=True)
    for reader in (
        parse_time, parse_ranges, values.phone, values.degrees, values.municipality_code, values.web,
        values.day, values.flag, lambda t: from_columns(t, t),
    ):  # fmt: skip
        with suppress(BadValue):
            reader(text)


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.csv")), ids=lambda path: path.name)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_cell_may_hold_anything(sample: Path, tmp_path: Path, data: st.DataObject) -> None:
    with sample.open(encoding="utf-8-sig", newline="") as stream:
        table = list(csv.reader(stream))
    cells = st.text(max_size=12) | WORDS
    for _ in range(6):
        row = data.draw(st.integers(1, len(table) - 1))
        column = data.draw(st.integers(0, len(table[0]) - 1))
        table[row][column] = data.draw(cells).replace("\0", "")
    path = tmp_path / sample.name
    with path.open("w", encoding="utf-8", newline="", errors="replace") as stream:
        csv.writer(stream).writerows(table)
    reading = read_file(path, municipalities=TOWNS)
    if reading.layout != "mhlw-hours":
        assert len(reading.places) + reading.rejected + reading.outside == reading.rows
    for problem in reading.problems:
        assert problem.reason
        assert problem.line >= 1


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    for name in ("a.csv", "a.geojson", "a.zip"):
        (tmp_path / name).write_bytes(content)
        with suppress(ReadingError):
            read_file(tmp_path / name)
