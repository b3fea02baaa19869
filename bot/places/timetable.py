"""Opening hours of places: packed into one column, asked for thousands of places in a moment.

All times are Japan's. On a public holiday only spans with `hol` hold; closing days outdo every span; a span
belongs to the day on which it begins, also where it passes midnight.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from knowledge.hours import DAYS, JAPAN, is_holiday
from knowledge.place import Place

_BITS = {day: 1 << index for index, day in enumerate((*DAYS, "hol"))}
_CLOSED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})(?:-([0-9]{1,2})/([0-9]{1,2}))?")
DAY = 1440
LOOK_AHEAD = 14


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of one day, in minutes after its midnight; `end` is not part of it and may pass 1440."""

    day: date
    start: int
    end: int

    @classmethod
    def at(cls, moment: datetime) -> Window:
        """Return the window of one minute at `moment` (aware)."""
        local = moment.astimezone(JAPAN)
        minute = local.hour * 60 + local.minute
        return cls(local.date(), minute, minute + 1)


@dataclass(frozen=True, slots=True)
class _Span:
    days: int
    weeks: int
    start: int
    end: int
    speciality: str


@dataclass(frozen=True, slots=True)
class Timetable:
    """The weekly spans and closing days of one place."""

    spans: tuple[_Span, ...]
    closed: tuple[tuple[tuple[int, int], tuple[int, int]], ...]

    def open_in(self, window: Window, specialities: frozenset[str] = frozenset()) -> bool | None:
        """Return whether it is open in some minute of `window`, for one of `specialities`; None: not known.

        Spans without speciality hold for every one; where only others have hours, these are not known.
        """
        spans = self._of(specialities)
        if spans is None:
            return None
        for offset in (0, -1, 1):
            shift = offset * DAY
            if offset == 1 and window.end <= DAY:
                continue
            mark = None
            for span in spans:
                if span.start + shift < window.end and span.end + shift > window.start:
                    mark = mark or _marks(window.day + timedelta(days=offset))
                    if span.days & mark[0] and span.weeks & mark[1] and not self._closed(mark[2]):
                        return True
        return False

    def next_opening(self, moment: datetime, specialities: frozenset[str] = frozenset()) -> datetime | None:
        """Return when it opens next after `moment`, None if not within `LOOK_AHEAD` days or not known."""
        local = moment.astimezone(JAPAN)
        for offset in range(LOOK_AHEAD + 1):
            day = local.date() + timedelta(days=offset)
            midnight = datetime.combine(day, time(), JAPAN)
            starts = [midnight + timedelta(minutes=start) for start, _ in self.on(day, specialities)]
            later = [start for start in starts if start > local]
            if later:
                return min(later)
        return None

    def closes(self, moment: datetime, specialities: frozenset[str] = frozenset()) -> datetime | None:
        """Return when the span ends that `moment` is in, None if it is closed then."""
        local = moment.astimezone(JAPAN)
        ends = []
        for offset in (-1, 0):
            day = local.date() + timedelta(days=offset)
            midnight = datetime.combine(day, time(), JAPAN)
            ends += [
                midnight + timedelta(minutes=end)
                for start, end in self.on(day, specialities)
                if midnight + timedelta(minutes=start) <= local < midnight + timedelta(minutes=end)
            ]
        return max(ends, default=None)

    def on(self, day: date, specialities: frozenset[str] = frozenset()) -> list[tuple[int, int]]:
        """Return the spans that begin on `day` as (start, end) in minutes, those that meet joined."""
        days, week, here = _marks(day)
        if self._closed(here):
            return []
        found = sorted(
            (span.start, span.end)
            for span in self._of(specialities) or ()
            if span.days & days and span.weeks & week
        )
        joined: list[tuple[int, int]] = []
        for start, end in found:
            if joined and start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((start, end))
        return joined

    def _of(self, specialities: frozenset[str]) -> tuple[_Span, ...] | None:
        """Return the spans that hold for `specialities`, None where these have no hours of their own."""
        if not specialities:
            return self.spans
        spans = tuple(span for span in self.spans if not span.speciality or span.speciality in specialities)
        return spans if spans or not self.spans else None

    def _closed(self, here: tuple[int, int]) -> bool:
        return any(
            first <= here <= last if first <= last else here >= first or here <= last
            for first, last in self.closed
        )


@lru_cache(maxsize=4096)
def _marks(day: date) -> tuple[int, int, tuple[int, int]]:
    """Return a date's weekday or holiday bit, the bit of its week of the month, (month, day)."""
    name = "hol" if is_holiday(day) else DAYS[day.weekday()]
    return _BITS[name], 1 << (day.day - 1) // 7, (day.month, day.day)


def pack(place: Place) -> str:
    """Return the hours of `place` as text, empty where they are unknown. Raises ValueError: a bad day."""
    if not place.hours_known:
        return ""
    spans = sorted(
        (
            sum(_BITS[day] for day in span.days),
            sum(1 << week - 1 for week in span.weeks) or 31,
            span.start,
            span.end,
            span.speciality,
        )
        for span in place.spans
    )
    return json.dumps([spans, [_read_closed(text) for text in place.closed]], ensure_ascii=False)


@lru_cache(maxsize=65536)
def unpack(packed: str) -> Timetable | None:
    """Return the timetable of `pack`, None where the hours are unknown."""
    if not packed:
        return None
    spans, closed = json.loads(packed)
    return Timetable(
        tuple(_Span(*span) for span in spans),
        tuple(((first[0], first[1]), (last[0], last[1])) for first, last in closed),
    )


def _read_closed(text: str) -> tuple[tuple[int, int], tuple[int, int]]:
    match = _CLOSED.fullmatch(text.strip())
    if not match:
        raise ValueError(f"closing day not of the form MM/DD or MM/DD-MM/DD: {text!r}")
    first = (int(match[1]), int(match[2]))
    return first, (int(match[3]), int(match[4])) if match[3] else first
