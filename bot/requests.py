"""What every request gets: an id in its log lines, its errors and its response, and a bounded body.

A layer around the application rather than hooks in it: an acknowledgement passes it in a tenth of their time.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask, request

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_REQUEST_ID = "tochimado.request_id"
_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)
"""Of every response that does not say otherwise."""


def install_requests(app: Flask) -> None:
    """Give each request an id and a body of at most `MAX_CONTENT_LENGTH`, each response its headers."""
    app.wsgi_app = Requests(app.wsgi_app, app.config["MAX_CONTENT_LENGTH"])  # type: ignore[method-assign]


def request_id() -> str:
    """Return the id of the request in hand, 32 hex digits."""
    return str(request.environ.get(_REQUEST_ID, ""))


class Requests:
    """WSGI middleware around `inner`. `most`: bytes of a body."""

    def __init__(self, inner: WSGIApplication, most: int):
        self._inner = inner
        self._most = most

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass one request on."""
        number = environ[_REQUEST_ID] = f"{random.getrandbits(128):032x}"
        structlog.contextvars.bind_contextvars(request_id=number)
        if not environ.get("CONTENT_LENGTH") and environ.get("wsgi.input_terminated"):
            self._measure(environ)

        def start(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
            named = {name.lower() for name, _ in headers}
            more = [header for header in _HEADERS if header[0].lower() not in named]
            return start_response(status, [*headers, *more, ("X-Request-Id", number)], *failure)

        return self._inner(environ, start)

    def _measure(self, environ: WSGIEnvironment) -> None:
        """Tell the length of a body that came in chunks, so that Flask refuses one that is too large.

        werkzeug would cut it off without a word.
        """
        body = environ["wsgi.input"].read(self._most + 1)
        environ.pop("HTTP_TRANSFER_ENCODING", None)  # with it no length is believed
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))
