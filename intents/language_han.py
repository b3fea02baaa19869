"""Whether text in kanji or hanzi is Japanese or Chinese. Logarithms are natural."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from intents.language_data import SCRIPTS, data

_MIXED: Final = 3.0
"""What speaks against simplified and traditional characters in one message."""
_STANDARDS: Final = (
    ("shift_jis", 0x889F, 0x9872, -3.5),
    ("gb2312", 0xB0A1, 0xD7F9, -2.5),
    ("big5", 0xA440, 0xC67E, -3.0),
)
"""Character set, first and last code of its level of common characters, weight of its other characters."""
_ABSENT: Final = -7.0

_HAN: Final = re.compile(f"[{SCRIPTS['han']}]")
_HIRAGANA: Final = re.compile("[\u3041-\u309f]+")
_KATAKANA: Final = re.compile("[\u30a0-\u30ff\u31f0-\u31ff]+")
_PARTICLE: Final = re.compile("[はがをにでともへのやか]")
_LONGEST: Final = 6


def without_places(chunks: list[str]) -> list[str]:
    """Return `chunks` of CJK text without the names of places, which both languages write alike."""
    return _places().sub(" ", " ".join(chunks)).split()


def chinese_odds(chunks: list[str], session: bool) -> float:
    """Return the logarithm of the odds of Chinese against Japanese for `chunks` of kanji and kana.

    In a Chinese `session` the words of Japanese offices (住民票, 窓口) tell nothing: Chinese residents use
    them as they are.
    """
    text = " ".join(chunks)
    words = _words()
    odds = japanese = simplified = traditional = 0.0
    mixed = -_MIXED
    position = 0
    while position < len(text):
        length = next((n for n in range(_LONGEST, 1, -1) if text[position : position + n] in words), 1)
        part = text[position : position + length]
        weight = words.get(part)
        odds += max(weight or 0.0, 0.0) if session else weight or 0.0
        for char in part:
            ja, hans, hant = _levels(char)
            japanese += 0.0 if weight is not None and weight <= 0.0 else ja
            simplified += hans
            traditional += hant
            mixed += max(hans, hant)
        position += length
    return odds + max(simplified, traditional, mixed) - japanese - _kana(text)


def quoted(chunk: str) -> float:
    """Return what speaks against `chunk` as a Japanese or Chinese term quoted in a Western sentence."""
    return 5.0 + 4.0 * bool(_PARTICLE.match(chunk)) + 4.0 * bool(_HIRAGANA.match(chunk[-1]))


def _kana(text: str) -> float:
    """Return what the kana speak against Chinese: little for の and for a name in katakana, else much."""
    hiragana = _HIRAGANA.findall(text)
    return sum(1.5 if run == "の" else 6.0 for run in hiragana) + 3.0 * len(_KATAKANA.findall(text))


@cache
def _levels(char: str) -> tuple[float, ...]:
    """Return how usual a character is in Japan, in China and in Taiwan: 0 for the common ones."""
    if not _HAN.match(char):
        return 0.0, 0.0, 0.0
    found = []
    for name, first, last, rare in _STANDARDS:
        code = int.from_bytes(char.encode(name, "ignore"), "big")
        found.append(_ABSENT if not code else 0.0 if first <= code <= last else rare)
    return tuple(found)


@cache
def _words() -> dict[str, float]:
    """Return the weight towards Chinese of words and characters; at most 0 for what is Japanese, too."""
    raw = data()["han"]
    known = dict.fromkeys(raw["both"].split(), 0.0)
    for name, sign in (("zh", 1.0), ("ja", -1.0)):
        known |= {word: sign * float(weight) for weight, words in raw[name].items() for word in words.split()}
    return known


@cache
def _places() -> re.Pattern[str]:
    names = sorted(data()["han"]["places"].split(), key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(names)})[県市町都府]?")
