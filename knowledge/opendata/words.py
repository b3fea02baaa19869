"""Opening days and remarks in words, as far as their grammar is plain.

`日・祝日　水・土曜午後休診（土曜17：00まで）` → closed on Sundays and holidays, on the afternoons of
Wednesday and Saturday. What is not understood sets `doubt` and never opens anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from knowledge.opendata import days
from knowledge.opendata.days import Item
from knowledge.opendata.lexer import Token, prepare, tokens
from knowledge.opendata.problems import BadValue
from knowledge.opendata.times import DAY, NOON, parse_time, split_range

YEAR_END = "12/29-01/03"
"""Taken for 年末年始 where no dates are given, so that nothing is called open then on a guess."""
_PARTICLES = re.compile(
    r"(?:は|も|が|の|を|に|や|外来|終日|全日|全て|すべて|のみ|から|より|とも|ともに|毎週|毎月|診察|受付)*"
)
_MAIN = re.compile(
    r"(?:外来|診療|営業|開館|開園|開庁|開所|開設|開放|利用|見学|拝観|サービス提供)?(?:外来|診療|可能)?(?:日|時間|曜|日時|外来|診療)?:"
)
_REST = re.compile(r"(?:休診|休館|休業|休園|休場|休所|定休|閉館|閉庁|閉所|休み|お休み|休)日?:")
_SPECIALITY = re.compile(r"[^:]{1,10}科:")
_DATES = re.compile(
    r"([0-9]{1,2})[月/]([0-9]{1,2})日?(?: ?(?:~|-|から) ?(?:翌年?の?)?(?:([0-9]{1,2})[月/])?([0-9]{1,2})日?)?"
)


@dataclass
class Words:
    """What a remark says. `opened`: days said to be open without times; `by_label`: (speciality, days)."""

    opened: list[Item] = field(default_factory=list)
    closed: list[Item] = field(default_factory=list)
    until: list[tuple[Item, int]] = field(default_factory=list)
    spans: list[tuple[Item, int, int]] = field(default_factory=list)
    ranges: list[tuple[int, int]] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    by_label: list[tuple[str, Item]] = field(default_factory=list)
    year_end_assumed: bool = False
    doubt: bool = False

    @property
    def names_holidays(self) -> bool:
        """Whether public holidays are spoken of."""
        items = [*self.opened, *self.closed, *(item for item, *_ in self.spans)]
        return any("hol" in item.days for item in items)


def month_days(text: str) -> str:
    """Return `12月29日~1月3日` as `12/29-01/03`. Raises `BadValue`."""
    match = _DATES.fullmatch(text)
    if not match:
        raise BadValue("月日として読めません（例 12/29）")
    numbers = [int(n) if n else int(match[1]) for n in match.groups() if n or match[4]]
    if any(not (1 <= m <= 12 and 1 <= d <= 31) for m, d in zip(numbers[::2], numbers[1::2], strict=True)):
        raise BadValue("ない月日です")
    ends = [f"{m:02}/{d:02}" for m, d in zip(numbers[::2], numbers[1::2], strict=True)]
    return "-".join(dict.fromkeys(ends))


def read_words(text: str, *, column: bool = False) -> Words:
    """Read a remark, or with `column` a cell of days, where bare days mean open."""
    prepared, conditions = prepare(text)
    reader = _Reader(column)
    reader.words.doubt = conditions
    for token in tokens(prepared):
        reader.take(token)
    reader.finish()
    return reader.words


class _Reader:
    """One pass over the tokens. `groups`: day items not yet explained, divided by gaps."""

    def __init__(self, column: bool):
        self.words = Words()
        self.column = column
        self.groups: list[list[Item]] = [[]]
        self.weeks: frozenset[int] = frozenset()
        self.times_of: list[Item] = []
        self.time: int | None = None
        self.dates: list[str] = []
        self.year_end = self.year_end_seen = False
        self.label = ""
        self.resting = False
        self.kept: list[Item] = []

    def take(self, token: Token) -> None:
        getattr(self, f"_{token.kind}")(token.text)
        if token.kind not in ("range", "join", "gap", "until", "other"):
            self.times_of = []

    def finish(self) -> None:
        self._stop("")
        if self.column:
            self.words.opened += self.kept
        words = self.words
        if self.dates and self.year_end_seen:
            words.dates += self.dates
        elif self.dates or self.year_end:
            words.doubt = True
        words.dates = list(dict.fromkeys(words.dates))
        if words.year_end_assumed and any(d.startswith("12/") and d != YEAR_END for d in words.dates):
            words.dates.remove(YEAR_END)
            words.year_end_assumed = False

    def _days(self, text: str) -> None:
        if text.endswith("無休"):
            self.words.opened.append(Item(days.run_days(text)))
            return
        self.groups[-1].append(Item(days.run_days(text), self.weeks))
        self.weeks = frozenset()

    def _week(self, text: str) -> None:
        self.weeks = days.week_numbers(text)

    def _part(self, text: str) -> None:
        part = "am" if text.startswith("午前") else "pm"
        self.groups[-1] = [replace(item, part=part) for item in self.groups[-1]]

    def _allday(self, text: str) -> None:
        self._add_range(0, DAY)

    def _range(self, text: str) -> None:
        try:
            start, end = split_range(text)
        except BadValue:
            self.words.doubt = True
            return
        if text.startswith("午後"):
            self._part(text)
        self._add_range(start, end)

    def _add_range(self, start: int, end: int) -> None:
        items = self._nearest() or self.times_of
        if self.label == "skip":
            pass
        elif items:
            items = [replace(item, part="" if item.part == "am" else item.part) for item in items]
            late = NOON if end <= start + NOON and end < 8 * 60 and items[0].part == "pm" else 0
            self.words.spans += [(item, start + late, end + late) for item in items]
        else:
            self.words.ranges.append((start, end))
        self.groups, self.times_of = [[]], items

    def _time(self, text: str) -> None:
        try:
            self.time = parse_time(text)
        except BadValue:
            self.words.doubt = True

    def _until(self, text: str) -> None:
        if self.time is not None:
            if self.label != "skip":
                self.words.until += [(item, self.time) for item in self._nearest()]
            self._nearest().clear()
        self.time = None

    def _nearest(self) -> list[Item]:
        """Return the group just before, over one gap at most."""
        return self.groups[-1] or (self.groups[-2] if len(self.groups) > 1 else self.groups[-1])

    def _date(self, text: str) -> None:
        try:
            self.dates.append(month_days(text))
        except BadValue:
            self.words.doubt = True
        if self.year_end or self.resting:
            self.words.dates += self.dates
            self.dates, self.year_end = [], False

    def _yearend(self, text: str) -> None:
        self.year_end = self.year_end_seen = True
        if self.dates:
            self.words.dates += self.dates
            self.dates, self.year_end = [], False

    def _closed(self, text: str) -> None:
        pending = [item for group in (self.groups[-1:] if self.column else self.groups) for item in group]
        if not pending and not self.dates and not self.year_end and text.endswith("日"):
            self.resting = True
            return
        self._close(pending)
        self.groups = [*self.groups[:-1], []] if self.column else [[]]

    def _except(self, text: str) -> None:
        self._close(self.groups[-1])
        self.groups[-1] = []

    def _close(self, items: list[Item]) -> None:
        if self.label != "skip":
            self.words.closed += items
            self.words.dates += self.dates
            if self.year_end and not self.dates and not self.words.dates:
                self.words.dates.append(YEAR_END)
                self.words.year_end_assumed = True
        self.dates, self.year_end = [], False

    def _open(self, text: str) -> None:
        if self.label != "skip":
            self.words.opened += self.groups[-1]
        self.groups[-1] = []
        self.dates, self.year_end = [], False

    def _label(self, text: str) -> None:
        self._stop("")
        self.resting = bool(_REST.fullmatch(text))
        if self.resting or _MAIN.fullmatch(text):
            self.label = ""
        elif _SPECIALITY.fullmatch(text):
            self.label = text[:-1]
        else:
            self.label = "skip"
            self.words.doubt = True

    def _stop(self, text: str) -> None:
        pending = [item for group in self.groups for item in group]
        if self.label not in ("", "skip"):
            self.words.by_label += [(self.label, item) for item in pending]
        elif self.resting:
            self._close(pending)
        elif self.column and not self.label:
            self.kept += pending
        elif pending:
            self.words.doubt = True
        if text:
            self.resting, self.label = False, ""
        self.groups = [[]]

    def _join(self, text: str) -> None:
        return

    def _gap(self, text: str) -> None:
        if self.groups[-1]:
            self.groups.append([])

    def _other(self, text: str) -> None:
        if _PARTICLES.fullmatch(text):
            return
        self.words.doubt = True
        if not (self.resting or self.column):
            self.groups[-1] = []
            self.groups.append([])
            self.times_of = []
