"""Japanese text as weighted words: Sudachi's short units, normalized, function words dropped."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from sudachipy import Morpheme

from intents.tokenize import dictionary, morphemes
from intents.wordlists import ASKING


class Word(NamedTuple):
    """A word. `key`: its normalized form; `weight`: how much it says (0: only part of phrases, to 1).

    `groups`: the synonym groups of Sudachi's dictionary that it is in.
    """

    key: str
    weight: float
    negated: bool = False
    groups: tuple[int, ...] = ()


_HEADS = {"名詞": 1.0, "動詞": 0.7, "形容詞": 0.7, "形状詞": 0.7, "副詞": 1.0, "代名詞": 0.3, "接頭辞": 0.4}
_HEADS |= {"接尾辞": 1.0, "連体詞": 0.2, "感動詞": 0.1}
_FAINT = 0.1
"""Weight of a word of asking: it counts only where nothing else does."""


@lru_cache(maxsize=4096)
def _pos_weight(pos_id: int) -> float:
    pos = dictionary().pos_of(pos_id)
    if pos[1] == "数詞":
        return 0.4
    if pos[1] == "固有名詞":
        return 1.0
    if pos[1] == "助数詞可能" or (pos[0] == "名詞" and pos[2] == "助数詞可能"):
        return 0.6
    return _HEADS.get(pos[0], 0.0)


_PARTICLES = frozenset(("まで", "から", "だけ", "しか"))
"""Particles that tell phrases apart (いつまで, いつから); they are not searched for."""
_NOT = frozenset(("ない", "ぬ", "ず"))
_LOST = Word("無くす", 0.7)
_SAME = {"なくす": "無くす"}
"""Verbs that Sudachi does not normalize when they are written in kana."""
_NEGATION = Word("!", 0.0)
_UNKNOWN = 0xF000_0000
"""Ids from here on are of words outside the dictionary: they do not tell words apart."""
_TELLING_DIGITS = 3
"""A number of so many digits names something (119, 7119); a shorter one counts."""
_REMEMBERED = 100_000
_known: dict[int, Word | None] = {}


def words(text: str) -> list[Word]:
    """Return the words of folded `text` in their order, words of asking with a faint weight."""
    found: list[Word] = []
    taken = morphemes(text)
    for index, morpheme in enumerate(taken):
        number = morpheme.word_id()
        if number >= _UNKNOWN:
            word = _word(morpheme)
        elif number in _known:
            word = _known[number]
        else:
            if len(_known) >= _REMEMBERED:
                _known.clear()
            word = _known[number] = _word(morpheme)
        if word is None:
            continue
        if word is _NEGATION:
            if found:
                found[-1] = found[-1]._replace(negated=True)
            continue
        if word.key == "無い" and _lost(taken, index):
            word = _LOST
        found.append(word)
    return found


def told(words: Sequence[Word]) -> list[float]:
    """Return how much each word says, words of asking nothing where there are others."""
    faint = _FAINT if any(word.weight > _FAINT for word in words) else 0.0
    return [word.weight if word.weight > faint else 0.0 for word in words]


def _word(morpheme: Morpheme) -> Word | None:
    """Return a morpheme as a word, `_NEGATION` for a negating one, None for one that says nothing."""
    key = morpheme.normalized_form()
    weight = _pos_weight(morpheme.part_of_speech_id())
    if weight == 0.0:
        if key in _NOT:
            return _NEGATION
        return Word(key, 0.0) if key in _PARTICLES else None
    if key == "御":
        return None
    key = _SAME.get(key, key)
    if key.isdigit() and len(key) >= _TELLING_DIGITS:
        weight = 1.0
    return Word(key, _FAINT if key in ASKING else weight, False, tuple(morpheme.synonym_group_ids()))


def _lost(taken: list[Morpheme], index: int) -> bool:
    """Return whether なく + し is the verb なくす, which Sudachi splits after a noun without particle."""
    return taken[index].surface() == "なく" and index + 1 < len(taken) and taken[index + 1].surface() == "し"
