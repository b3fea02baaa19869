"""The last good knowledge, kept beside the data, so that a slip in the YAML does not stop a restart."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from knowledge.models import Area, Counter, Entry, Knowledge, Municipality, OpenData, PhoneLine

VERSION = 2
_PARTS: dict[str, TypeAdapter[Any]] = {
    "entries": TypeAdapter(dict[str, Entry]),
    "phones": TypeAdapter(dict[str, PhoneLine]),
    "counters": TypeAdapter(dict[str, Counter]),
    "areas": TypeAdapter(dict[str, Area]),
    "municipalities": TypeAdapter(dict[str, Municipality]),
    "opendata": TypeAdapter(OpenData),
}


def write_snapshot(path: Path, knowledge: Knowledge) -> None:
    """Write `knowledge` to `path` in one step: a reader sees the old file or the new one. Raises OSError."""
    made = {
        "version": VERSION,
        "digest": knowledge.digest,
        "where": {key: (str(file), line) for key, (file, line) in knowledge.where.items()},
        **{
            name: adapter.dump_python(getattr(knowledge, name), mode="json")
            for name, adapter in _PARTS.items()
        },
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(made, file, ensure_ascii=False)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_snapshot(path: Path) -> Knowledge | None:
    """Return the knowledge of a snapshot, None if there is none or it cannot be used."""
    try:
        made = json.loads(path.read_text(encoding="utf-8"))
        if made["version"] != VERSION:
            return None
        parts = {name: adapter.validate_python(made[name]) for name, adapter in _PARTS.items()}
        where = {key: (Path(file), int(line)) for key, (file, line) in made["where"].items()}
        return Knowledge(**parts, where=where, digest=str(made["digest"]))
    except (OSError, ValueError, KeyError, TypeError, ValidationError):
        return None
