"""The application: joins settings, knowledge, conversation, storage and channels."""

from __future__ import annotations

import atexit
from dataclasses import dataclass

import structlog
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from adapters.line import LineAdapter
from adapters.telegram import TelegramAdapter
from adapters.web import SessionTokens, WebAdapter
from bot import metrics
from bot.access import check_access
from bot.brain import BrainHolder, Watcher
from bot.conversation import Conversation
from bot.dispatch import Dispatcher
from bot.errors import install_errors
from bot.limits import TurnLimits, install_address_limit, storage_url
from bot.logs import configure_logs
from bot.ops import ops_routes
from bot.places.search import Search
from bot.requests import install_request_ids
from bot.secrets import deployment_secret, derived
from bot.service import Service
from bot.settings import Settings, read_settings
from bot.staff.opendata import opendata_routes
from bot.storage.engine import open_database
from bot.storage.store import Store
from bot.suggest import Suggester
from bot.switches import Switches
from intents.furigana import ruby

log = structlog.get_logger()

MAX_BODY = 1024 * 1024
"""Bytes of a request body; more is answered with 413, chunked bodies too."""
CHANNELS = ("line", "telegram", "web")


@dataclass(frozen=True)
class Parts:
    """The parts of a running application, for tests and the command line."""

    settings: Settings
    holder: BrainHolder
    store: Store
    service: Service
    dispatcher: Dispatcher

    def close(self) -> None:
        """Finish what is held and let go of the database."""
        self.dispatcher.close()
        self.store.close()


def build_parts(settings: Settings, holder: BrainHolder | None = None) -> Parts:
    """Build everything but HTTP. `holder`: a brain to share. Raises `KnowledgeError`, `OSError`."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    secret = deployment_secret(settings)
    holder = holder or BrainHolder(settings.knowledge, settings.data_dir / "knowledge-last-good.json")
    engine = open_database(settings.database)
    store = Store(engine, derived(secret, "user-ids"))
    places = Search(engine)
    conversation = Conversation(lambda: holder.brain, settings.retention_days, places=places)
    dispatcher = Dispatcher(settings.threads)
    limits = TurnLimits(settings.turn_limit, storage_url(settings))
    service = Service(holder, conversation, store, dispatcher, limits, Switches(store.switched_off))
    return Parts(settings, holder, store, service, dispatcher)


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
    install_request_ids(app)
    install_errors(app)
    _add_channels(app, parts)
    install_address_limit(app, settings)
    app.register_blueprint(opendata_routes(parts.holder))
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
        suggest=Suggester(parts.holder),
    )
    app.register_blueprint(web.blueprint(service.receive))

    def ignored(channel: str, event: str) -> None:
        metrics.IGNORED.labels(channel, event if event.isascii() and len(event) < 40 else "other").inc()

    if settings.line_secret and settings.line_token:
        service.adapters["line"] = LineAdapter(
            settings.line_secret,
            settings.line_token,
            settings.line_api,
            on_ignored=lambda event: ignored("line", event),
        )
    if settings.telegram_token and settings.telegram_secret:
        service.adapters["telegram"] = TelegramAdapter(
            settings.telegram_token,
            settings.telegram_secret,
            settings.telegram_api,
            on_ignored=lambda event: ignored("telegram", event),
        )
    for adapter in service.adapters.values():
        app.register_blueprint(adapter.blueprint(service.receive))
    off = [name for name in CHANNELS if name not in service.adapters and name != "web"]
    log.info("channels", on=["web", *service.adapters], off=off)
