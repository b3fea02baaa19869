"""LINE's limits that its specification does not state (the table of `shared/specs/README.md`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from adapters.limits import graphemes

JSON = dict[str, Any]

_SIZES = frozenset(["xxs", "xs", "sm", "md", "lg", "xl", "xxl", "3xl", "4xl", "5xl"])
_SPACES = frozenset(["none", "xs", "sm", "md", "lg", "xl", "xxl"])
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}(?:[0-9A-Fa-f]{2})?")
_ONLY_QUICK = ("location", "camera", "cameraRoll")
_KB = 1000


def check_limits(message: JSON) -> None:
    """Assert that a message object keeps every limit."""
    faults = list(limit_faults(message))
    assert not faults, faults


def limit_faults(message: JSON) -> Iterator[str]:
    """Yield the limits that a message object breaks."""
    match message["type"]:
        case "text":
            yield from _length("text", message["text"], 5000)
        case "flex":
            yield from _length("altText", message["altText"], 400)
            yield from _flex(message["contents"])
        case "template":
            yield from _template(message["template"])
    if "quickReply" in message:
        items = message["quickReply"]["items"]
        if not 1 <= len(items) <= 13:
            yield f"quickReply: {len(items)} items"
        for item in items:
            yield from _action(item["action"], quick=True)


def _length(name: str, text: object, most: int, *, clusters: bool = False) -> Iterator[str]:
    """Yield the fault of a text that is blank or longer than `most` UTF-16 units (or grapheme clusters)."""
    if not isinstance(text, str) or not text.strip():
        yield f"{name}: blank"
        return
    if "\x00" in text or any("\ud800" <= ch <= "\udfff" for ch in text):
        yield f"{name}: not Unicode text"
        return
    count = len(graphemes(text)) if clusters else len(text.encode("utf-16-le")) // 2
    if count > most:
        yield f"{name}: {count} of {most}"


def _action(action: JSON, *, quick: bool = False, labelled: bool = True) -> Iterator[str]:
    kind = action.get("type")
    if labelled or "label" in action:
        yield from _length(f"{kind} label", action.get("label"), 20, clusters=True)
    for name, most in (("data", 300), ("displayText", 300), ("text", 300), ("uri", 1000)):
        if name in action:
            yield from _length(f"{kind} {name}", action[name], most)
    needed = {"uri": "uri", "postback": "data", "message": "text", "datetimepicker": "data"}.get(str(kind))
    if needed and needed not in action:
        yield f"{kind}: no {needed}"
    if kind in _ONLY_QUICK and not quick:
        yield f"{kind}: only in quick replies"


def _flex(container: JSON) -> Iterator[str]:
    bubbles = container["contents"] if container["type"] == "carousel" else [container]
    if not 1 <= len(bubbles) <= 12:
        yield f"carousel: {len(bubbles)} bubbles"
    if container["type"] == "carousel" and (size := len(json.dumps(container))) > 50 * _KB:
        yield f"carousel: {size} bytes"
    for bubble in bubbles:
        if (size := len(json.dumps(bubble))) > 30 * _KB:
            yield f"bubble: {size} bytes"
        parts = [bubble[name] for name in ("header", "hero", "body", "footer") if name in bubble]
        if not parts:
            yield "bubble: empty"
        for part in parts:
            yield from _component(part)


def _component(part: JSON) -> Iterator[str]:
    if part["type"] == "text" and not part.get("contents"):
        yield from _length("flex text", part.get("text"), 10_000)
    if part["type"] in ("text", "span", "icon") and part.get("size", "md") not in _SIZES:
        yield f"size: {part['size']}"
    for name in ("margin", "spacing"):
        if part.get(name, "md") not in _SPACES:
            yield f"{name}: {part[name]}"
    for name in ("color", "backgroundColor", "borderColor"):
        if not _COLOUR.fullmatch(part.get(name, "#000000")):
            yield f"{name}: {part[name]}"
    if "action" in part:
        yield from _action(part["action"], labelled=part["type"] == "button")
    for child in part.get("contents", []):
        yield from _component(child)


def _template(template: JSON) -> Iterator[str]:
    match template["type"]:
        case "buttons":
            yield from _column(template, text=160, actions=4)
        case "confirm":
            yield from _length("text", template["text"], 240, clusters=True)
            for action in template["actions"]:
                yield from _action(action)
        case "carousel":
            if not 1 <= len(template["columns"]) <= 10:
                yield f"template: {len(template['columns'])} columns"
            for column in template["columns"]:
                yield from _column(column, text=120, actions=3)


def _column(column: JSON, *, text: int, actions: int) -> Iterator[str]:
    if "title" in column:
        yield from _length("title", column["title"], 40, clusters=True)
    short = "title" in column or "thumbnailImageUrl" in column
    yield from _length("text", column["text"], 60 if short else text, clusters=True)
    if not 1 <= len(column["actions"]) <= actions:
        yield f"template: {len(column['actions'])} actions"
    for action in column["actions"]:
        yield from _action(action)
