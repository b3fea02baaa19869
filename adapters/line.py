"""The LINE channel: webhook, rendering and delivery.

    POST /webhook/line → signature over the raw bytes → `line_parse` → `receive`
    Reply → `line_render` → `line_client`: reply token first, a billed push only where it is worth it

Delivery is safe to repeat: a reply token works once, and a push carries a retry key made of its content.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from adapters import line_parse, line_render
from adapters.base import JSON, DeliveryError, Receive
from adapters.line_client import TOKEN_REFUSED, Answer, LineClient
from adapters.messages import Address, Reply

logger = logging.getLogger(__name__)

TOKEN_SECONDS = 50.0  # LINE promises a minute from the event; the way here and back takes some of it
_KEYS = uuid.UUID("6f1c1f52-3f0e-5a0c-9f43-6c8a5d0b7e11")  # namespace of the retry keys


class LineAdapter:
    """LINE Messaging API.

    `on_ignored` is called with the type of every webhook event that is not for us.  `timeout`: seconds to
    connect to LINE and to wait for its answer.  `token_seconds`: how old an event may be for its reply
    token to be tried.
    """

    name = "line"

    def __init__(
        self,
        channel_secret: str,
        access_token: str,
        api_base: str = "https://api.line.me",
        *,
        on_ignored: Callable[[str], None] | None = None,
        timeout: tuple[float, float] = (3.0, 10.0),
        token_seconds: float = TOKEN_SECONDS,
    ) -> None:
        if not channel_secret:
            raise ValueError("the LINE channel secret must not be empty")
        self._keyed = hmac.new(channel_secret.encode(), digestmod="sha256")
        self._ignored = on_ignored or (lambda event_type: None)
        self._token_seconds = token_seconds
        self._client = LineClient(access_token, api_base, timeout)

    def signature_ok(self, body: bytes, signature: str) -> bool:
        """Return whether `signature` (`X-Line-Signature`) is base64(HMAC-SHA256(channel secret, body))."""
        keyed = self._keyed.copy()
        keyed.update(body)
        return hmac.compare_digest(base64.b64encode(keyed.digest()), signature.encode("utf-8", "replace"))

    def blueprint(self, receive: Receive) -> Blueprint:
        """Return the route of the webhook: wrong signature 401, not a JSON object 400, else 200 and `{}`."""
        blueprint = Blueprint("line", __name__)

        @blueprint.post("/webhook/line")
        def webhook() -> ResponseReturnValue:
            body = request.get_data(cache=False)
            if not self.signature_ok(body, request.environ.get("HTTP_X_LINE_SIGNATURE", "")):
                logger.warning("line: webhook with a wrong signature")
                abort(401)
            try:
                messages = line_parse.parse_webhook(body, self._ignored)
            except line_parse.BadBodyError:
                abort(400)
            if messages:
                receive(messages)
            return Response(b"{}\n", mimetype="application/json")

        return blueprint

    def render(self, reply: Reply) -> list[JSON]:
        """Return `reply` as at most five LINE message objects within LINE's limits."""
        return line_render.render(reply)

    def units(self, messages: list[JSON]) -> list[list[JSON]]:
        """Return all messages of a reply together: LINE takes up to five in one call."""
        return [messages] if messages else []

    def deliver(
        self, to: Address, messages: list[JSON], *, retry_key: str | None = None, again: bool = False
    ) -> None:
        """Send rendered messages: as a reply while the token is young, else as a push where worthwhile.

        `retry_key`: a UUID for the push; without it one is derived from the address and the messages, so
        that the same delivery tried again is the same push to LINE.  `again`: an earlier try may have used
        the reply token; a young token that LINE refuses then means that it did.  A payload that LINE
        refuses is tried once more as plain text.  Raises `DeliveryError`, and `ValueError` for a
        `retry_key` that is no UUID.
        """
        key = str(uuid.UUID(retry_key)) if retry_key else _retry_key(to, messages)
        if not messages:
            return
        young = bool(to.reply_token) and _age(to) < self._token_seconds
        way, answer = "reply", self._reply(to, messages)
        if answer.token_refused and again and young:
            return
        if answer.token_refused:
            if not to.push_worthwhile:
                raise DeliveryError(self.name, "the reply token no longer works", retry=False, status=400)
            way, answer = "push", self._push(to.user_id, messages, key)
        if not answer.accepted:
            said = f"{way} refused with {answer.status}" if answer.status else f"no answer to the {way}"
            raise DeliveryError(self.name, said, retry=answer.retry, status=answer.status, after=answer.after)

    def working(self, to: Address) -> None:
        """Show the loading indicator for up to 20 seconds, in a chat with one resident. Never raises."""
        if to.user_id.startswith("U"):
            self._client.show_loading(to.user_id)

    def profile_language(self, to: Address) -> str | None:
        """Return the language that LINE has for the resident (BCP 47), or None. Waits at most 3 s."""
        return self._client.language(to.user_id) if to.user_id.startswith("U") else None

    def _reply(self, to: Address, messages: list[JSON]) -> Answer:
        """Reply, as plain text where LINE refuses the payload, and not at all with a token too old."""
        if not to.reply_token or _age(to) >= self._token_seconds:
            return TOKEN_REFUSED
        answer = self._client.reply(to.reply_token, messages)
        if answer.payload_refused:
            answer = self._client.reply(to.reply_token, line_render.plain_messages(messages))
        return answer

    def _push(self, user_id: str, messages: list[JSON], key: str) -> Answer:
        """Push, as plain text where LINE refuses the payload. Already accepted (409) is accepted."""
        answer = self._client.push(user_id, messages, key)
        if answer.payload_refused:
            plain_key = str(uuid.uuid5(uuid.UUID(key), "plain"))
            answer = self._client.push(user_id, line_render.plain_messages(messages), plain_key)
        return Answer(200) if answer.status == 409 else answer


def _age(to: Address) -> float:
    """Return the seconds since the event came; a time without a zone is UTC."""
    received = to.received_at if to.received_at.tzinfo else to.received_at.replace(tzinfo=UTC)
    return (datetime.now(UTC) - received).total_seconds()


def _retry_key(to: Address, messages: list[JSON]) -> str:
    """Return the UUID of this delivery: the same for the same event, receiver and messages."""
    event = to.reply_token or to.received_at.isoformat()
    content = hashlib.sha256(json.dumps(messages, sort_keys=True).encode()).hexdigest()
    return str(uuid.uuid5(_KEYS, f"{event} {to.user_id} {content}"))
