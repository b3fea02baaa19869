"""English, Portuguese and Spanish words, lightly stemmed; romaji as kana."""

from __future__ import annotations

import re
import unicodedata

from intents.wordlists import ENDINGS, FUNCTION_WORDS

_WORD = re.compile(r"[^\W_]+")


def strip_accents(text: str) -> str:
    """Return `text` without accents (ç → c, ã → a)."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def stem(word: str) -> str:
    """Return a light stem, the same for all three languages: accents and common endings off."""
    word = strip_accents(word)
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def latin_words(text: str) -> list[tuple[str, float]]:
    """Return (stem, weight) of the words of folded `text`; function words weigh little."""
    return [(stem(word), 0.08 if word in FUNCTION_WORDS else 1.0) for word in _WORD.findall(text)]


_SYLLABLES: dict[str, str] = {}


def _fill() -> None:
    rows = {
        "": "あいうえお", "k": "かきくけこ", "s": "さしすせそ", "t": "たちつてと", "n": "なにぬねの",
        "h": "はひふへほ", "m": "まみむめも", "r": "らりるれろ",
        "g": "がぎぐげご", "z": "ざじずぜぞ", "d": "だぢづでど", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ",
    }  # fmt: skip
    for head, kana in rows.items():
        if head not in ("y", "w"):
            _SYLLABLES.update({head + vowel: char for vowel, char in zip("aiueo", kana, strict=True)})
    _SYLLABLES.update(
        {"ya": "や", "yu": "ゆ", "yo": "よ", "wa": "わ", "wo": "を", "shi": "し", "chi": "ち", "tsu": "つ"}
        | {"fu": "ふ", "ji": "じ", "fa": "ふぁ", "fi": "ふぃ", "fe": "ふぇ", "fo": "ふぉ", "va": "ば"}
        | {"vi": "び", "vu": "ぶ", "ve": "べ", "vo": "ぼ", "ti": "てぃ", "la": "ら", "li": "り", "lu": "る"}
        | {
            "le": "れ",
            "lo": "ろ",
            "ca": "か",
            "cu": "く",
            "co": "こ",
            "che": "ちぇ",
            "she": "しぇ",
            "je": "じぇ",
        }
    )
    heads = "k s sh t ch n h m r g z j d b p"
    for head, first in zip(heads.split(), "きししちちにひみりぎじじぢびぴ", strict=True):
        glide = "" if head in ("sh", "ch", "j") else "y"
        for vowel, small in {"a": "ゃ", "u": "ゅ", "o": "ょ"}.items():
            _SYLLABLES[head + glide + vowel] = first + small


_fill()


def romaji_to_kana(text: str) -> str | None:
    """Return folded romaji as hiragana, or None if it cannot be read so; - is the long mark."""
    text = strip_accents(text)
    out: list[str] = []
    position = 0
    while position < len(text):
        char = text[position]
        if char in " '.?!,、。\n":
            position += 1
            continue
        if char == "-":
            out.append("ー")
            position += 1
            continue
        for length in (3, 2, 1):
            kana = _SYLLABLES.get(text[position : position + length])
            if kana:
                out.append(kana)
                position += length
                break
        else:
            following = text[position + 1 : position + 2]
            if char == "n" or (char == "m" and following and following in "bmp"):
                out.append("ん")
            elif following == char or (char == "t" and text[position + 1 : position + 3] == "ch"):
                out.append("っ")
            elif char.isdigit():
                out.append(char)
            else:
                return None
            position += 1
    return "".join(out)
