"""Pages for the tests of the widget: the bot's own site, and a strict page of another origin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Response

from adapters.web import SessionTokens, WebAdapter
from intents.furigana import ruby

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
from playwright.sync_api import Browser, Page  # noqa: E402

from tests.browser.helpers import CHROMIUM, DESK, QUESTIONS, Bot, Site  # noqa: E402

STRICT = "default-src 'none'; script-src {bot}; frame-src {bot}"


@pytest.fixture(scope="module")
def host() -> Iterator[Site]:
    """Another origin's page with the widget, under a strict Content-Security-Policy."""
    app = Flask("host", static_folder=None)

    @app.get("/<path:bot>")
    def page(bot: str) -> Response:
        html = (
            "<!doctype html><html lang=ja><meta name=viewport content='width=device-width'>"
            "<title>県のページ</title><p><a href='#x'>本文</a></p>"
            f"<script src='http://{bot}/widget.js' async></script>"
        )
        return Response(html, headers={"Content-Security-Policy": STRICT.format(bot=f"http://{bot}")})

    site = Site(app)
    yield site
    site.close()


@pytest.fixture
def bot() -> Bot:
    return Bot()


@pytest.fixture
def site(bot: Bot, host: Site) -> Iterator[Site]:
    app = Flask("widget", static_folder=None)
    adapter = WebAdapter(SessionTokens(b"sixteen bytes or more"), bot, frame_ancestors=f"'self' {host.url}")
    app.register_blueprint(adapter.blueprint(lambda messages: None))
    site = Site(app)
    yield site
    site.close()


@pytest.fixture
def rich(bot: Bot, host: Site) -> Iterator[Site]:
    """The site with furigana and suggestions."""

    def suggest(typed: str, lang: str) -> list[str]:
        return [question for question in QUESTIONS if typed in question] if lang == "ja" else []

    app = Flask("widget", static_folder=None)
    adapter = WebAdapter(
        SessionTokens(b"sixteen bytes or more"),
        bot,
        frame_ancestors=f"'self' {host.url}",
        ruby=ruby,
        suggest=suggest,
    )
    app.register_blueprint(adapter.blueprint(lambda messages: None))
    site = Site(app)
    yield site
    site.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Any]:
    """Open pages with options of a browser context; at the end no page may have had an error."""
    contexts = []
    errors: list[str] = []

    def make(url: str, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": DESK, "locale": "ja-JP", **options})
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda message: errors.append(message.text) if "Content Security" in message.text else None,
        )
        page.goto(url)
        return page

    yield make
    for context in contexts:
        assert context.cookies() == []
        context.close()
    assert errors == []
