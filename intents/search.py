"""One index and one ranking for residents, `ask` and `evaluate`.

The score of an entry is a sum: the words of the utterance (BM25F), what the lexicon says they mean, Sudachi's
synonym groups, and a share of the best score among the entry's closest neighbours.  `bench/ablation.py`
measures what each of them brings.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from intents.asks import Asks
from intents.expansion import expand, neighbours
from intents.index import Field, Impacts, Index, Progress, Rows, Term, Texts, build
from intents.japanese import Word, told
from intents.kana import Spoken, squeeze
from intents.lexicon import Lexicon
from intents.query import Query, sound_grams
from intents.scorer import Scorer, Weighted
from intents.variants import Variants

FIELDS = (Field(2.5, 0.5), Field(1.0, 0.75))
"""What residents say (asks and titles); the answer."""
SOUND_FIELDS = (Field(1.0, 0.5),)


_REACH = 1.5
"""The impact that a word usually has where it is asked for, in units of its idf."""
_MEANT = 0.7
"""How much of a phrase is explained by what it means, beside its own words."""
EXPLAINED = 0.9
"""Share of an utterance that must be explained, or other readings of it are tried."""
_UNKNOWN = 0.8
"""How telling a word that no entry holds is taken to be, in shares of the most telling one."""
JUDGED = 3
"""Candidates of which it is looked up how much of the utterance they hold; the rest take the last's share."""
LOOKED_AT = 12
"""Candidates that are compared ask by ask."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part counts beside the words themselves (1.0).

    `lexicon`: a phrase of weight 1. `synonyms`: a shared synonym group of Sudachi's dictionary.
    `neighbours`: the best score among the closest entries. `least`: of a phrase of faint words.
    `likeness`: an ask of the same words, in shares of the score that all words together can bring.
    """

    lexicon: float = 0.7
    synonyms: float = 0.15
    neighbours: float = 0.2
    least: float = 0.5
    likeness: float = 0.5


@dataclass(frozen=True, slots=True)
class Document:
    """What is indexed of an entry: `asks` and `answers` as terms, their synonym groups, as spoken."""

    asks: Texts
    answers: Texts
    groups: tuple[Texts, Texts] = ((), ())
    spoken: Sequence[Spoken] = ()
    told: Texts = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A row found. `score`: for ordering. The rest, 0 to 1, is for judging how sure that is:

    `said`: of the utterance, explained by the most alike ask. `asked`: of that ask, said. `held`: of the
    utterance, explained anywhere in the entry. `by_sound`: found by how it sounds alone, `held` by sound.
    """

    row: int
    score: float
    held: float
    said: float = 0.0
    asked: float = 0.0
    by_sound: bool = False

    @property
    def evidence(self) -> tuple[str, ...]:
        """What spoke for the entry, for people who check."""
        if self.by_sound:
            return (f"読み {self.held:.2f}",)
        return (f"質問のうち {self.said:.2f}", f"言い方のうち {self.asked:.2f}", f"項目全体 {self.held:.2f}")

    @property
    def fit(self) -> float:
        """How well the utterance and the entry fit each other, 0 to 1."""
        return self.held * 0.8 if self.by_sound else math.sqrt(self.said * self.asked)


@dataclass(frozen=True, slots=True)
class Heard:
    """An utterance as what is looked up. `lists`: posting lists with weights.

    `explained`: (term numbers, how much of the utterance each explains). `told`: by word, how much it says.
    `words`: (rows that hold a word, first and last word, share of them explained by it).
    """

    lists: list[Weighted]
    explained: list[tuple[Rows | int, Impacts | float]]
    told: list[float]
    words: list[tuple[Rows, int, int, float]]

    @property
    def total(self) -> float:
        """All that is said."""
        return sum(self.told)


class Search:
    """Finds documents by utterance. Immutable once built; threads may share it."""

    def __init__(
        self,
        documents: Sequence[Document],
        lexicon: Lexicon | None = None,
        progress: Progress | None = None,
        weights: Weights | None = None,
    ):
        self.weights = weights or Weights()
        self.lexicon = lexicon or Lexicon()
        self.index: Index = build([[d.asks, d.answers] for d in documents], FIELDS, progress)
        self._groups: Index = build([d.groups for d in documents], FIELDS)
        self._sounds: Index = build(
            [[[sound_grams(squeeze(s.reading)) for s in d.spoken]] for d in documents], SOUND_FIELDS
        )
        said = [text for document in documents for text in document.spoken]
        self._variants = Variants(said, self.index.vocabulary)
        self._phrases, self._brought, self._means = expand(self.index, self.lexicon)
        self._asks = Asks.of([d.told for d in documents], self.index)
        self._near = neighbours(self.index) if self.weights.neighbours else None
        self._scorer = Scorer(len(documents))
        self._unknown = float(np.log1p(2.0 * len(documents) + 1.0)) * _UNKNOWN

    def find(self, query: Query, limit: int = 10, variants: bool = True) -> list[Hit]:
        """Return the best `limit` documents, best first. `variants`: whether other readings are tried."""
        hits = self._by_words(self._heard(query.words), limit)
        if not variants or (hits and hits[0].said >= EXPLAINED):
            return hits
        for variant in self._variants.of(query):
            others = self._by_words(self._heard(variant.words), limit)
            if others and (not hits or others[0].fit > hits[0].fit):
                hits = others
        if query.kana and (not hits or hits[0].said < EXPLAINED):
            others = self.by_sound(query.kana, limit)
            if others and (not hits or others[0].fit > hits[0].fit):
                hits = others
        return hits

    def by_sound(self, kana: str, limit: int = 10) -> list[Hit]:
        """Return the documents that sound most like `kana` (hiragana)."""
        lists: list[Weighted] = []
        total = 0.0
        for gram, count in sound_grams(squeeze(kana)).items():
            number = self._sounds.vocabulary.get(gram)
            total += count * (self._unknown if number is None else float(self._sounds.idf[number]))
            if number is not None:
                lists.append((*self._sounds.lists.get(number), 1.0))
        rows, scores, _ = self._scorer.best(lists)
        self._scorer.wipe()
        order = np.lexsort((rows, -scores))[:limit]
        full = _REACH * max(total, 1e-9)
        shares = np.minimum(scores / np.float32(full), np.float32(1.0))
        return [Hit(int(rows[i]), float(scores[i]), float(shares[i]), by_sound=True) for i in order]

    def _heard(self, said: Sequence[Word]) -> Heard:
        lists: list[Weighted] = []
        explained: list[tuple[Rows | int, Impacts | float]] = []
        says_by_word: list[float] = []
        holders: list[tuple[Rows, int, int, float]] = []
        index, groups, weights = self.index, self._groups, self.weights
        for position, (word, says) in enumerate(zip(said, told(said), strict=True)):
            number = index.vocabulary.get(word.key)
            telling = says * (self._unknown if number is None else float(index.idf[number]))
            says_by_word.append(telling)
            if number is not None and word.weight:
                lists.append((*index.lists.get(number), word.weight))
                explained.append((number, telling))
                holders.append((lists[-1][0], position, position + 1, 1.0))
            for group in word.groups if weights.synonyms else ():
                number = groups.vocabulary.get(group)
                if number is not None:
                    lists.append((*groups.lists.get(number), weights.synonyms))
        for match in self.lexicon.matches(said) if weights.lexicon else ():
            number = self._phrases.get(match.say)
            if number is not None:
                strongest = max(said[i].weight for i in range(match.start, match.end))
                weight = weights.lexicon * max(strongest, weights.least)
                lists.append((*self._brought.get(number), weight))
                holders.append((lists[-1][0], match.start, match.end, _MEANT))
                terms, shares = self._means.get(number)
                explained.append(
                    (terms, shares * np.float32(_MEANT * sum(says_by_word[match.start : match.end])))
                )
        return Heard(lists, explained, says_by_word, holders)

    def _by_words(self, heard: Heard, limit: int) -> list[Hit]:
        rows, own, sums = self._scorer.best(heard.lists)
        if not rows.size:
            return []
        scores = own
        if self._near is not None:
            scores = own + np.float32(self.weights.neighbours) * sums[self._near[rows]].max(axis=1)
        self._scorer.wipe()
        order = np.lexsort((rows, -scores))[: max(limit, LOOKED_AT)]
        rows, scores = rows[order], scores[order]
        explained = np.zeros(len(self.index.vocabulary), np.float32)
        for terms, shares in reversed(heard.explained):
            explained[terms] = np.maximum(explained[terms], shares)
        like = self._asks.alike(rows, explained, heard.total)
        scores = scores + self.weights.likeness * heard.total * like.total
        order = np.lexsort((rows, -scores))[:limit]
        held = _held(heard, rows[order[:JUDGED]])
        return [
            Hit(row, score, held[min(n, len(held) - 1)], min(said, 1.0), min(asked, 1.0))
            for n, (row, score, said, asked) in enumerate(
                zip(
                    rows[order].tolist(),
                    scores[order].tolist(),
                    like.said[order].tolist(),
                    like.asked[order].tolist(),
                    strict=True,
                )
            )
        ]


def _held(heard: Heard, rows: Rows) -> list[float]:
    """Return for each of `rows` the share of the utterance that the entry explains."""
    shares = np.zeros((len(heard.told), rows.size), np.float32)
    for holders, first, last, share in heard.words:
        if shares[first:last].min() < share:
            place = holders.searchsorted(rows)
            place[place == holders.size] = 0
            shares[first:last] = np.maximum(shares[first:last], (holders[place] == rows) * np.float32(share))
    held = np.array(heard.told, np.float32) @ shares
    return [share / max(heard.total, 1e-9) for share in held.tolist()]


def as_document(
    asks: Sequence[Sequence[Word]], answers: Sequence[Sequence[Word]], spoken: Sequence[Spoken] = ()
) -> Document:
    """Return what is indexed of an entry, from its texts as words."""
    groups = ([_grouped(text) for text in asks], [_grouped(text) for text in answers])
    counted = [_counted(text) for text in asks], [_counted(text) for text in answers]
    return Document(*counted, groups, spoken, [_told(text) for text in asks])


def _told(words: Sequence[Word]) -> Mapping[Term, float]:
    """Return the terms of a text with how much they say."""
    said: dict[Term, float] = {}
    for word, says in zip(words, told(words), strict=True):
        if word.weight > 0.0:
            said[word.key] = max(said.get(word.key, 0.0), says)
    return said


def _counted(words: Sequence[Word]) -> Mapping[Term, float]:
    """Return the terms of a text with their frequencies."""
    counts: dict[Term, float] = {}
    for word in words:
        if word.weight > 0.0:
            counts[word.key] = counts.get(word.key, 0.0) + 1.0
    return counts


def _grouped(words: Sequence[Word]) -> Mapping[Term, float]:
    """Return the synonym groups of a text with their frequencies."""
    counts: dict[Term, float] = {}
    for word in words:
        for group in word.groups:
            counts[group] = counts.get(group, 0.0) + 1.0
    return counts
