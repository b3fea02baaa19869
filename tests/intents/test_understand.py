"""From an utterance to a decision, over a small knowledge of its own."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.lexicon import Lexicon
from intents.understand import Understander
from knowledge.models import Entry, Knowledge, Source


def entry(name: str, title: str, asks: dict[str, list[str]], answer: str) -> Entry:
    return Entry(
        id=name,
        title={"ja": title},
        asks=asks,
        answer={"ja": answer},
        owner="pref",
        source=Source(name="県"),
        checked=date(2026, 11, 1),
        review_by=date(2027, 11, 1),
    )


ENTRIES = [
    entry(
        "mynumber.lost",
        "マイナンバーカードをなくした",
        {
            "ja": ["マイナンバーカードを紛失した", "カードを落とした"],
            "en": ["I lost my My Number card"],
            "zh": ["个人编号卡丢了怎么办"],
            "pt": ["Perdi meu cartão My Number"],
            "es": ["Perdí mi tarjeta My Number"],
        },
        "まず利用を止めます。",
    ),
    entry(
        "eapp.passport",
        "パスポートの申請",
        {"ja": ["パスポートを取りたい", "旅券の申請"], "en": ["How do I apply for a passport?"]},
        "申請は窓口かオンラインでできます。",
    ),
    entry("medical.night", "夜間の急病", {"ja": ["夜に子どもが熱を出した"]}, "電話で相談できます。"),
    entry("tourism.nikko", "日光の観光", {"ja": ["日光の見どころ", "東照宮に行きたい"]}, "世界遺産です。"),
]


@pytest.fixture(scope="module")
def small() -> Understander:
    return Understander.build(Knowledge(entries={e.id: e for e in ENTRIES}))


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        ("マイナンバーカードをなくした", "ja", "mynumber.lost"),
        ("ﾏｲﾅﾝﾊﾞｰｶｰﾄﾞをなくしちゃった", "ja", "mynumber.lost"),
        ("まいなんばーかーどをなくした", "ja", "mynumber.lost"),
        ("mainanba-kado wo nakushita", "ja", "mynumber.lost"),
        ("lost my number card", "en", "mynumber.lost"),
        ("個人編號卡丟了", "zh", "mynumber.lost"),
        ("perdi o cartao my number", "pt", "mynumber.lost"),
        ("perdi la tarjeta my number", "es", "mynumber.lost"),
        ("パスポートを取りたいのですが、どうすればよいでしょうか", "ja", "eapp.passport"),
        ("日光東照宮に行きたい", "ja", "tourism.nikko"),
    ],
)
def test_every_way_of_writing(small: Understander, text: str, lang: str, expected: str) -> None:
    decision = small.decide(text, lang)  # type: ignore[arg-type]
    assert decision.kind in ("answer", "clarify")
    assert decision.candidates[0].entry_id == expected


@pytest.mark.parametrize(
    "text", ["", "   ", "😀😀", "！？", "12345", "株価の予想", "\u200b\u200b", "ああああ"]
)
def test_what_is_not_known_falls_back(small: Understander, text: str) -> None:
    assert small.decide(text).kind == "fallback"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_never_raises(small: Understander, text: str) -> None:
    decision = small.decide(text)
    assert all(0.0 <= c.confidence <= 1.0 for c in decision.candidates)


def test_long_input(small: Understander) -> None:
    assert small.decide("あ" * 10_000).kind == "fallback"


def test_progress_reaches_the_end() -> None:
    seen: list[tuple[int, int]] = []
    Understander.build(
        Knowledge(entries={e.id: e for e in ENTRIES}), Lexicon(), lambda done, all_: seen.append((done, all_))
    )
    assert seen == [(n, len(ENTRIES)) for n in range(1, len(ENTRIES) + 1)]


def test_empty_knowledge() -> None:
    assert Understander.build(Knowledge(), Lexicon()).decide("パスポート").kind == "fallback"
