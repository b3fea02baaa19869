"""From the words of an utterance to what is looked up in the index."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

from intents.expansion import Phrases
from intents.index import Index
from intents.japanese import Word, told
from intents.lexicon import Lexicon
from intents.scorer import Weighted

_UNKNOWN = 0.8
"""How telling a word that no entry holds is taken to be, in shares of the most telling one."""
_MEANT = 0.7
"""How much of a phrase is explained by what it means, beside its own words."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part counts beside the words themselves (1.0).

    `lexicon`: a phrase of weight 1. `synonyms`: a shared synonym group of Sudachi's dictionary.
    `neighbours`: the best score among the closest entries. `least`: of a phrase of faint words.
    `inner`: a word inside a longer phrase that means something too, in shares of its own weight.

    The others are what a candidate gains that has everything of a part: `words`, `pieces` of the text,
    `sound` (of an utterance in kana), `alike`: the three most alike asks, `asked`: all of an ask was said,
    `held`: the entry explains the whole utterance.
    """

    lexicon: float = 0.7
    synonyms: float = 0.15
    neighbours: float = 0.35
    least: float = 0.5
    inner: float = 0.6
    words: float = 5.0
    pieces: float = 4.5
    sound: float = 4.5
    alike: float = 3.5
    asked: float = 1.5
    held: float = 2.0


@dataclass(frozen=True, slots=True)
class Heard:
    """An utterance as what is looked up. `lists`: posting lists with weights.

    `explained`: by term number, how much of the utterance it explains. `named`: by term number, how surely
    it is meant (1: the word itself). `told`: by word, how much it says.
    `terms`: by word, its term number or None. `phrases`: (terms it means, first and last word).
    """

    lists: list[Weighted]
    explained: dict[int, float]
    named: dict[int, float]
    told: list[float]
    terms: list[int | None]
    phrases: list[tuple[tuple[tuple[int, float], ...], int, int]]
    total: float

    def held(self, contents: frozenset[int]) -> float:
        """Return the share of the utterance that an entry with these terms explains."""
        shares = [1.0 if term in contents else 0.0 for term in self.terms]
        for terms, first, last in self.phrases:
            found = 0.0
            for term, weight in terms:
                if term in contents:
                    found += weight * weight
            if found:
                share = _MEANT * math.sqrt(min(1.0, found))
                for position in range(first, last):
                    if shares[position] < share:
                        shares[position] = share
        explained: float = sum(map(mul, shares, self.told))
        return explained / max(self.total, 1e-9)


class Ear:
    """Turns words into what is looked up. Immutable; threads may share it."""

    def __init__(self, index: Index, groups: Index, lexicon: Lexicon, phrases: Phrases, weights: Weights):
        self._index = index
        self._groups = groups
        self._lexicon = lexicon
        self._phrases = phrases
        self.weights = weights
        self.unknown = math.log1p(2.0 * index.size + 1.0) * _UNKNOWN

    def hear(self, said: Sequence[Word]) -> Heard:
        """Return what is looked up for the words of an utterance."""
        index, groups, weights = self._index, self._groups, self.weights
        lists: list[Weighted] = []
        explained: dict[int, float] = {}
        named: dict[int, float] = {}
        tellings: list[float] = []
        terms: list[int | None] = []
        for word, says in zip(said, told(said), strict=True):
            number = index.vocabulary.get(word.key)
            telling = says * (self.unknown if number is None else index.idf[number])
            tellings.append(telling)
            terms.append(number)
            if number is not None and word.weight:
                lists.append((*index.lists.get(number), word.weight))
                explained[number] = max(telling, explained.get(number, 0.0))
                named[number] = 1.0
            for group in word.groups if weights.synonyms else ():
                number = groups.vocabulary.get(group)
                if number is not None:
                    lists.append((*groups.lists.get(number), weights.synonyms))
        phrases: list[tuple[tuple[tuple[int, float], ...], int, int]] = []
        for match in self._lexicon.matches(said) if weights.lexicon else ():
            number = self._phrases.numbers.get(match.say)
            if number is not None:
                strongest = max(word.weight for word in said[match.start : match.end])
                weight = weights.lexicon * max(strongest, weights.least)
                if match.inner:
                    weight *= weights.inner
                lists.append((*self._phrases.brought.get(number), weight))
                means = self._phrases.means[number]
                phrases.append((means, match.start, match.end))
                meant = _MEANT * sum(tellings[match.start : match.end])
                for term, share in means:
                    explained[term] = max(meant * share, explained.get(term, 0.0))
                    named[term] = max(share, named.get(term, 0.0))
        return Heard(lists, explained, named, tellings, terms, phrases, sum(tellings))
