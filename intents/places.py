"""Find one of the prefecture's 25 municipalities in an utterance: written, in kana or in romaji."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import knowledge
from intents.latin import strip_accents
from intents.normalize import clean, fold, hiragana
from knowledge.models import Municipality
from knowledge.problems import KnowledgeError
from knowledge.yamlsource import read

_NEEDS_SUFFIX = frozenset(("栃木", "さくら"))
"""Names that alone mean something else: the prefecture, the blossom."""
_SHORT_KANA = 4
"""Kana names of fewer letters need their し or まち: なす is an aubergine, さの may be part of any phrase."""
_NOT_A_PERSON = r"(?!さん|様|氏|くん|君|先生|ちゃん)"
_LATIN_NEEDS_SUFFIX = frozenset(("tochigi", "sakura"))
FORMER = {
    "今市": "日光", "足尾": "日光", "鬼怒川": "日光", "湯西川": "日光", "黒磯": "那須塩原",
    "西那須野": "那須塩原", "氏家": "さくら", "喜連川": "さくら", "石橋": "下野", "国分寺町": "下野",
    "南河内": "下野", "黒羽": "大田原", "湯津上": "大田原", "馬頭": "那珂川", "小川町": "那珂川",
    "烏山": "那須烏山", "南那須": "那須烏山", "葛生": "佐野", "田沼": "佐野", "岩舟": "栃木",
    "藤岡町": "栃木", "都賀町": "栃木", "西方町": "栃木", "粟野": "鹿沼", "上河内": "宇都宮",
    "河内町": "宇都宮",
}  # fmt: skip
"""Names of former towns and of well-known districts → today's municipality (mergers of 2005 to 2014)."""

STATIONS = Path(knowledge.__path__[0]) / "stations.yaml"
"""Stations of which an official source tells the municipality. Where exactly, only imported data say."""
_NOT_A_STATION = r"(?!下野(?!市)[一-龥々ァ-ヶー]{1,4}駅)"
"""下野 before the name of a station (下野花岡駅) is the old province, not 下野市."""


@cache
def stations(path: Path = STATIONS) -> dict[str, str]:
    """Return the municipality by station, both as written. Raises `KnowledgeError`: the file is broken."""
    document = read(path)
    if document.problems:
        raise KnowledgeError(document.problems)
    return {row["station"]: row["municipality"] for row in document.data}


class Places:
    """Finds municipalities. Built once; immutable."""

    def __init__(self, municipalities: Iterable[Municipality]):
        self._codes: dict[str, str] = {}
        self.names: dict[str, str] = {}
        """By code, the name without 市 or 町."""
        written: list[str] = []
        latin: list[str] = []
        by_stem: dict[str, str] = {}
        for town in municipalities:
            stem, suffix = town.name[:-1], town.name[-1]
            by_stem[stem] = town.code
            self.names[town.code] = stem
            kana = hiragana(fold(town.kana))
            kana_suffix = "し" if suffix == "市" else "まち"
            kana_stem = kana.removesuffix("し" if suffix == "市" else "まち").removesuffix("ちょう")
            names = [stem + suffix, kana_stem + kana_suffix]
            if stem not in _NEEDS_SUFFIX:
                names.append(stem)
                if len(kana_stem) >= _SHORT_KANA:
                    names.append(kana_stem)
            for name in names:
                self._codes.setdefault(name, town.code)
            written += names
            roman = strip_accents(fold(town.romaji)).split()[0]
            roman = re.split(r"[-\s](?:shi|machi|cho|city|town)\b", roman)[0]
            ends = ("-shi", " shi", " city") if suffix == "市" else ("-machi", " machi", " town")
            for name in [roman + end for end in ends] + ([] if roman in _LATIN_NEEDS_SUFFIX else [roman]):
                self._codes.setdefault(name, town.code)
                latin.append(name)
        for old, stem in FORMER.items():
            if stem in by_stem:
                self._codes.setdefault(old, by_stem[stem])
                written.append(old)
        for station, town_name in stations().items():
            if town_name[:-1] in by_stem:
                self._codes.setdefault(f"{station}駅", by_stem[town_name[:-1]])
                written.append(f"{station}駅")
        self._written = _pattern(written, _NOT_A_STATION, _NOT_A_PERSON)
        self._latin = _pattern(latin, r"(?<![a-z])", r"(?![a-z])")

    def find(self, text: str) -> str | None:
        """Return the code of the first municipality named in `text`, or None."""
        return self.find_folded(fold(clean(text)))

    def find_folded(self, folded: str) -> str | None:
        """Return the same for text that is folded already."""
        found = self._written.search(folded) if self._written else None
        if found and self._stands_alone(folded, found):
            return self._codes[found.group()]
        latin = self._latin.search(strip_accents(folded)) if self._latin else None
        return self._codes[latin.group()] if latin else None

    def without(self, folded: str) -> str:
        """Return folded text with the names of municipalities (and their 市, 町) blotted out."""
        if not self._written:
            return folded

        def dots(found: re.Match[str]) -> str:
            return "…" if self._stands_alone(folded, found) else found[0]

        blotted = self._written.sub(dots, folded)
        return blotted.replace("…市", "…").replace("…町", "…")

    @staticmethod
    def _stands_alone(text: str, found: re.Match[str]) -> bool:
        """Return whether a name in kana is not the middle of a longer kana word."""
        name = found.group()
        if not re.fullmatch(r"[ぁ-んー]+", name):
            return True
        before = text[found.start() - 1 : found.start()]
        return not re.fullmatch(r"[ぁ-ん]", before) or before in "のがはをにでもとへ"


def _pattern(names: list[str], before: str, after: str) -> re.Pattern[str] | None:
    if not names:
        return None
    ordered = sorted(set(names), key=lambda name: (-len(name), name))
    return re.compile(before + "(?:" + "|".join(map(re.escape, ordered)) + ")" + after)
