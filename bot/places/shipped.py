"""The places that ship: in the store from the first start, kept up to date with the file."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path

from bot.places.imports import apply, plan
from bot.places.rows import CORRECTIONS, read_corrections, read_shipped
from bot.places.store import PlaceStore
from knowledge.place import Place

DATASET = "shipped"


@lru_cache(maxsize=1)
def shipped() -> list[Place]:
    """Return the places that ship. Raises `KnowledgeError`."""
    return read_shipped()


def ensure_shipped(store: PlaceStore, content: Path, today: date) -> int:
    """Bring the shipped places into `store`; returns how many were written (0: nothing to do).

    `content`: the content folder, for staff's corrections. Raises `KnowledgeError`, `SQLAlchemyError`.
    """
    corrections = read_corrections(content / CORRECTIONS, today)
    made = plan(store, shipped(), DATASET, corrections)
    apply(store, made, corrections)
    return len(made.write)
