"""Settings from the environment, checked at start. `docs/settings.md` is generated from this table."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from limits import parse_many

from knowledge.loader import CONTENT
from knowledge.review import Expired


class SettingsError(Exception):
    """Settings are missing or malformed. `problems`: one Japanese line each, naming the setting."""

    def __init__(self, problems: list[str]):
        super().__init__("\n".join(problems))
        self.problems = problems


def _port(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", value) or not 0 < int(value) < 65536:
        raise ValueError("1 から 65535 までの整数")
    return int(value)


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
            raise ValueError(f"{low} から {high} までの整数")
        return int(value)

    return read


def _base_url(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+(/[^\s]*)?", value):
        raise ValueError("http:// か https:// で始まるアドレス")
    return value.rstrip("/")


def _database(value: str) -> str:
    if not re.match(r"(sqlite:///|postgresql\+psycopg://)", value):
        raise ValueError("sqlite:///… か postgresql+psycopg://…")
    return value


def _queue(value: str) -> str:
    if not re.match(r"(redis|rediss|sqlite)://", value):
        raise ValueError("redis://… か sqlite://…")
    return value


def _secret_token(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value):
        raise ValueError("1〜256 文字の半角英数字と _ -")
    return value


def _long_secret(value: str) -> str:
    if len(value) < 32:
        raise ValueError("32 文字以上の、推測できない文字列")
    return value


def _switch(value: str) -> bool:
    if value not in ("0", "1"):
        raise ValueError("0（しない）か 1（する）")
    return value == "1"


def _expired(value: str) -> str:
    if value not in ("show", "withhold"):
        raise ValueError("show（注意を付けて見せる）か withhold（見せずに窓口を案内する）")
    return value


def _limit(value: str) -> str:
    try:
        parse_many(value)
    except ValueError:
        raise ValueError("30/minute;300/hour のような形") from None
    return value


def _setting(
    env: str, help_: str, default: Any = None, read: Callable[[str], Any] = str, secret: bool = False
) -> Any:
    return field(default=default, metadata={"env": env, "help": help_, "read": read, "secret": secret})


@dataclass(frozen=True)
class Settings:
    """All settings. Names, meanings and defaults are this table's; nothing else reads the environment."""

    port: int = _setting("PORT", "待ち受けるポート", 8000, _port)
    host: str = _setting("TOCHIMADO_HOST", "待ち受けるアドレス", "127.0.0.1")
    data_dir: Path = _setting("TOCHIMADO_DATA_DIR", "データを置くフォルダー", Path("var"), Path)
    knowledge: Path = _setting(
        "TOCHIMADO_KNOWLEDGE", "知識（YAML）のフォルダー。県が自前の置き場を持つときに変える", CONTENT, Path
    )
    database_url: str | None = _setting(
        "DATABASE_URL", "データベース。なければデータフォルダーの SQLite", None, _database, True
    )
    queue_url: str | None = _setting(
        "TOCHIMADO_QUEUE_URL", "裏方の仕事の待ち行列。なければデータフォルダーの SQLite", None, _queue, True
    )
    secret: str | None = _setting(
        "TOCHIMADO_SECRET",
        "会話の署名と利用者番号の鍵。なければデータフォルダーに作る。複数台では同じ値を設定する",
        None,
        _long_secret,
        True,
    )
    workers: int = _setting("TOCHIMADO_WEB_WORKERS", "Web プロセスの数", 2, _whole(1, 64))
    threads: int = _setting("TOCHIMADO_WEB_THREADS", "Web プロセスごとのスレッドの数", 16, _whole(1, 256))
    worker_threads: int = _setting(
        "TOCHIMADO_WORKER_THREADS", "裏方のプロセスで答えを作るスレッドの数", 2, _whole(1, 64)
    )
    senders: int = _setting(
        "TOCHIMADO_SENDERS", "裏方のプロセスで返事を送るスレッドの数（同時に送る数）", 16, _whole(1, 256)
    )
    late_seconds: int = _setting(
        "TOCHIMADO_LATE_SECONDS",
        "返事を送る価値がある時間（秒）。質問からこれより遅れた返事は送らない（命にかかわる返事は必ず送る）",
        3600,
        _whole(0, 86_400),
    )
    worker_metrics_port: int = _setting(
        "TOCHIMADO_WORKER_METRICS_PORT",
        "裏方のプロセスが /metrics を出すポート。0 なら出さない",
        0,
        _whole(0, 65_535),
    )
    retention_days: int = _setting("TOCHIMADO_RETENTION_DAYS", "やりとりを残す日数", 30, _whole(1, 365))
    event_days: int = _setting(
        "TOCHIMADO_EVENT_DAYS", "受信の記録（二重に答えないための番号だけ）を残す日数", 7, _whole(1, 365)
    )
    reload_seconds: int = _setting(
        "TOCHIMADO_RELOAD_SECONDS",
        "知識のファイルの変更を見に行く間隔（秒）。0 なら見ない",
        1,
        _whole(0, 3600),
    )
    expired: Expired = _setting(
        "TOCHIMADO_EXPIRED",
        "見直し期限（review_by）を過ぎた案内を、注意を付けて見せる（show）か、見せずに担当窓口を案内する（withhold）か",
        "show",
        _expired,
    )
    frame_ancestors: str = _setting(
        "TOCHIMADO_FRAME_ANCESTORS", "ウィジェットを埋め込んでよいサイト（CSP frame-ancestors）", "'self'"
    )
    log_level: str = _setting("TOCHIMADO_LOG_LEVEL", "記録の詳しさ（DEBUG INFO WARNING ERROR）", "INFO")
    trusted_proxies: int = _setting(
        "TOCHIMADO_TRUSTED_PROXIES", "前に置いた信頼できるリバースプロキシの段数", 0, _whole(0, 5)
    )
    turn_limit: str = _setting(
        "TOCHIMADO_TURN_LIMIT",
        "1 人が聞ける数（超えると、待つようにお願いする）",
        "30/minute;300/hour",
        _limit,
    )
    address_limit: str = _setting(
        "TOCHIMADO_ADDRESS_LIMIT",
        "Web の 1 つの接続元から受ける数。避難所などの共用回線も考えて大きくする",
        "1200/minute",
        _limit,
    )
    metrics_token: str | None = _setting(
        "TOCHIMADO_METRICS_TOKEN",
        "/metrics の合言葉（Bearer）。なければこの機械からだけ見られる",
        None,
        str,
        True,
    )
    line_secret: str | None = _setting("LINE_CHANNEL_SECRET", "LINE のチャネルシークレット", secret=True)
    line_token: str | None = _setting(
        "LINE_CHANNEL_ACCESS_TOKEN", "LINE のチャネルアクセストークン", secret=True
    )
    line_api: str = _setting("LINE_API_BASE", "LINE の API の場所", "https://api.line.me", _base_url)
    telegram_token: str | None = _setting("TELEGRAM_BOT_TOKEN", "Telegram のボットのトークン", secret=True)
    telegram_secret: str | None = _setting(
        "TELEGRAM_WEBHOOK_SECRET", "Telegram の Webhook の合言葉", None, _secret_token, True
    )
    telegram_api: str = _setting(
        "TELEGRAM_API_BASE", "Telegram の API の場所", "https://api.telegram.org", _base_url
    )

    @property
    def database(self) -> str:
        """The database's URL: the setting, or SQLite in the data folder."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'tochimado.sqlite3'}"

    @property
    def queue(self) -> str:
        """The queue's URL: the setting, or SQLite in the data folder."""
        return self.queue_url or f"sqlite://{self.data_dir.absolute() / 'queue.sqlite3'}"


PAIRS = (("line_secret", "line_token"), ("telegram_token", "telegram_secret"))


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of the environment.  Raises `SettingsError` naming every bad one."""
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    problems: list[str] = []
    for item in fields(Settings):
        name, raw = item.metadata["env"], environ.get(item.metadata["env"], "").strip()
        if not raw:
            continue
        try:
            values[item.name] = item.metadata["read"](raw)
        except ValueError as error:
            shown = "（値は伏せます）" if item.metadata["secret"] else f"「{raw}」"
            problems.append(f"設定 {name} の値{shown}が正しくありません。{error} を指定してください。")
    for pair in PAIRS:
        names = [item.metadata["env"] for item in fields(Settings) if item.name in pair]
        given = [name for name in names if environ.get(name, "").strip()]
        if len(given) == 1:
            (missing,) = set(names) - set(given)
            problems.append(f"設定 {missing} がありません。{given[0]} と組で指定してください。")
    level = values.get("log_level", "INFO")
    if level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        problems.append(
            f"設定 TOCHIMADO_LOG_LEVEL の値「{level}」は使えません。DEBUG INFO WARNING ERROR のどれかです。"
        )
    if "frame_ancestors" in values and re.search(r"[;,\r\n]", values["frame_ancestors"]):
        problems.append(
            "設定 TOCHIMADO_FRAME_ANCESTORS は空白で区切ったサイトの一覧です（; と , は使えません）。"
        )
    if problems:
        raise SettingsError(problems)
    return Settings(**values)


def settings_table() -> str:
    """Return the page of all settings in Markdown (docs/settings.md)."""
    rows = [
        "# 設定",
        "",
        "すべて環境変数です。起動のときに確かめ、誤りがあればその名前を示して止まります。",
        "このページは `make docs` が `bot/settings.py` から作ります。",
        "",
        "| 設定 | 意味 | 既定 |",
        "| --- | --- | --- |",
    ]
    for item in fields(Settings):
        default = item.default
        if isinstance(default, Path):
            default = "knowledge/content" if default == CONTENT else f"{default}/"
        shown = "（なし）" if default is None else f"`{default}`"
        rows.append(f"| `{item.metadata['env']}` | {item.metadata['help']} | {shown} |")
    return "\n".join(rows) + "\n"
