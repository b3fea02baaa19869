"""Folding utterances for the detection of danger: what sounds or looks the same becomes the same.

An utterance becomes up to two streams of units: characters, for Japanese and Chinese (romaji as kana), and
words, for languages in Latin letters.  Patterns are folded with the same functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, repeat

from intents.chinese import SIMPLIFIED
from intents.language_data import unmarked
from intents.latin import romaji_to_kana
from intents.normalize import HIRAGANA, clean, fold

CHUNK = 1500
"""Characters looked at together; a longer utterance is looked at in overlapping chunks."""
OVERLAP = 100

_SMALL = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖづぢをゔ", "あいうえおつやゆよわかけずじおぶ")
_VOICED = {"\u309b": "\u3099", "\u309c": "\u309a"}
_VOICED_APART = re.compile("|".join(_VOICED))
_FURIGANA = re.compile(r"(?<=[々\u3400-\u9fff])[(][ぁ-ゖァ-ヺー ]{1,20}[)]")
_DRAWN_OUT = re.compile("(?<![ァ-ヺー])ー+")
_WIDE = re.compile(r"[々〇ぁ-ゖァ-ヺー\u3400-\u9fff]")
_KANA = re.compile(r"[ぁ-とな-ねは-ゖァ-ヺ]")
"""Kana but の, which some Chinese texts hold."""
_CHINESE = re.compile("[我你妳他她们們这這那吗嗎吧的了没沒]")
_ENDS = re.compile("[。!?．！？]")
_MEANINGLESS = re.compile(r"[^\w#]|_")
_MANY = re.compile(r"(\D)\1{2,}")
_WORD = re.compile(r"[a-z0-9#]+|[.!?;。]+")
_WORD_OR_WIDE = re.compile(_WORD.pattern + r"|[々〇ぁ-ゖァ-ヺー\u3400-\u9fff]+")
"""Also runs of Japanese or Chinese: they stand between the words of a mixed text (子供SOSダイヤル)."""
_APOSTROPHES = str.maketrans(dict.fromkeys("'’‘`´ʼ", None))
_LETTERS = re.compile(r"(?<![a-z])[a-z](?![a-z])")
_LATIN = re.compile(r"[a-z]")
_ACCENTED = re.compile("[áàãäéèëíìïñóòõöúùüçÿß]")
_FOREIGN = re.compile(
    r"\b(?:el|los?|las?|en|con|que|para|por|una?|del|the|of|my|is|and|what|where|com|em|meu|minha|um)\b"
)
"""Words that only an English, Portuguese or Spanish text holds, however much of it can be read as romaji."""


@dataclass(frozen=True, slots=True)
class Stream:
    """`units`: characters or words. `sentence`: for each unit, the number of its sentence."""

    units: str | tuple[str, ...]
    sentence: tuple[int, ...]
    kana: bool = False
    """Whether there is kana, so that the text is no Chinese."""


def chunks(text: str) -> Iterator[str]:
    """Yield `text` in overlapping chunks of at most `CHUNK` characters."""
    for start in range(0, max(len(text) - OVERLAP, 1), CHUNK - OVERLAP):
        yield text[start : start + CHUNK]


def wide_table(same: Mapping[str, str]) -> dict[int, str]:
    """Return the table of `fold_wide`: hiragana, simplified, and `same`, one after the other in one."""
    steps: tuple[Mapping[int, int | str], ...] = (
        HIRAGANA,
        _SMALL,
        SIMPLIFIED,
        {ord(char): other for char, other in same.items()},
    )
    table = {code: chr(code) for step in steps for code in step}
    for step in steps:
        table = {code: char.translate(step) for code, char in table.items()}
    return table


def fold_wide(text: str, table: Mapping[int, str]) -> str:
    """Return folded `text` as Japanese and Chinese is compared: hiragana, simplified, nothing drawn out.

    The long mark stays in words written in katakana (ハイター is not 吐いた).  `table`: of `wide_table`.
    """
    return (_DRAWN_OUT.sub("", text) if "ー" in text else text).translate(table)


def fold_words(text: str) -> str:
    """Return folded `text` as words in Latin letters are compared: no accents, no apostrophes."""
    return _once(unmarked(text.translate(_APOSTROPHES)))


def _once(text: str) -> str:
    """Return `text` with three and more of one character, but digits, as one."""
    return _MANY.sub(_first, text)


def _first(run: re.Match[str]) -> str:
    return run[1]


def meant(text: str) -> str:
    """Return the characters of folded text that mean something: letters, digits and a few signs."""
    return text if text.isalnum() else _MEANINGLESS.sub("", text)


def wide_stream(folded: str, table: Mapping[int, str]) -> Stream:
    """Return the characters that mean something of text folded by `folded`."""
    if "(" in folded:
        folded = _FURIGANA.sub("", folded)
    kana = bool(_KANA.search(folded)) or ("の" in folded and not _CHINESE.search(folded))
    sentences = [meant(part) for part in _ENDS.split(_once(fold_wide(folded, table)))]
    numbers = chain.from_iterable(repeat(number, len(said)) for number, said in enumerate(sentences))
    return Stream("".join(sentences), tuple(numbers), kana)


def word_stream(folded: str, vocabulary: Mapping[str, object]) -> Stream:
    """Return the words of folded text; single letters with blanks between are joined again."""
    words = fold_words(folded)
    if len(_LETTERS.findall(words)) >= 6:
        words = _joined(words, vocabulary)
    units: list[str] = []
    sentence: list[int] = []
    number = 0
    for word in _WORD_OR_WIDE.findall(words):
        if word[0] in ".!?;。":
            number += 1
        else:
            units.append(word)
            sentence.append(number)
    return Stream(tuple(units), tuple(sentence))


def _joined(text: str, vocabulary: Mapping[str, object]) -> str:
    """Return text with its letters as words, where most of it is single letters: `h e l p` → `help`."""
    parts = _WORD.findall(text)
    if 2 * sum(len(part) == 1 for part in parts) < len(parts):
        return text
    run = "".join(parts)
    words: list[str] = []
    start = 0
    while start < len(run):
        ends = range(min(len(run), start + 16), start, -1)
        end = next((end for end in ends if run[start:end] in vocabulary), start + 1)
        words.append(run[start:end])
        start = end
    return " ".join(words)


def kana_of(folded: str) -> str:
    """Return romaji as hiragana where most of the words can be read so, else an empty text."""
    if _ACCENTED.search(folded) or _FOREIGN.search(folded):
        return ""
    words = [word for word in _WORD.findall(unmarked(folded)) if word[0].isalpha()]
    read = [romaji_to_kana(word) if len(word) < 24 else None for word in words]
    if 4 * sum(map(bool, read)) < 3 * len(words):
        return ""
    return "".join(kana or "。" for kana in read)


def streams(
    text: str, table: Mapping[int, str], vocabulary: Mapping[str, object]
) -> Iterator[tuple[str, Stream]]:
    """Yield (script, stream) of a chunk of an utterance. Never raises for any text."""
    folded = fold(_VOICED_APART.sub(lambda mark: _VOICED[mark[0]], clean(text)))
    if _WIDE.search(folded):
        yield "cjk", wide_stream(folded, table)
    if _LATIN.search(folded):
        yield "latin", word_stream(folded, vocabulary)
        kana = kana_of(folded)
        if kana:
            yield "cjk", wide_stream(kana, table)
