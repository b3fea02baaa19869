"""How likely a word in Latin letters is English, Portuguese, Spanish, romaji or anything else.

A word's probability in a language is a mixture: one of its frequent words, one of its content words, or any
word as a letter trigram model spells it (see `language_data.yaml`).  Logarithms are natural.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from intents.language_data import WORD, data, unmarked

LATIN: Final = ("en", "pt", "es", "ja", "other")
"""`ja` is romaji; `other` is Vietnamese, Tagalog, Indonesian, French ... taken together."""

LOAN: Final = 0.03
"""Share of any language's words that are another language's: no single word weighs more than -log(LOAN)."""
_UNKNOWN_LOAN: Final = 0.1
"""The same for words that no list has: names, abbreviations, typing errors."""
_SIBLING_LOAN: Final = 0.06
"""The same between Portuguese and Spanish, whose words are often spelt alike."""
_JAPANESE_LOAN: Final = 0.08
"""The same for Japanese nouns and verbs, which residents put into any language (shiyakusho, hoken, gomi)."""
_TOP, _FREQUENT, _CONTENT, _SPELT = 0.01, 0.001, 0.0003, 0.2
"""Probability of each word of a list, and of all words as the letter model spells them."""
_CLUSTER: Final = 0.01
"""How often romaji has a word that is no sequence of its syllables."""
_MARK: Final = 0.05
"""How often a language has a letter that it does not write itself."""

_PT, _ES, _JA = map(LATIN.index, ("pt", "es", "ja"))
_LONGEST: Final = 40
"""Letters of a word that are looked at."""
_APOSTROPHES: Final = dict.fromkeys(map(ord, "'’‘`´"))
_TRIPLE: Final = re.compile(r"(.)\1\1")
_UNUSUAL: Final = re.compile("[^a-z]")
_SYLLABLES: Final = re.compile(
    r"(?:(?:kk|ss|tt|pp|cch|tch|ssh|jj|dd|gg|bb)?(?:[kgsztdnhbpmrfjywv]|[kgnhbpmrsztjd]y|sh|ch|ts)?[aiueo]"
    r"|n|m(?=[bpm])|h(?=[^aiueoy]|$))++"
)
_SPELLINGS: Final = (
    ("sy", "sh"), ("ty", "ch"), ("cy", "ch"), ("zy", "j"), ("jy", "j"), ("shi", "si"), ("chi", "ti"),
    ("tsu", "tu"), ("du", "zu"), ("fu", "hu"), ("ji", "zi"), ("di", "zi"), ("mb", "nb"), ("mp", "np"),
    ("mm", "nm"), ("nn", "n"), ("ou", "o"), ("oo", "o"), ("oh", "o"), ("uu", "u"), ("aa", "a"), ("ee", "e"),
    ("ei", "e"), ("ii", "i"),
)  # fmt: skip


def words_of(folded: str) -> list[str]:
    """Return the words of folded text that tell a language: no names, no words that every language has."""
    profiles = _profiles()
    found = WORD.findall(profiles.phrases.sub(" ", folded.translate(_APOSTROPHES)))
    words = (_TRIPLE.sub(r"\1", word)[:_LONGEST] for word in found)
    return [word for word in words if unmarked(word) not in profiles.neutral]


@lru_cache(maxsize=8192)
def word_odds(word: str) -> tuple[float, ...]:
    """Return the logarithm of the odds of `word` against its likeliest language, in the order of `LATIN`."""
    profiles = _profiles()
    plain = unmarked(word)
    romaji = bool(_SYLLABLES.fullmatch(plain))
    chance = [_SPELT * math.exp(value) for value in profiles.letters.spell(plain)]
    entries = profiles.lexicon.get(plain, [])
    if romaji:
        entries = entries + profiles.lexicon.get(_romaji_key(plain), [])
    else:
        chance[_JA] *= _CLUSTER
    for language, share, spelt in entries:
        chance[language] += share * (1.0 if spelt in {word, ""} else 0.6 if word == plain else 0.2)
    for mark in set(word) & profiles.marks.keys():
        writers = profiles.marks[mark]
        chance = [
            value if name in writers else value * _MARK for name, value in zip(LATIN, chance, strict=True)
        ]
    japanese = any(language == _JA and share == _CONTENT for language, share, _ in entries)
    return _with_loans(chance, LOAN if entries else _UNKNOWN_LOAN, japanese)


def _with_loans(chance: list[float], loan: float, japanese: bool) -> tuple[float, ...]:
    """Return the logarithms of the odds that `chance` comes to when languages lend each other words."""
    top = max(chance)
    odds = [max(value / top, loan) for value in chance]
    sibling = max(odds[_PT], odds[_ES]) * _SIBLING_LOAN
    odds[_PT], odds[_ES] = max(odds[_PT], sibling), max(odds[_ES], sibling)
    if japanese:
        odds = [max(value, odds[_JA] * _JAPANESE_LOAN) for value in odds]
    return tuple(map(math.log, odds))


def _romaji_key(plain: str) -> str:
    """Return one key for all ways of writing a Japanese word (byouin, byoin; shiyakusho, siyakusyo)."""
    if len(plain) > 3:
        for written, same in _SPELLINGS:
            plain = plain.replace(written, same)
    return "ja:" + plain


class _Letters:
    """Interpolated letter trigrams (Witten-Bell) of each language."""

    def __init__(self, words: list[Counter[str]]) -> None:
        """`words`: of each language, its words without marks and their weights."""
        self._counts: list[Counter[str]] = []
        self._totals: list[Counter[str]] = []
        self._kinds: list[Counter[str]] = []
        self._known: dict[str, tuple[float, ...]] = {}
        for weights in words:
            counts: Counter[str] = Counter()
            for word, weight in weights.items():
                padded = f"  {word} "
                for end in range(3, len(padded) + 1):
                    for start in (end - 1, end - 2, end - 3):
                        counts[padded[start:end]] += weight
            totals: Counter[str] = Counter()
            for gram, count in counts.items():
                totals[gram[:-1]] += count
            self._counts.append(counts)
            self._totals.append(totals)
            self._kinds.append(Counter(gram[:-1] for gram in counts))

    def spell(self, word: str) -> tuple[float, ...]:
        """Return the logarithm of the probability of spelling `word`, of each language."""
        padded = f"  {_UNUSUAL.sub('?', word)} "
        grams = [self._trigram(padded[end - 3 : end]) for end in range(3, len(padded) + 1)]
        return tuple(map(sum, zip(*grams, strict=True)))

    def _trigram(self, gram: str) -> tuple[float, ...]:
        if gram not in self._known:  # at most 28 ** 3 of them
            self._known[gram] = tuple(self._log(language, gram) for language in range(len(self._counts)))
        return self._known[gram]

    def _log(self, language: int, gram: str) -> float:
        counts, totals, kinds = self._counts[language], self._totals[language], self._kinds[language]
        chance = 1 / 28
        for context in ("", gram[1], gram[:2]):
            if kinds[context]:
                seen = counts[context + gram[2]]
                chance = (seen + kinds[context] * chance) / (totals[context] + kinds[context])
        return math.log(chance)


@dataclass(frozen=True)
class _Profiles:
    letters: _Letters
    lexicon: dict[str, list[tuple[int, float, str]]]
    """By word without marks: number of the language, probability, the word as it is spelt."""
    neutral: frozenset[str]
    phrases: re.Pattern[str]
    marks: dict[str, frozenset[str]]


@cache
def _profiles() -> _Profiles:
    raw = data()
    lexicon: dict[str, list[tuple[int, float, str]]] = {}
    spelt: list[Counter[str]] = []
    for number, name in enumerate(LATIN):
        part = raw["latin"][name]
        running = WORD.findall(part["sentences"].lower().translate(_APOSTROPHES))
        frequent = dict.fromkeys(WORD.findall(part["function"]), _FREQUENT)
        frequent |= dict.fromkeys(WORD.findall(part["top"]), _TOP)
        content = dict.fromkeys([*WORD.findall(part["content"] + part["everyday"]), *running], _CONTENT)
        for word, share in (content | frequent).items():
            key = _romaji_key(unmarked(word)) if name == "ja" else unmarked(word)
            lexicon.setdefault(key, []).append((number, share, "" if name == "ja" else word))
        spelt.append(Counter(map(unmarked, [*running, *frequent, *content])))
    return _Profiles(
        letters=_Letters(spelt),
        lexicon=lexicon,
        neutral=frozenset(raw["neutral"].split()),
        phrases=re.compile(rf"\b(?:{'|'.join(raw['neutral_phrases'])})\b"),
        marks={mark: frozenset(names) for marks, names in raw["marks"].items() for mark in marks},
    )
