"""Telephone numbers, coordinates, codes, dates, addresses, specialities."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge.opendata import values
from knowledge.opendata.context import Municipalities
from knowledge.opendata.problems import BadValue
from knowledge.opendata.specialities import is_dental, split_specialities
from tests.opendata.helpers import TOWNS, aed


@pytest.mark.parametrize(
    ("text", "number", "mended"),
    [
        ("(0285)00-0001", "0285-00-0001", False),
        ("０２８５－００－０００１", "0285-00-0001", False),
        ("0285ー00ー0001", "0285-00-0001", False),
        ("0285000001", "0285-00-0001", False),
        ("285000001", "0285-00-0001", True),
        ("285-00-0001", "0285-00-0001", True),
        ("0286000001", "028-600-0001", False),
        ("028-600-0001（代表）", "028-600-0001", False),
        ("09000000001", "090-0000-0001", False),
        ("0120000001", "0120-000-001", False),
        ("0285-00-0001、0285-00-0002", "0285-00-0001", False),
    ],
)
def test_phone(text: str, number: str, mended: bool) -> None:
    found, remark = values.phone(text)
    assert (found, bool(remark)) == (number, mended)


@pytest.mark.parametrize("text", ["028-67-0001", "なし", "12345", "0285-00-00001", "市役所", "9999999999999"])
def test_what_is_no_phone_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        values.phone(text)


def test_municipality_codes() -> None:
    for text in ("092088", "09208", "９２０８８", "9208", "92088", "092088.0"):
        assert values.municipality_code(text) == "092088"
    assert values.municipality_code("090000") == "090000"
    for text in ("092089", "小山市", "99", ""):
        with pytest.raises(BadValue):
            values.municipality_code(text)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("栃木県小山市見本町1", "092088"),
        ("小山市見本町1", "092088"),
        ("栃木県宇都宮市見本1", "092011"),
        ("栃木県栃木市見本1", "092037"),
        ("栃木県河内郡上三川町見本1", "093017"),
        ("河内郡上三川町見本1", "093017"),
        ("栃木県那須郡那珂川町見本1", "094111"),
        ("福岡県那珂川市見本1", None),
        ("福岡県見本郡那珂川町1", None),
        ("栃木県見本町小山市場1", None),
        ("", None),
        ("栃木県", None),
    ],
)
def test_municipality_of_an_address(address: str, code: str | None) -> None:
    assert Municipalities(TOWNS).of_address(address) == code


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-03",
        "2026/11/3",
        "2026年11月3日",
        "令和8年11月3日",
        "R8.11.3",
        "20261103",
        "46329",
        "２０２６／１１／３",
    ],
)
def test_dates(text: str) -> None:
    assert values.day(text) == date(2026, 11, 3)


@pytest.mark.parametrize("text", ["2026-02-30", "11/3", "未定", "令和8年13月1日", "12345678"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        values.day(text)


def test_web_addresses() -> None:
    assert values.web("https://example.jp/a?b=1") == ("https://example.jp/a?b=1", "")
    assert values.web("www.example.jp")[0] == "http://www.example.jp"
    assert values.web("http://www.example.jp.")[0] == "http://www.example.jp"
    for text in (
        "a@example.jp",
        "https//example.jp",
        "http://https://example.jp",
        "javascript:alert(1)",
        "なし",
        "http://a..jp",
    ):
        with pytest.raises(BadValue):
            values.web(text)


def test_specialities() -> None:
    assert split_specialities("小児科；アレルギー科") == {"小児科", "アレルギー科"}
    assert split_specialities("消化器内科:内科;ひ尿器科;こう門科") == {
        "消化器内科",
        "内科",
        "泌尿器科",
        "肛門科",
    }
    assert split_specialities("糖尿病・代謝内科;内科・小児科") == {"糖尿病・代謝内科", "内科", "小児科"}
    assert split_specialities("皮ふ科|耳鼻いんこう科|腎臓内科（人工透析）") == {
        "皮膚科",
        "耳鼻咽喉科",
        "腎臓内科",
    }
    assert split_specialities("") == frozenset()
    assert is_dental(split_specialities("歯科･小児歯科･矯正歯科"))
    assert not is_dental(split_specialities("内科;歯科"))
    assert not is_dental(frozenset())


@pytest.mark.parametrize(
    ("lat", "lng", "point", "effect"),
    [
        ("36.3", "139.8", (36.3, 139.8), None),
        ("３６．３", "１３９．８", (36.3, 139.8), None),
        ("139.8", "36.3", (36.3, 139.8), "note"),
        ("0.0", "0.0", (None, None), "note"),
        ("53.4", "139.8", (None, None), "note"),
        ("36.3)", "139.8", (36.3, 139.8), "note"),
        ("36度18分0秒", "139度48分0秒", (36.3, 139.8), None),
        ("北緯", "139.8", (None, None), "value"),
        ("36.3", "", (None, None), "value"),
        ("", "", (None, None), None),
    ],
)
def test_coordinates(
    tmp_path: Path, lat: str, lng: str, point: tuple[float | None, float | None], effect: str | None
) -> None:
    reading = aed(tmp_path, {"緯度": lat, "経度": lng})
    assert [(p.lat, p.lng) for p in reading.places] == [point]
    assert [p.effect for p in reading.problems] == ([effect] if effect else [])


def test_the_note_says_why_a_point_is_missing(tmp_path: Path) -> None:
    reading = aed(tmp_path, {"緯度": "0.0", "経度": "0.0"}, {"緯度": "36.3", "経度": "12.5"})
    assert [(p.value, p.reason) for p in reading.problems] == [
        ("0.0", "0 は位置なしとして扱います"),
        ("36.3", "日本の外を指すので、位置なしとして扱います"),
    ]
