"""Spreadsheet files: CSV (UTF-8 with a mark for Excel) and XLSX, in and out."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from openpyxl import Workbook, load_workbook  # type: ignore[import-untyped]
from openpyxl.styles import Alignment, Font  # type: ignore[import-untyped]
from openpyxl.utils.exceptions import IllegalCharacterError, InvalidFileException  # type: ignore[import-untyped]

from bot.staff.cells import escaped, typed

MAX_BYTES = 50 * 1024 * 1024
"""Of a file, and of what an XLSX unpacks to."""


@dataclass(frozen=True, slots=True, order=True)
class CellProblem:
    """What is wrong with a cell. `row` as the spreadsheet counts, 0 for the file; `column`: its heading."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        """Return the place and what to do, in Japanese."""
        place = f"{self.row} 行目" if self.row else "表"
        return f"{place}{f' {self.column} の列' if self.column else ''}: {self.message}"


class SheetError(Exception):
    """A spreadsheet cannot be taken over. `problems` says why; nothing has been written."""

    def __init__(self, problems: Iterable[CellProblem]):
        self.problems = sorted(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `number` as the spreadsheet counts; `cells` by column, empty ones included."""

    number: int
    cells: Mapping[str, str]


def write_sheet(path: Path, header: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Write `rows` as `.csv` or `.xlsx`. Raises OSError, `SheetError` for another name."""
    table = [[escaped(row.get(column, "")) for column in header] for row in rows]
    if path.suffix.lower() == ".csv":
        out = io.StringIO()
        csv.writer(out).writerows([header, *table])
        path.write_text(out.getvalue(), encoding="utf-8-sig", newline="")
        return
    _is_xlsx(path)
    book = Workbook()
    sheet = book.active
    sheet.title = "項目"
    try:
        for values in [list(header), *table]:
            sheet.append(values)
    except IllegalCharacterError:
        message = (
            "表計算ソフトに書けない文字（制御文字）があります。tochimado check で場所を確かめてください。"
        )
        raise SheetError([CellProblem(sheet.max_row, "", message)]) from None
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.number_format = "@"
            if cell.row == 1:
                cell.font = Font(bold=True)
    for column in sheet.columns:
        sheet.column_dimensions[column[0].column_letter].width = 28
    sheet.freeze_panes = "B2"
    book.save(path)


def read_sheet(path: Path, known: Sequence[str]) -> list[Row]:
    """Read the rows of a spreadsheet whose headings are among `known`. Raises `SheetError`, OSError."""
    if path.stat().st_size > MAX_BYTES:
        raise SheetError([CellProblem(0, "", "ファイルが大きすぎます。")])
    if path.suffix.lower() == ".csv":
        table = _csv(path)
    else:
        _is_xlsx(path)
        table = _xlsx(path)
    header = [name.strip() for name in table[0]] if table else []
    while header and not header[-1]:
        header.pop()
    problems = list(_headings(header, known))
    rows = []
    for number, values in enumerate(table[1:], 2):
        if not any(value.strip() for value in values):
            continue
        if any(value.strip() for value in values[len(header) :]):
            message = "見出しのない列に内容があります。列がずれていないか確かめてください。"
            problems.append(CellProblem(number, "", message))
        padded = [*values, *[""] * len(header)]
        rows.append(Row(number, dict(zip(header, padded, strict=False))))
    if problems:
        raise SheetError(problems)
    return rows


def _headings(header: Sequence[str], known: Sequence[str]) -> Iterable[CellProblem]:
    if "id" not in header:
        yield CellProblem(1, "id", "見出しに id がありません。1 行目に見出しを書いてください。")
    for number, name in enumerate(header):
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"「{near[0]}」ではありませんか" if near else "消すか、見出しを直してください"
            yield CellProblem(1, name or f"{number + 1} 番目", f"知らない見出しです。{hint}。")
        elif name in header[:number]:
            yield CellProblem(1, name, "同じ見出しが 2 つあります。片方を消してください。")


def _csv(path: Path) -> list[list[str]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        message = "文字コードが UTF-8 ではありません。「CSV UTF-8（コンマ区切り）」で保存し直してください。"
        raise SheetError([CellProblem(0, "", message)]) from None
    try:
        return [
            [typed(value) for value in row] for row in csv.reader(io.StringIO(text, newline=""), strict=True)
        ]
    except csv.Error as error:
        raise SheetError([CellProblem(0, "", f"CSV として読めません（{error}）。")]) from None


def _xlsx(path: Path) -> list[list[str]]:
    unreadable = SheetError([CellProblem(0, "", "Excel のブック（.xlsx）として読めません。")])
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(item.file_size for item in archive.infolist()) > MAX_BYTES:
                raise SheetError([CellProblem(0, "", "ファイルが大きすぎます。")])
        book = load_workbook(path, read_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError):
        raise unreadable from None
    try:
        sheet = book.worksheets[0]
        table, problems = [], []
        for number, cells in enumerate(sheet.iter_rows(), 1):
            for cell in cells:
                if cell.data_type in ("f", "e"):
                    message = "数式が入っています。文字として書き直してください。"
                    problems.append(CellProblem(number, str(cell.column_letter), message))
            table.append([typed(cell.value) for cell in cells])
    finally:
        book.close()
    if problems:
        raise SheetError(problems)
    return table


def _is_xlsx(path: Path) -> None:
    if path.suffix.lower() != ".xlsx":
        raise SheetError([CellProblem(0, "", "ファイル名は .csv か .xlsx で終わらせてください。")])
