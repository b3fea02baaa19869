"""Counting, clipping and splitting."""

from __future__ import annotations

import shutil
import subprocess
import time
import unicodedata
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.limits import (
    byte_len,
    clip_bytes,
    clip_graphemes,
    clip_utf16,
    graphemes,
    split_text,
    utf16_len,
)

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine is shared
CLUSTERS = [
    "が",  # base and combining voicing mark
    "ｶﾞ",  # half-width, where the mark is a character of its own
    "🇯🇵",
    "👨‍👩‍👧‍👦",
    "👩🏽‍⚕️",
    "1️⃣",
    "❤️‍🔥",
    "각",
    "각",
    "नि",
    "é̂",
    "葛󠄀",  # with a variation selector
    "\r\n",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "あ",
    "x",
]
# Text with what makes counting hard, and lone surrogates.
hard = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from([ch for cluster in CLUSTERS for ch in cluster]),
        st.sampled_from("。！？.!? \n\n　、」"),
    ),
    max_size=80,
)


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_a_cluster_is_one(cluster: str) -> None:
    assert graphemes(cluster) == [cluster]
    assert graphemes(f"a{cluster}。") == ["a", cluster, "。"]
    assert graphemes(cluster * 2) == [cluster, cluster]


def test_clusters_are_divided() -> None:
    assert graphemes("") == []
    assert graphemes("🇯🇵🇺🇸🇫") == ["🇯🇵", "🇺🇸", "🇫"]
    assert graphemes("\n\u0301") == ["\n", "\u0301"]
    assert graphemes("\ud83d\ud83da") == ["\ud83d", "\ud83d", "a"]
    assert graphemes("a\u200db") == ["a\u200d", "b"]
    assert graphemes("〪は〪") == ["〪", "は〪"]


def _perl(*arguments: str, given: str = "") -> str:
    return subprocess.run(
        ["perl", *arguments], input=given, capture_output=True, text=True, check=True
    ).stdout


_PERL_CLUSTERS = r"""
while (<STDIN>) {
    chomp; my $text = pack("H*", $_); utf8::decode($text);
    my @lengths; while ($text =~ /(\X)/g) { push @lengths, length $1 }
    print "@lengths\n";
}
"""


@pytest.mark.skipif(shutil.which("perl") is None, reason="no perl to compare with")
def test_clusters_are_those_of_perl() -> None:
    """`\\X` of Perl is an implementation by other people of the same rules."""
    version = _perl("-MUnicode::UCD", "-e", "print Unicode::UCD::UnicodeVersion()")
    if version != unicodedata.unidata_version:
        pytest.skip(f"perl knows Unicode {version}, python {unicodedata.unidata_version}")
    random = Random(5)
    special = [ch for cluster in CLUSTERS for ch in cluster] + list("\u200c\u0600\u0e33\u302a\u20e3각")
    every = [chr(code) for code in range(0x20, 0x1FB00)]
    every = [ch for ch in every if unicodedata.category(ch) not in ("Cs", "Cn", "Co")]
    texts = [f"a{ch}b{ch}{ch}" for ch in every[::3]] + [f"👨\u200d{ch}" for ch in every[1::3]]
    for _ in range(5000):
        pools = random.choices((special, every), weights=(3, 2), k=random.randint(1, 10))
        texts.append("".join(random.choice(pool) for pool in pools))
    answer = _perl("-e", _PERL_CLUSTERS, given="\n".join(text.encode().hex() for text in texts))
    for text, lengths in zip(texts, answer.splitlines(), strict=True):
        assert " ".join(str(len(cluster)) for cluster in graphemes(text)) == lengths, ascii(text)


@unhurried
@given(hard)
def test_clusters_joined_are_the_text(text: str) -> None:
    assert "".join(graphemes(text)) == text


def test_lengths() -> None:
    assert [utf16_len(s) for s in ("", "あ", "😀", "👨‍👩‍👧‍👦", "\ud83d")] == [0, 1, 2, 11, 1]
    assert [byte_len(s) for s in ("", "a", "あ", "😀", "\ud83d")] == [0, 1, 3, 4, 3]


@unhurried
@given(hard)
def test_utf16_length_is_that_of_the_encoding(text: str) -> None:
    separate = "".join(ch + "x" for ch in text)  # or two lone surrogates would become a pair
    assert utf16_len(separate) == len(separate.encode("utf-16-le", "surrogatepass")) // 2


def test_clipping() -> None:
    assert clip_graphemes("栃木県庁", 4) == "栃木県庁"
    assert clip_graphemes("栃木県庁", 3) == "栃木…"
    assert clip_graphemes("👨‍👩‍👧‍👦🇯🇵🇺🇸", 2) == "👨‍👩‍👧‍👦…"
    assert clip_graphemes("a bc", 3) == "a…"
    assert clip_graphemes("ab", 1) == "…"
    assert clip_graphemes("ab", 0) == ""
    assert clip_utf16("😀😀😀", 5) == "😀😀…"
    assert clip_utf16("😀😀😀", 6) == "😀😀😀"
    assert clip_bytes("栃木県", 8) == "栃…"
    assert clip_bytes("栃木県", 9) == "栃木県"
    assert clip_bytes("栃木県", 2) == ""


@unhurried
@given(hard, st.integers(0, 40))
def test_clipped_text_keeps_its_limit(text: str, n: int) -> None:
    for clipped, length in (
        (clip_utf16(text, n), utf16_len),
        (clip_bytes(text, n), byte_len),
        (clip_graphemes(text, n), lambda s: len(graphemes(s))),
    ):
        assert length(clipped) <= n
        assert clipped == text or clipped == "" or clipped.endswith("…")
        if length(text) <= n:
            assert clipped == text
        assert text.startswith(clipped.removesuffix("…")) or clipped == text


def test_split_prefers_paragraphs_then_sentences_then_words() -> None:
    text = "一つ目の文です。二つ目です。\n\n次の段落です。"
    assert split_text(text, 20) == ["一つ目の文です。二つ目です。\n\n", "次の段落です。"]
    assert split_text(text, 12) == ["一つ目の文です。", "二つ目です。\n\n", "次の段落です。"]
    assert split_text("Ask at 1.5 km. See www.pref.tochigi.lg.jp now", 30) == [
        "Ask at 1.5 km. ",
        "See www.pref.tochigi.lg.jp now",
    ]
    assert split_text("彼は「行く。」と言った。", 10) == ["彼は「行く。」", "と言った。"]
    assert split_text("one two three", 8) == ["one two ", "three"]
    assert split_text("1. 行\n2. 行\n3. 行\n", 12) == ["1. 行\n2. 行\n", "3. 行\n"]
    assert split_text("かきくけこ" * 2, 4) == ["かきくけ", "こかきく", "けこ"]
    assert split_text("", 10) == []
    assert split_text("あ", 10) == ["あ"]


def test_split_leaves_no_title_alone() -> None:
    text = "題\n\n" + "文です。" * 6
    assert split_text(text, 20) == ["題\n\n" + "文です。" * 4, "文です。" * 2]


def test_split_never_inside_a_cluster() -> None:
    family = "👨‍👩‍👧‍👦"
    assert split_text(family * 3, 25) == [family * 2, family]
    assert split_text("😀" * 5, 5) == ["😀😀", "😀😀", "😀"]


def test_split_takes_apart_only_what_is_longer_than_the_limit() -> None:
    zalgo = "e" + "\u0301" * 20
    parts = split_text("ab" + zalgo, 8)
    assert "".join(parts) == "ab" + zalgo
    assert max(map(utf16_len, parts)) <= 8


def test_split_refuses_a_limit_that_no_character_fits() -> None:
    with pytest.raises(ValueError, match="limit"):
        split_text("abc", 3)


@unhurried
@given(hard, st.integers(4, 30), st.sampled_from([utf16_len, byte_len, len]))
def test_split_loses_nothing(text: str, limit: int, length: object) -> None:
    assert callable(length)
    parts = split_text(text, limit, length)
    assert "".join(parts) == text
    assert all(part and length(part) <= limit for part in parts)
    if all(length(cluster) <= limit for cluster in graphemes(text)):
        assert [cluster for part in parts for cluster in graphemes(part)] == graphemes(text)


@pytest.mark.parametrize("unit", [".", " ", "\n ", "。", '."', "e\u0301", "\u0301", "🇯", "a\u200d"])
def test_work_grows_with_the_text_and_not_with_its_square(unit: str) -> None:
    def seconds(n: int) -> float:
        text = unit * (n // len(unit))
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            split_text(text, 5000)
            best = min(best, time.process_time() - start)
        return best

    assert seconds(80_000) < 12 * seconds(10_000) + 0.05  # a square would be 64 times
