"""Where to turn at night and on holidays: clinics with their hours, and the lines that advise."""

from __future__ import annotations

from adapters.messages import Phone
from bot.places.grid import distance_km
from bot.places.search import Found, Search, Wanted
from intents.finding import PlaceQuery
from knowledge.models import Knowledge, Lang

ADULT = ("medical.adult", "medical.adult-028")
CHILD = ("medical.child", "medical.child-028")
_AT_NIGHT = ("休日", "夜間", "急患")
"""What the names of dentists hold that are there on holidays; their hours are in no file."""
_TEETH = ("歯科", "小児歯科", "矯正歯科")
_NOWHERE_KM = 400.0


class Night:
    """Knows the holiday and night clinics, and the advice lines of `known`."""

    def __init__(self, search: Search, known: Knowledge):
        self._search = search
        self._known = known

    def clinics(self, query: PlaceQuery, wanted: Wanted) -> list[Found]:
        """Return those open at the time asked for, the nearest first; dentists whatever the time."""
        dental = query.speciality in _TEETH
        around = Wanted(
            ("night_clinic", "dental") if dental else ("night_clinic",),
            frozenset({"歯科"}) if dental else frozenset(),
            named=_AT_NIGHT if dental else (),
            open_in=None if dental else wanted.open_in,
            limit=30,
        )
        found = [
            item
            for item in self._search.find(around).items
            if dental or item.place.specialities != frozenset({"歯科"})
        ]
        spot = wanted.near or self._office(wanted.municipality)
        return sorted(found, key=lambda item: self._far(item, spot)) if spot else found

    def lines(self, query: PlaceQuery, lang: Lang) -> list[Phone]:
        """Return the advice lines: the children's first or only, the adults', both where neither is said."""
        if query.speciality in _TEETH:
            return []
        found = []
        for phone_id in CHILD if query.speciality == "小児科" else (*ADULT, *CHILD):
            line = self._known.phones.get(phone_id)
            if line:
                label, hours, note = (
                    texts.get(lang) or texts.get("ja", "") for texts in (line.label, line.hours, line.note)
                )
                found.append(Phone(label, line.number, hours, note))
        return found

    def _office(self, code: str | None) -> tuple[float, float] | None:
        town = self._known.municipalities.get(code or "")
        return (town.lat, town.lng) if town else None

    def _far(self, item: Found, spot: tuple[float, float]) -> float:
        place = item.place
        where = (place.lat, place.lng) if place.lat and place.lng else self._office(place.municipality)
        return distance_km(*spot, *where) if where else _NOWHERE_KM
