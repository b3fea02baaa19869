"""`tochimado new`, `preview`, `replay`, `export`, `import-entries`, `translated`: tools for staff."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

import click
from sqlalchemy import select

from adapters.messages import Reply
from bot.settings import read_settings
from bot.staff.preview import preview as framed
from bot.staff.preview_page import preview_page
from bot.staff.replay import Change, VersionError, version
from bot.staff.replay import replay as run_replay
from bot.staff.scaffold import Draft, ScaffoldError, add_entry, check_id, entry_text, target
from bot.staff.sheetfiles import SheetError
from bot.staff.shown import CHANNELS, Channel, brain_of, reply_of
from bot.staff.spreadsheet import export as export_sheet
from bot.staff.spreadsheet import import_entries as import_sheet
from bot.storage.engine import open_database
from bot.storage.tables import Turn
from intents.masking import mask
from knowledge.gold import GOLD, Question, load_gold
from knowledge.hours import JAPAN
from knowledge.loader import load, load_valid
from knowledge.models import LANGS, Knowledge, Lang
from knowledge.translations import FILE, record_translations

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_LANG = click.Choice(LANGS)


def _unknown(entry_id: str, knowledge: Knowledge) -> click.ClickException:
    near = get_close_matches(entry_id, sorted(knowledge.entries), n=3)
    hint = f"「{'」「'.join(near)}」ではありませんか。" if near else "id を確かめてください。"
    return click.ClickException(f"項目「{entry_id}」はありません。{hint}")


# --- new ------------------------------------------------------------------------------------------------


@click.command()
@click.argument("entry_id", metavar="ID")
@click.option("--title", help="題（20 文字まで）。")
@click.option("--ask", "asks", multiple=True, help="住民の聞き方。何度でも書ける。")
@click.option("--answer", help="答え。")
@click.option("--owner", help="担当窓口（counters.yaml の名前）。")
@click.option("--source", help="確かめた資料の名前。")
@click.option("--url", help="確かめたページのアドレス。")
@click.option("--file", "file", type=click.Path(path_type=Path), help="書き足すファイル（なければ選ぶ）。")
def new(
    entry_id: str,
    title: str | None,
    asks: Sequence[str],
    answer: str | None,
    owner: str | None,
    source: str | None,
    url: str | None,
    file: Path | None,
) -> None:
    """新しい項目を作る。書かなかったことは順に聞く。例: tochimado new living.trash-app"""
    root = read_settings().knowledge
    knowledge, _ = load(root)
    try:
        check_id(entry_id, knowledge)
    except ScaffoldError as error:
        raise click.ClickException(str(error)) from error
    title = title or click.prompt("題（20 文字まで。例: 粗大ごみの出し方）")
    asks = list(asks) or _several("住民はどう聞きますか（1 行に 1 つ。空の行で終わり）")
    answer = answer or "\n".join(_several("答え（空の行で終わり）"))
    owner = owner or click.prompt("担当窓口（counters.yaml の名前）", default="municipality")
    source = source or click.prompt("確かめた資料の名前（例: 栃木県公式サイト）")
    if not asks or not answer.strip():
        raise click.ClickException("聞き方と答えは 1 つ以上必要です。もう一度書いてください。")
    if owner not in knowledge.counters:
        near = get_close_matches(owner, sorted(knowledge.counters), n=3)
        raise click.ClickException(f"窓口「{owner}」は counters.yaml にありません。{' '.join(near)}".strip())
    path = target(root, entry_id, file)
    draft = Draft(entry_id, title, asks, answer, owner, source, url or None)
    wrong = add_entry(root, path, entry_text(draft, datetime.now(JAPAN).date()))
    if wrong:
        raise click.ClickException("作れませんでした。\n" + "\n".join(problem.message for problem in wrong))
    click.echo(f"作りました: {path}")
    click.echo(f"次は: tochimado preview {entry_id} と tochimado check")


def _several(question: str) -> list[str]:
    click.echo(question)
    lines: list[str] = []
    while line := click.prompt("", default="", show_default=False, prompt_suffix="> ").strip():
        lines.append(line)
    return lines


# --- preview --------------------------------------------------------------------------------------------


@click.command()
@click.argument("entry_id", metavar="ID")
@click.option("--channel", type=click.Choice(CHANNELS), default="line", help="どの画面で見るか。")
@click.option("--lang", type=_LANG, default="ja", help="言語。")
@click.option("--html", "page", type=click.Path(path_type=Path), help="ブラウザーで見るページを書き出す。")
def preview(entry_id: str, channel: Channel, lang: Lang, page: Path | None) -> None:
    """項目が住民にどう見えるかを見る。"""
    brain = brain_of(read_settings().knowledge)
    try:
        reply: Reply = reply_of(brain, entry_id, lang)
    except KeyError:
        raise _unknown(entry_id, brain.knowledge) from None
    if page is None:
        click.echo(framed(reply, channel))
        return
    page.write_text(preview_page(reply, channel, f"{entry_id}（{channel}、{lang}）"), encoding="utf-8")
    click.echo(f"書きました: {page}")


# --- replay ---------------------------------------------------------------------------------------------


@click.command()
@click.argument("old")
@click.argument("new", required=False)
@click.option("--gold", "folder", type=FOLDER, default=GOLD, help="質問のフォルダー。")
@click.option("--recorded", is_flag=True, help="住民が実際に聞いた質問（番号などは伏せて保存）で比べる。")
@click.option("--text", "whole", is_flag=True, help="文章だけの違いも、前と後を並べて見せる。")
def replay(old: str, new: str | None, folder: Path, recorded: bool, whole: bool) -> None:
    """2 つの知識（フォルダーか Git の版）に同じ質問をして、答えが変わるものを見せる。NEW がなければ今の知識。

    例: tochimado replay HEAD（最後に公開した版と、手もとの今の版）
    """
    root = read_settings().knowledge
    questions = _recorded() if recorded else list(load_gold(folder).questions)
    if not questions:
        raise click.ClickException("質問が 1 つもありません。")
    try:
        with version(old, root) as before, version(new or str(root), root) as after:
            changes = run_replay(brain_of(before), brain_of(after), questions)
    except VersionError as error:
        raise click.ClickException(str(error)) from error
    for change in changes:
        click.echo("\n".join(_change_lines(change, whole)))
    moved = sum(change.what == "entry" for change in changes)
    click.echo(
        f"質問 {len(questions)} 件のうち、答えが変わるもの {len(changes)} 件"
        f"（別の項目になる {moved} 件、文章などが変わる {len(changes) - moved} 件）"
    )


def _recorded() -> list[Question]:
    """Return what residents asked, each once; it was masked before it was kept, and is once more here."""
    with open_database(read_settings().database).connect() as connection:
        rows = connection.execute(select(Turn.said, Turn.lang).where(Turn.said.is_not(None)).distinct())
        said = {(mask(str(text)), str(lang)) for text, lang in rows if str(text).strip()}
    return [
        Question(text, None, next((known for known in LANGS if known == lang), None))
        for text, lang in sorted(said)
    ]


def _change_lines(change: Change, whole: bool) -> list[str]:
    before, after = change.before, change.after
    head = f"■ {change.question.text}"
    if change.what != "text":
        lines = [
            head,
            f"    前: {before.kind} {before.entry or 'なし'}",
            f"    後: {after.kind} {after.entry or 'なし'}",
        ]
        wanted = change.question.entry
        return [*lines, f"    正解: {wanted}"] if wanted else lines
    if not whole:
        return [f"{head}    文章が変わる（{after.entry or after.kind}）"]
    changed = difflib.unified_diff(before.text.splitlines(), after.text.splitlines(), lineterm="", n=0)
    return [head, *(f"    {line}" for line in changed if not line.startswith(("---", "+++", "@@")))]


# --- spreadsheets ---------------------------------------------------------------------------------------


@click.command(name="export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def export_entries(file: Path) -> None:
    """すべての項目を表（.csv か .xlsx）に書き出す。"""
    try:
        count = export_sheet(read_settings().knowledge, file)
    except SheetError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{file} に書けません（{error.strerror}）。") from error
    click.echo(f"{count} 件を書き出しました: {file}")


@click.command(name="import-entries")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="何が変わるかを見せるだけで、書きかえない。")
def import_entries(file: Path, dry_run: bool) -> None:
    """表（.csv か .xlsx）の内容を YAML に取り込む。表にない項目はそのまま残る。"""
    root = read_settings().knowledge
    try:
        before = {path: path.read_text(encoding="utf-8-sig") for path in root.rglob("*.yaml")}
        made = import_sheet(root, file, write=not dry_run)
    except SheetError as error:
        raise click.ClickException(f"取り込めません。何も変えていません。\n{error}") from error
    except OSError as error:
        raise click.ClickException(f"{file} を取り込めません（{error.strerror}）。") from error
    if dry_run:
        for path, text in made.files.items():
            lines = before.get(path, "").splitlines(), text.splitlines()
            for line in difflib.unified_diff(*lines, f"今 {path}", f"後 {path}", lineterm="", n=1):
                click.echo(line)
    verb = "変わるもの" if dry_run else "変えたもの"
    click.echo(
        f"{verb} {len(made.changed)} 件、新しいもの {len(made.added)} 件、ファイル {len(made.files)} 個"
    )


# --- translations ---------------------------------------------------------------------------------------


@click.command()
@click.argument("ids", nargs=-1, metavar="ID…")
@click.option("--all", "every", is_flag=True, help="すべての項目。")
@click.option("--lang", "langs", type=_LANG, multiple=True, help="この言語だけ（何度でも書ける）。")
def translated(ids: Sequence[str], every: bool, langs: Sequence[Lang]) -> None:
    """訳を見直したことを記録する。これ以後、日本語が変わると check が知らせる。"""
    if every == bool(ids):
        raise click.UsageError("項目の id を書くか、--all を付けてください（両方は使えません）。")
    root = read_settings().knowledge
    knowledge, _ = load_valid(root)
    unknown = next((key for key in ids if key not in knowledge.entries), None)
    if unknown is not None:
        raise _unknown(unknown, knowledge)
    try:
        count = record_translations(root, knowledge, ids or list(knowledge.entries), langs or LANGS)
    except ValueError as error:
        raise click.ClickException(f"{root / FILE}: {error}") from error
    except OSError as error:
        raise click.ClickException(f"{root / FILE} に書けません（{error.strerror}）。") from error
    click.echo(f"{count} 個の訳を、今の日本語に合うものとして記録しました: {root / FILE}")


COMMANDS = (new, preview, replay, export_entries, import_entries, translated)
