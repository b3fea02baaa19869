"""A bare application with the web channel and a scripted bot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from adapters.messages import IncomingMessage, Reply, Text
from adapters.web import SessionTokens, WebAdapter

SECRET = b"a secret for the tests, 32 bytes"
UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
HELLO = Reply((Text("こんにちは"),))


class Bot:
    """A scripted answer that keeps what it was given."""

    def __init__(self) -> None:
        self.heard: list[IncomingMessage] = []
        self.reply: Reply | None = HELLO

    def __call__(self, message: IncomingMessage) -> Reply | None:
        self.heard.append(message)
        return self.reply


def make_app(bot: Callable[[IncomingMessage], Reply | None], **options: Any) -> Flask:
    app = Flask("test_web")
    app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
    adapter = WebAdapter(SessionTokens(SECRET), bot, **options)
    app.register_blueprint(adapter.blueprint(lambda messages: pytest.fail("nothing is answered later")))

    @app.errorhandler(HTTPException)
    def as_json(error: HTTPException) -> tuple[dict[str, Any], int]:
        return {"error": error.description}, error.code or 500

    return app


def post(client: FlaskClient, **body: Any) -> Any:
    return client.post("/api/v1/messages", json={"client_id": UUID, **body})


def plain(response: TestResponse) -> str:
    return response.get_data(as_text=True)
