"""Completion of what residents type in the widget: from the knowledge, never from what others wrote."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from bot.brain import Brain, BrainHolder
from bot.session import lang_from_tag
from intents.normalize import fold, hiragana
from knowledge.hours import JAPAN
from knowledge.models import Entry, Lang
from knowledge.review import Expired, withheld

MOST = 4
SHORTEST = 2
"""Characters from which something is suggested; before, the questions asked most."""


class Suggester:
    """Suggests questions from asks and titles. Made anew for each state of the knowledge."""

    def __init__(
        self,
        holder: BrainHolder,
        policy: Expired = "show",
        now: Callable[[], datetime] = lambda: datetime.now(JAPAN),
    ):
        self._holder = holder
        self._policy = policy
        self._now = now
        self._made_for: tuple[Brain, date] | None = None
        self._said: dict[Lang, list[tuple[str, str]]] = {}

    def __call__(self, typed: str, lang: str) -> list[str]:
        """Return at most `MOST` questions for what is typed so far; popular ones for nothing."""
        brain, today = self._holder.brain, self._now().astimezone(JAPAN).date()
        if self._made_for is None or self._made_for[0] is not brain or self._made_for[1] != today:
            self._said, self._made_for = {}, (brain, today)
        language = lang_from_tag(lang) or "ja"
        wanted = hiragana(fold(typed.strip()))
        if len(wanted) < SHORTEST:
            return popular(self._suggested(brain, today), brain, language)
        if language not in self._said:
            self._said[language] = questions(self._suggested(brain, today), language)
        said = self._said[language]
        starts = [text for key, text in said if key.startswith(wanted)]
        holds = [text for key, text in said if wanted in key and not key.startswith(wanted)]
        return [*starts, *holds][:MOST]

    def _suggested(self, brain: Brain, today: date) -> dict[str, Entry]:
        """Return the entries that are answered: a withheld answer is not offered."""
        entries = brain.knowledge.entries.items()
        return {key: entry for key, entry in entries if not withheld(entry, today, self._policy)}


def popular(entries: Mapping[str, Entry], brain: Brain, lang: Lang) -> list[str]:
    """Return the first question of each topic, in the order of the menu."""
    first = [area.entries[0] for area in brain.knowledge.areas.values() if area.entries]
    return [entries[key].title[lang] for key in first if key in entries and lang in entries[key].title][:MOST]


def questions(entries: Mapping[str, Entry], lang: Lang) -> list[tuple[str, str]]:
    """Return (folded, as written) of all titles and asks in `lang`, the shorter first, none twice."""
    found: dict[str, str] = {}
    for entry in entries.values():
        for text in (*([entry.title[lang]] if lang in entry.title else []), *entry.asks.get(lang, [])):
            found.setdefault(hiragana(fold(text)), text)
    return sorted(found.items(), key=lambda pair: (len(pair[0]), pair[0]))
