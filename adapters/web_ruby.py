"""Furigana beside the blocks of the web channel: every line that the widget shows, with its readings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from adapters.base import JSON

Ruby = Callable[[str], list[tuple[str, str]]]
"""From a text to (as written, reading or empty), in order."""

JAPANESE = ("ja", "easy")
_SHOWN = ("text", "title", "label", "hours", "note")
_MARKER = re.compile(r"^(?:[・•]\s*|\d{1,2}[.．]\s*)")


def ruby_of(message: JSON, ruby: Ruby) -> JSON:
    """Return `{line: [[as written, reading], …]}` for a rendered message; empty if it is not in Japanese.

    Lines are as the widget shows them: without the mark of a step or of a bullet.  A line in which nothing
    needs a reading is left out.
    """
    if message["lang"] not in JAPANESE:
        return {}
    lines = {line for text in _texts(message) for line in _lines(text)}
    return {line: pairs for line in sorted(lines) if (pairs := pairs_of(line, ruby))}


def pairs_of(text: str, ruby: Ruby) -> list[list[str]]:
    """Return `text` as [as written, reading] pairs, or nothing where no reading is needed."""
    pairs = [[written, reading] for written, reading in ruby(text)]
    return pairs if any(reading for _, reading in pairs) else []


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if line.strip():
            yield _MARKER.sub("", line)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in _SHOWN and isinstance(inner, str):
                yield inner
            else:
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
