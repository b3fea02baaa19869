"""Pages for operators: health, readiness, metrics."""

from __future__ import annotations

import hmac
from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import Forbidden, Unauthorized

from bot import metrics
from bot.brain import BrainHolder
from bot.parts import Parts
from bot.queueing import queue_answers
from bot.settings import Settings
from bot.storage.store import Store

LOOPBACK = ("127.0.0.1", "::1")


def ops_routes(holder: BrainHolder, store: Store, settings: Settings) -> Blueprint:
    """Return `/healthz`, `/readyz` and `/metrics`."""
    routes = Blueprint("ops", __name__)

    @routes.get("/healthz")
    def healthz() -> Response:
        return jsonify(ok=True)

    @routes.get("/readyz")
    def readyz() -> tuple[Response, int]:
        """Ready while there is knowledge to answer from; what is degraded or waits is named beside it."""
        parts: dict[str, Any] = {
            "knowledge": holder.state(),
            "database": _database(store),
            "queue": {"ok": queue_answers(settings.queue)},
            "backlog": _backlog(current_app.extensions["tochimado"]),
        }
        ready = bool(parts["knowledge"]["entries"]) and parts["database"]["ok"]
        return jsonify(ready=ready, **parts), 200 if ready else 503

    @routes.get("/metrics")
    def expose() -> Response:
        _check_reader(settings.metrics_token)
        parts: Parts = current_app.extensions["tochimado"]
        with suppress(SQLAlchemyError):  # the rest of the metrics matters all the more
            metrics.set_gauges(parts.inbox, parts.outbox)
        return Response(metrics.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")

    return routes


def _database(store: Store) -> dict[str, Any]:
    try:
        newest = store.ping()
    except SQLAlchemyError as error:
        hint = "not reached; a new database is made by `tochimado migrate`"
        return {"ok": False, "reason": f"{type(error).__name__}: {hint}"}
    return {"ok": True} if newest else {"ok": False, "reason": "old schema: run `tochimado migrate`"}


def _backlog(parts: Parts) -> dict[str, Any]:
    """Return what waits in inbox and outbox, and since when; numbers are missing without the database."""
    try:
        inbox, outbox = parts.inbox.backlog(), parts.outbox.backlog()
    except SQLAlchemyError as error:
        return {"reason": f"{type(error).__name__}: not known while the database is away"}
    return {
        "inbox": {"waiting": inbox[0], "oldest_seconds": round(inbox[1], 1)},
        "outbox": {"waiting": outbox[0], "oldest_seconds": round(outbox[1], 1), "dead": outbox[2]},
    }


def _check_reader(token: str | None) -> None:
    """With a token: the Bearer token. Without: only this machine."""
    if token is None:
        if request.remote_addr not in LOOPBACK or request.headers.get("X-Forwarded-For"):
            raise Forbidden(
                "metrics are for this machine; set TOCHIMADO_METRICS_TOKEN to read them from elsewhere"
            )
        return
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), token.encode()):
        raise Unauthorized("a Bearer token is needed")
