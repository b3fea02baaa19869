"""The second net: a linear score over character and word n-grams, for danger that no pattern words.

And for words of danger in what is plainly harmless (a film, a dead phone): there it doubts a pattern.

Learnt by `scripts/train_safety.py` from reviewed utterances; deterministic; why it fires can be shown.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise, repeat
from operator import add
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from intents.safety_text import Stream
from knowledge.safety import KINDS, SCRIPTS, Kind

WEIGHTS = Path(__file__).parents[1] / "knowledge" / "safety_score" / "weights.npz"
FEWEST, POWER = 6, 0.2
"""A score is the sum over the n-grams by their number, taken to be at least 6, to the power of 0.2."""
_WINDOW = {"cjk": 60, "latin": 24}
"""Units scored together at most. Of longer texts each sentence and each two; the highest score counts."""
_LEAST = {"cjk": 5, "latin": 2}
"""Units of the shortest text that is scored; a window of a longer text has one more: it may be a torn end."""
_LATIN_SIZES = (3, 4, 5)

Grams = Collection[str]
"""The n-grams of a window, each once, in a settled order."""


def views(streams: Iterable[tuple[str, Stream]], apart: bool = True) -> Iterator[tuple[str, Grams]]:
    """Yield (script, n-grams) of each window, each n-gram once. `apart`: a longer text's sentences, too."""
    wide = False
    for script, stream in streams:
        if script == "latin" and wide and len(stream.units) < 3:  # such as DV, beside Japanese
            continue
        wide = wide or script == "cjk"
        size, whole = _WINDOW[script], len(stream.units)
        for start, end in _windows(stream.sentence, size) if apart else [(0, 2 * size)]:
            if apart and end - start < _LEAST[script] + (end - start < whole):
                continue
            units, sentence = stream.units[start:end], stream.sentence[start:end]
            yield script, _characters(units, sentence) if script == "cjk" else _words(units, sentence)


def _windows(sentence: Sequence[int], size: int) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of what is scored together."""
    if (whole := len(sentence)) <= size:
        yield 0, whole
    if whole <= size // 2:
        return
    bounds = [0, *(n for n in range(1, whole) if sentence[n] != sentence[n - 1]), whole]
    if whole > size or len(bounds) > 2:
        for first, last in (*pairwise(bounds), *zip(bounds, bounds[2:], strict=False)):
            for start in range(first, max(last - size // 2, first + 1), size // 2):
                yield start, min(start + size, last)


def _marked(units: Sequence[str], sentence: Sequence[int], mark: str) -> list[str]:
    """Return the units with `mark` before, after and between sentences."""
    if sentence and sentence[0] == sentence[-1]:
        return [mark, *units, mark]
    marked: list[str] = []
    for place, unit in enumerate(units):
        marked += (unit,) if place and sentence[place] == sentence[place - 1] else (mark, unit)
    return [*marked, mark]


def _characters(units: Sequence[str], sentence: Sequence[int]) -> Grams:
    """Return one to four characters that stand together."""
    text = "".join(_marked(units, sentence, "。"))
    two = list(map(add, text, text[1:]))
    three = list(map(add, two, text[2:]))
    return dict.fromkeys(chain(text, two, three, map(add, three, text[3:])))


def _words(units: Sequence[str], sentence: Sequence[int]) -> Grams:
    """Return words, pairs of words with a blank between, and parts of words, which end in `~`."""
    marked = _marked(units, sentence, ".")
    found = dict.fromkeys((*units, *map(" ".join, pairwise(marked))))
    for word in units:
        text = f"_{word}_"
        for size in _LATIN_SIZES:
            found.update((text[i : i + size] + "~", None) for i in range(len(text) - size + 1))
    return found


@dataclass(frozen=True, slots=True)
class Table:
    """What was learnt for one script. `danger`: n-gram → what it adds. `rows`: n-gram → row of `kinds`.

    `kinds`: rows × `KINDS`. `doubt`: the score, measured as `score` does, below which no pattern is believed.
    """

    rows: dict[str, int]
    danger: dict[str, float]
    kinds: NDArray[np.int8]
    bias: float
    threshold: float
    prior: NDArray[np.float32]
    doubt: float = -math.inf

    def score(self, grams: Grams) -> float:
        """Return how far the evidence for danger is above the threshold (below: negative)."""
        total = sum(map(self.danger.get, grams, repeat(0.0)))
        return float(total / max(len(grams), FEWEST) ** POWER + self.bias - self.threshold)

    def kind(self, grams: Grams) -> Kind:
        rows = [row for gram in grams if (row := self.rows.get(gram)) is not None]
        whole = self.kinds[rows].sum(axis=0, dtype=np.int32) / max(len(grams), FEWEST) ** POWER
        return KINDS[int(np.argmax(whole + self.prior))]

    def shares(self, grams: Grams) -> list[tuple[str, float]]:
        """Return what each known n-gram adds to the score, the greatest first: how staff is shown why."""
        size = max(len(grams), FEWEST) ** POWER
        known = [(gram, self.danger[gram] / size) for gram in grams if gram in self.danger]
        return sorted(known, key=lambda pair: (-abs(pair[1]), pair[0]))


@dataclass(frozen=True, slots=True)
class Scorer:
    """Scores utterances. Immutable; threads may share it. Without tables nothing is danger."""

    tables: dict[str, Table]
    made_from: str = ""  # digest of the utterances

    def judge(self, streams: Iterable[tuple[str, Stream]], least: float = 0.0) -> Kind | None:
        """Return the kind of danger that the strongest window speaks of, or None. Never raises.

        `least`: how far above the threshold its score must be.
        """
        best, chosen = least, None
        for script, grams in views(streams):
            table = self.tables.get(script)
            if table and (score := table.score(grams)) > best:
                best, chosen = score, (table, grams)
        return chosen[0].kind(chosen[1]) if chosen else None

    def doubts(self, streams: Iterable[tuple[str, Stream]]) -> bool:
        """Return whether everything that is said sounds so harmless that words of danger are meant otherwise.

        What is too short to be scored is never doubted. Never raises.
        """
        scored = [
            (table.score(grams), table.doubt)
            for script, grams in views(streams)
            if (table := self.tables.get(script))
        ]
        return bool(scored) and all(score < doubt for score, doubt in scored)


def read(path: Path) -> Scorer:
    """Read weights. Raises OSError, ValueError or KeyError for a missing or broken file."""
    with np.load(path, allow_pickle=False) as data:
        if list(data["kinds"]) != list(KINDS):
            raise ValueError(f"{path}: kinds")
        tables = {str(script): _table(data, script) for script in set(SCRIPTS.values())}
        return Scorer(tables, str(data["made_from"]))


def _table(data: Any, script: str) -> Table:
    grams = data[f"{script}.grams"].tobytes().decode().split("\n")
    scale, bias, threshold, doubt = (float(number) for number in data[f"{script}.numbers"])
    danger, kinds, prior = (data[f"{script}.{name}"] for name in ("danger", "kinds", "prior"))
    if not len(grams) == len(danger) == len(kinds):
        raise ValueError(f"{script}: {len(grams)}, {len(danger)}, {len(kinds)}")
    rows = dict(zip(grams, range(len(grams)), strict=True))
    weights = dict(zip(grams, (scale * weight for weight in danger.tolist()), strict=True))
    return Table(rows, weights, kinds, bias, threshold, prior, doubt)


@lru_cache(maxsize=1)
def scorer(path: Path = WEIGHTS) -> Scorer:
    """Return the shipped scorer, read once; one that finds nothing, with an error logged, if it is broken."""
    try:
        return read(path)
    except Exception as error:  # the patterns must go on working, whatever is in the file
        logging.error("%s が読めません(%s)。scripts/train_safety.py で作り直してください。", path, error)
        return Scorer({})
