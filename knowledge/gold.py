"""Gold questions: what residents may type, with the entry that must answer; kept apart from `asks`.

gold/<area>.yaml       entry id → questions (a text, or {text, lang})
gold/outside.yaml      outside: messages that no entry answers
gold/followups.yaml    followups: {first, then, entry}; both: {text, entries}
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from knowledge.models import Lang
from knowledge.problems import Problem
from knowledge.yamlsource import Document, Path_, read

GOLD = Path(__file__).with_name("gold")
_LANGS = get_args(Lang)


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `entry`: the entry that must answer, None for one that no entry answers."""

    text: str
    entry: str | None
    lang: Lang | None = None
    file: Path = GOLD
    line: int = 0


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Two turns: `then` makes sense only after `first`; `entry` is what it asks about."""

    first: str
    then: str
    entry: str


@dataclass(frozen=True, slots=True)
class Both:
    """A message with two topics."""

    text: str
    entries: tuple[str, ...]


@dataclass(frozen=True)
class Gold:
    """All gold questions of a folder, and what was wrong with its files."""

    questions: tuple[Question, ...] = ()
    outside: tuple[Question, ...] = ()
    followups: tuple[FollowUp, ...] = ()
    both: tuple[Both, ...] = ()
    problems: tuple[Problem, ...] = field(default=())


def load_gold(folder: Path = GOLD) -> Gold:
    """Load the gold questions of `folder`; a row that cannot be used is a problem and left out."""
    questions: list[Question] = []
    outside: list[Question] = []
    followups: list[FollowUp] = []
    both: list[Both] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")):
        document = read(path)
        problems += document.problems
        rows = document.data if isinstance(document.data, dict) else {}
        if path.stem == "outside":
            found = _questions(document, "outside", rows.get("outside"), None, problems)
            outside += found
        elif path.stem == "followups":
            turns = _rows(document, "followups", rows, ("first", "then", "entry"), problems)
            followups += [FollowUp(row["first"], row["then"], row["entry"]) for row in turns]
            pairs = _rows(document, "both", rows, ("text", "entries"), problems)
            both += [Both(row["text"], tuple(row["entries"])) for row in pairs]
        else:
            for entry, asked in rows.items():
                questions += _questions(document, entry, asked, entry, problems)
    return Gold(tuple(questions), tuple(outside), tuple(followups), tuple(both), tuple(problems))


def _questions(
    document: Document, key: str, asked: Any, entry: str | None, problems: list[Problem]
) -> list[Question]:
    found = []
    for index, written in enumerate(asked if isinstance(asked, list) else []):
        line = document.line((key, index))
        row = {"text": written} if isinstance(written, str) else written
        lang = row.get("lang") if isinstance(row, dict) else None
        if not isinstance(row, dict) or not row.get("text") or (lang is not None and lang not in _LANGS):
            problems.append(
                _bad(document, (key, index), "質問の文か {text: 文, lang: 言語} で書いてください。")
            )
            continue
        found.append(Question(row["text"], entry, lang, document.file, line))
    if not isinstance(asked, list):
        problems.append(_bad(document, (key,), "「- 」で始まる質問の一覧を書いてください。"))
    return found


def _rows(
    document: Document, key: str, data: dict[str, Any], names: tuple[str, ...], problems: list[Problem]
) -> list[dict[str, Any]]:
    rows = data.get(key)
    good = []
    for index, row in enumerate(rows if isinstance(rows, list) else []):
        if isinstance(row, dict) and all(row.get(name) for name in names):
            good.append(row)
        else:
            problems.append(_bad(document, (key, index), f"{', '.join(names)} が必要です。"))
    return good


def _bad(document: Document, place: Path_, message: str) -> Problem:
    return Problem(document.file, document.line(place), "gold", message)
