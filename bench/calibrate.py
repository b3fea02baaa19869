"""Calibrate the confidence of a decision and choose its thresholds by cost.

    .venv/bin/python bench/calibrate.py            prints the figures, writes docs/calibration.svg

Utterances: the knowledge's gold questions (`knowledge/gold`, kept apart from the asks that are indexed) and
those that no entry answers (there, and in `tests/intents/out_of_scope.yaml`), weighed as `OUTSIDE` of the
traffic.  The logistic regression of `intents/policy.py` is fitted on the questions of four fifths of the
entries and judged on the fifth, five times; the curve is over those held-out fifths.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from ruamel.yaml import YAML

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.svg import reliability
from intents import policy
from intents.elsewhere import is_elsewhere
from intents.language import detect
from intents.understand import Understander
from knowledge.gold import Gold, load_gold
from knowledge.loader import CONTENT, load
from knowledge.models import Lang

ROOT = Path(__file__).parent.parent
OUTSIDE = 0.2
FOLDS = 5
Floats = NDArray[np.float64]


@dataclasses.dataclass
class Sample:
    """One held-out utterance. `features`: of the best hit; `place`: where the right entry stands, -1: not."""

    features: list[float]
    place: int
    group: int
    outside: bool


def samples(understander: Understander, gold: Gold) -> Iterator[Sample]:
    """Yield all gold questions and utterances that no entry answers."""
    for question in gold.questions:
        lang = question.lang or detect(question.text).lang
        yield from _sample(understander, question.text, lang, question.entry)
    outside = [(q.text, q.lang or detect(q.text).lang) for q in gold.outside]
    for row in YAML(typ="safe").load(ROOT / "tests/intents/out_of_scope.yaml"):
        outside += [(text, row["lang"]) for text in row["said"]]
    for text, lang in outside:
        yield from _sample(understander, text, lang, None)


def _sample(understander: Understander, text: str, lang: Lang, entry: str | None) -> Iterator[Sample]:
    query, town = understander.read(text, lang)
    if entry is None and town is None and is_elsewhere(query.text):
        return  # declined by a rule, not by confidence
    hits = understander.hits(query)
    if hits:
        ids = [understander.entry_id(hit) for hit in hits]
        place = ids.index(entry) if entry in ids else -1
        group = zlib.crc32((entry or text).encode()) % FOLDS
        yield Sample(policy.features(hits, 0), place, group, entry is None)


def fit(features: Floats, right: Floats, weight: Floats, ridge: float = 0.01) -> Floats:
    """Return the weights of a logistic regression (Newton's method)."""
    beta = np.zeros(features.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-features @ beta))
        gradient = features.T @ (weight * (p - right)) + ridge * beta
        curvature = (features * (weight * p * (1 - p))[:, None]).T @ features + ridge * np.eye(len(beta))
        beta -= np.linalg.solve(curvature, gradient)
    return beta


def costs(p: Floats, place: Floats, outside: NDArray[np.bool_], sure: float, possible: float) -> Floats:
    """Return what each decision costs a resident, in clarifying questions."""
    offered = (place >= 0) & (place < policy.OFFERED)
    answer = np.where(place == 0, 0.0, policy.COST_WRONG)
    clarify = policy.COST_CLARIFY + np.where(offered, 0.0, policy.COST_FALLBACK)
    fallback = np.where(outside, 0.0, policy.COST_FALLBACK)
    return np.where(p >= sure, answer, np.where(p >= possible, clarify, fallback))


def main() -> None:
    """Print weights, thresholds and the reliability table; write the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--picture", type=Path, default=ROOT / "docs" / "calibration.svg")
    options = parser.parse_args()
    knowledge, _ = load(CONTENT)
    found = list(samples(Understander.build(knowledge), load_gold()))
    features = np.array([sample.features for sample in found])
    place = np.array([sample.place for sample in found])
    outside = np.array([sample.outside for sample in found])
    group = np.array([sample.group for sample in found])
    right = (place == 0).astype(np.float64)
    share = OUTSIDE / (1 - OUTSIDE) * (~outside).sum() / max(outside.sum(), 1)
    weight = np.where(outside, share, 1.0)
    p = np.zeros(len(found))
    for fold in range(FOLDS):
        test = group == fold
        p[test] = 1 / (1 + np.exp(-features[test] @ fit(features[~test], right[~test], weight[~test])))
    names = [*policy.FEATURES, "constant"]
    beta = fit(features, right, weight)
    print("weights:", json.dumps(dict(zip(names, beta.round(2).tolist(), strict=True))))
    loss = -(weight * (right * np.log(p) + (1 - right) * np.log(1 - p))).sum() / weight.sum()
    print(f"held-out log loss {loss:.4f}; right {right[~outside].mean():.3f} of {(~outside).sum()} in scope")
    grid = np.arange(0.05, 0.96, 0.01)
    total = {
        (s, q): (weight * costs(p, place, outside, s, q)).sum() / weight.sum()
        for s in grid
        for q in grid
        if q < s
    }
    sure, possible = min(total, key=lambda pair: total[pair])
    print(f"least cost {total[sure, possible]:.3f} at sure {sure:.2f}, possible {possible:.2f}")
    chosen = (weight * costs(p, place, outside, policy.SURE, policy.POSSIBLE)).sum() / weight.sum()
    print(f"cost {chosen:.3f} at the thresholds of policy.py: sure {policy.SURE}, possible {policy.POSSIBLE}")
    _rates(p, place, outside, policy.SURE, policy.POSSIBLE)
    table = _table(p, right, weight)
    for low, high, mean, actual, count in table:
        print(f"{low:.1f}-{high:.1f}  said {mean:.3f}  right {actual:.3f}  n {count}")
    options.picture.parent.mkdir(exist_ok=True)
    options.picture.write_text(reliability(table), encoding="utf-8")


def _rates(p: Floats, place: Floats, outside: NDArray[np.bool_], sure: float, possible: float) -> None:
    answered, asked = p >= sure, (p >= possible) & (p < sure)
    inside = ~outside
    print(
        f"at the thresholds of policy.py, in scope: answered {answered[inside].mean():.3f}, "
        f"of them right {(place[inside & answered] == 0).mean():.3f}, asked back {asked[inside].mean():.3f}, "
        f"with the right one offered {((place >= 0) & (place < 3))[inside & asked].mean():.3f}"
    )
    print(f"out of scope: answered {answered[outside].mean():.3f}, asked back {asked[outside].mean():.3f}")


def _table(p: Floats, right: Floats, weight: Floats) -> list[tuple[float, float, float, float, int]]:
    rows = []
    for low in np.arange(0.0, 1.0, 0.1):
        inside = (p >= low) & (p < low + 0.1 + 1e-9)
        if inside.sum() >= 10:
            mean, actual = (float((weight * v)[inside].sum() / weight[inside].sum()) for v in (p, right))
            rows.append((float(low), float(low + 0.1), mean, actual, int(inside.sum())))
    return rows


if __name__ == "__main__":
    main()
