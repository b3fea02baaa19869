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

SURE = 0.9
"""Confidence from which the best entry is answered. The cost alone would say 0.81; but of a hundred questions
no more than one may be answered wrongly."""
POSSIBLE = 0.38
"""Confidence below which nothing fits."""
ONE_OF = 0.6
"""Confidence that one of the offered is meant from which it is asked back, though none is POSSIBLE."""
WORTH = 0.3
"""A candidate is offered in a clarifying question if it has this share of the best one's confidence."""
OFFERED = 3
"""How many entries a clarifying question offers at most."""
ENOUGH = 12.0
"""Telling words beyond which more of them make nothing surer."""
LONG = 100
"""Letters beyond which more of them make nothing surer."""
LEAST_HELD = 0.15
"""Share of an utterance that an entry must explain to be taken for what is meant at all."""
ALONE = 0.05
"""Stands for all entries that were not found, beside the rivals of one."""
CONSIDERED = 6
"""Hits that a decision is made from."""
JUDGED = 4
"""Hits that are judged one by one; those after them can neither be answered nor offered."""
CLOSE = 0.04
"""The second is torn with the first if its confidence is less than this below."""
TOPIC = 0.75
"""Confidence of the surer of two topics in one message from which both are offered."""
FAINT_TOPIC = 0.34
"""Confidence that the other one must have."""
TOPICS = 4
"""Both must be among so many that the whole message finds, unless a word joins the two."""
RELATED = 0.6
"""Share of an utterance without a topic that another entry of the area must explain to be meant by it."""
TOPIC_WEIGHT = 0.8
"""How much the last topic's words count beside the new ones."""
LOOKED_AT = 5
"""Entries that are looked at for it."""
FOLLOW_UP = 0.9
"""Confidence that an utterance without a topic of its own goes on with the last turn's."""

FEATURES = ("held", "alike", "lead", "amount", "length")
"""`held`: the share of the utterance that the entry explains. `alike`: the likeness of its closest asks.
`lead`: the logarithm of how much likelier it is than all others. `amount`: how much is said,
the logarithm of its telling words; `length`: that of its letters: little said is often meant otherwise."""
WEIGHTS = (3.56, 6.47, 0.99, 2.16, 1.88, -14.03)

LEAD = FEATURES.index("lead")


def features(hits: Sequence[Hit], number: int) -> tuple[float, ...]:
    """Return the features of hit `number` beside its rivals, and a constant."""
    return _features(hits, number, _likely(hits))


def _likely(hits: Sequence[Hit]) -> list[float]:
    """Return how likely each hit is beside the first."""
    return [math.exp(hit.score - hits[0].score) for hit in hits]


def _features(hits: Sequence[Hit], number: int, likely: Sequence[float]) -> tuple[float, ...]:
    hit = hits[number]
    mine = max(likely[number], 1e-9)
    lead = -math.log(max(sum(likely) - mine, 0.0) / mine + ALONE)
    amount = math.log1p(min(hit.amount, ENOUGH))
    length = math.log1p(min(hit.length, LONG))
    return hit.held, hit.alike, lead, amount, length, 1.0


def confidences(hits: Sequence[Hit]) -> list[float]:
    """Return for each hit the probability that it is meant; not rising, since hits are ranked."""
    found: list[float] = []
    likely = _likely(hits)
    for number, hit in enumerate(hits[:JUDGED]):
        logit = sum(map(float.__mul__, WEIGHTS, _features(hits, number, likely)))
        sure = 1.0 / (1.0 + math.exp(-logit))
        if hit.held < LEAST_HELD:
            sure = min(sure, hit.held)
        found.append(round(min(sure, found[-1]) if found else sure, 4))
    for number in range(JUDGED, len(hits)):
        found.append(round(found[JUDGED - 1] * min(likely[number] / max(likely[JUDGED - 1], 1e-9), 1.0), 4))
    return found


def one_of(hits: Sequence[Hit]) -> float:
    """Return the probability that one of the first is meant, those that a clarifying question offers."""
    if not hits:
        return 0.0
    likely = _likely(hits)
    lead = -math.log(sum(likely[OFFERED:]) / max(sum(likely[:OFFERED]), 1e-9) + ALONE)
    values = _features(hits, 0, likely)
    logit = sum(map(float.__mul__, WEIGHTS, (*values[:LEAD], lead, *values[LEAD + 1 :])))
    return 1.0 / (1.0 + math.exp(-logit))


def decide(
    candidates: Sequence[Candidate], hits: Sequence[Hit] = ()
) -> tuple[DecisionKind, tuple[Candidate, ...]]:
    """Return the kind of decision and the candidates that go with it, best first.

    `hits`: what they were judged from; without them it is not asked back where several are a little likely.
    """
    if not candidates or (candidates[0].confidence < POSSIBLE and one_of(hits) < ONE_OF):
        return "fallback", tuple(candidates)
    best = candidates[0].confidence
    torn = len(candidates) > 1 and candidates[1].confidence > best - CLOSE
    if best >= SURE and not torn:
        return "answer", tuple(candidates)
    return "clarify", tuple(c for c in candidates[:OFFERED] if c.confidence >= WORTH * best)
