"""What was found harmless is not looked through again; danger and secrets are, each time."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.messages import IncomingMessage
from bot import intake
from bot.brain import Brain, BrainHolder
from bot.harmless import Harmless
from bot.intake import prepare
from intents.masking import Masked
from intents.safety import Crisis
from tests.knowledge.folders import make

PLAIN = ["パスポートを作りたい", "How do I renew my card?", "避難所はどこ？", "#7119は何の番号", "🙂", ""]
DANGER = ["胸が苦しい", "意識がない", "熱がある", "死にたい", "I can't breathe"]
SECRET = [
    "私の番号は 1234 5678 9012 です",
    "電話は090-1234-5678",
    "a.b@example.org に送って",
    "宇都宮市塙田1-1-20",
]


@pytest.fixture
def brain(holder: BrainHolder) -> Brain:
    return replace(holder.brain, harmless=Harmless())


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each text was looked through for danger and for secrets."""
    counted: Counter[str] = Counter()
    detect, find = intake.detect_crisis, intake.find_secrets

    def counting_detect(text: str) -> Crisis | None:
        counted[f"danger {text}"] += 1
        return detect(text)

    def counting_find(text: str, public: frozenset[str]) -> Masked:
        counted[f"secret {text}"] += 1
        return find(text, public)

    monkeypatch.setattr(intake, "detect_crisis", counting_detect)
    monkeypatch.setattr(intake, "find_secrets", counting_find)
    return counted


def said(text: str) -> IncomingMessage:
    return IncomingMessage("line", "U1", "e1", text=text)


@pytest.mark.parametrize("text", PLAIN)
def test_the_second_time_nothing_is_looked_through(brain: Brain, looked: Counter[str], text: str) -> None:
    first = prepare(message := said(text), brain)
    assert (first.crisis, first.notices) == (None, ())
    assert [prepare(message, brain) for _ in range(3)] == [first] * 3
    assert set(looked.values()) == {1}


@pytest.mark.parametrize("text", [*DANGER, *SECRET])
def test_danger_and_secrets_are_seen_each_time(brain: Brain, looked: Counter[str], text: str) -> None:
    first = prepare(message := said(text), brain)
    assert first.crisis is not None or "secret" in first.notices
    assert prepare(message, brain) == first
    assert looked[f"danger {text}"] == 2
    assert text not in brain.harmless


def test_what_is_cleaned_and_too_long_is_told_each_time(brain: Brain) -> None:
    """The verdict is of the cleaned text; what else is said of a message is said again."""
    for _ in range(2):
        assert prepare(said("パス\u200bポート　を作りたい"), brain).message.text == "パスポート を作りたい"
        long = prepare(said("道の話です。" * 1000), brain)
        assert long.notices == ("too-long",)
        assert len(long.message.text or "") == 2000


def test_a_new_state_of_the_knowledge_looks_anew(tmp_path: Path) -> None:
    """A number that is public no more is masked again."""
    text = "0120-95-0178は何の番号"
    holder = BrainHolder(make(tmp_path))
    assert prepare(said(text), holder.brain).notices == ()
    assert text in holder.brain.harmless
    phones = tmp_path / "phones.yaml"
    phones.write_text(phones.read_text(encoding="utf-8").replace("0120-95-0178", "0120-95-0179"), "utf-8")
    assert holder.refresh()
    assert text not in holder.brain.harmless
    assert prepare(said(text), holder.brain).notices == ("secret",)


def test_no_text_is_held() -> None:
    seen, text = Harmless(), "この文は覚えられない"
    seen.add(text)
    assert text in seen
    assert list(seen._seen._seen) == [seen._digest(text)]
    assert len(seen._digest(text)) == 16


def test_the_oldest_are_forgotten_and_keys_differ() -> None:
    seen = Harmless(2)
    for text in ("a", "b", "c"):
        seen.add(text)
    assert [text in seen for text in ("a", "b", "c")] == [False, True, True]
    assert seen._digest("a") != Harmless()._digest("a")
