"""`tochimado purge`, `switch` and `telegram`: housekeeping and channels."""

from __future__ import annotations

import click

from adapters.base import DeliveryError
from adapters.telegram import TelegramAdapter
from bot.logs import configure_logs
from bot.secrets import deployment_secret, derived
from bot.settings import read_settings
from bot.storage.engine import open_database
from bot.storage.store import Store


@click.command()
@click.option(
    "--days", type=click.IntRange(0, 3650), help="この日数より古いものを消す（なければ設定の日数）。"
)
def purge(days: int | None) -> None:
    """保存期間を過ぎたやりとりを消す。"""
    settings = read_settings()
    store = Store(open_database(settings.database), derived(deployment_secret(settings), "user-ids"))
    kept = settings.retention_days if days is None else days
    gone = store.purge(kept, event_days=settings.event_days)
    click.echo(f"消しました: やりとり {gone.turns} 件、会話 {gone.sessions} 件、受信の記録 {gone.events} 件")


@click.command()
@click.argument("channel", type=click.Choice(["line", "telegram", "web"]))
@click.argument("state", type=click.Choice(["on", "off"]))
def switch(channel: str, state: str) -> None:
    """チャネルを止める（off: 点検中の案内だけを返す）、または再開する（on）。数秒で効く。"""
    settings = read_settings()
    store = Store(open_database(settings.database), derived(deployment_secret(settings), "user-ids"))
    store.switch(channel, state == "on")
    click.echo(f"{channel} を{'再開しました' if state == 'on' else '止めました'}。")


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
