"""国土地理院 指定緊急避難場所・指定避難所, as CSV or as the properties of a GeoJSON."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from knowledge.opendata.build import place
from knowledge.opendata.context import Context, code_or_none
from knowledge.opendata.row import Row
from knowledge.place import Hazard, Place

HAZARDS: tuple[Hazard, ...] = get_args(Hazard)


def hazards(row: Row) -> frozenset[Hazard]:
    """Return the hazards that the place is designated for; an unreadable mark is none, and reported."""
    return frozenset(hazard for hazard in HAZARDS if row.columns.has(hazard) and row.flag(hazard))


def emergency(row: Row, context: Context) -> Place:
    """指定緊急避難場所: where to flee to, for the marked hazards only."""
    marks = {"also_shelter"} if row.columns.has("also_shelter") and row.flag("also_shelter") else set()
    found = place(
        row, context, "shelter_emergency", prefix="gsi", official_id=row.identifier("gsi_id"),
        hazards=hazards(row), attributes=marks,
    )  # fmt: skip
    return _located(row, found)


def shelter(row: Row, context: Context) -> Place:
    """指定避難所: where to stay afterwards. `extra["accepts"]`: for whom, where it is not for everybody."""
    marks = {"also_emergency"} if row.columns.has("also_emergency") and row.flag("also_emergency") else set()
    if row.text("accepts"):
        marks.add("restricted")
    found = place(
        row, context, "shelter", prefix="gsi", official_id=row.identifier("gsi_id"), attributes=marks,
        extra=row.filled("accepts", "shelter_note"),
    )  # fmt: skip
    return _located(row, found)


def _located(row: Row, found: Place) -> Place:
    """Take the municipality from the 共通ID (E + five digits) where no column gives it."""
    if found.municipality is None:
        code = code_or_none(row.identifier("gsi_id")[1:6])
        return replace(found, municipality=code)
    return found
