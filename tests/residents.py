"""A resident on a channel, with the fake of the channel behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from bot.settings import Settings
from tests.drivers import (
    ConsoleDriver,
    Driver,
    LineDriver,
    TelegramDriver,
    WebDriver,
    with_line,
    with_telegram,
)
from tests.fakes.fixtures_telegram import NO_SPECS
from tests.fakes.line_api import FakeLine
from tests.fakes.openapi_strict import specs_dir
from tests.fakes.telegram_api import FakeTelegram
from tests.fakes.telegram_schema import specs_folder

CHANNELS = ("line", "telegram", "web", "console")


@contextmanager
def resident_on(channel: str, settings: Settings, make_app: Callable[[Settings], Flask]) -> Iterator[Driver]:
    """Yield a resident on `channel`; skips where the channel's specification is not here."""
    if channel == "line":
        if specs_dir() is None:
            pytest.skip("needs LINE's specification: set TOCHIMADO_SPECS")
        line = FakeLine().start()
        yield LineDriver(make_app(with_line(settings, line)), line)
        line.stop()
    elif channel == "telegram":
        folder = specs_folder()
        if folder is None:
            pytest.skip(NO_SPECS)
        with FakeTelegram(folder) as telegram:
            yield TelegramDriver(make_app(with_telegram(settings, telegram)), telegram)
        assert telegram.problems == []
    elif channel == "web":
        yield WebDriver(make_app(settings))
    else:
        yield ConsoleDriver(make_app(settings).extensions["tochimado"])
