"""LINE webhook bodies: from raw JSON to `IncomingMessage`.

Read from the JSON itself and never through the SDK's event classes, which drop what they do not know.
What is signed is never refused for its content: an event that means nothing to us is counted and left.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from adapters.base import JSON
from adapters.messages import EventKind, IncomingMessage

Ignored = Callable[[str], None]

MAX_EVENT_ID = 64
MAX_POSTBACK = 300
_SOURCES = {"user": "userId", "group": "groupId", "room": "roomId"}
_NAME = re.compile(r"[A-Za-z0-9_]{1,40}", re.ASCII)
_POSTBACK = re.compile(r"[\x20-\x7e]{1,%d}" % MAX_POSTBACK)  # noqa: UP031 - braces of the pattern


class BadBodyError(ValueError):
    """The body is not a JSON object."""


def parse_webhook(body: bytes, ignored: Ignored) -> list[IncomingMessage]:
    """Return the messages of a webhook body (UTF-8 JSON), each `webhookEventId` once, in their order.

    `ignored` is called with the type of every event that is not for us.
    Raises `BadBodyError` for what is not JSON, not an object or nested beyond reading.
    """
    try:
        content = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise BadBodyError("not JSON") from None
    if not isinstance(content, dict):
        raise BadBodyError("not an object")
    events = content.get("events")
    messages: dict[str, IncomingMessage] = {}
    for event in events if isinstance(events, list) else []:
        message = parse_event(event) if isinstance(event, dict) else None
        if message is None:
            ignored(_name(event.get("type") if isinstance(event, dict) else None))
        else:
            messages.setdefault(message.event_id, message)
    return list(messages.values())


def is_postback(data: str) -> bool:
    """Return whether `data` can be that of one of our buttons: printable ASCII, at most 300, not blank."""
    return bool(_POSTBACK.fullmatch(data)) and not data.isspace()


def parse_event(event: JSON) -> IncomingMessage | None:
    """Return one webhook event as a message, or None where it is not for us."""
    if event.get("mode") == "standby":  # another module holds the conversation
        return None
    source = _object(event, "source")
    user_id = _string(source, _SOURCES.get(str(source.get("type")), ""))
    if not user_id:
        return None
    fields: dict[str, Any] | None
    match event.get("type"):
        case "message":
            fields = _message(_object(event, "message"), in_group=source["type"] != "user")
        case "postback":
            data = _string(_object(event, "postback"), "data")
            fields = {"kind": "postback", "postback": data} if is_postback(data) else None
        case "follow" | "unfollow" as kind:
            fields = {"kind": kind}
        case "unsend":
            message_id = _string(_object(event, "unsend"), "messageId")
            fields = {"kind": "unsend", "ref": message_id} if message_id else None
        case _:
            fields = None
    if fields is None:
        return None
    return IncomingMessage(
        channel="line",
        user_id=user_id,
        event_id=_event_id(event),
        reply_token=_string(event, "replyToken") or None,
        redelivered=_object(event, "deliveryContext").get("isRedelivery") is True,
        **fields,
    )


def _message(message: JSON, *, in_group: bool) -> dict[str, Any] | None:
    """Return the fields of a message event; None for one in a group that does not address the bot."""
    kind: EventKind = "attachment"
    fields: dict[str, Any] = {"message_id": _string(message, "id") or None}
    mentions = [mention for mention in _mentions(message) if mention.get("isSelf") is True]
    if in_group and not mentions:
        return None
    text, place = message.get("text"), _place(message)
    match message.get("type"):
        case "text" if isinstance(text, str):
            kind, fields["text"] = "text", _without(text, mentions) if in_group else text
        case "location" if place:
            kind, fields["location"] = "location", place
        case other:
            fields["ref"] = _name(other)
    return {"kind": kind, **fields}


def _mentions(message: JSON) -> list[JSON]:
    mentionees = _object(message, "mention").get("mentionees")
    return [item for item in mentionees if isinstance(item, dict)] if isinstance(mentionees, list) else []


def _without(text: str, mentions: list[JSON]) -> str:
    """Return `text` without the names at `mentions` (places in UTF-16 code units), where they are names."""
    units = text.encode("utf-16-le", "surrogatepass")
    for mention in sorted(mentions, key=lambda item: str(item.get("index")).zfill(6), reverse=True):
        index, length = mention.get("index"), mention.get("length")
        if isinstance(index, int) and isinstance(length, int) and index >= 0 and length > 0:
            start, end = 2 * index, 2 * (index + length)
            if units[start : start + 2] == "@".encode("utf-16-le"):
                units = units[:start] + units[end:]
    return units.decode("utf-16-le", "surrogatepass").strip()


def _place(message: JSON) -> tuple[float, float] | None:
    """Return latitude and longitude in degrees, or None where they are no place on Earth."""
    latitude, longitude = _degrees(message, "latitude", 90), _degrees(message, "longitude", 180)
    return None if latitude is None or longitude is None else (latitude, longitude)


def _degrees(message: JSON, key: str, most: int) -> float | None:
    value = message.get(key)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if number and abs(value) <= most else None  # type: ignore[arg-type]


def _event_id(event: JSON) -> str:
    """Return `webhookEventId`, or, where that is missing, a digest that is the same on redelivery."""
    event_id = _string(event, "webhookEventId")
    if 0 < len(event_id) <= MAX_EVENT_ID and event_id.isascii() and event_id.isprintable():
        return event_id
    moment = event.get("timestamp")
    parts = [
        *(_string(event, "type"), _string(event, "replyToken"), _string(_object(event, "message"), "id")),
        str(moment) if isinstance(moment, int) else "",
        *(_string(_object(event, "source"), key) for key in _SOURCES.values()),
    ]
    return "sha256-" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:48]


def _object(parent: JSON, key: str) -> JSON:
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def _string(parent: JSON, key: str) -> str:
    value = parent.get(key)
    return value if isinstance(value, str) else ""


def _name(value: object) -> str:
    """Return a type's name when it can be one (it becomes the label of a counter), else `unknown`."""
    return value if isinstance(value, str) and _NAME.fullmatch(value) else "unknown"
