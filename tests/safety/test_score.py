"""The second net: its weights are of the shipped utterances, it is quick, explainable, and never raises."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents import safety
from intents.safety import Detector, detect_crisis, detector
from intents.safety_score import WEIGHTS, read, scorer, views
from knowledge.loader import CONTENT, load
from knowledge.safety import KINDS, load_patterns
from knowledge.safety_phrases import LEARNT, PHRASES, digest, read_phrases

HERE = Path(__file__).parent
REVIEWED = (*(HERE / f"{name}_{part}.yaml" for part in LEARNT for name in ("crisis", "lookalikes")), PHRASES)


@pytest.fixture(scope="module")
def patterns() -> Detector:
    return detector()


def test_the_weights_are_learnt_from_the_shipped_utterances() -> None:
    assert read(WEIGHTS).made_from == digest(REVIEWED), (
        "危険な言葉の文が変わりました。.venv/bin/python scripts/train_safety.py で重みを作り直してください。"
    )


def test_what_it_learnt_it_knows(patterns: Detector) -> None:
    """With weights of other n-grams than those that the code makes, little would be found."""
    danger = [said for said in read_phrases(PHRASES) if said.kinds]
    harmless = [said for said in read_phrases(PHRASES) if not said.kinds]
    found = [scorer().judge(patterns.streams(said.text)) for said in danger]
    fitting = sum(kind in said.kinds for kind, said in zip(found, danger, strict=True))
    alarms = sum(scorer().judge(patterns.streams(said.text)) is not None for said in harmless)
    assert len(danger) > 1000
    assert len(harmless) > 300
    assert sum(kind is not None for kind in found) / len(danger) >= 0.93
    assert fitting / len(danger) >= 0.92
    assert alarms / len(harmless) <= 0.005


def test_what_the_knowledge_is_asked_raises_no_alarm(patterns: Detector) -> None:
    """By the score, in everyday areas: where nobody asks in danger."""
    knowledge, _ = load(CONTENT)
    everyday = ("mynumber.", "eapp.", "tourism.", "prefecture.", "agriculture.", "industry.", "education.")
    asked = [
        ask
        for entry in knowledge.entries.values()
        if entry.id.startswith(everyday)
        for asks in entry.asks.values()
        for ask in asks
    ]
    alarms = sum(patterns.by_score(patterns.streams(ask)) is not None for ask in asked)
    assert len(asked) > 5000
    assert alarms / len(asked) <= 0.002


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("kid put a mothball in his mouth and swallowed it", "poisoning"),
        ("estoy en el cajero y el hombre del teléfono dice que transfiera ya", "crime"),
    ],
)
def test_one_net_is_enough(said: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scorer finds it with the patterns' words taken away, wherever it stands in a long message."""
    patterns = load_patterns()[0]
    blind = Detector(
        type(patterns)([], patterns.lookalikes, patterns.questions, patterns.same, patterns.readings)
    )
    quiet = (
        "今日はいい天気です。" * 60
        if not said.isascii() and "é" not in said
        else "the weather is nice today. " * 40
    )
    for text in (said, f"{quiet} {said}. {quiet}"):
        crisis = blind.detect(text)
        assert crisis is not None
        assert (crisis.kind, crisis.urgent, crisis.evidence) == (kind, True, "score")


def test_a_look_alike_speaks_against_it(patterns: Detector, monkeypatch: pytest.MonkeyPatch) -> None:
    class Alarmed:
        def judge(self, _said: object, least: float = 0.0) -> str | None:
            return "suicide" if least < 0.5 else None

    monkeypatch.setattr(safety, "scorer", Alarmed)
    assert patterns.by_score(patterns.streams("名前を書く")) is not None
    assert patterns.by_score(patterns.streams("死ぬほど暑い")) is None
    assert patterns.by_score(patterns.streams("my phone battery died")) is None
    monkeypatch.setattr(safety, "ALL_THE_SAME", 0.4)
    assert patterns.by_score(patterns.streams("死ぬほど暑い")) is not None, (
        "a high score is believed all the same"
    )


def test_what_is_plainly_harmless_is_doubted_though_a_pattern_finds_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Doubting:
        def judge(self, _said: object, _least: float = 0.0) -> None:
            return None

        def doubts(self, _said: object) -> bool:
            return True

    assert detect_crisis("死にたい") is not None
    monkeypatch.setattr(safety, "scorer", Doubting)
    assert detect_crisis("死にたい") is None


@pytest.mark.parametrize(
    "said", ["死にたい", "助けて", "火事だ", "胸が痛い", "help me", "不要杀我", "socorro"]
)
def test_plain_words_of_danger_are_never_doubted(patterns: Detector, said: str) -> None:
    assert not scorer().doubts(patterns.streams(said))


def test_why_can_be_shown(patterns: Detector) -> None:
    script, grams = next(views(patterns.streams("池の氷が割れて子どもが落ちた")))
    table = scorer().tables[script]
    shares = table.shares(grams)
    whole = sum(share for _, share in shares) + table.bias - table.threshold
    assert whole == pytest.approx(table.score(grams))
    assert any("氷" in gram and share > 0 for gram, share in shares[:20])


@given(st.text(max_size=3000))
def test_nothing_raises(text: str) -> None:
    assert scorer().judge(detector().streams(text)) in (None, *KINDS)


@pytest.mark.parametrize("content", [b"", b"not weights", None])
def test_without_weights_the_patterns_go_on(
    content: bytes | None, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "weights.npz"
    if content is not None:
        path.write_bytes(content)
    with caplog.at_level(logging.ERROR):
        broken = scorer.__wrapped__(path)
    assert "train_safety.py" in caplog.text
    monkeypatch.setattr(safety, "scorer", lambda: broken)
    assert detect_crisis("池の氷が割れて名前がない") is None
    assert detect_crisis("死にたい") is not None


def test_weights_of_other_kinds_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    np.savez(path, kinds=np.array(["medical"]))
    with pytest.raises(ValueError, match="kinds"):
        read(path)


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ("- lang: xx\n  kind: fire\n  said: a\n", "lang"),
        ("- lang: ja\n  kind: fier\n  said: a\n", "kind"),
        ("- lang: ja\n  kind: fire\n  urgency: advice\n  said: a\n", "urgency"),
        ("- lang: ja\n  kind: none\n  urgency: now\n  said: a\n", "urgency"),
        ("- lang: ja\n  kind: fire\n", "said"),
        ("- ja\n", "lang"),
        ("lang: ja\n", "said"),
    ],
)
def test_a_wrong_row_is_named(row: str, wrong: str, tmp_path: Path) -> None:
    path = tmp_path / "phrases.yaml"
    path.write_text("# comment\n" + row, encoding="utf-8")
    with pytest.raises(ValueError, match=rf"phrases\.yaml.*{wrong}"):
        list(read_phrases(path))


def test_the_digest_tells_an_edit_from_a_comment(tmp_path: Path) -> None:
    path, row = tmp_path / "phrases.yaml", "- lang: ja\n  kind: fire\n  said: |\n    火事です\n"
    digests = []
    for text in (row, "# note\n" + row, row.replace("です", "だ"), row.replace("fire", "none")):
        path.write_text(text, encoding="utf-8")
        digests.append(digest([path]))
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_small_and_quick(patterns: Detector) -> None:
    """Generous: a loaded machine is several times slower than the figures in `docs/security.md`."""
    assert WEIGHTS.stat().st_size <= 1_500_000
    start = time.perf_counter()
    read(WEIGHTS)
    assert time.perf_counter() - start < 1.0
    said = [said.text for path in REVIEWED[1:2] for said in read_phrases(path)]
    detect_crisis(said[0])
    times = []
    for text in said:
        start = time.perf_counter()
        detect_crisis(text)
        times.append(time.perf_counter() - start)
    assert median(times) < 0.001
