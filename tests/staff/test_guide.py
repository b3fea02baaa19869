"""The guide for staff keeps up with the program: every code, every command, every picture and file."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.cli import cli, staff
from bot.settings import Settings
from bot.staff.cells import columns
from knowledge.hours import JAPAN, read_hours
from tests.staff.broken import BROKEN
from tests.staff.test_checks import SPOILED

ROOT = Path(__file__).parent.parent.parent
GUIDE = ROOT / "knowledge/GUIDE.md"
TEXT = GUIDE.read_text(encoding="utf-8")
ELSEWHERE = {"phrases.py", "safety.py", "safety_phrases.py", "safety_responses.py"}
"""Modules whose files no clerk edits."""
CODE = re.compile(r"[a-z]+(-[a-z]+)*")
FIRST = {"complain": 1, "problem": 0, "Finding": 1, "Answer": 0, "Problem": 2}
"""Which argument of a call is a code."""


def codes_in(path: Path) -> Iterator[str]:
    """Yield every code of a problem that a module can report, in whichever way it says it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            place = FIRST.get(name)
            found = node.args[place : place + 1] if place is not None else []
            if name == "Answer" and found and isinstance(found[0], ast.IfExp):
                found = [found[0].body]
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple) and path.name in TUPLES:
            found = node.value.elts[:1]
        elif isinstance(node, ast.Dict) and path.name == "validate.py":
            found = [value.elts[0] for value in node.values if isinstance(value, ast.Tuple)]
        else:
            continue
        for value in found:
            if (
                isinstance(value, ast.Constant)
                and isinstance(value.value, str)
                and CODE.fullmatch(value.value)
            ):
                yield value.value


TUPLES = ("explain.py", "yamlsource.py")
SOURCES = [
    *(path for path in sorted((ROOT / "knowledge").glob("*.py")) if path.name not in ELSEWHERE),
    ROOT / "intents/lexicon.py",
    *sorted((ROOT / "bot/staff").glob("*.py")),
]
CODES = {code for path in SOURCES for code in codes_in(path)}


def test_the_codes_are_all_found() -> None:
    known = {code for _, _, _, code in BROKEN.values()} | set(SPOILED)
    known |= {
        "stale",
        "collision",
        "ask-lost",
        "language-missing",
        "gold-changed",
        "link-moved",
        "lexicon-word",
    }
    assert known - CODES == set()


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_has_a_row_with_an_example_and_a_remedy(code: str) -> None:
    rows = [line for line in TEXT.splitlines() if line.startswith(f"| `{code}` |")]
    assert len(rows) == 1, code
    cells = [cell.strip() for cell in rows[0].strip("|").split(" | ")]
    assert len(cells) == 4
    assert all(cells)


def test_no_row_for_a_code_that_does_not_exist() -> None:
    chapter = TEXT[TEXT.index("## check が言うこと") :]
    assert set(re.findall(r"(?m)^\| `([a-z-]+)` \|", chapter)) == CODES


def test_every_command_for_staff_is_explained() -> None:
    for command in staff.COMMANDS:
        assert f"tochimado {command.name}" in TEXT, command.name
    options = {
        option for command in cli.commands.values() for given in command.params for option in given.opts
    }
    mentioned = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", TEXT))
    assert mentioned - options == set()


def test_every_command_of_the_guide_exists() -> None:
    named = set(re.findall(r"tochimado ([a-z-]+)", TEXT))
    assert named - set(cli.commands) == set()


def test_pictures_and_files_are_there() -> None:
    pictures = re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", TEXT)
    assert len(pictures) >= 3
    for said, name in pictures:
        assert said
        assert (GUIDE.parent / name).resolve().read_bytes().startswith(b"\x89PNG"), name
    for name in re.findall(r"(?<!!)\[[^\]]+\]\((?!https?:|#)([^)#]+)\)", TEXT):
        assert (GUIDE.parent / name).exists(), name


def test_the_first_entry_of_the_guide_is_valid(tmp_path: Path) -> None:
    from knowledge.loader import load
    from tests.staff.folder import clean

    example = re.search(r"```yaml\n(- id: .*?)```", TEXT, re.DOTALL)
    assert example
    root = clean(tmp_path)
    area = example[1].split(".")[0].removeprefix("- id: ")
    (root / area).mkdir(exist_ok=True)
    (root / area / "guide.yaml").write_text(example[1], encoding="utf-8")
    assert [str(problem) for problem in load(root)[1]] == []


def test_the_columns_named_are_those_of_the_spreadsheet() -> None:
    for name in re.findall(r"`((?:title|asks|answer|links|source)\.[a-z]+)`", TEXT):
        assert name in columns()


def test_the_hours_of_the_guide_can_be_read() -> None:
    example = re.search(r"```yaml\n( +hours:.*?)```", TEXT, re.DOTALL)
    assert example
    written = YAML(typ="safe").load(example[1])
    hours = read_hours(written["open"], written["closed"])
    assert hours is not None
    assert hours.state_at(datetime(2026, 11, 30, 12, 30, tzinfo=JAPAN)) == "lunch"
    chapter = TEXT[TEXT.index("## 新しい分野と窓口") : TEXT.index("## 公開データ")]
    rules = [
        rule for row in re.findall(r"(?m)^\| (`.*?) \|", chapter) for rule in re.findall(r"`([^`]+)`", row)
    ]
    assert len(rules) >= 7
    for rule in rules:
        if rule != "closed":
            closing = rule in ("mon", "after-hol") or "/" in rule
            assert read_hours([] if closing else [rule], [rule] if closing else []) is not None, rule


def test_the_settings_of_the_guide_exist() -> None:
    known = {item.metadata["env"] for item in fields(Settings)}
    assert set(re.findall(r"TOCHIMADO_[A-Z_]+", TEXT)) <= known
    assert "TOCHIMADO_EXPIRED" in TEXT
