"""Look up places that are known already: by key, by name, and what other files say of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Engine, and_, or_, select

from bot.places.codec import from_json, name_key, phone_key
from bot.places.same import identity, same
from bot.places.tables import PlaceRow, PlaceTerm
from bot.storage.engine import READS
from knowledge.place import Place

NAMED = 200
"""Places of one name at most: 本町 is in many municipalities."""


class Lookup:
    """Looks up the places of one deployment. Raises `SQLAlchemyError`."""

    def __init__(self, engine: Engine):
        self._reads = engine.execution_options(**_options(engine))

    def get(self, keys: Iterable[str]) -> list[Place]:
        """Return the places of `keys` that can be found, in their order."""
        order = list(keys)
        query = select(PlaceRow.key, PlaceRow.body).where(PlaceRow.key.in_(order), PlaceRow.gone_at.is_(None))
        with self._reads.connect() as db, db.begin():
            bodies = {row.key: row.body for row in db.execute(query)}
        return [from_json(bodies[key]) for key in order if key in bodies]

    def named(self, terms: Sequence[str]) -> dict[str, list[Place]]:
        """Return by index term (`town/鶴田`) the places that have it; terms that none has are left out."""
        found: dict[str, list[Place]] = {}
        query = (
            select(PlaceTerm.term, PlaceRow.body)
            .join(PlaceRow, PlaceRow.id == PlaceTerm.place_id)
            .where(PlaceTerm.term.in_([term[:80] for term in terms]))
            .order_by(PlaceRow.key)
            .limit(NAMED)
        )
        with self._reads.connect() as db, db.begin():
            for term, body in db.execute(query):
                found.setdefault(term, []).append(from_json(body))
        return found

    def siblings(self, places: Sequence[Place]) -> list[list[Place]]:
        """Return for each of `places` what other files say of the same place, those with hours first."""
        towns = {place.municipality for place in places if place.municipality}
        alike = [
            PlaceRow.name_key.in_({name_key(place.name) for place in places}),
            PlaceRow.phone_key.in_({phone_key(place.phone) for place in places if place.phone}),
            *(_beside(place.lat, place.lng) for place in places if place.lat and place.lng),
        ]
        query = select(PlaceRow.body).where(
            PlaceRow.municipality.in_(towns), PlaceRow.gone_at.is_(None), or_(*alike)
        )
        with self._reads.connect() as db, db.begin():
            bodies = [from_json(body) for body in db.scalars(query.order_by(PlaceRow.key))]
        found = sorted(bodies, key=lambda place: not place.hours_known)
        who = [(identity(place), place) for place in found]
        return [
            [other for its, other in who if other.key != place.key and same(identity(place), its)]
            for place in places
        ]


def _options(engine: Engine) -> dict[str, Any]:
    """Return how to read: SQLite in a transaction, which is one state of the file for all statements.

    PostgreSQL's READ COMMITTED is no such thing, so its BEGIN and ROLLBACK, each a message there and back,
    are left out.
    """
    return READS if engine.dialect.name == "sqlite" else {**READS, "isolation_level": "AUTOCOMMIT"}


def _beside(lat: float, lng: float) -> ColumnElement[bool]:
    """Return the condition of a square of some 600 m around a point."""
    return and_(
        PlaceRow.lat.between(lat - 0.003, lat + 0.003), PlaceRow.lng.between(lng - 0.003, lng + 0.003)
    )
