"""Write places: batches that change nothing when they come again. Raises `SQLAlchemyError`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from bot.places.codec import columns, digest, from_json, terms, to_json
from bot.places.grid import cell
from bot.places.tables import PlaceRow, PlaceTerm
from bot.storage.engine import READS, insert_of
from knowledge.place import Place

BATCH = 400
"""Places of one transaction: short, so that conversations wait for none of them."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Stored:
    """What is kept of a place. `official`: as its file has it; `place`: as residents see it."""

    official: Place
    place: Place
    dataset: str
    gone: bool
    digest: str


class PlaceStore:
    """The places of one deployment."""

    def __init__(self, engine: Engine):
        self._engine = engine
        self._reads = engine.execution_options(**READS)

    def get(self, keys: Iterable[str]) -> dict[str, Stored]:
        """Return what is kept under `keys`, by key."""
        found: dict[str, Stored] = {}
        with self._reads.connect() as db, db.begin():
            for batch in batches(dict.fromkeys(keys), BATCH):
                rows = db.execute(select(PlaceRow.__table__).where(PlaceRow.key.in_(batch)))
                found |= {row.key: _stored(row) for row in rows}
        return found

    def keys(self, dataset: str, municipality: str | None = None) -> set[str]:
        """Return the keys of a dataset that can be found, of one municipality or of all."""
        wanted = select(PlaceRow.key).where(PlaceRow.dataset == dataset, PlaceRow.gone_at.is_(None))
        if municipality:
            wanted = wanted.where(PlaceRow.municipality == municipality)
        with self._reads.connect() as db, db.begin():
            return set(db.scalars(wanted))

    def corrected(self) -> set[str]:
        """Return the keys of places that staff's corrections have changed."""
        with self._reads.connect() as db, db.begin():
            return set(db.scalars(select(PlaceRow.key).where(PlaceRow.official.is_not(None))))

    def counts(self) -> dict[str, int]:
        """Return how many places of each kind can be found."""
        wanted = select(PlaceRow.kind, func.count()).where(PlaceRow.gone_at.is_(None))
        with self._reads.connect() as db, db.begin():
            rows = db.execute(wanted.group_by(PlaceRow.kind).order_by(PlaceRow.kind))
            return {row[0]: row[1] for row in rows}

    def put(
        self,
        official: Iterable[Place],
        dataset: str,
        corrected: Mapping[str, Place] | None = None,
        gone: Collection[str] = (),
    ) -> Iterator[int]:
        """Write places, as the file has them; yields how many each batch holds.

        `corrected`: by key, the place that residents see instead. `gone`: keys that staff took out.
        Raises ValueError where a place's hours are out of shape; batches before stay written.
        """
        corrected = corrected or {}
        for batch in batches(official, BATCH):
            rows = [_row(place, dataset, corrected.get(place.key), place.key in gone) for place in batch]
            with self._engine.begin() as db:
                self._write(db, rows, {p.key: corrected.get(p.key, p) for p in batch})
            yield len(batch)

    @staticmethod
    def _write(db: Connection, rows: Sequence[dict[str, Any]], seen: Mapping[str, Place]) -> None:
        statement = insert_of(db.dialect.name)(PlaceRow)
        fresh = {name: statement.excluded[name] for name in rows[0] if name != "key"}
        upsert = statement.on_conflict_do_update(index_elements=["key"], set_=fresh)
        db.execute(upsert, rows)
        keys = select(PlaceRow.key, PlaceRow.id).where(PlaceRow.key.in_(list(seen)))
        ids = {row.key: row.id for row in db.execute(keys)}
        db.execute(delete(PlaceTerm).where(PlaceTerm.place_id.in_(ids.values())))
        gone = {row["key"] for row in rows if row["gone_at"]}
        index = [
            {"term": term, "place_id": ids[key], **_where(place)}
            for key, place in seen.items()
            if key not in gone
            for term in terms(place)
        ]
        if index:
            db.execute(insert(PlaceTerm), index)

    def close(self, keys: Iterable[str], now: datetime | None = None) -> int:
        """Mark places as gone: kept, no longer found. Returns how many."""
        count = 0
        for batch in batches(keys, BATCH):
            wanted = select(PlaceRow.id).where(PlaceRow.key.in_(batch), PlaceRow.gone_at.is_(None))
            with self._engine.begin() as db:
                ids = list(db.scalars(wanted))
                db.execute(delete(PlaceTerm).where(PlaceTerm.place_id.in_(ids)))
                moment = now or datetime.now(UTC)
                db.execute(update(PlaceRow).where(PlaceRow.id.in_(ids)).values(gone_at=moment))
                count += len(ids)
        return count


def _row(official: Place, dataset: str, corrected: Place | None, gone: bool) -> dict[str, Any]:
    now = datetime.now(UTC)
    made = to_json(official)
    changed = corrected is not None and corrected != official
    return {
        "key": official.key,
        "dataset": dataset,
        **columns(corrected or official),
        "official": made if changed or gone else None,
        "digest": digest(made),
        "changed_at": now,
        "gone_at": now if gone else None,
    }


def _where(place: Place) -> dict[str, Any]:
    at = cell(place.lat, place.lng)
    lat, lng = (place.lat, place.lng) if at >= 0 else (None, None)
    return {"cell": at, "municipality": place.municipality, "lat": lat, "lng": lng}


def _stored(row: Any) -> Stored:
    place = from_json(row.body)
    official = from_json(row.official) if row.official else place
    return Stored(official, place, row.dataset, row.gone_at is not None, row.digest)


def batches(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Yield `items` in lists of at most `size`."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
