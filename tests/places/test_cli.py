"""`tochimado import` on small files of the project's own, in an official layout."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.places import dataset_name, import_
from bot.places.search import Search, Wanted
from bot.storage.engine import open_database

HEADER = (
    "都道府県コード又は市区町村コード,NO,都道府県名,市区町村名,名称,名称_カナ,医療機関の種類,住所,方書,緯度,経度,電話番号,内線番号,"
    "FAX番号,法人番号,法人の名称,医療機関コード,診療曜日,診療開始時間,診療終了時間,診療日時特記事項,時間外における対応,診療科目,病床数,URL,備考"
)
GOOD = (
    "092088,1,栃木県,小山市,見本クリニック,ミホン,無床診療所,栃木県小山市中央町1-1,,36.31,139.80,0285-00-0000,,,,,"
    "0910000001,月火水木金,9:00,18:00,,,小児科;内科,,,"
)
OTHER = GOOD.replace(",1,", ",2,", 1).replace("見本", "別の").replace("0910000001", "0910000002")
BROKEN = ",3,栃木県,小山市,,,無床診療所,,,,,,,,,,0910000003,,,,,,,,,"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """Return a caller of the command, with a deployment of its own."""
    monkeypatch.setenv("TOCHIMADO_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    (tmp_path / "var").mkdir()

    def call(*arguments: str | Path) -> Result:
        return CliRunner().invoke(import_, [str(argument) for argument in arguments])

    return call


def write(path: Path, *rows: str, encoding: str = "utf-8-sig") -> Path:
    path.write_text("\r\n".join([HEADER, *rows]) + "\r\n", encoding=encoding)
    return path


def test_counts_credits_and_rejected_rows(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    file = write(tmp_path / "iryo_20260401.csv", GOOD, OTHER, BROKEN, encoding="cp932")
    first = run("medical", file, "--credit", "見本市オープンデータ", "--licence", "CC BY 4.0")
    assert first.exit_code == 0, first.output
    assert "行 3、場所 2（clinic 2）、除いた行 1" in first.stdout
    assert "追加 2、変更 0、閉鎖 0、同じ 0" in first.stdout
    assert "見本市オープンデータ" in first.stdout
    assert "iryo_20260401.csv:4: " in first.stderr
    again = run("auto", file, "--json", "--credit", "見本市オープンデータ", "--licence", "CC BY 4.0")
    told = json.loads(again.stdout)
    assert told["counts"] == {
        "added": 0,
        "changed": 0,
        "closed": 0,
        "doubtful": 0,
        "kept": 0,
        "older": 0,
        "same": 2,
    }
    assert told["rejected"] == 1
    assert told["problems"][0]["line"] == 4


def test_a_difference_is_only_shown(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    run("medical", write(tmp_path / "iryo_20260401.csv", GOOD))
    later = write(tmp_path / "iryo_20260501.csv", GOOD.replace("0285-00-0000", "0285-00-1111"), OTHER)
    diff = run("medical", later, "--diff")
    assert "増える: 別のクリニック" in diff.stdout
    assert "変わる: 見本クリニック" in diff.stdout
    assert "phone" in diff.stdout
    assert json.loads(run("medical", later, "--json").stdout)["counts"]["added"] == 1


def test_what_is_no_such_file_is_refused(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    file = write(tmp_path / "iryo.csv", GOOD)
    wrong = run("shelter", file)
    assert wrong.exit_code == 1
    assert "「shelter」の場所がありません" in wrong.output
    odd = tmp_path / "odd.csv"
    odd.write_text("a,b\n1,2\n", encoding="utf-8")
    assert run("auto", odd).exit_code == 1
    assert run("medical").exit_code == 2
    assert run("nonsense", file).exit_code == 2


def test_what_ships_and_corrections(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    content = tmp_path / "content"
    content.mkdir()
    monkeypatch.setenv("TOCHIMADO_KNOWLEDGE", str(content))
    assert "追加 51" in run("shipped").stdout
    correction = (
        '"shipped:museum":\n  until: 2099-12-31\n  phone: "028-000-0000"\n"x:1":\n  until: 2099-12-31\n'
    )
    (content / "corrections.yaml").write_text(correction, encoding="utf-8")
    told = run("corrections", "--json")
    assert json.loads(told.stdout) == {"changed": 1, "unknown": ["x:1"]}
    assert "追加 0、変更 0、閉鎖 0、同じ 51" in run("shipped").stdout


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("tochigi_hospital_20250601.csv", "tochigi_hospital_20251201.csv"),
        ("01-1_hospital_2025-06-01.csv", "01-1_hospital_2026-06-01.csv"),
        ("医療機関一覧R7.csv", "医療機関一覧R8.csv"),
    ],
)
def test_editions_of_a_file_are_one_dataset(one: str, two: str) -> None:
    assert dataset_name("x", [Path(one)]) == dataset_name("x", [Path(two)])
    assert dataset_name("x", [Path(one)]) != dataset_name("x", [Path("shelter.csv")])


def test_a_month_later_with_staff_s_corrections(  # type: ignore[no-untyped-def]
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = tmp_path / "content"
    content.mkdir()
    monkeypatch.setenv("TOCHIMADO_KNOWLEDGE", str(content))
    run("medical", write(tmp_path / "iryo_20260401.csv", GOOD, OTHER))
    key = "od-092088-medical:0910000001"
    corrections = content / "corrections.yaml"
    corrections.write_text(
        f'"{key}":\n  until: 2099-12-31\n  phone: "0285-99-9999"\n  reason: 電話で確認\n', encoding="utf-8"
    )
    assert json.loads(run("corrections", "--json").stdout)["changed"] == 1
    later = write(tmp_path / "iryo_20260501.csv", GOOD.replace("0285-00-0000", "0285-00-1111"))
    diff = run("medical", later, "--diff")
    assert "なくなる: 別のクリニック" in diff.stdout
    assert "増える 0、変わる 0、なくなる 1、同じ 0、職員の訂正を優先 1" in diff.stdout
    assert phones(tmp_path) == {"見本クリニック": "0285-99-9999", "別のクリニック": "0285-00-0000"}
    taken = run("medical", later)
    assert "追加 0、変更 0、閉鎖 1、同じ 0、職員の訂正を優先 1" in taken.stdout
    assert phones(tmp_path) == {"見本クリニック": "0285-99-9999"}
    again = run("medical", later)
    assert "追加 0、変更 0、閉鎖 0、同じ 1、職員の訂正を優先 0" in again.stdout
    corrections.write_text(f'"{key}":\n  until: 2026-01-31\n  phone: "0285-99-9999"\n', encoding="utf-8")
    ended = run("corrections")
    assert (
        f"corrections.yaml:2: warning[expired] 「{key}」の訂正は 2026-01-31 で期限が切れました"
        in ended.stderr
    )
    assert phones(tmp_path) == {"見本クリニック": "0285-00-1111"}


def phones(folder: Path) -> dict[str, str]:
    """Return by name the telephone numbers that residents see."""
    search = Search(open_database(f"sqlite:///{folder / 'var' / 'tochimado.sqlite3'}"))
    found = search.find(Wanted(("clinic",), municipality="092088"))
    return {item.place.name: item.place.phone for item in found.items}


def test_a_file_without_a_date_asks_for_one(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    undated = write(tmp_path / "iryo.csv", GOOD)
    assert "--checked" in run("medical", undated).stdout
    assert "--checked" not in run("medical", undated, "--checked", "2026-04-01").stdout
