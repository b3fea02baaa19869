"""Open official files: CSV in UTF-8, UTF-16 or CP932, GeoJSON, or a zip of these, as tables of cells."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, Any, Literal

from knowledge.opendata.columns import Columns
from knowledge.opendata.problems import ReadingError

Progress = Callable[[int, int], None]
"""Takes the bytes read so far and the bytes in all, of the file in hand."""

LARGEST = 2_000_000_000
"""Bytes of an unpacked member of a zip; the largest official file has some 200 million."""
CHUNK = 1 << 20
HEADER_WITHIN = 6
"""Lines in which the header is looked for: some offices put a title above it."""
EVERY = 500
HEADLESS = (
    "全国地方公共団体コード", "旧郵便番号", "郵便番号", "都道府県名カナ", "市区町村名カナ", "町域名カナ",
    "都道府県名", "市区町村名", "町域名", "2以上の郵便番号", "小字毎の番地", "丁目を有する", "2以上の町域",
    "更新の表示", "変更理由",
)  # fmt: skip
"""The columns of 住所の郵便番号, which comes without a header."""
Cells = tuple[int, list[str] | None]
Encoding = Literal["utf-8-sig", "utf-16", "cp932"]


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `rows` yields (line, cells) once; `line` counts from 1 and is where the row begins.

    Cells are None where the row is no CSV.
    """

    label: str
    columns: Columns
    rows: Iterator[Cells]


Opener = Callable[[], IO[bytes]]


def tables(path: Path, progress: Progress | None = None) -> Iterator[Table]:
    """Yield the tables of `path`. Raises `ReadingError` if there is none, `OSError` if it does not open."""
    if not zipfile.is_zipfile(path):
        yield _table(path.name, lambda: path.open("rb"), path.stat().st_size, progress)
        return
    with zipfile.ZipFile(path, metadata_encoding="cp932") as archive:
        members = [
            m
            for m in archive.infolist()
            if m.filename.lower().endswith((".csv", ".txt", ".geojson", ".json"))
        ]
        members = [m for m in members if not Path(m.filename).name.startswith((".", "__"))]
        if not members:
            raise ReadingError(f"{path.name}: zip の中に CSV がありません")
        for member in sorted(members, key=lambda m: m.filename):
            if member.file_size > LARGEST:
                raise ReadingError(f"{path.name}: {member.filename} が大きすぎます")
            label = f"{path.name}/{Path(member.filename).name}"
            yield _table(label, lambda m=member: archive.open(m), member.file_size, progress)  # type: ignore[misc]


def encoding_of(stream: IO[bytes]) -> Encoding:
    """Return the encoding of the whole stream: byte-order marks first, else UTF-8 if it is, else CP932."""
    first = stream.read(CHUNK)
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while first:
            decoder.decode(first)
            first = stream.read(CHUNK)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp932"
    return "utf-8-sig"


def _table(label: str, opener: Opener, size: int, progress: Progress | None) -> Table:
    with opener() as stream:
        encoding = encoding_of(stream)
    if label.lower().endswith((".geojson", ".json")):
        return _geojson(label, opener, encoding)
    return _csv(label, opener, encoding, size, progress)


def _csv(label: str, opener: Opener, encoding: Encoding, size: int, progress: Progress | None) -> Table:
    rows = _rows(opener, encoding, size, progress)
    candidates: list[tuple[int, list[str]]] = []
    for line, cells in rows:
        candidates.append((line, cells or []))
        if len([cell for cell in cells or [] if cell.strip()]) >= 4 or len(candidates) == HEADER_WITHIN:
            break
    first = candidates[0] if candidates else (1, [])
    if _is_headless(first[1]):
        return Table(label, Columns(HEADLESS), chain([first], rows))
    if not candidates or len(candidates[-1][1]) < 3:
        raise ReadingError(f"{label}: 見出しの行がありません（空のファイルか、CSV ではありません）")
    return Table(label, Columns(candidates[-1][1]), rows)


def _is_headless(cells: list[str]) -> bool:
    if len(cells) != len(HEADLESS):
        return False
    return bool(re.fullmatch(r"[0-9]{4,5} [0-9]{7}", f"{cells[0].strip()} {cells[2].strip()}"))


def _rows(opener: Opener, encoding: Encoding, size: int, progress: Progress | None) -> Iterator[Cells]:
    with opener() as raw, io.TextIOWrapper(raw, encoding, errors="replace", newline="") as text:
        delimiter = "\t" if encoding == "utf-16" else ","
        reader = csv.reader(text, delimiter=delimiter)
        line, count = 1, 0
        while True:
            cells: list[str] | None
            try:
                cells = next(reader)
            except StopIteration:
                break
            except csv.Error:
                cells = None
            begins, line = line, reader.line_num + 1
            count += 1
            if progress and count % EVERY == 0:
                progress(min(raw.tell(), size), size)
            if cells is None or any(cell.strip() for cell in cells):
                yield begins, cells
        if progress:
            progress(size, size)


def _geojson(label: str, opener: Opener, encoding: Encoding) -> Table:
    with opener() as stream:
        try:
            data = json.loads(stream.read().decode(encoding))
        except ValueError:
            raise ReadingError(f"{label}: JSON として読めません") from None
    features = data.get("features") if isinstance(data, dict) else None
    if not isinstance(features, list) or not features:
        raise ReadingError(f"{label}: GeoJSON の features がありません")
    header = list(dict.fromkeys(key for feature in features for key in _properties(feature)))
    taken = Columns(header)
    located = [*header, *(name for name in ("緯度", "経度") if not taken.has(name))]
    rows = (
        (number, [_cell(feature, name) for name in located]) for number, feature in enumerate(features, 1)
    )
    return Table(label, Columns(located), rows)


def _properties(feature: Any) -> dict[str, Any]:
    found = feature.get("properties") if isinstance(feature, dict) else None
    return found if isinstance(found, dict) else {}


def _cell(feature: Any, name: str) -> str:
    """Return a property, or 緯度 and 経度 of the point or the middle of the line, as text."""
    value = _properties(feature).get(name)
    if value is None and name in ("緯度", "経度"):
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        point = geometry.get("coordinates") if isinstance(geometry, dict) else None
        while isinstance(point, list) and point and isinstance(point[0], list):
            point = point[len(point) // 2]
        if isinstance(point, list) and len(point) >= 2:  # GeoJSON has the longitude first
            value = point[1 if name == "緯度" else 0]
    return "" if value is None else str(value)
