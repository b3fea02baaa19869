"""Find one of the prefecture's 25 municipalities in an utterance: written, in kana or in romaji."""

from __future__ import annotations

import re
from collections.abc import Iterable

from intents.latin import strip_accents
from intents.normalize import clean, fold, hiragana
from knowledge.models import Municipality

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

STATIONS = {
    "宇都宮": "南宇都宮 東武宇都宮 江曽島 西川田 雀宮 岡本 鶴田",
    "足利": "足利 足利市 山前 小俣 福居 野州山辺 東武和泉 あしかがフラワーパーク",
    "栃木": "栃木 新栃木 大平下 新大平下 岩舟 静和 家中 東武金崎 合戦場 野州平川 野州大塚",
    "佐野": "佐野 佐野市 田沼 葛生 堀米 吉水",
    "鹿沼": "鹿沼 新鹿沼 北鹿沼 楡木 樅山 板荷",
    "日光": "日光 東武日光 今市 下今市 文挟 下野大沢 鬼怒川温泉 鬼怒川公園 新高徳 小佐越 大桑 足尾 通洞 間藤"
    " 湯西川温泉 新藤原 龍王峡",
    "小山": "小山 間々田 思川",
    "真岡": "真岡 久下田 寺内 北真岡 西田井",
    "大田原": "野崎",
    "矢板": "矢板 片岡",
    "那須塩原": "那須塩原 西那須野 黒磯",
    "那須": "黒田原 豊原 高久",
    "さくら": "氏家 蒲須坂",
    "高根沢": "宝積寺 仁井田 下野花岡",
    "那須烏山": "烏山 大金 小塙",
    "下野": "小金井 自治医大 石橋",
    "壬生": "壬生 国谷 おもちゃのまち 安塚",
    "野木": "野木",
    "益子": "益子 七井",
    "茂木": "茂木",
    "市貝": "市塙 多田羅",
}
"""By municipality, stations that everybody knows to be there. Where exactly, only imported data say."""


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
        for stem, stations in STATIONS.items():
            for station in stations.split() if stem in by_stem else ():
                self._codes.setdefault(f"{station}駅", by_stem[stem])
                written.append(f"{station}駅")
        self._written = _pattern(written, r"", _NOT_A_PERSON)
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
