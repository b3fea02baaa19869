"""`tochimado check`, `schema`, `settings`, `evaluate`: keeping the knowledge true and measured."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from bot.cli.progress import progress_bar
from bot.settings import read_settings, settings_table
from bot.staff.checks import coverage_table, deep_check, network_check
from intents.evaluate import evaluate as measure
from intents.evaluate import read_corpus, read_judgements
from intents.lexicon import BUILT_IN, Lexicon
from knowledge.loader import load
from knowledge.problems import Problem
from knowledge.schema import write_schemas

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="結果を JSON で書く。")
@click.option("--quick", is_flag=True, help="書き方と参照だけを見る（保存のたびに。数秒）。")
@click.option("--links", is_flag=True, help="リンク先が生きているかも、ネットワークで確かめる。")
@click.option("--errors", "errors_only", is_flag=True, help="誤りだけを示し、注意は数だけにする。")
def check(paths: tuple[Path, ...], as_json: bool, quick: bool, links: bool, errors_only: bool) -> None:
    """知識（YAML）の誤りを、ファイルと行と直し方で示す。誤りがあれば終了コード 1。"""
    roots = paths or (read_settings().knowledge,)
    problems: list[Problem] = []
    entries = 0
    for root in roots:
        knowledge, found = load(root)
        problems += [*found, *Lexicon.load([root / "synonyms.yaml"]).problems]
        entries += len(knowledge.entries)
        if not quick:
            problems += deep_check(root)
        if links:
            problems += network_check(root)
    problems += Lexicon.load([BUILT_IN]).problems
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    if as_json:
        summary = {"entries": entries, "errors": errors, "warnings": warnings}
        click.echo(json.dumps({**summary, "problems": [p.as_json() for p in problems]}, ensure_ascii=False))
    else:
        for problem in problems:
            if problem.severity == "error" or not errors_only:
                click.echo(str(problem))
        if not quick and not errors:
            for root in roots:
                click.echo(coverage_table(root), err=True)
        click.echo(f"項目 {entries} 件、誤り {errors} 件、注意 {warnings} 件", err=True)
    sys.exit(1 if errors else 0)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path("knowledge/schema"))
def schema(folder: Path) -> None:
    """編集ソフトの補完に使う JSON Schema を書き出す。"""
    for path in write_schemas(folder):
        click.echo(str(path))


@click.command(name="settings")
def settings_() -> None:
    """設定の一覧を Markdown の表で書く。"""
    click.echo(settings_table(), nl=False)


@click.command()
@click.option("--corpus", required=True, type=FILE, help="文書（JSON: id → 文章）。")
@click.option("--queries", required=True, type=FILE, help="質問（JSON: id → 文）。")
@click.option("--qrels", required=True, type=FILE, help="正解（JSON: 質問の id → 文書の id → 点）。")
@click.option("--json", "as_json", is_flag=True, help="結果を JSON で書く。")
def evaluate(corpus: Path, queries: Path, qrels: Path, as_json: bool) -> None:
    """住民に答えるのと同じ索引と順位づけの成績を、BEIR 形式のファイルで測る。"""
    try:
        documents, asked, judged = read_corpus(corpus), read_corpus(queries), read_judgements(qrels)
        with progress_bar("索引を作っています") as progress:
            report = measure(documents, asked, judged, progress=progress)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(report.as_json()))
        return
    for line in report.lines():
        click.echo(line)
