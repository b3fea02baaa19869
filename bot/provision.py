"""Bring a deployment's database to where the program can start: newest schema, the places that ship."""

from __future__ import annotations

from datetime import datetime

from bot.places.imports import apply, plan
from bot.places.rows import CORRECTIONS, read_corrections
from bot.places.shipped import DATASET, shipped
from bot.places.store import PlaceStore
from bot.settings import Settings
from bot.storage.engine import migrate, open_database
from knowledge.hours import JAPAN


def provision(settings: Settings) -> None:
    """Migrate the database and take up the places that ship; safe to run again and at the same time."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate(settings.database)
    engine = open_database(settings.database)
    store = PlaceStore(engine)
    corrections = read_corrections(settings.knowledge / CORRECTIONS, datetime.now(JAPAN).date())
    apply(store, plan(store, shipped(), DATASET, corrections), corrections)
    engine.dispose()
