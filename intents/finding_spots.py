"""Where to look, by a name smaller than a municipality: a postal code, a station, a town.

Only candidates are read here, as keys of the index (`postal/3230023`, `station/小山`, `town/鶴田`): which of
them exist is looked up in what was imported.
"""

from __future__ import annotations

import re
import unicodedata

_POSTAL = re.compile(r"(?<![\d-])(?:〒 ?(\d{3})-?(\d{4})|(\d{3})-(\d{4}))(?![\d-])")
_STATION = re.compile(r"([一-龥々ぁ-んァ-ヶー]{1,12})(?:駅|站)(?!伝|弁)")
_BREAK = re.compile(
    r"[^一-龥々ぁ-んァ-ヴヶー0-9]+|(?:付近|周辺|近辺|近所|附近|界隈|辺り|あたり|近く|ちかく|そば|地区|地域|方面)"
    r"|[でにをはがともへや]|から|まで|より|という|にある"
)
_NAME = re.compile(r"[一-龥々ァ-ヴ]|[ぁ-ん]{4}")
_CHOME = re.compile(r"([一二三四五六七八九十]{1,3})丁目")
_OLD = str.maketrans("澤櫻邊邉齋齊髙﨑濱嶋廣國條龍澁瀧ヶケケが", "沢桜辺辺斎斉高崎浜島広国条竜渋滝ケケケが")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−ー"), "-")
_DIGITS = {char: number for number, char in enumerate("一二三四五六七八九", 1)}
LONGEST = 10
MOST = 24
"""Candidates of one utterance at most."""


def spot_key(name: str) -> str:
    """Return a folded name in one spelling: new forms of characters, 丁目 in digits, without 大字."""
    name = re.sub(r"\s", "", name).translate(_OLD).removeprefix("大字").removeprefix("字")
    return _CHOME.sub(lambda match: f"{_number(match[1])}丁目", name)


def spot_keys(name: str) -> frozenset[str]:
    """Return the keys that a town is looked for by: its name, also without 町 or 丁目 (鶴田町 → 鶴田)."""
    key = spot_key(name)
    base = re.sub(r"\d+丁目$", "", key)
    short = base.removesuffix("町") if len(base) > 2 else base
    return frozenset(part for part in (key, base, short) if len(part) > 1)


def read_spots(written: str, text: str, rest: str) -> tuple[str, ...]:
    """Return the candidates in folded `text`, the surest first. `written`: before folding, which shortens
    〒320-0000. `rest`: `text` with what is known already (kinds, times, municipalities) blotted out.
    """
    digits = unicodedata.normalize("NFKC", written).translate(_DASHES)
    found = [f"postal/{''.join(filter(None, match.groups()))}" for match in _POSTAL.finditer(digits)]
    for match in _STATION.finditer(text):
        run = spot_key(match[1])
        whole = (0, run.rfind("の") + 1)
        found += [f"station/{run[at:]}" for at in range(len(run)) if at in whole or at < len(run) - 1]
    if not found:
        found = [f"town/{key}" for key in _towns(_POSTAL.sub("…", rest))]
    return tuple(dict.fromkeys(found))[:MOST]


def _towns(rest: str) -> list[str]:
    """Return pieces of text that may be a town, longer ones first; the の of ゆいの杜 may belong to it."""
    keys: list[str] = []
    for piece in filter(None, _BREAK.split(rest)):
        parts = piece.strip("の").split("の")
        runs = [(a, b) for a in range(len(parts)) for b in range(len(parts), a, -1)]
        named = [spot_key("の".join(parts[first:last])) for first, last in runs]
        keys += [key for key in named if 1 < len(key) <= LONGEST and _NAME.search(key)]
    return sorted(keys, key=len, reverse=True)


def _number(text: str) -> int:
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS.get(text, 0)
    return _DIGITS.get(tens, 1) * 10 + _DIGITS.get(ones, 0)
