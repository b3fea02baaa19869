"""Change single entries of a content file and leave every other byte of it, comments included, as it was."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import LiteralScalarString

from bot.staff.cells import DATES, Raw
from knowledge.yamlsource import Document, parse

_FIRST = re.compile(r"( *)-( +)(?=[A-Za-z\"'])")


_REMARK = re.compile(r"(?m)(?:^|(?<=\s))#.*$")


class EditError(ValueError):
    """A text cannot be edited without changing something else in it."""


def edit_entry(text: str, wanted: Raw) -> str:
    """Return the lines of one entry (`- id: …`) with its content made `wanted`. Raises `EditError`."""
    first = _FIRST.match(text)
    if not first:
        raise EditError("「- id: …」で始まっていません")
    indent = first.end()
    text, tail = _without_tail(text, indent)
    inner = " " * indent + text[indent:]
    body = "".join(
        line[indent:] if line[:indent].isspace() and len(line) > indent else line.lstrip(" ")
        for line in inner.splitlines(keepends=True)
    )
    yaml = _yaml()
    try:
        node = yaml.load(body)
    except YAMLError as error:
        raise EditError(type(error).__name__) from None
    _update(node, _read("- " + _indented(body, 2)[2:]), wanted)
    out = io.StringIO()
    yaml.dump(node, out)
    made = _indented(out.getvalue(), indent)
    made = text[:indent] + made[indent:]
    if _read(made) != wanted:
        raise EditError("書きかえると別の内容になります")
    if any(remark not in made for remark in _REMARK.findall(text)):
        raise EditError("書きかえるとコメント（#）が消えます")
    return made + tail


def new_entry(wanted: Raw) -> str:
    """Return the YAML of an entry that does not exist yet. Raises `EditError`."""
    return edit_entry(f"- id: {wanted['id']}\n", wanted)


def _without_tail(text: str, indent: int) -> tuple[str, str]:
    """Divide off the blank lines and comments that follow the content; they belong to what comes next."""
    lines = text.splitlines(keepends=True)
    end = len(lines)
    while end > 1:
        bare = lines[end - 1].strip()
        inside = len(lines[end - 1]) - len(lines[end - 1].lstrip(" ")) > indent
        if bare and (inside or not bare.startswith("#")):
            break
        end -= 1
    return "".join(lines[:end]), "".join(lines[end:])


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 100_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _indented(text: str, columns: int) -> str:
    return "".join(" " * columns + line if line.strip() else line for line in text.splitlines(keepends=True))


def _read(text: str) -> Raw:
    """Return the one entry of a text as the loader sees it."""
    document = parse(text.encode(), Document(Path("entry.yaml")))
    if document.problems or not isinstance(document.data, list) or len(document.data) != 1:
        raise EditError("1 つの項目として読めません")
    found: Raw = document.data[0]
    return found


def _update(node: CommentedMap, before: Raw, wanted: Raw) -> None:
    """Make the mapping `node`, which reads as `before`, read as `wanted`; what is the same is not touched."""
    for key in [key for key in node if key not in wanted]:
        del node[key]
    for key, value in wanted.items():
        old = before.get(key)
        if old == value:
            continue
        if isinstance(value, dict) and isinstance(node.get(key), CommentedMap):
            _update(node[key], old if isinstance(old, dict) else {}, value)
        elif isinstance(value, list) and isinstance(node.get(key), CommentedSeq):
            _update_list(node[key], old if isinstance(old, list) else [], value)
        else:
            node[key] = _commented(_node(key, value), node.get(key))


def _update_list(node: CommentedSeq, before: list[Any], wanted: list[Any]) -> None:
    while len(node) > len(wanted):
        node.pop()
    for number, value in enumerate(wanted):
        if number >= len(node):
            node.append(_node("", value))
        elif number >= len(before) or before[number] != value:
            if isinstance(value, dict) and isinstance(node[number], CommentedMap):
                _update(node[number], before[number], value)
            else:
                node[number] = _node("", value)


def _commented(value: Any, before: Any) -> Any:
    """Return `value` with the comment that followed the text block it takes the place of."""
    if isinstance(value, LiteralScalarString) and hasattr(before, "comment"):
        value.comment = before.comment  # type: ignore[attr-defined]
    return value


def _node(key: str, value: Any) -> Any:
    """Return a new value in the form that the content files have."""
    if isinstance(value, dict):
        return CommentedMap((inner, _node(inner, part)) for inner, part in value.items())
    if isinstance(value, list):
        return CommentedSeq(_node("", part) for part in value)
    if key in DATES:
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return LiteralScalarString(value) if "\n" in value else value
