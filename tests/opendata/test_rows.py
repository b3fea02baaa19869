"""Rows in error, encodings, zips, keys."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest

from knowledge.opendata import ReadingError, read_file
from tests.opendata.helpers import SAMPLES, TOWNS, V1_AED, aed

CSVS = sorted(SAMPLES.glob("*.csv"))


def test_a_bad_row_is_left_out_and_the_others_go_in(tmp_path: Path) -> None:
    reading = aed(tmp_path, {"名称": "見本館"}, {"名称": ""}, {"名称": "見本公園"})
    assert [p.name for p in reading.places] == ["見本館", "見本公園"]
    assert [str(p) for p in reading.problems] == ["aed.csv:3: 名称: : 名称がありません"]
    assert (reading.rows, reading.rejected) == (3, 1)


def test_a_bad_optional_value_is_dropped_and_the_row_stays(tmp_path: Path) -> None:
    reading = aed(
        tmp_path,
        {
            "電話番号": "12-34",
            "URL": "a@example.jp",
            "開始時間": "九時",
            "終了時間": "17:00",
            "利用可能曜日": "平日",
            "小児対応設備の有無": "？",
        },
    )
    (place,) = reading.places
    assert (place.phone, place.url, place.spans, place.hours_known) == ("", "", (), False)
    assert place.hours_text == "平日 九時 17:00"
    assert {(p.line, p.column, p.value, p.effect) for p in reading.problems} == {
        (2, "電話番号", "12-34", "value"),
        (2, "URL", "a@example.jp", "value"),
        (2, "開始時間", "九時", "value"),
        (2, "小児対応設備の有無", "？", "value"),
    }
    assert reading.rejected == 0


def test_lines_are_counted_past_line_breaks_in_cells(tmp_path: Path) -> None:
    reading = aed(tmp_path, {"備考": "一行目\n二行目"}, {"名称": ""})
    assert [p.line for p in reading.problems] == [4]


def test_shifted_columns_reject_the_row(tmp_path: Path) -> None:
    path = tmp_path / "aed.csv"
    cells = ["092088", "1", "栃木県", "小山市", "見本館"] + [""] * 15
    path.write_text(f"{V1_AED}\n{','.join(cells)},あまり\n", encoding="utf-8")
    reading = read_file(path)
    assert reading.places == []
    assert [(p.value, p.effect) for p in reading.problems] == [("あまり", "row")]


def test_the_same_place_twice_goes_in_once(tmp_path: Path) -> None:
    reading = aed(
        tmp_path, {"NO": "7"}, {"NO": "7"}, {"NO": "", "名称": "見本館二"}, {"NO": "", "名称": "見本館　二"}
    )
    assert [p.name for p in reading.places] == ["見本館", "見本館二"]
    assert [(p.line, p.effect) for p in reading.problems] == [(3, "row"), (5, "row")]


def test_keys_are_official_ids_or_a_hash_that_widths_do_not_change(tmp_path: Path) -> None:
    first = aed(tmp_path, {"NO": "7"}, {"NO": "", "住所": "栃木県小山市見本町１－２"}).places
    again = aed(tmp_path, {"NO": "", "住所": "栃木県小山市見本町1-2"}, {"NO": "7.0"}).places
    assert [p.key for p in first] == [p.key for p in reversed(again)]
    assert first[0].key == "od-092088-aed:7"


def test_an_id_that_a_spreadsheet_broke_is_not_used(tmp_path: Path) -> None:
    reading = aed(tmp_path, {"NO": "1.0E+09", "名称": "見本館一"}, {"NO": "1.0E+09", "名称": "見本館二"})
    assert len({p.key for p in reading.places}) == 2
    assert {p.effect for p in reading.problems} == {"note"}


def test_addresses_are_completed_from_the_columns(tmp_path: Path) -> None:
    row = {"都道府県名": "栃木県", "市区町村名": "小山市", "住所": "見本町１－２", "方書": "見本ビル２Ｆ"}
    reading = aed(
        tmp_path,
        row,
        row | {"名称": "別", "住所": "小山市見本町１－２"},
        row | {"名称": "県外", "住所": "茨城県古河市見本1"},
    )
    assert [p.address for p in reading.places] == ["栃木県小山市見本町1-2 見本ビル2F"] * 2 + [
        "茨城県古河市見本1 見本ビル2F"
    ]


def test_the_address_decides_before_the_owner_of_the_list(tmp_path: Path) -> None:
    prefecture = {"都道府県コード又は市区町村コード": "090000", "都道府県名": "栃木県"}
    reading = aed(
        tmp_path,
        prefecture | {"住所": "栃木県宇都宮市見本1"},
        {"住所": "見本町1"},
        prefecture | {"住所": "栃木県見本1"},
        {"住所": "茨城県古河市見本1"},
    )
    assert [p.municipality for p in reading.places] == ["092011", "092088", None, None]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("sample", CSVS, ids=lambda path: path.name)
def test_encodings_give_the_same_places(tmp_path: Path, sample: Path, encoding: str) -> None:
    text = sample.read_text(encoding="utf-8-sig")
    if encoding == "utf-16":
        text = text.replace(",", "\t")
    copy = tmp_path / sample.name
    copy.write_text(text, encoding=encoding, newline="")
    expected, found = (read_file(path, municipalities=TOWNS) for path in (sample, copy))
    assert found.places == expected.places
    assert list(map(str, found.problems)) == list(map(str, expected.problems))
    assert found.rows == expected.rows > 0


def test_broken_characters_reject_a_name_and_drop_a_value(tmp_path: Path) -> None:
    path = tmp_path / "aed.csv"
    rows = [
        f"{V1_AED}",
        "092088,1,,,見本館,,栃木県小山市1,,,,受付@,,,,,,,,",
        "092088,2,,,見本@,,栃木県小山市2,,,,,,,,,,,,",
    ]
    path.write_bytes("\r\n".join(rows).encode("cp932").replace(b"@", b"\x81\x01"))
    reading = read_file(path, municipalities=TOWNS)
    assert [(p.name, p.extra.get("position")) for p in reading.places] == [("見本館", None)]
    assert [(p.line, p.column, p.effect) for p in reading.problems] == [
        (2, "設置位置", "value"),
        (3, "名称", "row"),
    ]


def test_a_zip_of_several_files(tmp_path: Path) -> None:
    path = tmp_path / "公式.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("gsi_emergency_sample.csv", "gsi_shelter_sample.csv", "README.md"):
            archive.write(SAMPLES / name, f"data/{name}")
        archive.writestr("__MACOSX/._gsi.csv", b"\0\1")
    reading = read_file(path, municipalities=TOWNS)
    assert reading.layout == "gsi-emergency+gsi-shelter"
    assert [p.kind for p in reading.places] == ["shelter_emergency"] * 2 + ["shelter"] * 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("other.csv", b"a,b,c,d\n1,2,3,4\n"),
        ("page.html", b"<html></html>"),
        ("x.geojson", b"{}"),
        ("y.json", b"["),
        ("list.csv", "データ名称,データ概要,データ形式,分類\n".encode()),
    ],
)
def test_a_file_of_no_known_layout_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ReadingError, match=name):
        read_file(path)


def test_a_zip_without_csv_and_an_unknown_layout_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.pdf", b"x")
    with pytest.raises(ReadingError, match="CSV がありません"):
        read_file(path)
    with pytest.raises(ReadingError, match="様式「x」"):
        read_file(CSVS[0], "x")


def test_an_unclosed_quote_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "aed.csv"
    good = "092088,1,,,見本館,,栃木県小山市1,,,,,,,,,,,,"
    path.write_text(f"{V1_AED}\n{good}\n" + '"' + "あ" * 200_000 + "\n", encoding="utf-8")
    reading = read_file(path)
    assert [p.name for p in reading.places] == ["見本館"]
    assert [(p.line, p.effect) for p in reading.problems] == [(3, "row")]


def test_a_title_above_the_header(tmp_path: Path) -> None:
    path = tmp_path / "aed.csv"
    path.write_text(
        f"AEDの一覧,,\n\n{V1_AED}\n092088,1,,,見本館,,栃木県小山市1,,,,,,,,,,,,\n", encoding="utf-8"
    )
    assert [p.name for p in read_file(path).places] == ["見本館"]


def test_source_date_credit_and_licence_travel_with_each_place(tmp_path: Path) -> None:
    path = tmp_path / "medical_20250601.csv"
    path.write_bytes((SAMPLES / "medical_v1.csv").read_bytes())
    reading = read_file(path, municipalities=TOWNS, licence="CC BY 4.0")
    assert {(p.source, p.checked, p.credit, p.licence) for p in reading.places} == {
        ("小山市「医療機関一覧」", date(2025, 6, 1), "小山市オープンデータ", "CC BY 4.0")
    }
    assert (reading.credit, reading.licence) == ("小山市オープンデータ", "CC BY 4.0")
    given = read_file(path, source="見本の出所", checked=date(2026, 1, 1), credit="見本の表記")
    assert {(p.source, p.checked, p.credit) for p in given.places} == {
        ("見本の出所", date(2026, 1, 1), "見本の表記")
    }


def test_progress_goes_up_to_the_end(tmp_path: Path) -> None:
    rows = [f"092088,{n},,,見本館{n},,栃木県小山市{n},,,,,,,,,,,," for n in range(2000)]
    path = tmp_path / "aed.csv"
    path.write_text("\n".join([V1_AED, *rows]), encoding="utf-8")
    seen: list[tuple[int, int]] = []
    read_file(path, progress=lambda done, whole: seen.append((done, whole)))
    size = path.stat().st_size
    assert len(seen) > 2
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (size, size)
    assert {whole for _, whole in seen} == {size}
