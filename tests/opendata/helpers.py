"""Shared by the tests of reading official files."""

from __future__ import annotations

import csv
import os
from datetime import datetime
from pathlib import Path

import pytest

from knowledge.opendata import Reading, read_file
from knowledge.place import Place

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "knowledge" / "samples"
TOWNS = {
    "小山市": "092088",
    "宇都宮市": "09201",
    "栃木市": "092037",
    "上三川町": "093017",
    "那珂川町": "094111",
}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
V1_AED = (
    "都道府県コード又は市区町村コード,NO,都道府県名,市区町村名,名称,名称_カナ,住所,方書,緯度,経度,設置位置,"
    "電話番号,利用可能曜日,開始時間,終了時間,利用可能日時特記事項,小児対応設備の有無,URL,備考"
)


def official(relative: str) -> Path:
    """Return a file of the shared data; skip the test by name where it is absent."""
    given = os.environ.get("TOCHIMADO_DATA")
    for place in [given] if given else ["/work/shared/data", str(ROOT.parent / "shared" / "data")]:
        if (Path(place) / relative).exists():
            return Path(place) / relative
    pytest.skip(f"{relative}: 公式データがありません（TOCHIMADO_DATA）")


def town_codes() -> dict[str, str]:
    """Return name → code of the 25 municipalities."""
    path = official("municipalities/tochigi_municipalities.csv")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return {row["name"]: row["code6"] for row in csv.DictReader(stream)}


def aed(folder: Path, *rows: dict[str, str], encoding: str = "utf-8") -> Reading:
    """Write rows as AED設置箇所一覧, with sound values where none is given, and read the file."""
    header = V1_AED.split(",")
    usual = {
        "都道府県コード又は市区町村コード": "092088",
        "名称": "見本館",
        "住所": "栃木県小山市見本町1",
        "緯度": "36.3",
        "経度": "139.8",
    }
    path = folder / "aed.csv"
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.DictWriter(stream, header, restval="")
        writer.writeheader()
        writer.writerows(usual | {"NO": str(number)} | row for number, row in enumerate(rows, 1))
    return read_file(path, municipalities=TOWNS)


def open_at(place: Place, moment: datetime, holiday: bool = False) -> bool:
    """Say from the contract of `Span` alone whether a place is open (spans of the same day only)."""
    week = (moment.day - 1) // 7 + 1
    minute = moment.hour * 60 + moment.minute
    day = "hol" if holiday else WEEKDAYS[moment.weekday()]
    here = f"{moment.month:02}/{moment.day:02}"
    for closed in place.closed:
        first, _, last = closed.partition("-")
        last = last or first
        if (first <= here <= last) if first <= last else (here >= first or here <= last):
            return False
    return any(
        day in s.days and (not s.weeks or week in s.weeks) and s.start <= minute < s.end for s in place.spans
    )


def times(place: Place, day: str, week: int = 1, speciality: str = "") -> list[str]:
    """Return the spans of a day as texts, such as `9:00-12:00`."""
    return [
        f"{s.start // 60}:{s.start % 60:02}-{s.end // 60}:{s.end % 60:02}"
        for s in place.spans
        if day in s.days and (not s.weeks or week in s.weeks) and s.speciality in ("", speciality)
    ]
