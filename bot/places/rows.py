"""Places written by hand in YAML: what ships, and staff's corrections of what was imported."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError, field_validator

from bot.places.timetable import pack
from knowledge.explain import problems_of
from knowledge.hours import DAYS, read_hours
from knowledge.models import Line, Model, Url
from knowledge.place import Hazard, Kind, Place, Span
from knowledge.problems import KnowledgeError, Problem
from knowledge.yamlsource import read

SHIPPED = Path(__file__).parent.parent.parent / "knowledge" / "shipped_places.yaml"
CORRECTIONS = "corrections.yaml"
"""Staff's corrections, in the content folder."""
_RULE = re.compile(r"(?P<rule>[^@#]+?)(?: #(?P<weeks>[1-5](?:,[1-5])*))?(?: @(?P<speciality>\S+))?")
_KEY = r"^[^\s:][^\s]*:[^\s]+$"


class Fields(Model):
    """The fields of a place, as staff write them; what is left out stays as it is.

    `open`: `DAYS HH:MM-HH:MM` (see `knowledge.hours`), then ` #1,3` for weeks of the month and ` @小児科` for
    one speciality. `closed`: `MM/DD` or `MM/DD-MM/DD`.
    """

    kind: Kind | None = None
    name: Line | None = None
    kana: Line | None = None
    municipality: Annotated[str, StringConstraints(pattern=r"^\d{6}$")] | None = None
    address: Line | None = None
    lat: Annotated[float, Field(ge=20, le=46)] | None = None
    lng: Annotated[float, Field(ge=122, le=154)] | None = None
    phone: Annotated[str, StringConstraints(pattern=r"^[0-9][0-9-]{8,14}$")] | None = None
    url: Url | None = None
    note: Line | None = None
    open: list[Line] | None = None
    hours_text: Line | None = None
    closed: list[Line] | None = None
    specialities: list[Line] | None = None
    hazards: list[Hazard] | None = None
    attributes: list[Line] | None = None
    source: Line | None = None
    checked: date | None = None
    licence: Line | None = None
    credit: Line | None = None

    @field_validator("open")
    @classmethod
    def _readable(cls, rules: list[str] | None) -> list[str] | None:
        for rule in rules or ():
            spans(rule)
        return rules

    @field_validator("closed")
    @classmethod
    def _days(cls, days: list[str] | None) -> list[str] | None:
        read_hours(["daily 00:00-24:00"], days or ())
        return days

    def apply(self, place: Place) -> Place:
        """Return `place` with these fields instead of its own."""
        values: dict[str, Any] = {}
        for name in Fields.model_fields:
            value = getattr(self, name)
            if value is None:
                continue
            if name == "open":
                values |= {"spans": tuple(s for rule in value for s in spans(rule)), "hours_known": True}
            elif name == "closed":
                values[name] = tuple(value)
            elif isinstance(value, list):
                values[name] = frozenset(value)
            else:
                values[name] = value
        made = replace(place, **values)
        pack(made)
        return made


class Correction(Fields):
    """Staff's correction of one place. `until`: the last day it holds. `gone`: the place no longer exists."""

    until: date
    reason: Line | None = None
    gone: bool = False


class Shipped(Fields):
    """One place that ships."""

    key: Annotated[str, StringConstraints(pattern=_KEY, max_length=160)]
    kind: Kind
    name: Line
    source: Line
    checked: date


def spans(rule: str) -> list[Span]:
    """Return the spans of one rule. Raises ValueError (`knowledge.hours.HoursError`) for bad forms."""
    match = _RULE.fullmatch(rule.strip())
    if not match:
        raise ValueError(f"「{rule}」は「mon-fri 09:00-12:00 #1,3 @小児科」の形で書いてください")
    weeks = frozenset(int(week) for week in (match["weeks"] or "").split(",") if week)
    hours = read_hours([match["rule"]])
    if hours is None:
        return []
    if hours.always:
        return [Span(frozenset((*DAYS, "hol")), 0, 1440, weeks, match["speciality"] or "")]
    return [Span(r.days, r.start, r.end, weeks, match["speciality"] or "") for r in hours.rules]


@dataclass(frozen=True)
class Corrections:
    """Staff's corrections that hold on a day. `problems`: errors, and warnings about expired ones."""

    rows: Mapping[str, Correction] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def of(self, place: Place) -> Place:
        """Return `place` as staff correct it."""
        row = self.rows.get(place.key)
        return row.apply(place) if row else place

    @property
    def gone(self) -> frozenset[str]:
        """The keys of places that staff took out."""
        return frozenset(key for key, row in self.rows.items() if row.gone)


def read_corrections(path: Path, today: date) -> Corrections:
    """Read a corrections file (key → fields). None there: no corrections. A wrong one is left out."""
    if not path.exists():
        return Corrections()
    document = read(path)
    problems = list(document.problems)
    rows: dict[str, Correction] = {}
    adapter = TypeAdapter(Correction)
    for key, row in (document.data or {}).items() if isinstance(document.data, dict) else ():
        try:
            made = adapter.validate_python(row)
        except ValidationError as error:
            problems += problems_of(error, document, (key,), Correction)
            continue
        if made.until < today:
            message = f"「{key}」の訂正は {made.until} で期限が切れました。元のデータに戻しています。"
            problems.append(Problem(path, document.line((key, "until")), "expired", message, "warning"))
            continue
        rows[key] = made
    return Corrections(rows, tuple(problems))


def read_shipped(path: Path = SHIPPED) -> list[Place]:
    """Read the places that ship. Raises `KnowledgeError`."""
    document = read(path)
    problems = list(document.problems)
    places: dict[str, Place] = {}
    for index, row in enumerate(document.data or ()):
        try:
            made = TypeAdapter(Shipped).validate_python(row)
        except ValidationError as error:
            problems += problems_of(error, document, (index,), Shipped)
            continue
        if made.key in places:
            message = f"「{made.key}」が 2 つあります。"
            problems.append(Problem(path, document.line((index, "key")), "duplicate", message))
        places[made.key] = made.apply(Place(made.key, made.kind, made.name))
    if problems:
        raise KnowledgeError(problems)
    return list(places.values())
