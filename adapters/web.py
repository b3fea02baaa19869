"""The web channel: the widget's HTTP API, the widget itself and the demo page.

    POST /api/v1/messages        one message of a resident in, the answer out (synchronous)
    GET  /                       the demo page
    GET  /chat                   the chat as a page of its own; the widget shows it in an iframe
    GET  /widget.js              the loader that any page embeds with one line of HTML
    GET  /static/chat/<name>     stylesheet and modules of the chat page
    GET  /static/demo/<name>     stylesheet and module of the demo page

Bad requests leave as werkzeug HTTPExceptions whose `description` says what is wrong with the request
and never holds any of its content; the application turns them into its one JSON error shape.

`/chat` may be framed by whom `frame_ancestors` names, so no `X-Frame-Options` may be added to it.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from flask import Blueprint, Response, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.exceptions import BadRequest, NotFound, UnsupportedMediaType

from adapters.base import JSON, Receive
from adapters.messages import Address, IncomingMessage, Reply
from adapters.plain import button_json, render_blocks
from adapters.web_static import load_assets

Answer = Callable[[IncomingMessage], Reply | None]

FIELDS = ("session", "client_id", "text", "postback", "location", "lang")
POSTBACK_MAX = 300
THIRTY_DAYS = 30 * 24 * 60 * 60
CLOCK_SKEW_SECONDS = 300

_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_LANG = re.compile(r"(?=.{1,35}\Z)[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_USER_ID = re.compile(r"[0-9a-f]{32}")
_FRAME_ANCESTORS = re.compile(r"[A-Za-z0-9'*:/. -]{1,2000}")

_PAGE_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; trusted-types 'none'; "
    "frame-ancestors "
)


# --- sessions -------------------------------------------------------------------------------------------


class Sessions(Protocol):
    """Who a resident is from one message to the next, without a cookie."""

    def issue(self) -> tuple[str, str]:
        """Return a new token and the user id that it stands for."""
        ...

    def read(self, token: str) -> str | None:
        """Return the user id of `token`, or None if the token is not genuine or too old."""
        ...


class SessionTokens:
    """Signed tokens (HMAC-SHA256) that hold a random user id of 128 bits and the time of issue.

    Nothing is stored: every process with the same `secret` (at least 16 bytes) reads them.  A token is
    valid for `max_age_seconds` from its issue; use does not prolong it, so that no id lives on for ever.
    """

    def __init__(self, secret: bytes, max_age_seconds: int = THIRTY_DAYS):
        if len(secret) < 16:
            raise ValueError("the secret for session tokens needs at least 16 bytes")
        self._max_age = max_age_seconds
        self._serializer = URLSafeTimedSerializer(
            secret,
            salt="tochimado.web.session",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def issue(self) -> tuple[str, str]:
        """Return a new token and its user id (32 hexadecimal digits)."""
        user_id = secrets.token_hex(16)
        token = self._serializer.dumps(user_id)
        return (token if isinstance(token, str) else token.decode("ascii")), user_id

    def read(self, token: str) -> str | None:
        """Return the user id of `token`, or None. The signature is compared in constant time."""
        if not token.isascii():
            return None
        try:
            user_id, issued = self._serializer.loads(token, return_timestamp=True)
        except BadData:
            return None
        # The age is checked here and not by itsdangerous, which refuses a token that comes from a machine
        # whose clock is a second ahead.
        age = time.time() - issued.timestamp()
        if not -CLOCK_SKEW_SECONDS <= age <= self._max_age:
            return None
        return user_id if isinstance(user_id, str) and _USER_ID.fullmatch(user_id) else None


# --- the request ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Posted:
    """A checked body of `POST /api/v1/messages`. `client_id` is in lower case."""

    client_id: str
    session: str | None = None
    text: str | None = None
    postback: str | None = None
    location: tuple[float, float] | None = None
    lang: str | None = None

    @property
    def kind(self) -> Literal["text", "postback", "location", "follow"]:
        """What kind of event this is; without content it is the opening of the widget."""
        if self.text is not None:
            return "text"
        if self.postback is not None:
            return "postback"
        return "location" if self.location is not None else "follow"


def parse_body(raw: bytes) -> Posted:
    """Return the checked body. A field that is null counts as absent. Raises `BadRequest`."""
    body = _json_object(raw)
    if any(key not in FIELDS for key in body):
        raise BadRequest(f"unknown field; the fields are {', '.join(FIELDS)}")
    client_id = _string(body, "client_id")
    if client_id is None or not _UUID.fullmatch(client_id):
        raise BadRequest("client_id must be a UUID such as 123e4567-e89b-42d3-a456-426614174000")
    lang = _string(body, "lang")
    if lang is not None and not _LANG.fullmatch(lang):
        raise BadRequest("lang must be a language tag of at most 35 characters, such as ja or pt-BR")
    posted = Posted(
        client_id=client_id.lower(),
        session=_string(body, "session"),
        text=_string(body, "text"),
        postback=_postback(body),
        location=_location(body.get("location")),
        lang=lang,
    )
    if sum(part is not None for part in (posted.text, posted.postback, posted.location)) > 1:
        raise BadRequest("send only one of text, postback and location")
    return posted


def _json_object(raw: bytes) -> JSON:
    try:
        body = json.loads(raw.decode("utf-8", errors="replace"), parse_constant=_no_constant)
    except RecursionError as error:
        raise BadRequest("the body is nested too deeply") from error
    except ValueError as error:
        raise BadRequest("the body is not valid JSON") from error
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    return body


def _no_constant(_: str) -> None:
    raise ValueError("NaN and Infinity are not JSON")


def _string(body: JSON, name: str) -> str | None:
    value = body.get(name)
    if value is None or isinstance(value, str):
        return value
    raise BadRequest(f"{name} must be a string")


def _postback(body: JSON) -> str | None:
    value = _string(body, "postback")
    if value is not None and not (0 < len(value) <= POSTBACK_MAX and value.isascii() and value.isprintable()):
        raise BadRequest(f"postback must be 1 to {POSTBACK_MAX} printable ASCII characters")
    return value


def _location(value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    pair = value if isinstance(value, list) and len(value) == 2 else []
    if not pair or any(type(part) not in (int, float) for part in pair):
        raise BadRequest("location must be [latitude, longitude], two numbers")
    lat, lng = pair
    if not (-90 <= lat <= 90 and -180 <= lng <= 180):
        raise BadRequest("location is out of range: latitude -90 to 90, longitude -180 to 180")
    return float(lat), float(lng)


# --- the adapter ----------------------------------------------------------------------------------------


class WebAdapter:
    """The web channel. It answers in the response itself: `answer` returns the reply, or None for silence.

    `frame_ancestors`: who may embed the chat, as in the CSP directive (`'self' https://www.example.jp`).
    """

    name = "web"

    def __init__(self, sessions: Sessions, answer: Answer, *, frame_ancestors: str = "'self'"):
        if not _FRAME_ANCESTORS.fullmatch(frame_ancestors):
            raise ValueError("frame_ancestors must be origins divided by spaces, as in the CSP directive")
        self._sessions = sessions
        self._answer = answer
        self._frame_ancestors = frame_ancestors
        self._assets = load_assets()

    def blueprint(self, receive: Receive) -> Blueprint:
        """Return the routes. `receive` is not used: nothing of this channel is answered later."""
        routes = Blueprint("web", __name__, static_folder=None)
        routes.post("/api/v1/messages", endpoint="messages")(self._messages)
        routes.get("/", endpoint="demo")(lambda: self._page("index.html", "'self'"))
        routes.get("/chat", endpoint="chat")(lambda: self._page("chat.html", self._frame_ancestors))
        routes.get("/widget.js", endpoint="loader")(self._loader)
        routes.get("/static/<any(chat, demo):group>/<name>", endpoint="asset")(self._asset)
        routes.after_request(_safe_headers)
        return routes

    def render(self, reply: Reply) -> list[JSON]:
        """Return one message: `blocks` (see `adapters.plain`), `quick_replies`, `lang` and `urgent`."""
        return [
            {
                "blocks": render_blocks(reply),
                "quick_replies": [button_json(button) for button in reply.quick_replies],
                "lang": reply.lang,
                "urgent": reply.urgent,
            }
        ]

    def deliver(self, to: Address, messages: list[JSON]) -> None:
        """Do nothing: the answer has left in the response, and the web has no way to send one later."""

    def working(self, to: Address) -> None:
        """Do nothing: the widget shows its own sign of waiting."""

    def profile_language(self, to: Address) -> str | None:
        """Return None: the browser's language comes with each message."""
        return None

    def _messages(self) -> Response:
        if request.mimetype != "application/json":
            raise UnsupportedMediaType("the content type must be application/json")
        posted = parse_body(request.get_data(cache=False))
        user_id = self._sessions.read(posted.session) if posted.session else None
        token = posted.session
        if token is None or user_id is None:
            token, user_id = self._sessions.issue()
        reply = self._answer(
            IncomingMessage(
                channel=self.name,
                user_id=user_id,
                event_id=posted.client_id,
                kind=posted.kind,
                text=posted.text,
                postback=posted.postback,
                location=posted.location,
                lang_hint=posted.lang,
            )
        )
        body: JSON = {"session": token, "messages": self.render(reply) if reply else []}
        if posted.session is not None and token != posted.session:
            body["session_renewed"] = True
        # Escaped to ASCII: a lone surrogate in an answer must not break the encoding.
        return Response(json.dumps(body, ensure_ascii=True), content_type="application/json")

    def _page(self, name: str, frame_ancestors: str) -> Response:
        response = self._assets[name].response("no-cache")
        response.headers["Content-Security-Policy"] = _PAGE_POLICY + frame_ancestors
        return response

    def _loader(self) -> Response:
        response = self._assets["widget.js"].response("public, max-age=300, stale-while-revalidate=86400")
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    def _asset(self, group: str, name: str) -> Response:
        asset = self._assets.get(f"{group}/{name}")
        if asset is None:
            raise NotFound("there is no such file")
        # Always asked again (304 as a rule), so that a page never mixes modules of two versions.
        return asset.response("no-cache")


def _safe_headers(response: Response) -> Response:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    if request.endpoint == "web.messages":
        response.headers["Cache-Control"] = "no-store"
    return response
