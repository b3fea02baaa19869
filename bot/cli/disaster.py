"""`tochimado backup`, `restore`, `drill`, `snapshot`: against the day when the machine is gone."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from bot.backup import BackupError, Manifest, whole_or_not, write_backup
from bot.drill import run_drill
from bot.drill.report import Report, Step
from bot.restore import restore_backup
from bot.settings import read_settings
from bot.snapshot import Content
from bot.snapshot import snapshot as page
from knowledge.hours import JAPAN
from knowledge.loader import load_valid
from knowledge.models import LANGS
from knowledge.phrases import load_phrases
from knowledge.safety_responses import load_responses

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("file", type=FILE)
@click.option("--overwrite", is_flag=True, help="同じ名前のファイルがあれば置きかえる。")
def backup(file: Path, overwrite: bool) -> None:
    """データベースの控えを FILE に取る。動かしたままでよい。鍵は入らない（docs/operations.md）。"""
    with _plainly("控えを取れませんでした"):
        made = write_backup(read_settings(), file, overwrite)
    click.echo(f"控えを取りました: {file}（{_told(made)}、{file.stat().st_size / 1e6:.1f} MB）")
    click.echo(
        "戻すには鍵（TOCHIMADO_SECRET か、データフォルダーの secret）も要ります。別に取っておいてください。"
    )


@click.command()
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="いまの中身を消して戻す。")
@click.option("--other-secret", is_flag=True, help="控えを作ったときと鍵が違っても戻す（会話は読めない）。")
def restore(file: Path, replace: bool, other_secret: bool) -> None:
    """控え FILE を、空のデータベース（SQLite か PostgreSQL）に戻す。書く前に控えを最後まで確かめる。"""
    with _plainly("戻せませんでした"):
        made = restore_backup(read_settings(), file, replace, other_secret)
    click.echo(f"戻しました: {made.made_at} の控え（{_told(made)}）。データベースは最新の形です。")


def _told(made: Manifest) -> str:
    tables = "、".join(f"{name} {table.rows}" for name, table in sorted(made.tables.items()) if table.rows)
    return f"{made.rows} 行" + (f": {tables}" if tables else "")


@contextmanager
def _plainly(what: str) -> Iterator[None]:
    """Say in one line, without a traceback, what staff can do something about."""
    try:
        yield
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{what}: {error.filename}（{error.strerror}）") from error
    except SQLAlchemyError as error:
        raise click.ClickException(
            f"{what}: データベース（DATABASE_URL か TOCHIMADO_DATA_DIR）を使えません"
            f"（{type(error).__name__}）。動いているか、空きがあるかを確かめてください。"
        ) from error


@click.command()
@click.argument("file", type=FILE)
def snapshot(file: Path) -> None:
    """災害と急病の答えを 1 つの HTML ファイルに写す。どの Web サーバーにも置ける。"""
    settings = read_settings()
    knowledge, _ = load_valid(settings.knowledge)
    responses, problems = load_responses(phones={key: line.number for key, line in knowledge.phones.items()})
    for problem in problems:
        click.echo(str(problem), err=True)
    content = Content(knowledge, load_phrases(), responses, datetime.now(JAPAN), settings.expired)
    with _plainly("書けませんでした"), whole_or_not(file, 0o644) as out:
        out.write(page(content).encode())
    answers = sum(len(entries) for _, entries in content.essential())
    click.echo(
        f"写しました: {file}（{answers} 項目 × {len(LANGS)} 言語、{file.stat().st_size / 1000:.0f} kB）"
    )


@click.command()
@click.option("--quick", is_flag=True, help="短い訓練（質問を減らし、止める時間を短くする）。")
@click.option("--json", "as_json", is_flag=True, help="記録を JSON で書く。")
def drill(quick: bool, as_json: bool) -> None:
    """災害の訓練をする。仮の環境で壊し、何が保てたかを記録する。保てないものがあれば終了コード 1。"""

    def tell(step: Step) -> None:
        for line in step.lines():
            click.echo(line, err=as_json)

    for line in Report(quick=quick).heading():
        click.echo(line, err=as_json)
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that its processes end with it
    try:
        report = run_drill(read_settings().knowledge, quick, tell)
    finally:
        signal.signal(signal.SIGTERM, before)
    for line in report.summary():
        click.echo(line, err=as_json)
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=1))
    sys.exit(0 if report.held else 1)


COMMANDS = (backup, restore, drill, snapshot)
