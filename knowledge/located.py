"""Entries with their place in the files, for checks that look at single sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.models import Entry, Knowledge
from knowledge.problems import Problem, Severity
from knowledge.yamlsource import Document, Path_, read


@dataclass(frozen=True)
class Located:
    """An entry and where it stands: `document`, and the path `at` in it (its place in the list)."""

    entry: Entry
    document: Document
    at: Path_

    def line(self, *path: str | int) -> int:
        """Return the line of `path` within the entry; of a text block, its first line of text."""
        place = (*self.at, *path)
        return self.document.line(place) + (place in self.document.blocks)

    def problem(
        self, code: str, message: str, *path: str | int, below: int = 0, severity: Severity = "warning"
    ) -> Problem:
        """Return a problem at `path` within the entry, `below` lines under its first line."""
        return Problem(self.document.file, self.line(*path) + below, code, message, severity)

    def lines(self) -> list[str]:
        """Return the lines of the file that the entry takes, comments included. Raises OSError."""
        text = self.document.file.read_text(encoding="utf-8-sig").splitlines()
        following = (*self.at[:-1], int(self.at[-1]) + 1)
        end = self.document.lines[following] - 1 if following in self.document.lines else len(text)
        return text[self.document.line(self.at) - 1 : end]


def locate(knowledge: Knowledge) -> dict[str, Located]:
    """Return every entry with its place. A file that changed since it was loaded may leave some out."""
    documents: Mapping[Path, Document] = {
        path: read(path) for path in sorted({path for path, _ in knowledge.where.values()})
    }
    found: dict[str, Located] = {}
    for path, document in documents.items():
        for index, row in enumerate(document.data if isinstance(document.data, list) else []):
            entry = knowledge.entries.get(row.get("id", "")) if isinstance(row, dict) else None
            if entry and knowledge.where[entry.id][0] == path:
                found.setdefault(entry.id, Located(entry, document, (index,)))
    return {key: found[key] for key in knowledge.entries if key in found}
