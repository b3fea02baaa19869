"""One resident on each channel: says, presses, sends a place, and hears what a resident would see.

Each driver goes through the real route, with real signatures, and hears from the fake service only what
passed its validation, so that a story told on a channel also proves the rendered payloads.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Protocol
from uuid import uuid4

from flask import Flask

from adapters.console import PROMPT, run
from adapters.messages import IncomingMessage, Reply
from adapters.plain import render_text
from bot.parts import Parts
from bot.settings import Settings
from tests.fakes.line_api import FakeLine
from tests.fakes.telegram_api import FakeTelegram

LINE_SECRET = "channel_secret"
TELEGRAM_SECRET = "webhook-secret"
_numbers = count(1000)


@dataclass
class Heard:
    """What a resident sees of one answer: all text, and the buttons as data → label."""

    text: str
    buttons: dict[str, str] = field(default_factory=dict)


class Driver(Protocol):
    """A resident on one channel."""

    name: str

    def open(self) -> Heard: ...
    def say(self, text: str) -> Heard: ...
    def press(self, data: str) -> Heard: ...
    def locate(self, lat: float, lng: float) -> Heard: ...


def with_line(settings: Settings, fake: FakeLine) -> Settings:
    """Return settings with LINE played by `fake`."""
    return replace(settings, line_secret=LINE_SECRET, line_token=fake.access_token, line_api=fake.base_url)


def with_telegram(settings: Settings, fake: FakeTelegram) -> Settings:
    """Return settings with Telegram played by `fake`."""
    return replace(
        settings, telegram_token=fake.token, telegram_secret=TELEGRAM_SECRET, telegram_api=fake.url
    )


def sign(body: bytes, secret: str = LINE_SECRET) -> str:
    """Return LINE's signature of a body."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def line_event(kind: str, user: str, token: str | None, **more: Any) -> dict[str, Any]:
    """Return one webhook event of LINE."""
    event = {
        "type": kind,
        "mode": "active",
        "timestamp": int(time.time() * 1000),
        "source": {"type": "user", "userId": user},
        "webhookEventId": uuid4().hex.upper()[:26],
        "deliveryContext": {"isRedelivery": False},
        **more,
    }
    return event | ({"replyToken": token} if token else {})


def texts_of(payload: Any) -> list[str]:
    """Return all text in a payload that a resident can read or tap, in order."""
    found: list[str] = []
    if isinstance(payload, dict):
        for key, value in payload.items():
            if key in ("text", "label", "uri", "altText", "title", "displayText") and isinstance(value, str):
                found.append(value)
            elif key != "quickReply":
                found += texts_of(value)
    elif isinstance(payload, list):
        for value in payload:
            found += texts_of(value)
    return found


class LineDriver:
    """A resident on LINE."""

    name = "line"

    def __init__(self, app: Flask, fake: FakeLine, user: str | None = None):
        self.client = app.test_client()
        self.parts: Parts = app.extensions["tochimado"]
        self.fake = fake
        self.user = user or f"U{uuid4().hex}"

    def send(self, *events: dict[str, Any], signature: str | None = None) -> int:
        """Post events as LINE does and return the status; waits until all work is done."""
        body = json.dumps({"destination": "U" + "0" * 32, "events": list(events)}).encode()
        headers = {"x-line-signature": sign(body) if signature is None else signature}
        response = self.client.post(
            "/webhook/line", data=body, headers=headers, content_type="application/json"
        )
        assert self.parts.settle(10)
        return response.status_code

    def event(self, kind: str, **more: Any) -> Heard:
        """Send one event and hear the reply to it."""
        token = self.fake.issue_token()
        before = len(self.fake.sent)
        assert self.send(line_event(kind, self.user, token, **more)) == 200
        sent = self.fake.sent[before:]
        assert len(sent) == 1, "exactly one reply"
        messages = sent[0].messages
        items = messages[-1].get("quickReply", {}).get("items", [])
        buttons = {
            item["action"]["data"]: item["action"]["label"]
            for item in items
            if item["action"]["type"] == "postback"
        }
        return Heard("\n".join(texts_of(messages)), buttons)

    def open(self) -> Heard:
        return self.event("follow", follow={"isUnblocked": False})

    def say(self, text: str) -> Heard:
        number = str(next(_numbers))
        return self.event("message", message={"type": "text", "id": number, "quoteToken": "q", "text": text})

    def press(self, data: str) -> Heard:
        return self.event("postback", postback={"data": data})

    def locate(self, lat: float, lng: float) -> Heard:
        place = {"type": "location", "id": str(next(_numbers)), "latitude": lat, "longitude": lng}
        return self.event("message", message=place)


class TelegramDriver:
    """A resident on Telegram."""

    name = "telegram"

    def __init__(self, app: Flask, fake: FakeTelegram, chat: int | None = None, language: str = "ja"):
        self.client = app.test_client()
        self.parts: Parts = app.extensions["tochimado"]
        self.fake = fake
        self.chat = chat or next(_numbers)
        self.language = language

    def send(self, update: dict[str, Any], secret: str | None = TELEGRAM_SECRET) -> int:
        """Post one update as Telegram does and return the status; waits until all work is done."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret is not None else {}
        response = self.client.post("/webhook/telegram", json=update, headers=headers)
        assert self.parts.settle(10)
        return response.status_code

    def person(self) -> dict[str, Any]:
        return {"id": self.chat, "is_bot": False, "first_name": "A", "language_code": self.language}

    def message(self, **content: Any) -> dict[str, Any]:
        return {
            "message_id": next(_numbers),
            "date": int(time.time()),
            "chat": {"id": self.chat, "type": "private", "first_name": "A"},
            "from": self.person(),
            **content,
        }

    def update(self, kind: str, content: dict[str, Any]) -> Heard:
        """Send one update and hear the answer to it."""
        before = len(self.fake.sent)
        assert self.send({"update_id": next(_numbers), kind: content}) == 200
        sent = self.fake.sent[before:]
        assert sent, "an answer"
        assert self.fake.problems == []
        buttons: dict[str, str] = {}
        links: list[str] = []
        for call in sent:
            for row in call.fields.get("reply_markup", {}).get("inline_keyboard", []):
                buttons |= {b["callback_data"]: b["text"] for b in row if "callback_data" in b}
                links += [f"{b['text']} {b['url']}" for b in row if "url" in b]
        raw = [str(call.fields.get("text", "")) for call in sent]
        return Heard("\n".join([*(call.text for call in sent), *raw, *links]), buttons)

    def open(self) -> Heard:
        return self.say("/start")

    def say(self, text: str) -> Heard:
        content: dict[str, Any] = {"text": text}
        if text.startswith("/"):
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
        return self.update("message", self.message(**content))

    def press(self, data: str) -> Heard:
        return self.update(
            "callback_query",
            {
                "id": str(next(_numbers)),
                "from": self.person(),
                "message": self.message(text="…"),
                "chat_instance": "1",
                "data": data,
            },
        )

    def locate(self, lat: float, lng: float) -> Heard:
        return self.update("message", self.message(location={"latitude": lat, "longitude": lng}))


class WebDriver:
    """A resident in the widget, below the browser."""

    name = "web"

    def __init__(self, app: Flask):
        self.client = app.test_client()
        self.session: str | None = None

    def post(self, **fields: Any) -> Heard:
        body = {"client_id": str(uuid4()), **fields} | ({"session": self.session} if self.session else {})
        response = self.client.post("/api/v1/messages", json=body)
        assert response.status_code == 200, response.get_data(as_text=True)
        made = response.get_json()
        self.session = made["session"]
        buttons = {b["data"]: b["label"] for m in made["messages"] for b in m["quick_replies"]}
        parts = [text for m in made["messages"] for text in _block_texts(m["blocks"])]
        return Heard("\n".join(parts), buttons)

    def open(self) -> Heard:
        return self.post()

    def say(self, text: str) -> Heard:
        return self.post(text=text)

    def press(self, data: str) -> Heard:
        return self.post(postback=data)

    def locate(self, lat: float, lng: float) -> Heard:
        return self.post(location=[lat, lng])


def _block_texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [
            text for key, item in value.items() if key not in ("type", "role") for text in _block_texts(item)
        ]
    if isinstance(value, list):
        return [text for item in value for text in _block_texts(item)]
    return [value] if isinstance(value, str) else []


class ConsoleDriver:
    """A resident at the terminal: each line goes through the console's own loop."""

    name = "console"

    def __init__(self, parts: Parts):
        self.answer: Callable[[IncomingMessage], Reply | None] = parts.service.answer
        self.last: Reply | None = None
        self.numbers = count(1)

    def handle(self, message: IncomingMessage) -> Reply | None:
        self.last = self.answer(message)
        return self.last

    def line(self, text: str) -> Heard:
        out = io.StringIO()
        run(self.handle, io.StringIO(text + "\n/quit\n"), out)
        buttons = {b.data: b.label for b in self.last.quick_replies} if self.last else {}
        return Heard(out.getvalue().split(PROMPT)[1], buttons)

    def open(self) -> Heard:
        return self.line("こんにちは")

    def say(self, text: str) -> Heard:
        return self.line(text)

    def press(self, data: str) -> Heard:
        reply = self.handle(
            IncomingMessage("console", "console", uuid4().hex, kind="postback", postback=data)
        )
        assert reply is not None
        return Heard(render_text(reply), {b.data: b.label for b in reply.quick_replies})

    def locate(self, lat: float, lng: float) -> Heard:
        return self.line(f"/location {lat},{lng}")
