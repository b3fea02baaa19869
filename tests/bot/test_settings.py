"""Settings are checked at start, and every bad one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import SettingsError, read_settings, settings_table

ROOT = Path(__file__).parent.parent.parent


def test_defaults_need_nothing() -> None:
    settings = read_settings({})
    assert (settings.host, settings.port, settings.data_dir) == ("127.0.0.1", 8000, Path("var"))
    assert settings.database.startswith("sqlite:////")
    assert settings.line_secret is None


def test_values_are_read() -> None:
    settings = read_settings(
        {"PORT": "8080", "DATABASE_URL": "postgresql+psycopg://u@h/d", "LINE_API_BASE": "http://127.0.0.1:9/"}
    )
    assert (settings.port, settings.database, settings.line_api) == (
        8080, "postgresql+psycopg://u@h/d", "http://127.0.0.1:9",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("PORT", "٣٣"),
        ("DATABASE_URL", "mysql://x"),
        ("TOCHIMADO_QUEUE_URL", "amqp://x"),
        ("TOCHIMADO_SECRET", "short"),
        ("TOCHIMADO_WEB_WORKERS", "0"),
        ("TOCHIMADO_LOG_LEVEL", "LOUD"),
        ("TELEGRAM_API_BASE", "api.telegram.org"),
        ("TOCHIMADO_FRAME_ANCESTORS", "'self'; script-src *"),
    ],
)
def test_a_malformed_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read_settings({name: value})


def test_secrets_are_not_repeated() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"TELEGRAM_BOT_TOKEN": "1:x", "TELEGRAM_WEBHOOK_SECRET": "bad secret!"})
    assert "bad secret!" not in str(caught.value)


def test_half_a_channel_is_an_error_that_names_the_other_half() -> None:
    with pytest.raises(SettingsError, match="LINE_CHANNEL_ACCESS_TOKEN がありません"):
        read_settings({"LINE_CHANNEL_SECRET": "x"})


def test_all_problems_are_said_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"PORT": "x", "LINE_CHANNEL_SECRET": "x", "TOCHIMADO_SECRET": "x"})
    assert len(caught.value.problems) == 3


def test_the_settings_page_is_the_table() -> None:
    """`make docs` writes docs/settings.md from the same table."""
    assert settings_table() == (ROOT / "docs/settings.md").read_text(encoding="utf-8")
