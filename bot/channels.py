"""The channels that are sent to, from the settings."""

from __future__ import annotations

from adapters.base import Adapter
from adapters.line import LineAdapter
from adapters.telegram import TelegramAdapter
from bot import metrics
from bot.settings import Settings

CHANNELS = ("line", "telegram", "web")


def open_channels(settings: Settings) -> dict[str, Adapter]:
    """Return the adapters of the channels that have their settings, by name."""
    made: list[Adapter] = []
    if settings.line_secret and settings.line_token:
        made.append(
            LineAdapter(
                settings.line_secret,
                settings.line_token,
                settings.line_api,
                on_ignored=lambda event: _ignored("line", event),
            )
        )
    if settings.telegram_token and settings.telegram_secret:
        made.append(
            TelegramAdapter(
                settings.telegram_token,
                settings.telegram_secret,
                settings.telegram_api,
                on_ignored=lambda event: _ignored("telegram", event),
            )
        )
    return {adapter.name: adapter for adapter in made}


def _ignored(channel: str, event: str) -> None:
    metrics.IGNORED.labels(channel, event if event.isascii() and len(event) < 40 else "other").inc()
