"""「洪水のとき逃げるところ」 near 栃木県庁 on every channel: the true nearest, against the raw GSI file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from bot.cli.places import import_
from bot.settings import Settings
from tests.drivers import (
    Driver,
    Heard,
)
from tests.places.plain import SAMPLES, data_or_sample, nearest, rows_of
from tests.residents import CHANNELS, resident_on

KENCHO = (36.5658, 139.8836)
FILES = {
    "official": data_or_sample("shelters/tochigi_emergency_shelters.csv", "gsi_emergency_sample.csv"),
    "sample": SAMPLES / "gsi_emergency_sample.csv",
}
HERE = {"official": KENCHO, "sample": (36.31, 139.81)}
MakeApp = Callable[[Settings], Flask]


@pytest.fixture(params=FILES)
def case(request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    """Import a file by the command into the database that the application reads."""
    monkeypatch.setenv("TOCHIMADO_DATA_DIR", str(settings.data_dir))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    done = CliRunner().invoke(import_, ["shelter", str(FILES[request.param])])
    assert done.exit_code == 0, done.output
    return str(request.param)


@pytest.fixture(params=CHANNELS)
def resident(
    request: pytest.FixtureRequest, case: str, settings: Settings, make_app: MakeApp
) -> Iterator[Driver]:
    """A resident on each channel."""
    with resident_on(request.param, settings, make_app) as driver:
        yield driver


def in_order(heard: Heard, names: list[str]) -> list[str]:
    """Return which of `names` are heard, in the order of first mention; longer names first at a spot."""
    at: dict[str, int] = {}
    pattern = "|".join(re.escape(name) for name in sorted(set(names), key=len, reverse=True))
    for match in re.finditer(rf"(?m)(?:^|[^一-龥ぁ-んァ-ヶ])({pattern})(?=\s|$|\\)", heard.text):
        at.setdefault(match[1], match.start())
    return sorted(at, key=at.__getitem__)


def test_the_nearest_for_floods_in_true_order_on_every_channel(resident: Driver, case: str) -> None:
    file, here = FILES[case], HERE[case]
    true = list(dict.fromkeys(name for _, name in nearest(file, "洪水", here)))[:10]
    everyone = [row["施設・場所名"] for row in rows_of(file)]
    asked = resident.say("洪水のとき逃げるところ")
    assert "現在地" in asked.text
    first = resident.locate(*here)
    assert "洪水のときの避難場所" in first.text
    assert in_order(first, everyone) == true[:5]
    assert "市町の発表" in first.text
    assert "国土地理院" in first.text
    if len(true) > 5:
        more = next(data for data in first.buttons if data.startswith("pl:more."))
        assert in_order(resident.press(more), everyone) == true[5:10]


def test_the_same_story_changes_its_hazard_and_town(resident: Driver, case: str) -> None:
    file, here = FILES[case], HERE[case]
    everyone = [row["施設・場所名"] for row in rows_of(file)]
    resident.say("一番近い避難所")
    resident.locate(*here)
    quake = resident.say("地震のときの避難場所")
    true = list(dict.fromkeys(name for _, name in nearest(file, "地震", here)))
    assert in_order(quake, everyone) == true[:5]


@pytest.mark.parametrize("case_name", FILES)
def test_the_plain_order_is_one_of_distance_and_needs_the_flag(case_name: str) -> None:
    file, here = FILES[case_name], HERE[case_name]
    found = list(nearest(file, "洪水", here))
    assert found == sorted(found)
    assert 0 < len(found) < len(rows_of(file)), "some places are not for floods"


def test_paths_are_files() -> None:
    assert all(isinstance(path, Path) and path.exists() for path in FILES.values())
