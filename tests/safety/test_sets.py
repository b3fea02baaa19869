"""Recall and false alarms of the detector, on the part that its patterns were written on and on the other."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from intents.safety import detect_crisis

HERE = Path(__file__).parent
# The fewest utterances and look-alikes of a part: a smaller one says little about a share of 0.99.
FLOOR = {"dev": 0.99, "held": 0.99, "fresh": 0.98}
"""The fresh part was .917 when it was first judged, and is not at the aim of .99 by itself yet."""
LEAST = {"dev": (500, 150), "held": (400, 150), "fresh": (420, 200)}


def rows(name: str) -> list[tuple[str, str, str]]:
    """Return (language, kinds, what is said) of a set."""
    read: list[dict[str, Any]] = YAML(typ="safe").load(HERE / f"{name}.yaml")
    return [
        (row["lang"], str(row.get("kind", "")), said)
        for row in read
        for said in row["said"].strip().split("\n")
    ]


@pytest.mark.parametrize("part", LEAST)
def test_danger_is_seen(part: str, capsys: pytest.CaptureFixture[str]) -> None:
    seen: Counter[str] = Counter()
    every: Counter[str] = Counter()
    fitting = 0
    for lang, kinds, said in rows(f"crisis_{part}"):
        crisis = detect_crisis(said)
        every[lang] += 1
        seen[lang] += crisis is not None
        fitting += crisis is not None and crisis.kind in kinds.split("|")
    shares = "  ".join(f"{lang} {seen[lang]}/{every[lang]}" for lang in every)
    with capsys.disabled():
        print(f"\ndanger, {part}: recall {seen.total() / every.total():.4f}  {shares}")
        print(f"kind {fitting / every.total():.4f}")
    assert every.total() >= LEAST[part][0]
    assert seen.total() / every.total() >= FLOOR[part]


def test_the_judged_parts_together_meet_the_aim() -> None:
    """What patterns and scorer were not written on: at least 99 of 100 seen."""
    judged = [said for part in ("held", "fresh") for _, _, said in rows(f"crisis_{part}")]
    assert sum(detect_crisis(said) is not None for said in judged) / len(judged) >= 0.99


@pytest.mark.parametrize("part", LEAST)
def test_look_alikes_go_on(part: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = rows(f"lookalikes_{part}")
    alarms = sum(detect_crisis(text) is not None for _, _, text in said)
    with capsys.disabled():
        print(f"\nlook-alikes, {part}: false alarms {alarms / len(said):.4f} of {len(said)}")
    count = len(said)  # so that a failure does not print the utterances to whoever writes the patterns
    assert count >= LEAST[part][1]
    assert alarms / count <= 0.02


@pytest.mark.parametrize(("name", "least"), [("crisis", 600), ("lookalikes", 150)])
def test_enough_is_judged_that_no_pattern_was_written_on(name: str, least: int) -> None:
    dev, held, fresh = ({said for _, _, said in rows(f"{name}_{part}")} for part in LEAST)
    judged = len((held | fresh) - dev)
    assert judged >= least


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
