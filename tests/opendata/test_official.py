"""The official files of the shared data, where they are at hand: counts, and rows that are left out."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pytest

from knowledge.opendata import ReadingError, read_file
from tests.opendata.helpers import official, town_codes

COUNTS = {
    "medical/oyama_hospitals_ccby.csv": ("medical", 119),
    "medical/tochigi_mhlw_hospital_20250601.csv": ("mhlw-derived", 52),
    "medical/tochigi_mhlw_clinic_20250601.csv": ("mhlw-derived", 1084),
    "medical/tochigi_mhlw_dental_20250601.csv": ("mhlw-derived", 958),
    "medical/tochigi_mhlw_pharmacy_20250601.csv": ("mhlw-derived", 907),
    "medical/tochigi_mhlw_maternity_20250601.csv": ("mhlw-maternity", 29),
    "shelters/tochigi_emergency_shelters.csv": ("gsi-emergency", 1230),
    "shelters/tochigi_evacuation_shelters.csv": ("gsi-shelter", 1292),
    "care/tochigi_care_20250601.csv": ("kaigo-derived", 1242),
    "templates/mhlw/01-1_hospital_sample_tochigi_8rows.csv": ("mhlw-facility", 8),
    "municipalities/tochigi_towns_geolonia.csv": ("geolonia", 2372),
}
HEADERS = {
    "01_AED設置箇所一覧": "aed",
    "02_介護サービス事業所一覧": "care",
    "03_医療機関一覧": "medical",
    "04_文化財一覧": "culture",
    "05_観光施設一覧": "sight",
    "06_イベント一覧": "event",
    "07_公衆無線LANアクセスポイント一覧": "wifi",
    "08_公衆トイレ一覧": "toilet",
    "10_指定緊急避難場所一覧": "shelter-emergency",
    "12_公共施設一覧": "facility",
    "13_子育て施設一覧": "childcare",
}
MHLW_HEADERS = {
    "mhlw/01-1_hospital_facility_info": "mhlw-facility",
    "mhlw/02-1_clinic_facility_info": "mhlw-facility",
    "mhlw/03-1_dental_facility_info": "mhlw-facility",
    "mhlw/04_maternity_home_trimmed": "mhlw-maternity",
    "mhlw/xx-2_speciality_hours": "mhlw-hours",
    "mhlw/care_facility": "kaigo",
}
NOT_OFFICIAL = [
    "medical/tochigi_hospitals_merged.csv",
    "medical/tochigi_kouseikyoku_202508_hospital_clinic.csv",
    "medical/tochigi_phone_list_20250825.csv",
    "tochigi_verified_spots.csv",
]


@pytest.mark.parametrize("relative", COUNTS)
def test_every_row_goes_in_or_is_reported(relative: str) -> None:
    path = official(relative)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = sum(1 for _ in csv.reader(stream)) - 1
    reading = read_file(path, municipalities=town_codes())
    effects = [p.effect for p in reading.problems]
    sys.stdout.write(
        f"\n{relative}: {reading.layout}, {reading.rows} rows, {len(reading.places)} places, "
        f"{reading.rejected} left out, "
        f"{effects.count('value')} values dropped, {effects.count('note')} notes, "
        f"hours {sum(p.hours_known for p in reading.places)}; {reading.credit} {reading.licence}\n"
    )
    for problem in reading.problems:
        if problem.effect == "row":
            sys.stdout.write(f"  {problem}\n")
    assert (reading.layout, reading.rows) == (COUNTS[relative][0], rows)
    assert len(reading.places) + reading.rejected == rows == COUNTS[relative][1]
    assert len({p.key for p in reading.places}) == len(reading.places)
    assert all(p.municipality and p.municipality.startswith("09") for p in reading.places)
    assert reading.credit


@pytest.mark.parametrize("relative", [r for r in COUNTS if r.startswith(("medical/o", "shelters", "care"))])
def test_cp932_copies_give_the_same(relative: str, tmp_path: Path) -> None:
    path = official(relative)
    text = path.read_text(encoding="utf-8-sig")
    keepable = "\n".join(
        line for line in text.split("\n") if line.encode("cp932", "ignore").decode("cp932") == line
    )
    for name, encoding in (("utf.csv", "utf-8-sig"), ("sjis.csv", "cp932")):
        (tmp_path / name).write_text(keepable, encoding=encoding, newline="")
    first, second = (read_file(tmp_path / name) for name in ("utf.csv", "sjis.csv"))
    assert len(first.places) > 100
    assert second.places == first.places


@pytest.mark.parametrize(
    ("name", "layout"), [*((f"v1/{n}", v) for n, v in HEADERS.items()), *MHLW_HEADERS.items()]
)
def test_official_headers_are_known(name: str, layout: str) -> None:
    assert read_file(official(f"templates/{name}_header.csv")).layout == layout


def test_the_partly_inferred_header_of_the_new_edition_is_known() -> None:
    path = official("templates/new_odds/指定緊急避難場所_header_PARTLY_INFERRED.csv")
    assert read_file(path).layout == "shelter-emergency"


@pytest.mark.parametrize("relative", NOT_OFFICIAL)
def test_files_of_no_official_layout_are_refused_by_name(relative: str) -> None:
    path = official(relative)
    with pytest.raises(ReadingError, match="様式"):
        read_file(path)


def test_hazards_are_those_of_the_columns() -> None:
    path = official("shelters/tochigi_emergency_shelters.csv")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        plain = {row["共通ID"]: row for row in csv.DictReader(stream)}
    columns = {
        "洪水": "flood",
        "崖崩れ、土石流及び地滑り": "landslide",
        "高潮": "storm_surge",
        "地震": "earthquake",
        "津波": "tsunami",
        "大規模な火事": "fire",
        "内水氾濫": "inland_flood",
        "火山現象": "volcano",
    }
    for place in read_file(path).places:
        row = plain[place.key.removeprefix("gsi:")]
        assert place.hazards == {hazard for column, hazard in columns.items() if row[column] == "1"}
        assert (place.lat, place.lng) == (round(float(row["lat"]), 7), round(float(row["lng"]), 7))
        assert place.municipality == row["code6"]


def test_flags_of_the_eight_hospitals() -> None:
    path = official("templates/mhlw/01-1_hospital_sample_tochigi_8rows.csv")
    found = {p.name: p for p in read_file(path).places}
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            weekly = "".join(row[f"毎週決まった曜日に休診（{day}）"] or "?" for day in "月火水木金土日")
            names = [n for n in (row["正式名称"], row["略称"]) if n.replace("\u3000", " ") in found]
            assert found[names[0].replace("\u3000", " ")].extra["open_days"] == weekly
    assert found["飯田病院"].extra["formal_name"] == "医療法人社団 高砂会"
    assert not any(p.hours_known for p in found.values())
