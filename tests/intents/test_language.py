"""Language detection on labelled short messages, explicit wishes, and input that nobody should send."""

from __future__ import annotations

import sys
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from intents.language import Detection, detect, requested_language, script_of
from intents.language_data import data
from intents.language_latin import LATIN
from knowledge.models import LANGS

SAMPLES: dict[str, dict[str, str]] = YAML(typ="safe").load(
    Path(__file__).with_name("language_samples.yaml").read_text("utf-8")
)
HALVES = ("dev", "held")
DETECTED = ("ja", "en", "zh", "pt", "es")


def messages(half: str, label: str) -> list[str]:
    """Return the messages of one half whose label is `label` (`zh` takes `zh_hans` and `zh_hant`)."""
    groups = SAMPLES[half].items()
    return [line for key, lines in groups if key.split("_")[0] == label for line in lines.splitlines()]


ALL = [message for half in HALVES for label in DETECTED for message in messages(half, label)]


def test_samples_are_enough_and_apart() -> None:
    for label in DETECTED:
        held, dev = messages("held", label), messages("dev", label)
        assert len(held) >= 40
        assert len(set(held + dev)) >= 100
        assert not set(held) & set(dev)
    for key, least in (("zh_hans", 40), ("zh_hant", 30)):
        assert sum(len(SAMPLES[half][key].splitlines()) for half in HALVES) >= least


@pytest.mark.parametrize("half", HALVES)
def test_accuracy_per_language(half: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Print the accuracy of each kind of writing and each language; no language is below 97 per cent."""
    rows, low = [], []
    for key, lines in SAMPLES[half].items():
        label = key.split("_")[0]
        if label not in DETECTED:
            continue
        wanted = lines.splitlines()
        right = sum(detect(message).lang == label for message in wanted)
        rows.append(f"  {key:9} {right:4} of {len(wanted):4}  {right / len(wanted):.3f}")
    for label in DETECTED:
        wanted = messages(half, label)
        share = sum(detect(message).lang == label for message in wanted) / len(wanted)
        rows.append(f"  {label:9} {'all':>4}    {len(wanted):4}  {share:.3f}")
        if share < 0.97:
            low.append(label)
    with capsys.disabled():
        sys.stdout.write("\n".join([f"\nlanguage detection, {half}:", *rows, ""]))
    assert not low


@pytest.mark.parametrize("half", HALVES)
def test_nothing_is_told_from_what_tells_nothing(half: str) -> None:
    assert [message for message in messages(half, "none") if detect(message).lang] == []
    assert not any(detect(message).foreign for message in messages(half, "none"))


@pytest.mark.parametrize("half", HALVES)
def test_other_languages_are_known_as_foreign(half: str) -> None:
    others = messages(half, "other")
    right = [message for message in others if detect(message).lang is None and detect(message).foreign]
    assert len(right) >= 0.95 * len(others)


def test_the_same_words_in_portuguese_and_spanish_follow_the_session() -> None:
    for message in messages("dev", "iberian"):
        assert detect(message).lang in {"pt", "es"}
        assert detect(message, "pt").lang == "pt"
        assert detect(message, "es").lang == "es"


@pytest.mark.parametrize(
    ("text", "default", "lang"),
    [
        ("避難所", None, "ja"),
        ("避難所", "pt", "ja"),
        ("避難所", "zh", "zh"),
        ("病院", "zh", "zh"),
        ("カードをなくした", "zh", "ja"),
        ("我的卡丢了", "ja", "zh"),
        ("請问医院在哪裡", None, "zh"),
        ("请问「こども食堂」在哪里", None, "zh"),
        ("我的マイナンバーカード丢了", None, "zh"),
        ("子供の手当の申請", None, "ja"),
        ("perdí mi tarjeta", "pt", "es"),
        ("I lost my card", "es", "en"),
        ("byouin doko", "en", "ja"),
        ("shiyakusho onde fica?", None, "pt"),
        ("Where is the 市役所?", None, "en"),
        ("What does 振込 mean?", "ja", "en"),
        ("Onde fica o 市役所?", None, "pt"),
        ("PINを忘れた", None, "ja"),
        ("カードなくした", "easy", "easy"),
        ("住民票", "easy", "easy"),
        ("やさしい日本語で", None, "easy"),
        ("I lost my card", "easy", "en"),
        ("Pеrdi mеu cаrtão", None, "pt"),  # with Cyrillic letters among the Latin ones
        ("hospital", "pt", None),
        ("日光", "zh", None),
        ("OK", "en", None),
    ],
)
def test_session_and_mixed_writing(text: str, default: str | None, lang: str | None) -> None:
    assert detect(text, default).lang == lang  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("", "none"),
        ("123 😀", "none"),
        ("hello", "latin"),
        ("カード", "kana"),
        ("住民票はどこ", "kana"),
        ("住民票", "han"),
        ("優の良品", "han"),
        ("안녕하세요", "hangul"),
        ("สวัสดี", "thai"),
        ("Привет", "cyrillic"),
        ("مرحبا", "arabic"),
        ("नमस्ते", "devanagari"),
        ("ආයුබෝවන්", "sinhala"),
        ("မင်္ဂလာပါ", "myanmar"),
        ("My Number 안녕하세요 여러분", "hangul"),
    ],
)
def test_script_of(text: str, script: str) -> None:
    assert script_of(text) == script


@pytest.mark.parametrize(
    ("label", "message"),
    [
        (label, message)
        for half in HALVES
        for label, lines in SAMPLES[f"wishes_{half}"].items()
        for message in lines.splitlines()
    ],
)
def test_wishes_for_a_language(label: str, message: str) -> None:
    assert (requested_language(message) or "none") == label


def test_questions_wish_for_no_language() -> None:
    asked = [message for message in ALL if requested_language(message)]
    named = ("日文", "日語", "日语", "中文", "español", "portugues", "português", "nihongo", "english")
    assert [message for message in asked if not any(name in message.lower() for name in named)] == []


def test_two_wishes_take_the_last() -> None:
    assert requested_language("英語で教えて。やっぱり中国語で教えて") == "zh"


def test_word_lists_do_not_contradict_themselves() -> None:
    han = data()["han"]
    chinese = [word for words in han["zh"].values() for word in words.split()]
    assert len(chinese) == len(set(chinese))
    assert not set(chinese) & set(han["both"].split())
    assert set(data()["latin"]) == set(LATIN)
    assert set(data()["names"]) == set(LANGS)


LETTERS = st.one_of(
    st.characters(exclude_categories=()),  # lone surrogates and unassigned ones, too
    st.sampled_from("のはカ漢字国國吗abcçãñ¿ \u200b\u200f\u202e\u0301\u3099\ufeff\U000e0041\ud800ーｶﾞＡ"),
)


@settings(max_examples=400, deadline=None)
@given(text=st.text(LETTERS, max_size=60), default=st.sampled_from([None, *LANGS]))
def test_any_text_has_an_answer(text: str, default: str | None) -> None:
    found = detect(text, default)  # type: ignore[arg-type]
    assert isinstance(found, Detection)
    assert found.lang is None or found.lang in LANGS
    assert 0.0 <= found.confidence <= 1.0
    assert (found.lang is None) == (found.confidence == 0.0)
    assert found == detect(text, default)  # type: ignore[arg-type]
    assert requested_language(text) in {None, *LANGS}
    assert script_of(text)


NOISE = (
    "\u200b\u200c\u200d\u2060\ufeff\u00ad"  # zero-width
    "\u200e\u200f\u202a\u202e\u2066\u2069"  # direction
    "\U000e0041\U000e007f\ud800\udfff"  # tags, lone surrogates
)


@settings(max_examples=300, deadline=None)
@given(
    message=st.sampled_from(ALL),
    places=st.lists(st.tuples(st.integers(0, 80), st.sampled_from(NOISE)), min_size=1, max_size=6),
)
def test_invisible_characters_change_nothing(message: str, places: list[tuple[int, str]]) -> None:
    noisy = message
    for position, char in places:
        noisy = noisy[:position] + char + noisy[position:]
    assert detect(noisy) == detect(message)
    assert requested_language(noisy) == requested_language(message)


WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
HALF = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF66, 0xFF9E)}
VOICED = {"\u3099": "ﾞ", "\u309a": "ﾟ"}


def half_width(text: str) -> str:
    """Return `text` with its katakana in half width."""
    parts = []
    for char in text:
        base, *marks = list(unicodedata.normalize("NFD", char))
        katakana = base in HALF and all(mark in VOICED for mark in marks)
        parts.append(HALF[base] + "".join(VOICED[mark] for mark in marks) if katakana else char)
    return "".join(parts)


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(str.upper, id="upper"),
        pytest.param(str.lower, id="lower"),
        pytest.param(str.title, id="title"),
        pytest.param(lambda text: text.translate(WIDE), id="wide"),
        pytest.param(half_width, id="half"),
        pytest.param(lambda text: unicodedata.normalize("NFD", text), id="decomposed"),
        pytest.param(lambda text: f"\n  {text.replace(' ', '   ')}\u3000", id="blanks"),
        pytest.param(lambda text: f"😀{text}❤️", id="emoji"),
    ],
)
def test_writing_another_way_changes_nothing(written: object) -> None:
    assert callable(written)
    different = [message for message in ALL if detect(written(message)).lang != detect(message).lang]
    assert different == []


@pytest.mark.parametrize(
    "text",
    [
        "あ" * 10_000,
        "漢" * 10_000,
        "a " * 5_000,
        "a" * 10_000,
        "perdi meu cartão " * 600,
        "\u200b" * 10_000,
        "英語で" * 3_400,
        "想要" * 5_000 + "x",
        "想要" * 29 + "x",
        "かな" * 29,
        "\u0301\u0323" * 5_000,
        "na" * 5_000 + "!",
        "A@" * 5_000,
        "www." * 2_500,
    ],
)
def test_long_messages_take_linear_time(text: str) -> None:
    detect("warm-up")
    requested_language("warm-up")
    start = time.perf_counter()
    detect(text)
    requested_language(text)
    assert time.perf_counter() - start < 1.0  # some milliseconds where nothing else runs


def test_a_message_takes_microseconds(capsys: pytest.CaptureFixture[str]) -> None:
    times = []
    for message in ALL:
        start = time.perf_counter()
        detect(message)
        times.append(time.perf_counter() - start)
    median = sorted(times)[len(times) // 2]
    with capsys.disabled():
        sys.stdout.write(f"\nlanguage detection: median {median * 1e6:.0f} µs a message\n")
    assert median < 0.001
