"""Completion of what residents type in the widget: from the knowledge, never from what others wrote."""

from __future__ import annotations

from bot.brain import Brain, BrainHolder
from bot.session import lang_from_tag
from intents.normalize import fold, hiragana
from knowledge.models import Lang

MOST = 4
SHORTEST = 2
"""Characters from which something is suggested; before, the questions asked most."""


class Suggester:
    """Suggests questions from asks and titles. Made anew for each state of the knowledge."""

    def __init__(self, holder: BrainHolder):
        self._holder = holder
        self._made_for: Brain | None = None
        self._said: dict[Lang, list[tuple[str, str]]] = {}

    def __call__(self, typed: str, lang: str) -> list[str]:
        """Return at most `MOST` questions for what is typed so far; popular ones for nothing."""
        brain = self._holder.brain
        if brain is not self._made_for:
            self._said, self._made_for = {}, brain
        language = lang_from_tag(lang) or "ja"
        wanted = hiragana(fold(typed.strip()))
        if len(wanted) < SHORTEST:
            return popular(brain, language)
        said = self._said.setdefault(language, questions(brain, language))
        starts = [text for key, text in said if key.startswith(wanted)]
        holds = [text for key, text in said if wanted in key and not key.startswith(wanted)]
        return [*starts, *holds][:MOST]


def popular(brain: Brain, lang: Lang) -> list[str]:
    """Return the first question of each topic, in the order of the menu."""
    entries = brain.knowledge.entries
    first = [area.entries[0] for area in brain.knowledge.areas.values() if area.entries]
    return [entries[key].title[lang] for key in first if key in entries and lang in entries[key].title][:MOST]


def questions(brain: Brain, lang: Lang) -> list[tuple[str, str]]:
    """Return (folded, as written) of all titles and asks in `lang`, the shorter first, none twice."""
    found: dict[str, str] = {}
    for entry in brain.knowledge.entries.values():
        for text in (*([entry.title[lang]] if lang in entry.title else []), *entry.asks.get(lang, [])):
            found.setdefault(hiragana(fold(text)), text)
    return sorted(found.items(), key=lambda pair: (len(pair[0]), pair[0]))
