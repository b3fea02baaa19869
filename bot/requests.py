"""An id for every request, in its log lines, its errors and its response."""

from __future__ import annotations

from uuid import uuid4

import structlog
from flask import Flask, Response, g


def install_request_ids(app: Flask) -> None:
    """Give each request an id and each response the headers that every page needs."""

    @app.before_request
    def begin() -> None:
        g.request_id = uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        return response
