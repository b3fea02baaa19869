"""One index and one ranking for residents, `ask` and `evaluate`.

Two steps.  Posting lists bring the candidates: the words of the utterance (BM25F), what the lexicon says they
mean, Sudachi's synonym groups, pieces of the text as it is written and as it sounds, and a share of the best
score among the entry's closest neighbours.  The first few are then ranked by that sum and by how well single
asks and the whole entry explain the utterance; the weights are near those of a logistic choice
among the candidates (`bench/learn.py`).  `bench/ablation.py` measures what each part brings.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from intents.asks import Asks
from intents.expansion import Contents, expand, neighbours
from intents.hearing import Ear, Heard, Weights
from intents.index import Field, Impacts, Index, Rows, Term, Texts, build
from intents.japanese import Word, told
from intents.kana import Spoken, spoken, squeeze
from intents.lexicon import Lexicon
from intents.pieces import Pieces, pieces
from intents.query import Query, sound_grams
from intents.scorer import Scorer, Weighted
from intents.variants import Variants

FIELDS = (Field(1.0, 0.5), Field(1.0, 0.75))
"""What residents say (asks and titles); the answer."""

_REACH = 1.5
"""The impact that a word usually has where it is asked for, in units of its idf."""
EXPLAINED = 0.9
"""Share of an utterance that must be explained, or other readings of it are tried."""
KNOWN = 0.5
"""From this share of kana on that are known nouns, no other reading is believed."""
SOUNDS = 4
"""Kana from which an utterance is looked for by how it sounds."""
LOOKED_AT = 6
"""Candidates that are compared ask by ask; those behind them stay in the order of the first step."""


@dataclass(frozen=True, slots=True)
class Document:
    """What is indexed of an entry: `asks` and `answers` as terms, their synonym groups, as spoken.

    `told`: the asks in Japanese and those in other languages, with how much each term says.
    `pieces`: of the asks, as they are written.
    """

    asks: Texts
    answers: Texts
    groups: tuple[Texts, Texts] = ((), ())
    spoken: Sequence[Spoken] = ()
    told: tuple[Texts, Texts] = ((), ())
    pieces: Texts = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A row found. `score`: for ordering; the difference of two is the logarithm of how much likelier one is.

    The rest, 0 to 1, is for judging how sure that is.  `said`: of the utterance, explained by the most alike
    ask. `asked`: of that ask, said. `alike`: the mean likeness of the three most alike asks. `held`: of the
    utterance, explained anywhere in the entry. `amount`: how much the utterance says, in telling words;
    `length`: its letters.
    """

    row: int
    score: float
    held: float
    said: float = 0.0
    asked: float = 0.0
    alike: float = 0.0
    amount: float = 0.0
    length: int = 0

    @property
    def evidence(self) -> tuple[str, ...]:
        """What spoke for the entry, for people who check."""
        return (f"質問のうち {self.said:.2f}", f"言い方のうち {self.asked:.2f}", f"項目全体 {self.held:.2f}")

    @property
    def fit(self) -> float:
        """How well the utterance and the entry fit each other, 0 to 1."""
        return math.sqrt(self.said * self.asked)


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
        said = [text for document in documents for text in document.spoken]
        said += [spoken("".join(keys)) for keys in self.lexicon.words()]
        self._variants = Variants(said, self.index.vocabulary)
        phrases = expand(self.index, self.lexicon)
        self._ear = Ear(self.index, self._groups, self.lexicon, phrases, self.weights)
        self._pieces = Pieces([d.pieces for d in documents], self._ear.unknown)
        sounds = [[sound_grams(squeeze(text.reading)) for text in d.spoken] for d in documents]
        self._sounds = Pieces(sounds, self._ear.unknown)
        self._contents = Contents(self.index)
        self._asks = Asks.of([d.told for d in documents], self.index)
        self._near = neighbours(self.index) if self.weights.neighbours else None
        self._scorer = Scorer(len(documents))

    def use(self, weights: Weights) -> None:
        """Rank with other weights from now on; for measuring, not while others are asking."""
        self.weights = weights
        self._ear.weights = weights

    def find(self, query: Query, limit: int = 10, variants: bool = True) -> list[Hit]:
        """Return the best `limit` documents, best first. `variants`: whether other readings are tried."""
        around = self._pieces.lists(pieces(query.text), self.weights.pieces)
        if len(query.kana) >= SOUNDS:
            around += self._sounds.lists(sound_grams(squeeze(query.kana)), self.weights.sound)
        hits = self._by_words(query, around, limit)
        if not variants or (hits and hits[0].said >= EXPLAINED and not query.kana):
            return hits
        for variant, known in self._variants.of(query):
            if known >= KNOWN:
                hits = []
            hits = _merged(hits, self._by_words(variant, around, limit))[:limit]
        return hits

    def held(self, said: Sequence[Word], row: int) -> float:
        """Return the share of some words that a document explains."""
        return self._ear.hear(said).held(self._contents.of(row))

    def _by_words(self, query: Query, around: Sequence[Weighted], limit: int) -> list[Hit]:
        """Rank by one reading of an utterance; `around`: what every reading of it is looked up by."""
        weights = self.weights
        heard = self._ear.hear(query.words)
        scale = weights.words / (_REACH * max(heard.total, 1e-9))
        lists = [(rows, impacts, weight * scale) for rows, impacts, weight in heard.lists]
        rows, scores, sums = self._scorer.best([*lists, *around])
        if not rows.size:
            return []
        if self._near is not None:
            scores = scores + np.float32(weights.neighbours) * sums[self._near[rows]].max(axis=1)
        self._scorer.wipe()
        order = np.lexsort((rows, -scores))[: max(limit, LOOKED_AT)]
        rest = [(int(rows[i]), float(scores[i])) for i in order[LOOKED_AT:]]
        first = order[:LOOKED_AT]
        hits = self._looked_at(rows[first], scores[first], heard, query)
        last = hits[-1]
        behind = max(rest[0][1] - last.score, 0.0) if rest else 0.0
        shares = last.held, last.said, last.asked, last.alike, last.amount, last.length
        hits += [Hit(row, score - behind, *shares) for row, score in rest]
        return hits[:limit]

    def _looked_at(self, rows: Rows, scores: Impacts, heard: Heard, query: Query) -> list[Hit]:
        """Rank the first few by their single asks and by what the whole entry explains."""
        weights = self.weights
        like = self._asks.alike(rows, heard, query.foreign)
        ranked = scores + weights.alike * like.several + weights.asked * like.asked
        said = heard.total / self._ear.unknown, len(query.text)
        found = (column.tolist() for column in (rows, ranked, like.said, like.asked, like.several))
        hits: list[Hit] = []
        for row, score, by_ask, asked, several in zip(*found, strict=True):
            held = heard.held(self._contents.of(row))
            hits.append(Hit(row, score + weights.held * held, held, by_ask, asked, several, *said))
        hits.sort(key=lambda hit: -hit.score)
        return hits


def _merged(hits: Sequence[Hit], others: Sequence[Hit]) -> list[Hit]:
    """Return the hits of two readings, each row by the reading that suits it better."""
    best: dict[int, Hit] = {}
    for hit in (*hits, *others):
        if hit.row not in best or hit.score > best[hit.row].score:
            best[hit.row] = hit
    return sorted(best.values(), key=lambda hit: (-hit.score, hit.row))


def as_document(
    asks: Sequence[Sequence[Word]],
    answers: Sequence[Sequence[Word]],
    spoken: Sequence[Spoken] = (),
    written: Sequence[str] = (),
    native: int | None = None,
) -> Document:
    """Return what is indexed of an entry, from its texts as words.

    `written`: its asks as folded text. `native`: how many asks, the first ones, are Japanese (None: all).
    """
    groups = ([_grouped(text) for text in asks], [_grouped(text) for text in answers])
    counted = [_counted(text) for text in asks], [_counted(text) for text in answers]
    by_ask = [_told(text) for text in asks]
    parts = by_ask[:native], by_ask[len(asks) if native is None else native :]
    return Document(*counted, groups, spoken, parts, [pieces(text) for text in written])


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
