"""Opening hours in words: open now, lunch, closed today, when it opens next. Times are Japan's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from babel.dates import format_datetime

from knowledge.hours import JAPAN, Hours
from knowledge.models import Lang
from knowledge.phrases import Phrases

LOCALES: Mapping[Lang, str] = {
    "ja": "ja", "easy": "ja", "en": "en", "zh": "zh_Hans", "pt": "pt_BR", "es": "es",
}  # fmt: skip
_DAY: Mapping[Lang, str] = {"en": "EEE, MMM d", "pt": "EEE d/M", "es": "EEE d/M"}
"""How a day is written where 11/12 would be read as another one."""


def status(phrases: Phrases, hours: Hours | None, now: datetime, lang: Lang) -> str:
    """Return the state of a line or counter at `now` (aware); nothing where it is unknown or never closes."""
    state = hours.state_at(now) if hours else "unknown"
    if hours is None or state in ("unknown", "always"):
        return ""
    if state == "open":
        return phrases.say("open-now", lang)
    opens = hours.next_opening(now)
    if opens is None:
        return phrases.say("closed-today", lang) if state == "closed-today" else ""
    key = {"lunch": "lunch-break", "closed-today": "closed-until"}.get(state, "opens-at")
    return phrases.say(key, lang, when=_moment(opens, now, lang))


def _moment(opens: datetime, now: datetime, lang: Lang) -> str:
    """Return the time of an opening, with its day unless that is today."""
    same = opens.date() == now.astimezone(JAPAN).date()
    pattern = "H:mm" if same else f"{_DAY.get(lang, 'M/d (EEE)')} H:mm"
    return format_datetime(opens, pattern, locale=LOCALES[lang])
