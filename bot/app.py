"""The application: joins settings, knowledge, conversation, storage and channels."""

from __future__ import annotations

import atexit

import structlog
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from adapters.web import SessionTokens, WebAdapter
from bot import metrics
from bot.access import check_access
from bot.brain import BrainHolder, Watcher
from bot.channels import CHANNELS
from bot.errors import install_errors
from bot.limits import install_address_limit
from bot.logs import configure_logs
from bot.ops import ops_routes
from bot.parts import Parts, build_parts
from bot.requests import install_requests
from bot.secrets import deployment_secret, derived
from bot.settings import Settings, read_settings
from bot.staff.opendata import opendata_routes
from bot.suggest import Suggester
from intents.furigana import ruby

log = structlog.get_logger()

MAX_BODY = 1024 * 1024
"""Bytes of a request body; more is answered with 413, chunked bodies too."""


def create_app(settings: Settings | None = None, holder: BrainHolder | None = None) -> Flask:
    """Return the WSGI application. `settings`: from the environment if None; `holder`: a brain to share."""
    settings = settings or read_settings()
    configure_logs(settings.log_level)
    parts = build_parts(settings, holder)
    app = Flask("tochimado", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.extensions["tochimado"] = parts
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    install_requests(app)
    install_errors(app)
    _add_channels(app, parts)
    install_address_limit(app, settings)
    app.register_blueprint(opendata_routes(parts.holder, settings.expired))
    app.register_blueprint(ops_routes(parts.holder, parts.store, settings))
    check_access(app)
    metrics.KNOWLEDGE.set(len(parts.holder.brain.knowledge.entries))
    if settings.reload_seconds:
        Watcher(parts.holder, settings.reload_seconds).start()
    atexit.register(parts.close)
    return app


def _add_channels(app: Flask, parts: Parts) -> None:
    """Register every channel that has its settings; say which are off."""
    settings, service = parts.settings, parts.service
    tokens = SessionTokens(derived(deployment_secret(settings), "web-sessions"))
    web = WebAdapter(
        tokens,
        service.answer,
        frame_ancestors=settings.frame_ancestors,
        ruby=ruby,
        suggest=Suggester(parts.holder, settings.expired),
    )
    app.register_blueprint(web.blueprint(service.receive))

    for adapter in service.adapters.values():
        app.register_blueprint(adapter.blueprint(service.receive))
    off = [name for name in CHANNELS if name not in service.adapters and name != "web"]
    log.info("channels", on=["web", *service.adapters], off=off)
