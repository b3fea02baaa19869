"""Which outside services answer here. With TOCHIMADO_INSIST=1 (.ci/run) all must, and nothing is skipped."""

from __future__ import annotations

import os
import socket

import pytest

INSIST = os.environ.get("TOCHIMADO_INSIST") == "1"
REDIS = "redis://127.0.0.1:6379"


def answers(port: int) -> bool:
    """Return whether something listens on 127.0.0.1:`port`."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def needs(what: str, there: bool) -> pytest.MarkDecorator:
    """Skip, with the reason, where a service is missing; never where the run insists on it."""
    return pytest.mark.skipif(not there and not INSIST, reason=f"{what} is not here")


needs_postgres = needs("PostgreSQL on 127.0.0.1:5432", answers(5432))
needs_redis = needs("Redis on 127.0.0.1:6379", answers(6379))
