"""Gold questions: loaded with file and line, kept apart from the asks, enough of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from intents.measure import COST, Measured, lines, measure, outcome
from intents.types import Candidate, Decision
from intents.understand import Understander
from knowledge.gold import load_gold
from knowledge.loader import CONTENT, load
from knowledge.phrases import command_key
from tests.knowledge.folders import entry, make

GOLD = load_gold()
KNOWLEDGE, _ = load(CONTENT)


def test_the_gold_that_ships_has_no_problem() -> None:
    assert [str(problem) for problem in GOLD.problems] == []
    assert {question.entry for question in GOLD.questions} <= KNOWLEDGE.entries.keys()
    assert {entry for turn in GOLD.followups for entry in [turn.entry]} <= KNOWLEDGE.entries.keys()


def test_at_least_five_questions_an_entry() -> None:
    counts = Counter(question.entry for question in GOLD.questions)
    assert {key: counts[key] for key in KNOWLEDGE.entries if counts[key] < 5} == {}


def test_gold_questions_are_kept_apart_from_the_asks() -> None:
    asks = {command_key(ask) for e in KNOWLEDGE.entries.values() for rows in e.asks.values() for ask in rows}
    same = [question.text for question in GOLD.questions if command_key(question.text) in asks]
    assert len(same) <= len(GOLD.questions) * 0.01


def test_no_question_is_asked_twice_with_two_answers() -> None:
    wanted: dict[str, set[str | None]] = {}
    for question in GOLD.questions:
        wanted.setdefault(command_key(question.text), set()).add(question.entry)
    assert {text: entries for text, entries in wanted.items() if len(entries) > 1} == {}


def test_bad_rows_are_named(tmp_path: Path) -> None:
    (tmp_path / "mynumber.yaml").write_text(
        "mynumber.a:\n  - ok\n  - {text: x, lang: tlh}\n  - {lang: en}\nmynumber.b: text\n", encoding="utf-8"
    )
    (tmp_path / "followups.yaml").write_text("followups:\n  - {first: a}\n", encoding="utf-8")
    gold = load_gold(tmp_path)
    assert [question.text for question in gold.questions] == ["ok"]
    assert [(p.file.name, p.line) for p in gold.problems] == [
        ("followups.yaml", 2),
        ("mynumber.yaml", 3),
        ("mynumber.yaml", 4),
        ("mynumber.yaml", 5),
    ]


def decision(kind: str, *ids: str) -> Decision:
    return Decision(kind, tuple(Candidate(key, 0.9) for key in ids))  # type: ignore[arg-type]


def test_what_a_decision_is_worth() -> None:
    assert outcome(decision("answer", "a", "b"), "a") == "right"
    assert outcome(decision("answer", "b", "a"), "a") == "wrong"
    assert outcome(decision("answer", "a"), None) == "wrong"
    assert outcome(decision("clarify", "b", "a"), "a") == "clarify"
    assert outcome(decision("clarify", "b", "c"), "a") == "clarify-missed"
    assert outcome(decision("clarify", "b"), None) == "clarify"
    assert outcome(decision("fallback"), "a") == "fallback"
    assert outcome(decision("fallback"), None) == "right"
    assert COST["wrong"] == 5 * COST["clarify"]


def test_measuring_a_small_knowledge(tmp_path: Path) -> None:
    files = {"mynumber/a.yaml": entry("lost") + entry("photo", ask="写真の大きさを知りたい")}
    knowledge, problems = load(make(tmp_path / "content", files))
    assert problems == []
    folder = tmp_path / "gold"
    folder.mkdir()
    (folder / "mynumber.yaml").write_text(
        "mynumber.lost: [カードをなくした]\nmynumber.photo: [写真の大きさを知りたい, まったく別のこと]\n",
        encoding="utf-8",
    )
    measured = measure(Understander.build(knowledge), load_gold(folder).questions)
    assert isinstance(measured, Measured)
    assert [item.outcome for item in measured.judged][:2] == ["right", "right"]
    assert measured.share("right") < 1.0
    assert measured.hit1 >= 2 / 3
    assert "3 questions" in next(lines(measured, "x"))
    assert measured.worst() == []
