"""The same question, written badly, gets the same decision; over the knowledge's gold questions."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from intents.types import Decision
from intents.understand import Understander
from knowledge.gold import load_gold
from tests.intents.noise import NOISES

SAMPLE = 250
FLOORS = {"width": 0.995, "padding": 0.98, "invisible": 0.995, "kana": 0.68, "typo": 0.75}
"""Share of questions whose decision must stay the same. Kana and slips really lose information."""


def decided(decision: Decision) -> tuple[str, str]:
    first = decision.candidates[0].entry_id if decision.candidates and decision.kind != "fallback" else ""
    return decision.kind, first


@pytest.fixture(scope="module")
def questions() -> list[str]:
    found = [question.text for question in load_gold().questions if question.lang in (None, "ja")]
    assert len(found) >= SAMPLE
    return random.Random(5).sample(found, SAMPLE)


@pytest.mark.parametrize("name", list(NOISES))
def test_noise_changes_nothing(
    name: str,
    questions: list[str],
    understander: Understander,
    record_property: Callable[[str, object], None],
) -> None:
    chance = random.Random(11)
    same = asked = 0
    for question in questions:
        noised = NOISES[name](question, chance)
        if noised is None or noised == question:
            continue
        asked += 1
        same += decided(understander.decide(question)) == decided(understander.decide(noised))
    rate = same / asked
    record_property("rate", rate)
    print(f"{name}: the same decision for {rate:.3f} of {asked}")
    assert asked >= 30
    assert rate >= FLOORS[name]
