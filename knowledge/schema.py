"""JSON Schema for editors: what may stand in each YAML file, named on the file's first line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from knowledge.models import (
    Area,
    Counter,
    Entry,
    GoldQuestion,
    LexiconGroup,
    Municipality,
    OpenData,
    PhoneLine,
)

SHAPES: dict[str, Any] = {
    "entries": list[Entry],
    "phones": dict[str, PhoneLine],
    "counters": dict[str, Counter],
    "areas": dict[str, Area],
    "municipalities": list[Municipality],
    "opendata": OpenData,
    "synonyms": list[LexiconGroup],
    "gold": dict[str, list[str | GoldQuestion]],
}


def schema_of(name: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the files of kind `name`."""
    made: dict[str, Any] = TypeAdapter(SHAPES[name]).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": name, **made}


def write_schemas(folder: Path) -> list[Path]:
    """Write all schemas into `folder` and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in SHAPES:
        path = folder / f"{name}.json"
        path.write_text(json.dumps(schema_of(name), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        written.append(path)
    return written
