"""Replies as residents get them, without a channel: through the same conversation and the same rendering."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from adapters import line_render, telegram_render
from adapters.console import ConsoleAdapter
from adapters.messages import IncomingMessage, Reply
from adapters.plain import button_json, render_blocks
from bot import postbacks
from bot.brain import Brain, build_brain
from bot.conversation import Conversation
from bot.session import Session
from knowledge.hours import JAPAN
from knowledge.loader import load_valid
from knowledge.models import Lang

Channel = Literal["line", "telegram", "web", "console"]
CHANNELS: tuple[Channel, ...] = ("line", "telegram", "web", "console")


def brain_of(root: Path) -> Brain:
    """Return what the bot knows from a content folder. Raises `KnowledgeError`."""
    return build_brain(load_valid(root)[0], root)


def reply_of(brain: Brain, entry_id: str, lang: Lang, now: datetime | None = None) -> Reply:
    """Return the answer with an entry to somebody who has spoken before. Raises KeyError if there is none."""
    if entry_id not in brain.knowledge.entries:
        raise KeyError(entry_id)
    moment = now or datetime.now(JAPAN)
    pressed = IncomingMessage(
        "console", "preview", "preview", "postback", postback=postbacks.data(postbacks.ENTRY, entry_id)
    )
    session = Session(lang=lang, lang_chosen=True, greeted=True)
    reply = Conversation(lambda: brain, now=lambda: moment).handle(pressed, session).reply
    if reply is None:
        raise RuntimeError("a pressed button is always answered")
    return reply


def rendered(reply: Reply, channel: Channel) -> list[dict[str, Any]]:
    """Return the payloads of a channel, within its limits, as its adapter makes them."""
    if channel == "line":
        return line_render.render(reply)
    if channel == "telegram":
        return telegram_render.render_messages(reply)
    if channel == "web":
        buttons = [button_json(button) for button in reply.quick_replies]
        return [{"blocks": render_blocks(reply), "quick_replies": buttons, "lang": reply.lang}]
    return ConsoleAdapter().render(reply)
