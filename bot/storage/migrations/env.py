"""Alembic's environment: one connection, one lock, the tables of `bot.storage.tables`."""

from alembic import context
from sqlalchemy import text

import bot.places.tables  # noqa: F401 (its tables belong to the schema)
from bot.storage.engine import open_database
from bot.storage.tables import Base

LOCK = 7412001
"""PostgreSQL advisory lock: several machines may start at once, one migrates."""


def run() -> None:
    """Run the migrations."""
    engine = open_database(context.config.attributes["url"], create=True)
    with engine.connect() as connection:
        context.configure(
            connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            context.run_migrations()
    engine.dispose()


run()
