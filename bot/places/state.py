"""What the finder remembers between two turns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from intents.finding import PlaceQuery

KEPT = timedelta(hours=1)
"""How long a search is remembered, with the place that the resident sent."""


@dataclass(frozen=True, slots=True)
class FinderState:
    """One search under way. `location`: degrees, as sent. `waiting`: the reply asked where to look.

    `page`: from 0. `within_km`: how far is looked. `at`: the last turn. `spot`: what `location` is called
    where it was named, not sent.
    """

    query: PlaceQuery
    at: datetime
    location: tuple[float, float] | None = None
    page: int = 0
    within_km: float = 30.0
    waiting: bool = False
    spot: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the state for a session."""
        return {
            "query": self.query.as_json(),
            "at": self.at.isoformat(timespec="seconds"),
            "location": list(self.location) if self.location else None,
            "page": self.page,
            "within_km": self.within_km,
            "waiting": self.waiting,
            "spot": self.spot,
        }

    @classmethod
    def from_json(cls, made: object, now: datetime) -> FinderState | None:
        """Return the state of `as_json`; None for anything else and for one older than `KEPT`."""
        if not isinstance(made, dict):
            return None
        try:
            at = datetime.fromisoformat(made["at"])
            where = made["location"]
            state = cls(
                PlaceQuery.from_json(made["query"]),
                at,
                (float(where[0]), float(where[1])) if where else None,
                max(0, int(made["page"])),
                float(made["within_km"]),
                made["waiting"] is True,
                str(made.get("spot", "")),
            )
            return state if now - KEPT <= at <= now + KEPT else None
        except (KeyError, TypeError, ValueError, IndexError):
            return None
