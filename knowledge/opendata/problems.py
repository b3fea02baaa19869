"""What reading a file finds wrong: file, line, column, value and reason, each in words for staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Effect = Literal["row", "value", "note"]


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One problem of one row.

    `line`: line of the file that the row begins on, from 1. `effect`: `row` the row was left out, `value` the
    value was dropped and the row stays, `note` nothing was lost (the value was mended or is merely missing).
    """

    file: str
    line: int
    column: str
    value: str
    reason: str
    effect: Effect = "value"

    def __str__(self) -> str:
        """Return the contract's form: `file:line: column: value: reason`."""
        return f"{self.file}:{self.line}: {self.column}: {self.value}: {self.reason}"


class ReadingError(ValueError):
    """The file as a whole cannot be read; the message says in Japanese why and what to do."""


class BadValue(ValueError):
    """A value is not of the form that its column holds; the message is the reason in Japanese."""


class Outside(Exception):
    """The row is sound and of another prefecture. Raised and caught inside this package only."""


class RowError(Exception):
    """The row cannot become a place. Raised and caught inside this package only."""

    def __init__(self, column: str, value: str, reason: str):
        super().__init__(reason)
        self.column, self.value, self.reason = column, value, reason
