"""One message in one minute: an update posted at the route, an answer at Telegram."""

import json
from pathlib import Path

import pytest
from flask import Flask

from adapters.base import Adapter
from adapters.messages import Button, Reply, Text
from adapters.telegram import SECRET_HEADER, TelegramAdapter
from tests.fakes.fixtures_telegram import fake_telegram  # noqa: F401

FIXTURES = Path(__file__).parents[1] / "fixtures" / "telegram"


@pytest.mark.parametrize(
    ("name", "chat", "methods"),
    [
        ("text", 5550100, ["sendChatAction", "sendMessage"]),
        ("callback_query", 5550100, ["answerCallbackQuery", "sendChatAction", "sendMessage"]),
        ("group_command", -1001234500678, ["sendChatAction", "sendMessage"]),
        ("group_chatter", None, []),
        ("text_from_bot", None, []),
    ],
)
def test_an_update_is_answered_in_its_chat(fake_telegram, name, chat, methods):  # noqa: F811
    channel = TelegramAdapter(fake_telegram.token, "hook", fake_telegram.url)
    adapter: Adapter = channel

    def receive(messages):
        for message in messages:
            adapter.working(message.address)
            said = message.text or message.postback
            reply = Reply((Text(f"<{said}> & です。"),), (Button("話題", "topics"),))
            adapter.deliver(message.address, adapter.render(reply))

    app = Flask("site")
    app.register_blueprint(adapter.blueprint(receive))
    update = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    response = app.test_client().post("/webhook/telegram", json=update, headers={SECRET_HEADER: "hook"})
    channel.close()
    assert response.status_code == 200
    assert [call.method for call in fake_telegram.calls] == methods
    assert {call.fields["chat_id"] for call in fake_telegram.sent} == ({chat} if chat else set())
    assert all(call.text.endswith("> & です。") for call in fake_telegram.sent)
