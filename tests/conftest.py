"""Fixtures that several test modules share."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from bot.app import create_app
from bot.brain import BrainHolder
from bot.logs import QUIET
from bot.provision import provision
from bot.settings import Settings
from knowledge.loader import CONTENT

pytest_plugins = ["tests.fakes.fixtures_line", "tests.fakes.fixtures_telegram"]


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Undo what an application does to the process's loggers."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture(scope="session")
def holder() -> BrainHolder:
    """The knowledge that ships, indexed once for all tests."""
    return BrainHolder(CONTENT)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The embedded default in a folder of its own, migrated."""
    made = Settings(data_dir=tmp_path / "var", reload_seconds=0)
    provision(made)
    return made


@pytest.fixture
def make_app(holder: BrainHolder) -> Iterator[Callable[[Settings], Flask]]:
    """Make applications that are closed at the end of the test."""
    made: list[Flask] = []

    def make(settings: Settings) -> Flask:
        app = create_app(settings, holder)
        made.append(app)
        return app

    yield make
    for app in made:
        app.extensions["tochimado"].close()


@pytest.fixture
def app(settings: Settings, make_app: Callable[[Settings], Flask]) -> Flask:
    """The application on the embedded default: web only."""
    return make_app(settings)
