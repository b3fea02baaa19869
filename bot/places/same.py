"""One place in several official files: telling that it is one, and joining what they say.

小山市's list, 医療情報ネット and what ships name the same clinic with other widths, bodies and forms of its
address. Names, addresses, telephone numbers and positions are compared together, so that two clinics of one
name stay two, and one clinic under two names becomes one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from bot.places.codec import name_key, phone_key
from bot.places.grid import distance_km, valid
from knowledge.place import Place

CLOSE_KM, FAR_KM = 0.15, 1.0
_FAMILIES = {
    **dict.fromkeys(("hospital", "clinic", "dental", "night_clinic", "maternity"), "medical"),
    **dict.fromkeys(("shelter", "shelter_emergency"), "shelter"),
}
_ALIKE = ("medical", "pharmacy")
"""Kinds of which two names at one address are one place where one name holds the other."""
_PREFECTURE = re.compile(r"^.{2,3}[都道府県]")
_COUNTY = re.compile(r"^[^0-9市区町村]{1,4}郡")
_SIGNS = re.compile(r"丁目|番地の?|番|号|の(?=\d)")
_KANJI = dict(zip("一二三四五六七八九", "123456789", strict=True))


class Identity(NamedTuple):
    """What tells a place from others. Texts are folded, empty where unknown; `source`: of the key."""

    source: str
    family: str
    town: str | None
    name: str
    phone: str
    address: str
    lat: float | None
    lng: float | None


def identity(place: Place) -> Identity:
    """Return what tells `place` from others."""
    return identify(
        place.key, place.kind, place.municipality, name_key(place.name), phone_key(place.phone),
        place.address, place.lat, place.lng,
    )  # fmt: skip


def identify(
    key: str, kind: str, town: str | None, name: str, phone: str, address: str | None,
    lat: float | None, lng: float | None,
) -> Identity:  # fmt: skip
    """Return an identity of folded name and digits, and of an address as written."""
    source = key.partition(":")[0]
    return Identity(
        source, _FAMILIES.get(kind, kind), town, name, phone, address_key(address or ""), lat, lng
    )


def address_key(address: str) -> str:
    """Return an address for comparing: without prefecture, 郡, 大字 and building, its numbers with `-`.

    Empty where it holds no number: a town alone is the address of many.
    """
    if not address:
        return ""
    text = unicodedata.normalize("NFKC", address[:200]).strip()
    text = _COUNTY.sub("", _PREFECTURE.sub("", text)).replace("大字", "").replace("字", "")
    text = re.sub(r"([一二三四五六七八九])(?=丁目)", lambda match: _KANJI[match[1]], text)
    text = re.sub(r"[‐‑‒–—―−ーｰ~〜]", "-", _SIGNS.sub("-", text))
    match = re.match(r"\D*\d+(?:-+\d+)*", text.replace("- ", "-"))
    return re.sub(r"-+", "-", match[0]).replace(" ", "") if match else ""


def same(one: Identity, other: Identity) -> bool:
    """Return whether both are one place."""
    if one.family != other.family or (one.town and other.town and one.town != other.town):
        return False
    phones = bool(one.phone and other.phone)
    addresses = bool(one.address and other.address)
    phone, address = phones and one.phone == other.phone, addresses and _one_address(one, other)
    km = _km(one, other)
    far = km is not None and km > FAR_KM
    if one.name == other.name:
        if one.source == other.source and not (phone or address):
            return km is not None and km <= CLOSE_KM
        against = (addresses and not address) or (km is not None and km > CLOSE_KM * 4)
        return phone or address or not against or (km is not None and km <= CLOSE_KM)
    if one.family not in _ALIKE or one.source == other.source or far:
        return False
    if min(len(one.name), len(other.name)) >= 3 and (one.name in other.name or other.name in one.name):
        return phone or address
    return phone and address


def _one_address(one: Identity, other: Identity) -> bool:
    """Return whether the addresses agree as far as both go: 2-19 and 2-19-2."""
    short, long = sorted((one.address, other.address), key=len)
    return long == short or long.startswith(f"{short}-")


def _km(one: Identity, other: Identity) -> float | None:
    if one.lat is None or one.lng is None or other.lat is None or other.lng is None:
        return None
    if not (valid(one.lat, one.lng) and valid(other.lat, other.lng)):
        return None
    return distance_km(one.lat, one.lng, other.lat, other.lng)


class Seen:
    """Identities met so far; finds those that are the same as another, by name, telephone or address."""

    def __init__(self) -> None:
        self._by: dict[tuple[str, str], list[Identity]] = {}

    def has(self, wanted: Identity) -> bool:
        """Return whether one of them is the same place."""
        return any(same(wanted, met) for key in _keys(wanted) for met in self._by.get(key, ()))

    def add(self, met: Identity) -> None:
        """Remember an identity."""
        for key in _keys(met):
            self._by.setdefault(key, []).append(met)


def _keys(one: Identity) -> Iterable[tuple[str, str]]:
    yield "name", one.name
    if one.phone:
        yield "phone", one.phone
    if one.address:
        yield "address", one.address


def joined(place: Place, others: Sequence[Place]) -> Place:
    """Return `place` with what it lacks taken from `others`, in their order; its own values stay."""
    made = place
    for other in others:
        fresh: dict[str, object] = {
            name: getattr(other, name)
            for name in ("address", "phone", "url", "kana")
            if not getattr(made, name) and getattr(other, name)
        }
        if not valid(made.lat, made.lng) and valid(other.lat, other.lng):
            fresh |= {"lat": other.lat, "lng": other.lng}
        if not made.hours_known and other.hours_known:
            fresh |= {"spans": other.spans, "hours_known": True, "closed": other.closed}
            fresh |= {"hours_text": other.hours_text or made.hours_text}
        for name in ("specialities", "attributes"):
            fresh[name] = getattr(made, name) | getattr(other, name)
        extra = {**other.extra, **made.extra}
        made = replace(made, **fresh, extra=extra)  # type: ignore[arg-type]
    return made
