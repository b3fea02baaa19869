"""The samples that ship: every layout, in both editions."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from pathlib import Path

import pytest

from knowledge.opendata import LAYOUTS, Options, read_file, read_files
from knowledge.place import Place
from tests.opendata.helpers import SAMPLES, TOWNS, times

FILES = sorted(path for path in SAMPLES.iterdir() if path.suffix != ".md")
HOSPITAL = [
    SAMPLES / "01-1_hospital_facility_info_sample.csv",
    SAMPLES / "01-2_hospital_speciality_hours_sample.csv",
]


def places(name: str) -> dict[str, Place]:
    """Return the places of a sample by name."""
    return {place.name: place for place in read_file(SAMPLES / name, municipalities=TOWNS).places}


def test_every_layout_has_a_sample() -> None:
    covered = {read_file(path).layout for path in FILES}
    assert {layout.name for layout in LAYOUTS if not layout.name.endswith("-derived")} == covered


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_samples_are_marked_as_samples_and_credited(path: Path) -> None:
    reading = read_file(path, municipalities=TOWNS)
    assert reading.credit
    for place in reading.places:
        assert "見本" in place.name or place.kind == "postal"
        assert "見本" in place.address or place.kind in ("town", "station", "postal")
        assert place.phone.replace("-", "") == "" or "-00" in place.phone
        assert place.source
        assert place.credit
        assert place.municipality or place.kind == "station"
        assert place.hours_known == bool(place.spans)


def test_medical_list_of_2021() -> None:
    found = places("medical_v1.csv")
    clinic, hospital, dentist, night = found.values()
    assert [p.kind for p in found.values()] == ["clinic", "hospital", "dental", "night_clinic"]
    assert (clinic.key, clinic.phone, clinic.specialities) == (
        "od-092088-medical:0900000001",
        "0285-00-0001",
        {"小児科", "アレルギー科"},
    )
    assert (times(clinic, "mon"), times(clinic, "wed"), times(clinic, "sun"), times(clinic, "hol")) == (
        ["9:00-18:30"],
        ["9:00-12:00"],
        [],
        [],
    )
    assert times(hospital, "sat", 1) == ["9:00-12:00", "14:00-18:00"]
    assert times(hospital, "sat", 2) == []
    assert hospital.closed == ("12/29-01/03",)
    assert (dentist.phone, times(dentist, "thu")) == ("0285-00-0003", [])
    assert (night.lat, night.lng, times(night, "hol")) == (None, None, ["19:00-22:30"])


def test_medical_list_of_the_new_edition() -> None:
    (clinic,) = places("medical_new.csv").values()
    assert (clinic.municipality, clinic.kind, clinic.extra["english"]) == (
        "092011",
        "clinic",
        "Sample Kids Clinic",
    )
    assert clinic.key == "od-092011-medical:0000000001"
    assert (times(clinic, "sat"), times(clinic, "thu")) == (["9:00-13:00"], [])


def test_toilets_of_both_editions() -> None:
    (old,), (new,) = places("toilets_v1.csv").values(), places("toilets_new.csv").values()
    assert old.attributes == {"wheelchair", "ostomate", "multipurpose"}
    assert new.attributes == {"wheelchair", "baby", "multipurpose"}
    assert (times(old, "hol"), new.hours_known) == (["6:00-20:00"], False)


def test_shelters_of_both_editions() -> None:
    school, park = places("shelters_v1.csv").values()
    assert (school.hazards, school.attributes, school.extra["capacity"]) == (
        {"flood", "earthquake"},
        {"also_shelter"},
        "300",
    )
    assert (park.lat, park.lng, park.municipality, park.hazards) == (
        36.32,
        139.82,
        "092088",
        {"earthquake", "fire"},
    )
    (new,) = places("shelters_new.csv").values()
    assert (new.kind, new.hazards) == ("shelter_emergency", {"flood", "landslide", "inland_flood"})


def test_shelters_of_the_geographical_institute() -> None:
    school, ground = places("gsi_emergency_sample.csv").values()
    assert (school.key, school.hazards, school.municipality) == (
        "gsi:E0920800001201",
        {"flood", "inland_flood"},
        "092088",
    )
    assert (ground.municipality, ground.hazards) == ("093017", {"earthquake", "fire"})
    everybody, welfare = places("gsi_shelter_sample.csv").values()
    assert (everybody.kind, everybody.attributes) == ("shelter", {"also_emergency"})
    assert (welfare.attributes, welfare.extra["accepts"]) == ({"restricted"}, "要配慮者")
    (point,) = places("gsi_emergency_sample.geojson").values()
    assert (point.lat, point.lng, point.hazards) == (36.31, 139.8, {"landslide", "earthquake", "fire"})


def test_the_common_id_tells_the_municipality_without_a_table() -> None:
    reading = read_file(SAMPLES / "gsi_emergency_sample.csv")
    assert [p.municipality for p in reading.places] == ["092088", "093017"]


def test_geojson_without_points_keeps_the_place(tmp_path: Path) -> None:
    data = json.loads((SAMPLES / "gsi_emergency_sample.geojson").read_text(encoding="utf-8"))
    data["features"][0]["geometry"] = None
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(data), encoding="utf-8")
    assert [(p.lat, p.lng) for p in read_file(path).places] == [(None, None)]


def test_events_hold_from_day_to_day() -> None:
    reading = read_file(SAMPLES / "events_v1.csv", municipalities=TOWNS)
    feast, course = reading.places
    assert (feast.starts, feast.ends, times(feast, "sat")) == (
        date(2026, 11, 28),
        date(2026, 11, 29),
        ["10:00-16:00"],
    )
    assert (course.starts, course.ends) == (date(2026, 12, 5), date(2026, 12, 5))
    assert [(p.line, p.column, p.effect) for p in reading.problems] == [(4, "開始日", "row")]


def test_sights_care_and_the_rest() -> None:
    falls, museum = places("sights_v1.csv").values()
    assert (falls.attributes, falls.extra["fee"], falls.closed) == (
        {"parking", "wheelchair", "baby"},
        "300",
        ("12/29-01/03",),
    )
    assert (times(museum, "mon"), times(museum, "tue"), museum.closed) == (
        [],
        ["9:30-17:00"],
        ("12/29-01/03",),
    )
    assert (museum.extra["year_end"], museum.extra["hours_doubt"], "parking" in museum.attributes) == (
        "assumed",
        "1",
        False,
    )
    home, day = read_file(SAMPLES / "kaigo_sample.csv").places
    assert home.key.startswith("kaigo:0900000021-")
    assert home.key != day.key
    assert (home.phone, home.hours_known, home.closed) == ("0285-00-0051", False, ("12/30-01/03",))
    (library,) = places("facilities_v1.csv").values()
    assert (times(library, "sat"), times(library, "thu", 3), times(library, "thu", 4)) == (
        ["9:30-17:00"],
        [],
        ["9:30-19:00"],
    )
    (wifi,) = places("wifi_v1.csv").values()
    assert (wifi.extra["ssid"], wifi.hours_known) == ("SAMPLE-WIFI", False)
    gym, box = places("aed_v1.csv").values()
    assert (gym.attributes, times(box, "hol")) == ({"child_pads"}, ["0:00-24:00"])
    (nursery,) = places("childcare_v1.csv").values()
    assert (nursery.attributes, times(nursery, "sat"), nursery.closed) == (
        {"temporary_care"},
        ["7:00-18:30"],
        ("12/29-01/03",),
    )
    (house,) = places("culture_v1.csv").values()
    assert (times(house, "hol"), times(house, "fri")) == (["10:00-15:00"], [])


def test_one_means_open_in_the_columns_that_are_named_closed() -> None:
    general, internal = read_files(HOSPITAL, Options(municipalities=TOWNS)).places
    assert general.specialities == {"内科", "小児科"}
    assert times(general, "mon", 1, "内科") == ["9:00-12:00", "14:00-17:00"]
    assert times(general, "mon", 1, "小児科") == ["9:00-11:30"]
    assert [bool(times(general, "sat", week, "内科")) for week in (1, 2, 3, 4, 5)] == [
        True,
        False,
        True,
        False,
        True,
    ]
    assert times(general, "sun", 1, "内科") == []
    assert times(general, "hol", 1, "内科") == []
    assert "01/01" in general.closed
    assert "12/29" in general.closed
    assert times(internal, "hol") == ["8:30-12:00"]


def test_the_leading_zero_of_an_id_and_the_name_of_the_hospital_behind_the_body() -> None:
    _, internal = read_files(HOSPITAL).places
    assert internal.key == "mhlw:0910000000002"
    assert (internal.name, internal.extra["formal_name"]) == ("見本内科病院", "医療法人社団 見本会")
    assert internal.hours_known


def test_hours_of_an_unknown_facility_are_reported_in_any_order_of_files() -> None:
    for files in (HOSPITAL, HOSPITAL[::-1]):
        reading = read_files(files)
        assert [p.value for p in reading.problems if p.effect == "row"] == ["1件"]
        assert all(place.hours_known for place in reading.places)


def test_a_zip_joins_facilities_and_hours(tmp_path: Path) -> None:
    path = tmp_path / "mhlw.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in HOSPITAL:
            archive.write(file, file.name)
    assert read_file(path).places == read_files(HOSPITAL).places


def test_facilities_without_the_hours_sheet_are_not_called_closed() -> None:
    reading = read_file(HOSPITAL[0])
    assert [(p.spans, p.hours_known) for p in reading.places] == [((), False)] * 2
    assert reading.places[0].hours_text.startswith("休み: 日曜、第2・4土曜、祝日")


def test_pharmacies_and_midwives_carry_their_hours() -> None:
    (pharmacy,) = places("05_pharmacy_sample.csv").values()
    assert (times(pharmacy, "sat"), times(pharmacy, "sun"), times(pharmacy, "hol")) == (
        ["9:00-18:00"],
        [],
        [],
    )
    (midwife,) = places("04_maternity_home_sample.csv").values()
    assert (times(midwife, "mon"), times(midwife, "fri"), times(midwife, "tue")) == (
        ["9:30-12:00", "13:00-16:00"],
        ["9:30-12:00"],
        [],
    )
    problems = read_file(SAMPLES / "04_maternity_home_sample.csv").problems
    assert [(p.line, p.column) for p in problems] == [(2, "火_就業時間帯1_開始時間")]


def test_towns_of_both_files_and_only_of_the_prefecture() -> None:
    reading = read_file(SAMPLES / "towns_geolonia_sample.csv", municipalities=TOWNS)
    assert [(p.name, p.municipality, p.lat, p.lng) for p in reading.places] == [
        ("見本一丁目", "092088", 36.31, 139.8),
        ("見本二丁目", "092088", 36.312, 139.804),
        ("大字見本沢上見本", "092011", 36.56, 139.88),
    ]
    assert (reading.rows, reading.outside, reading.rejected) == (4, 1, 0)
    found = places("towns_isj_sample.csv")
    assert {name: p.municipality for name, p in found.items()} == {
        "見本台一丁目": "092088",
        "大字見本": "093017",
    }


def test_postal_codes_without_a_header() -> None:
    reading = read_file(SAMPLES / "postal_sample.csv", municipalities=TOWNS)
    assert [(p.extra["postal"], p.extra.get("town"), p.municipality) for p in reading.places] == [
        ("323-0999", "見本", "092088"),
        ("323-0990", None, "092088"),
        ("320-0999", "見本沢", "092011"),
        ("320-0999", "見本", "093017"),
    ]
    assert (reading.layout, reading.rows, reading.outside) == ("postal", 5, 1)


def test_stations_lie_in_the_middle_of_their_platform() -> None:
    reading = read_file(SAMPLES / "stations_sample.geojson", municipalities=TOWNS)
    assert [(p.name, p.lat, p.lng) for p in reading.places] == [
        ("見本", 36.31, 139.801),
        ("見本", 36.31, 139.804),
    ]
    assert (reading.rows, reading.outside) == (3, 1)
