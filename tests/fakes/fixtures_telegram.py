"""Fixtures of the Telegram channel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.telegram_api import FakeTelegram
from tests.fakes.telegram_schema import specs_folder

NO_SPECS = "needs the Bot API's specification: set TOCHIMADO_SPECS to the folder with telegram/api.json"


@pytest.fixture
def fake_telegram() -> Iterator[FakeTelegram]:
    """A Telegram on loopback. The test fails if a call broke the specification and it did not expect that."""
    folder = specs_folder()
    if folder is None:
        pytest.skip(NO_SPECS)
    with FakeTelegram(folder) as telegram:
        yield telegram
    assert telegram.expects_problems or telegram.problems == []
