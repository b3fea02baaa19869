"""Checks across files: references, numbers outside the registry, places of entries."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from difflib import get_close_matches

from knowledge.models import AREAS, Entry, Knowledge
from knowledge.problems import Problem
from knowledge.yamlsource import Document, Path_

_NUMBER = re.compile(r"(?<![\d-])(0\d{1,4}-\d{1,4}-\d{3,4}|0\d{9,10}|#\d{4}|1[1-9]\d(?=番))(?![\d-])")


def numbers_in(text: str) -> list[str]:
    """Return the telephone numbers written in `text`, full-width digits and dashes folded."""
    folded = unicodedata.normalize("NFKC", text)
    folded = re.sub(r"[‐‑‒–—−ー]", "-", folded)
    return _NUMBER.findall(folded)


def digits(number: str) -> str:
    """Return a telephone number without dashes, for comparing."""
    return number.replace("-", "")


def cross_check(
    knowledge: Knowledge,
    declared: Set[str],
    documents: Sequence[tuple[Document, Path_, Entry]],
    marks: Mapping[str, Document],
) -> list[Problem]:
    """Return the problems that only show when all files are seen together.

    `declared`: the ids of all entries, invalid ones included. `documents`: each valid entry with its place.
    `marks`: the registries' documents by name.
    """
    known_numbers = {digits(phone.number) for phone in knowledge.phones.values()}
    problems: list[Problem] = []
    for document, at, entry in documents:
        problems += _entry(entry, document, at, knowledge, declared, known_numbers)
    for name, counter in knowledge.counters.items():
        if counter.phone and counter.phone not in knowledge.phones:
            problems.append(
                _unknown(marks["counters"], (name, "phone"), counter.phone, knowledge.phones, "phone")
            )
    if "opendata" in marks and knowledge.opendata.publisher not in knowledge.counters:
        publisher = knowledge.opendata.publisher
        problems.append(_unknown(marks["opendata"], ("publisher",), publisher, knowledge.counters, "owner"))
    for name, area in knowledge.areas.items():
        if name not in AREAS:
            problems.append(_unknown(marks["areas"], (name,), name, AREAS, "area"))
        for index, entry_id in enumerate(area.entries):
            if entry_id not in declared:
                problems.append(
                    _unknown(marks["areas"], (name, "entries", index), entry_id, declared, "entry")
                )
    return problems


def _entry(
    entry: Entry,
    document: Document,
    at: Path_,
    knowledge: Knowledge,
    declared: Set[str],
    known_numbers: Set[str],
) -> Iterator[Problem]:
    folder = document.file.parent.name
    if entry.area != folder:
        message = (
            f"id「{entry.id}」はフォルダー「{folder}」に合いません。「{folder}.」で始めるか、移してください。"
        )
        yield Problem(document.file, document.line((*at, "id")), "area", message)
    for index, phone in enumerate(entry.phones):
        if phone not in knowledge.phones:
            yield _unknown(document, (*at, "phones", index), phone, knowledge.phones, "phone")
    if entry.owner not in knowledge.counters:
        yield _unknown(document, (*at, "owner"), entry.owner, knowledge.counters, "owner")
    for index, follow_up in enumerate(entry.next):
        if follow_up not in declared:
            yield _unknown(document, (*at, "next", index), follow_up, declared, "next")
    for field, texts in (("answer", entry.answer), ("title", entry.title)):
        for lang, text in texts.items():
            place = (*at, field, lang)
            start = document.line(place) + (place in document.blocks)
            for offset, number in _placed_numbers(text):
                if digits(number) not in known_numbers:
                    message = (
                        f"電話番号「{number}」は phones.yaml にありません。"
                        "正しい番号か確かめ、phones.yaml に登録してください。"
                    )
                    yield Problem(document.file, start + offset, "number-outside-registry", message)


def _placed_numbers(text: str) -> Iterator[tuple[int, str]]:
    """Yield (lines below the first, number)."""
    for offset, line in enumerate(text.split("\n")):
        for number in numbers_in(line):
            yield offset, number


_KINDS = {
    "phone": ("unknown-phone", "電話番号の登録名", "phones.yaml に登録するか、名前を直してください"),
    "owner": ("unknown-owner", "担当窓口", "counters.yaml に登録するか、名前を直してください"),
    "next": ("dangling-next", "次の案内", "その id の項目を作るか、消してください"),
    "area": ("unknown-area", "分野", "分野の名前を直してください"),
    "entry": ("dangling-entry", "項目", "その id の項目を作るか、消してください"),
}


def _unknown(document: Document, path: Path_, name: str, known: Collection[str], kind: str) -> Problem:
    code, label, remedy = _KINDS[kind]
    near = get_close_matches(name, sorted(known), n=1)
    hint = f"「{near[0]}」ではありませんか。" if near else f"{remedy}。"
    return Problem(document.file, document.line(path), code, f"{label}「{name}」がありません。{hint}")
