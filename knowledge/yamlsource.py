"""Read YAML as typed text with line numbers.

Every scalar stays the text that was typed: `no`, `0120` and `12:30` are not turned into false, 120 or 750.
Anchors, aliases, merge keys, tags and duplicate keys are refused, each with its line, without expanding
anything, so that a file can neither surprise its author nor exhaust the server ("alias bomb").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from knowledge.problems import Problem

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 12

Path_ = tuple[str | int, ...]


@dataclass
class Document:
    """One YAML file: `data` of dicts, lists and strings; `lines` maps a path in it to its line (from 1)."""

    file: Path
    data: Any = None
    lines: dict[Path_, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    blocks: set[Path_] = field(default_factory=set)
    """Paths of texts written as `|` or `>`: they begin on the line below their key."""

    def line(self, path: Path_) -> int:
        """Return the line of the longest known prefix of `path`."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 1


class _Builder:
    """Turns parser events into data, lines and problems."""

    def __init__(self, document: Document, events: list[Event]):
        self.document = document
        self.events = events
        self.position = 0

    def complain(self, event: Event, code: str, message: str) -> None:
        line = event.start_mark.line + 1
        self.document.problems.append(Problem(self.document.file, line, code, message))

    def next(self) -> Event:
        event = self.events[self.position]
        self.position += 1
        return event

    def value(self, path: Path_) -> Any:
        event = self.next()
        self.document.lines.setdefault(path, event.start_mark.line + 1)
        self.anchored(event)
        if isinstance(event, AliasEvent):
            return None
        tag = str(getattr(event, "tag", None) or "")
        if tag not in ("", "!"):
            self.complain(event, "tag", f"タグ（{tag}）は使えません。消してください。")
        if len(path) > MAX_DEPTH:
            self.complain(
                event, "depth", f"入れ子が深すぎます（{MAX_DEPTH} 段まで）。字下げを確かめてください。"
            )
            self.skip(event)
            return None
        if isinstance(event, ScalarEvent):
            if event.style in ("|", ">"):
                self.document.blocks.add(path)
            return event.value
        if isinstance(event, SequenceStartEvent):
            return self.sequence(path)
        return self.mapping(path)

    def anchored(self, event: Event) -> None:
        """Refuse anchors and aliases, once a file: a bomb of them is one mistake."""
        anchor = getattr(event, "anchor", None)
        if anchor and not any(p.code == "anchor" for p in self.document.problems):
            message = f"アンカーと別名（&{anchor}、*{anchor}）は使えません。内容をそのまま書いてください。"
            self.complain(event, "anchor", message)

    def skip(self, event: Event) -> None:
        depth = int(isinstance(event, SequenceStartEvent | MappingStartEvent))
        while depth:
            event = self.next()
            depth += isinstance(event, SequenceStartEvent | MappingStartEvent)
            depth -= isinstance(event, SequenceEndEvent | MappingEndEvent)

    def sequence(self, path: Path_) -> list[Any]:
        items: list[Any] = []
        while not isinstance(self.events[self.position], SequenceEndEvent):
            items.append(self.value((*path, len(items))))
        self.next()
        return items

    def mapping(self, path: Path_) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(self.events[self.position], MappingEndEvent):
            event = self.events[self.position]
            if isinstance(event, ScalarEvent):
                self.next()
                key = str(event.value)
                self.anchored(event)
            else:
                self.complain(event, "key", "項目名は文字で書いてください。")
                self.value((*path, "?"))
                key = "?"
            if key == "<<":
                self.complain(event, "merge", "合成（<<）は使えません。内容をそのまま書いてください。")
                self.value((*path, key))
                continue
            if key in found:
                first = self.document.lines[(*path, key)]
                self.complain(event, "duplicate-key", f"項目「{key}」が {first} 行目と重なっています。")
                self.value((*path, key, "again"))
                continue
            self.document.lines[(*path, key)] = event.start_mark.line + 1
            found[key] = self.value((*path, key))
        self.next()
        return found


def read(file: Path, shown: Path | None = None) -> Document:
    """Read one YAML file.  `shown`: the name for problems, `file` if None.  Never raises for bad content."""
    document = Document(shown or file)
    try:
        raw = file.read_bytes()
    except OSError as error:
        document.problems.append(
            Problem(
                document.file,
                1,
                "unreadable",
                f"読めません（{error.strerror}）。ファイルの権限を確かめてください。",
            )
        )
        return document
    return parse(raw, document)


def parse(raw: bytes, document: Document) -> Document:
    """Parse the bytes of a YAML file into `document` and return it."""
    problem = _text_problem(raw, document.file)
    if problem:
        document.problems.append(problem)
        return document
    try:
        events = _events(raw.decode("utf-8-sig"))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        document.problems.append(Problem(document.file, line, *_syntax(str(error.problem or error.context))))
        return document
    except YAMLError as error:
        document.problems.append(Problem(document.file, 1, *_syntax(type(error).__name__)))
        return document
    starts = [i for i, event in enumerate(events) if isinstance(event, DocumentStartEvent)]
    if not starts:
        return document
    builder = _Builder(document, events)
    if len(starts) > 1:
        builder.complain(events[starts[1]], "documents", "1 つのファイルに「---」で複数の文書は書けません。")
    builder.position = starts[0] + 1
    data = builder.value(())
    if not any(problem.code == "anchor" for problem in document.problems):
        document.data = data
    return document


def _events(text: str) -> list[Event]:
    """Return the parser's events. Raises `MarkedYAMLError` for bad YAML and for absurdly deep nesting."""
    events: list[Event] = []
    depth = 0
    for event in YAML(typ="safe", pure=False).parse(text):
        depth += isinstance(event, SequenceStartEvent | MappingStartEvent)
        depth -= isinstance(event, SequenceEndEvent | MappingEndEvent)
        if depth > MAX_DEPTH * 8:
            raise MarkedYAMLError(problem="nested too deeply", problem_mark=event.start_mark)
        events.append(event)
    return events


def _text_problem(raw: bytes, file: Path) -> Problem | None:
    if len(raw) > MAX_BYTES:
        return Problem(
            file, 1, "too-large", f"大きすぎます（{MAX_BYTES // 1024 // 1024} MB まで）。分けてください。"
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return Problem(
            file, line, "encoding", "UTF-8 ではない文字があります。文字コード UTF-8 で保存し直してください。"
        )
    for number, line_text in enumerate(text.splitlines(), 1):
        indent = line_text[: len(line_text) - len(line_text.lstrip(" \t"))]
        if "\t" in indent:
            return Problem(
                file, number, "tab", "字下げにタブ文字が使われています。半角の空白 2 つずつに直してください。"
            )
    return None


def _syntax(detail: str) -> tuple[str, str]:
    hint = "この行か 1 つ前の行の、字下げ・「:」の後の空白・引用符・「-」を確かめてください。"
    return "syntax", f"YAML として読めません（{detail}）。{hint}"
