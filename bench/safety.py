"""Print recall and false alarms of the danger detector for each set and language: ``python -m bench.safety``.

``dev`` is what the patterns were written on; ``held`` and ``fresh`` are what they are judged on. The sets are
``tests/safety/crisis_*.yaml`` and ``tests/safety/lookalikes_*.yaml``. With ``--wrong`` what the detector gets
wrong is listed below the table (not for whoever writes the patterns).
"""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from intents.safety import detect_crisis

SETS = Path(__file__).parents[1] / "tests" / "safety"
PARTS = ("dev", "held", "fresh")


@dataclass
class Count:
    said: int = 0
    seen: int = 0
    fitting: int = 0
    alike: int = 0
    alarms: int = 0


def judge(part: str, wrong: list[str]) -> dict[str, Count]:
    """Return the counts of a part per language, with a sum under "all"; list in ``wrong`` what differs."""
    counts: dict[str, Count] = defaultdict(Count)
    for name in ("crisis", "lookalikes"):
        read: list[dict[str, Any]] = YAML(typ="safe").load(SETS / f"{name}_{part}.yaml")
        for row in read:
            for said in row["said"].strip().split("\n"):
                crisis = detect_crisis(said)
                found = crisis.kind if crisis else "-"
                kinds = row["kind"].split("|") if name == "crisis" else ["-"]
                if found not in kinds:
                    wrong.append(f"{part} {row['lang']} {'|'.join(kinds)} > {found}: {said}")
                for count in (counts[row["lang"]], counts["all"]):
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
    for part in PARTS:
        for lang, c in judge(part, wrong).items():
            print(
                f"{part:6} {lang:5} {c.said:10}  {c.seen / max(c.said, 1):6.4f}"
                f"  {c.fitting / max(c.said, 1):10.4f}  {c.alike:11}  {c.alarms:12}"
            )
    if "--wrong" in sys.argv[1:]:
        print(*wrong, sep="\n")


if __name__ == "__main__":
    main()
