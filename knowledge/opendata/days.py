"""Lists of days in words: `月火水木金`, `月〜金`, `平日`, `毎日`, `月,火`, `第1・3土曜`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.opendata.week import ALL_DAYS, WEEKDAYS

NAMES = dict(zip("月火水木金土日祝", ALL_DAYS, strict=True))
_ONE = "[月火水木金土日祝]曜?"
RUN = rf"(?:平日|毎日|全日|年中無休|無休|{_ONE}(?:[・,、/|;]?{_ONE}|(?:~|-|から){_ONE})*)"
WEEK = r"(?:毎月)?第 ?[1-5一二三四五](?:[・,、/]?(?:第 ?)?[1-5一二三四五](?![0-9:/月時]))*週?目?の?"
_WORDS = {
    "平日": frozenset(WEEKDAYS[:5]),
    "毎日": frozenset(ALL_DAYS),
    "全日": frozenset(ALL_DAYS),
    "年中無休": frozenset(ALL_DAYS),
    "無休": frozenset(ALL_DAYS),
}
_MAY_FOLLOW = re.compile(
    r"[\s・,、/|;()\[\]【】。:~-]|は|も|が|のみ|のうち|を除|と|の午|休|午|以外|除|第|年末|全|終|定|閉|診|開|営|及|お"
)
_MAY_NOT_PRECEDE = re.compile(r"(?:隔週?|指定|翌|最終|前|変則|奇数|偶数)の?$")
_HAN_OR_DIGIT = re.compile(r"[一-龥々0-9]")


@dataclass(frozen=True, slots=True)
class Item:
    """Days, in the given weeks of the month (empty: all), and the half of the day (``, `am`, `pm`)."""

    days: frozenset[str]
    weeks: frozenset[int] = frozenset()
    part: str = ""


def plain(text: str) -> str:
    """Return folded `text` with one name for each day: 曜日 → 曜, 祝祭日 and 祭日 → 祝."""
    text = re.sub(r"国民の祝日|祝祭日|祝・祭日|祝日|祭日|振替休日", "祝", text)
    return text.replace("曜日", "曜").replace("日祝休日", "日祝")


def run_days(run: str) -> frozenset[str]:
    """Return the days of a text that `RUN` matches."""
    if run in _WORDS:
        return _WORDS[run]
    days: list[str] = []
    ranged = False
    for char in run.replace("から", "~"):
        if char in NAMES:
            day = NAMES[char]
            days += _between(days[-1], day) if ranged and day in WEEKDAYS else [day]
            ranged = False
        elif char in "~-":
            ranged = days[-1] in WEEKDAYS
    return frozenset(days)


def _between(first: str, last: str) -> list[str]:
    start, end = WEEKDAYS.index(first), WEEKDAYS.index(last)
    return [WEEKDAYS[i % 7] for i in range(start, end + 1 if end >= start else end + 8)]


def week_numbers(text: str) -> frozenset[int]:
    """Return the weeks of a text that `WEEK` matches."""
    return frozenset("一二三四五".find(c) + 1 or int(c) for c in text if c in "12345一二三四五")


def is_day_run(text: str, start: int, end: int, after_token: bool) -> bool:
    """Return whether the run at `text[start:end]` names days, and is not 月1回, 日の出 or 日帰り."""
    run = text[start:end]
    if _MAY_NOT_PRECEDE.search(text, max(0, start - 4), start):
        return False
    if run in _WORDS:
        return run != "全日" or end == len(text) or bool(_MAY_FOLLOW.match(text, end))
    before = text[start - 1] if start else " "
    if text[start] == "月" and (before.isdigit() or before in "毎今来先翌"):
        return False
    if "曜" in run:
        return True
    if _HAN_OR_DIGIT.match(before) and not after_token and not text.endswith("毎週", 0, start):
        return False
    if end == len(text) or _MAY_FOLLOW.match(text, end):
        return True
    return bool(re.compile(r"[0-9]{1,2}(?::|時)").match(text, end))
