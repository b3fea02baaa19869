"""Who may use each route. A route that is not declared here stops the start."""

from __future__ import annotations

from typing import Literal

from flask import Flask

Access = Literal["public", "session", "signature", "secret", "operator"]

ACCESS: dict[str, Access] = {
    "web.demo": "public",
    "web.chat": "public",
    "web.loader": "public",
    "web.asset": "public",
    "web.furigana": "public",
    "web.suggest": "public",
    "web.messages": "session",
    "line.webhook": "signature",
    "telegram.webhook": "secret",
    "opendata.faq": "public",
    "opendata.table": "public",
    "ops.healthz": "public",
    "ops.readyz": "public",
    "ops.expose": "operator",
}
"""By endpoint.

`public`: nothing personal in it. `session`: a signed token, issued to whoever has none. `signature`: LINE's
HMAC over the body. `secret`: Telegram's secret header. `operator`: a token, or this machine.
"""


def check_access(app: Flask) -> None:
    """Raise RuntimeError if a route is not declared."""
    missing = sorted({rule.endpoint for rule in app.url_map.iter_rules()} - ACCESS.keys())
    if missing:
        raise RuntimeError(f"routes without declared access: {', '.join(missing)}")
