"""From an utterance to weighted terms, by the way it is written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from intents.chinese import grams, is_han
from intents.japanese import Word, words
from intents.latin import latin_words, romaji_to_kana
from intents.normalize import clean, fold, hiragana
from intents.padding import unpadded
from knowledge.models import Lang

_KANA = re.compile(r"[\u3041-\u309f\u30a1-\u30fa\uff66-\uff9d]")
_HAN = re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf]")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Query:
    """An utterance read. `words`: what is searched for. `kana`: how it sounds, where that may help, or ''.

    `foreign`: not in Japanese.
    """

    text: str
    words: tuple[Word, ...]
    kana: str = ""
    foreign: bool = False


def read_query(text: str, lang: Lang) -> Query:
    """Read an utterance: Japanese by words, Chinese by pairs of characters, Latin script by stems."""
    folded = unpadded(fold(clean(text)))
    if _KANA.search(folded):
        kana = "" if _HAN.search(folded) else hiragana(folded)
        return Query(folded, tuple(words(folded)), kana)
    if _HAN.search(folded):
        said = tuple(chinese_words(folded)) if lang == "zh" else tuple(words(folded))
        return Query(folded, said, "", lang == "zh")
    said = tuple(Word(key, weight) for key, weight in latin_words(folded))
    kana = "" if lang in ("en", "pt", "es") else romaji_to_kana(folded) or ""
    if kana:
        said += tuple(word for word in words(folded) if _KANA.search(word.key))
    return Query(folded, said, kana, not kana)


def chinese_words(folded: str) -> list[Word]:
    """Return pairs of characters (marked #, apart from Japanese words) and Latin words of Chinese text."""
    found = [Word("#" + gram, weight) for gram, weight in grams(folded)]
    return found + [Word(key, weight) for key, weight in latin_words(_latin_part(folded))]


def _latin_part(text: str) -> str:
    return "".join(char if char.isascii() else " " for char in text)


def words_of(text: str, lang: Lang) -> list[Word]:
    """Return the words of a text of the knowledge, which is in the language it says."""
    folded = unpadded(fold(clean(text)))
    if lang in ("ja", "easy"):
        return words(folded)
    if lang == "zh":
        return chinese_words(folded)
    return [Word(key, weight) for key, weight in latin_words(folded)]


def sound_grams(kana: str) -> dict[str | int, float]:
    """Return the overlapping pairs and triples of squeezed kana, counted."""
    counts: dict[str | int, float] = {}
    for length in (2, 3):
        for start in range(len(kana) - length + 1):
            gram = "=" + kana[start : start + length]
            counts[gram] = counts.get(gram, 0.0) + 1.0
    return counts


def has_letters(text: str) -> bool:
    """Return whether there is anything to understand (not only signs, digits or emoji)."""
    return bool(_LETTER.search(text)) or any(is_han(c) for c in text)
