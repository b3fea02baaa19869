"""A week of opening spans while it is being read, by day and week of the month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from knowledge.opendata.times import DAY, NOON
from knowledge.place import Span

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALL_DAYS = (*WEEKDAYS, "hol")
ALL_WEEKS = (1, 2, 3, 4, 5)
MORNING_ENDS = 13 * 60 + 30
"""A span that is over by then is a morning session and stays whole when the afternoon is closed."""

Times = list[tuple[int, int]]


class Week:
    """Opening times by (day, week of the month). `weeks` empty in any call means all weeks."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], Times] = {}

    def open(self, days: Iterable[str], times: Times, weeks: Collection[int] = ()) -> None:
        """Open at `times` on `days`, in addition to what there is."""
        for cell in self._cells(days, weeks):
            self._open[cell] = sorted({*self._open.get(cell, []), *times})

    def close(self, days: Iterable[str], weeks: Collection[int] = (), part: str = "") -> None:
        """Close on `days`; `part` `am` or `pm` closes only that half. Noon divides where no gap does."""
        for cell in self._cells(days, weeks):
            times = self._open.pop(cell, [])
            left = [kept for first, last in times for kept in _without(part, first, last)] if part else []
            if left:
                self._open[cell] = left

    def replace(self, days: Iterable[str], times: Times, weeks: Collection[int] = (), part: str = "") -> None:
        """Open at `times` instead of what there is; with `part` only that half is replaced."""
        days = tuple(days)
        self.close(days, weeks, part)
        self.open(days, times, weeks)

    def until(self, days: Iterable[str], minute: int, weeks: Collection[int] = ()) -> None:
        """Let the last span of each open day end at `minute`, be that earlier or later than before."""
        for cell in self._cells(days, weeks):
            times = self._open.get(cell)
            if not times:
                continue
            end = minute + NOON if minute <= times[0][0] and minute + NOON > times[0][0] else minute
            kept = [(first, min(last, end)) for first, last in times if first < end]
            kept[-1] = (kept[-1][0], max(kept[-1][1], end))
            self._open[cell] = kept

    def spans(self, speciality: str = "") -> tuple[Span, ...]:
        """Return the week as few spans, in the order of their start."""
        weeks: dict[tuple[str, tuple[int, int]], set[int]] = defaultdict(set)
        for (day, week), times in self._open.items():
            for first, last in times:
                weeks[day, (first, min(last, 2 * DAY))].add(week)
        days: dict[tuple[int, int, frozenset[int]], set[str]] = defaultdict(set)
        for (day, (first, last)), held in weeks.items():
            days[first, last, frozenset() if len(held) == len(ALL_WEEKS) else frozenset(held)].add(day)
        ordered = sorted(days.items(), key=lambda item: (item[0][0], item[0][1], sorted(item[0][2])))
        return tuple(
            Span(frozenset(on), first, last, held, speciality) for (first, last, held), on in ordered
        )

    @staticmethod
    def _cells(days: Iterable[str], weeks: Collection[int]) -> list[tuple[str, int]]:
        return [(day, week) for day in days for week in weeks or ALL_WEEKS]


def _without(part: str, first: int, last: int) -> Times:
    if part == "pm":
        if first >= NOON:
            return []
        return [(first, last if last <= MORNING_ENDS else NOON)]
    return [(max(first, NOON), last)] if last > MORNING_ENDS else []
