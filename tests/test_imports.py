"""The one-way arrows of the house plan."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "knowledge": {"knowledge"},
    "intents": {"intents", "knowledge"},
    "adapters": {"adapters"},
    "bot": {"bot", "intents", "knowledge", "adapters"},
}


def arrows(source: str, package: str) -> set[str]:
    """Return the rooms that a module imports, relative and deferred imports included."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(package if node.level else (node.module or "").split(".")[0])
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "import_module":
            found |= {str(arg.value).split(".")[0] for arg in node.args if isinstance(arg, ast.Constant)}
    return found & MAY_IMPORT.keys()


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_rooms_import_only_what_the_plan_allows(room: str) -> None:
    modules = sorted((ROOT / room).rglob("*.py"))
    assert modules, f"no modules found in {room}"
    wrong = {
        str(path.relative_to(ROOT)): sorted(arrows(path.read_text(encoding="utf-8"), room) - MAY_IMPORT[room])
        for path in modules
    }
    assert {path: rooms for path, rooms in wrong.items() if rooms} == {}


def test_the_guard_sees_a_forbidden_arrow() -> None:
    assert arrows("def f():\n    from bot.app import create_app\n", "adapters") == {"bot"}
    assert arrows("import importlib\nimportlib.import_module('intents.x')\n", "adapters") == {"intents"}


def test_modules_are_short_enough_to_read() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for room in MAY_IMPORT
        for path in (ROOT / room).rglob("*.py")
        if "migrations" not in path.parts
    }
    assert {path: lines for path, lines in lengths.items() if lines > 320} == {}
