"""What is done with a message before anything is written: danger is seen, secrets are masked.

Queues, database, logs and metrics only ever see what comes out of here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from adapters.messages import IncomingMessage
from bot.brain import Brain
from intents.language import detect
from intents.masking import Masked, find_secrets
from intents.normalize import MAX_LENGTH, clean
from intents.safety import SCORED, Crisis, detect_crisis
from knowledge.models import LANGS, Lang
from knowledge.safety_phrases import NEAR_DANGER

SURE_OF_IT = 0.9
"""Confidence from which an entry outside the medical area answers what sounds like an illness."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message fit for keeping. `message.text`: cleaned and masked; None where `crisis` is answered.

    `notices`: phrases to say before the answer. `spoken`: the language of a text that is not kept, for each
    of `LANGS` that the session may have: one decides between Portuguese and Spanish in doubt.
    """

    message: IncomingMessage
    crisis: Crisis | None = None
    notices: tuple[str, ...] = ()
    spoken: tuple[Lang | None, ...] = ()

    @property
    def urgent(self) -> bool:
        """Whether a life may be at risk: answered first, whatever else holds."""
        return self.crisis is not None and self.crisis.urgent

    def spoken_after(self, lang: Lang) -> Lang | None:
        """Return the language of the text that is not kept, said in a session in `lang`."""
        return self.spoken[LANGS.index(lang)] if self.spoken else None


def prepare(message: IncomingMessage, brain: Brain) -> Prepared:
    """Return `message` with danger seen, secrets masked and the text of a crisis dropped."""
    if message.kind != "text":
        return Prepared(message)
    raw = message.text or ""
    text = clean(raw)
    harmless = text in brain.harmless
    crisis = None if harmless else detect_crisis(text)
    if crisis is not None:
        spoken = tuple(detect(text, lang).lang for lang in LANGS)
        ordinary = _plain_question if crisis.urgent else _has_answer
        if not ordinary(brain, text, spoken[0] or "ja", crisis):
            return Prepared(replace(message, text=None), crisis, (), spoken)
    secrets = Masked(text) if harmless else find_secrets(text, brain.public_numbers)
    if not (harmless or crisis or secrets.kinds):
        brain.harmless.add(text)
    due = (("too-long", len(raw) > MAX_LENGTH), ("secret", bool(secrets.kinds)))
    kept = secrets.text if secrets.kinds else text
    return Prepared(
        message if kept == raw else replace(message, text=kept),
        notices=tuple(key for key, said in due if said),
    )


def _plain_question(brain: Brain, text: str, lang: Lang, crisis: Crisis) -> bool:
    """Return whether what only the second net takes for danger is surely a question on something else."""
    if crisis.evidence != SCORED:
        return False
    decision = brain.understander.decide(text, lang)
    return decision.kind == "answer" and decision.candidates[0].entry_id not in NEAR_DANGER


def _has_answer(brain: Brain, text: str, lang: Lang, _: Crisis) -> bool:
    """Return whether an entry answers somebody ill or hurt: it says more than the advice lines."""
    decision = brain.understander.decide(text, lang)
    if decision.kind != "answer":
        return False
    best = decision.candidates[0]
    return best.entry_id.startswith("medical.") or best.confidence >= SURE_OF_IT
