"""`tochimado stats`: what staff see of how answers are liked, in numbers, without anybody's words."""

from __future__ import annotations

from collections.abc import Callable

from click.testing import CliRunner
from flask import Flask

from bot.cli import cli
from bot.settings import Settings
from tests.drivers import WebDriver


def stats(settings: Settings, *words: str) -> list[str]:
    done = CliRunner().invoke(
        cli, ["stats", *words], env={"TOCHIMADO_DATA_DIR": str(settings.data_dir), "DATABASE_URL": None}
    )
    assert done.exit_code == 0, done.output
    return [line for line in done.output.splitlines() if "," in line and not line.startswith("{")]


def test_counts_and_reasons_by_entry(settings: Settings, make_app: Callable[[Settings], Flask]) -> None:
    app = make_app(settings)
    for _ in range(2):
        resident = WebDriver(app)
        heard = resident.say("マイナンバーカードをなくした")
        heard = resident.press(next(data for data in heard.buttons if data.startswith("fb-")))
        resident.press(next(data for data in heard.buttons if data.endswith(":old")))
    assert stats(settings, "--reasons") == ["項目,理由,件数", "mynumber.lost,情報が古い,2"]
    header, *rows = stats(settings)
    assert header == "日,チャネル,言語,決定,項目,件数,役に立った,立たなかった"
    assert any(row.endswith("web,ja,answer,mynumber.lost,2,0,2") for row in rows), rows
