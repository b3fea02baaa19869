"""Opening hours for the machine: open now, next opening. All times are Japan's.

A rule is `DAYS HH:MM-HH:MM`: days are `mon` … `sun`, ranges (`mon-fri`), `hol` (public holidays) and
`daily`, divided by commas; the end may pass midnight (`16:00-34:00`).  On a public holiday only rules with
`hol` or `daily` hold.  `always` is a rule by itself.  Closed days are `MM/DD`, `MM/DD-MM/DD`, a weekday
(`mon`) or `after-hol` (the weekday after a public holiday), and outdo the rules.  Closed days may be all that
is known.  `12/28-1/4?`: whether it is open on those days is not known, and nothing is said of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import jpholiday

JAPAN = ZoneInfo("Asia/Tokyo")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SATURDAY = DAYS.index("sat")
_RULE = re.compile(r"([a-z,\-]+) ([0-9]{1,2}):([0-5][0-9])-([0-9]{1,2}):([0-5][0-9])")
_CLOSED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})(?:-([0-9]{1,2})/([0-9]{1,2}))?")
AFTER_HOLIDAY = "after-hol"
LOOK_AHEAD = 14
"""Days that `next_opening` looks at."""
LUNCH = (time(11, 0), time(14, 30))
"""A break that lies between these is lunch."""
State = Literal["always", "unknown", "open", "lunch", "closed", "closed-today"]


class HoursError(ValueError):
    """A rule is not of the form that this module reads."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`days`: of `DAYS` and `hol`; `start`, `end`: minutes after that day's midnight (may pass 1440)."""

    days: frozenset[str]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours read. `closed`: (first, last) as (month, day); a span may pass New Year."""

    rules: tuple[Rule, ...]
    closed: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()
    always: bool = False
    closed_days: frozenset[str] = frozenset()
    """Of `DAYS` and `AFTER_HOLIDAY`."""
    unsure: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()
    """Days, as in `closed`, of which nothing is known."""

    @property
    def known(self) -> bool:
        """Whether it is known when it is open, not only when it is not."""
        return self.always or bool(self.rules)

    def state_at(self, moment: datetime) -> State:
        """Return what can be said at `moment` (aware); `unknown` where only closed days are known."""
        if self.always:
            return "always"
        local = moment.astimezone(JAPAN)
        if _within(local.date(), self.unsure):
            return "unknown"
        if self.open_at(moment):
            return "open"
        today = [span for span in self._spans(local.date(), 0) if span[0].date() == local.date()]
        if not today:
            closed = self.known or self._is_closed(local.date())
            return "closed-today" if closed else "unknown"
        ended = max((last for _, last in today if last <= local), default=None)
        begins = min((first for first, _ in today if first > local), default=None)
        if ended and begins and LUNCH[0] <= ended.time() and begins.time() <= LUNCH[1]:
            return "lunch"
        return "closed"

    def open_at(self, moment: datetime) -> bool:
        """Return whether it is open at `moment` (aware)."""
        if self.always:
            return True
        local = moment.astimezone(JAPAN)
        return any(first <= local < last for first, last in self._spans(local.date(), 1))

    def next_opening(self, moment: datetime) -> datetime | None:
        """Return when it opens next, `moment` itself if it is open.

        None if that is not within `LOOK_AHEAD` days, or not known for a day on the way.
        """
        if self.open_at(moment):
            return moment
        local = moment.astimezone(JAPAN)
        starts = [first for first, _ in self._spans(local.date(), LOOK_AHEAD) if first > local]
        opens = min(starts, default=None)
        if opens is None:
            return None
        days = (local.date() + timedelta(days=n) for n in range((opens.date() - local.date()).days + 1))
        return None if any(_within(day, self.unsure) for day in days) else opens

    def _spans(self, today: date, days: int) -> list[tuple[datetime, datetime]]:
        """Return the spans that begin from yesterday to `days` days on."""
        spans = []
        for offset in range(-1, days + 1):
            day = today + timedelta(days=offset)
            if self._is_closed(day):
                continue
            midnight = datetime.combine(day, time(), JAPAN)
            kind = "hol" if is_holiday(day) else DAYS[day.weekday()]
            spans += [
                (midnight + timedelta(minutes=rule.start), midnight + timedelta(minutes=rule.end))
                for rule in self.rules
                if kind in rule.days
            ]
        return spans

    def _is_closed(self, day: date) -> bool:
        after = not is_holiday(day) and day.weekday() < SATURDAY and is_holiday(day - timedelta(days=1))
        if DAYS[day.weekday()] in self.closed_days or (after and AFTER_HOLIDAY in self.closed_days):
            return True
        return _within(day, self.closed)


def _within(day: date, spans: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> bool:
    """Return whether `day` lies in one of `spans` of (month, day); a span may pass New Year."""
    here = (day.month, day.day)
    return any(
        first <= here <= last if first <= last else here >= first or here <= last for first, last in spans
    )


@lru_cache(maxsize=1024)
def is_holiday(day: date) -> bool:
    """Return whether `day` is a public holiday in Japan."""
    return bool(jpholiday.is_holiday(day))


def read_hours(rules: Sequence[str], closed: Sequence[str] = ()) -> Hours | None:
    """Read rules and closed days; None where there are neither (hours unknown). Raises `HoursError`."""
    if not rules and not closed:
        return None
    if "always" in rules:
        return Hours((), (), always=True)
    days = frozenset(text.strip() for text in closed) & {*DAYS, AFTER_HOLIDAY}
    texts = [text.strip() for text in closed if text.strip() not in days]
    spans = tuple(_span(text) for text in texts if not text.endswith("?"))
    unsure = tuple(_span(text[:-1]) for text in texts if text.endswith("?"))
    return Hours(tuple(_rule(text) for text in rules), spans, closed_days=days, unsure=unsure)


def _rule(text: str) -> Rule:
    match = _RULE.fullmatch(text.strip())
    if not match:
        raise HoursError(f"「{text}」は「mon-fri 09:00-17:00」の形で書いてください")
    start = int(match[2]) * 60 + int(match[3])
    end = int(match[4]) * 60 + int(match[5])
    if not 0 <= start < end <= 48 * 60 or start >= 24 * 60:
        raise HoursError(f"「{text}」の時刻は、始まりが終わりより前で、終わりは 48:00 までです")
    return Rule(frozenset(day for part in match[1].split(",") for day in _days(part, text)), start, end)


def _days(part: str, text: str) -> Sequence[str]:
    if part == "daily":
        return (*DAYS, "hol")
    if part == "hol" or part in DAYS:
        return (part,)
    first, _, last = part.partition("-")
    if first not in DAYS or last not in DAYS or DAYS.index(first) >= DAYS.index(last):
        raise HoursError(f"「{text}」の曜日は mon tue wed thu fri sat sun hol daily で書いてください")
    return DAYS[DAYS.index(first) : DAYS.index(last) + 1]


def _span(text: str) -> tuple[tuple[int, int], tuple[int, int]]:
    match = _CLOSED.fullmatch(text.strip())
    if match:
        try:
            first = date(2024, int(match[1]), int(match[2]))
            last = date(2024, int(match[3]), int(match[4])) if match[3] else first
        except ValueError:
            match = None
    if not match:
        raise HoursError(f"休みの日「{text}」は「12/29-1/3」「mon」「after-hol」の形で書いてください")
    return (first.month, first.day), (last.month, last.day)
