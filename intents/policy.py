"""When to answer, ask back, or decline.  Every threshold of a decision is in this module.

The cost behind them: a wrong answer costs a resident five times what a clarifying question costs, and a
fallback (topics and the counter are offered) costs two.  With p the calibrated probability that the best
entry is meant, answering costs 5(1 - p), asking back 1 (plus 2 if the entry is not among those offered), so
that answering pays above p = 0.8, and asking back while the entry is among those offered with p > 0.5.
"""

from __future__ import annotations

from collections.abc import Sequence

from intents.search import Hit
from intents.types import Candidate, DecisionKind

COST_WRONG = 5.0
COST_CLARIFY = 1.0
COST_FALLBACK = 2.0

SURE = 0.6
"""Confidence from which the best entry is answered."""
POSSIBLE = 0.45
"""Confidence below which nothing fits."""
CLOSE = 0.045
"""The second is torn with the first if its confidence is less than this below."""
WORTH = 0.6
"""A candidate is offered if it has this share of the best one's confidence."""
EXACT = 0.995
"""Confidence of an utterance that is an ask word for word: it is answered, however close the next is."""
OFFERED = 3
"""How many entries a clarifying question offers at most."""


def confidences(hits: Sequence[Hit]) -> list[float]:
    """Return the confidence of each hit, best first."""
    found: list[float] = []
    for hit in hits:
        found.append(round(min([hit.fit, *found[-1:]]), 4))
    return found


def decide(candidates: Sequence[Candidate]) -> tuple[DecisionKind, tuple[Candidate, ...]]:
    """Return the kind of decision and the candidates that go with it, best first."""
    if not candidates or candidates[0].confidence < POSSIBLE:
        return "fallback", tuple(candidates)
    best = candidates[0].confidence
    close = [c for c in candidates if c.confidence > best - CLOSE]
    exact = best >= EXACT and candidates[1:2] and candidates[1].confidence < EXACT
    if best >= SURE and (len(close) == 1 or exact):
        return "answer", tuple(candidates)
    offered = [c for c in candidates[:OFFERED] if c.confidence >= WORTH * best]
    return "clarify", tuple(offered)
