"""Pieces of a text, single asks, and what they do to a ranking: against sums done the slow way."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from intents.asks import SEVERAL, Asks
from intents.hearing import Heard
from intents.index import Field, Index, build
from intents.pieces import Pieces, pieces


def test_pieces_are_pairs_and_kanji() -> None:
    assert pieces("税の証") == {"税の": 1.0, "の証": 1.0, "税": 1.0, "証": 1.0}
    assert pieces("まま、まま") == {"まま": 3.0}
    assert pieces("e-tax") == {"eta": 1.0, "tax": 1.0}
    assert pieces("") == pieces("。！") == {}


def test_an_entry_that_has_every_piece_gets_about_the_whole_weight() -> None:
    entries = [[pieces("納税証明書")], [pieces("旅券の写真")], [pieces("納税の相談")]]
    entries += [[pieces("".join(chr(0x5000 + 50 * n + k) for k in range(5)))] for n in range(30)]
    found = Pieces(entries, unknown=3.0)
    sums = np.zeros(len(entries))
    for rows, impacts, weight in found.lists(pieces("納税証明書"), 4.0):
        sums[rows] += impacts * weight
    assert sums[0] == pytest.approx(4.0, rel=0.35)
    assert sums[0] > 2 * sums[2] > 0.0
    assert sums[1] == 0.0
    assert found.lists(pieces("海"), 4.0) == []


def heard(explained: dict[int, float], named: dict[int, float], total: float) -> Heard:
    return Heard([], explained, named, [], [], [], total)


def slow(
    asks: list[dict[str | int, float]], index: Index, explained: dict[int, float], total: float
) -> float:
    likes = []
    for ask in asks:
        weights = {index.vocabulary[t]: says * index.idf[index.vocabulary[t]] for t, says in ask.items()}
        said = min(sum(explained.get(n, 0.0) for n in weights) / total, 1.0)
        asked = sum(w for n, w in weights.items() if n in explained) / sum(weights.values())
        likes.append(math.sqrt(said * asked))
    return sum(sorted(likes)[-SEVERAL:]) / min(len(likes), SEVERAL)


def test_several_asks_are_the_mean_of_the_three_most_alike() -> None:
    chance = random.Random(2)
    terms: list[str | int] = [f"t{number}" for number in range(12)]
    entries: list[list[dict[str | int, float]]] = [
        [dict.fromkeys(chance.sample(terms, chance.randint(1, 5)), 1.0) for _ in range(chance.randint(1, 6))]
        for _ in range(40)
    ]
    index = build([[entry] for entry in entries], (Field(1.0, 0.5),))
    asks = Asks.of([(entry, ()) for entry in entries], index)
    said = {index.vocabulary[term]: 1.0 for term in ("t1", "t2", "t3")}
    rows = np.arange(40, dtype=np.int32)
    for _ in range(2):  # what one question leaves behind does not reach the next
        like = asks.alike(rows, heard(said, dict.fromkeys(said, 1.0), 3.0))
        for row, entry in enumerate(entries):
            assert like.several[row] == pytest.approx(slow(entry, index, said, 3.0))


def test_asks_in_other_languages_count_only_for_them() -> None:
    entries: list[tuple[list[dict[str | int, float]], list[dict[str | int, float]]]] = [
        ([{"旅券": 1.0}], [{"passport": 1.0}]),
        ([], [{"passport": 1.0}]),
    ]
    index = build([[[*native, *foreign]] for native, foreign in entries], (Field(1.0, 0.5),))
    asks = Asks.of(entries, index)
    number = index.vocabulary["passport"]
    said = heard({number: 1.0}, {number: 1.0}, 1.0)
    rows = np.array([0, 1], np.int32)
    assert asks.alike(rows, said).asked.tolist() == [0.0, 0.0]
    assert asks.alike(rows, said, foreign=True).asked.tolist() == [1.0, 1.0]
