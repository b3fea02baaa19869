"""Fixture of the fake LINE (`pytest_plugins` of the root conftest, or imported by name)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.line_api import FakeLine


@pytest.fixture
def fake_line() -> Iterator[FakeLine]:
    """A fake LINE on loopback, fresh for each test."""
    fake = FakeLine().start()
    yield fake
    fake.stop()
