"""An entry as the cells of one row, and back, without losing anything.

Lists stand one item a line; the titles of links stand line by line beside their addresses.  A field of the
entry model that this module does not know gets a column with JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from knowledge.models import LANGS, Entry

Raw = dict[str, Any]
"""An entry as it stands in the YAML: dicts, lists and strings."""

_BY_LANG = ("title", "asks", "answer")
_LISTS = ("phones", "next")
_PLAIN = ("id", "owner", "checked", "review_by")
_KNOWN = (*_BY_LANG, *_LISTS, *_PLAIN, "links", "source")
DATES = ("checked", "review_by")
FILE = "file"
"""The column that names the file of an entry, relative to the content folder."""
_TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def columns() -> list[str]:
    """Return the columns of the spreadsheet, in order."""
    found = ["id"]
    for name in (name for name in Entry.model_fields if name != "id"):
        if name in _BY_LANG:
            found += [f"{name}.{lang}" for lang in LANGS]
        elif name == "links":
            found += ["links.url", *(f"links.{lang}" for lang in LANGS)]
        elif name == "source":
            found += ["source.name", "source.url"]
        else:
            found.append(name)
    return [*found, FILE]


def cells_of(raw: Raw) -> dict[str, str]:
    """Return the cells of an entry by column, those that are not empty."""
    cells: dict[str, str] = {}
    for name in (*_BY_LANG, "source"):
        for key, value in (raw.get(name) or {}).items():
            cells[f"{name}.{key}"] = "\n".join(value) if isinstance(value, list) else str(value).strip()
    links = raw.get("links") or []
    for column, texts in (
        ("links.url", [link.get("url", "") for link in links]),
        *((f"links.{lang}", [link["title"].get(lang, "") for link in links]) for lang in LANGS),
    ):
        cells[column] = "\n".join(texts)
    cells |= {name: "\n".join(raw.get(name) or []) for name in _LISTS}
    cells |= {name: str(raw.get(name, "")) for name in _PLAIN}
    for name in raw:
        if name not in _KNOWN:
            cells[name] = json.dumps(raw[name], ensure_ascii=False)
    return {column: text for column, text in cells.items() if text.strip()}


def raw_of(cells: Mapping[str, str]) -> Raw:
    """Return the entry that cells stand for; empty cells are not there. Raises ValueError for bad JSON."""
    raw: Raw = {}
    for column in columns():
        text = cells.get(column, "").strip()
        name, _, key = column.partition(".")
        if not text or column == FILE or name == "links":
            continue
        if name == "asks":
            raw.setdefault(name, {})[key] = lines_of(text)
        elif key:
            raw.setdefault(name, {})[key] = text + "\n" * (name == "answer")
        elif name in _LISTS:
            raw[name] = lines_of(text)
        elif name in _KNOWN:
            raw[name] = text
        else:
            raw[name] = json.loads(text)
    links = _links(cells)
    return {**raw, "links": links} if links else raw


def merged(old: Raw, changes: Mapping[str, str]) -> Raw:
    """Return `old` with the cells in `changes` made new; all else is as it was, to the letter.

    Raises ValueError for bad JSON.
    """
    new = raw_of({**cells_of(old), **changes})
    for column in columns():
        name, _, key = column.partition(".")
        touched = (
            any(changed.startswith("links.") for changed in changes) if name == "links" else column in changes
        )
        if touched or name not in old:
            continue
        if name in (*_BY_LANG, "source"):
            if key in old[name]:
                new.setdefault(name, {})[key] = old[name][key]
        else:
            new[name] = old[name]
    return new


def lines_of(text: str) -> list[str]:
    """Return the lines of a cell without blanks around them and without empty ones."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def _links(cells: Mapping[str, str]) -> list[Raw]:
    def lines(column: str) -> list[str]:
        return [line.strip() for line in cells.get(column, "").rstrip().split("\n")]

    urls, titles = lines("links.url"), {lang: lines(f"links.{lang}") for lang in LANGS}
    count = max(len(urls), *(len(texts) for texts in titles.values()))
    links = []
    for number in range(count):
        title = {
            lang: texts[number] for lang, texts in titles.items() if number < len(texts) and texts[number]
        }
        url = urls[number] if number < len(urls) else ""
        if title or url:
            links.append({"title": title, "url": url})
    return links


def escaped(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe before what might be one."""
    return "'" + text if _dangerous(text) else text


def unescaped(text: str) -> str:
    """Return what `escaped` was given."""
    return text[1:] if text.startswith("'") and _dangerous(text[1:]) else text


def _dangerous(text: str) -> bool:
    return text.startswith("'") or text.lstrip(" \n　").startswith(_TRIGGERS)


def typed(value: object) -> str:
    """Return what a cell holds as the text that would be typed in the YAML."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return unescaped(str(value)).replace("\r\n", "\n").replace("\r", "\n")


def as_date(text: str) -> str:
    """Return a date that a spreadsheet has rewritten (2026/1/5) in the form of the YAML, else the text."""
    parts = text.replace("/", "-").split("-")
    if len(parts) == 3 and all(part.isdigit() for part in parts) and len(parts[0]) == 4:
        return f"{parts[0]}-{int(parts[1]):02d}-{int(parts[2]):02d}"
    return text
