"""Where a named station, town or postal code is, by the imported kinds `station`, `town` and `postal`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.places.grid import distance_km
from bot.places.search import Search
from intents.finding_spots import spot_key
from intents.finding_words import plain
from knowledge.place import Place

SAME_KM = 4.0
"""Points of one name within this of each other are one spot: platforms of a station, 丁目 of a town."""


@dataclass(frozen=True, slots=True)
class Spot:
    """What a name stands for. `at`: degrees, None where only the municipality is known.

    `towns`: the municipalities that it may be in, several where it must be asked which one is meant.
    """

    name: str
    at: tuple[float, float] | None
    towns: tuple[str, ...]


def find_spot(search: Search, spots: Sequence[str], municipality: str | None) -> Spot | None:
    """Return what the first of `spots` that was imported stands for, None where none was.

    `municipality`: what the resident named; of several of one name that one's is meant.
    """
    found = search.named(spots)
    for spot in spots:
        places = [place for place in found.get(spot, ()) if _may_be_in(place, municipality)]
        if not places:
            continue
        if spot.startswith("postal/"):
            return _by_postal(search, places)
        name = f"{spot.partition('/')[2]}駅" if spot.startswith("station/") else _shown(spot, places)
        return _one(name, places)
    return None


def _may_be_in(place: Place, municipality: str | None) -> bool:
    """Return whether `place` may be meant: stations are found near a municipality, whatever its border."""
    return municipality is None or place.municipality in (None, municipality)


def _one(name: str, places: Sequence[Place]) -> Spot:
    towns = tuple(dict.fromkeys(place.municipality for place in places if place.municipality))
    points = [(place.lat, place.lng) for place in places if place.lat is not None and place.lng is not None]
    if not points:
        return Spot(name, None, towns)
    lat, lng = (sum(values) / len(points) for values in zip(*points, strict=True))
    if all(distance_km(lat, lng, *point) <= SAME_KM for point in points) and len(towns) <= 1:
        return Spot(name, (lat, lng), towns)
    return Spot(name, None, towns)


def _by_postal(search: Search, places: Sequence[Place]) -> Spot:
    """Return the spot of a postal code: its towns' point where these were imported too."""
    name = f"〒{places[0].extra.get('postal', '')}"
    codes = tuple(dict.fromkeys(place.municipality for place in places if place.municipality))
    towns = {spot_key(plain(place.extra["town"])) for place in places if place.extra.get("town")}
    if len(codes) != 1 or not towns:
        return Spot(name, None, codes)
    terms = [f"town/{town}" for town in sorted(towns)]
    located = [p for group in search.named(terms).values() for p in group if p.municipality == codes[0]]
    spot = _one(name, located)
    return Spot(name, spot.at, codes)


def _shown(spot: str, places: Sequence[Place]) -> str:
    """Return the town's name as its file writes it where there is one, else as the resident did."""
    return places[0].name if len(places) == 1 else spot.partition("/")[2]
