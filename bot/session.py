"""A session: what the bot remembers of a conversation between two turns."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from knowledge.models import LANGS, Lang

TRAIL = 8
"""How many answers back 戻る can go."""


@dataclass(frozen=True, slots=True)
class Session:
    """The memory of one conversation. No message text, no id of the channel."""

    lang: Lang = "ja"
    lang_chosen: bool = False
    greeted: bool = False
    trail: tuple[str, ...] = ()
    municipality: str | None = None
    turns: int = 0
    search: dict[str, Any] | None = None
    """The search for places under way (`bot.places.state.FinderState.as_json`)."""

    @property
    def last_entry(self) -> str | None:
        """The entry answered last."""
        return self.trail[-1] if self.trail else None

    def visited(self, entry_id: str) -> Session:
        """Return the session after answering `entry_id`."""
        if entry_id == self.last_entry:
            return self
        return replace(self, trail=(*self.trail, entry_id)[-TRAIL:])

    def as_json(self) -> dict[str, Any]:
        """Return the session for the database."""
        return asdict(self)

    @classmethod
    def from_json(cls, state: dict[str, Any] | None) -> Session:
        """Return the session of a database row; what is unknown or malformed falls back to the default."""
        state = state or {}
        lang = state.get("lang")
        trail = state.get("trail")
        town = state.get("municipality")
        turns = state.get("turns")
        search = state.get("search")
        return cls(
            lang=lang if lang in LANGS else "ja",
            lang_chosen=state.get("lang_chosen") is True,
            greeted=state.get("greeted") is True,
            trail=tuple(str(item) for item in trail)[-TRAIL:] if isinstance(trail, list) else (),
            municipality=town if isinstance(town, str) else None,
            turns=turns if isinstance(turns, int) else 0,
            search=search if isinstance(search, dict) else None,
        )


def lang_from_tag(tag: str | None) -> Lang | None:
    """Return the language for a BCP 47 tag (`pt-BR` → pt, `zh-Hant` → zh), None if not spoken here."""
    head = (tag or "").lower().replace("_", "-").split("-")[0]
    return next((lang for lang in LANGS if lang == head), None)
