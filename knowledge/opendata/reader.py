"""Read official files into places: `read_file` for one, `read_files` for sheets that belong together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from knowledge.opendata import mhlw
from knowledge.opendata.context import Context, HoursSheet, Municipalities
from knowledge.opendata.files import Progress, Table, tables
from knowledge.opendata.layouts import BY_NAME, Layout, detect
from knowledge.opendata.problems import Outside, ReadingError, RowError, RowProblem
from knowledge.opendata.row import Row
from knowledge.place import Place

_FILE_DATE = re.compile(r"(?<![0-9])(20[0-9]{2})-?([01][0-9])-?([0-3][0-9])(?![0-9])")
_NO_CSV = "CSV として読めません（引用符が閉じていないか、セルが長すぎます）"
_SHIFTED = "セルの数が見出しより多く、列がずれています"


@dataclass
class Reading:
    """What files gave. `rows`: data rows seen; `layout`: its name, several joined with `+`.

    `credit` and `licence` are of the first table; every place carries its own. `outside`: sound rows of
    another prefecture, in lists that hold the whole country.
    """

    layout: str = ""
    title: str = ""
    places: list[Place] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    rows: int = 0
    outside: int = 0
    credit: str = ""
    licence: str = ""
    source: str = ""

    @property
    def rejected(self) -> int:
        """Rows that were left out."""
        return len({(p.file, p.line) for p in self.problems if p.effect == "row"})


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller says of the files; see `read_file`."""

    layout: str | None = None
    source: str | None = None
    checked: date | None = None
    municipalities: Mapping[str, str] = field(default_factory=dict)
    credit: str | None = None
    licence: str | None = None
    progress: Progress | None = None


def read_file(
    path: Path,
    layout: str | None = None,
    *,
    source: str | None = None,
    checked: date | None = None,
    municipalities: Mapping[str, str] | None = None,
    credit: str | None = None,
    licence: str | None = None,
    progress: Progress | None = None,
) -> Reading:
    """Read one file, or all tables of a zip; a 診療科・診療時間票 in it joins the 施設票 beside it.

    `layout`: a name of `layouts.BY_NAME`, found by the headers when None. `checked`: the date of the data,
    by default the date in the file's name. `municipalities`: name → code, for places told by their address.
    Raises `ReadingError` where nothing can be read, `OSError` where the file cannot be opened.
    """
    options = Options(layout, source, checked, municipalities or {}, credit, licence, progress)
    return read_files([path], options)


def read_files(paths: Sequence[Path], options: Options | None = None) -> Reading:
    """Read several files as one, such as 02-1 and 02-2 of 医療情報ネット. Raises as `read_file` does."""
    reading = Reading()
    for item in stream(paths, options or Options(), reading):
        if isinstance(item, Place):
            reading.places.append(item)
        else:
            reading.problems.append(item)
    if reading.places:
        first = reading.places[0]
        reading.source, reading.credit = reading.source or first.source, reading.credit or first.credit
    return reading


def stream(paths: Sequence[Path], options: Options, reading: Reading) -> Iterator[Place | RowProblem]:
    """Yield places and problems row by row; layout, credit and count of rows are set in `reading` on the way.

    Sheets of hours are read first, whatever their order. Raises as `read_file` does, on the first `next`.
    """
    if options.layout is not None and options.layout not in BY_NAME:
        raise ReadingError(f"様式「{options.layout}」はありません（{'、'.join(BY_NAME)}）")
    names = Municipalities(options.municipalities)
    sheets: dict[str, HoursSheet] = {}
    seen: dict[str, tuple[str, int, Place]] = {}
    used: set[str] = set()
    hours_at: list[str] = []
    for hours_first in (True, False):
        for path in paths:
            for table in tables(path, options.progress):
                layout = _layout(table, options)
                if (layout.read is None) != hours_first:
                    continue
                _describe(reading, layout, options)
                if layout.read is None:
                    hours_at.append(table.label)
                    yield from _read_hours(table, sheets, reading)
                    continue
                context = _context(names, layout, options, path, sheets)
                for item in _read_places(table, layout, context, reading, seen):
                    if isinstance(item, Place):
                        used.add(item.key.partition(":")[2])
                    yield item
    left = len(sheets.keys() - used)
    if left:
        yield RowProblem(
            hours_at[0], 1, "ID", f"{left}件",
            "この ID の施設票がないので使いません（施設票と一緒に読み込んでください）", "row",
        )  # fmt: skip


def _layout(table: Table, options: Options) -> Layout:
    if options.layout is not None:
        layout = BY_NAME[options.layout]
        named = any(table.columns.has(name) for name in ("name", "block", "postal", "station"))
        if layout.read is not None and not named:
            raise ReadingError(f"{table.label}: 名称の列がなく、様式「{layout.title}」として読めません")
        return layout
    found = detect(table.columns)
    if not found:
        shown = "、".join(table.columns.header[:6])
        raise ReadingError(f"{table.label}: 知っている様式の見出しではありません（{shown} …）")
    return found


def _describe(reading: Reading, layout: Layout, options: Options) -> None:
    if layout.name not in reading.layout.split("+"):
        reading.layout = "+".join(filter(None, (reading.layout, layout.name)))
        reading.title = "、".join(filter(None, (reading.title, layout.title)))
    source, credit, licence = layout.origin
    reading.source = reading.source or options.source or source
    reading.credit = reading.credit or options.credit or credit
    reading.licence = reading.licence or options.licence or licence


def _context(
    names: Municipalities, layout: Layout, options: Options, path: Path, sheets: Mapping[str, HoursSheet]
) -> Context:
    source, credit, licence = layout.origin
    return Context(
        municipalities=names,
        source=options.source or source,
        credit=options.credit or credit,
        licence=options.licence or licence,
        checked=options.checked or _file_date(path.name),
        title=layout.title,
        hours=sheets,
    )


def _file_date(name: str) -> date | None:
    match = _FILE_DATE.search(name)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def _rows(table: Table, reading: Reading) -> Iterator[tuple[Row, RowProblem | None]]:
    """Yield each row, and what makes it unusable as a whole."""
    width = len(table.columns.header)
    for line, cells in table.rows:
        reading.rows += 1
        row = Row(table.label, line, table.columns, cells or [])
        if cells is None:
            yield row, RowProblem(table.label, line, "（行）", "", _NO_CSV, "row")
            continue
        extra = [cell for cell in cells[width:] if cell.strip()]
        wrong = RowProblem(table.label, line, "（列）", extra[0][:80], _SHIFTED, "row") if extra else None
        yield row, wrong


def _read_hours(table: Table, sheets: dict[str, HoursSheet], reading: Reading) -> Iterable[RowProblem]:
    for row, wrong in _rows(table, reading):
        if wrong:
            yield wrong
            continue
        try:
            mhlw.add_hours(row, sheets)
        except RowError as error:
            yield RowProblem(table.label, row.line, error.column, error.value, error.reason, "row")
        yield from row.problems


def _read_places(
    table: Table, layout: Layout, context: Context, reading: Reading, seen: dict[str, tuple[str, int, Place]]
) -> Iterator[Place | RowProblem]:
    if layout.read is None:
        return
    for row, wrong in _rows(table, reading):
        if wrong:
            yield wrong
            continue
        try:
            place = layout.read(row, context)
        except Outside:
            reading.outside += 1
            continue
        except RowError as error:
            yield from row.problems
            yield RowProblem(table.label, row.line, error.column, error.value, error.reason, "row")
            continue
        yield from row.problems
        first = seen.setdefault(place.key, (table.label, row.line, place))
        if first[2] is not place:
            reason = f"{first[0]} の {first[1]} 行目と同じもの（{first[2].name}）なので使いません"
            yield RowProblem(table.label, row.line, row.heading("name"), place.name, reason, "row")
            continue
        yield place
