"""What understanding an utterance yields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from knowledge.models import Lang

DecisionKind = Literal["answer", "clarify", "places", "safety", "fallback"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One entry that may answer. `confidence`: 0 to 1. `evidence`: what spoke for it, for checking."""

    entry_id: str
    confidence: float
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Slots:
    """What else the utterance says. `municipality`: its six-digit code, or None."""

    municipality: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with an utterance.

    `answer`: the first candidate is meant. `clarify`: the candidates, up to three, are close (もしかして).
    `fallback`: nothing fits. Candidates are sorted by confidence, best first.
    """

    kind: DecisionKind
    candidates: tuple[Candidate, ...] = ()
    slots: Slots = Slots()
    lang: Lang = "ja"


@dataclass(frozen=True, slots=True)
class Context:
    """What the session remembers. `last_entry`: the entry answered last; `municipality`: a six-digit code."""

    last_entry: str | None = None
    municipality: str | None = None
