"""The webhook as Telegram, and as a stranger, meets it."""

import json
import logging

import pytest
from flask import Flask

from adapters.messages import IncomingMessage
from adapters.telegram import SECRET_HEADER, TelegramAdapter
from tests.adapters.test_telegram_parse import ANSWERED, IGNORED, load

SECRET = "webhook-secret_1"


class Site:
    """A Flask application with only the webhook, and what came through it."""

    def __init__(self):
        self.received: list[IncomingMessage] = []
        self.ignored: list[str] = []
        adapter = TelegramAdapter(
            "123456789:abc", SECRET, "http://127.0.0.1:9", on_ignored=self.ignored.append
        )
        app = Flask("site")
        app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
        app.register_blueprint(adapter.blueprint(self.received.extend))
        self.client = app.test_client()

    def post(self, body, secret=SECRET, **kwargs):
        headers = {} if secret is None else {SECRET_HEADER: secret}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post("/webhook/telegram", data=data, headers=headers, **kwargs)


@pytest.fixture
def site():
    return Site()


@pytest.mark.parametrize("name", ANSWERED)
def test_an_answered_update_is_received_once(site, name):
    response = site.post(load(name))
    assert (response.status_code, response.data) == (200, b"")
    assert [message.event_id for message in site.received] == [str(load(name)["update_id"])]
    assert site.ignored == []


@pytest.mark.parametrize("name", IGNORED)
def test_an_ignored_update_is_accepted_and_counted(site, name):
    assert site.post(load(name)).status_code == 200
    assert (site.received, site.ignored) == ([], [IGNORED[name]])


@pytest.mark.parametrize(
    ("secret", "status"),
    [
        (None, 401),
        ("", 401),
        ("wrong", 403),
        (SECRET.upper(), 403),
        (SECRET + "x", 403),
        (SECRET[:-1], 403),
        ("\u00e9\u00ff", 403),
    ],
)
def test_without_the_secret_nothing_is_parsed_and_only_the_fact_is_logged(site, secret, status, caplog):
    caplog.set_level(logging.DEBUG)
    assert site.post(load("text"), secret).status_code == status
    assert site.post(b"\xff not json", secret).status_code == status
    assert (site.received, site.ignored) == ([], [])
    fact = "telegram webhook: secret " + ("missing" if status == 401 else "wrong")
    assert [record.getMessage() for record in caplog.records] == [fact, fact]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b'{"update_id": 1',
        b"[]",
        b"null",
        b'"text"',
        b"12",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"update_id":' + b"9" * 5000 + b"}",
    ],
    ids=lambda body: body[:12],
)
def test_what_is_no_json_object_is_refused(site, body):
    assert site.post(body).status_code == 400
    assert (site.received, site.ignored) == ([], [])


def test_an_oversized_body_is_refused_by_the_application(site):
    assert site.post(b'{"update_id": 1, "x": "' + b"a" * 1024 * 1024 + b'"}').status_code == 413
    assert site.received == []


def test_bad_utf8_lone_surrogates_and_nul_are_cleaned_and_received(site):
    update = json.dumps(load("text")).replace(json.dumps("マイナンバーカードをなくした"), '"@"').encode()
    for raw, said in [(b"\xff\xe3\x81", "\ufffd\ufffd"), (rb"\ud83d!", "\ufffd!"), (rb"a\u0000b", "ab")]:
        assert site.post(update.replace(b'"@"', b'"' + raw + b'"')).status_code == 200
        assert site.received.pop().text == said


def test_what_receive_raises_is_a_500_so_that_telegram_sends_again():
    def receive(messages):
        raise OSError("inbox is full")

    app = Flask("site")
    app.register_blueprint(TelegramAdapter("1:a", SECRET).blueprint(receive))
    response = app.test_client().post("/webhook/telegram", json=load("text"), headers={SECRET_HEADER: SECRET})
    assert response.status_code == 500


def test_only_post(site):
    assert site.client.get("/webhook/telegram").status_code == 405


@pytest.mark.parametrize("token", ["", "a b", "1:a/../getMe", "1:é", "1:a?x=1"])
def test_a_token_that_cannot_be_one_is_refused_without_being_shown(token):
    with pytest.raises(ValueError, match="token must") as caught:
        TelegramAdapter(token, SECRET)
    assert not token or token not in str(caught.value)


@pytest.mark.parametrize("secret", ["", " ", "a b", "x" * 257, "ひみつ"])
def test_a_secret_that_telegram_would_not_take_is_refused_without_being_shown(secret):
    with pytest.raises(ValueError, match="secret must") as caught:
        TelegramAdapter("1:a", secret)
    assert not secret.strip() or secret not in str(caught.value)
