"""Which language a resident's short message is in, and which language a resident asks for.

`detect` weighs what is written for each language: frequent words, letters and their order
(`intents.language_latin`), the character sets of Japan, China and Taiwan (`intents.language_han`).  All
that it knows lies in `language_data.yaml`; it learns nothing while it runs.  It is linear in the length of
the text and never raises.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

from intents.language_data import CJK, SCRIPT, SCRIPTS, WORD
from intents.language_han import chinese_odds, quoted, without_places
from intents.language_latin import LATIN, LOAN, word_odds, words_of
from intents.language_wish import requested_language
from intents.normalize import clean, fold
from knowledge.models import LANGS, Lang

__all__ = ["Detection", "detect", "requested_language", "script_of"]

SURE: Final = 0.7
"""A language is named from this share of the belief on."""
PLAIN: Final = 0.9
"""From this share on, and with two words, a message is in another language in Latin letters.  From this share
of Portuguese and Spanish together on, the likelier is named: its sister serves a reader better than Japanese.
"""
SESSION: Final = 1.4
"""What the session's language has in advance (logarithm of the odds, as the next two)."""
JAPANESE: Final = 1.5
"""What Japanese has in advance of Chinese where only kanji are written."""
RARE: Final = 1.5
"""What speaks against other languages in Latin letters."""

_SIBLINGS: Final = ("pt", "es")
_ADDRESS: Final = re.compile(r"(?:https?://|www\.)[!-~]+|(?<![a-z0-9._+-])[a-z0-9._+-]++@[a-z0-9.-]+")
_MASKING: Final = re.compile(f"[{SCRIPTS['cyrillic']}{SCRIPTS['greek']}]")
_LOOKALIKES: Final = str.maketrans("аеорсухіѕјһԁοαν", "aeopcyxisjhdoav")
_WIDE: Final = frozenset({"kana", "han", "hangul"})


@dataclass(frozen=True, slots=True)
class Detection:
    """What `detect` found. `lang` is None where nothing can be told or the language is none of ours.

    `confidence`: 0 to 1, the share of belief in `lang`; 0 without one.  `script`: as `script_of` says, or
    `latin-other` for a language in Latin letters that is none of ours (Vietnamese, Tagalog, French ...).
    """

    lang: Lang | None
    confidence: float
    script: str

    @property
    def foreign(self) -> bool:
        """Whether the message is plainly in a language that is none of ours."""
        return self.lang is None and self.script not in {"none", "latin", "kana", "han"}


def script_of(text: str) -> str:
    """Return the script that most of `text` is written in: `none`, `latin`, `kana`, `han`, `hangul`, ...

    `kana` is Japanese text with any kana in it beyond a の or two; `han` is text in kanji or hanzi alone.
    """
    return _script(_unmasked(fold(clean(text))))


def detect(text: str, default: Lang | None = None) -> Detection:
    """Return the language of `text`; `default`, the session's language, tips the balance in doubt.

    `easy` is returned for an explicit request for it, and for Japanese where `default` is `easy`.
    """
    folded = _unmasked(fold(clean(text)))
    script = _script(folded)
    if script not in {"latin", "kana", "han"}:
        return Detection(None, 0.0, script)
    best, share = _belief(_ADDRESS.sub(" ", folded), "ja" if default == "easy" else default)
    if best == "other":
        return Detection(None, 0.0, "latin-other")
    for lang in LANGS:
        if lang == best:
            easy = lang == "ja" and (default == "easy" or requested_language(text) == "easy")
            return Detection("easy" if easy else lang, round(share, 3), script)
    return Detection(None, 0.0, script)


def _script(folded: str) -> str:
    amounts: Counter[str] = Counter()
    for run in SCRIPT.finditer(folded):
        name = run.lastgroup or ""
        amounts[name] += (run.end() - run.start()) * (2 if name in _WIDE else 1)
    if not amounts:
        return "none"
    japanese = "kana" if amounts["kana"] > 2 * folded.count("の") or not amounts["han"] else "han"
    amounts[japanese] = amounts.pop("kana", 0) + amounts.pop("han", 0)
    return max(amounts, key=lambda name: amounts[name])


def _unmasked(folded: str) -> str:
    """Return `folded` with look-alikes of other alphabets made Latin, where it is Latin text but for them."""
    if not (_MASKING.search(folded) and WORD.search(folded)):
        return folded
    latin = folded.translate(_LOOKALIKES)
    return folded if _MASKING.search(latin) else latin


def _belief(folded: str, default: str | None) -> tuple[str | None, float]:
    """Return the language and its share of belief, or (None, 0) where nothing is sure enough."""
    words, chunks = words_of(folded), without_places(CJK.findall(folded))
    if not words and not chunks:
        return None, 0.0
    odds = [word_odds(word) for word in words]
    score = {name: sum(word[number] for word in odds) for number, name in enumerate(LATIN)}
    score["other"] -= RARE
    if chunks:
        chinese = chinese_odds(chunks, default == "zh")
        score["zh"] = len(words) * math.log(LOAN) + chinese - JAPANESE * (default != "zh")
        western = sum(map(quoted, chunks))
        for name in ("en", "pt", "es", "other"):
            score[name] -= western
    if default in score:
        score[default] += SESSION
    if "¿" in folded or "¡" in folded:
        score["es"] -= math.log(LOAN)
    best = max(score, key=lambda name: score[name])
    belief = {name: math.exp(value - score[best]) for name, value in score.items()}
    share = 1 / sum(belief.values())
    if best in _SIBLINGS and sum(belief[name] for name in _SIBLINGS) * share >= PLAIN:
        return best, share
    if share < SURE or (best == "other" and (share < PLAIN or len(words) < 2)):
        return None, 0.0
    return best, share
