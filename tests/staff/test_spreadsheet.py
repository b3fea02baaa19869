"""Export and import: nothing is lost, nothing is written half, no cell is a formula."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from bot.staff.cells import cells_of, columns, escaped, merged, raw_of, unescaped
from bot.staff.sheetfiles import SheetError, read_sheet, write_sheet
from bot.staff.spreadsheet import export, import_entries
from bot.staff.yamledit import EditError, edit_entry
from knowledge.loader import CONTENT, load
from knowledge.located import locate
from tests.staff.folder import clean, copy, line_of

Rows = list[dict[str, str]]


def rows_of(path: Path) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: Rows, header: list[str] | None = None) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, header or list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def snapshot(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return clean(tmp_path / "content")


@pytest.fixture
def sheet(root: Path, tmp_path: Path) -> Callable[[Callable[[Rows], object]], Path]:
    """Export, change the rows, and return the file to import."""

    def make(change: Callable[[Rows], object]) -> Path:
        path = tmp_path / "out.csv"
        export(root, path)
        rows = rows_of(path)
        change(rows)
        return write(path, rows)

    return make


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_out_and_in_again_changes_no_byte_of_what_ships(tmp_path: Path, kind: str) -> None:
    root = copy(CONTENT, tmp_path / "content")
    before = snapshot(root)
    count = export(root, tmp_path / f"out.{kind}")
    assert count == len(load(root)[0].entries) > 180
    made = import_entries(root, tmp_path / f"out.{kind}")
    assert (made.changed, made.added, made.files) == ([], [], {})
    assert snapshot(root) == before


def test_a_change_in_every_entry_that_ships_changes_one_line_each(tmp_path: Path) -> None:
    root = copy(CONTENT, tmp_path / "content")
    export(root, tmp_path / "out.csv")
    rows = rows_of(tmp_path / "out.csv")
    for row in rows:
        row["owner"] = "municipality" if row["owner"] != "municipality" else "pref.office"
    made = import_entries(root, write(tmp_path / "in.csv", rows))
    assert len(made.changed) == len(rows)
    differences = 0
    for path in sorted(root.rglob("*.yaml")):
        old = (CONTENT / path.relative_to(root)).read_text(encoding="utf-8").splitlines()
        new = path.read_text(encoding="utf-8").splitlines()
        changed = [(one, two) for one, two in zip(old, new, strict=True) if one != two]
        assert all(one.startswith("  owner: ") and two.startswith("  owner: ") for one, two in changed)
        differences += len(changed)
    assert differences == len(rows)


def test_every_field_of_what_ships_comes_back_from_its_cells() -> None:
    knowledge, _ = load(CONTENT)
    for place in locate(knowledge).values():
        raw = place.document.data[place.at[0]]
        assert place.entry == type(place.entry).model_validate(raw_of(cells_of(raw)))
        assert merged(raw, {}) == raw


def test_a_change_touches_its_lines_only_and_keeps_every_comment(
    root: Path, sheet: Callable[..., Path]
) -> None:
    old = (root / "mynumber/a.yaml").read_text(encoding="utf-8").splitlines()

    def change(rows: Rows) -> None:
        rows[0]["title.ja"] = "カードの紛失"
        rows[0]["answer.ja"] += "\n2. 警察に届ける"
        rows[0]["asks.ja"] += "\nカードがない"
        rows[0]["links.ja"] = "公式サイト"
        rows[0]["checked"] = "2026/11/1"

    made = import_entries(root, sheet(change))
    assert (made.changed, made.added) == (["mynumber.lost"], [])
    new = (root / "mynumber/a.yaml").read_text(encoding="utf-8").splitlines()
    gone = [line for line in old if line not in new]
    came = [line for line in new if line not in old]
    assert [line.strip().split(":")[0] for line in gone] == ["title", "- title", "checked"]
    assert came == [
        new[3], "      - カードがない", "      2. 警察に届ける", new[line_of(root, "公式サイト") - 1],
        "  checked: 2026-11-01",
    ]  # fmt: skip
    remarks = [line.split("#")[1] for line in old if "#" in line]
    assert [line.split("#")[1] for line in new if "#" in line] == remarks
    entry = load(root)[0].entries["mynumber.lost"]
    assert entry.answer["ja"].endswith("1. 電話する\n2. 警察に届ける")
    assert entry.links[0].title == {"ja": "公式サイト", "en": "Official site"}
    assert load(root)[1] == []


def test_a_new_row_is_a_new_entry(root: Path, sheet: Callable[..., Path]) -> None:
    def change(rows: Rows) -> None:
        rows.append({**rows[1], "id": "mynumber.hours", "title.ja": "= 時間", "file": ""})
        rows.append({**rows[1], "id": "living.trash", "phones": "mynumber.free", "file": "living/trash.yaml"})

    made = import_entries(root, sheet(change))
    assert made.added == ["mynumber.hours", "living.trash"]
    knowledge, problems = load(root)
    assert problems == []
    assert knowledge.where["mynumber.hours"][0].name == "a.yaml"
    assert knowledge.where["living.trash"] == (root / "living/trash.yaml", 2)
    assert (
        (root / "living/trash.yaml")
        .read_text(encoding="utf-8")
        .startswith("# yaml-language-server: $schema=")
    )
    assert knowledge.entries["mynumber.hours"].title["ja"] == "= 時間"


def test_a_row_that_is_gone_deletes_nothing(root: Path, sheet: Callable[..., Path]) -> None:
    before = snapshot(root)
    import_entries(root, sheet(lambda rows: rows.pop(0)))
    assert snapshot(root) == before


def test_a_column_that_is_gone_changes_nothing(root: Path, tmp_path: Path) -> None:
    before = snapshot(root)
    write(tmp_path / "in.csv", [{"id": "mynumber.lost", "owner": "municipality"}])
    import_entries(root, tmp_path / "in.csv")
    assert snapshot(root) == before


def test_an_emptied_cell_takes_the_text_away(root: Path, sheet: Callable[..., Path]) -> None:
    import_entries(root, sheet(lambda rows: rows[0].update({"title.es": "", "answer.es": "", "phones": ""})))
    entry = load(root)[0].entries["mynumber.lost"]
    assert ("es" in entry.title, "es" in entry.answer, entry.phones) == (False, False, [])


def test_a_dry_run_writes_nothing(root: Path, sheet: Callable[..., Path]) -> None:
    before = snapshot(root)
    made = import_entries(root, sheet(lambda rows: rows[0].update({"title.ja": "別の題"})), write=False)
    assert made.changed == ["mynumber.lost"]
    assert "別の題" in made.files[root / "mynumber/a.yaml"]
    assert snapshot(root) == before


# what is done to the first row → row and column that the message names
BAD: dict[str, tuple[dict[str, str], int, str]] = {
    "a title too long": ({"title.ja": "あ" * 301}, 2, "title.ja"),
    "no Japanese": ({"title.ja": ""}, 2, ""),
    "no such day": ({"checked": "2026-02-30"}, 2, "checked"),
    "no address": ({"links.url": "javascript:alert(1)"}, 2, "links.url"),
    "a link without address": ({"links.ja": "一つ目\n二つ目"}, 2, "links.url"),
    "a bad id": ({"id": "MyNumber"}, 2, "id"),
    "an unknown counter": ({"owner": "nobody"}, 2, ""),
    "an unknown number": ({"answer.ja": "0120-11-2233 へ"}, 2, ""),
    "an unknown follow-up": ({"next": "mynumber.nowhere"}, 2, ""),
    "an area that is not there": ({"id": "sports.ball", "file": ""}, 2, "id"),
    "another folder": ({"id": "mynumber.x", "file": "../x.yaml"}, 2, "file"),
    "twice": ({"id": "mynumber.office"}, 3, "id"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_mistake_is_named_with_row_and_column_and_nothing_is_written(
    root: Path, sheet: Callable[..., Path], what: str
) -> None:
    change, row, column = BAD[what]
    before = snapshot(root)
    with pytest.raises(SheetError) as caught:
        import_entries(root, sheet(lambda rows: rows[0].update(change)))
    assert (row, column) in [(problem.row, problem.column) for problem in caught.value.problems]
    assert str(caught.value.problems[0]).startswith(f"{caught.value.problems[0].row} 行目")
    assert snapshot(root) == before


def test_unknown_and_repeated_headings_are_refused(root: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,titel.ja,owner,owner\nx,1,2,3\n", encoding="utf-8")
    with pytest.raises(SheetError) as caught:
        import_entries(root, tmp_path / "in.csv")
    assert [(p.row, p.column) for p in caught.value.problems] == [(1, "owner"), (1, "titel.ja")]
    assert "「title.ja」ではありませんか" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("a.csv", "id,title.ja\nmynumber.lost,題\n".encode("cp932"), "UTF-8"),
        ("a.csv", b"title.ja\nx\n", "id"),
        ("a.csv", b"id;title.ja\nx;y\n", "id"),
        ("a.csv", b'id,owner\n"x', "CSV"),
        ("a.csv", b"id\nmynumber.lost,extra\n", "見出しのない"),
        ("a.xlsx", b"PK no", "xlsx"),
        ("a.xls", b"", ".csv か .xlsx"),
    ],
)
def test_files_that_are_no_spreadsheets(root: Path, tmp_path: Path, name: str, raw: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(SheetError, match=said):
        import_entries(root, tmp_path / name)


def test_a_formula_in_a_workbook_is_refused_at_its_place(root: Path, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "title.ja"])
    sheet.append(["mynumber.lost", "=1+1"])
    book.save(tmp_path / "in.xlsx")
    with pytest.raises(SheetError) as caught:
        import_entries(root, tmp_path / "in.xlsx")
    assert [(p.row, p.column) for p in caught.value.problems] == [(2, "B")]


def test_a_workbook_that_unpacks_too_large_is_refused(root: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "in.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(6):
            archive.writestr(f"xl/{number}.xml", b"\0" * 10_000_000)
    with pytest.raises(SheetError, match="大きすぎ"):
        import_entries(root, tmp_path / "in.xlsx")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "＝", "＋", "－", "＠", " =", "'", "'="])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_cell_is_a_formula_and_all_come_back(tmp_path: Path, start: str, kind: str) -> None:
    text = f"{start}HYPERLINK(1)"
    path = tmp_path / f"x.{kind}"
    write_sheet(path, ["id", "owner"], [{"id": "a", "owner": text}])
    shown = rows_of(path)[0]["owner"] if kind == "csv" else load_workbook(path).worksheets[0]["B2"].value
    assert str(shown) == f"'{text}"
    assert read_sheet(path, ["id", "owner"])[0].cells["owner"] == text


@given(st.text())
def test_escaping_is_undone_for_any_text(text: str) -> None:
    assert unescaped(escaped(text)) == text


def test_columns_are_each_there_once() -> None:
    assert len(columns()) == len(set(columns()))
    assert {"id", "title.ja", "asks.es", "answer.easy", "links.url", "links.zh", "source.url", "file"} <= set(
        columns()
    )


def test_an_edit_that_would_lose_a_comment_is_refused() -> None:
    text = "- id: a.b\n  phones:\n    - x  # 大事\n  owner: c\n"
    with pytest.raises(EditError, match="コメント"):
        edit_entry(text, {"id": "a.b", "owner": "c"})
    assert edit_entry(text, {"id": "a.b", "phones": ["x"], "owner": "d"}) == text.replace("c\n", "d\n")
