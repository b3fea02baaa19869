"""Recall and false alarms of the detector, on the part that its patterns were written on and on the other."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.safety import JUDGED, asked
from intents.safety import detect_crisis
from knowledge.safety_phrases import LEARNT

FLOOR = {"dev": 0.99, "more": 0.99, "fresh": 0.99, "held": 0.99, "blind": 0.97}
ALARMS = {"dev": 0.02, "more": 0.02, "fresh": 0.02, "held": 0.02, "blind": 0.03}
LEAST = {
    "dev": (500, 150),
    "more": (2000, 2500),
    "fresh": (450, 200),
    "held": (400, 150),
    "blind": (500, 250),
}
"""The fewest utterances and look-alikes of a part: a smaller one says little about a share of 0.99."""


@pytest.mark.parametrize("part", LEAST)
def test_danger_is_seen(part: str, capsys: pytest.CaptureFixture[str]) -> None:
    seen: Counter[str] = Counter()
    every: Counter[str] = Counter()
    fitting = 0
    for lang, kinds, said in asked("crisis", part):
        crisis = detect_crisis(said)
        every[lang] += 1
        seen[lang] += crisis is not None
        fitting += crisis is not None and crisis.kind in kinds
    shares = "  ".join(f"{lang} {seen[lang]}/{every[lang]}" for lang in every)
    with capsys.disabled():
        print(f"\ndanger, {part}: recall {seen.total() / every.total():.4f}  {shares}")
        print(f"kind {fitting / every.total():.4f}")
    assert every.total() >= LEAST[part][0]
    assert seen.total() / every.total() >= FLOOR[part]


@pytest.mark.parametrize("part", LEAST)
def test_look_alikes_go_on(part: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = asked("lookalikes", part)
    alarms = sum(detect_crisis(row.said) is not None for row in said)
    with capsys.disabled():
        print(f"\nlook-alikes, {part}: false alarms {alarms / len(said):.4f} of {len(said)}")
    count = len(said)  # so that a failure does not print the utterances to whoever writes the patterns
    assert count >= LEAST[part][1]
    assert alarms / count <= ALARMS[part]


@pytest.mark.parametrize(("name", "least"), [("crisis", 600), ("lookalikes", 150)])
def test_enough_is_judged_that_nothing_was_written_on(name: str, least: int) -> None:
    judged = {row.said for part in JUDGED for row in asked(name, part)}
    assert len(judged) >= least
    assert not judged & {row.said for part in LEARNT for row in asked(name, part)}


@given(st.text(max_size=400))
def test_nothing_raises(text: str) -> None:
    crisis = detect_crisis(text)
    assert crisis is None or crisis.evidence


@pytest.mark.parametrize("said", ["死にたい", "胸が苦しい", "家が燃えてる"])
def test_every_way_of_writing(said: str) -> None:
    spaced = "\u200b".join(said)
    for variant in (said, spaced, f"　{said}　。。。", said + "！！！" * 20, said + "\u202e"):
        assert detect_crisis(variant) is not None
    assert detect_crisis("") is None
    assert detect_crisis("あ" * 10_000) is None
