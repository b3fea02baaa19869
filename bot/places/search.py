"""Search places: the nearest first, in true order, open at a moment.

The index gives positions square by square, each ring twice as wide as the one before; what is nearer than
everything not read yet (`grid.proven_km`) is in its place and is looked at, until enough fits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Integer, TextClause, any_, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from bot.places import grid
from bot.places.codec import from_json
from bot.places.lookup import Lookup
from bot.places.same import Identity, Seen, identify
from bot.places.tables import PlaceRow, PlaceTerm
from bot.places.timetable import DAY, Window, unpack
from knowledge.place import Place

FIRST_KM = 0.75
"""What the first squares surely reach: in a town that is enough, and each further ring costs one query."""
MOST_LOOKED_AT = 10_000
"""Places after which a search stops; `reached_km` says how far it came."""
_FIRST_BATCH = 30
_LIGHT = (
    PlaceRow.id, PlaceRow.hours, PlaceRow.facets, PlaceRow.starts, PlaceRow.ends, PlaceRow.key, PlaceRow.kind,
    PlaceRow.municipality, PlaceRow.name_key, PlaceRow.phone_key, PlaceRow.lat, PlaceRow.lng,
)  # fmt: skip
_AMONG = {
    "sqlite": PlaceRow.id.in_(bindparam("ids", expanding=True)),
    "postgresql": PlaceRow.id == any_(bindparam("ids", type_=ARRAY(Integer))),
}
"""By dialect. One array is one statement for PostgreSQL, prepared after a few uses; a list of numbers is
another one for each mixture of small and large ones.
"""
_LOOK = {dialect: select(*_LIGHT).where(among) for dialect, among in _AMONG.items()}
_BODIES = {dialect: select(PlaceRow.id, PlaceRow.body).where(among) for dialect, among in _AMONG.items()}
"""Built once: building them anew takes longer than SQLite takes to answer."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for. `kinds`: at least one. `specialities`: one of them; `needs`: all of them (hazards,
    attributes). `named`: part of the name, one of them. `near`: degrees. `within_km`: not beyond it. `since`:
    what ended before this day is left out.
    """

    kinds: tuple[str, ...]
    specialities: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    municipality: str | None = None
    near: tuple[float, float] | None = None
    open_in: Window | None = None
    named: tuple[str, ...] = ()
    within_km: float = 50.0
    limit: int = 10
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A place found. `km`: None without coordinates. `open`: within the window asked for, None: not known.

    `others`: what other files say of the same place.
    """

    place: Place
    km: float | None
    open: bool | None
    others: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """`items`: what fits, nearest first. `unsure`: fits but for its hours, which are not known.

    `closed`: fits but is closed then. These two are what was passed on the way to `items`. `reached_km`: how
    far was looked, everything nearer was seen.
    """

    items: tuple[Found, ...] = ()
    unsure: tuple[Found, ...] = ()
    closed: tuple[Found, ...] = ()
    reached_km: float = 0.0


class _Candidate(NamedTuple):
    km: float
    id: int


@dataclass(slots=True)
class _Tray:
    """What was looked at, by what is known of it: (km, id), each place once though several files have it."""

    limit: int
    fits: list[_Candidate] = field(default_factory=list)
    unsure: list[tuple[Identity, _Candidate]] = field(default_factory=list)
    closed: list[_Candidate] = field(default_factory=list)
    known: Seen = field(default_factory=Seen)
    looked_at: int = 0

    def add(self, candidate: _Candidate, row: Any, state: bool | None) -> None:
        who = identify(row.key, row.kind, row.municipality, row.name_key, row.phone_key, "", row.lat, row.lng)
        if state is None:
            self.unsure.append((who, candidate))
        elif not self.known.has(who):
            self.known.add(who)
            (self.fits if state else self.closed).append(candidate)

    @property
    def full(self) -> bool:
        return len(self.fits) >= self.limit

    def groups(self) -> tuple[list[_Candidate], ...]:
        unsure: list[_Candidate] = []
        for who, candidate in self.unsure:
            if len(unsure) < self.limit and not self.known.has(who):
                self.known.add(who)
                unsure.append(candidate)
        return self.fits[: self.limit], unsure, self.closed[: self.limit]


class Search(Lookup):
    """Searches the places of one deployment. Raises `SQLAlchemyError`."""

    def find(self, wanted: Wanted) -> Result:
        """Return what is found: by distance where there is a point, else by name."""
        with self._reads.connect() as db, db.begin():
            tray, reached = _Tray(wanted.limit), 0.0
            if wanted.near is None:
                self._look(db, wanted, _of_town(db, wanted), tray)
                return self._result(db, wanted, tray, reached)
            for candidates, proven in _rings(db, wanted, wanted.near):
                reached = self._look(db, wanted, candidates, tray)
                if tray.full or tray.looked_at >= MOST_LOOKED_AT:
                    break
                reached = proven
            return self._result(db, wanted, tray, reached)

    def elsewhere(self, wanted: Wanted, towns: Sequence[str]) -> Result:
        """Return what is found in `towns`, in their order, among places that have no coordinates."""
        with self._reads.connect() as db, db.begin():
            tray = _Tray(wanted.limit)
            for town in towns:
                if tray.full:
                    break
                here = replace(wanted, municipality=town, near=None)
                self._look(db, here, _of_town(db, here, placed=False), tray)
            return self._result(db, replace(wanted, near=None), tray, 0.0)

    @staticmethod
    def _look(db: Connection, wanted: Wanted, candidates: Sequence[_Candidate], tray: _Tray) -> float:
        """Look at candidates in their order until the tray is full; return how far that was."""
        needs = [f"|{need}|" for need in wanted.needs]
        done, size = 0, _FIRST_BATCH
        while done < len(candidates):
            batch = candidates[done : done + size]
            ids = {"ids": [item.id for item in batch]}
            rows = {row.id: row for row in db.execute(_LOOK[db.dialect.name], ids)}
            for item in batch:
                row = rows[item.id]
                if _fits(row, wanted, needs):
                    tray.add(item, row, _open(row, wanted))
                if tray.full:
                    return item.km
            tray.looked_at += len(batch)
            if tray.looked_at >= MOST_LOOKED_AT:
                return batch[-1].km
            done, size = done + size, min(size * 3, 3000)
        return candidates[-1].km if candidates else 0.0

    @staticmethod
    def _result(db: Connection, wanted: Wanted, tray: _Tray, reached: float) -> Result:
        fits, unsure, closed = tray.groups()
        if tray.full:
            unsure = closed = []
        ids = [item.id for item in (*fits, *unsure, *closed)]
        bodies = db.execute(_BODIES[db.dialect.name], {"ids": ids}) if ids else ()
        places = {number: from_json(body) for number, body in bodies}

        def shown(group: list[_Candidate], state: bool | None) -> tuple[Found, ...]:
            far = wanted.near is not None
            return tuple(Found(places[item.id], item.km if far else None, state) for item in group)

        state = True if wanted.open_in else None
        return Result(shown(fits, state), shown(unsure, None), shown(closed, False), reached)


def _rings(
    db: Connection, wanted: Wanted, near: tuple[float, float]
) -> Iterator[tuple[list[_Candidate], float]]:
    """Yield candidates in true order of distance, ring by ring, with how far everything has been seen."""
    terms = _terms(wanted)
    level, last = grid.level_for(FIRST_KM), grid.level_for(wanted.within_km)
    seen: list[tuple[int, int]] = []
    waiting: list[_Candidate] = []
    while True:
        ranges = grid.block(*near, level)
        rows = _read(db, terms, grid.without(ranges, seen))
        waiting += {
            _Candidate(grid.distance_km(*near, lat, lng), number)
            for number, lat, lng, town in rows
            if not wanted.municipality or town == wanted.municipality
        }
        seen, proven = ranges, min(grid.proven_km(*near, level), wanted.within_km)
        waiting.sort()
        cut = next((at for at, item in enumerate(waiting) if item.km > proven), len(waiting))
        yield waiting[:cut], proven
        waiting = waiting[cut:]
        if level >= last or proven >= wanted.within_km:
            return
        level += 1 if rows else 2


def _of_town(db: Connection, wanted: Wanted, placed: bool | None = None) -> list[_Candidate]:
    """Return what a municipality has, or the whole prefecture, in the order of names."""
    query = select(PlaceTerm.place_id).where(PlaceTerm.term.in_(_terms(wanted)))
    if wanted.municipality:
        query = query.where(PlaceTerm.municipality == wanted.municipality)
    if placed is False:
        query = query.where(PlaceTerm.cell == grid.NOWHERE)
    names = select(PlaceRow.id).where(PlaceRow.id.in_(query)).order_by(PlaceRow.name_key, PlaceRow.id)
    return [_Candidate(float(rank), number) for rank, number in enumerate(db.scalars(names))]


def _fits(row: Any, wanted: Wanted, needs: Sequence[str]) -> bool:
    if any(need not in row.facets for need in needs):
        return False
    if wanted.named and not any(name in row.name_key for name in wanted.named):
        return False
    last = row.ends or row.starts
    if wanted.since and last and last < wanted.since:
        return False
    window = wanted.open_in
    if not window:
        return True
    until = window.day + timedelta(days=(window.end - 1) // DAY)
    return not ((row.starts and row.starts > until) or (last and last < window.day))


def _open(row: Any, wanted: Wanted) -> bool | None:
    if not wanted.open_in:
        return True
    table = unpack(row.hours)
    if table is None:
        return True if row.starts or row.ends else None  # an event that is on; its hours are in words
    return table.open_in(wanted.open_in, wanted.specialities)


def _terms(wanted: Wanted) -> list[str]:
    """Return the index terms: the kinds, each with the most telling thing asked for."""
    telling = sorted(wanted.specialities) or sorted(wanted.needs)[:1] or [""]
    return [f"{kind}/{facet}"[:80] for kind in wanted.kinds for facet in telling]


def _read(db: Connection, terms: Sequence[str], ranges: Sequence[tuple[int, int]]) -> Sequence[Any]:
    """Return (id, lat, lng, municipality) of places under `terms` within `ranges`."""
    if not ranges:
        return []
    values: dict[str, Any] = {}
    for index, (term, (first, last)) in enumerate((term, span) for term in terms for span in ranges):
        values |= {f"t{index}": term, f"a{index}": first, f"b{index}": last}
    return db.execute(_ranges_query(len(values) // 3), values).all()


@lru_cache(maxsize=512)
def _ranges_query(count: int) -> TextClause:
    one = (
        "SELECT place_id, lat, lng, municipality FROM place_terms"
        " WHERE term = :t{0} AND cell >= :a{0} AND cell <= :b{0}"
    )
    return text(" UNION ALL ".join(one.format(index) for index in range(count)))
