"""Which outside services answer here. With TOCHIMADO_INSIST=1 (.ci/run) all must, and nothing is skipped."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

INSIST = os.environ.get("TOCHIMADO_INSIST") == "1"
POSTGRES = "postgresql+psycopg://postgres@127.0.0.1:5432"
REDIS = "redis://127.0.0.1:6379"


def answers(port: int) -> bool:
    """Return whether something listens on 127.0.0.1:`port`."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


@contextlib.contextmanager
def postgres_database() -> Iterator[str]:
    """Make an empty database, yield its address, and drop it afterwards."""
    name = f"tochimado_test_{uuid4().hex[:12]}"
    admin = create_engine(f"{POSTGRES}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield f"{POSTGRES}/{name}"
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def needs(what: str, there: bool) -> pytest.MarkDecorator:
    """Skip, with the reason, where a service is missing; never where the run insists on it."""
    return pytest.mark.skipif(not there and not INSIST, reason=f"{what} is not here")


needs_postgres = needs("PostgreSQL on 127.0.0.1:5432", answers(5432))
needs_redis = needs("Redis on 127.0.0.1:6379", answers(6379))
