"""One place that residents look for: what every official file is read into, and what the finder shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Kind = Literal[
    "hospital", "clinic", "dental", "pharmacy", "maternity", "night_clinic", "shelter_emergency", "shelter",
    "sight", "event", "wifi", "aed", "care", "childcare", "toilet", "facility", "culture",
    "town", "station", "postal",
]  # fmt: skip
Hazard = Literal[
    "flood", "landslide", "storm_surge", "earthquake", "tsunami", "fire", "inland_flood", "volcano"
]


@dataclass(frozen=True, slots=True)
class Span:
    """One opening span of a week.

    `days`: of mon … sun, `hol`; `weeks`: weeks of the month it holds in (1 to 5),
    empty for all; `start`, `end`: minutes after midnight (end may pass 1440). `speciality`: empty for all.
    """

    days: frozenset[str]
    start: int
    end: int
    weeks: frozenset[int] = frozenset()
    speciality: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A place. `key`: stable over imports (`<source>:<official id>`). `lat`, `lng`: WGS 84 degrees or None.

    `spans` empty and `hours_known` False: opening hours are not in the file, and never "closed".
    `closed`: closing days as `MM/DD` or `MM/DD-MM/DD`. `specialities`: official names (小児科). `attributes`:
    such as `wheelchair`, `foreign_language:en`, `parking`.
    """

    key: str
    kind: Kind
    name: str
    municipality: str | None = None
    address: str = ""
    lat: float | None = None
    lng: float | None = None
    phone: str = ""
    url: str = ""
    kana: str = ""
    note: str = ""
    spans: tuple[Span, ...] = ()
    hours_known: bool = False
    hours_text: str = ""
    closed: tuple[str, ...] = ()
    specialities: frozenset[str] = frozenset()
    hazards: frozenset[Hazard] = frozenset()
    attributes: frozenset[str] = frozenset()
    starts: date | None = None
    ends: date | None = None
    source: str = ""
    checked: date | None = None
    licence: str = ""
    credit: str = ""
    extra: dict[str, str] = field(default_factory=dict, hash=False, compare=False)
