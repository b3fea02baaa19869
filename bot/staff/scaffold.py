"""A first version of an entry: complete enough to be valid, in the form that the content files have."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from knowledge.loader import load
from knowledge.models import AREAS, EntryId, Knowledge
from knowledge.problems import Problem

HEADER = "# yaml-language-server: $schema=../../schema/entries.json\n"
_PLAIN = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`](?:[^:#\n]*[^\s:#])?")
_WORDLIKE = frozenset(("true", "false", "null", "yes", "no", "on", "off", "~"))


class ScaffoldError(ValueError):
    """An entry cannot be made like this; says why in Japanese."""


@dataclass(frozen=True)
class Draft:
    """What a clerk says of a new entry. All texts are Japanese; `asks` at least one."""

    id: str
    title: str
    asks: Sequence[str]
    answer: str
    owner: str
    source: str
    source_url: str | None = None


def next_review(today: date) -> date:
    """Return the end of the fiscal year (31 March) that is at least half a year away."""
    year = today.year if today.month < 4 else today.year + 1
    end = date(year, 3, 31)
    return end if (end - today).days >= 180 else end.replace(year=year + 1)


def target(root: Path, entry_id: str, file: Path | None = None) -> Path:
    """Return the file in the area's folder that a new entry goes to.

    The one named `file`, else the only one there is, else a new one named for the entry.
    """
    area, _, slug = entry_id.partition(".")
    folder = root / area
    if file is not None:
        return folder / Path(file.name).with_suffix(".yaml")
    files = sorted(folder.glob("*.yaml"))
    return files[0] if len(files) == 1 else folder / f"{slug.split('-')[0].split('.')[0]}.yaml"


def check_id(entry_id: str, knowledge: Knowledge) -> None:
    """Raise `ScaffoldError` unless `entry_id` can be the id of a new entry."""
    try:
        TypeAdapter(EntryId).validate_python(entry_id)
    except ValidationError:
        raise ScaffoldError(
            f"id「{entry_id}」は「分野.名前」の形で、半角の小文字・数字・- で書いてください（48 文字まで）。"
        ) from None
    if entry_id.partition(".")[0] not in AREAS:
        raise ScaffoldError(f"id「{entry_id}」の分野は {', '.join(AREAS)} のどれかです。")
    if entry_id in knowledge.where:
        file, line = knowledge.where[entry_id]
        raise ScaffoldError(f"id「{entry_id}」はもうあります（{file}:{line}）。別の名前にしてください。")


def entry_text(draft: Draft, today: date) -> str:
    """Return the YAML of one entry. The texts are quoted where YAML would take them otherwise."""
    url = [f"    url: {quoted(draft.source_url)}"] if draft.source_url else []
    lines = [
        f"- id: {draft.id}",
        "  title:",
        f"    ja: {quoted(draft.title)}",
        "  asks:",
        "    ja:",
        *(f"      - {quoted(ask)}" for ask in draft.asks),
        "  answer:",
        "    ja: |",
        *(f"      {line}".rstrip() for line in draft.answer.strip().splitlines()),
        f"  owner: {draft.owner}",
        "  source:",
        f"    name: {quoted(draft.source)}",
        *url,
        f"  checked: {today.isoformat()}",
        f"  review_by: {next_review(today).isoformat()}",
    ]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """Return `text` as a YAML scalar on one line, quoted if it would not be read as typed."""
    flat = " ".join(text.split())
    plain = _PLAIN.fullmatch(flat) and flat.casefold() not in _WORDLIKE
    return flat if plain else json.dumps(flat, ensure_ascii=False)


def add_entry(root: Path, path: Path, text: str) -> list[Problem]:
    """Append an entry to `path`, made with its folder if it is not there.

    Return the errors that it would bring into the folder `root`; then nothing is changed. Raises OSError.
    """
    known = {(problem.file, problem.code, problem.message) for problem in load(root)[1]}
    before = path.read_bytes() if path.exists() else None
    path.parent.mkdir(parents=True, exist_ok=True)
    old = before.decode("utf-8-sig") if before is not None else HEADER
    gap = "" if old == HEADER else "\n" if old.endswith("\n") else "\n\n"
    path.write_text(old + gap + text, encoding="utf-8")
    wrong = [
        problem
        for problem in load(root)[1]
        if problem.severity == "error" and (problem.file, problem.code, problem.message) not in known
    ]
    if wrong and before is None:
        path.unlink()
    elif wrong and before is not None:
        path.write_bytes(before)
    return wrong
