"""Whether somebody is in danger: the first thing that is looked at, before any matching.

Deterministic and without state: patterns are reviewed data (`knowledge/safety/`), read once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from intents.normalize import fold
from intents.safety_match import Matcher
from intents.safety_score import scorer
from intents.safety_text import Stream, chunks, fold_wide, fold_words, meant, streams, wide_table
from knowledge.safety import ADVICE, FOLDER, KINDS, SCRIPTS, Kind, Pattern, Patterns, Script, load_patterns

SCORED = "score"
"""Evidence of a crisis that no pattern found."""
ALL_THE_SAME = 1.0
"""Score above its threshold from which danger is seen though a look-alike is said, too."""
SHORTEST_KANA = 3
"""Kana of a reading added to what is said, one more for look-alikes; a shorter one may be anything."""
_HAN = re.compile("[々\u3400-\u9fff]")
_ORDER = {kind: number for number, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class Crisis:
    """Danger found in an utterance.

    `urgent`: a life may be at risk; False: illness or injury for the advice lines.  `evidence`: the id of the
    pattern, or `score` where no pattern but the second net found it; never what was said.
    """

    kind: Kind
    urgent: bool
    evidence: str


class Detector:
    """Detects danger with one set of patterns. Immutable once built; threads may share it."""

    def __init__(self, patterns: Patterns):
        self._wide = wide_table(patterns.same)
        self._kana = patterns.readings
        longest_first = sorted(self._kana, key=len, reverse=True)
        self._readings = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")
        self._matchers: dict[str, Matcher] = {}
        self._alike: dict[str, Matcher] = {}
        scripts: tuple[Script, ...] = ("cjk", "latin")
        for script in scripts:
            units = self._wide_units if script == "cjk" else _word_units
            self._matchers[script] = Matcher(
                [pattern for pattern in patterns.patterns if SCRIPTS[pattern.lang] == script],
                patterns.lookalikes[script],
                patterns.questions[script],
                units,
            )
            alike = Pattern("alike", "ja", "medical", tuple(patterns.lookalikes[script]), asked=True)
            self._alike[script] = Matcher([alike], (), (), units)

    def _wide_units(self, option: str, said: bool) -> Iterator[str]:
        """Yield an option as it is compared, without long marks, and in kana where its kanji can be read."""
        units = meant(fold_wide(fold(option), self._wide))
        yield units
        if "ー" in units and len(units.replace("ー", "")) > SHORTEST_KANA:
            yield units.replace("ー", "")
        kana = self._readings.sub(lambda found: self._kana[found[0]], option)
        if kana != option and not _HAN.search(kana) and len(kana) >= SHORTEST_KANA + (not said):
            yield meant(fold_wide(fold(kana), self._wide))

    def detect(self, text: str) -> Crisis | None:
        """Return the gravest danger that `text` speaks of, or None. Never raises; linear in its length."""
        said = self.streams(text)
        found = self.by_pattern(said)
        if found is None:
            return self.by_score(said)
        return None if scorer().doubts(said) else found

    def streams(self, text: str) -> list[tuple[str, Stream]]:
        """Return `text` folded for the patterns and for the second net, chunk by chunk."""
        vocabulary = self._matchers["latin"].vocabulary
        return [pair for chunk in chunks(text) for pair in streams(chunk, self._wide, vocabulary)]

    def by_pattern(self, said: Sequence[tuple[str, Stream]]) -> Crisis | None:
        best: tuple[bool, bool, int, int, str] | None = None
        chosen: Pattern | None = None
        for script, stream in said:
            for pattern, start in self._matchers[script].find(stream):
                rank = (pattern.kind in ADVICE, pattern.weak, _ORDER[pattern.kind], start, pattern.id)
                if best is None or rank < best:
                    best, chosen = rank, pattern
        return Crisis(chosen.kind, chosen.kind not in ADVICE, chosen.id) if chosen else None

    def by_score(self, said: Sequence[tuple[str, Stream]]) -> Crisis | None:
        """Return the danger for which the score is high; higher, where a look-alike speaks against it."""
        kind = scorer().judge(said)
        if kind is not None and self.alike(said):
            kind = scorer().judge(said, ALL_THE_SAME)
        return None if kind is None else Crisis(kind, kind not in ADVICE, SCORED)

    def alike(self, said: Sequence[tuple[str, Stream]]) -> bool:
        """Return whether a look-alike is said."""
        return any(self._alike[script].find(stream) for script, stream in said)


def _word_units(option: str, _said: bool) -> Iterator[Sequence[str]]:
    yield fold_words(fold(option)).replace("_", " ").split()


@lru_cache(maxsize=4)
def detector(folder: Path = FOLDER) -> Detector:
    """Return the detector of the patterns in `folder`; it is built once."""
    return Detector(load_patterns(folder)[0])


def detect_crisis(text: str) -> Crisis | None:
    """Return the gravest danger that `text` speaks of, or None. Pure; never raises; linear in its length."""
    return detector().detect(text)
