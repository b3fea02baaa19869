"""The web channel: the widget's HTTP API, the widget itself and the demo page.

    POST /api/v1/messages        one message of a resident in, the answer out (synchronous)
    POST /api/v1/furigana        {"texts": […]} → {"ruby": {text: [[as written, reading], …]}}
    POST /api/v1/suggest         {"q", "lang"} → {"suggestions": […]}, from the knowledge alone
    GET  /                       the demo page
    GET  /chat                   the chat as a page of its own; the widget shows it in an iframe
    GET  /widget.js              the loader that any page embeds with one line of HTML
    GET  /static/chat/<name>     stylesheet and modules of the chat page
    GET  /static/demo/<name>     stylesheet and module of the demo page

Suggestions are asked for by POST, so that what a resident is typing stands in no server's access log.

Bad requests leave as werkzeug HTTPExceptions whose `description` says what is wrong with the request
and never holds any of its content; the application turns them into its one JSON error shape.

`/chat` may be framed by whom `frame_ancestors` names, so no `X-Frame-Options` may be added to it.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from adapters.base import JSON, Receive
from adapters.messages import Address, IncomingMessage, Reply
from adapters.plain import button_json, render_blocks
from adapters.web_request import parse_body, parse_query, parse_texts, posted_bytes
from adapters.web_ruby import Ruby, pairs_of, ruby_of
from adapters.web_sessions import Sessions, SessionTokens
from adapters.web_static import load_assets

__all__ = ["SessionTokens", "Sessions", "WebAdapter"]

Answer = Callable[[IncomingMessage], Reply | None]
Suggest = Callable[[str, str], list[str]]
"""From what is typed so far (empty: nothing yet) and a language to questions of the knowledge, best first."""

SUGGESTIONS_MAX = 4
SMALL = 500
"""Answers of more bytes are compressed: escaped Japanese shrinks to a third."""
_FRAME_ANCESTORS = re.compile(r"[A-Za-z0-9'*:/. -]{1,2000}")
_HTML = b'<html lang="ja" data-lang="ja">'

_PAGE_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; trusted-types 'none'; "
    "frame-ancestors "
)


class WebAdapter:
    """The web channel. It answers in the response itself: `answer` returns the reply, or None for silence.

    `frame_ancestors`: who may embed the chat, as in the CSP directive (`'self' https://www.example.jp`).
    `ruby`: furigana of a text; `suggest`: questions to complete what is typed. Without one of them its route
    is not there, and the widget does not offer it.
    """

    name = "web"

    def __init__(
        self,
        sessions: Sessions,
        answer: Answer,
        *,
        frame_ancestors: str = "'self'",
        ruby: Ruby | None = None,
        suggest: Suggest | None = None,
    ):
        if not _FRAME_ANCESTORS.fullmatch(frame_ancestors):
            raise ValueError("frame_ancestors must be origins divided by spaces, as in the CSP directive")
        self._sessions = sessions
        self._answer = answer
        self._frame_ancestors = frame_ancestors
        self._ruby = ruby
        self._suggest = suggest
        features = [name for name, there in (("furigana", ruby), ("suggest", suggest)) if there]
        self._assets = load_assets()
        self._assets["chat.html"] = self._assets["chat.html"].replaced(
            _HTML, _HTML.replace(b">", f' data-features="{" ".join(features)}">'.encode())
        )

    def blueprint(self, receive: Receive) -> Blueprint:
        """Return the routes. `receive` is not used: nothing of this channel is answered later."""
        routes = Blueprint("web", __name__, static_folder=None)
        routes.post("/api/v1/messages", endpoint="messages")(self._messages)
        if self._ruby:
            routes.post("/api/v1/furigana", endpoint="furigana")(self._furigana)
        if self._suggest:
            routes.post("/api/v1/suggest", endpoint="suggest")(self._suggestions)
        routes.get("/", endpoint="demo")(lambda: self._page("index.html", "'self'"))
        routes.get("/chat", endpoint="chat")(lambda: self._page("chat.html", self._frame_ancestors))
        routes.get("/widget.js", endpoint="loader")(self._loader)
        routes.get("/static/<any(chat, demo):group>/<name>", endpoint="asset")(self._asset)
        routes.after_request(_safe_headers)
        return routes

    def render(self, reply: Reply) -> list[JSON]:
        """Return one message: `blocks` (see `adapters.plain`), `quick_replies`, `lang`, `urgent`, `topic`."""
        message: JSON = {
            "blocks": render_blocks(reply),
            "quick_replies": [button_json(button) for button in reply.quick_replies],
            "lang": reply.lang,
            "urgent": reply.urgent,
        }
        if reply.topic:
            message["topic"] = reply.topic
        return [message]

    def deliver(self, to: Address, messages: list[JSON]) -> None:
        """Do nothing: the answer has left in the response, and the web has no way to send one later."""

    def working(self, to: Address) -> None:
        """Do nothing: the widget shows its own sign of waiting."""

    def profile_language(self, to: Address) -> str | None:
        """Return None: the browser's language comes with each message."""
        return None

    def _messages(self) -> Response:
        posted = parse_body(posted_bytes())
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
        if posted.furigana and self._ruby:
            for message in body["messages"]:
                message["ruby"] = ruby_of(message, self._ruby)
        if posted.session is not None and token != posted.session:
            body["session_renewed"] = True
        return _json(body)

    def _furigana(self) -> Response:
        texts = dict.fromkeys(parse_texts(posted_bytes()))
        return _json({"ruby": {text: pairs_of(text, self._ruby) for text in texts if self._ruby}})

    def _suggestions(self) -> Response:
        typed, lang = parse_query(posted_bytes())
        found = self._suggest(typed, lang) if self._suggest else []
        return _json({"suggestions": found[:SUGGESTIONS_MAX]})

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


def _json(body: JSON) -> Response:
    # Escaped to ASCII: a lone surrogate in an answer must not break the encoding.
    made = json.dumps(body, ensure_ascii=True).encode()
    response = Response(made, content_type="application/json")
    response.vary.add("Accept-Encoding")
    if len(made) > SMALL and request.accept_encodings["gzip"] > 0:
        # No cookie goes with a request: nobody else can have a resident's answer compressed and measured.
        response.set_data(gzip.compress(made, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _safe_headers(response: Response) -> Response:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    if request.method == "POST":
        response.headers["Cache-Control"] = "no-store"
    return response
