"""Put a place together from a row: the fields that all layouts share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from knowledge.opendata import values
from knowledge.opendata.context import Context
from knowledge.opendata.hours import Hours
from knowledge.opendata.row import Row, digest
from knowledge.opendata.text import fold
from knowledge.place import Kind, Place

NIGHT_WORDS = ("夜間", "急患", "休日診療", "休日当番", "休日歯科", "休日・")


def place(
    row: Row,
    context: Context,
    kind: Kind,
    *,
    prefix: str,
    official_id: str,
    name: str = "",
    hours: Hours | None = None,
    specialities: Iterable[str] = (),
    attributes: Iterable[str] = (),
    extra: Mapping[str, str] | None = None,
    **more: object,
) -> Place:
    """Return the place of `row`. The key is `<prefix>:<official id>`, or a hash of kind, name and address."""
    name = name or row.name()
    address = row.address()
    lat, lng = row.coordinates()
    hours = hours or Hours()
    publisher = fold(row.text("owner") or row.text("city") or row.text("pref"))
    extension = row.filled("extension")
    fields: dict[str, object] = {
        "key": f"{prefix}:{official_id or 'h' + digest(kind, name, address)}",
        "kind": kind,
        "name": name,
        "municipality": row.municipality(context, address),
        "address": address,
        "lat": lat,
        "lng": lng,
        "phone": row.mended("phone", values.phone),
        "url": row.mended("url", values.web),
        "kana": fold(row.text("kana")),
        "note": row.text("note"),
        "spans": hours.spans,
        "hours_known": hours.known,
        "hours_text": hours.text,
        "closed": hours.closed,
        "specialities": frozenset(specialities),
        "attributes": frozenset(attributes),
        "source": context.source or f"{publisher}「{context.title}」",
        "checked": context.checked,
        "licence": context.licence,
        "credit": context.credit or f"{publisher}オープンデータ",
        "extra": {**row.filled("english", "other_name"), **extension, **hours.extra(), **(extra or {})},
    }
    return Place(**{**fields, **more})  # type: ignore[arg-type]


def at_night(name: str) -> bool:
    """Return whether a name is that of a holiday and night clinic (夜間休日急患診療所)."""
    return any(word in name for word in NIGHT_WORDS)
