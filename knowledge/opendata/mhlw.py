"""医療情報ネット: 施設票 (01-1, 02-1, 03-1, 04, 05) and 診療科・診療時間票 (01-2, 02-2, 03-2).

The columns 「…に休診」 hold 1 = open and 0 = closed, against their name; an empty one says nothing. A day is
closed if its weekly flag or the flag of that week of the month is 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from knowledge.opendata.build import at_night, place
from knowledge.opendata.context import Context, HoursSheet
from knowledge.opendata.hours import Hours
from knowledge.opendata.lexer import prepare, tokens
from knowledge.opendata.problems import BadValue, RowError
from knowledge.opendata.row import Row
from knowledge.opendata.specialities import speciality, split_specialities
from knowledge.opendata.text import fold
from knowledge.opendata.times import from_columns
from knowledge.opendata.week import ALL_DAYS, ALL_WEEKS, WEEKDAYS, Times, Week
from knowledge.opendata.words import YEAR_END, month_days
from knowledge.place import Kind, Place, Span

MARKS = dict(zip(ALL_DAYS, "月火水木金土日祝", strict=True))
KINDS: dict[str, Kind] = {
    "1": "hospital", "2": "clinic", "3": "dental", "4": "maternity", "5": "pharmacy",
    "hospital": "hospital", "clinic": "clinic", "dental": "dental", "maternity": "maternity",
    "pharmacy": "pharmacy",
}  # fmt: skip
_FACILITY = re.compile(r"病院|医院|診療|クリニック|歯科|センター|医療院|療育|薬局|助産|ホスピタル|科$")
ID_DIGITS = 13


def facility_id(row: Row) -> str:
    """Return the 13-digit id, its leading 0 put back where a spreadsheet took it."""
    found = row.identifier("net_id")
    return found.zfill(ID_DIGITS) if found.isdigit() and len(found) == ID_DIGITS - 1 else found


def facility(row: Row, context: Context) -> Place:
    """施設票 of hospitals, clinics and dentists; hours come from the 診療科・診療時間票 read with it."""
    key = facility_id(row)
    kind = _kind(row, key)
    week = _Flags(row)
    sheet = context.hours.get(key)
    hours = Hours(text=week.text(), closed=week.dates, holidays=week.holidays)
    found = split_specialities(row.raw("specialities"))
    if sheet:
        found |= sheet.specialities
        hours = week.hours({name: _by_day(sheet, name) for name in sorted(sheet.specialities)})
    name, formal = _names(row)
    if kind in ("hospital", "clinic") and at_night(name):
        kind = "night_clinic"
    return place(
        row, context, kind, name=name, prefix="mhlw", official_id=key, hours=hours, specialities=found,
        extra={**row.filled("beds"), **({"formal_name": formal} if formal else {}), **week.extra()},
    )  # fmt: skip


def with_times(kind: Kind, column: str, slots: int) -> object:
    """Return a reader for 04 and 05, whose hours stand in the 施設票 itself (月_開店時間帯1_開始時間 …)."""

    def read(row: Row, context: Context) -> Place:
        week = _Flags(row)
        times: dict[str, Times] = {}
        for day, mark in MARKS.items():
            for slot in range(1, slots + 1):
                times.setdefault(day, []).extend(
                    _pair(row, f"{mark}_{column}{slot}_開始時間", f"{mark}_{column}{slot}_終了時間")
                )
        return place(
            row, context, kind, prefix="mhlw", official_id=facility_id(row), hours=week.hours({"": times}),
            extra=week.extra(),
        )  # fmt: skip

    return read


def add_hours(row: Row, sheets: dict[str, HoursSheet]) -> None:
    """Add a row of a 診療科・診療時間票 to `sheets`. Raises `RowError` without id or speciality."""
    key, name = facility_id(row), speciality(row.text("speciality"))
    if not key or not name:
        raise RowError(row.heading("net_id" if not key else "speciality"), "", "ID か診療科目名がありません")
    sheet = sheets.setdefault(key, HoursSheet())
    sheet.specialities.add(name)
    for day, mark in MARKS.items():
        found = _pair(row, f"{mark}_診療開始時間", f"{mark}_診療終了時間")
        if found:
            sheet.times.setdefault((name, day), set()).update(found)


def _by_day(sheet: HoursSheet, name: str) -> dict[str, Times]:
    return {day: sorted(times) for (of, day), times in sheet.times.items() if of == name}


def _pair(row: Row, start: str, end: str) -> Times:
    first, last = row.raw(start), row.raw(end)
    try:
        return from_columns(first, last)
    except BadValue as error:
        row.complain(start if first else end, f"{fold(first)}-{fold(last)}: {error}")
        return []


def _kind(row: Row, key: str) -> Kind:
    """Return the kind of 機関区分, else of the third digit of the id."""
    for mark in (fold(row.text("kind")).lower(), key[2:3]):
        if mark in KINDS:
            return KINDS[mark]
    raise RowError(
        row.heading("kind"), row.text("kind"), "機関区分が分かりません（1 病院、2 診療所、3 歯科）"
    )


def _names(row: Row) -> tuple[str, str]:
    """Return the name to show, and the formal one where that is only the body's (医療法人社団　高砂会)."""
    formal, short = row.name(), row.text("short_name")
    return (
        (short, formal)
        if short and not _FACILITY.search(formal) and _FACILITY.search(short)
        else (formal, "")
    )


class _Flags:
    """The open and closed days of one row."""

    def __init__(self, row: Row):
        self.row = row
        self.weekly = {day: self._flag(*_weekly(MARKS[day])) for day in WEEKDAYS}
        self.monthly = {
            (day, week): self._flag(*_monthly(MARKS[day], week)) for week in ALL_WEEKS for day in WEEKDAYS
        }
        self.holiday = self._flag("holiday_flag")
        self.other = row.text("other_closed")
        self.dates = _dates(self.other)

    def _flag(self, *names: str) -> bool | None:
        for name in names:
            value = fold(self.row.raw(name))
            if value in ("0", "1"):
                return value == "1"
            if value:
                self.row.complain(name, "0（休み）か 1（開いている）ではありません")
        return None

    @property
    def holidays(self) -> str:
        return {True: "open", False: "closed", None: "unknown"}[self.holiday]

    def _closed(self) -> Iterable[tuple[str, tuple[int, ...]]]:
        """Yield the days that are closed, with the weeks of the month (empty: all)."""
        yield from ((day, ()) for day, flag in self.weekly.items() if flag is False)
        yield from ((day, (week,)) for (day, week), flag in self.monthly.items() if flag is False)
        if self.holiday is False:
            yield "hol", ()

    def hours(self, by_speciality: dict[str, dict[str, Times]]) -> Hours:
        """Return the hours on the days that are not closed; one set of spans if all specialities share it."""
        closed = list(self._closed())
        weeks: dict[str, tuple[Span, ...]] = {}
        for name, times in by_speciality.items():
            week = Week()
            for day, spans in times.items():
                if spans:
                    week.open((day,), spans)
            for day, of in closed:
                week.close((day,), of)
            weeks[name] = week.spans(name)
        shapes = {tuple((s.days, s.start, s.end, s.weeks) for s in spans) for spans in weeks.values()}
        found = tuple(span for spans in weeks.values() for span in spans)
        if len(shapes) == 1 and found:
            found = tuple(Span(*shape) for shape in next(iter(shapes)))
        return Hours(found, bool(found), self.text(), self.dates, self.holidays)

    def text(self) -> str:
        """Return the closing days in Japanese."""
        names = [MARKS[day] + "曜" for day, flag in self.weekly.items() if flag is False]
        for day in WEEKDAYS:
            weeks = [week for week in ALL_WEEKS if self.monthly[day, week] is False]
            if weeks and self.weekly[day] is not False:
                names.append(f"第{'・'.join(map(str, weeks))}{MARKS[day]}曜")
        if self.holiday is False:
            names.append("祝日")
        said = f"休み: {'、'.join(names)}" if names else ""
        return " ".join(filter(None, (said, f"ほかの休み: {fold(self.other)}" if self.other else "")))

    def extra(self) -> dict[str, str]:
        """Return the weekly flags as `1111100` (Monday first, `?` for none), where there are any."""
        flags = "".join({True: "1", False: "0", None: "?"}[flag] for flag in self.weekly.values())
        extra = {} if set(flags) == {"?"} else {"open_days": flags, "holidays": self.holidays}
        return extra | ({"year_end": "assumed"} if YEAR_END in self.dates else {})


def _weekly(mark: str) -> tuple[str, ...]:
    return (f"毎週決まった曜日に休診({mark})", f"毎週決まった曜日に休業({mark})", f"営業日({mark})")


def _monthly(mark: str, week: int) -> tuple[str, ...]:
    return tuple(f"決まった週に{word}(定期週)第{week}週({mark})" for word in ("休診", "休業", "閉店"))


def _dates(text: str) -> tuple[str, ...]:
    prepared, _ = prepare(text)
    found: list[str] = []
    for token in tokens(prepared):
        if token.kind == "date":
            try:
                found.append(month_days(token.text))
            except BadValue:
                continue
    if "年末年始" in prepared and not any(date.startswith("12/") for date in found):
        found.append(YEAR_END)
    return tuple(dict.fromkeys(found))
