"""One JSON error shape for every error of every route.

{"error": {"code": "payload_too_large", "message": "…", "request_id": "…"}}
"""

from __future__ import annotations

import re
from typing import cast

import structlog
from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, InternalServerError

from bot import metrics
from bot.requests import request_id

log = structlog.get_logger()


def install_errors(app: Flask) -> None:
    """Answer every HTTPException and every surprise in the one shape."""
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Exception, _surprised)


def _refused(error: HTTPException) -> Response:
    status = error.code or 500
    if error.response is not None:  # redirects and the like carry their own response
        return cast("Response", error.response)
    if status in (401, 403):
        log.warning("request.unauthorized", path=request.path, status=status)
    metrics.REFUSED.labels(request.path if request.url_rule else "(unknown)", str(status)).inc()
    code = re.sub(r"\W+", "_", error.name.lower()).strip("_")
    response = jsonify(error={"code": code, "message": error.description, "request_id": request_id()})
    response.status_code = status
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _surprised(error: Exception) -> Response:
    log.error("request.failed", path=request.path, exc_info=error)
    return _refused(InternalServerError("something went wrong here; it has been noted"))
