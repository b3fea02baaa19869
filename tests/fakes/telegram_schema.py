"""A check of Bot API calls against the specification `telegram/api.json` and the limits told in its prose."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]

MAX_TEXT = 4096
MAX_RAW_TEXT = 35_000  # bytes; tdlib cuts off silently there
MAX_ENTITIES = 100
MAX_CALLBACK_DATA = 64
MAX_CALLBACK_ANSWER = 200
MAX_ROW, MAX_BUTTONS = 8, 100
CHAT_ACTIONS = frozenset(
    {
        *("typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice"),
        *("upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note"),
    }
)
_BUTTON_STYLE = {"text", "icon_custom_emoji_id", "style"}


def specs_folder() -> Path | None:
    """Return the folder with `telegram/api.json`, None where there is none on this machine."""
    named = os.environ.get("TOCHIMADO_SPECS")
    places = [Path(named)] if named else [Path("/work/shared/specs"), REPOSITORY.parent / "shared" / "specs"]
    return next((place for place in places if (place / "telegram" / "api.json").is_file()), None)


@cache
def load_specification(folder: Path) -> dict[str, Any]:
    """Return the specification as it is published."""
    specification: dict[str, Any] = json.loads((folder / "telegram" / "api.json").read_text(encoding="utf-8"))
    return specification


class Schema:
    """The types and methods of the Bot API."""

    def __init__(self, specification: dict[str, Any]):
        self.methods: dict[str, Any] = specification["methods"]
        self.types: dict[str, Any] = specification["types"]

    def problems(self, method: str, fields: dict[str, Any]) -> list[str]:
        """Return what is wrong with a call: types and required fields first, then limits; [] if nothing."""
        found = list(self._object(self.methods[method], fields, method))
        return found or list(_limits(method, fields))

    def type_problems(self, name: str, value: Any) -> list[str]:
        """Return what is wrong with `value` as the type `name` (`Update`, `Array of String`, ...)."""
        return list(self._value([name], value, name))

    def _object(self, description: dict[str, Any], value: dict[str, Any], where: str) -> Iterator[str]:
        fields = {field["name"]: field for field in description.get("fields", [])}
        yield from (f"{where}.{name}: unknown field" for name in value.keys() - fields.keys())
        for name, field in fields.items():
            if name in value:
                yield from self._value(field["types"], value[name], f"{where}.{name}")
            elif field["required"]:
                yield f"{where}.{name}: required"

    def _value(self, types: list[str], value: Any, where: str) -> Iterator[str]:
        """Yield the problems with the type that fits best: the one with the fewest."""
        found = min((list(self._one(name, value, where)) for name in types), key=len)
        yield from found

    def _one(self, name: str, value: Any, where: str) -> Iterator[str]:
        if name.startswith("Array of "):
            if not isinstance(value, list):
                yield f"{where}: not an array"
                return
            for n, item in enumerate(value):
                yield from self._value([name.removeprefix("Array of ")], item, f"{where}[{n}]")
        elif name in ("String", "Boolean", "Integer", "Float"):
            if not _is_scalar(name, value):
                yield f"{where}: not {name}"
        elif subtypes := self.types[name].get("subtypes"):
            yield from self._value(subtypes, value, where)
        elif not isinstance(value, dict):
            yield f"{where}: not {name}"
        else:
            yield from self._object(self.types[name], value, where)


def _is_scalar(name: str, value: Any) -> bool:
    if name == "String":
        return isinstance(value, str)
    if name == "Boolean":
        return isinstance(value, bool)
    return not isinstance(value, bool) and isinstance(value, int if name == "Integer" else (int, float))


def _limits(method: str, fields: dict[str, Any]) -> Iterator[str]:
    """Yield what the types cannot say (the text of a message is checked where its entities are parsed)."""
    match method:
        case "sendMessage":
            if fields.get("parse_mode", "HTML") != "HTML":
                yield "unsupported parse_mode"
            yield from _markup(fields.get("reply_markup", {}), fields["chat_id"])
        case "sendChatAction" if fields["action"] not in CHAT_ACTIONS:
            yield "wrong parameter action in request"
        case "answerCallbackQuery" if len(fields.get("text", "")) > MAX_CALLBACK_ANSWER:
            yield "MESSAGE_TOO_LONG"
        case "setWebhook":
            if not fields["url"].startswith("https://"):
                yield "bad webhook: an HTTPS URL must be provided for webhook"
            if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", fields.get("secret_token", "-")):
                yield "secret token contains unallowed characters"
        case "setMyCommands":
            if not re.fullmatch(r"([a-z]{2})?", fields.get("language_code", "")):
                yield "invalid language code specified"
            if len(fields["commands"]) > MAX_BUTTONS:
                yield "too many commands"
            for command in fields["commands"]:
                if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
                    yield "BOT_COMMAND_INVALID"
                if not 1 <= len(command["description"]) <= 256:
                    yield "BOT_COMMAND_DESCRIPTION_INVALID"


def _markup(markup: dict[str, Any], chat_id: int | str) -> Iterator[str]:
    rows = markup.get("inline_keyboard", markup.get("keyboard", []))
    buttons = [button for row in rows for button in row]
    if len(buttons) > MAX_BUTTONS or any(not 0 < len(row) <= MAX_ROW for row in rows):
        yield "REPLY_MARKUP_TOO_LONG"
    for button in buttons:
        kinds = button.keys() - _BUTTON_STYLE
        if not button["text"].strip():
            yield "button text must be non-empty"
        if "inline_keyboard" in markup:
            if len(kinds) != 1:
                yield "text buttons are unallowed in the inline keyboard"
            if not 0 < len(button.get("callback_data", "-").encode()) <= MAX_CALLBACK_DATA:
                yield "BUTTON_DATA_INVALID"
            if not re.match(r"(https?|tg)://", button.get("url", "tg://")):
                yield "BUTTON_URL_INVALID"
        elif len(kinds) > 1:
            yield "at most one kind of button"
        elif button.get("request_location") and int(chat_id) < 0:
            yield "location can be requested in private chats only"
