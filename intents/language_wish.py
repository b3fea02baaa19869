"""Which language a resident explicitly asks to be answered in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from intents.language_data import CJK, data, unmarked
from intents.normalize import clean, fold, hiragana
from knowledge.models import LANGS, Lang

_LONGEST: Final = 60
"""Characters of a message that may as a whole be a wish."""
_PUNCTUATION: Final = re.compile(r"[^\w\s]+")


def requested_language(text: str) -> Lang | None:
    """Return the language that `text` asks to be answered in, or None where it is no clear wish for one.

    The whole message is the wish (「英語で」, "em português por favor", 「漢字が読めない」 for easy), or it
    ends in one (「ゴミの日 英語で」, 「…を英語で教えて」).  「英語の病院」 and 「英語を勉強したい」 are none.
    """
    folded = _alike(fold(clean(text)))
    plain = " ".join(_PUNCTUATION.sub(" ", folded).split())
    compact = plain.replace(" ", "")
    wishes = _wishes()
    if len(compact) <= _LONGEST:
        if wishes.easy.fullmatch(compact):
            return "easy"
        match = wishes.cjk.fullmatch(compact) if CJK.search(compact) else wishes.latin.fullmatch(plain)
        if match:
            return wishes.named(match)
    divided = " ".join(_PUNCTUATION.sub("。", folded).split()).strip("。 ")
    matches = list(wishes.last.finditer(divided))
    return wishes.named(matches[-1]) if matches else None


def _alike(text: str) -> str:
    """Return `text` with accents taken off and katakana as hiragana."""
    return hiragana(unmarked(text))


@dataclass(frozen=True)
class _Wishes:
    names: dict[str, Lang]
    easy: re.Pattern[str]
    cjk: re.Pattern[str]
    latin: re.Pattern[str]
    last: re.Pattern[str]

    def named(self, match: re.Match[str]) -> Lang:
        """Return the language whose name the last group of `match` holds."""
        return self.names[match[match.lastindex or 0].replace(" ", "")]


@cache
def _wishes() -> _Wishes:
    names: dict[str, Lang] = {}
    spelt: set[str] = set()
    for lang in LANGS:
        for name in _alike(data()["names"][lang].lower()).split():
            names[name.replace("_", "")] = lang
            spelt |= {name.replace("_", " "), name.replace("_", "")}
    any_name = "|".join(sorted(spelt, key=len, reverse=True))
    raw: dict[str, str] = data()["requests"]

    def lines(key: str) -> str:
        """Return the alternatives of one list, in which only the names are groups that count."""
        alternatives = _alike(raw[key]).strip().splitlines()
        uncounted = "|".join(re.sub(r"\((?!\?)", "(?:", f"({line})") for line in alternatives)
        return uncounted.replace("LANG", f"({any_name})")

    greeting, spoken = lines("before_cjk"), lines("before_latin")
    instead = f"(?:(?:{any_name})(?:では?なくて?|じゃなくて?|より))?"
    return _Wishes(
        names=names,
        easy=re.compile(f"(?:{greeting}){{0,2}}(?:{lines('easy')})"),
        cjk=re.compile(
            f"(?:{greeting}){{0,2}}{instead}(?:(?:{lines('cjk')})(?:{lines('cjk_end')})|{lines('zh')})"
        ),
        latin=re.compile(f"(?:(?:{spoken}) ){{0,2}}(?:{lines('latin')})"),
        last=re.compile(
            lines("last")
            .replace("START", "(?:^|(?<=[ 。を]))")
            .replace("PART", "(?:^|(?<=。)|(?<=。 ))")
            .replace("END", "(?=$|[ 。])")
        ),
    )
