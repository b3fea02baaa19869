"""What people in danger say: reviewed YAML in `knowledge/safety/`.

The pattern files (one or more a language) hold word lists, patterns, look-alikes and question marks in a
small language without regular expressions, described in Japanese at the head of `safety/README.md`.  Whatever
is wrong in a file is a `Problem` with its line; a broken row or line is left out and disables no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast, get_args

from knowledge.problems import Problem
from knowledge.yamlsource import Document, Path_, read

FOLDER = Path(__file__).with_name("safety")
RESPONSES = FOLDER / "responses.yaml"

Kind = Literal[
    "sexual_violence", "child_abuse", "domestic_violence", "suicide", "poisoning", "fire", "disaster",
    "crime", "medical", "advice_child", "advice_adult",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
"""All kinds; where several fit, the first in this order is meant (the narrower before the wider)."""
ADVICE: frozenset[Kind] = frozenset({"advice_child", "advice_adult"})
"""Kinds that are urgent without a life at risk."""

Script = Literal["cjk", "latin"]
SCRIPTS: Mapping[str, Script] = {"ja": "cjk", "zh": "cjk", "en": "latin", "pt": "latin", "es": "latin"}
GAP: Mapping[Script, int] = {"cjk": 6, "latin": 3}
"""What `..` without a number allows: characters, or words."""
AROUND: Mapping[Script, int] = {"cjk": 14, "latin": 8}
"""How far the two sides of `&` may be apart."""
_WIDEST = 40
_KEYS = {
    "": {"lang", "words", "patterns", "lookalikes", "questions", "same", "readings"},
    "pattern": {"id", "kind", "note", "say", "unless", "asked", "weak"},
}


@dataclass(frozen=True, slots=True)
class Piece:
    """One of `options` must stand here, after at most `gap` other characters (Latin: words).

    `far`: also in another sentence than what stands before.
    """

    options: tuple[str, ...]
    gap: int = 0
    far: bool = False


@dataclass(frozen=True, slots=True)
class Wording:
    """Pieces in their order within a sentence. `first`, `last`: at its start, at its end."""

    pieces: tuple[Piece, ...]
    first: bool = False
    last: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """What somebody in danger says. `asked`: also where it looks like a question for information.

    `unless`: not where the same sentence holds one of these. `weak`: any other pattern's kind is preferred.
    """

    id: str
    lang: str
    kind: Kind
    say: tuple[Wording, ...]
    unless: tuple[Wording, ...] = ()
    asked: bool = False
    weak: bool = False


@dataclass
class Patterns:
    """All pattern files. `lookalikes`, `questions`: by script.

    `same`: Han characters taken as equal. `readings`: Japanese words in kanji → in kana.
    """

    patterns: list[Pattern] = field(default_factory=list)
    lookalikes: dict[Script, list[Wording]] = field(default_factory=lambda: {"cjk": [], "latin": []})
    questions: dict[Script, list[Wording]] = field(default_factory=lambda: {"cjk": [], "latin": []})
    same: dict[str, str] = field(default_factory=dict)
    readings: dict[str, str] = field(default_factory=dict)


@lru_cache(maxsize=4)
def load_patterns(folder: Path = FOLDER) -> tuple[Patterns, tuple[Problem, ...]]:
    """Return all patterns of a folder that could be read, and every problem. Never raises for bad content."""
    found, problems = Patterns(), list[Problem]()
    documents = [read(path) for path in sorted(folder.glob("*.yaml")) if path.name != RESPONSES.name]
    for document in documents:
        problems += document.problems
    readers = [reader for document in documents if (reader := _Reader.of(document, problems))]
    for reader in readers:
        # Files of one language share their words: a word list may stand in another file.
        for other in readers:
            if other.lang == reader.lang and other is not reader:
                reader.words |= {name: way for name, way in other.words.items() if name not in reader.words}
        reader.read_into(found)
    seen: set[str] = set()
    for pattern in found.patterns:
        if pattern.id in seen:
            problems.append(Problem(folder, 1, "duplicate-id", f"id「{pattern.id}」が 2 回使われています。"))
        seen.add(pattern.id)
    if not found.patterns:
        problems.append(Problem(folder, 1, "empty", "危険な言葉の型が 1 つも読めません。"))
    return found, tuple(sorted(set(problems)))


@dataclass
class _Reader:
    """Reads one pattern file."""

    document: Document
    problems: list[Problem]
    lang: str
    data: dict[str, Any]
    words: dict[str, list[str]]

    @classmethod
    def of(cls, document: Document, problems: list[Problem]) -> _Reader | None:
        data = document.data
        if not isinstance(data, dict) or data.get("lang") not in SCRIPTS:
            message = f"「lang:」に {', '.join(SCRIPTS)} のどれかを書いてください。"
            if not document.problems:
                problems.append(Problem(document.file, 1, "lang", message))
            return None
        reader = cls(document, problems, data["lang"], data, {})
        for key in data.keys() - _KEYS[""]:
            reader.complain((key,), "unknown-key", f"「{key}」という項目はありません。")
        for name, ways in reader.mapping("words").items():
            if isinstance(ways, list) and all(isinstance(way, str) and way for way in ways):
                reader.words[name] = [way for line in ways for way in line.split()]
            else:
                reader.complain(("words", name), "shape", f"言い方の束「{name}」を一覧で書いてください。")
        return reader

    @property
    def script(self) -> Script:
        return SCRIPTS[self.lang]

    def complain(self, path: Path_, code: str, message: str) -> None:
        self.problems.append(Problem(self.document.file, self.document.line(path), code, message))

    def mapping(self, key: str) -> dict[str, Any]:
        value = self.data.get(key) or {}
        if isinstance(value, dict):
            return value
        self.complain((key,), "shape", f"「{key}」は「名前: 内容」の形で書いてください。")
        return {}

    def rows(self, key: str) -> list[Any]:
        value = self.data.get(key) or []
        if isinstance(value, list):
            return value
        self.complain((key,), "shape", f"「{key}」は「- 」で始まる一覧で書いてください。")
        return []

    def read_into(self, found: Patterns) -> None:
        for index, row in enumerate(self.rows("patterns")):
            pattern = self.pattern(row, ("patterns", index))
            if pattern:
                found.patterns.append(pattern)
        for key, target in (("lookalikes", found.lookalikes), ("questions", found.questions)):
            target[self.script] += self.wordings(self.rows(key), (key,))
        for index, line in enumerate(self.rows("same")):
            for pair in str(line).split():
                if len(pair) == 2:
                    found.same[pair[0]] = pair[1]
                else:
                    self.complain(("same", index), "same", f"「{pair}」は 2 文字で書いてください。")
        for index, line in enumerate(self.rows("readings")):
            for pair in str(line).split():
                kanji, _, kana = pair.partition("=")
                if kanji and kana:
                    found.readings[kanji] = kana
                else:
                    message = f"「{pair}」は「漢字=よみ」の形で書いてください。"
                    self.complain(("readings", index), "reading", message)

    def pattern(self, row: Any, at: Path_) -> Pattern | None:
        if not isinstance(row, dict) or not isinstance(row.get("id"), str):
            self.complain(at, "shape", "「- id: …」で始まる形で書いてください。")
            return None
        for key in row.keys() - _KEYS["pattern"]:
            self.complain((*at, key), "unknown-key", f"「{key}」という項目はありません。")
        if row.get("kind") not in KINDS:
            self.complain((*at, "kind"), "kind", f"kind は次のどれかです: {', '.join(KINDS)}")
            return None
        flags = {}
        for key in ("asked", "weak"):
            flags[key] = row.get(key) == "yes"
            if row.get(key, "yes") != "yes":
                self.complain((*at, key), "flag", f"「{key}」は yes と書くか、消してください。")
        say, unless = row.get("say"), row.get("unless") or []
        wordings = self.wordings(say if isinstance(say, list) else [], (*at, "say"))
        if not wordings:
            self.complain(at, "say", f"「{row['id']}」の say に使える行がありません。")
            return None
        barred = self.wordings(unless if isinstance(unless, list) else [unless], (*at, "unless"))
        kind = cast(Kind, row["kind"])
        return Pattern(f"{self.lang}.{row['id']}", self.lang, kind, tuple(wordings), tuple(barred), **flags)

    def wordings(self, lines: list[Any], at: Path_) -> list[Wording]:
        """Return the wordings of pattern lines; a line that cannot be read is a problem and left out."""
        read_: list[Wording] = []
        for index, line in enumerate(lines):
            try:
                read_ += self.line(str(line))
            except ValueError as error:
                self.complain((*at, index), "wording", f"「{line}」: {error}")
        return read_

    def line(self, line: str) -> Iterator[Wording]:
        sides = [self.pieces(side.split()) for side in line.split(" & ")]
        if len(sides) > 2:
            raise ValueError("「&」は 1 行に 1 つまでです。")
        if len(sides) == 1:
            yield sides[0]
            return
        for one, two in (sides, reversed(sides)):
            head = Piece(two.pieces[0].options, AROUND[self.script], far=True)
            yield Wording((*one.pieces, head, *two.pieces[1:]))

    def pieces(self, parts: list[str]) -> Wording:
        first, last = parts[:1] == ["^"], parts[-1:] == ["$"]
        pieces: list[Piece] = []
        gap = 0
        for part in parts[first : len(parts) - last]:
            if part.startswith(".."):
                gap = int(part[2:]) if part[2:].isdecimal() else GAP[self.script]
                if not pieces or gap > _WIDEST or (part[2:] and not part[2:].isdecimal()):
                    raise ValueError(f"「{part}」は言葉の後に、{_WIDEST} までの数で書いてください。")
                continue
            pieces.append(Piece(tuple(dict.fromkeys(self.options(part, ()))), gap))
            gap = 0
        if not pieces or gap:
            raise ValueError("言葉で終わる行にしてください。")
        return Wording(tuple(pieces), first, last)

    def options(self, part: str, inside: tuple[str, ...]) -> Iterator[str]:
        """Yield the alternatives of one piece; `inside`: the word lists being read."""
        for option in part.split("/"):
            name = option[1:-1]
            if not (option.startswith("<") and option.endswith(">")):
                if not any(char.isalnum() for char in option):
                    raise ValueError(f"「{option}」に文字がありません。")
                yield option
            elif name in inside:
                raise ValueError(f"言い方の束「{name}」が自分を呼んでいます。")
            elif name not in self.words:
                raise ValueError(f"言い方の束「{name}」がありません。")
            else:
                for way in self.words[name]:
                    yield from self.options(way, (*inside, name))
