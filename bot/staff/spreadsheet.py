"""Entries as a spreadsheet and back.

Import changes only what differs, writes only when the whole folder stays valid, and never deletes an entry:
what the spreadsheet does not hold stays as it is.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from bot.staff.cells import DATES, FILE, Raw, as_date, cells_of, columns, merged, raw_of
from bot.staff.scaffold import HEADER, ScaffoldError, check_id, target
from bot.staff.sheetfiles import CellProblem, Row, SheetError, read_sheet, write_sheet
from bot.staff.yamledit import EditError, edit_entry, new_entry
from knowledge.explain import problems_of
from knowledge.loader import load, load_valid
from knowledge.located import Located, locate
from knowledge.models import Entry, Knowledge
from knowledge.problems import Problem
from knowledge.yamlsource import Document, parse


@dataclass(frozen=True)
class Imported:
    """What an import did, or would do. `files`: the new text of each file, by path."""

    changed: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    files: dict[Path, str] = field(default_factory=dict)


def export(root: Path, path: Path) -> int:
    """Write every entry of `root` to a spreadsheet; return how many. Raises `KnowledgeError`, OSError."""
    located = locate(load_valid(root)[0])
    rows = [
        {**cells_of(_raw(place)), FILE: place.document.file.relative_to(root).as_posix()}
        for place in located.values()
    ]
    write_sheet(path, columns(), rows)
    return len(rows)


def import_entries(root: Path, path: Path, *, write: bool = True) -> Imported:
    """Take a spreadsheet over into `root`.

    Raises `KnowledgeError` if the folder has errors now, `SheetError` naming rows and columns, OSError.
    Nothing is written unless everything is right.
    """
    knowledge, _ = load_valid(root)
    rows = read_sheet(path, columns())
    located = locate(knowledge)
    made = Imported()
    problems: list[CellProblem] = []
    blocks: dict[Path, dict[int, str]] = {}
    seen: dict[str, int] = {}
    for row in rows:
        key = row.cells["id"].strip()
        if key in seen:
            problems.append(CellProblem(row.number, "id", f"id「{key}」は {seen[key]} 行目にもあります。"))
            continue
        seen[key] = row.number
        try:
            _take(row, located.get(key), root, made, blocks)
        except SheetError as error:
            problems += error.problems
    if problems:
        raise SheetError(problems)
    for file, edits in blocks.items():
        made.files[file] = _spliced(made.files.get(file) or file.read_text(encoding="utf-8-sig"), edits)
    _stays_valid(root, made.files, seen)
    if write:
        for file, text in made.files.items():
            _write(file, text)
    return made


def _raw(place: Located) -> Raw:
    raw: Raw = place.document.data[place.at[0]]
    return raw


def _take(
    row: Row, place: Located | None, root: Path, made: Imported, blocks: dict[Path, dict[int, str]]
) -> None:
    """Add what `row` changes to `made` and `blocks` (file → line of the entry → its new text)."""
    cells = {
        column: as_date(text.strip()) if column in DATES else text.strip("\n")
        for column, text in row.cells.items()
        if column != FILE
    }
    key = cells["id"] = cells["id"].strip()
    try:
        if place is None:
            check_id(key, Knowledge())
            wanted = raw_of(cells)
            _validate(row, wanted)
            file = target(root, key, _file(row, root))
            before = made.files.get(file)
            if before is None:
                before = file.read_text(encoding="utf-8-sig") if file.exists() else HEADER
            gap = "" if before == HEADER else "\n" if before.endswith("\n") else "\n\n"
            made.files[file] = before + gap + new_entry(wanted)
            made.added.append(key)
            return
        old = _raw(place)
        before_cells = cells_of(old)
        changes = {c: text for c, text in cells.items() if text.strip() != before_cells.get(c, "").strip()}
        if not changes:
            return
        wanted = merged(old, changes)
        _validate(row, wanted)
        block = "\n".join(place.lines()) + "\n"
        blocks.setdefault(place.document.file, {})[place.document.line(place.at)] = edit_entry(block, wanted)
        made.changed.append(key)
    except ScaffoldError as error:
        raise SheetError([CellProblem(row.number, "id", str(error))]) from None
    except EditError as error:
        message = f"自動では書きかえられません（{error}）。YAML を直接直してください。"
        raise SheetError([CellProblem(row.number, "id", message)]) from None
    except ValueError as error:
        raise SheetError([CellProblem(row.number, "", f"読めない内容です（{error}）。")]) from None


def _file(row: Row, root: Path) -> Path | None:
    """Return the file that a new entry names. Raises `SheetError` unless it is one of an area."""
    name = row.cells.get(FILE, "").strip()
    if not name:
        return None
    area = row.cells["id"].strip().partition(".")[0]
    parts = Path(name).parts
    if len(parts) != 2 or parts[0] != area or not parts[1].endswith(".yaml") or parts[1].startswith("."):
        message = f"「{area}/名前.yaml」の形で書くか、空にしてください。"
        raise SheetError([CellProblem(row.number, FILE, message)])
    return root / name


def _validate(row: Row, wanted: Raw) -> None:
    try:
        Entry.model_validate(wanted)
    except ValidationError as error:
        explained = problems_of(error, Document(Path("entry.yaml")), (), Entry)
        places = [_column(item["loc"]) for item in error.errors(include_url=False)]
        raise SheetError(
            CellProblem(row.number, column, problem.message)
            for column, problem in zip(places, explained, strict=True)
        ) from None


def _column(loc: Sequence[str | int]) -> str:
    """Return the column of a place in an entry: `asks, ja, 0` → `asks.ja`, `links, 1, url` → `links.url`."""
    parts = [str(part) for part in loc if isinstance(part, str) and part != "[key]"]
    if parts[:2] == ["links", "title"]:
        parts = ["links", *(parts[2:3] or ["ja"])]
    name = ".".join(parts[:2])
    known = columns()
    return name if name in known else next((c for c in known if c.startswith(f"{name}.")), name)


def _spliced(text: str, edits: Mapping[int, str]) -> str:
    """Return `text` with the blocks that begin at the lines `edits` replaced."""
    lines = text.splitlines(keepends=True)
    document = parse(text.encode(), Document(Path("entry.yaml")))
    starts = sorted(line for path, line in document.lines.items() if len(path) == 1)
    for start in sorted(edits, reverse=True):
        end = next((line for line in starts if line > start), len(lines) + 1)
        lines[start - 1 : end - 1] = [edits[start]]
    return "".join(lines)


def _stays_valid(root: Path, files: Mapping[Path, str], numbers: Mapping[str, int]) -> None:
    """Raise `SheetError` if the folder with `files` in place had errors: references, numbers, places."""
    if not files:
        return
    with tempfile.TemporaryDirectory(prefix="tochimado-import-") as folder:
        copy = Path(folder) / "content"
        shutil.copytree(root, copy)
        for file, text in files.items():
            _write(copy / file.relative_to(root), text)
        knowledge, problems = load(copy)
        errors = [problem for problem in problems if problem.severity == "error"]
        if errors:
            raise SheetError(_of_row(problem, knowledge.where, numbers) for problem in errors)


def _of_row(
    problem: Problem, where: Mapping[str, tuple[Path, int]], numbers: Mapping[str, int]
) -> CellProblem:
    """Return a problem of a file as one of the row whose entry stands there."""
    above = [
        (line, key) for key, (file, line) in where.items() if file == problem.file and line <= problem.line
    ]
    key = max(above)[1] if above else ""
    return CellProblem(numbers.get(key, 0), "", f"{key} {problem.message}".strip())


def _write(file: Path, text: str) -> None:
    """Write `text` in one step, so that a running bot never reads half a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            out.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
