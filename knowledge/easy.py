"""Lint for easy Japanese (やさしい日本語): short sentences, few kanji and those with readings, no hard words.

The measures follow the usual advice for easy Japanese: one idea a sentence, a reading behind each kanji
word （漢字（かんじ）, once a text is enough), everyday words.  Findings are warnings: a person decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from knowledge.located import Located
from knowledge.problems import KnowledgeError, Problem
from knowledge.yamlsource import read

WORDS = Path(__file__).with_name("easy_words.yaml")
NAME = "="
MAX_SENTENCE = 40
"""Characters of a sentence without readings and blanks."""
MAX_KANJI = 0.4
"""Share of kanji in a text without readings and blanks."""
FEWEST = 30
"""Characters of a text below which a share of kanji says nothing."""

_KANJI = re.compile(r"[一-龥々ヶ]+")
_READING = re.compile(r"（[ぁ-んァ-ヴー・ ]{1,40}）")
_WORD = re.compile(r"([一-龥々ヶ]+)(（[ぁ-んァ-ヴー・ ]{1,40}）)?")
_SENTENCE = re.compile(r"[^。！？\n]+")
_QUOTED = re.compile(r"「[^「」\n]*」")
_LIST_MARK = re.compile(r"^\s*(?:[・-]|[0-9]{1,2}[.．])\s*")
_PLAIN = frozenset("一二三四五六七八九十百千万年月日時分円人")
"""Kanji of numbers, dates and money, which need no reading."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `below`: lines below the text's first."""

    below: int
    code: str
    message: str


@lru_cache(maxsize=2)
def load_words(path: Path = WORDS) -> Mapping[str, str]:
    """Return hard word → simpler saying, longest words first. Raises `KnowledgeError`.

    `=` as the saying: the name of a thing, which residents meet on papers and signs and which stays as it is.
    """
    document = read(path)
    rows = document.data if isinstance(document.data, dict) else {}
    problems = list(document.problems)
    for word, simpler in rows.items():
        if not isinstance(simpler, str) or not simpler or len(word) < 2:
            message = "「むずかしいことば: やさしい言い方」を 1 行ずつ書いてください（2 文字以上）。"
            problems.append(Problem(path, document.line((word,)), "easy-words", message))
    if problems or not rows:
        raise KnowledgeError(problems or [Problem(path, 1, "easy-words", "ことばが 1 つもありません。")])
    return {word: rows[word] for word in sorted(rows, key=len, reverse=True)}


def without_readings(text: str) -> str:
    """Return `text` without the readings in brackets and without blanks."""
    return re.sub(r"[ 　]+", "", _READING.sub("", text))


def lint(text: str) -> list[Finding]:
    """Return what makes `text` hard to read, in its order."""
    lines = text.split("\n")
    found = [*_long(lines), *_unread(lines), *_hard(lines)]
    plain = without_readings(text).replace("\n", "")
    share = sum(map(len, _KANJI.findall(plain))) / max(1, len(plain))
    if share > MAX_KANJI and len(plain) >= FEWEST:
        message = (
            f"漢字が多すぎます（{share:.0%}、目安は {MAX_KANJI:.0%} まで）。ひらがなに言いかえてください。"
        )
        found.append(Finding(0, "easy-kanji", message))
    return sorted(found, key=lambda finding: finding.below)


def _long(lines: list[str]) -> Iterator[Finding]:
    for below, line in enumerate(lines):
        for match in _SENTENCE.finditer(_LIST_MARK.sub("", line)):
            length = len(without_readings(match[0]))
            if length > MAX_SENTENCE:
                message = (
                    f"1 つの文が長すぎます（{length} 文字、目安は {MAX_SENTENCE} 文字まで）。"
                    f"2 つの文に分けてください:「{_short(match[0])}」"
                )
                yield Finding(below, "easy-long", message)


def _unread(lines: list[str]) -> Iterator[Finding]:
    """Find kanji words that have had no reading so far in the text."""
    known: set[str] = set(_PLAIN)
    for below, line in enumerate(lines):
        missing = []
        for match in _WORD.finditer(line):
            if not match[2] and not set(match[1]) <= known:
                missing.append(match[1])
            known |= set(match[1])
        if missing:
            words = "」「".join(missing[:5])
            message = f"漢字に読みがありません:「{words}」。「漢字（かんじ）」の形で書いてください。"
            yield Finding(below, "easy-reading", message)


def _hard(lines: list[str]) -> Iterator[Finding]:
    """Find hard words; what stands in 「」 is a name or a word that the text explains."""
    for below, line in enumerate(lines):
        plain = _QUOTED.sub("", _READING.sub("", line))
        for word, simpler in load_words().items():
            if word in plain:
                plain = plain.replace(word, "\0")  # what a longer word holds is not named again
                if simpler == NAME:
                    continue
                yield Finding(below, "easy-word", f"「{word}」はむずかしいことばです。例:「{simpler}」")


def _short(sentence: str) -> str:
    plain = without_readings(sentence).strip()
    return plain if len(plain) <= 20 else plain[:20] + "…"


def easy_problems(located: Iterable[Located]) -> Iterator[Problem]:
    """Yield what the lint finds in the easy titles and answers.

    A title needs no readings: it is a button, and those have no room for them.
    """
    for place in located:
        for field, texts in (("title", place.entry.title), ("answer", place.entry.answer)):
            for finding in lint(texts["easy"]) if "easy" in texts else ():
                if field == "answer" or finding.code not in ("easy-reading", "easy-kanji"):
                    yield place.problem(finding.code, finding.message, field, "easy", below=finding.below)
