"""Times of day as official files write them, in minutes after midnight."""

from __future__ import annotations

import re

from knowledge.opendata.problems import BadValue
from knowledge.opendata.text import fold

DAY = 24 * 60
NOON = 12 * 60
LONGEST_NIGHT = 16 * 60
"""A span past midnight longer than this is a slip of the pen (15:30-15:00), not a night."""

TIME = (
    r"(?:(?:午前|午後|AM|PM|am|pm) ?)?"
    r"(?:[0-9]{1,2}:[0-5][0-9](?::[0-5][0-9])?|[0-9]{1,2}時(?:半|[0-5]?[0-9]分)?)|正午"
)
RANGE = rf"(?:{TIME}) ?(?:~|-|から) ?(?:翌日?の?)?(?:{TIME})"
_PARTS = re.compile(r"(午前|午後|AM|PM|am|pm)? ?([0-9]{1,2})(?::([0-9]{2})|時(半|[0-9]{1,2}(?=分))?)")
_FRACTION = re.compile(r"[01]?\.[0-9]+")
_HOURS = re.compile(r"[0-9]{1,2}")
_PACKED = re.compile(r"([0-9]{1,2})([0-5][0-9])")
_SPREADSHEET_DATE = re.compile(r"(?:1899|1900)[-/][0-9]{1,2}[-/][0-9]{1,2}[ T]")
_ENDS = re.compile(rf"({TIME}) ?(?:~|-|から) ?(?:翌日?の?)?({TIME})")
_BETWEEN = re.compile(r"[\s,、;/・()\[\]【】]*(?:まで)?[\s,、;/・()\[\]【】]*")


def parse_time(text: str) -> int:
    """Read `9:00`, `９時`, `9時30分`, `午後2時半`, `0900`, `24:00` or a day fraction (`0.375`) as minutes.

    A bare `1` is a spreadsheet's 24:00; other whole numbers up to 24 are hours. Raises `BadValue`.
    """
    folded = _SPREADSHEET_DATE.sub("", fold(text))
    if folded == "正午":
        return NOON
    if _FRACTION.fullmatch(folded):
        minutes = round(float(folded) * DAY)
    elif match := re.fullmatch(TIME, folded):
        minutes = _minutes(match[0])
    elif _HOURS.fullmatch(folded):
        minutes = DAY if folded == "1" else int(folded) * 60
    elif match := _PACKED.fullmatch(folded):
        minutes = int(match[1]) * 60 + int(match[2])
    else:
        raise BadValue("時刻として読めません（例 9:00）")
    if not 0 <= minutes <= 2 * DAY:
        raise BadValue("時刻は 0:00 から 48:00 までです")
    return minutes


def _minutes(text: str) -> int:
    match = _PARTS.match(text)
    if not match:
        return NOON
    hour = int(match[2])
    if match[1] in ("午後", "PM", "pm") and hour < 12:
        hour += 12
    minute = match[3] or match[4] or "0"
    return hour * 60 + (30 if minute == "半" else int(minute))


def span(start: int, end: int) -> tuple[int, int]:
    """Return a span with its end after its start, past midnight if need be. Raises `BadValue`."""
    if start == end:
        raise BadValue("開始と終了が同じ時刻です")
    if start == 0 and end == DAY - 1:
        return 0, DAY
    if end < start:
        end += DAY
        if end - start > LONGEST_NIGHT:
            raise BadValue("終了が開始より前です")
    if end > 2 * DAY:
        raise BadValue("時刻は 0:00 から 48:00 までです")
    if start >= DAY:
        raise BadValue("開始は 24:00 より前です")
    return start, end


def split_range(text: str) -> tuple[int, int]:
    """Read one `9:00-12:00`. `午後2:00~5:00` means 14:00 to 17:00. Raises `BadValue`."""
    match = _ENDS.fullmatch(fold(text))
    if not match:
        raise BadValue("時間帯として読めません（例 9:00-17:00）")
    start, end = _minutes(match[1]), _minutes(match[2])
    if end <= start and end < NOON < start + 60 and end + NOON > start:
        end += NOON
    return span(start, end)


def parse_ranges(text: str) -> list[tuple[int, int]]:
    """Read all of `①9:00～12:00 ②14:00～18:00`; [(0, 1440)] for 24 hours. Raises `BadValue`."""
    folded = fold(text)
    if folded in ("24時間", "24時間利用可", "24時間利用可能", "終日", "常時", "24h"):
        return [(0, DAY)]
    found, at = [], 0
    for match in re.finditer(RANGE, folded):
        if not _BETWEEN.fullmatch(folded[at : match.start()]):
            raise BadValue("時間帯として読めません（例 9:00-17:00）")
        found.append(split_range(match[0]))
        at = match.end()
    if not found or not _BETWEEN.fullmatch(folded[at:]):
        raise BadValue("時間帯として読めません（例 9:00-17:00）")
    return found


def from_columns(start: str, end: str) -> list[tuple[int, int]]:
    """Read the columns 開始時間 and 終了時間. Either may hold whole ranges, or several times divided by `;`.

    Both empty: an empty list. Raises `BadValue`.
    """
    start, end = fold(start), fold(end)
    if not start and not end:
        return []
    if (start and re.search(RANGE, start)) or start.startswith(("24時間", "終日", "常時")):
        return parse_ranges(start)
    if not start or not end:
        raise BadValue("開始と終了の一方だけがあります")
    starts, ends = re.split(r"[;、/ ]+", start), re.split(r"[;、/ ]+", end)
    if len(starts) != len(ends):
        raise BadValue("開始と終了の数が違います")
    return [span(parse_time(a), parse_time(b)) for a, b in zip(starts, ends, strict=True)]
