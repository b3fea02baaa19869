"""Print recall and false alarms of the danger detector for each set and language: ``python -m bench.safety``.

``dev``, ``more`` and ``fresh`` are what the patterns and the weights were made from (``fresh`` judged them
before); ``held`` and ``blind`` are what they are judged on, without what the others hold, too. The sets are
``tests/safety/crisis_*.yaml`` and ``tests/safety/lookalikes_*.yaml``. With ``--wrong`` what the detector gets
wrong is listed below the table (not for whoever writes the patterns).
"""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

from intents.normalize import bare, clean, fold
from intents.safety import detect_crisis
from knowledge.safety_phrases import LEARNT

SETS = Path(__file__).parents[1] / "tests" / "safety"
JUDGED = ("held", "blind")


@dataclass
class Count:
    said: int = 0
    seen: int = 0
    fitting: int = 0
    alike: int = 0
    alarms: int = 0


class Row(NamedTuple):
    """One utterance of a set. `kinds`: those that fit, none for a look-alike."""

    lang: str
    kinds: tuple[str, ...]
    said: str


@cache
def rows(name: str, part: str) -> tuple[Row, ...]:
    """Return a set as it is written. `name`: ``crisis`` or ``lookalikes``."""
    read: list[dict[str, Any]] = YAML(typ="safe").load(SETS / f"{name}_{part}.yaml")
    return tuple(
        Row(row["lang"], tuple(row["kind"].split("|")) if "kind" in row else (), said)
        for row in read
        for said in row["said"].strip().split("\n")
    )


@cache
def learnt() -> frozenset[str]:
    """Return everything that patterns and weights were made from, without blanks and punctuation."""
    return frozenset(
        bare(fold(clean(row.said)))
        for part in LEARNT
        for name in ("crisis", "lookalikes")
        for row in rows(name, part)
    )


def asked(name: str, part: str) -> list[Row]:
    """Return what a part is judged by: all of it, or what was not learnt."""
    if part not in JUDGED:
        return list(rows(name, part))
    return [row for row in rows(name, part) if bare(fold(clean(row.said))) not in learnt()]


def judge(part: str, wrong: list[str]) -> dict[str, Count]:
    """Return the counts of a part per language, with a sum under "all"; list in ``wrong`` what differs."""
    counts: dict[str, Count] = defaultdict(Count)
    for name in ("crisis", "lookalikes"):
        for lang, kinds, said in asked(name, part):
            crisis = detect_crisis(said)
            found = crisis.kind if crisis else "-"
            if found not in (kinds or ("-",)):
                wrong.append(f"{part} {lang} {'|'.join(kinds)} > {found}: {said}")
            for count in (counts[lang], counts["all"]):
                if name == "crisis":
                    count.said += 1
                    count.seen += crisis is not None
                    count.fitting += found in kinds
                else:
                    count.alike += 1
                    count.alarms += crisis is not None
    counts["all"] = counts.pop("all")
    return counts


def main() -> None:
    wrong: list[str] = []
    print("set    lang  utterances  recall  kind right  look-alikes  false alarms")
    for part in (*LEARNT, *JUDGED):
        for lang, c in judge(part, wrong).items():
            print(
                f"{part:6} {lang:5} {c.said:10}  {c.seen / max(c.said, 1):6.4f}"
                f"  {c.fitting / max(c.said, 1):10.4f}  {c.alike:11}  {c.alarms:12}"
            )
    if "--wrong" in sys.argv[1:]:
        print(*wrong, sep="\n")


if __name__ == "__main__":
    main()
