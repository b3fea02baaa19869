"""An answer as residents will see it, for the terminal: messages in frames, buttons in brackets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from adapters.messages import Reply
from adapters.telegram_render import to_plain
from bot.staff.shown import Channel, rendered

WIDTH = 60
"""Columns inside a frame; a kanji takes two."""
_NAMES = {"line": "LINE", "telegram": "Telegram", "web": "ウェブ", "console": "端末"}

JSON = dict[str, Any]
Shown = tuple[list[str], list[list[str]]]
"""The paragraphs of one message, and its rows of buttons."""


def shown_messages(reply: Reply, channel: Channel) -> list[Shown]:
    """Return the messages of `reply` as words, from the payloads that the channel really gets."""
    return [_READERS[channel](message) for message in rendered(reply, channel)]


def preview(reply: Reply, channel: Channel) -> str:
    """Return `reply` as text in frames, one for each message."""
    messages = shown_messages(reply, channel)
    lines = [f"{_NAMES[channel]}: メッセージ {len(messages)} 通"]
    for number, (paragraphs, rows) in enumerate(messages, 1):
        lines.append(f"┌─ {number} " + "─" * (WIDTH - 1 - len(str(number))) + "┐")
        for text in "\n\n".join(paragraphs).split("\n"):
            lines += [f"│ {part}{' ' * (WIDTH - columns(part))} │" for part in wrap(text)]
        lines.append("└" + "─" * (WIDTH + 2) + "┘")
        lines += ["  " + " ".join(f"［{label}］" for label in row) for row in rows]
    return "\n".join(lines)


def columns(text: str) -> int:
    """Return the columns that `text` takes in a terminal."""
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


def wrap(text: str) -> Iterator[str]:
    """Yield `text` in lines of at most `WIDTH` columns, broken between words where there are any."""
    line = ""
    for word in re.findall(r"[!-~]{1,50}|\s|.", text):
        if columns(line) + columns(word) > WIDTH:
            yield line
            line = ""
        line += word
    yield line


# --- what each channel's payloads say -------------------------------------------------------------------


def _line(message: JSON) -> Shown:
    items = message.get("quickReply", {}).get("items", [])
    quick = [str(item["action"]["label"]) for item in items]
    if message["type"] == "text":
        return [str(message["text"])], [quick] if quick else []
    words: list[str] = []
    buttons: list[str] = []
    _flex(message["contents"], words, buttons)
    return words, [*([label] for label in buttons), *([quick] if quick else [])]


def _flex(part: JSON, words: list[str], buttons: list[str]) -> None:
    if part["type"] == "text":
        words.append(str(part["text"]))
    elif part["type"] == "button":
        buttons.append(str(part["action"]["label"]))
    for child in part.get("contents") or ([part["body"]] if "body" in part else []):
        _flex(child, words, buttons)


def _telegram(message: JSON) -> Shown:
    markup = message.get("reply_markup", {})
    rows = markup.get("inline_keyboard") or markup.get("keyboard") or []
    return [to_plain(str(message["text"]))], [[str(button["text"]) for button in row] for row in rows]


def _web(message: JSON) -> Shown:
    words: list[str] = []
    for block in message["blocks"]:
        if block["type"] == "phones":
            words += [
                f"☎ {p['label']} {p['number']} {p['hours']} {p['note']}".strip() for p in block["items"]
            ]
        elif block["type"] == "links":
            words += [f"🔗 {link['title']}\n{link['url']}" for link in block["items"]]
        elif block["type"] == "cards":
            words += [f"■ {card['title']}\n{card['text']}" for card in block["items"]]
        else:
            words.append(str(block["text"]))
    quick = [str(button["label"]) for button in message["quick_replies"]]
    return words, [quick] if quick else []


def _console(message: JSON) -> Shown:
    return [str(message["text"])], [[f"{n}. {label}"] for n, label in enumerate(message["choices"], 1)]


_READERS = {"line": _line, "telegram": _telegram, "web": _web, "console": _console}
