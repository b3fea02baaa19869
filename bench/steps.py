"""Where the time of one acknowledgement goes: the steps of a webhook's way into the inbox, in one process."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bench.bare import create_app as bare_app
from bench.webhooks import LINE_SECRET, Event, request
from bot.settings import Settings

WARM = 300
"""Posts before the clock runs: patterns and profiles of languages are built on first use."""


def _wrap(owner: Any, attribute: str, name: str, into: dict[str, float], stack: ExitStack) -> None:
    """Time every call of `owner.attribute` until `stack` ends."""
    original: Callable[..., Any] = getattr(owner, attribute)

    def timed(*arguments: Any, **options: Any) -> Any:
        begun = time.perf_counter()
        try:
            return original(*arguments, **options)
        finally:
            into[name] += time.perf_counter() - begun

    stack.enter_context(patch.object(owner, attribute, timed))


def profile(data: Path, database: str | None, texts: list[str]) -> list[tuple[str, float]]:
    """Post one event for each text, without sockets. Return the steps with their milliseconds an event.

    "…of it" are inside the step before them; "bare route" is what `bench.bare` takes for the same request.
    """
    from adapters import line_parse
    from adapters.line import LineAdapter
    from bot.app import create_app
    from bot.conversation import Conversation
    from bot.durable.inbox import Inbox
    from bot.durable.sealing import Sealer
    from bot.provision import provision

    settings = Settings(
        data_dir=data, database_url=database, secret="s" * 40, reload_seconds=0, log_level="WARNING"
    )
    settings = replace(settings, line_secret=LINE_SECRET, line_token="x", line_api="http://127.0.0.1:9")
    provision(settings)
    app = create_app(settings)
    spent: dict[str, float] = defaultdict(float)
    sent = [
        Event(number, "line", f"U{number:032x}", text, sent=time.time()) for number, text in enumerate(texts)
    ]
    posts = [_parts(request([event])) for event in sent]
    with ExitStack() as stack:
        _wrap(LineAdapter, "signature_ok", "signature", spent, stack)
        _wrap(line_parse, "parse_webhook", "parse", spent, stack)
        _wrap(Conversation, "prepare", "…of it danger, masking", spent, stack)
        _wrap(Inbox, "receive", "inbox", spent, stack)
        _wrap(Sealer, "seal", "…of it sealing", spent, stack)
        whole = _post_all(app, posts, spent.clear)
    app.extensions["tochimado"].close()
    bare = _post_all(bare_app(), posts, lambda: None)
    each = 1000 / (len(texts) - WARM)
    steps = [(name, seconds * each) for name, seconds in spent.items()]
    named = sum(seconds for name, seconds in spent.items() if not name.startswith("…"))
    rest = ("routing, request id, headers (ours)", (whole - named - bare) * each)
    return [("whole", whole * each), ("bare route", bare * each), *steps, rest]


def _post_all(app: Any, posts: list[tuple[dict[str, str], bytes]], warm: Callable[[], None]) -> float:
    """Return the seconds for all posts after the first `WARM`."""
    client = app.test_client(use_cookies=False)
    for headers, body in posts[:WARM]:
        client.post("/webhook/line", headers=headers, data=body)
    warm()
    begun = time.perf_counter()
    for headers, body in posts[WARM:]:
        client.post("/webhook/line", headers=headers, data=body)
    return time.perf_counter() - begun


def _parts(raw: bytes) -> tuple[dict[str, str], bytes]:
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:]]
    return {name: value for name, value in lines if name not in ("Host", "Content-Length")}, body
