"""Other readings of an utterance, tried when the first explains little: kana as written, slips repaired."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import islice

from intents.japanese import words
from intents.kana import KanaWriter, Spoken, noun_runs
from intents.latin import stem
from intents.query import Query
from intents.spelling import SHORTEST, Speller

RUNS = 24
"""Runs of nouns of one utterance that are looked at for slips."""
LONGEST_RUN = 8
_HIRAGANA = re.compile("[ぁ-ん]")
_KATAKANA = re.compile("[ァ-ヶ]")


class Variants:
    """Proposes other readings. Immutable once built; threads may share it."""

    def __init__(self, said: Iterable[Spoken], vocabulary: Collection[str | int]):
        nouns = [noun for text in said for noun in text.nouns]
        self._vocabulary = vocabulary
        self._writer = KanaWriter(nouns)
        latin = [term for term in vocabulary if isinstance(term, str) and term.isascii()]
        self._speller = Speller([written for _, written in nouns] + latin)

    def of(self, query: Query) -> Iterator[tuple[Query, float]]:
        """Yield other readings of `query`, the likelier first, with how sure each is, 0 to 1."""
        if query.kana:
            # Katakana beside hiragana is a word as it is meant; only what was sounded out is rewritten.
            mixed = _HIRAGANA.search(query.text) and _KATAKANA.search(query.text)
            written, known = self._writer.write(query.text if mixed else query.kana)
            if written != query.text:
                yield replace(query, words=tuple(words(written))), known
        if all(word.key in self._vocabulary for word in query.words):
            return
        if query.text.isascii():
            repaired = tuple(word._replace(key=self._stem(word.key)) for word in query.words)
            if repaired != query.words:
                yield replace(query, words=repaired), 0.0
            return
        text = self._repaired(query.text)
        if text != query.text:
            yield replace(query, words=tuple(words(text))), 0.0

    def _stem(self, key: str) -> str:
        if key in self._vocabulary:
            return key
        near = self._speller.nearest(key)
        return stem(near) if near else key

    def _repaired(self, text: str) -> str:
        """Return `text` with the longest noun of each run that is one slip away from a known one repaired."""
        pieces: list[str] = []
        end = 0
        for start, stop, parts in islice(noun_runs(text), RUNS):
            pieces.append(text[end:start])
            pieces.append(self._repaired_run(parts))
            end = stop
        return "".join([*pieces, text[end:]])

    def _repaired_run(self, parts: list[tuple[str, str]]) -> str:
        """Repair a run of nouns, given as (surface, key); a run too long for words is left as it is."""
        unknown = [number for number, (_, key) in enumerate(parts) if key not in self._vocabulary]
        size = len(parts)
        for length in range(size, 0, -1) if unknown and size <= LONGEST_RUN else ():
            for first in range(size - length + 1):
                if not any(first <= number < first + length for number in unknown):
                    continue
                surface = "".join(part[0] for part in parts[first : first + length])
                near = self._speller.nearest(surface) if len(surface) >= SHORTEST else None
                if near:
                    before = "".join(part[0] for part in parts[:first])
                    return before + near + self._repaired_run(parts[first + length :])
        return "".join(part[0] for part in parts)
