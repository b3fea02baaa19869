"""Learn the weights of the second net of the danger detector (`intents/safety_score.py`).

    .venv/bin/python scripts/train_safety.py            print the figures, write the weights
    .venv/bin/python scripts/train_safety.py --check    print the figures only

Learnt from the reviewed utterances in `tests/safety/*_dev.yaml` and `knowledge/safety_score/phrases.yaml`,
and, as harmless, from what the knowledge is asked.  Nothing is random: the same files give the same weights.
The figures are of five parts, each judged by weights learnt without it; near duplicates are in the same part.
The threshold is the lowest with so few false alarms among what was hidden as `FALSE_ALARMS` says.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize

from intents.normalize import clean
from intents.safety import Detector
from intents.safety_score import FEWEST, POWER, WEIGHTS, Table, views
from intents.tokenize import morphemes
from knowledge.safety import ADVICE, FOLDER, KINDS, SCRIPTS, Kind, load_patterns
from knowledge.safety_phrases import LEARNT, PHRASES, digest, everyday_asks, read_phrases
from knowledge.yamlsource import read

SETS = Path(__file__).parents[1] / "tests" / "safety"
REVIEWED = (*(SETS / f"{name}_{part}.yaml" for part in LEARNT for name in ("crisis", "lookalikes")), PHRASES)
OUT_OF_SCOPE = SETS.parent / "intents" / "out_of_scope.yaml"
FALSE_ALARMS, ALIKE_ALARMS = 0.005, 0.02
"""Of hidden harmless utterances without words of a pattern, and of those among them that look like danger."""
DOUBTED = 0.004
"""Of hidden utterances of danger that a pattern finds, those of which it is not believed."""
PARTS = 5
_RIDGE = 0.1
_ALIKE, _READ = 5.0, 0.5
"""How much a look-alike counts, and a Japanese utterance once more in kana."""
_LEAST_WEIGHT = 0.02
_KIND_STEPS = 20
_HAN, _KANA = re.compile("[々\u3400-\u9fff]"), re.compile("[ぁ-ゖァ-ヺ]")

Floats = NDArray[np.float64]


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


class Said(NamedTuple):
    """One utterance. `kinds`: of its danger, none for harmless words. `alike`: looks like danger.

    `own`: of the phrases. `seen`: the patterns find it.
    """

    text: str
    kinds: tuple[Kind, ...]
    alike: bool = False
    own: bool = False
    seen: bool = False


class Sample(NamedTuple):
    """The n-grams of one window of utterance number `of`. `real`: as it was written, not its reading."""

    of: int
    grams: list[str]
    real: bool


def utterances(patterns: Detector) -> list[Said]:
    """Return every utterance once. Asks of the knowledge that the patterns find may be danger: left out."""
    every: dict[str, Said] = {}
    for path in REVIEWED:
        for text, kinds in read_phrases(path):
            seen = patterns.by_pattern(patterns.streams(text)) is not None
            every.setdefault(clean(text), Said(text, kinds, not kinds, path == PHRASES, seen))
    for text in (*everyday_asks(), *(text for row in read(OUT_OF_SCOPE).data for text in row["said"])):
        if patterns.by_pattern(patterns.streams(text)) is None:
            every.setdefault(clean(text), Said(text, ()))
    return list(every.values())


def in_kana(text: str) -> str:
    """Return Japanese as it is read, and an empty text where that is the same."""
    if not (_HAN.search(text) and _KANA.search(text)):
        return ""
    return "".join(
        word.reading_form() if _HAN.search(word.surface()) else word.surface() for word in morphemes(text)
    )


def samples(every: Sequence[Said], patterns: Detector) -> dict[str, list[Sample]]:
    """Return what is learnt from: each utterance as a whole, Japanese once more as it is read."""
    found: dict[str, list[Sample]] = {script: [] for script in sorted(set(SCRIPTS.values()))}
    for number, said in enumerate(every):
        for text, real in ((said.text, True), (in_kana(said.text), False)):
            for script, grams in views(patterns.streams(text), apart=False) if text else ():
                if real or script == "cjk":
                    found[script].append(Sample(number, grams, real))
    return found


def matrix(rows: Sequence[Sample], column: dict[str, int]) -> sparse.csr_matrix:
    """Return samples × n-grams."""
    known = [[column[gram] for gram in row.grams if gram in column] for row in rows]
    sizes = [len(row) for row in known]
    size = np.array([max(len(row.grams), FEWEST) for row in rows], float) ** POWER
    columns = np.fromiter((place for row in known for place in row), np.int32, sum(sizes))
    pointers = np.concatenate([[0], np.cumsum(sizes)])
    return sparse.csr_matrix((np.repeat(1 / size, sizes), columns, pointers), (len(rows), len(column)))


def parts(every: Sequence[Said], found: dict[str, list[Sample]]) -> NDArray[np.int64]:
    """Return the part of each utterance; those that share most of their rarer n-grams are together."""
    grams: list[set[str]] = [set() for _ in every]
    for rows in found.values():
        for row in rows:
            if row.real:
                grams[row.of].update(gram for gram in row.grams if len(gram) < 4 and " " not in gram)
    counts = Counter(gram for own in grams for gram in own)
    column = {gram: place for place, gram in enumerate(sorted(g for g, n in counts.items() if n < 400))}
    held = matrix([Sample(number, sorted(own), True) for number, own in enumerate(grams)], column)
    held.data[:] = 1
    size = held.sum(axis=1).A1
    root = list(range(len(every)))

    def top(number: int) -> int:
        while root[number] != number:
            root[number] = root[root[number]]
            number = root[number]
        return number

    for start in range(0, len(every), 2000):
        shared = (held[start : start + 2000] @ held.T).tocoo()
        one, other = shared.row + start, shared.col
        near = (shared.data >= 4) & (one < other) & (shared.data > 0.7 * np.minimum(size[one], size[other]))
        for a, b in zip(one[near], other[near], strict=True):
            low, high = sorted((top(a), top(b)))
            root[high] = low
    return np.array([zlib.crc32(every[top(number)].text.encode()) % PARTS for number in range(len(every))])


def learn(held: sparse.csr_matrix, danger: Floats, weight: Floats) -> tuple[Floats, float]:
    """Return weights and bias of a logistic regression, each n-gram scaled by how unevenly it is spread."""
    said, unsaid = held.T @ (weight * danger), held.T @ (weight * (1 - danger))
    ratio = np.log((said + 0.1) / said.sum()) - np.log((unsaid + 0.1) / unsaid.sum())
    scale = np.clip(ratio, -3, 3) / 2
    scaled = sparse.csr_matrix(held @ sparse.diags(scale))
    turned = scaled.T.tocsr()

    def loss(values: Floats) -> tuple[float, Floats]:
        given = scaled @ values[:-1] + values[-1]
        off = weight * (1 / (1 + np.exp(-given)) - danger)
        penalty = _RIDGE * values[:-1]
        value = weight @ (np.logaddexp(0, given) - danger * given) + penalty @ values[:-1] / 2
        return value, np.append(turned @ off + penalty, off.sum())

    start = np.zeros(held.shape[1] + 1)
    options = {"maxiter": 50, "maxcor": 8, "ftol": 1e-5}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x
    return found[:-1] * scale, float(found[-1])


def learn_kinds(
    held: sparse.csr_matrix, rows: Sequence[Sample], every: Sequence[Said]
) -> tuple[Floats, Floats]:
    """Return n-grams × kinds and a bias per kind: each kind against the other kinds of danger."""
    danger = [place for place, row in enumerate(rows) if every[row.of].kinds]
    told, even = held[danger], np.ones(len(danger))
    weights, biases = np.zeros((held.shape[1], len(KINDS))), np.zeros(len(KINDS))
    for number, kind in enumerate(KINDS):
        meant = np.array([kind in every[rows[place].of].kinds for place in danger], float)
        weights[:, number], biases[number] = learn(told, meant, even)
    return weights, biases


class Model(NamedTuple):
    """What is learnt of one script; `table` has no threshold yet (0)."""

    column: dict[str, int]
    danger: Floats
    bias: float
    kinds: Floats
    prior: Floats

    @classmethod
    def of(cls, rows: Sequence[Sample], every: Sequence[Said]) -> Model:
        counts = Counter(gram for row in rows for gram in row.grams)
        column = {gram: place for place, gram in enumerate(sorted(g for g, n in counts.items() if n > 1))}
        held = matrix(rows, column)
        danger = np.array([bool(every[row.of].kinds) for row in rows], float)
        weight = np.array([(_ALIKE if every[r.of].alike else 1.0) * (1.0 if r.real else _READ) for r in rows])
        found = learn(held, danger, weight)
        return cls(column, *found, *learn_kinds(held, rows, every))

    def table(self, threshold: float) -> tuple[Table, float]:
        """Return the table as it is shipped, in small whole numbers without faint n-grams, and its scale."""
        kept = {
            gram: place for gram, place in self.column.items() if abs(self.danger[place]) >= _LEAST_WEIGHT
        }
        places = list(kept.values())
        scale = float(np.abs(self.danger).max()) / 32767
        danger = np.rint(self.danger[places] / scale).astype(np.int16)
        kinds = np.clip(np.rint(self.kinds[places] * _KIND_STEPS), -127, 127).astype(np.int8)
        prior = (self.prior * _KIND_STEPS).astype(np.float32)
        weights = dict(zip(kept, (scale * weight for weight in danger.tolist()), strict=True))
        rows = {gram: row for row, gram in enumerate(kept)}
        return Table(rows, weights, kinds, self.bias, threshold, prior), scale


class Judged(NamedTuple):
    """Of each utterance: its score for each script (-inf: not in it) and its kind."""

    scores: dict[str, Floats]
    kinds: list[Kind | None]


def cross_validate(
    every: Sequence[Said], found: dict[str, list[Sample]], part: NDArray[np.int64], patterns: Detector
) -> Judged:
    scores = {script: np.full(len(every), -np.inf) for script in found}
    kinds: list[Kind | None] = [None] * len(every)
    asked = [list(views(patterns.streams(said.text))) for said in every]
    for number in range(PARTS):
        tables = {
            script: Model.of([row for row in rows if part[row.of] != number], every).table(0.0)[0]
            for script, rows in found.items()
        }
        for of in np.flatnonzero(part == number):
            for script, grams in asked[of]:
                if (score := tables[script].score(grams)) > scores[script][of]:
                    scores[script][of], kinds[of] = score, tables[script].kind(grams)
    return Judged(scores, kinds)


def threshold(scores: Floats, every: Sequence[Said]) -> float:
    """Return the lowest score that so few harmless words and look-alikes reach as is allowed."""
    there = np.isfinite(scores)
    least = []
    for share, asked in ((FALSE_ALARMS, False), (ALIKE_ALARMS, True)):
        chosen = [
            n
            for n, said in enumerate(every)
            if there[n] and not said.kinds and not said.seen and (said.alike or not asked)
        ]
        held = np.sort(scores[chosen])[::-1]
        least.append(float(held[int(share * len(held))]))
    return max(least)


def doubt(scores: Floats, every: Sequence[Said]) -> float:
    """Return the score below which a pattern is not believed, so that so little danger is lost."""
    held = np.sort(
        [scores[n] for n, said in enumerate(every) if said.kinds and said.seen and scores[n] > -np.inf]
    )
    return float(held[int(DOUBTED * len(held))])


def report(
    every: Sequence[Said],
    judged: Judged,
    least: dict[str, float],
    doubts: dict[str, float],
    patterns: Detector,
) -> None:
    over = np.any([judged.scores[script] > least[script] for script in least], axis=0)
    quiet = [
        patterns.alike(patterns.streams(said.text)) if over[n] else False for n, said in enumerate(every)
    ]
    fires = over & ~np.array(quiet)
    scored = [np.isfinite(judged.scores[script]) for script in doubts]
    low = [~np.isfinite(judged.scores[s]) | (judged.scores[s] < doubts[s]) for s in doubts]
    doubted = np.all(low, axis=0) & np.any(scored, axis=0)
    seen = np.array([said.seen for said in every]) & ~doubted
    danger = np.array([bool(said.kinds) for said in every])
    alike, own = np.array([said.alike for said in every]), np.array([said.own for said in every])
    advice = np.array([bool(said.kinds) and set(said.kinds) <= ADVICE for said in every])
    alarm = np.array([kind is not None and kind not in ADVICE for kind in judged.kinds])
    right = np.array([kind in said.kinds for kind, said in zip(judged.kinds, every, strict=True)])

    def share(what: Any, of: Any) -> str:
        return f"{np.sum(what & of)}/{np.sum(of)} = {np.sum(what & of) / max(np.sum(of), 1):.4f}"

    _say("of hidden parts                 patterns alone | score alone | both")
    for name, of in (("danger", danger), ("  dev", danger & ~own), ("  own phrases", danger & own)):
        _say(f"{name:16} {share(seen, of)} | {share(fires, of)} | {share(seen | fires, of)}")
    _say("missed by patterns, found by score: " + share(fires, danger & ~seen))
    for name, of in (("harmless", ~danger), ("  look-alikes", ~danger & alike), ("  asks", ~danger & ~alike)):
        _say(
            f"{name:16} {share(seen, of)} | {share(fires, of)} | {share(seen | fires, of)}"
            f" (score before look-alike rules {share(over, of)})"
        )
    _say("kind right, of danger found by score: " + share(right, danger & fires))
    _say("advice lines made an alarm by score: " + share(fires & alarm & ~seen, advice))


def write(path: Path, models: dict[str, Model], least: dict[str, float], doubts: dict[str, float]) -> None:
    arrays: dict[str, Any] = {"kinds": np.array(KINDS), "made_from": np.array(digest(REVIEWED))}
    for script, model in models.items():
        table, scale = model.table(least[script])
        arrays[f"{script}.grams"] = np.frombuffer("\n".join(table.rows).encode(), np.uint8)
        arrays[f"{script}.danger"] = np.rint(np.array([*table.danger.values()]) / scale).astype(np.int16)
        arrays[f"{script}.kinds"] = table.kinds
        arrays[f"{script}.prior"] = table.prior
        arrays[f"{script}.numbers"] = np.array(
            [scale, table.bias, least[script], doubts[script] - least[script]]
        )
        _say(f"{script}: {len(table.rows)} n-grams, threshold {least[script]:.3f}")
    np.savez_compressed(path, **arrays)
    _say(f"{path}: {path.stat().st_size / 1e6:.2f} MB")


def main(arguments: Sequence[str]) -> None:
    patterns = Detector(load_patterns(FOLDER)[0])
    every = utterances(patterns)
    found = samples(every, patterns)
    judged = cross_validate(every, found, parts(every, found), patterns)
    least = {script: threshold(judged.scores[script], every) for script in found}
    doubts = {script: doubt(judged.scores[script], every) for script in found}
    report(every, judged, least, doubts, patterns)
    if "--check" not in arguments:
        write(WEIGHTS, {script: Model.of(rows, every) for script, rows in found.items()}, least, doubts)


if __name__ == "__main__":
    main(sys.argv[1:])
