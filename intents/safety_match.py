"""Finds patterns in a stream of units: all their words in one walk, then their order and neighbourhood.

The work is linear in the length of the stream: words and gaps have a greatest length, and whatever is found
at a place is looked at once for each pattern that may begin there.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import prod
from typing import Any, NamedTuple

from intents.safety_slips import deletions, slip
from intents.safety_text import Stream
from knowledge.safety import Pattern, Wording

Span = tuple[int, int]
_SHORTEST_TYPO = 6
_KANA, _OTHER = 1 / 12, 1 / 200
"""About how often a given kana, a given other character or word stands: enough to tell what is rare."""
_TWO_DIGITS = re.compile(r"\d\d")


class _Word(NamedTuple):
    """What a word may be. `slots`: those that it fills; `leads`: those of them at which patterns stand."""

    number: int
    slots: frozenset[int]
    leads: tuple[int, ...]


class Found(dict[int, list[Span]]):
    """Slot → (start, end) of its occurrences, by start; made when asked for: most are never.

    `words`: what stands where, as (word, start, end).
    """

    def __init__(self, words: Sequence[tuple[_Word, int, int]]):
        super().__init__()
        self.words = words
        self._numbers = {word.number for word, _, _ in words}

    def has(self, line: _Line) -> bool:
        """Return whether all that `line` needs is there, in whatever order."""
        return not any(map(self._numbers.isdisjoint, line.words))

    @cached_property
    def slots(self) -> frozenset[int]:
        """All slots that are filled somewhere."""
        return frozenset[int]().union(*(word.slots for word, _, _ in self.words))

    @cached_property
    def leads(self) -> set[int]:
        """The filled slots at which patterns stand."""
        return {slot for word, _, _ in self.words for slot in word.leads}

    def __missing__(self, slot: int) -> list[Span]:
        spans = dict.fromkeys((start, end) for word, start, end in self.words if slot in word.slots)
        return self.setdefault(slot, list(spans))


class _Step(NamedTuple):
    slot: int
    gap: int
    far: bool


@dataclass(frozen=True, slots=True)
class _Line:
    """One wording with its pieces as slots. `words`: for each slot, the numbers of the words that fill it."""

    steps: tuple[_Step, ...]
    slots: frozenset[int]
    words: tuple[frozenset[int], ...]
    first: bool
    last: bool


class Matcher:
    """Finds patterns in streams of one script. Immutable once built; threads may share it."""

    def __init__(
        self,
        patterns: Iterable[Pattern],
        lookalikes: Iterable[Wording],
        questions: Iterable[Wording],
        units: Callable[[str, bool], Iterable[Sequence[str]]],
    ):
        """Compile.

        `units`: returns the ways to write an option as units (one with `*` is a beginning); asked for what is
        said with True, for what speaks against it with False.
        """
        self._units = lru_cache(maxsize=None)(
            lambda option, said: [tuple(way) for way in units(option, said)]
        )
        self._slot = lru_cache(maxsize=None)(self._new_slot)  # word lists stand in hundreds of wordings
        self._slots: dict[frozenset[tuple[str, ...]], int] = {}
        self._trie: dict[str, Any] = {}
        self.vocabulary: dict[str, list[str]] = {}
        """A word → the symbols that it stands for in the trie."""
        self._stems: dict[str, str] = {}
        self._typos: dict[str, list[str]] = {}
        self._size: list[float] = []
        """By slot: about how often chance fills it."""
        self._fillers: list[frozenset[int]] = []
        """By slot: the numbers of the words that fill it."""
        self._numbers: dict[tuple[str, ...], int] = {}
        self._patterns: dict[int, list[tuple[_Line, Pattern]]] = defaultdict(list)
        """Lines stand at the rarest of their slots."""
        self._unless: dict[str, tuple[_Line, ...]] = {}
        for pattern in patterns:
            for line in self._lines(pattern.say, True):
                self._patterns[self._rarest(line)].append((line, pattern))
            self._unless[pattern.id] = tuple(self._lines(pattern.unless))
        self._lookalikes = self._by_rarest(lookalikes)
        self._questions = self._by_rarest(questions)
        self._finish(self._trie)

    def _rarest(self, line: _Line) -> int:
        return min(line.slots, key=lambda slot: (self._size[slot], slot))

    def _by_rarest(self, wordings: Iterable[Wording]) -> dict[int, list[_Line]]:
        table: dict[int, list[_Line]] = defaultdict(list)
        for line in self._lines(wordings):
            table[self._rarest(line)].append(line)
        return table

    def _lines(self, wordings: Iterable[Wording], said: bool = False) -> Iterator[_Line]:
        for wording in wordings:
            steps = tuple(_Step(self._slot(p.options, said), p.gap, p.far) for p in wording.pieces)
            slots = frozenset(step.slot for step in steps)
            fillers = [self._fillers[slot] for slot in sorted(slots, key=self._size.__getitem__)]
            yield _Line(steps, slots, tuple(fillers), wording.first, wording.last)

    def _new_slot(self, options: tuple[str, ...], said: bool) -> int:
        """Return the number of a set of alternatives, entered into the trie."""
        key = frozenset(way for option in options for way in self._units(option, said) if way)
        if key not in self._slots:
            number = self._slots[key] = len(self._slots)
            self._size.append(sum(prod(map(_commonness, units)) for units in key))
            numbers = {units: self._numbers.setdefault(units, len(self._numbers)) for units in key}
            self._fillers.append(frozenset(numbers.values()))
            for units in key:
                node = self._trie
                for unit in units:
                    self._learn(unit)
                    node = node.setdefault(unit, {})
                node.setdefault("", (numbers[units], set()))[1].add(number)
        return self._slots[key]

    def _finish(self, node: dict[str, Any]) -> None:
        """Make words of the sets of slots in the trie."""
        for unit, below in node.items():
            if unit:
                self._finish(below)
            else:
                word, slots = below
                node[unit] = _Word(word, frozenset(slots), tuple(slots & self._patterns.keys()))

    def _learn(self, unit: str) -> None:
        if unit.endswith("*"):
            self._stems[unit[:-1]] = unit
        elif unit not in self.vocabulary:
            self.vocabulary[unit] = [unit]
            if len(unit) >= _SHORTEST_TYPO and unit.isascii():
                for key in deletions(unit):
                    self._typos.setdefault(key, []).append(unit)

    def find(self, stream: Stream) -> list[tuple[Pattern, int]]:
        """Return (pattern, place) of every pattern that the stream holds and nothing speaks against."""
        found = self._occurrences(stream)
        hits = self._hits(found, stream)
        if not hits:
            return []
        covered = self._covered(found, stream)
        if covered:
            found = Found([word for word in found.words if not _hidden(word[1:], covered)])
            hits = self._hits(found, stream)
        asked = {stream.sentence[start] for start, _ in self._spans(self._questions, found, stream)}
        return [(p, start) for p, start in hits if p.asked or stream.sentence[start] not in asked]

    def _occurrences(self, stream: Stream) -> Found:
        units, sentence = stream.units, stream.sentence
        if not isinstance(units, str):
            return self._word_occurrences([self._symbols(unit) for unit in units], sentence)
        words: list[tuple[_Word, int, int]] = []
        size = len(units)
        root = self._trie
        for start in range(size):
            node, end, number = root.get(units[start]), start + 1, sentence[start]
            while node is not None:
                if "" in node:
                    words.append((node[""], start, end))
                if end == size or sentence[end] != number:
                    break
                node = node.get(units[end])
                end += 1
        if _TWO_DIGITS.search(units):
            inside = _inside_numbers(units, sentence)
            words = [word for word in words if not (inside[word[1]] or inside[word[2]])]
        return Found(words)

    def _word_occurrences(self, symbols: list[list[str]], sentence: tuple[int, ...]) -> Found:
        words: list[tuple[_Word, int, int]] = []
        for start in range(len(symbols)):
            nodes = [self._trie]
            for end in range(start, len(symbols)):
                if sentence[end] != sentence[start]:
                    break
                nodes = [node[symbol] for node in nodes for symbol in symbols[end] if symbol in node]
                if not nodes:
                    break
                words += [(node[""], start, end + 1) for node in nodes if "" in node]
        return Found(words)

    def _symbols(self, word: str) -> list[str]:
        """Return what a word may stand for: itself, beginnings it has, a slip of the pen repaired."""
        symbols = list(self.vocabulary.get(word, ()))
        for size in range(3, min(len(word), 14) + 1):
            stem = self._stems.get(word[:size])
            if stem:
                symbols.append(stem)
        if not symbols and _SHORTEST_TYPO - 1 <= len(word) <= 16 and word.isascii():
            near = {near for key in deletions(word) for near in self._typos.get(key, ())}
            symbols = [other for other in sorted(near) if slip(word, other)]
        return symbols

    def _hits(self, found: Found, stream: Stream) -> list[tuple[Pattern, int]]:
        hits: list[tuple[Pattern, int]] = []
        for slot in found.leads:
            for line, pattern in self._patterns[slot]:
                if not found.has(line) or (stream.kana and pattern.lang == "zh"):
                    continue
                for start, _ in _walk(line, found, stream):
                    if not self._barred(pattern, found, stream, stream.sentence[start]):
                        hits.append((pattern, start))
        return hits

    def _barred(self, pattern: Pattern, found: Found, stream: Stream, sentence: int) -> bool:
        return any(
            stream.sentence[start] == sentence
            for line in self._unless[pattern.id]
            if found.has(line)
            for start, _ in _walk(line, found, stream)
        )

    def _spans(self, lines: dict[int, list[_Line]], found: Found, stream: Stream) -> Iterator[Span]:
        for slot in found.slots & lines.keys():
            for line in lines[slot]:
                if found.has(line):
                    yield from _walk(line, found, stream)

    def _covered(self, found: Found, stream: Stream) -> dict[int, Span]:
        """Return, for each unit of a look-alike, where the look-alikes over it begin and end."""
        covered: dict[int, Span] = {}
        for start, end in self._spans(self._lookalikes, found, stream):
            for place in range(start, end):
                first, last = covered.get(place, (start, end))
                covered[place] = min(first, start), max(last, end)
        return covered


def _commonness(unit: str) -> float:
    return _KANA if len(unit) == 1 and "ぁ" <= unit <= "ん" else _OTHER


def _hidden(span: Span, covered: dict[int, Span]) -> bool:
    """Return whether a look-alike lies over `span`, one that is not merely a part of it."""
    return any(
        first < span[0] or last > span[1] or (first, last) == span
        for place in range(*span)
        if place in covered
        for first, last in (covered[place],)
    )


def _walk(line: _Line, found: Found, stream: Stream) -> Iterator[Span]:
    """Yield (start, end) where the steps of `line` stand in order, each within its gap, in one sentence."""
    sentence, size = stream.sentence, len(stream.units)
    spans: Iterable[Span] = found[line.steps[0].slot]
    if line.first:
        spans = [span for span in spans if span[0] == 0 or sentence[span[0] - 1] != sentence[span[0]]]
    for step in line.steps[1:]:
        options = found[step.slot]
        ends: dict[int, int] = {}
        for start, end in spans:
            place = bisect_left(options, (end, 0))
            while place < len(options) and options[place][0] <= end + step.gap:
                begin, stop = options[place]
                if step.far or sentence[begin] == sentence[end - 1]:
                    ends[stop] = max(start, ends.get(stop, 0))
                place += 1
        spans = sorted((start, end) for end, start in ends.items())
        if not ends:
            return
    for start, end in spans:
        if not line.last or end == size or sentence[end] != sentence[end - 1]:
            yield start, end


def _inside_numbers(units: str, sentence: tuple[int, ...]) -> Sequence[bool]:
    """Return for each place whether it is inside a number: 119 is not said by who says 7119."""
    size = len(units)
    digit = [unit.isdigit() for unit in units]
    pairs = (
        digit[place - 1] and digit[place] and sentence[place - 1] == sentence[place]
        for place in range(1, size)
    )
    return (False, *pairs, False)
