"""Reviewed utterances that the second net of the danger detector is learnt from.

`safety_score/phrases.yaml` and the sets that the patterns are written on have the same form: rows with
`lang`, `kind` (kinds with `|` between; `none` or no kind: harmless) and `said`, one utterance a line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, cast

from knowledge.loader import CONTENT, content_files
from knowledge.problems import Problem
from knowledge.safety import ADVICE, KINDS, SCRIPTS, Kind
from knowledge.yamlsource import read

PHRASES = Path(__file__).with_name("safety_score") / "phrases.yaml"
LEARNT = ("dev", "more", "fresh")
"""Parts of the sets under `tests/safety` that are learnt from; the others judge."""
NEAR_DANGER = frozenset((
    "disaster.climb-plan", "disaster.earthquake", "disaster.evacuate-now", "disaster.fire",
    "disaster.landslide", "disaster.river", "disaster.snow", "environment.bear", "medical.adult-night",
    "medical.aed", "medical.ambulance", "medical.child-fever", "medical.emergency", "medical.mental",
    "medical.nikko-child", "medical.swallowed", "medical.voiceless", "safety.accident",
    "safety.child-abuse", "safety.dv", "safety.kids-line", "safety.police-consult", "safety.scam-call",
    "safety.sexual", "safety.silent-110", "safety.stalker", "safety.suspicious", "safety.theft",
    "safety.yamibaito",
))  # fmt: skip
"""Entries that are asked about in danger, too: what they are asked is no example of harmless words."""
_LANGS = (*SCRIPTS, "easy")


class Said(NamedTuple):
    """One utterance. `kinds`: of its danger; none where it only looks like danger."""

    text: str
    kinds: tuple[Kind, ...]


def read_phrases(path: Path) -> Iterator[Said]:
    """Yield the utterances of a file. Raises ValueError (Japanese; file and line) for a wrong row."""
    document = read(path)
    if document.problems:
        raise ValueError(str(document.problems[0]))
    for index, row in enumerate(document.data if isinstance(document.data, list) else [document.data]):
        wrong = _wrong(row)
        if wrong:
            raise ValueError(str(Problem(path, document.line((index,)), "phrases", wrong)))
        kind = row.get("kind", "none")
        kinds = cast("tuple[Kind, ...]", () if kind == "none" else tuple(kind.split("|")))
        for text in row["said"].strip().split("\n"):
            yield Said(text, kinds)


def _wrong(row: object) -> str:
    """Return what is wrong with a row (Japanese), or an empty text."""
    if not isinstance(row, dict) or row.get("lang") not in _LANGS:
        return f"「lang:」に {', '.join(_LANGS)} のどれかを書いてください。"
    kinds = set(str(row.get("kind", "none")).split("|"))
    if kinds != {"none"} and not kinds <= set(KINDS):
        return f"「kind:」に {', '.join(KINDS)}, none のどれかを書いてください。"
    if row.get("urgency", "") not in ("", "advice" if kinds <= ADVICE else "now") or (
        kinds == {"none"} and "urgency" in row
    ):
        return "「urgency:」は kind が advice_… なら advice、ほかは now です(none には書きません)。"
    if not str(row.get("said") or "").strip():
        return "「said: |」の下に、1 行に 1 つずつ言葉を書いてください。"
    return ""


def digest(paths: Iterable[Path]) -> str:
    """Return a digest of all utterances and their kinds; their order and comments do not matter."""
    lines = {f"{'|'.join(said.kinds)}\t{said.text}\n" for path in paths for said in read_phrases(path)}
    return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


def everyday_asks(root: Path = CONTENT) -> Iterator[str]:
    """Yield what the knowledge is asked, and its titles, in every language, but for `NEAR_DANGER`."""
    for path in content_files(root):
        data = read(path).data
        for row in data if isinstance(data, list) else ():
            if isinstance(row, dict) and "asks" in row and row.get("id") not in NEAR_DANGER:
                titles = row.get("title") or {}
                for lang, asks in row["asks"].items():
                    yield from (text for text in (*(asks or ()), titles.get(lang)) if text)
