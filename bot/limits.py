"""How much one resident may ask, over all processes.

By conversation and not by address: a shelter's shared address is not one user.  The web API has a wide limit
by address besides (flask-limiter), against floods of new sessions.  Crisis messages are never limited.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import structlog
from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import RateLimitItem, parse_many
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import HTTPException

from bot.conversation import is_urgent
from bot.hits import SCHEME
from bot.settings import Settings

if TYPE_CHECKING:
    from flask.typing import RouteCallable

log = structlog.get_logger()

HERE = f"{SCHEME}://"
"""Counts of this process alone."""
WEB_ENDPOINTS = ("web.messages", "web.furigana", "web.suggest")


def storage_url(settings: Settings) -> str:
    """Return where counts are kept: Redis if the queue is there (shared by machines), else each process."""
    return settings.queue if settings.queue.startswith("redis") else HERE


class TurnLimits:
    """Counts the turns of each conversation. `rule`: such as `30/minute;300/hour`."""

    def __init__(self, rule: str, storage: str = HERE):
        self._rules: list[RateLimitItem] = parse_many(rule)
        self._window = MovingWindowRateLimiter(storage_from_string(storage))

    def allows(self, key: str) -> bool:
        """Count one turn of the conversation `key`; False if it is one too many. Never raises."""
        try:
            counted = [self._window.hit(rule, key) for rule in self._rules]
        except Exception as error:  # the counter is out of reach: answering matters more than counting
            log.warning("limits.unreachable", reason=type(error).__name__)
            return True
        return all(counted)


def install_address_limit(app: Flask, settings: Settings) -> None:
    """Limit the web API by address; the answer to one too many is 429 in the one error shape."""
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=storage_url(settings),
        strategy="moving-window",
        swallow_errors=True,
        headers_enabled=True,
    )
    # The limited views ask it themselves, in their blueprint; nothing else pays for it.
    _move(app.before_request_funcs, limiter, None)
    _move(app.after_request_funcs, limiter, "web")
    _move(app.teardown_request_funcs, limiter, "web")
    for endpoint in WEB_ENDPOINTS:
        view = app.view_functions[endpoint]
        limited = limiter.limit(settings.address_limit, exempt_when=_is_crisis)(view)
        app.view_functions[endpoint] = cast("RouteCallable", limited)


def _move(hooks: dict[str | None, list[Any]], limiter: Limiter, blueprint: str | None) -> None:
    """Take the limiter's hooks off all requests; put them on those of `blueprint` (none: on no request)."""
    its = [hook for hook in hooks[None] if limiter in (getattr(hook, "__self__", None), *_bound(hook))]
    hooks[None] = [hook for hook in hooks[None] if hook not in its]
    if blueprint:
        hooks.setdefault(blueprint, []).extend(its)


def _bound(hook: object) -> tuple[object, ...]:
    return hook.args if isinstance(hook, partial) else ()


def _is_crisis() -> bool:
    """Return whether the request carries a message of somebody in danger."""
    try:
        body = json.loads(request.get_data().decode("utf-8", "replace"))
        return is_urgent(str(body["text"]))
    except (ValueError, RecursionError, TypeError, LookupError, HTTPException):
        return False
