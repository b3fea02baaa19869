"""The LINE Messaging API through line-bot-sdk v3: each call returns an `Answer` instead of raising."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from linebot.v3.messaging import (
    ApiClient,
    ApiException,
    Configuration,
    MessagingApi,
)
from urllib3.exceptions import HTTPError

from adapters.base import JSON

LOADING_SECONDS = 20
MAX_AFTER = 3600.0
CONNECTIONS = 512
"""How many connections stay open for the next call: one for each thread that may send, and more."""
_BRIEFLY = (1.0, 2.0)  # seconds to connect and to wait, where the answer to the resident must not wait
_ACCESS_TOKEN = re.compile(r"[\x21-\x7e]+")
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What LINE said: HTTP status (0 without an answer), message of an error, seconds to wait or None."""

    status: int
    message: str = ""
    after: float | None = None

    @property
    def accepted(self) -> bool:
        """Whether LINE took the request."""
        return 200 <= self.status < 300

    @property
    def token_refused(self) -> bool:
        """Whether the reply token was used before or is too old."""
        return self.status == 400 and "invalid reply token" in self.message.lower()

    @property
    def payload_refused(self) -> bool:
        """Whether LINE found fault with the messages."""
        return self.status == 400 and not self.token_refused

    @property
    def retry(self) -> bool:
        """Whether trying again can help."""
        return self.status in (0, 429) or self.status >= 500


TOKEN_REFUSED = Answer(400, "Invalid reply token")


class LineClient:
    """Replies, pushes, loading, profile; one for all threads. `timeout`: seconds to connect, to wait."""

    def __init__(self, access_token: str, api_base: str, timeout: tuple[float, float]) -> None:
        if not _ACCESS_TOKEN.fullmatch(access_token):
            raise ValueError("the LINE access token must be ASCII without spaces, and not empty")
        configuration = Configuration(host=api_base.rstrip("/"), access_token=access_token)
        configuration.retries = False  # the outbox repeats; and no redirect is followed with the token
        configuration.connection_pool_maxsize = CONNECTIONS
        self._client = _Client(configuration)
        self._api = MessagingApi(self._client)
        self._timeout = timeout

    def reply(self, token: str, messages: list[JSON]) -> Answer:
        """Send `messages` with a reply token."""
        return self._post("/v2/bot/message/reply", {"replyToken": token, "messages": messages}, self._timeout)

    def push(self, user_id: str, messages: list[JSON], key: str) -> Answer:
        """Send `messages` as a billed push; the same `key` (a UUID) is accepted once, then answered 409."""
        content = {"to": user_id, "messages": messages}
        return self._post("/v2/bot/message/push", content, self._timeout, {"X-Line-Retry-Key": key})

    def show_loading(self, user_id: str) -> Answer:
        """Show the loading indicator for up to 20 seconds."""
        content = {"chatId": user_id, "loadingSeconds": LOADING_SECONDS}
        return self._post("/v2/bot/chat/loading/start", content, _BRIEFLY)

    def _post(
        self, path: str, content: JSON, timeout: tuple[float, float], more: dict[str, str] | None = None
    ) -> Answer:
        """Post through the SDK's client.

        Not through its models: what is sent is a message object of LINE already, held to LINE's specification
        by the tests, and making models of it and objects of them again costs more than all else in a call.
        """
        headers = {"Accept": "application/json", "Content-Type": "application/json", **(more or {})}
        return _call(
            self._client.call_api,
            path,
            "POST",
            header_params=headers,
            body=content,
            response_types_map={},
            auth_settings=["Bearer"],
            _return_http_data_only=True,
            _request_timeout=timeout,
        )[0]

    def language(self, user_id: str) -> str | None:
        """Return the language of the resident's profile (BCP 47), or None."""
        profile = _call(self._api.get_profile, user_id, _request_timeout=_BRIEFLY)[1]
        language = getattr(profile, "language", None)
        return language if isinstance(language, str) and language else None


class _Client(ApiClient):  # type: ignore[misc]  # the SDK is untyped
    """The SDK's client, for which a status is a status, whatever the body beside it says."""

    def request(self, *arguments: Any, **options: Any) -> Any:
        try:
            response = super().request(*arguments, **options)
        except ApiException as refused:
            refused.body = _utf8(refused.body)
            raise
        response.data = _utf8(response.data)
        response.urllib3_response.headers.pop("Content-Type", None)  # or the SDK decodes by its charset
        return response

    def deserialize(self, response: Any, response_type: Any) -> Any:
        try:
            return super().deserialize(response, response_type)
        except _UNREADABLE:
            return None


def _call(send: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[Answer, Any]:
    """Call the SDK and return what LINE said, with the body where it was accepted."""
    try:
        return Answer(200), send(*arguments, **options)
    except ApiException as refused:
        after = _seconds((refused.headers or {}).get("Retry-After"))
        return Answer(int(refused.status or 0), _message(refused.body), after), None
    except (HTTPError, OSError):
        return Answer(0), None


def _utf8(data: bytes | None) -> bytes:
    return (data or b"").decode("utf-8", "replace").encode()


def _message(body: Any) -> str:
    """Return the `message` of an error's body; it names properties and never holds their values."""
    try:
        return str(json.loads(body)["message"])
    except _UNREADABLE:
        return ""


def _seconds(value: str | None) -> float | None:
    """Return a Retry-After header (seconds, or a date) as seconds from now, between 0 and an hour."""
    try:
        wait = float(value or "nan")
    except ValueError:
        try:
            wait = (parsedate_to_datetime(value or "") - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return None if math.isnan(wait) else min(max(wait, 0.0), MAX_AFTER)
