"""Municipalities in what residents write."""

from __future__ import annotations

import pytest

from intents.places import Places
from knowledge.models import Municipality

TOWNS = [
    ("092011", "宇都宮市", "うつのみやし", "Utsunomiya"),
    ("092037", "栃木市", "とちぎし", "Tochigi"),
    ("092045", "佐野市", "さのし", "Sano"),
    ("092061", "日光市", "にっこうし", "Nikko"),
    ("092088", "小山市", "おやまし", "Oyama"),
    ("092134", "那須塩原市", "なすしおばらし", "Nasushiobara"),
    ("092142", "さくら市", "さくらし", "Sakura"),
    ("092151", "那須烏山市", "なすからすやまし", "Nasukarasuyama"),
    ("094072", "那須町", "なすまち", "Nasu"),
    ("094111", "那珂川町", "なかがわまち", "Nakagawa"),
]


@pytest.fixture(scope="module")
def places() -> Places:
    return Places(
        Municipality(code=c, name=n, kana=k, romaji=r, url="https://example.jp/", lat=36.0, lng=139.0)
        for c, n, k, r in TOWNS
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("宇都宮市でパスポート", "092011"),
        ("小山で住民票", "092088"),
        ("おやましの病院", "092088"),
        ("うつのみやでどこへ", "092011"),
        ("栃木市のごみ", "092037"),
        ("栃木のごみ", None),
        ("栃木県の手続き", None),
        ("さくら市", "092142"),
        ("さくらの名所", None),
        ("那須塩原の紅葉", "092134"),
        ("那須の温泉", "094072"),
        ("那須烏山の祭", "092151"),
        ("那珂川の医者", "094111"),
        ("日光東照宮", "092061"),
        ("hospital in Oyama", "092088"),
        ("Utsunomiya-shi", "092011"),
        ("Tochigi", None),
        ("Tochigi City", "092037"),
        ("佐野さんに会いたい", None),
        ("なすのレシピ", None),
        ("黒磯の図書館", "092134"),
        ("", None),
        ("東京", None),
    ],
)
def test_find(places: Places, text: str, code: str | None) -> None:
    assert places.find(text) == code


def test_no_towns_no_match() -> None:
    assert Places([]).find("小山") is None
