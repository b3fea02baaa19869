"""From one Telegram update to one `IncomingMessage`, or to the reason why nobody answers it.

An update is trusted to come from Telegram (the webhook's secret was checked) but not to have any shape:
types that the Bot API adds later, absent fields and fields of a wrong type end as `Ignored`, never as an
exception.  Field names follow https://core.telegram.org/bots/api (10.1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Final

from adapters.messages import IncomingMessage
from adapters.plain import clean

CHANNEL: Final = "telegram"
ALLOWED_UPDATES: Final = ("message", "edited_message", "callback_query", "my_chat_member")
"""The update types to ask Telegram for, and the ones `parse_update` understands."""

COMMANDS: Final = {"help": "help", "lang": "lang", "delete": "delete", "topics": "topics"}
"""Commands (without slash) and the postback that each one is."""

_OTHER_UPDATES = frozenset(
    {
        *("channel_post", "edited_channel_post", "guest_message", "poll", "poll_answer", "chat_member"),
        *("business_connection", "business_message", "edited_business_message", "deleted_business_messages"),
        *("message_reaction", "message_reaction_count", "inline_query", "chosen_inline_result"),
        *("shipping_query", "pre_checkout_query", "purchased_paid_media"),
        *("chat_join_request", "chat_boost", "removed_chat_boost", "managed_bot"),
    }
)
_ATTACHMENTS = {  # in this order: an animation comes with a document beside it, a live photo with a photo
    "sticker": "sticker",
    "animation": "video",
    "live_photo": "image",
    "photo": "image",
    "video": "video",
    "video_note": "video",
    "voice": "audio",
    "audio": "audio",
    "document": "file",
    "contact": "contact",
    "poll": "poll",
    "dice": "dice",
    "game": "game",
    "story": "story",
    "checklist": "checklist",
    "paid_media": "paid_media",
    "rich_message": "rich_message",
    "invoice": "invoice",
}
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,64})(?:@[A-Za-z0-9_]{1,64})?(?:\s+(.*))?", re.DOTALL)
_START_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ignored:
    """An update that is not answered. `kind` is one of a small, fixed set of names: fit for a metric."""

    kind: str


def parse_update(update: JSON, bot_id: int | None = None) -> IncomingMessage | Ignored:
    """Return the message in `update`, or why there is none to answer.

    `bot_id` is the bot's own user id; with it a reply in a group counts only when it answers this bot.
    `/start PAYLOAD` gives `follow` with the payload in `ref`.
    """
    event_id = _integer(update.get("update_id"))
    if event_id is None:
        return Ignored("malformed")
    for kind in ALLOWED_UPDATES:
        if isinstance(content := update.get(kind), dict):
            if kind == "callback_query":
                return _callback(content, str(event_id))
            if kind == "my_chat_member":
                return _membership(content, str(event_id))
            return _message(content, str(event_id), bot_id, edited=kind == "edited_message")
    return Ignored(next((kind for kind in update if kind in _OTHER_UPDATES), "unknown"))


def _message(message: JSON, event_id: str, bot_id: int | None, *, edited: bool) -> IncomingMessage | Ignored:
    chat, sender = _object(message, "chat"), _object(message, "from")
    chat_id = _integer(chat.get("id"))
    if chat_id is None:
        return Ignored("malformed")
    if sender.get("is_bot") is True:
        return Ignored("message.bot")
    if chat.get("type") == "channel":
        return Ignored("message.channel")
    base = IncomingMessage(
        CHANNEL,
        str(chat_id),
        event_id,
        message_id=_message_id(chat_id, message),
        lang_hint=_language(sender),
    )
    text, caption = _text(message, "text"), _text(message, "caption")
    if chat.get("type") != "private" and not _addressed(message, text or "", bot_id):
        return Ignored("message.group")
    if text is not None:
        return _words(text, base)
    if caption:
        return replace(base, text=caption)
    if edited:  # a live location moves, a photo is replaced: answered once is enough
        return Ignored("edited_message")
    if (place := _place(message)) is not None:
        return replace(base, kind="location", location=place)
    for field, ref in _ATTACHMENTS.items():
        if message.get(field):
            return replace(base, kind="attachment", ref=ref)
    return Ignored("message.service")


def _words(text: str, base: IncomingMessage) -> IncomingMessage:
    """Return what a typed text is: a command, or words."""
    command = _COMMAND.fullmatch(text)
    if command is None:
        return replace(base, text=text.removeprefix("/").strip() or text)
    name, rest = command[1].lower(), (command[2] or "").strip()
    if name == "start":
        return replace(base, kind="follow", ref=rest if _START_PAYLOAD.fullmatch(rest) else None)
    if name in COMMANDS:
        return replace(base, kind="postback", postback=COMMANDS[name])
    return replace(base, text=f"{command[1]} {rest}".strip())


def _callback(query: JSON, event_id: str) -> IncomingMessage | Ignored:
    message, sender = _object(query, "message"), _object(query, "from")
    chat_id = _integer(_object(message, "chat").get("id"))
    if sender.get("is_bot") is True:
        return Ignored("callback_query.bot")
    if chat_id is None or not message.get("date"):  # date is 0 where the message is not accessible any more
        return Ignored("callback_query.inaccessible")
    data, query_id = _text(query, "data"), _text(query, "id")
    if not data or not query_id:
        return Ignored("callback_query.no_data")
    return IncomingMessage(
        channel=CHANNEL,
        user_id=str(chat_id),
        event_id=event_id,
        kind="postback",
        postback=data,
        message_id=_message_id(chat_id, message),
        reply_token=query_id,
        lang_hint=_language(sender),
    )


def _membership(change: JSON, event_id: str) -> IncomingMessage | Ignored:
    chat_id = _integer(_object(change, "chat").get("id"))
    if chat_id is None:
        return Ignored("malformed")
    if _object(change, "new_chat_member").get("status") not in ("kicked", "left"):
        return Ignored("my_chat_member")
    return IncomingMessage(CHANNEL, str(chat_id), event_id, kind="unfollow")


def _addressed(message: JSON, text: str, bot_id: int | None) -> bool:
    """Return whether a message in a group is meant for the bot: a command, or a reply to it."""
    if _COMMAND.fullmatch(text):
        return True
    author = _object(_object(message, "reply_to_message"), "from")
    return author.get("is_bot") is True and (bot_id is None or author.get("id") == bot_id)


def _text(parent: JSON, field: str) -> str | None:
    """Return the field cleaned, None where it is not a string."""
    value = parent.get(field)
    return clean(value).strip() if isinstance(value, str) else None


def _place(message: JSON) -> tuple[float, float] | None:
    """Return (latitude, longitude) in degrees of a location or a venue, None where there is no valid one."""
    location = _object(message, "location") or _object(_object(message, "venue"), "location")
    latitude, longitude = _degrees(location.get("latitude"), 90), _degrees(location.get("longitude"), 180)
    return None if latitude is None or longitude is None else (latitude, longitude)


def _degrees(value: object, most: int) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= most:
        return None
    return float(value)


def _language(sender: JSON) -> str | None:
    code = sender.get("language_code")
    return code if isinstance(code, str) and _LANGUAGE_TAG.fullmatch(code) else None


def _message_id(chat_id: int, message: JSON) -> str | None:
    number = _integer(message.get("message_id"))
    return None if number is None else f"{chat_id}:{number}"


def _object(parent: JSON, field: str) -> JSON:
    value = parent.get(field)
    return value if isinstance(value, dict) else {}


def _integer(value: object) -> int | None:
    return value if type(value) is int and abs(value) < 2**63 else None
