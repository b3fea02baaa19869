"""Furigana: readings, okurigana, numbers with counters, exceptions, authors' own readings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.furigana import MAX_LENGTH, align, exceptions, ruby
from intents.furigana_numbers import COUNTERS, value, whole, with_counter
from intents.normalize import hiragana
from knowledge.loader import CONTENT, load
from knowledge.yamlsource import read

GOLD = read(Path(__file__).parent / "furigana_gold.yaml").data
KANJI = re.compile("[\u3400-\u9fff々〆]")


def spoken(text: str) -> str:
    return "".join(hiragana(reading or written) for written, reading in ruby(text))


def test_the_gold_words_are_read_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert len({case["text"] for case in GOLD}) == len(GOLD) >= 300
    wrong = [(c["text"], spoken(c["text"]), c["reading"]) for c in GOLD if spoken(c["text"]) != c["reading"]]
    accuracy = 1 - len(wrong) / len(GOLD)
    with capsys.disabled():
        print(f"\nfurigana: {len(GOLD) - len(wrong)}/{len(GOLD)} right ({accuracy:.1%}) {wrong}")
    assert accuracy >= 0.99


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("一日", "いちにち"),
        ("小山", "おやま"),
        ("真岡", "もおか"),
        ("上三川", "かみのかわ"),
        ("三日間", "みっかかん"),
        ("20歳", "はたち"),
    ],
)
def test_the_words_that_the_prefecture_named(text: str, reading: str) -> None:
    assert ruby(text) == [(text, reading)]


def test_okurigana_bears_no_reading() -> None:
    assert ruby("食べる") == [("食", "た"), ("べる", "")]
    assert ruby("取り扱い") == [("取", "と"), ("り", ""), ("扱", "あつか"), ("い", "")]
    assert ruby("お問い合わせ") == [("お", ""), ("問", "と"), ("い", ""), ("合", "あ"), ("わせ", "")]
    assert ruby("6か月") == [("6", "ろっ"), ("か", ""), ("月", "げつ")]
    assert align("食べ物", "たべもの") == [("食", "た"), ("べ", ""), ("物", "もの")]
    assert align("今日", "きょう") == [("今日", "きょう")]


def test_what_has_no_kanji_stays_whole() -> None:
    for text in ("", "ふりがな", "LINE", "0120-95-0178", "8:30〜17:00", "3. ", "(´・ω・`)", "\ud800"):
        assert ruby(text) == ([(text, "")] if text else [])
    assert ruby("電話 0120-95-0178") == [("電話", "でんわ"), (" 0120-95-0178", "")]


@pytest.mark.parametrize(("word", "reading"), exceptions().items())
def test_every_exception_is_read_as_it_says(word: str, reading: str) -> None:
    assert KANJI.search(word) or word[0].isdigit()
    assert re.fullmatch(r"[ぁ-ゖー、・]+", reading), "readings are in hiragana"
    assert spoken(word) == reading


def test_an_exception_is_a_word_and_no_part_of_one() -> None:
    assert spoken("小山田さん") == "おやまださん"  # Sudachi's own, as one name
    assert ruby("小山田さん")[0][0] != "小山"
    assert spoken("十一日") == "じゅういちにち"
    assert spoken("二十一日間") == "にじゅういちにちかん"
    assert spoken("私費留学") == "しひりゅうがく"
    assert spoken("立体の地図") == "りったいのちず"


def test_the_author_of_a_reading_is_right_and_not_repeated() -> None:
    assert ruby("体（からだ）") == [("体", "からだ")]
    assert ruby("申（もう）し込（こ）める") == [("申", "もう"), ("し", ""), ("込", "こ"), ("める", "")]
    assert spoken("1か月半（はん）かかります") == "いっかげつはんかかります"
    assert spoken("3月（がつ）") == "さんがつ"
    assert spoken("人（ひと）が 二人（ふたり）") == "ひとが ふたり"
    # An explanation is not a reading.
    assert "".join(written for written, _ in ruby("交付通知書（はがき）")) == "交付通知書（はがき）"


@pytest.mark.parametrize(
    ("number", "counter", "reading"),
    [
        ("1", "日", "いちにち"),
        ("7", "日", "なのか"),
        ("14", "日間", "じゅうよっかかん"),
        ("8", "本", "はっぽん"),
        ("6", "分", "ろっぷん"),
        ("4", "分", "よんぷん"),
        ("100", "回", "ひゃっかい"),
        ("1.5", "倍", "いってんごばい"),
        ("0.5", "点", "れいてんごてん"),
        ("2.5", "万円"[1:], "にてんごえん"),
        ("1,000", "円", "せんえん"),
        ("十", "本", "じゅっぽん"),
        ("二十三", "日", "にじゅうさんにち"),
        ("19", "時", "じゅうくじ"),
        ("3", "階", "さんがい"),
        ("3", "泊", "さんぱく"),
        ("1", "つ", "ひとつ"),
    ],
)
def test_numbers_with_counters(number: str, counter: str, reading: str) -> None:
    assert with_counter(number, counter) == reading


def test_numbers_that_have_no_reading_with_their_counter() -> None:
    assert with_counter("12", "つ") is None
    assert with_counter("188", "番") is None
    assert with_counter("x", "円") is None
    assert ruby("188番")[0][0].startswith("188")


def test_the_first_of_a_month_is_not_one_day() -> None:
    assert spoken("4月1日から1日だけ") == "しがつついたちからいちにちだけ"


@given(st.integers(0, 10**8 - 1))
def test_every_whole_number_has_a_reading(number: int) -> None:
    assert re.fullmatch("[ぁ-ん]+", whole(number))
    assert value(str(number)) == number


@settings(deadline=None, max_examples=200)
@given(
    st.text(
        "一二三四五六七八九十百千0123456789.,日月年人回本歳つ（）ぁあん小山の\ud800 漢字を食べる", max_size=40
    )
)
def test_any_text_comes_back_as_it_was_written(text: str) -> None:
    segments = ruby(text)
    written = "".join(base for base, _ in segments)
    assert written == text or "（" in text
    assert all(base for base, _ in segments)
    assert all(re.fullmatch("[ぁ-ゖー、・]*", reading) for _, reading in segments)


def test_a_very_long_text_stays_plain_and_every_counter_ends_in_kana() -> None:
    assert ruby("県" * (MAX_LENGTH + 1)) == [("県" * (MAX_LENGTH + 1), "")]
    assert all(re.fullmatch("[ぁ-ん]+", reading) for reading, _ in COUNTERS.values())


def test_nearly_every_kanji_of_the_answers_bears_a_reading() -> None:
    """A new word that the dictionary does not know is a line for `readings.yaml`, and not a broken build."""
    knowledge, _ = load(CONTENT)
    bare: set[str] = set()
    read_words: set[str] = set()
    for entry in knowledge.entries.values():
        for lang in ("ja", "easy"):
            for line in (entry.answer.get(lang) or "").splitlines():
                for word, reading in ruby(line):
                    if reading:
                        read_words.add(word)
                    elif KANJI.search(word):
                        bare.add(word)
    assert len(read_words) > 1000
    assert len(bare) <= len(read_words) / 200, bare
