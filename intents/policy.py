"""When to answer, ask back, or decline.  Every threshold and weight of a decision is in this module.

The cost behind them: a wrong answer costs a resident five times what a clarifying question costs, and a
fallback (topics and the counter are offered) twice, nothing if there was nothing to answer.  With p the
probability that the best entry is meant, answering costs 5(1 - p); asking back costs 1, and 2 more where none
of those offered is meant.  `bench/calibrate.py` fits p on held-out utterances and finds the cheapest
thresholds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from intents.search import Hit
from intents.types import Candidate, DecisionKind

COST_WRONG = 5.0
COST_CLARIFY = 1.0
COST_FALLBACK = 2.0

SURE = 0.76
"""Confidence from which the best entry is answered."""
POSSIBLE = 0.38
"""Confidence below which nothing fits."""
WORTH = 0.3
"""A candidate is offered in a clarifying question if it has this share of the best one's confidence."""
OFFERED = 3
"""How many entries a clarifying question offers at most."""
ENOUGH = 12.0
"""Telling words beyond which more of them make nothing surer."""
LEAST_HELD = 0.15
"""Share of an utterance that an entry must explain to be taken for what is meant at all."""
JUDGED = 4
"""Hits that are judged one by one; those after them can neither be answered nor offered."""
EXACT = 0.999
"""Fit of an utterance that is an ask word for word."""
CLOSE = 0.04
"""The second is torn with the first if its confidence is less than this below."""
TOPIC = 0.75
"""Confidence of the surer of two topics in one message from which both are offered."""
FAINT_TOPIC = 0.34
"""Confidence that the other one must have."""
RELATED = 0.6
"""Share of an utterance without a topic that another entry of the area must explain to be meant by it."""
TOPIC_WEIGHT = 0.8
"""How much the last topic's words count beside the new ones."""
LOOKED_AT = 5
"""Entries that are looked at for it."""
FOLLOW_UP = 0.9
"""Confidence that an utterance without a topic of its own goes on with the last turn's."""

FEATURES = ("held", "asked", "ahead", "second", "amount")
"""`held`: the share of the utterance that the entry explains. `asked`: the share of its closest ask that was
said. `ahead`: how much better it fits than the next entry. `second`: the next one's share of its score.
`amount`: how much the utterance says (logarithm of its telling words)."""
WEIGHTS = (5.29, 3.91, 1.18, -2.07, 2.17, -6.91)


def features(hits: Sequence[Hit], number: int) -> tuple[float, ...]:
    """Return the features of hit `number` beside its best rival, and a constant."""
    hit = hits[number]
    asked = hit.fit if hit.by_sound else hit.asked
    amount = math.log1p(min(hit.amount, ENOUGH))
    if len(hits) == 1:
        return hit.held, asked, hit.fit, 0.0, amount, 1.0
    rival = hits[1 if number == 0 else 0]
    return hit.held, asked, hit.fit - rival.fit, min(rival.score / max(hit.score, 1e-9), 2.0), amount, 1.0


def confidences(hits: Sequence[Hit]) -> list[float]:
    """Return for each hit the probability that it is meant; not rising, since hits are ranked."""
    found: list[float] = []
    for number, hit in enumerate(hits[:JUDGED]):
        logit = sum(map(float.__mul__, WEIGHTS, features(hits, number)))
        sure = 1.0 / (1.0 + math.exp(-logit))
        if hit.held < LEAST_HELD:
            sure = min(sure, hit.held)
        if hit.fit >= EXACT and (number > 0 or len(hits) < 2 or hits[1].fit < EXACT):
            sure = max(sure, hit.fit)
        found.append(round(min(sure, found[-1]) if found else sure, 4))
    for hit in hits[JUDGED:]:
        found.append(round(found[-1] * min(hit.score / max(hits[JUDGED - 1].score, 1e-9), 1.0), 4))
    return found


def decide(candidates: Sequence[Candidate]) -> tuple[DecisionKind, tuple[Candidate, ...]]:
    """Return the kind of decision and the candidates that go with it, best first."""
    if not candidates or candidates[0].confidence < POSSIBLE:
        return "fallback", tuple(candidates)
    best = candidates[0].confidence
    torn = len(candidates) > 1 and best < EXACT and candidates[1].confidence > best - CLOSE
    if best >= SURE and not torn:
        return "answer", tuple(candidates)
    return "clarify", tuple(c for c in candidates[:OFFERED] if c.confidence >= WORTH * best)
