"""Opening hours of one place from its cells: days, start, end and remarks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from knowledge.opendata.days import Item
from knowledge.opendata.problems import BadValue
from knowledge.opendata.text import tidy
from knowledge.opendata.times import from_columns, parse_time
from knowledge.opendata.week import ALL_DAYS, WEEKDAYS, Times, Week
from knowledge.opendata.words import Words, read_words
from knowledge.place import Span

Complain = Callable[[str, str], None]
"""Takes the field's name and a reason."""


@dataclass(frozen=True, slots=True)
class Hours:
    """`known` False: the cells do not give hours. `doubt`: the remarks say more than `spans` do.

    `holidays`: `open`, `closed` or `unknown` (not spoken of; the spans then leave holidays out).
    """

    spans: tuple[Span, ...] = ()
    known: bool = False
    text: str = ""
    closed: tuple[str, ...] = ()
    holidays: str = "unknown"
    year_end_assumed: bool = False
    doubt: bool = False

    def extra(self) -> dict[str, str]:
        """Return what `Place` has no field for."""
        extra = {"holidays": self.holidays} if self.known else {}
        if self.doubt:
            extra["hours_doubt"] = "1"
        if self.year_end_assumed:
            extra["year_end"] = "assumed"
        return extra


def read_hours(
    cells: dict[str, str],
    complain: Complain,
    *,
    every_day: bool = False,
    specialities: frozenset[str] = frozenset(),
) -> Hours:
    """Read the cells `days`, `start`, `end`, `hours_note`.

    `every_day`: the layout has no column of days, its hours hold daily. Unreadable cells are complained of,
    and hours that depend on one are unknown.
    """
    days, note = cells.get("days", ""), cells.get("hours_note", "")
    listed, remarks = read_words(days, column=True), read_words(note)
    base = _base_days(listed, remarks)
    times, sound = _times(cells, remarks, complain)
    if every_day and not base:
        base = [Item(frozenset(ALL_DAYS))]
    week = Week()
    for item in base:
        week.open(item.days, times, item.weeks)
    _apply(week, base, times, listed, remarks)
    spans = week.spans()
    if not spans and days and not base and not remarks.spans and sound and (times or listed.doubt):
        complain("days", "曜日として読めません（例 月火水木金）")
    if remarks.by_label and specialities:
        spans = _by_speciality(week, remarks, spans)
    named = {day for item in base for day in item.days}
    holidays = _holidays(named, {day for s in spans for day in s.days}, listed, remarks)
    return Hours(
        spans=spans,
        known=bool(spans),
        text=_text(cells),
        closed=tuple(dict.fromkeys([*listed.dates, *remarks.dates])),
        holidays=holidays,
        year_end_assumed=listed.year_end_assumed or remarks.year_end_assumed,
        doubt=remarks.doubt or listed.doubt,
    )


def _base_days(listed: Words, remarks: Words) -> list[Item]:
    """Return the days that the column, or else its closing days or the remarks, say are open."""
    base = list(listed.opened) + [item for item, *_ in listed.spans]
    if not base and listed.closed:
        base = [Item(frozenset(ALL_DAYS))]
    if not base:
        base = [item for item in remarks.opened if item.days == frozenset(ALL_DAYS)]
    if set(WEEKDAYS) <= {day for item in base if not item.weeks for day in item.days}:
        base.append(Item(frozenset({"hol"})))
    return [replace(item, part="") for item in base]


def _times(cells: dict[str, str], remarks: Words, complain: Complain) -> tuple[Times, bool]:
    """Return the times that hold on the base days, and whether the cells could be read."""
    start, end = cells.get("start", ""), cells.get("end", "")
    try:
        times = from_columns(start, end)
    except BadValue as error:
        complain(_culprit(start, end), str(error))
        return [], False
    return (times or list(remarks.ranges)), True


def _culprit(start: str, end: str) -> str:
    if not start:
        return "end"
    try:
        parse_time(start)
    except BadValue:
        return "start"
    return "end"


def _apply(week: Week, base: list[Item], times: Times, listed: Words, remarks: Words) -> None:
    """Change the week by what the words close, open and replace; the more special comes last."""
    open_days = {day for item in base for day in item.days}
    for item in remarks.opened:
        if times and item.days != frozenset(ALL_DAYS):
            week.open(item.days - open_days if not item.weeks else item.days, times, item.weeks)
    for item in (*listed.closed, *remarks.closed):
        part = item.part
        week.close(item.days & open_days if part else item.days, item.weeks, part)
    cleared: set[tuple[Item, bool]] = set()
    for item, first, last in (*listed.spans, *remarks.spans):
        again = (item, True) in cleared
        cleared.add((item, True))
        (week.open if again else _replacer(week, item))(item.days, [(first, last)], item.weeks)
    for item, minute in remarks.until:
        week.until(item.days, minute, item.weeks)


def _replacer(week: Week, item: Item) -> Callable[..., None]:
    def change(days: frozenset[str], times: Times, weeks: frozenset[int]) -> None:
        week.replace(days, times, weeks, item.part)

    return change


def _by_speciality(week: Week, remarks: Words, spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Return spans by speciality (内科：月～木　耳鼻咽喉科：金)."""
    named: dict[str, set[str]] = {}
    for label, item in remarks.by_label:
        named.setdefault(label, set()).update(item.days)
    return tuple(
        replace(span, days=span.days & on, speciality=label)
        for label, on in named.items()
        for span in spans
        if span.days & on
    )


def _holidays(named: set[str], opened: set[str], listed: Words, remarks: Words) -> str:
    if "hol" in opened:
        return "open"
    return "closed" if "hol" in named or listed.names_holidays or remarks.names_holidays else "unknown"


def _text(cells: dict[str, str]) -> str:
    """Return the hours in the file's own words, day fractions as times."""
    try:
        times = " ".join(
            f"{first // 60}:{first % 60:02}～{last // 60}:{last % 60:02}"
            for first, last in from_columns(cells.get("start", ""), cells.get("end", ""))
        )
    except BadValue:
        times = " ".join(filter(None, (tidy(cells.get("start", "")), tidy(cells.get("end", "")))))
    return " ".join(filter(None, (tidy(cells.get("days", "")), times, tidy(cells.get("hours_note", "")))))
