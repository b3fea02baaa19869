"""Kana as it is written: まいなんばーかーど → マイナンバーカード, with the words that the knowledge uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from intents.normalize import hiragana
from intents.tokenize import dictionary, morphemes

SHORTEST = 2
ALONE = 3
"""Kana of a word that is replaced anywhere; a shorter one must stand between particles."""
LONGEST = 24
_RUN = 5
_SMALL = str.maketrans("ぁぃぅぇぉっゃゅょゎづぢを", "あいうえおつやゆよわずじお", "ー")
_VERBS = frozenset(("動詞", "形容詞"))
_BORDERS = "のをにがはでとへも、。? !"
_NOUNS = frozenset(("名詞", "接尾辞", "接頭辞", "形状詞"))


SPELT = 4
"""Latin letters in a row that are said letter by letter (OSS); more are said as a word, in whatever way."""
_LETTERS = {
    "a": "えー", "b": "びー", "c": "しー", "d": "でぃー", "e": "いー", "f": "えふ",
    "g": "じー", "h": "えいち", "i": "あい", "j": "じぇい", "k": "けい", "l": "える",
    "m": "えむ", "n": "えぬ", "o": "おー", "p": "ぴー", "q": "きゅー", "r": "あーる",
    "s": "えす", "t": "てぃー", "u": "ゆー", "v": "ぶい", "w": "だぶりゅー", "x": "えっくす",
    "y": "わい", "z": "ぜっと",
}  # fmt: skip


class Spoken(NamedTuple):
    """A text as it sounds. `reading`: all of it; `nouns`: (reading, as written) of words and compounds."""

    reading: str
    nouns: tuple[tuple[str, str], ...]


def squeeze(kana: str) -> str:
    """Return kana without what people leave out or write differently: long marks, blanks, small letters."""
    return "".join(char for char in kana.translate(_SMALL) if char.isalnum())


def spoken(text: str) -> Spoken:
    """Return how folded Japanese text sounds, with words and compounds up to five units."""
    said: list[str] = []
    nouns: list[tuple[str, str]] = []
    run: list[tuple[str, str]] = []
    for morpheme in morphemes(text):
        surface, sound = morpheme.surface(), morpheme.reading_form()
        if surface.isascii():
            sound = _spelt(surface)
        else:
            sound = surface if sound in ("", "キゴウ") else hiragana(sound)
        said.append(sound)
        kind = dictionary().pos_of(morpheme.part_of_speech_id())[0]
        if kind in _NOUNS:
            run.append((sound, surface))
            for length in range(1, min(len(run), _RUN) + 1):
                parts = run[-length:]
                nouns.append(("".join(p[0] for p in parts), "".join(p[1] for p in parts)))
        else:
            run = []
            if kind in _VERBS:
                nouns.append((sound, surface))
    return Spoken("".join(said), tuple(nouns))


def _spelt(letters: str) -> str:
    """Return Latin letters as they are said one by one: oss → おーえすえす."""
    if len(letters) > SPELT or not letters.isalpha():
        return letters
    return "".join(_LETTERS[letter] for letter in letters.lower())


def noun_runs(text: str) -> Iterator[tuple[int, int, list[tuple[str, str]]]]:
    """Yield the runs of nouns of folded text: (start, end, [(surface, normalized form)])."""
    run: list[tuple[str, str]] = []
    start = end = 0
    for morpheme in morphemes(text):
        if dictionary().pos_of(morpheme.part_of_speech_id())[0] in _NOUNS:
            if not run:
                start = morpheme.begin()
            run.append((morpheme.surface(), morpheme.normalized_form()))
            end = morpheme.end()
        elif run:
            yield start, end, run
            run = []
    if run:
        yield start, end, run


class KanaWriter:
    """Writes kana with the nouns it was given. Immutable once built."""

    def __init__(self, nouns: Iterable[tuple[str, str]]):
        counts: dict[str, Counter[str]] = {}
        for sound, written in nouns:
            key = squeeze(sound)
            if SHORTEST <= len(key) <= LONGEST:
                counts.setdefault(key, Counter())[written] += 1
        self._written = {key: found.most_common(1)[0][0] for key, found in counts.items()}

    def write(self, kana: str) -> tuple[str, float]:
        """Return `kana` (hiragana) with known nouns as they are written; the longest readings win.

        And how much of it they are, 0 to 1: 1 where all of it is one noun.
        """
        size = len(kana)
        pieces = [char.translate(_SMALL) for char in kana]
        best: list[tuple[int, str]] = [(0, "")] * (size + 1)
        for start in range(size - 1, -1, -1):
            score, rest = best[start + 1]
            best[start] = (score, kana[start] + rest)
            key = ""
            for end in range(start, min(size, start + LONGEST + 6)):
                key += pieces[end]
                written = self._written.get(key)
                if written and self._stands(kana, start, end + 1, len(key)):
                    score = best[end + 1][0] + len(key) ** 2
                    if score > best[start][0]:
                        best[start] = (score, written + best[end + 1][1])
        return best[0][1], min(1.0, best[0][0] / max(size, 1) ** 2)

    @staticmethod
    def _stands(kana: str, start: int, end: int, length: int) -> bool:
        """Return whether a word may stand at `start` to `end`: whole, and a short one between particles."""
        if kana[end : end + 1] == "ー":
            return False
        if length >= ALONE:
            return True
        before, after = kana[start - 1 : start] if start else "", kana[end : end + 1]
        return (not before or before in _BORDERS) and (not after or after in _BORDERS)
