"""A plain reading of official files for comparing: the csv module and a few lines, nothing of the project.

Where the shared data is absent, the project's own samples in the same layouts are read instead.
"""

from __future__ import annotations

import csv
import math
import os
import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "knowledge" / "samples"
DAYS = "月火水木金土日"
NOON = 12 * 60
_RANGE = re.compile(r"(\d{1,2})(?::(\d\d)|時(\d\d)?分?)~(\d{1,2})(?::(\d\d)|時(\d\d)?分?)")


def data_folder() -> Path | None:
    """Return the folder of the shared data, None where it is not here."""
    given = os.environ.get("TOCHIMADO_DATA")
    for folder in [Path(given)] if given else [Path("/work/shared/data"), ROOT.parent / "shared" / "data"]:
        if folder.is_dir():
            return folder
    return None


def data_or_sample(relative: str, sample: str) -> Path:
    """Return a file of the shared data, else the project's sample in the same layout."""
    folder = data_folder()
    return folder / relative if folder and (folder / relative).exists() else SAMPLES / sample


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV in UTF-8."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def names_with(path: Path, speciality: str) -> set[str]:
    """Return the names of the medical list's rows that have `speciality`."""
    return {_name(row) for row in rows_of(path) if speciality in _specialities(row)}


def open_names(path: Path, speciality: str, when: datetime, holiday: bool) -> set[str]:
    """Return the names that the cells say are open at `when`; those whose cells hold no time are left out."""
    return {
        _name(row)
        for row in rows_of(path)
        if speciality in _specialities(row) and _is_open(row, when, holiday)
    }


def _name(row: dict[str, str]) -> str:
    return " ".join(row["名称"].split())


def _specialities(row: dict[str, str]) -> list[str]:
    return [part.strip() for part in re.split(r"[;；:：・･/]", row["診療科目"])]


def _is_open(row: dict[str, str], when: datetime, holiday: bool) -> bool:
    day = "祝" if holiday else DAYS[when.weekday()]
    minute = when.hour * 60 + when.minute
    note = _plain(row["診療日時特記事項"]).split("透析")[0]
    days, given = _plain(row["診療曜日"]), _spans(row)
    in_note = re.search(rf"外来:([{DAYS}]+) ({_RANGE.pattern})", note)
    if in_note and not given:
        days, given = in_note[1], [_minutes(match) for match in _RANGE.finditer(in_note[2])]
    if all(name in days for name in DAYS) and "祝午後休診" in note:
        days += "祝"
    if not _listed(days, day, (when.day - 1) // 7 + 1):
        return False
    new_year = (when.month, when.day) >= (12, 29) or (when.month, when.day) <= (1, 3)
    if new_year and ("12月29日~1月3日" in note or "12/29~1/3" in note):
        return False
    spans = given
    for clause in re.findall(r"([^ ()。]*)休診", note):
        if day not in re.sub(r"年末年始.*", "", clause):
            continue
        if "午後" not in clause:
            return False
        spans = [(start, min(end, NOON)) for start, end in spans if start < NOON]
    only = re.search(
        rf"{day}(?:のみ)?((?:{_RANGE.pattern}[ /]*)+)", note.replace("】 ", "").replace("】", "")
    )
    if only and "午後は" not in note:
        spans = [_minutes(match) for match in _RANGE.finditer(only[1])]
    until = re.search(rf"[{DAYS}・]*{day}[{DAYS}・]*は?(\d+):(\d\d)まで", note)
    if until and "午後は" not in note:
        spans = [(start, int(until[1]) * 60 + int(until[2])) for start, _ in spans]
    return any(start <= minute < end for start, end in spans)


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text.replace("①", " ").replace("②", " "))
    text = (
        text.replace("〜", "~").replace("～", "~").replace("曜日", "").replace("曜", "").replace("祝日", "祝")
    )
    return re.sub(r" +", " ", text)


def _listed(days: str, day: str, week: int) -> bool:
    if "毎日" in days:
        return True
    for part in re.split(r"[、,]", days):
        weeks = [int(number) for number in re.findall(r"(?<=[第・])(\d)", part)]
        if weeks and week not in weeks:
            continue
        named = re.sub(r"第[\d・]+", "", part)
        if run := re.fullmatch(rf"([{DAYS}])~([{DAYS}])", named):
            named = DAYS[DAYS.index(run[1]) : DAYS.index(run[2]) + 1]
        if day in named:
            return True
    return False


def _spans(row: dict[str, str]) -> list[tuple[int, int]]:
    start, end = _plain(row["診療開始時間"]), _plain(row["診療終了時間"])
    if ranges := [_minutes(match) for match in _RANGE.finditer(start)]:
        return ranges
    first, last = _moment(start), _moment(end)
    return [] if first is None or last is None else [(first, last)]


def _minutes(match: re.Match[str]) -> tuple[int, int]:
    first, last = match[2] or match[3] or 0, match[5] or match[6] or 0
    return int(match[1]) * 60 + int(first), int(match[4]) * 60 + int(last)


def _moment(cell: str) -> int | None:
    if re.fullmatch(r"0\.\d+", cell):
        return round(float(cell) * 24 * 60)
    match = re.fullmatch(r"(\d{1,2})(?::(\d\d)|時(?:(\d\d)分)?)", cell)
    return int(match[1]) * 60 + int(match[2] or match[3] or 0) if match else None


def nearest(path: Path, column: str, here: tuple[float, float]) -> Iterator[tuple[float, str]]:
    """Yield (km, name) of the rows whose `column` is 1, nearest first; of one name at one spot the first."""
    found = sorted(
        (haversine(*here, *_spot(row)), row["施設・場所名"]) for row in rows_of(path) if row[column] == "1"
    )
    yield from found


def _spot(row: dict[str, str]) -> tuple[float, float]:
    return float(row.get("lat") or row["緯度"]), float(row.get("lng") or row["経度"])


def haversine(lat: float, lng: float, other_lat: float, other_lng: float) -> float:
    """Return kilometres on a sphere of 6371 km."""
    up, across = math.radians(other_lat - lat), math.radians(other_lng - lng)
    chord = (
        math.sin(up / 2) ** 2
        + math.cos(math.radians(lat)) * math.cos(math.radians(other_lat)) * math.sin(across / 2) ** 2
    )
    return 2 * 6371.0 * math.atan2(math.sqrt(chord), math.sqrt(1 - chord))
