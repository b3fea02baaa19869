"""Take files over into the store: what would change, and changing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.places.codec import digest, to_json
from bot.places.rows import Corrections
from bot.places.store import PlaceStore, Stored
from knowledge.place import Place


@dataclass(frozen=True, slots=True)
class Change:
    """A place that the file tells differently. `fields`: name → (before, after), as JSON."""

    key: str
    name: str
    fields: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What importing a dataset does. `kept`: places changed by the file where staff's correction stays.

    `write`: the places to write; `close`: what is missing now. `doubtful`: what would be closed, but is so
    much that the file is rather incomplete. `older`: what a newer file of another dataset tells already.
    """

    dataset: str
    added: tuple[Place, ...] = ()
    changed: tuple[Change, ...] = ()
    close: tuple[Stored, ...] = ()
    doubtful: tuple[Stored, ...] = ()
    kept: tuple[str, ...] = ()
    same: int = 0
    write: tuple[Place, ...] = ()
    older: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return counts and rows as JSON."""
        return {
            "dataset": self.dataset,
            "counts": self.counts(),
            "added": [{"key": place.key, "name": place.name} for place in self.added],
            "changed": [
                {"key": change.key, "name": change.name}
                | {"fields": {name: list(pair) for name, pair in change.fields.items()}}
                for change in self.changed
            ],
            "closed": [{"key": s.place.key, "name": s.place.name} for s in self.close],
            "doubtful": [{"key": s.place.key, "name": s.place.name} for s in self.doubtful],
            "kept": list(self.kept),
            "older": list(self.older),
        }

    def counts(self) -> dict[str, int]:
        """Return how many of each."""
        return {
            "added": len(self.added),
            "changed": len(self.changed),
            "closed": len(self.close),
            "doubtful": len(self.doubtful),
            "kept": len(self.kept),
            "older": len(self.older),
            "same": self.same,
        }


def plan(
    store: PlaceStore,
    places: Sequence[Place],
    dataset: str,
    corrections: Corrections | None = None,
    close_share: float = 0.2,
) -> Plan:
    """Return what importing `places` (no key twice) as `dataset` does; changes nothing.

    A place that two datasets hold is told by the file of the later date, in whichever order they come.
    What is missing is closed: of a file with places of one municipality only that municipality's. More than
    `close_share` of them missing is doubtful and left as it is.
    """
    corrections = corrections or Corrections()
    stored = store.get(place.key for place in places)
    added, write, changed, kept, older = [], [], [], [], []
    same = 0
    for place in places:
        before = stored.get(place.key)
        want = corrections.of(place)
        if before is None or (before.gone and place.key not in corrections.gone):
            added.append(want)
            write.append(place)
            continue
        if before.dataset != dataset and _newer(before.official, place):
            older.append(place.key)
            continue
        fields = _differences(before.official, place)
        if fields and place.key in corrections.rows:
            kept.append(place.key)
        elif fields:
            changed.append(Change(place.key, place.name, fields))
        stale = to_json(before.place) != to_json(want) or before.gone != (place.key in corrections.gone)
        if fields or stale or before.dataset != dataset:
            write.append(place)
        if not fields:
            same += 1
    missing = _missing(store, places, dataset)
    gone = [row for row in store.get(missing).values() if not row.gone]
    believed = len(gone) <= max(3, close_share * (len(gone) + len(places)))
    return Plan(
        dataset,
        tuple(added),
        tuple(changed),
        tuple(gone) if believed else (),
        () if believed else tuple(gone),
        tuple(kept),
        same,
        tuple(write),
        tuple(older),
    )


def _newer(stored: Place, place: Place) -> bool:
    """Return whether what is stored is of a later date than a file's; a file without a date is the oldest."""
    return (stored.checked or date.min) > (place.checked or date.min)


def _missing(store: PlaceStore, places: Sequence[Place], dataset: str) -> set[str]:
    towns = {place.municipality for place in places}
    if not towns:
        return set()
    town = next(iter(towns)) if len(towns) == 1 else None
    return store.keys(dataset, town) - {place.key for place in places}


def _differences(before: Place, after: Place) -> dict[str, tuple[Any, Any]]:
    old, new = to_json(before), to_json(after)
    if digest(old) == digest(new):
        return {}
    names = sorted(old.keys() | new.keys())
    return {name: (old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)}


def apply(
    store: PlaceStore,
    made: Plan,
    corrections: Corrections | None = None,
    progress: Callable[[int], None] = lambda count: None,
    close_doubtful: bool = False,
) -> None:
    """Do what `plan` says; `progress` hears how many places each batch wrote."""
    corrections = corrections or Corrections()
    corrected = {place.key: corrections.of(place) for place in made.write if place.key in corrections.rows}
    for count in store.put(made.write, made.dataset, corrected, corrections.gone):
        progress(count)
    store.close(row.place.key for row in (*made.close, *(made.doubtful if close_doubtful else ())))


def apply_corrections(store: PlaceStore, corrections: Corrections) -> tuple[int, list[str]]:
    """Bring stored places to `corrections`: new ones hold, expired ones are undone.

    Returns (how many places changed, keys that no place has).
    """
    stored = store.get({*corrections.rows, *store.corrected()})
    by_dataset: dict[str, list[Place]] = {}
    for key, row in stored.items():
        want = to_json(corrections.of(row.official))
        if to_json(row.place) != want or row.gone != (key in corrections.gone):
            by_dataset.setdefault(row.dataset, []).append(row.official)
    for dataset, places in by_dataset.items():
        corrected = {place.key: corrections.of(place) for place in places}
        for _ in store.put(places, dataset, corrected, corrections.gone):
            pass
    changed = sum(len(places) for places in by_dataset.values())
    return changed, sorted(corrections.rows.keys() - stored.keys())
