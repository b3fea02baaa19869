"""Cut remarks on opening hours (特記事項) into tokens: days, weeks, times, dates, closed, except, until."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from knowledge.opendata import days
from knowledge.opendata.text import fold
from knowledge.opendata.times import RANGE, TIME

_DATE = (
    r"(?<![0-9/年])(?:[0-9]{1,2}月[0-9]{1,2}日|[0-9]{1,2}/[0-9]{1,2}(?![0-9/]))"
    r"(?: ?(?:~|-|から) ?(?:翌年?の?)?(?:[0-9]{1,2}[月/])?[0-9]{1,2}日?(?![0-9:時/]))?"
)
_CLOSED = (
    r"(?:休診|休館|休業|休園|休場|休所|休店|定休|休止|お?休み|閉館|閉庁|閉園|閉所|閉店|手術のみ|オペのみ|往診のみ|"
    r"休(?![日憩]))(?!時間|時刻)日?"
)
_OPEN = r"(?:営業|開館|開園|開所|開設|開庁|開放|診療)(?!は|時|科|所|室|の|内|案|機)日?"
_TOKENS = re.compile(
    "|".join(
        f"(?P<{kind}>{pattern})"
        for kind, pattern in {
            "allday": r"24時間(?!電|対|以)",
            "date": _DATE,
            "range": RANGE,
            "time": TIME,
            "week": days.WEEK,
            "yearend": r"年末年始|年末・年始|年末及び年始|年末、年始",
            "days": days.RUN,
            "part": r"午前中?|午後",
            "label": r"[^\s0-9:()\[\]。、,・~|】]{1,12}:",
            "closed": _CLOSED,
            "except": r"を?除く|を?除き|除外|以外",
            "open": _OPEN,
            "until": r"まで",
            "join": r"[・,、/|と]|及び|および|又は|または|並びに",
            "stop": r"[。;]",
            "gap": r"[\s()\[\]【】「」<>]+",
        }.items()
    )
)
_CONDITION = re.compile(
    r"\([^()]{0,80}(?:場合|のある週|変更|により|に限|予約|指定)[^()]{0,80}\)|"
    r"(?:(?:ただし|但し)、?)?[月火水木金土日]?曜?日?(?:が|の|も)?祝(?:休日|日)?(?:の|に当たる|にあたる|と重なる|であった)?(?:場合|とき|時)は?[^。、()\s]{0,60}"
)
"""Remarks that hold only now and then (月曜が祝日の場合は翌日): no rule of a week can say them."""

LONGEST = 1000
"""Characters of a remark that are read."""


class Token(NamedTuple):
    """`kind`: a name above, or `other` for words that are none of them."""

    kind: str
    text: str


def prepare(text: str) -> tuple[str, bool]:
    """Return the text to cut, and whether conditions were left out of it."""
    plain = days.plain(fold(text[:LONGEST]))
    kept = _CONDITION.sub(" ", plain)
    return kept, kept != plain or len(text) > LONGEST


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a prepared `text`."""
    at, other, after = 0, "", False
    while at < len(text):
        match = _TOKENS.match(text, at)
        if match and match.lastgroup == "days":
            fits = days.is_day_run(text, match.start(), match.end(), after and not other)
            match = match if fits else None
        if not match:
            other += text[at]
            at += 1
            continue
        if other:
            yield Token("other", other)
        yield Token(str(match.lastgroup), match[0])
        other, after, at = "", match.lastgroup not in ("date", "time"), match.end()
    if other:
        yield Token("other", other)
