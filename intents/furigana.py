"""Furigana: Japanese text as pairs of (as written, reading), the reading empty where none is needed.

Readings are Sudachi's, corrected by `knowledge/readings.yaml`; numbers are read with their counters; what
is written in kana between kanji (okurigana) bears none.  A reading that an author has written behind the
kanji, as 郵便（ゆうびん）, is taken from there and not written twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from sudachipy import SplitMode

from intents.furigana_numbers import COUNTERS, NUMBER, with_counter
from intents.normalize import hiragana
from intents.tokenize import morphemes
from knowledge.yamlsource import read

READINGS = Path(__file__).parent.parent / "knowledge" / "readings.yaml"
MAX_LENGTH = 6000
"""Characters; a longer text stays without furigana."""

Span = tuple[int, int, str]
Segment = tuple[str, str]

_KANJI_CLASS = "々〆〇ヶヵ\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_SURROGATE = re.compile("[\ud800-\udfff]")
_HAS_KANJI = re.compile(f"[{_KANJI_CLASS}]")
_READABLE = re.compile(f"[{_KANJI_CLASS}]|[1-9]つ")
_NUMERALS = re.compile("[0-9一二三四五六七八九十百千]{2}")
_RUNS = re.compile(f"[{_KANJI_CLASS}0-9.,]+|[^{_KANJI_CLASS}0-9.,]+")
_KANA = re.compile(r"[ぁ-ゖー]+")
_GIVEN = re.compile(f"([{_KANJI_CLASS}]{{1,12}})（([ぁ-ゖー]{{1,24}})）")
_COUNTERS = "|".join(sorted(map(re.escape, COUNTERS), key=len, reverse=True))
_COUNTED = re.compile(rf"(?<![0-9A-Za-z.,#\-])({NUMBER})({_COUNTERS})")
_PARTS = re.compile(r"(?<![0-9A-Za-z.,#\-])([1-9][0-9]?)分の([1-9][0-9]?)(?![0-9])")
_KANJI_NUMBER = re.compile(rf"([一二三四五六七八九十百千]{{1,6}})({_COUNTERS})")
_OF_A_MONTH = re.compile(r"(?:[0-9一二三四五六七八九十]月|[毎今来先翌]月)\Z")


def ruby(text: str) -> list[Segment]:
    """Return `text` as (as written, reading in hiragana or ""), in order.

    What is written, joined, is `text` without the readings that its author has put behind kanji.
    """
    return list(_ruby(text))


@lru_cache(maxsize=4096)
def _ruby(text: str) -> tuple[Segment, ...]:
    if len(text) > MAX_LENGTH or not _READABLE.search(text) or _SURROGATE.search(text):
        return ((text, ""),) if text else ()
    text, given = _given(text)
    ours = _segments(text, [])
    if given:
        # Only where the author reads otherwise: our own readings cover a number with its counter.
        given = [span for span in given if not _agrees(ours, span)]
    return tuple(_merged(_segments(text, given) if given else ours))


def _segments(text: str, given: list[Span]) -> list[Segment]:
    """Return the segments of a text in which some readings are given."""
    words = list(_words(text))
    forced = _chosen([*given, *_listed(text), *_numbers(text)])
    segments: list[Segment] = []
    at = 0
    for start, end, reading in sorted([*forced, *_between(text, words, forced)]):
        segments.append((text[at:start], ""))
        segments += align(text[start:end], reading)
        at = end
    segments.append((text[at:], ""))
    return segments


def _agrees(segments: list[Segment], given: Span) -> bool:
    """Return whether `segments`, read up to where the given reading ends, end with that reading."""
    _, end, reading = given
    at, said = 0, ""
    for written, kana in segments:
        at += len(written)
        said = (said + (kana or written))[-40:]
        if at == end:
            return said.endswith(reading)
        if at > end:
            return not kana and (said[: end - at]).endswith(reading)
    return False


@lru_cache(maxsize=1)
def exceptions() -> Mapping[str, str]:
    """Return the readings of `knowledge/readings.yaml` by word."""
    words: dict[str, str] = read(READINGS).data
    return words


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    words = sorted(exceptions(), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)))


def align(written: str, reading: str) -> list[Segment]:
    """Return `written` with `reading` over its kanji alone: 食べる, たべる → [(食, た), (べる, "")]."""
    runs = _RUNS.findall(written)
    pattern = "".join(
        "(.+?)" if _HAS_KANJI.match(run) or run[0].isdigit() else re.escape(hiragana(run)) for run in runs
    )
    match = re.fullmatch(pattern, reading) if len(written) <= 24 else None
    if match is None:
        return [(written, reading)]
    readings = iter(match.groups())
    return [(run, next(readings)) if _HAS_KANJI.match(run) or run[0].isdigit() else (run, "") for run in runs]


def _given(text: str) -> tuple[str, list[Span]]:
    """Take the authors' readings out of the text → (the text without them, where they belong)."""
    spans: list[Span] = []
    parts: list[str] = []
    at = length = 0
    for match in _GIVEN.finditer(text):
        written, reading = match.groups()
        # 交付通知書（はがき） explains and does not read: a reading is not shorter than its kanji.
        if len(reading) < len(written):
            continue
        part = text[at : match.end(1)]
        parts.append(part)
        length += len(part)
        spans.append((length - len(written), length, reading))
        at = match.end()
    return "".join([*parts, text[at:]]), spans


def _listed(text: str) -> Iterator[Span]:
    """Yield the exceptions that are words of their own: not 小山 in 小山田, nor 一日 in 十一日."""
    borders: set[int] | None = None
    for match in _pattern().finditer(text):
        if borders is None:
            borders = {0, len(text)} | {m.begin() for m in morphemes(text, "A")}
        start, end = match.span()
        if {start, end} <= borders and not _NUMERALS.match(text[max(0, start - 1) : start + 1]):
            yield start, end, exceptions()[match[0]]


def _numbers(text: str) -> Iterator[Span]:
    for match in _PARTS.finditer(text):
        below, above = (with_counter(number, "号") or "" for number in match.groups())
        yield (
            match.start(),
            match.end(),
            f"{below.removesuffix('ごう')}ぶんの{above.removesuffix('ごう')}",
        )
    found = morphemes(text, "C")
    ends = {m.begin(): m.end() for m in found}
    numerals = {m.begin(): m.end() for m in found if m.part_of_speech()[1] == "数詞"}
    for match in _COUNTED.finditer(text):
        # 第4日曜日: what follows the number is a longer word of its own.
        if ends.get(match.start(2), 0) <= match.end():
            yield from _counted(text, match)
    for match in _KANJI_NUMBER.finditer(text):
        at = match.start()
        while at in numerals and at < match.end(1):
            at = numerals[at]
        if at == match.end(1) and ends.get(at, 0) <= match.end():
            yield from _counted(text, match)


def _counted(text: str, match: re.Match[str]) -> Iterator[Span]:
    number, counter = match.groups()
    date = bool(_OF_A_MONTH.search(text[max(0, match.start() - 2) : match.start()]))
    reading = with_counter(number, counter, date=date)
    if reading is not None:
        yield match.start(), match.end(), reading


def _chosen(spans: list[Span]) -> list[Span]:
    """Return spans that do not overlap; the earlier in the list wins over the later."""
    taken: list[Span] = []
    for span in spans:
        if all(span[1] <= other[0] or other[1] <= span[0] for other in taken):
            taken.append(span)
    return sorted(taken)


def _between(text: str, words: list[Span], forced: list[Span]) -> Iterator[Span]:
    """Yield the words with kanji that no forced reading touches."""
    covered = bytearray(len(text))
    for start, end, _ in forced:
        covered[start:end] = b"\1" * (end - start)
    loose: list[tuple[int, int]] = []
    for start, end, reading in words:
        if not any(covered[start:end]):
            yield start, end, reading
            continue
        # Part of the word is spoken for: what is left of it is read by itself.
        at = start
        while at < end:
            stop = at
            while stop < end and covered[stop] == covered[at]:
                stop += 1
            if not covered[at]:
                loose.append((at, stop))
            at = stop
    for start, end in loose:
        for inner, stop, reading in _words(text[start:end]):
            yield start + inner, start + stop, reading


def _words(text: str) -> Iterator[Span]:
    """Yield (start, end, reading) of Sudachi's words with kanji; long compounds in their parts."""
    for morpheme in morphemes(text, "C"):
        surface = morpheme.surface()
        if not _HAS_KANJI.search(surface):
            continue
        # The dictionary takes a bracket for part of the word before it: 証（カード）.
        note = surface.find("（")
        if note > 0 and not _HAS_KANJI.search(surface, note):
            yield morpheme.begin(), morpheme.begin() + note, hiragana(morpheme.reading_form())
            continue
        whole = hiragana(morpheme.reading_form())
        parts = [
            (m.begin(), m.end(), m.surface(), hiragana(m.reading_form())) for m in morpheme.split(SplitMode.A)
        ]
        if len(parts) < 2 or "".join(part[3] for part in parts) != whole:
            parts = [(morpheme.begin(), morpheme.end(), surface, whole)]
        for start, end, written, reading in parts:
            if _HAS_KANJI.search(written) and _KANA.fullmatch(reading):
                yield start, end, reading


def _merged(segments: list[Segment]) -> Iterator[Segment]:
    """Yield the segments with neighbours that bear no reading joined, and none that is empty."""
    plain = ""
    for written, reading in segments:
        if not reading:
            plain += written
            continue
        if plain:
            yield plain, ""
            plain = ""
        yield written, reading
    if plain:
        yield plain, ""
