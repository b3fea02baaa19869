"""Every route has a declared access, and it holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from bot.access import ACCESS, check_access
from bot.settings import Settings
from tests.drivers import LINE_SECRET, TELEGRAM_SECRET

MakeApp = Callable[[Settings], Flask]


@pytest.fixture
def full(settings: Settings, make_app: MakeApp) -> Flask:
    nowhere = "http://127.0.0.1:9"
    return make_app(
        replace(
            settings,
            line_secret=LINE_SECRET,
            line_token="x",
            line_api=nowhere,
            telegram_token="1:x",
            telegram_secret=TELEGRAM_SECRET,
            telegram_api=nowhere,
        )
    )


def test_every_route_is_declared_and_every_declaration_is_a_route(full: Flask) -> None:
    assert {rule.endpoint for rule in full.url_map.iter_rules()} == ACCESS.keys()


def test_an_undeclared_route_stops_the_start(full: Flask) -> None:
    full.view_functions["secret.page"] = lambda: ""
    full.url_map.add(full.url_rule_class("/secret", endpoint="secret.page"))
    with pytest.raises(RuntimeError, match=r"secret\.page"):
        check_access(full)


def test_what_is_not_public_refuses_strangers(full: Flask) -> None:
    client = full.test_client()
    stranger = {"REMOTE_ADDR": "192.0.2.1"}
    refused = {}
    for rule in full.url_map.iter_rules():
        if ACCESS[rule.endpoint] in ("signature", "secret", "operator"):
            method = "POST" if "POST" in (rule.methods or ()) else "GET"
            refused[rule.endpoint] = client.open(rule.rule, method=method, environ_base=stranger).status_code
    assert refused == {"line.webhook": 401, "telegram.webhook": 401, "ops.expose": 403}


def test_a_session_token_of_another_deployment_is_worth_nothing(full: Flask) -> None:
    body = {"client_id": "123e4567-e89b-42d3-a456-426614174000", "text": "ヘルプ", "session": "eyJ4Ijox.x.y"}
    made = full.test_client().post("/api/v1/messages", json=body).get_json()
    assert made["session_renewed"] is True
    assert made["session"] != body["session"]


@pytest.mark.parametrize("path", ["/", "/chat", "/widget.js", "/healthz", "/nothing", "/metrics"])
def test_security_headers_are_on_every_response(full: Flask, path: str) -> None:
    response = full.test_client().get(path)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert "frame-ancestors" in policy


def test_forwarded_addresses_count_only_behind_a_trusted_proxy(settings: Settings, make_app: MakeApp) -> None:
    limited = replace(settings, address_limit="1/minute")
    body = {"client_id": "123e4567-e89b-42d3-a456-426614174000", "text": "ヘルプ"}

    def statuses(app: Flask) -> list[int]:
        client = app.test_client()
        return [
            client.post(
                "/api/v1/messages", json=body, headers={"X-Forwarded-For": f"192.0.2.{n}"}
            ).status_code
            for n in (1, 2)
        ]

    assert statuses(make_app(limited)) == [200, 429], "a stranger's header is not believed"
    assert statuses(make_app(replace(limited, trusted_proxies=1))) == [200, 200]
