"""`tochimado test` and `compare`: gold questions against the knowledge, and against an earlier one."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bot.settings import read_settings
from intents.lexicon import BUILT_IN, Lexicon
from intents.measure import Measured, lines
from intents.measure import measure as run
from intents.understand import Understander
from knowledge.gold import GOLD, Gold, load_gold
from knowledge.loader import load_valid

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


def understander_of(root: Path) -> Understander:
    """Index a content folder with its lexicon. Raises `KnowledgeError`."""
    knowledge, _ = load_valid(root)
    return Understander.build(knowledge, Lexicon.load([BUILT_IN, root / "synonyms.yaml"]))


def _gold(folder: Path) -> Gold:
    gold = load_gold(folder)
    if gold.problems:
        raise click.ClickException("\n".join(map(str, gold.problems)))
    if not gold.questions:
        raise click.ClickException(f"{folder} に質問がありません。")
    return gold


@click.command()
@click.option("--gold", "folder", type=FOLDER, default=GOLD, help="質問のフォルダー。")
@click.option("--worst", "count", type=click.IntRange(0, 1000), default=20, help="まちがいを何件見せるか。")
@click.option("--json", "as_json", is_flag=True, help="結果を JSON で書く。")
def test(folder: Path, count: int, as_json: bool) -> None:
    """知識がそろえた質問に正しく答えるかを測る。"""
    gold = _gold(folder)
    understander = understander_of(read_settings().knowledge)
    inside, outside = run(understander, gold.questions), run(understander, gold.outside)
    if as_json:
        click.echo(json.dumps({"inside": figures(inside), "outside": figures(outside)}))
        return
    areas = sorted({str(item.question.entry).split(".")[0] for item in inside.judged})
    for area in areas:
        part = Measured(tuple(i for i in inside.judged if str(i.question.entry).startswith(f"{area}.")))
        click.echo("\n".join(lines(part, f"{area:12}")))
    click.echo("\n".join([*lines(inside, "すべて"), *lines(outside, "範囲の外")]))
    click.echo("\n混同（求めた項目 → 1 位の項目）")
    for (wanted, given), times in inside.confusions()[:count]:
        click.echo(f"  {times:3}  {wanted} → {given}")
    click.echo("\n自信をもってまちがえたもの")
    for item in [*inside.worst(), *outside.worst()][:count]:
        sure = item.decision.candidates[0].confidence
        click.echo(f"  {sure:.2f}  {item.question.text}  求めた項目 {item.question.entry}、答え {item.best}")


def figures(measured: Measured) -> dict[str, float]:
    """Return the figures of one run by name."""
    shares = {
        name: measured.share(name) for name in ("right", "clarify", "clarify-missed", "fallback", "wrong")
    }
    made = {"questions": len(measured.judged), "hit@1": measured.hit1, "cost": measured.cost, **shares}
    return {name: round(value, 4) for name, value in made.items()}


@click.command()
@click.argument("old")
@click.argument("new", required=False)
@click.option("--gold", "folder", type=FOLDER, default=GOLD, help="質問のフォルダー。")
def compare(old: str, new: str | None, folder: Path) -> None:
    """2 つの知識（フォルダーか Git の版）の成績を比べる。NEW がなければ今の知識と比べる。"""
    questions = _gold(folder).questions
    with _content(old) as before, _content(new) as after:
        first = run(understander_of(before), questions)
        second = run(understander_of(after), questions)
    click.echo("\n".join([*lines(first, old), *lines(second, new or "今")]))
    changed = [
        (one, two)
        for one, two in zip(first.judged, second.judged, strict=True)
        if (one.outcome, one.best) != (two.outcome, two.best)
    ]
    click.echo(f"変わったもの {len(changed)} 件")
    for one, two in changed:
        click.echo(f"  {one.question.text}: {one.outcome} {one.best} → {two.outcome} {two.best}")


@contextmanager
def _content(name: str | None) -> Iterator[Path]:
    """Yield the content folder that `name` stands for: a folder, a Git revision, or the current one."""
    if name is None:
        yield read_settings().knowledge
        return
    if Path(name).is_dir():
        yield Path(name)
        return
    root = read_settings().knowledge.resolve()
    git = ["git", "-C", str(root), "archive", "--format=tar", name, "."]
    if name.startswith("-"):
        raise click.ClickException(f"「{name}」はフォルダーでも Git の版でもありません。")
    done = subprocess.run(git, capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        raise click.ClickException(f"「{name}」はフォルダーでも Git の版でもありません。")
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder)
