"""The term index and the summing of its lists, against sums done the slow way."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from intents import scorer as scorer_module
from intents.expansion import NEIGHBOURS, Contents, expand, neighbours
from intents.index import SATURATION, Field, Index, build
from intents.lexicon import Lexicon
from intents.scorer import Scorer

FIELDS = (Field(2.0, 0.5), Field(1.0, 0.75))


def random_index(size: int, seed: int = 3) -> Index:
    chance = random.Random(seed)
    terms = [f"t{number}" for number in range(60)]

    def text() -> dict[str | int, float]:
        return dict.fromkeys(chance.choices(terms, k=chance.randint(1, 12)), 1.0)

    return build([[[text(), text()], [text()]] for _ in range(size)], FIELDS)


def test_impact_is_bm25f() -> None:
    index = build([[[{"a": 1.0}], [{"a": 2.0, "b": 2.0}]], [[{"c": 3.0}], [{}]]], FIELDS)
    first = 2.0 * 1.0 / (0.5 + 0.5 * 1.0 / 2.0) + 2.0 / (0.25 + 0.75 * 4.0 / 2.0)
    idf = math.log1p((2 - 1 + 0.5) / 1.5)
    rows, impacts = index.postings("a")
    assert rows.tolist() == [0]
    assert impacts[0] == pytest.approx(first * (SATURATION + 1) / (first + SATURATION) * idf, rel=1e-5)
    assert index.postings("nothing")[0].size == 0


def test_many_phrasings_are_no_advantage() -> None:
    one = build([[[{"a": 1.0}], [{}]], [[{"b": 1.0}], [{}]]], FIELDS)
    many = build([[[{"a": 1.0}] * 9, [{}]], [[{"b": 1.0}], [{}]]], FIELDS)
    assert one.postings("a")[1].tolist() == pytest.approx(many.postings("a")[1].tolist())


@pytest.mark.parametrize("few", [0, 10_000])
@pytest.mark.parametrize("budget", [1, 50, 100_000])
def test_scores_are_the_sums(budget: int, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scorer_module, "FEW", few)
    monkeypatch.setattr(scorer_module, "BUDGET", budget)
    monkeypatch.setattr(scorer_module, "SURVIVORS", 10_000)
    index = random_index(400)
    scorer = Scorer(index.size)
    chance = random.Random(budget)
    for _ in range(20):
        lists = [(*index.postings(f"t{chance.randrange(60)}"), chance.random()) for _ in range(6)]
        rows, scores, _ = scorer.best(lists)
        scorer.wipe()
        slow = np.zeros(index.size)
        for found, impacts, weight in lists:
            slow[found] += impacts * weight
        assert len(set(rows.tolist())) == len(rows)
        np.testing.assert_allclose(scores, slow[rows], rtol=1e-4)
        if budget > 50:
            assert set(np.flatnonzero(slow)) == set(rows.tolist())


def test_only_the_best_survive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scorer_module, "SURVIVORS", 5)
    index = random_index(300)
    lists = [(*index.postings(term), 1.0) for term in ("t1", "t2", "t3")]
    scorer = Scorer(index.size)
    rows, scores, everything = scorer.best(lists)
    assert len(rows) == 5
    assert scores.min() >= np.sort(everything)[-5] - 1e-6
    scorer.wipe()
    assert not scorer.best([])[0].size


def test_neighbours_are_the_most_similar() -> None:
    same = {f"x{number}": 1.0 for number in range(5)}
    index = build(
        [[[dict(same)], [{}]], [[dict(same)], [{}]]] + [[[{f"y{n}": 1.0}], [{}]] for n in range(20)], FIELDS
    )
    near = neighbours(index)
    assert near.shape == (22, NEIGHBOURS)
    assert 1 in near[0]
    assert 0 in near[1]
    assert set(near[5].tolist()) == {5}


def test_phrases_bring_what_they_mean() -> None:
    index = build(
        [[[{"手数": 1.0, "料": 1.0}], [{}]], [[{"料金": 1.0}], [{}]], [[{"犬": 1.0}], [{}]]], FIELDS
    )
    lexicon = Lexicon({("幾ら",): {("手数", "料"): 0.5, ("料金",): 1.0}, ("猫",): {("鳥",): 1.0}})
    phrases = expand(index, lexicon)
    assert list(phrases.numbers) == [("幾ら",)]
    rows, impacts = phrases.brought.get(0)
    assert rows.tolist() == [0, 1]
    assert impacts[1] == pytest.approx(float(index.postings("料金")[1][0]), rel=1e-5)
    assert impacts[0] < impacts[1]
    assert Contents(index).of(1) == {index.vocabulary["料金"]}


def test_empty_index() -> None:
    index = build([], FIELDS)
    assert index.size == 0
    assert neighbours(index).shape == (0, NEIGHBOURS)
    assert expand(index, Lexicon()).numbers == {}
