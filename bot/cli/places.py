"""`tochimado import`: official open data into the places store."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from bot.places.imports import Plan, apply, apply_corrections, plan
from bot.places.rows import CORRECTIONS, Corrections, read_corrections
from bot.places.shipped import DATASET, shipped
from bot.places.store import PlaceStore
from bot.settings import Settings, read_settings
from bot.storage.engine import migrate, open_database
from knowledge.hours import JAPAN
from knowledge.loader import load
from knowledge.opendata import BY_NAME, Options, Reading, ReadingError, read_files
from knowledge.opendata.files import Progress

KINDS: dict[str, tuple[str, ...]] = {
    "auto": (),
    "medical": ("hospital", "clinic", "dental", "pharmacy", "maternity", "night_clinic"),
    "hospital": ("hospital", "night_clinic"),
    "clinic": ("clinic", "night_clinic"),
    "dental": ("dental", "night_clinic"),
    "pharmacy": ("pharmacy",),
    "maternity": ("maternity",),
    "shelter": ("shelter_emergency", "shelter"),
    "sight": ("sight",),
    "culture": ("culture",),
    "facility": ("facility",),
    "event": ("event",),
    "wifi": ("wifi",),
    "aed": ("aed",),
    "care": ("care",),
    "childcare": ("childcare",),
    "toilet": ("toilet",),
    "town": ("town",),
    "postal": ("postal",),
    "station": ("station",),
}
"""What staff may say that a file holds; the layout itself is told by the file's headers."""
OWN = ("shipped", "corrections")
SHOWN = 20
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command(name="import")
@click.argument("kind", type=click.Choice(list(dict.fromkeys((*KINDS, *BY_NAME, *OWN)))), metavar="KIND")
@click.argument("files", nargs=-1, type=FILE)
@click.option("--diff", is_flag=True, help="何が増え、変わり、なくなるかを示すだけで、書き込まない。")
@click.option("--json", "as_json", is_flag=True, help="結果を JSON で書く。")
@click.option("--dataset", help="ひとまとまりの名前（なければ様式とファイル名から）。")
@click.option("--source", help="出典（なければ様式の公開元）。")
@click.option("--credit", help="クレジットの文。")
@click.option("--licence", help="ライセンス（例: CC BY 4.0）。")
@click.option(
    "--checked", type=click.DateTime(["%Y-%m-%d"]), help="データの日付（なければファイル名の日付）。"
)
@click.option("--close-missing", is_flag=True, help="なくなったものが多すぎても、閉じたことにする。")
def import_(
    kind: str,
    files: tuple[Path, ...],
    diff: bool,
    as_json: bool,
    dataset: str | None,
    source: str | None,
    credit: str | None,
    licence: str | None,
    checked: datetime | None,
    close_missing: bool,
) -> None:
    """公式のオープンデータ（CSV、GeoJSON、zip）を場所として取り込む。

    KIND は auto（見出しから判断）、medical、shelter、sight、care などの種類か、様式の名前。
    shipped は最初から入っている場所、corrections は corrections.yaml の訂正だけを反映する。
    同じファイルをもう一度取り込んでも何も変わらない。
    """
    settings = read_settings()
    corrections = read_corrections(settings.knowledge / CORRECTIONS, datetime.now(JAPAN).date())
    for problem in corrections.problems:
        click.echo(str(problem), err=True)
    migrate(settings.database)
    store = PlaceStore(open_database(settings.database))
    if kind == "corrections":
        _corrections(store, corrections, as_json)
        return
    if kind == "shipped":
        reading = Reading("shipped", "最初から入っている場所", shipped(), rows=len(shipped()))
        _take(store, reading, DATASET, corrections, diff, as_json, close_missing)
        return
    if not files:
        raise click.UsageError("取り込むファイルを指定してください。")
    options = (source, checked.date() if checked else None, credit, licence)
    reading = _read(kind, files, settings, *options)
    wanted = KINDS.get(kind, ())
    if wanted and reading.places and not any(place.kind in wanted for place in reading.places):
        found = sorted({place.kind for place in reading.places})
        raise click.ClickException(
            f"「{kind}」の場所がありません（あったのは {'、'.join(found)}）。auto で取り込めます。"
        )
    _take(
        store,
        reading,
        dataset or dataset_name(reading.layout, files),
        corrections,
        diff,
        as_json,
        close_missing,
    )


def dataset_name(layout: str, files: Sequence[Path]) -> str:
    """Return the name of a set of files: the same for next month's edition, whose date is another."""
    stems = sorted({re.sub(r"[\d_\-. ]*(?:20\d\d|[RHr]\d)[\d_\-. ]*", "_", path.stem) for path in files})
    return f"{layout}:{'+'.join(stems)}"[:120]


def _read(
    kind: str,
    files: Sequence[Path],
    settings: Settings,
    source: str | None,
    checked: date | None,
    credit: str | None,
    licence: str | None,
) -> Reading:
    knowledge, _ = load(settings.knowledge)
    towns = {town.name: town.code for town in knowledge.municipalities.values()}
    layout = kind if kind in BY_NAME and kind not in KINDS else None
    try:
        with _progress("読み込み") as tick:
            return read_files(files, Options(layout, source, checked, towns, credit, licence, tick))
    except ReadingError as error:
        raise click.ClickException(str(error)) from error


def _take(
    store: PlaceStore,
    reading: Reading,
    dataset: str,
    corrections: Corrections,
    diff: bool,
    as_json: bool,
    close_missing: bool,
) -> None:
    """Say what `reading` changes, and change it unless only the difference is wanted."""
    made = plan(store, reading.places, dataset, corrections)
    if not diff:
        with _progress("書き込み") as tick:
            done = 0

            def wrote(count: int) -> None:
                nonlocal done
                done += count
                tick(done, len(made.write))

            apply(store, made, corrections, wrote, close_missing)
    if as_json:
        click.echo(json.dumps(_summary(reading, made, diff), ensure_ascii=False))
    else:
        _tell(reading, made, diff)
    if reading.rows and not reading.places:
        sys.exit(1)


def _summary(reading: Reading, made: Plan, diff: bool) -> dict[str, Any]:
    kinds: dict[str, int] = {}
    for place in reading.places:
        kinds[place.kind] = kinds.get(place.kind, 0) + 1
    problems = [
        {"file": p.file, "line": p.line, "column": p.column, "value": p.value}
        | {"reason": p.reason, "effect": p.effect}
        for p in reading.problems
    ]
    return {
        "layout": reading.layout,
        "rows": reading.rows,
        "places": len(reading.places),
        "rejected": reading.rejected,
        "outside": reading.outside,
        "kinds": kinds,
        "source": reading.source,
        "credit": reading.credit,
        "licence": reading.licence,
        "written": not diff,
        **made.as_json(),
        "problems": problems,
    }


def _tell(reading: Reading, made: Plan, diff: bool) -> None:
    for problem in reading.problems:
        if problem.effect == "row":
            click.echo(str(problem), err=True)
    dropped = [problem for problem in reading.problems if problem.effect == "value"]
    for problem in dropped[:SHOWN]:
        click.echo(f"{problem}（この値だけ使いません）", err=True)
    if len(dropped) > SHOWN:
        click.echo(f"ほかに、使わなかった値が {len(dropped) - SHOWN} 件（--json ですべて）", err=True)
    kinds = _summary(reading, made, diff)["kinds"]
    click.echo(f"様式: {reading.title or reading.layout}")
    counted = "、".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
    click.echo(f"行 {reading.rows}、場所 {len(reading.places)}（{counted}）、除いた行 {reading.rejected}")
    if reading.outside:
        click.echo(f"ほかの都道府県の行 {reading.outside}（使いません）")
    if diff:
        _rows("増える", [f"{p.name}（{p.key}）" for p in made.added])
        _rows("変わる", [f"{c.name}（{c.key}）: {'、'.join(c.fields)}" for c in made.changed])
        _rows("なくなる", [f"{s.place.name}（{s.place.key}）" for s in made.close])
    verb = ("増える", "変わる", "なくなる") if diff else ("追加", "変更", "閉鎖")
    click.echo(
        f"{verb[0]} {len(made.added)}、{verb[1]} {len(made.changed)}、{verb[2]} {len(made.close)}、"
        f"同じ {made.same}、職員の訂正を優先 {len(made.kept)}"
    )
    if made.older:
        click.echo(
            f"注意: {len(made.older)} 件は、前に取り込んだ別のファイルの方が新しい日付なので、変えません"
            "（このファイルの日付は --checked で付けられます）。"
        )
    if made.doubtful:
        click.echo(
            f"注意: 前回あった {len(made.doubtful)} 件がこのファイルにありません。"
            "多いので閉じたことにしていません（本当に閉じたなら --close-missing）。"
        )
    if any(place.checked is None for place in reading.places):
        click.echo("注意: データの日付が分かりません。--checked 2026-04-01 のように付けると答えに出ます。")
    for line in dict.fromkeys((reading.credit, f"ライセンス: {reading.licence}" if reading.licence else "")):
        if line:
            click.echo(line)


def _rows(title: str, rows: Sequence[str]) -> None:
    for row in rows[:SHOWN]:
        click.echo(f"{title}: {row}")
    if len(rows) > SHOWN:
        click.echo(f"{title}: ほか {len(rows) - SHOWN} 件")


def _corrections(store: PlaceStore, corrections: Corrections, as_json: bool) -> None:
    changed, unknown = apply_corrections(store, corrections)
    if as_json:
        click.echo(json.dumps({"changed": changed, "unknown": unknown}, ensure_ascii=False))
        return
    for key in unknown:
        click.echo(f"注意: 「{key}」という場所はありません。", err=True)
    click.echo(f"訂正 {len(corrections.rows)} 件のうち、変わった場所 {changed} 件")


@contextmanager
def _progress(label: str) -> Iterator[Progress]:
    """Yield what hears (done, total); shown on a terminal only, in steps of a tenth elsewhere."""
    told = -1

    def tick(done: int, total: int) -> None:
        nonlocal told
        tenth = 10 * done // max(1, total)
        if tenth > told and total > 5000:
            told = tenth
            click.echo(f"\r{label} {tenth * 10} %", err=True, nl=not sys.stderr.isatty())

    yield tick
    if told >= 0 and sys.stderr.isatty():
        click.echo(err=True)
