"""推奨データセット and 自治体標準オープンデータセット: the lists that municipalities publish."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from knowledge.opendata import values
from knowledge.opendata.build import at_night, place
from knowledge.opendata.context import Context
from knowledge.opendata.gsi import hazards
from knowledge.opendata.hours import Hours, read_hours
from knowledge.opendata.problems import RowError
from knowledge.opendata.row import Row, digest
from knowledge.opendata.specialities import is_dental, split_specialities
from knowledge.opendata.text import fold
from knowledge.opendata.words import read_words
from knowledge.place import Kind, Place

HOURS_FIELDS = ("days", "start", "end", "hours_note")
TOILETS = {"wheelchair_toilet": "wheelchair", "baby_toilet": "baby", "ostomate_toilet": "ostomate"}
_NONE = ("無", "なし", "ありません", "0台", "不可")


def prefix(row: Row, what: str) -> str:
    """Return the part of a key that says whose list it is: `od-092088-medical`."""
    return f"od-{row.owner() or 'none'}-{what}"


def hours_of(row: Row, *, every_day: bool = False, specialities: frozenset[str] = frozenset()) -> Hours:
    """Read the opening hours of a row, its problems recorded with it."""
    cells = {name: row.text(name) for name in HOURS_FIELDS}
    return read_hours(cells, row.complain, every_day=every_day, specialities=specialities)


def attributes(row: Row) -> set[str]:
    """Return what the columns on access and parking say, in the words of `Place.attributes`."""
    found = {attribute for name, attribute in TOILETS.items() if row.columns.has(name) and row.flag(name)}
    barrier_free = fold(row.text("barrier_free"))
    if barrier_free:
        words = (
            ("車椅子", "wheelchair"),
            ("車いす", "wheelchair"),
            ("オストメイト", "ostomate"),
            ("授乳", "baby"),
            ("おむつ", "baby"),
        )
        found |= {attribute for word, attribute in words if word in barrier_free}
    parking = fold(row.text("parking"))
    if parking and not parking.startswith(_NONE) and not parking.endswith(("なし", "無し", "ありません")):
        found.add("parking")
    if row.columns.has("child_pads") and row.flag("child_pads"):
        found.add("child_pads")
    if row.columns.has("temporary_care") and row.flag("temporary_care"):
        found.add("temporary_care")
    return found


def medical(row: Row, context: Context) -> Place:
    """医療機関一覧. The key takes the 医療機関コード where there is one, else the list's own number."""
    name = row.name()
    specialities = split_specialities(row.raw("specialities"))
    kind: Kind = "hospital" if fold(row.text("medical_type")) == "病院" else "clinic"
    if kind == "clinic" and is_dental(specialities):
        kind = "dental"
    if at_night(name):
        kind = "night_clinic"
    code = row.identifier("medical_code").zfill(10) if row.raw("medical_code") else ""
    own = row.identifier("local_id")
    return place(
        row, context, kind, name=name,
        prefix=prefix(row, "medical"),
        official_id=code if len(code) == 10 else own,
        hours=hours_of(row, specialities=specialities),
        specialities=specialities,
        extra=row.filled("after_hours", "beds", "medical_type") | ({"medical_code": code} if code else {}),
    )  # fmt: skip


def event(row: Row, context: Context) -> Place:
    """イベント一覧. Its hours hold on every day from 開始日 to 終了日. A row without a start is an error."""
    starts = row.read("starts", values.day, None)
    if starts is None:
        raise RowError(row.heading("starts"), row.raw("starts")[:80], "開始日がないか、日付として読めません")
    ends = row.read("ends", values.day, starts)
    if ends < starts:
        row.complain("ends", "終了日が開始日より前なので使いません")
        ends = starts
    hours = hours_of(row, every_day=True)
    name = row.name()
    return place(
        row, context, "event", name=name, prefix=prefix(row, "event"),
        official_id=row.identifier("local_id") or _dated(name, starts),
        hours=hours, attributes=attributes(row),
        extra=row.filled(
            "description", "fee", "fee_detail", "venue", "organiser", "access", "parking", "capacity"
        ),
        starts=starts, ends=ends,
    )  # fmt: skip


def _dated(name: str, starts: date) -> str:
    return f"h{digest(name, starts.isoformat())}"


def shelter_emergency(row: Row, context: Context) -> Place:
    """指定緊急避難場所一覧."""
    marks = {"also_shelter"} if row.columns.has("also_shelter") and row.flag("also_shelter") else set()
    return place(
        row, context, "shelter_emergency", prefix=prefix(row, "shelter"),
        official_id=row.identifier("local_id"), hazards=hazards(row), attributes=marks,
        extra=row.filled("capacity"),
    )  # fmt: skip


def care(row: Row, context: Context) -> Place:
    """介護サービス事業所一覧 of a municipality. One office may have a row for each service."""
    office, service = row.identifier("office_id"), row.text("service")
    days = read_words(row.text("days"), column=True)
    text = " ".join(filter(None, (row.text("days"), row.text("hours_note"))))
    return place(
        row, context, "care", prefix=prefix(row, "care"),
        official_id=f"{office}-{digest(service)[:6]}" if office else row.identifier("local_id"),
        hours=Hours(text=text, closed=tuple(days.dates)),
        extra={**row.filled("service", "capacity"), **({"office_id": office} if office else {})},
    )  # fmt: skip


def toilet(row: Row, context: Context) -> Place:
    """公衆トイレ一覧. It has no column of days: hours that are given hold daily."""
    found = attributes(row)
    if fold(row.text("multi_toilet")).removesuffix(".0") not in ("", "0"):
        found.add("multipurpose")
    return place(
        row, context, "toilet", prefix=prefix(row, "toilet"), official_id=row.identifier("local_id"),
        hours=hours_of(row, every_day=True), attributes=found, extra=row.filled("position"),
    )  # fmt: skip


def simple(kind: Kind, *extra: str) -> Callable[[Row, Context], Place]:
    """Return a reader for the lists that differ only in `kind` and in the fields kept in `Place.extra`."""

    def read(row: Row, context: Context) -> Place:
        return place(
            row, context, kind, prefix=prefix(row, kind), official_id=row.identifier("local_id"),
            hours=hours_of(row), attributes=attributes(row), extra=row.filled(*extra),
        )  # fmt: skip

    return read
