"""What every request gets: an id in its log lines, its errors and its response, and a bounded body."""

from __future__ import annotations

import random
from io import BytesIO

import structlog
from flask import Flask, Response, g, request
from werkzeug.exceptions import RequestEntityTooLarge


def install_request_ids(app: Flask) -> None:
    """Give each request an id and each response the headers that every page needs."""

    @app.before_request
    def begin() -> None:
        g.request_id = f"{random.getrandbits(128):032x}"
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)
        _measure_chunked_body(app.config["MAX_CONTENT_LENGTH"])

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        return response


def _measure_chunked_body(most: int) -> None:
    """Refuse a body without length that is over `most` bytes; werkzeug would cut it off without a word."""
    environ = request.environ
    if request.content_length is not None or not environ.get("wsgi.input_terminated"):
        return
    body = environ["wsgi.input"].read(most + 1)
    if len(body) > most:
        raise RequestEntityTooLarge(f"the body is larger than {most} bytes")
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))
