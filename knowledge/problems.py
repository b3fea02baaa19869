"""What `tochimado check` finds: problems with file, line, severity, code and a message for staff."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One problem. `line` from 1. `message` in Japanese: what is wrong, what was expected, what to do."""

    file: Path
    line: int
    code: str
    message: str
    severity: Severity = "error"

    def __str__(self) -> str:
        """Return the contract's form: `file:line: severity[code] message`."""
        return f"{self.file}:{self.line}: {self.severity}[{self.code}] {self.message}"

    def as_json(self) -> dict[str, str | int]:
        """Return the problem as a JSON object."""
        return {
            "file": str(self.file),
            "line": self.line,
            "severity": self.severity,
            "code": self.code,
            "message": self.message,
        }


class KnowledgeError(Exception):
    """The knowledge cannot be used. `problems` says why, at least one of them an error."""

    def __init__(self, problems: list[Problem]):
        errors = [p for p in problems if p.severity == "error"]
        super().__init__("\n".join(map(str, errors)))
        self.problems = problems
