"""Places as JSON for the database, and what the index holds of them."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from datetime import date
from functools import cache
from typing import Any

from bot.places.grid import cell
from bot.places.services import services
from bot.places.timetable import pack
from intents.finding_spots import spot_key, spot_keys
from intents.finding_words import plain
from knowledge.place import Place, Span

INDOORS = re.compile(
    "美術館|博物館|資料館|記念館|水族館|文学館|科学館|ミュージアム|プラネタリウム|展望ロビー"
)
"""Names of sights that are under a roof; official files do not say."""
_BODY = re.compile(r"^.*(?:法人|機構|組合立|医師会立)\S*[\s　]+")
_SETS = ("specialities", "hazards", "attributes")
_EMPTY: tuple[Any, ...] = ("", None, (), frozenset(), {})


def to_json(place: Place) -> dict[str, Any]:
    """Return `place` as JSON with sorted sets, empty fields left out."""
    made: dict[str, Any] = {}
    for name in _fields():
        value = getattr(place, name)
        if value in _EMPTY:
            continue
        if name == "spans":
            rows = [[sorted(s.days), s.start, s.end, sorted(s.weeks), s.speciality] for s in place.spans]
            value = sorted(rows, key=str)
        elif isinstance(value, frozenset):
            value = sorted(value)
        elif isinstance(value, date):
            value = value.isoformat()
        elif isinstance(value, tuple):
            value = list(value)
        made[name] = value
    return made


def from_json(made: dict[str, Any]) -> Place:
    """Return the place that `to_json` wrote."""
    values = dict(made)
    values["spans"] = tuple(
        Span(frozenset(days), start, end, frozenset(weeks), speciality)
        for days, start, end, weeks, speciality in made.get("spans", ())
    )
    values["closed"] = tuple(made.get("closed", ()))
    for name in _SETS:
        values[name] = frozenset(made.get(name, ()))
    for name in ("starts", "ends", "checked"):
        if name in made:
            values[name] = date.fromisoformat(made[name])
    return Place(**values)


@cache
def _fields() -> tuple[str, ...]:
    return tuple(Place.__slots__)


def digest(made: dict[str, Any]) -> str:
    """Return a digest of `to_json`'s result."""
    return hashlib.sha256(json.dumps(made, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def name_key(name: str) -> str:
    """Return a name for comparing over files: width and blanks folded, the body that runs it left out."""
    folded = unicodedata.normalize("NFKC", name[:300]).lower()
    return re.sub(r"[\s・･\-‐ー―]", "", _BODY.sub("", folded) or folded)[:200]


def phone_key(number: str) -> str:
    """Return the digits of a telephone number."""
    return re.sub(r"\D", "", unicodedata.normalize("NFKC", number))[:20]


def facets(place: Place) -> frozenset[str]:
    """Return what `place` may be looked for by within its kind."""
    if place.kind == "postal":
        return frozenset({place.extra.get("postal", "").replace("-", "")})
    if place.kind in ("town", "station"):
        name = plain(place.name)
        return spot_keys(name) if place.kind == "town" else frozenset({spot_key(name)})
    also = {"歯科"} if place.kind == "dental" else set()
    if place.kind in ("sight", "facility") and INDOORS.search(place.name):
        also.add("indoor")
    return place.specialities | place.hazards | place.attributes | services(place) | also


def columns(place: Place) -> dict[str, Any]:
    """Return the columns of a place that the search filters by. Raises ValueError: hours out of shape."""
    where = cell(place.lat, place.lng) >= 0
    return {
        "kind": place.kind,
        "municipality": place.municipality,
        "name_key": name_key(place.name),
        "phone_key": phone_key(place.phone),
        "lat": place.lat if where else None,
        "lng": place.lng if where else None,
        "hours": pack(place),
        "facets": f"|{'|'.join(sorted(facets(place)))}|",
        "starts": place.starts,
        "ends": place.ends,
        "body": to_json(place),
    }


def terms(place: Place) -> list[str]:
    """Return the index terms of a place: its kind, and its kind with each facet."""
    return [f"{place.kind}/{facet}"[:80] for facet in ("", *sorted(facets(place)))]
