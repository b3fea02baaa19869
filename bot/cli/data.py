"""`tochimado purge`, `switch` and `telegram`: housekeeping and channels."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple
from datetime import datetime, timedelta

import click
from sqlalchemy.exc import SQLAlchemyError

from adapters.base import DeliveryError
from adapters.telegram import TelegramAdapter
from bot.durable.outbox import Outbox
from bot.durable.sealing import Sealer
from bot.logs import configure_logs
from bot.secrets import deployment_secret, derived
from bot.settings import Settings, read_settings
from bot.storage.database import Database
from bot.storage.engine import open_database
from bot.storage.statistics import Statistics
from bot.storage.store import Store
from knowledge.hours import JAPAN
from knowledge.phrases import load_phrases


@contextmanager
def _store(settings: Settings) -> Iterator[Store]:
    """The store of a deployment; a database that cannot be used is said without a traceback."""
    engine = open_database(settings.database)
    try:
        yield Store(engine, derived(deployment_secret(settings), "user-ids"))
    except SQLAlchemyError as error:
        raise click.ClickException(
            f"データベースを使えません（{type(error).__name__}）。設定 DATABASE_URL か TOCHIMADO_DATA_DIR が"
            "動いているデータベースを指しているか、`tochimado migrate` が済んでいるかを確かめてください。"
        ) from error
    finally:
        engine.dispose()


@click.command()
@click.option(
    "--days", type=click.IntRange(0, 3650), help="この日数より古いものを消す（なければ設定の日数）。"
)
def purge(days: int | None) -> None:
    """保存期間を過ぎたやりとりを消す。"""
    settings = read_settings()
    kept = settings.retention_days if days is None else days
    with _store(settings) as store:
        gone = store.purge(kept, event_days=settings.event_days)
    click.echo(f"消しました: やりとり {gone.turns} 件、会話 {gone.sessions} 件、受信の記録 {gone.events} 件")


@click.command()
@click.argument("channel", type=click.Choice(["line", "telegram", "web"]))
@click.argument("state", type=click.Choice(["on", "off"]))
def switch(channel: str, state: str) -> None:
    """チャネルを止める（off: 点検中の案内だけを返す）、または再開する（on）。数秒で効く。"""
    settings = read_settings()
    with _store(settings) as store:
        store.switch(channel, state == "on")
    click.echo(f"{channel} を{'再開しました' if state == 'on' else '止めました'}。")


@click.group()
def dead() -> None:
    """送れなかった返事を見る、もう一度送る、捨てる。"""


@dead.command("list")
def dead_list() -> None:
    """送れなかった返事を並べる（だれに、何を、は出さない）。"""
    letters = _outbox().dead_letters()
    for letter in letters:
        at = datetime.fromtimestamp(letter.at, JAPAN).strftime("%Y-%m-%d %H:%M")
        click.echo(f"{letter.id}\t{at}\t{letter.channel}\t{letter.tries} 回\t{letter.reason}")
    click.echo(f"送れなかった返事は {len(letters)} 件です。", err=True)


@dead.command("resend")
@click.argument("numbers", type=int, nargs=-1, required=True)
def dead_resend(numbers: tuple[int, ...]) -> None:
    """番号の返事をもう一度送る。"""
    outbox = _outbox()
    for number in numbers:
        found = outbox.revive(number)
        click.echo(f"{number}: {'もう一度送ります。' if found else '送れなかった返事にありません。'}")


@dead.command("drop")
@click.argument("numbers", type=int, nargs=-1, required=True)
def dead_drop(numbers: tuple[int, ...]) -> None:
    """番号の返事を捨てる。"""
    outbox = _outbox()
    for number in numbers:
        found = outbox.drop(number)
        click.echo(f"{number}: {'捨てました。' if found else '送れなかった返事にありません。'}")


def _outbox() -> Outbox:
    settings = read_settings()
    database = Database(open_database(settings.database))
    return Outbox(database, Sealer(derived(deployment_secret(settings), "sealed")))


@click.command()
@click.option("--days", type=click.IntRange(1, 3650), default=30, help="何日前から。")
@click.option("--reasons", is_flag=True, help="立たなかった理由を、項目ごとに多い順で。")
def stats(days: int, reasons: bool) -> None:
    """日ごとの件数を CSV で書く（チャネル、言語、決定、項目、役に立った・立たなかった）。"""
    statistics = Statistics(Database(open_database(read_settings().database)))
    today = datetime.now(JAPAN).date()
    writer = csv.writer(sys.stdout)
    if reasons:
        phrases = load_phrases()
        writer.writerow(["項目", "理由", "件数"])
        for entry, reason, number in statistics.reasons(datetime.now(JAPAN) - timedelta(days=days)):
            writer.writerow([entry, phrases.say(f"why-{reason}", "ja"), number])
        return
    statistics.count_lately()
    writer.writerow(["日", "チャネル", "言語", "決定", "項目", "件数", "役に立った", "立たなかった"])
    for row in statistics.days(today - timedelta(days=days)):
        writer.writerow(astuple(row))


@click.command()
@click.argument("url")
def telegram(url: str) -> None:
    """Telegram に Webhook の場所とコマンドの一覧を登録する。URL は https://…/webhook/telegram。"""
    settings = read_settings()
    configure_logs(settings.log_level)
    if not (settings.telegram_token and settings.telegram_secret):
        raise click.ClickException("設定 TELEGRAM_BOT_TOKEN と TELEGRAM_WEBHOOK_SECRET を指定してください。")
    if not url.startswith("https://"):
        raise click.ClickException("Telegram の Webhook は https:// で始まる場所でなければなりません。")
    adapter = TelegramAdapter(settings.telegram_token, settings.telegram_secret, settings.telegram_api)
    try:
        adapter.set_webhook(url)
        adapter.set_commands()
    except DeliveryError as error:
        raise click.ClickException(f"Telegram に登録できませんでした（{error.reason}）。") from error
    click.echo("登録しました。")
