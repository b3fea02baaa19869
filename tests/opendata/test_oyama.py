"""小山市's medical list against a plain reading of the file, made without the package under test."""

from __future__ import annotations

import csv
import re
import sys
import unicodedata
from datetime import datetime

import pytest

from knowledge.hours import JAPAN
from knowledge.opendata import read_file
from tests.opendata.helpers import official, open_at

FILE = "medical/oyama_hospitals_ccby.csv"


def at(year: int, month: int, day: int, hour: int) -> datetime:
    """Return a moment of Japan."""
    return datetime(year, month, day, hour, tzinfo=JAPAN)


MOMENTS = {
    "月曜 10:00": (at(2026, 11, 30, 10), "月"),
    "水曜 19:00": (at(2026, 12, 2, 19), "水"),
    "日曜 10:00": (at(2026, 12, 6, 10), "日"),
    "元日 10:00": (at(2027, 1, 1, 10), "祝"),
}


def plainly_open(row: dict[str, str], day: str, minute: int, date: str) -> bool:
    """Say from the cells alone: listed day, between start and end, not closed by the remark."""
    note = unicodedata.normalize("NFKC", row["診療日時特記事項"]).replace("〜", "~")
    note = note.replace("祝日", "祝").replace("曜日", "曜")
    listed = row["診療曜日"]
    everyday = all(name in listed for name in "月火水木金土日")
    if day not in listed and not (day == "祝" and everyday):
        return False
    start, end = (round(float(row[f"診療{name}時間"] or 0) * 1440) for name in ("開始", "終了"))
    day_note = re.search(rf"{day}曜?日?(?:午後は|のみ)?(\d+):(\d+)まで", note)
    if day_note:
        end = int(day_note[1]) * 60 + int(day_note[2])
    shut = rf"([月火水木金土日祝曜・･]*{day}[曜・･月火水木金土日祝]*)(?:午後)?休診"
    clause = re.search(rf"外来:([^ ]*{day}[^ ]*)休診", note) or re.search(shut, note)
    afternoon_only = bool(re.search(rf"{day}[^ 。(]*午後(?:[・･][^ 。(]*)?休診", note))
    if clause and not afternoon_only:
        return False
    if afternoon_only and minute >= 720:
        return False
    if date == "01/01" and "12月29日~1月3日" in note:
        return False
    return start <= minute < end


@pytest.mark.parametrize("moment", MOMENTS)
def test_who_is_open(moment: str) -> None:
    path = official(FILE)
    when, day = MOMENTS[moment]
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    timed = [row for row in rows if row["診療開始時間"]]
    plain = {
        (" ".join(row["名称"].split()), row["電話番号"].strip("(").replace(")", "-"))
        for row in timed
        if plainly_open(row, day, when.hour * 60 + when.minute, f"{when:%m/%d}")
    }
    known = {" ".join(row["名称"].split()) for row in timed}
    places = [p for p in read_file(path).places if p.name in known]
    found = {(p.name, p.phone) for p in places if open_at(p, when, holiday=day == "祝")}
    sys.stdout.write(f"\n{moment}: {len(found)} of {len(places)} open\n")
    assert found == plain
    assert 0 < len(found) < len(places)


def test_counts_that_were_read_by_eye() -> None:
    places = read_file(official(FILE)).places
    by_name = {p.name: p for p in places}
    assert sum(p.hours_known for p in places) == 117
    untimed = {p.name for p in places if not p.hours_known}
    assert untimed == {"小山すぎの木クリニック", "小山整形外科内科"}
    new_year = at(2027, 1, 1, 10)
    assert {p.name for p in places if open_at(p, new_year, holiday=True)} == {
        "おやまモール歯科",
        "小山整形外科内科クリニック",
    }
    sunday = at(2026, 12, 6, 10)
    assert "暁クリニック" in {p.name for p in places if open_at(p, sunday)}
    assert by_name["新小山市民病院"].closed == ("12/29-01/03",)
    assert sum("小児科" in p.specialities for p in places) == 22


def test_the_only_row_whose_hours_stand_in_the_remark() -> None:
    clinic = {p.name: p for p in read_file(official(FILE)).places}["加藤クリニック"]
    assert [(s.start, s.end, s.days) for s in clinic.spans] == [
        (600, 720, {"mon", "tue", "wed", "fri", "sat"})
    ]
    assert clinic.extra["hours_doubt"] == "1"
