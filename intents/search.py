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
from intents.expansion import Contents, expand, neighbours
from intents.hearing import Ear, Weights
from intents.index import Field, Index, Term, Texts, build
from intents.japanese import Word, told
from intents.kana import Spoken, spoken, squeeze
from intents.lexicon import Lexicon
from intents.query import Query, sound_grams
from intents.scorer import Scorer, Weighted
from intents.variants import Variants

FIELDS = (Field(2.5, 0.5), Field(1.0, 0.75))
"""What residents say (asks and titles); the answer."""
SOUND_FIELDS = (Field(1.0, 0.5),)


_REACH = 1.5
"""The impact that a word usually has where it is asked for, in units of its idf."""
EXPLAINED = 0.9
"""Share of an utterance that must be explained, or other readings of it are tried."""
JUDGED = 3
"""Candidates of which it is looked up how much of the utterance they hold; the rest take the last's share."""
SOUNDS = 6
"""Kana from which an utterance may be found by how it sounds."""
KANA_PER_WORD = 5.0
LOOKED_AT = 12
"""Candidates that are compared ask by ask."""


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
    `amount`: how much the utterance says, in telling words.
    """

    row: int
    score: float
    held: float
    said: float = 0.0
    asked: float = 0.0
    by_sound: bool = False
    amount: float = 0.0

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


class Search:
    """Finds documents by utterance. Immutable once built; threads may share it."""

    def __init__(
        self,
        documents: Sequence[Document],
        lexicon: Lexicon | None = None,
        weights: Weights | None = None,
    ):
        self.weights = weights or Weights()
        self.lexicon = lexicon or Lexicon()
        self.index: Index = build([[d.asks, d.answers] for d in documents], FIELDS)
        self._groups: Index = build([d.groups for d in documents], FIELDS)
        self._sounds: Index = build(
            [[[sound_grams(squeeze(s.reading)) for s in d.spoken]] for d in documents], SOUND_FIELDS
        )
        said = [text for document in documents for text in document.spoken]
        said += [spoken("".join(keys)) for keys in self.lexicon.words()]
        self._variants = Variants(said, self.index.vocabulary)
        phrases = expand(self.index, self.lexicon)
        self._ear = Ear(self.index, self._groups, self.lexicon, phrases, self.weights)
        self._contents = Contents(self.index)
        self._asks = Asks.of([d.told for d in documents], self.index)
        self._near = neighbours(self.index) if self.weights.neighbours else None
        self._scorer = Scorer(len(documents))

    def find(self, query: Query, limit: int = 10, variants: bool = True) -> list[Hit]:
        """Return the best `limit` documents, best first. `variants`: whether other readings are tried."""
        hits = self._by_words(query.words, limit)
        if not variants or (hits and hits[0].said >= EXPLAINED):
            return hits
        for variant in self._variants.of(query):
            others = self._by_words(variant.words, limit)
            if others and (not hits or others[0].held + others[0].fit > hits[0].held + hits[0].fit):
                hits = others
        if len(query.kana) >= SOUNDS and (not hits or hits[0].said < EXPLAINED):
            others = self.by_sound(query.kana, limit)
            if others and (not hits or others[0].fit > hits[0].fit):
                hits = others
        return hits

    def held(self, said: Sequence[Word], row: int) -> float:
        """Return the share of some words that a document explains."""
        return self._ear.hear(said).held(self._contents.of(row))

    def by_sound(self, kana: str, limit: int = 10) -> list[Hit]:
        """Return the documents that sound most like `kana` (hiragana)."""
        lists: list[Weighted] = []
        total = 0.0
        for gram, count in sound_grams(squeeze(kana)).items():
            number = self._sounds.vocabulary.get(gram)
            total += count * (self._ear.unknown if number is None else float(self._sounds.idf[number]))
            if number is not None:
                lists.append((*self._sounds.lists.get(number), 1.0))
        rows, scores, _ = self._scorer.best(lists)
        self._scorer.wipe()
        order = np.lexsort((rows, -scores))[:limit]
        full = _REACH * max(total, 1e-9)
        amount = len(kana) / KANA_PER_WORD
        shares = np.minimum(scores / np.float32(full), np.float32(1.0))
        return [
            Hit(int(rows[i]), float(scores[i]), float(shares[i]), by_sound=True, amount=amount) for i in order
        ]

    def _by_words(self, said: Sequence[Word], limit: int) -> list[Hit]:
        heard = self._ear.hear(said)
        rows, own, sums = self._scorer.best(heard.lists)
        if not rows.size:
            return []
        scores = own
        if self._near is not None:
            scores = own + np.float32(self.weights.neighbours) * sums[self._near[rows]].max(axis=1)
        self._scorer.wipe()
        order = np.lexsort((rows, -scores))[: max(limit, LOOKED_AT)]
        rows = rows[order]
        explained = np.zeros(len(self.index.vocabulary))
        explained[list(heard.explained)] = list(heard.explained.values())
        named = np.zeros(len(self.index.vocabulary))
        named[list(heard.named)] = list(heard.named.values())
        like = self._asks.alike(rows, explained, named, heard.total)
        ranked = scores[order] + self.weights.likeness * heard.total * like.total
        order = np.lexsort((rows, -ranked))[:limit]
        found = zip(*(a[order].tolist() for a in (rows, ranked, like.said, like.asked)), strict=True)
        hits: list[Hit] = []
        amount = heard.total / self._ear.unknown
        for number, (row, score, by_ask, asked) in enumerate(found):
            held = heard.held(self._contents.of(row)) if number < JUDGED else hits[-1].held
            hits.append(Hit(row, score, held, min(by_ask, 1.0), min(asked, 1.0), amount=amount))
        return hits


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
