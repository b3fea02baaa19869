"""How good decisions are on gold questions: answered, asked back, declined, wrong, and what is confused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from intents.language import detect
from intents.policy import COST_CLARIFY, COST_FALLBACK, COST_WRONG
from intents.types import Decision
from intents.understand import Understander
from knowledge.gold import Question

COST = {
    "right": 0.0,
    "clarify": COST_CLARIFY,
    "fallback": COST_FALLBACK,
    "clarify-missed": COST_CLARIFY + COST_FALLBACK,
    "wrong": COST_WRONG,
}
"""What an outcome costs a resident; see `intents.policy`."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One question with its decision. `outcome`: a key of `COST`."""

    question: Question
    decision: Decision
    outcome: str

    @property
    def best(self) -> str | None:
        """The entry ranked first."""
        return self.decision.candidates[0].entry_id if self.decision.candidates else None


@dataclass(frozen=True)
class Measured:
    """All questions of one run, judged."""

    judged: tuple[Judged, ...]

    def share(self, *outcomes: str) -> float:
        """Return the share of questions with one of `outcomes`, 0 to 1."""
        return sum(item.outcome in outcomes for item in self.judged) / max(1, len(self.judged))

    @property
    def hit1(self) -> float:
        """The share of questions whose entry is ranked first, whatever was decided."""
        inside = [item for item in self.judged if item.question.entry]
        return sum(item.best == item.question.entry for item in inside) / max(1, len(inside))

    @property
    def cost(self) -> float:
        """The mean cost of a question."""
        return sum(COST[item.outcome] for item in self.judged) / max(1, len(self.judged))

    def confusions(self) -> list[tuple[tuple[str | None, str | None], int]]:
        """Return (wanted, given) pairs of entries that were mixed up in the ranking, most frequent first."""
        pairs = Counter(
            (item.question.entry, item.best) for item in self.judged if item.best != item.question.entry
        )
        return pairs.most_common()

    def worst(self) -> list[Judged]:
        """Return the questions that went wrong, the most confident mistakes first."""
        wrong = [item for item in self.judged if item.outcome == "wrong"]
        return sorted(wrong, key=lambda item: -item.decision.candidates[0].confidence)


def measure(understander: Understander, questions: Iterable[Question]) -> Measured:
    """Ask every question as a resident would and judge the decision."""
    return Measured(tuple(_judged(understander, question) for question in questions))


def _judged(understander: Understander, question: Question) -> Judged:
    lang = question.lang or detect(question.text).lang or "ja"
    decision = understander.decide(question.text, lang)
    return Judged(question, decision, outcome(decision, question.entry))


def outcome(decision: Decision, wanted: str | None) -> str:
    """Return what a decision is worth to somebody who wanted the entry `wanted` (None: nothing here)."""
    offered = [candidate.entry_id for candidate in decision.candidates]
    if decision.kind == "answer":
        return "right" if wanted is not None and offered[:1] == [wanted] else "wrong"
    if decision.kind == "clarify":
        return "clarify" if wanted is None or wanted in offered else "clarify-missed"
    return "right" if wanted is None else "fallback"


def lines(measured: Measured, title: str) -> Iterator[str]:
    """Yield the report for people."""
    yield (
        f"{title}: {len(measured.judged)} questions  hit@1 {measured.hit1:.3f}  answered right "
        f"{measured.share('right'):.3f}  clarify {measured.share('clarify', 'clarify-missed'):.3f} "
        f"(missed {measured.share('clarify-missed'):.3f})  fallback {measured.share('fallback'):.3f}  "
        f"wrong {measured.share('wrong'):.3f}  cost {measured.cost:.3f}"
    )
