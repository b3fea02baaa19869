"""Every official file at hand through `tochimado import`: counts, credits, rejected rows; then no change."""

from __future__ import annotations

import csv
import io
import json
import os
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text

from bot.cli.places import import_
from tests.places.plain import SAMPLES, data_folder

KINDS = {
    "medical/oyama_hospitals_ccby.csv": "medical",
    "medical/tochigi_mhlw_hospital_20250601.csv": "medical",
    "medical/tochigi_mhlw_clinic_20250601.csv": "clinic",
    "medical/tochigi_mhlw_dental_20250601.csv": "dental",
    "medical/tochigi_mhlw_pharmacy_20250601.csv": "pharmacy",
    "medical/tochigi_mhlw_maternity_20250601.csv": "maternity",
    "shelters/tochigi_emergency_shelters.csv": "shelter",
    "shelters/tochigi_evacuation_shelters.csv": "shelter",
    "care/tochigi_care_20250601.csv": "care",
    "municipalities/tochigi_towns_geolonia.csv": "town",
    "templates/mhlw/01-1_hospital_sample_tochigi_8rows.csv": "hospital",
}
"""The files of the shared data that have rows in an official layout, by the word for them."""
NO_LAYOUT = {
    "medical/tochigi_hospitals_merged.csv",
    "medical/tochigi_kouseikyoku_202508_hospital_clinic.csv",
    "medical/tochigi_phone_list_20250825.csv",
    "tochigi_verified_spots.csv",
    "municipalities/tochigi_municipalities.csv",
    "templates/v1/14_オープンデータ一覧_header.csv",
    "templates/new_odds/common_block.csv",
    "jma/index.csv",
}
"""Files that are compiled by hand, or of lists that have no places: refused by name."""
FOLDER = data_folder()


def files() -> list[Path]:
    """Return every file to walk: the shared data's where it is here, and the samples always."""
    found = sorted(FOLDER.rglob("*.csv")) if FOLDER else []
    return found + sorted(path for path in SAMPLES.iterdir() if path.suffix in (".csv", ".geojson", ".zip"))


def name(path: Path) -> str:
    return str(path.relative_to(FOLDER)) if FOLDER and path.is_relative_to(FOLDER) else path.name


def rows(path: Path) -> int:
    """Count the rows that hold something, without the project's reader."""
    raw = path.read_bytes()
    if path.suffix == ".geojson":
        return len(json.loads(raw)["features"])
    try:
        held = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        held = raw.decode("cp932")
    lines = csv.reader(io.StringIO(held, newline=""))
    filled = [cells for cells in lines if any(cell.strip() for cell in cells)]
    headless = len(filled[0]) == 15 and filled[0][2].strip().isdigit()  # 郵便番号データ has no header
    return len(filled) - (0 if headless else 1)


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOCHIMADO_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    (tmp_path / "var").mkdir()
    return tmp_path / "var"


def run(kind: str, path: Path, *more: str) -> Result:
    return CliRunner().invoke(import_, [kind, str(path), *more])


def dump(folder: Path) -> list[object]:
    """Return all that the places' tables hold."""
    engine = create_engine(f"sqlite:///{folder / 'tochimado.sqlite3'}")
    with engine.connect() as db:
        held: list[object] = [*db.execute(text("SELECT * FROM places ORDER BY id")).all()]
        held += db.execute(text("SELECT * FROM place_terms ORDER BY term, cell, place_id")).all()
    engine.dispose()
    return held


def test_the_walk_is_over_files() -> None:
    assert len(files()) >= 20
    if FOLDER:
        walked = {name(path) for path in files()}
        assert walked >= set(KINDS) | NO_LAYOUT
    assert FOLDER or os.environ.get("TOCHIMADO_INSIST") != "1", "the shared data is missing"


@pytest.mark.parametrize("path", files(), ids=name)
def test_counts_credit_rejected_rows_and_again_no_change(path: Path, data_dir: Path) -> None:
    kind = KINDS.get(name(path), "auto")
    if name(path) in NO_LAYOUT:
        refused = run("auto", path)
        assert refused.exit_code == 1
        assert path.name in refused.output
        assert "様式" in refused.output or "見出し" in refused.output
        return
    first = run(kind, path, "--json")
    told = json.loads(first.stdout)
    expected = rows(path)
    assert told["rows"] == expected
    assert told["places"] + told["rejected"] + told["outside"] == expected or "hours" in told["layout"]
    assert told["counts"]["added"] == told["places"] == sum(told["kinds"].values())
    left_out = [problem for problem in told["problems"] if problem["effect"] == "row"]
    for problem in left_out:
        assert problem["file"].startswith(path.name)
        assert problem["line"] >= 1
        assert problem["column"]
        assert problem["reason"]
    assert told["rejected"] == len({problem["line"] for problem in left_out})
    if not told["places"]:
        assert expected == 0 or told["layout"] == "mhlw-hours"
        return
    assert first.exit_code == 0
    assert told["credit"]
    before = dump(data_dir)
    again = run(kind, path)
    assert again.exit_code == 0, again.output
    assert f"追加 0、変更 0、閉鎖 0、同じ {told['places']}、" in again.stdout
    assert f"行 {expected}、場所 {told['places']}（" in again.stdout
    assert told["credit"] in again.stdout
    for problem in left_out:
        assert f"{problem['file']}:{problem['line']}: {problem['column']}: " in again.stderr
        assert problem["reason"] in again.stderr
    assert dump(data_dir) == before


def test_a_zip_of_the_shared_files_gives_the_same_counts(data_dir: Path, tmp_path: Path) -> None:
    archive = tmp_path / "shelters_20251027.zip"
    folder = FOLDER / "shelters" if FOLDER else SAMPLES
    chosen = sorted(
        path for path in folder.glob("*.csv") if "shelter" in path.name and "new" not in path.name
    )
    assert len(chosen) > 1
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in chosen:
            packed.write(path, path.name)
    told = json.loads(run("shelter", archive, "--json").stdout)
    assert told["rows"] == sum(rows(path) for path in chosen)


def test_files_that_share_places_change_nothing_the_second_time(data_dir: Path) -> None:
    if FOLDER is None:
        pytest.skip("the shared data is missing")
    shared = [
        "medical/tochigi_mhlw_hospital_20250601.csv",
        "templates/mhlw/01-1_hospital_sample_tochigi_8rows.csv",
    ]
    for path in shared:
        run(KINDS[path], FOLDER / path)
    before = dump(data_dir)
    whole, sample = (run(KINDS[path], FOLDER / path) for path in shared)
    assert "追加 0、変更 0、閉鎖 0、同じ 52、" in whole.stdout
    assert "追加 0、変更 0、閉鎖 0、同じ 0、" in sample.stdout
    assert "8 件は、前に取り込んだ別のファイルの方が新しい日付なので、変えません" in sample.stdout
    assert dump(data_dir) == before
