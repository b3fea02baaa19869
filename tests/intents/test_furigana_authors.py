"""Furigana beside the authors: their readings are taken out of the easy answers and found again."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from intents.furigana import ruby
from intents.normalize import hiragana
from knowledge.loader import CONTENT, load

GIVEN = re.compile(r"([々〆\u3400-\u9fff0-9〜]*[々〆\u3400-\u9fff])（([ぁ-ゖー]+)）")


def given(line: str) -> Iterator[tuple[int, int, str]]:
    """Return (start, end, reading) of each word with a reading, in the line without the readings."""
    shorter = 0
    for found in GIVEN.finditer(line):
        yield found.start() - shorter, found.end(1) - shorter, found[2]
        shorter += len(found[2]) + 2


def heard(parts: list[tuple[str, str]], start: int, end: int) -> str:
    """Return how the characters from `start` to `end` are read; whole words where they are cut."""
    at, said = 0, ""
    for written, reading in parts:
        if at < end and at + len(written) > start:
            said += hiragana(reading or written)
        at += len(written)
    return said


def test_the_readings_of_the_authors_are_found_again(capsys: pytest.CaptureFixture[str]) -> None:
    words, wrong = 0, []
    knowledge, _ = load(CONTENT)
    answers = [entry.answer["easy"] for entry in knowledge.entries.values() if "easy" in entry.answer]
    for line in "\n".join(answers).splitlines():
        plain = GIVEN.sub(r"\1", line)
        parts = ruby(plain)
        for start, end, reading in given(line):
            words += 1
            # An author may give the reading of the counter alone: 14日（か）.
            if not heard(parts, start, end).endswith(reading):
                wrong.append((plain[start:end], reading, heard(parts, start, end)))
    accuracy = 1 - len(wrong) / words
    with capsys.disabled():
        print(f"\nfurigana beside the authors': {words - len(wrong)}/{words} alike ({accuracy:.1%})")
    assert words >= 3_000
    assert accuracy >= 0.99, wrong
