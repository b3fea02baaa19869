"""The application's edges: errors in one shape, health pages, logs without what residents write."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask

from bot.app import MAX_BODY, create_app
from bot.brain import BrainHolder
from bot.settings import Settings
from knowledge.problems import KnowledgeError
from tests.drivers import LINE_SECRET, TELEGRAM_SECRET, WebDriver, sign
from tests.knowledge.folders import entry, make

MakeApp = Callable[[Settings], Flask]


@pytest.fixture
def channels(settings: Settings, make_app: MakeApp) -> Flask:
    """An application with all channels on; their services are never called."""
    nowhere = "http://127.0.0.1:9"
    return make_app(
        replace(
            settings,
            line_secret=LINE_SECRET, line_token="x", line_api=nowhere,
            telegram_token="1:x", telegram_secret=TELEGRAM_SECRET, telegram_api=nowhere,
        )
    )  # fmt: skip


WEBHOOKS = ("/webhook/line", "/webhook/telegram")
AUTH = {"/webhook/line": {}, "/webhook/telegram": {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET}}


def post(app: Flask, path: str, body: bytes, **headers: str) -> tuple[int, dict[str, object]]:
    given = {**AUTH.get(path, {}), **headers}
    if path == "/webhook/line":
        given.setdefault("x-line-signature", sign(body))
    response = app.test_client().post(path, data=body, headers=given, content_type="application/json")
    return response.status_code, response.get_json(silent=True) or {}


@pytest.mark.parametrize("path", WEBHOOKS)
def test_a_body_without_length_is_bounded_too(channels: Flask, path: str) -> None:
    def status(size: int) -> int:
        body = b'{"x": "' + b"a" * (size - 9) + b'"}'
        given = {**AUTH[path], "x-line-signature": sign(body), "Content-Type": "application/json"}
        given["Transfer-Encoding"] = "chunked"
        said = {"wsgi.input": BytesIO(body), "wsgi.input_terminated": True}
        return channels.test_client().post(path, headers=given, environ_overrides=said).status_code

    assert status(MAX_BODY + 1) == 413
    assert status(MAX_BODY) == 200


def test_a_response_says_the_id_of_its_request_once(channels: Flask) -> None:
    client = channels.test_client()
    refused = client.post("/webhook/line", data=b"{}")
    ids = refused.headers.getlist("X-Request-Id")
    assert ids == [refused.get_json()["error"]["request_id"]]
    assert len(ids[0]) == 32
    assert client.get("/healthz").headers["X-Request-Id"] != ids[0]
    assert refused.headers.getlist("Content-Security-Policy") == [
        "default-src 'none'; frame-ancestors 'none'"
    ]
    page = client.get("/chat")
    assert len(page.headers.getlist("Content-Security-Policy")) == 1
    assert page.headers["Content-Security-Policy"] != refused.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", [*WEBHOOKS, "/api/v1/messages"])
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[1, 2]", 400),
        (b"", 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 100_000, 400),
        (b"x" * (MAX_BODY + 1), 413),
    ],
    ids=["cut", "list", "empty", "deep-list", "deep-object", "oversized"],
)
def test_bad_bodies_are_refused_in_one_shape(channels: Flask, path: str, body: bytes, status: int) -> None:
    got, made = post(channels, path, body)
    assert got == status
    error = made["error"]
    assert isinstance(error, dict)
    assert set(error) == {"code", "message", "request_id"}
    assert error["request_id"]


@pytest.mark.parametrize("signature", ["", "x", "é", sign(b"another body"), "A" * 10_000])
def test_a_wrong_line_signature_is_refused_before_parsing(channels: Flask, signature: str) -> None:
    status, made = post(channels, "/webhook/line", b"{not json", **{"x-line-signature": signature})
    assert status == 401
    assert made["error"]["code"] == "unauthorized"  # type: ignore[index]


def test_a_missing_line_signature_is_refused(channels: Flask) -> None:
    response = channels.test_client().post("/webhook/line", data=b"{}", content_type="application/json")
    assert response.status_code == 401


@pytest.mark.parametrize(("secret", "status"), [("", 401), ("wrong", 403), (None, 401)])
def test_a_wrong_telegram_secret_is_refused(channels: Flask, secret: str | None, status: int) -> None:
    headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
    response = channels.test_client().post(
        "/webhook/telegram", data=b"{not json", headers=headers, content_type="application/json"
    )
    assert response.status_code == status


def test_the_signature_vector_of_the_specification() -> None:
    assert sign(b"bodybodybodybody", "channel_secret") == "/gg9a+LvFevTH1sd7XCQycD7tsWclCsInj7MhBHxN7k="


def test_channels_without_settings_are_off(app: Flask) -> None:
    client = app.test_client()
    assert [client.post(path, json={}).status_code for path in WEBHOOKS] == [404, 404]


def test_unknown_paths_and_methods_have_the_same_shape(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/nothing").get_json()["error"]["code"] == "not_found"
    refused = client.get("/api/v1/messages")
    assert refused.get_json()["error"]["code"] == "method_not_allowed"
    assert "POST" in refused.headers["Allow"]


def test_a_surprise_says_nothing_of_itself(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.extensions["tochimado"].store, "ping", lambda: 1 / 0)
    response = app.test_client().get("/readyz")
    assert response.status_code == 500
    assert "division" not in response.get_data(as_text=True)


def test_health_and_readiness(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/healthz").get_json() == {"ok": True}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.get_json()["knowledge"]["entries"] >= 40
    assert ready.get_json()["queue"] == {"ok": True}


def test_not_ready_without_migrations(tmp_path: Path, make_app: MakeApp) -> None:
    app = make_app(Settings(data_dir=tmp_path, reload_seconds=0))
    response = app.test_client().get("/readyz")
    assert response.status_code == 503
    assert "migrate" in response.get_json()["database"]["reason"]


def test_metrics_count_turns_and_are_for_this_machine(app: Flask) -> None:
    WebDriver(app).say("マイナンバーカードをなくした")
    client = app.test_client()
    text = client.get("/metrics").get_data(as_text=True)
    assert 'tochimado_turns_total{channel="web"' in text
    assert "なくした" not in text
    outside = client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert outside.status_code == 403


def test_metrics_with_a_token(settings: Settings, make_app: MakeApp) -> None:
    client = make_app(replace(settings, metrics_token="t0ken")).test_client()
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer t0ken"}).status_code == 200


def test_logs_hold_ids_and_never_the_text(app: Flask, capfd: pytest.CaptureFixture[str]) -> None:
    capfd.readouterr()
    WebDriver(app).say("ひみつのことばザクロ")
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    turn = next(line for line in lines if line["event"] == "turn")
    assert turn["channel"] == "web"
    assert turn["request_id"]
    assert "ザクロ" not in json.dumps(lines, ensure_ascii=False)


def test_a_crash_is_logged_without_the_text(
    app: Flask, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise ValueError("ひみつのことばザクロ")

    monkeypatch.setattr(app.extensions["tochimado"].service._conversation, "answer", crash)
    heard = WebDriver(app).say("ひみつのことばザクロ")
    assert "119" in heard.text
    err = capfd.readouterr().err
    assert "turn.failed" in err
    assert "ValueError" in err
    assert "ザクロ" not in err


def test_the_same_client_id_gets_the_same_answer_once(app: Flask) -> None:
    web = WebDriver(app)
    web.open()
    number = str(uuid4())
    body = {"client_id": number, "text": "マイナンバーカードをなくした", "session": web.session}
    client = app.test_client()
    first = client.post("/api/v1/messages", json=body).get_json()
    assert client.post("/api/v1/messages", json=body).get_json() == first


def test_two_sessions_do_not_see_each_other(app: Flask) -> None:
    one, other = WebDriver(app), WebDriver(app)
    one.say("English")
    assert "使い方" in other.say("ヘルプ").text


def test_bad_utf8_and_surrogates_are_cleaned_and_answered(app: Flask) -> None:
    number = str(uuid4()).encode()
    raw = (
        b'{"client_id": "'
        + number
        + b'", "text": "\xff\xfe \\ud800 \\u0000 \xe3\x83\x9e\xe3\x82\xa4\xe3\x83\x8a"}'
    )
    status, made = post(app, "/api/v1/messages", raw)
    assert status == 200
    assert made["messages"]


def test_a_broken_edit_keeps_the_last_good_knowledge(tmp_path: Path) -> None:
    folder = make(tmp_path / "content")
    holder = BrainHolder(folder, tmp_path / "kept.json")
    (folder / "mynumber/a.yaml").write_text(entry("lost") + "  colour: red\n", encoding="utf-8")
    assert holder.refresh() is False
    assert "mynumber.lost" in holder.brain.knowledge.entries
    state = holder.state()
    assert state["ok"] is False
    assert state["problems"][0]["line"] == 12  # type: ignore[index]
    restarted = BrainHolder(folder, tmp_path / "kept.json")
    assert "mynumber.lost" in restarted.brain.knowledge.entries
    assert restarted.state()["ok"] is False
    (folder / "mynumber/a.yaml").write_text(entry("found"), encoding="utf-8")
    assert restarted.refresh() is True
    assert list(restarted.brain.knowledge.entries) == ["mynumber.found"]
    assert restarted.state()["ok"] is True


def test_a_first_start_with_broken_knowledge_stops_and_names_it(tmp_path: Path) -> None:
    folder = make(tmp_path / "content", {"mynumber/a.yaml": "- id: x\n"})
    with pytest.raises(KnowledgeError, match=r"a\.yaml:1: error"):
        BrainHolder(folder, tmp_path / "kept.json")


def test_an_edit_is_served_without_a_restart(tmp_path: Path, settings: Settings) -> None:
    folder = make(tmp_path / "content")
    app = create_app(replace(settings, knowledge=folder, reload_seconds=1))
    web = WebDriver(app)
    assert "電話で止めます" in web.press("entry:mynumber.lost").text
    (folder / "mynumber/a.yaml").write_text(entry("lost", answer="新しい答えです。"), encoding="utf-8")
    deadline = time.monotonic() + 5
    while "新しい答えです" not in web.press("entry:mynumber.lost").text:
        assert time.monotonic() < deadline, "not served within five seconds"
        time.sleep(0.1)
    app.extensions["tochimado"].close()
