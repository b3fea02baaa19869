"""Other ways of writing: kana, romaji, slips, padding, several questions, places elsewhere."""

from __future__ import annotations

import time

import pytest

from intents.elsewhere import is_elsewhere
from intents.japanese import words
from intents.kana import KanaWriter, spoken, squeeze
from intents.latin import romaji_to_kana, stem
from intents.normalize import bare, clean, fold
from intents.padding import unpadded
from intents.spelling import Speller
from intents.turns import clauses, is_aspect


@pytest.fixture(scope="module")
def writer() -> KanaWriter:
    said = ["マイナンバーカードをなくした", "日光東照宮の料金", "子どもの熱", "暗証番号を忘れた"]
    return KanaWriter(noun for text in said for noun in spoken(fold(text)).nouns)


@pytest.mark.parametrize(
    ("kana", "written"),
    [
        ("まいなんばーかーどをなくした", "マイナンバーカードをなくした"),
        ("まいなんばかどをなくした", "マイナンバーカードをなくした"),
        ("にっこうとうしょうぐうのりょうきん", "日光東照宮の料金"),
        ("あんしょうばんごうをわすれた", "暗証番号を忘れた"),
        ("ねつがでた", "熱がでた"),
        ("ねつきがわるい", "ねつきがわるい"),
        ("", ""),
    ],
)
def test_kana_is_written_with_known_words(writer: KanaWriter, kana: str, written: str) -> None:
    assert writer.write(kana)[0] == written


def test_squeeze_joins_ways_of_writing_kana() -> None:
    assert squeeze("かーど") == squeeze("かど")
    assert squeeze("きゅうきゅう") == "きゆうきゆう"


@pytest.mark.parametrize(
    ("romaji", "kana"),
    [
        ("mainanba-kado", "まいなんばーかど"),
        ("juuminhyou", "じゅうみんひょう"),
        ("gakkou", "がっこう"),
        ("kippu", "きっぷ"),
        ("shinbun", "しんぶん"),
        ("shimbun", "しんぶん"),
        ("passport", None),
        ("what", None),
    ],
)
def test_romaji(romaji: str, kana: str | None) -> None:
    assert romaji_to_kana(romaji) == kana


def test_stems_join_forms() -> None:
    assert stem("certificates") == stem("certificate")
    assert stem("cartões") == stem("cartões".upper().lower())
    assert stem("vacina") == stem("vacinas")


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller(["パスポート", "マイナンバーカード", "住民票", "email", "passport"])


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("パスポト", "パスポート"),
        ("パスポーート", "パスポート"),
        ("パポスート", "パスポート"),
        ("マイナンバカド", "マイナンバーカード"),
        ("passprt", "passport"),
        ("gmail", None),
        ("住民", None),
        ("まったくちがう", None),
        ("x" * 1000, None),
    ],
)
def test_spelling(speller: Speller, word: str, known: str | None) -> None:
    assert speller.nearest(word) == known


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("すみません、パスポートについて教えてください", "パスポート"),
        ("こんにちは。ごみの日を教えていただけますか？", "ごみの日"),
        ("お忙しいところ恐れ入ります。旅券の件ですが、よろしくお願いします。", "旅券"),
        ("hello, where is the hospital please", "where is the hospital"),
        ("こんにちは", "こんにちは"),
        ("教えてください", "教えてください"),
        ("", ""),
    ],
)
def test_padding(text: str, rest: str) -> None:
    assert unpadded(fold(clean(text))) == rest


@pytest.mark.parametrize(
    "unit",
    ["すみません、", "教えてください", "お", "ちょっと", " ", "hello ", "。", "について", "のことなん"],
)
def test_padding_takes_linear_time(unit: str) -> None:
    def took(times: int) -> float:
        text = unit * times
        best = 1e9
        for _ in range(3):
            started = time.perf_counter()
            unpadded(text)
            best = min(best, time.perf_counter() - started)
        return best

    assert took(8000) < 100 * max(took(400), 1e-5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("横浜市のごみの日", True),
        ("大阪府のパスポートセンターはどこ", True),
        ("hospital in osaka", True),
        ("上海的医院", True),
        ("東京から日光への行き方", False),
        ("千葉県から引っ越してきた", False),
        ("東京で働いている栃木県民です", False),
        ("子どもが夜に熱を出しました。どこに電話すればいいですか", False),
        ("宇都宮市のごみの日", False),
        ("", False),
    ],
)
def test_elsewhere(text: str, expected: bool) -> None:
    assert is_elsewhere(text) is expected


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("パスポートを取りたい。あと、日光東照宮の料金は？", 2),
        ("カードをなくしたのと、住民票がほしい", 2),
        ("パスポートと自動車税の払い方", 2),
        ("i lost my card and i need a passport", 2),
        ("パスポートを取りたい", 0),
        ("", 0),
    ],
)
def test_clauses(text: str, count: int) -> None:
    assert len(clauses(text)) == count


@pytest.mark.parametrize(
    ("text", "aspect"),
    [
        ("電話番号は？", True),
        ("手数料はいくらですか", True),
        ("何時から？", True),
        ("どこですか", True),
        ("パスポートの手数料", False),
        ("熱が出た", False),
        ("こんにちは", False),
        ("", False),
    ],
)
def test_aspects(text: str, aspect: bool) -> None:
    assert is_aspect(words(fold(text))) is aspect


def test_bare_keeps_letters_and_numbers() -> None:
    assert bare(fold("「#７１１９」、ですか？")) == "#7119ですか"


@pytest.mark.parametrize(
    "text",
    [
        "パス\u200bポ\u202eート",
        "パスポート\x00",
        "パス\ud800ポート",
        "パスポ\U000e0041ート",
        "\ufeffパスポート",
        "パスポート\u3164",
        "ﾊﾟｽﾎﾟｰﾄ",
        "パスポ\u30fcト",
    ],
)
def test_what_cannot_be_seen_is_dropped(text: str) -> None:
    assert fold(clean(text)) == "パスポート"
