"""The knowledge that ships, understood; built once for all tests of decisions."""

from __future__ import annotations

import pytest

from intents.understand import Understander
from knowledge.loader import CONTENT, load
from knowledge.models import Knowledge


@pytest.fixture(scope="session")
def shipped() -> Knowledge:
    knowledge, _ = load(CONTENT)
    assert len(knowledge.entries) > 40
    return knowledge


@pytest.fixture(scope="session")
def understander(shipped: Knowledge) -> Understander:
    return Understander.build(shipped)
