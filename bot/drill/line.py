"""A LINE on loopback that can fail: it takes what the real one would and remembers what arrived for whom."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from uuid import UUID

Mode = Literal["up", "error", "silent"]
REPLY, PUSH = "/v2/bot/message/reply", "/v2/bot/message/push"
LOADING, PROFILE = "/v2/bot/chat/loading/start", "/v2/bot/profile/"
TOKEN_SECONDS = 60.0
MOST_MESSAGES = 5


@dataclass(frozen=True)
class Arrival:
    """Messages that reached a resident. `at`: `time.monotonic()`."""

    at: float
    text: str


class RefusedError(Exception):
    """What LINE answers with an error."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status = status


class DrillLine:
    """The fake. `mode`: `up`; `error`, answers 500; `silent`, takes requests and says nothing."""

    def __init__(self) -> None:
        self.access_token = secrets.token_urlsafe(24)
        self.arrived: dict[str, list[Arrival]] = defaultdict(list)
        self.refused: list[str] = []
        self._mode: Mode = "up"
        self._changed = threading.Condition()
        self._tokens: dict[str, tuple[str, float]] = {}
        self._keys: set[str] = set()
        handler = type("Handler", (_Handler,), {"line": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> DrillLine:
        """Begin to listen."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self.mode = "up"
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        """For `LINE_API_BASE`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def mode(self) -> Mode:
        """How it behaves at the moment."""
        return self._mode

    @mode.setter
    def mode(self, mode: Mode) -> None:
        with self._changed:
            self._mode = mode
            self._changed.notify_all()

    def issue_token(self, user: str) -> str:
        """Return a new reply token for a message of `user`; it works once, for a minute."""
        token = secrets.token_hex(16)
        with self._changed:
            self._tokens[token] = (user, time.monotonic())
        return token

    def wait_for(self, users: list[str], seconds: float, count: int = 1) -> bool:
        """Wait until `count` answers arrived for each of `users`. Return whether they did in time."""
        with self._changed:
            return self._changed.wait_for(
                lambda: all(len(self.arrived.get(user, ())) >= count for user in users), seconds
            )

    def stumble(self) -> bool:
        """Fail as `mode` says: wait while silent. Return whether the request is lost."""
        with self._changed:
            mode = self._mode
            if mode == "silent":
                self._changed.wait_for(lambda: self._mode != "silent")
        return mode == "silent"

    def answer(self, method: str, path: str, headers: Any, raw: bytes) -> dict[str, Any]:
        """Do what LINE would do. Raises `RefusedError`."""
        if self._mode == "error":
            raise RefusedError(500, "Internal server error")
        if headers.get("Authorization") != f"Bearer {self.access_token}":
            raise RefusedError(401, "Authentication failed")
        if method == "GET" and path.startswith(PROFILE):
            raise RefusedError(404, "Not found")
        if method != "POST" or path not in (REPLY, PUSH, LOADING):
            raise RefusedError(404, "Not found")
        body = _body(headers, raw)
        if path == LOADING:
            return {}
        messages = body.get("messages")
        if not isinstance(messages, list) or not 0 < len(messages) <= MOST_MESSAGES:
            raise RefusedError(400, "messages: 1 to 5 are required")
        if not all(isinstance(message, dict) and message.get("type") for message in messages):
            raise RefusedError(400, "messages: each needs a type")
        with self._changed:
            user = self._reply(body) if path == REPLY else self._push(body, headers.get("X-Line-Retry-Key"))
            self.arrived[user].append(Arrival(time.monotonic(), json.dumps(messages, ensure_ascii=False)))
            self._changed.notify_all()
        return {"sentMessages": [{"id": str(secrets.randbelow(10**18))} for _ in messages]}

    def _reply(self, body: dict[str, Any]) -> str:
        user, issued = self._tokens.pop(str(body.get("replyToken")), ("", 0.0))
        if not user or time.monotonic() - issued > TOKEN_SECONDS:
            raise RefusedError(400, "Invalid reply token")
        return user

    def _push(self, body: dict[str, Any], key: str | None) -> str:
        if key is not None:
            try:
                UUID(key)
            except ValueError:
                raise RefusedError(400, "The retry key is invalid") from None
            if key in self._keys:
                raise RefusedError(409, "The retry key is already accepted")
            self._keys.add(key)
        return str(body.get("to"))


def _body(headers: Any, raw: bytes) -> dict[str, Any]:
    if headers.get("Content-Type", "").split(";")[0].strip() != "application/json":
        raise RefusedError(415, "The content type is not supported")
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise RefusedError(400, "The request body is not a JSON object")
    return body


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: whoever asked was killed by the exercise."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    line: DrillLine

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer a GET."""
        self._handle()

    def do_POST(self) -> None:
        """Answer a POST."""
        self._handle()

    def _handle(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.line.stumble():
            self.close_connection = True
            return
        try:
            status, body = 200, self.line.answer(self.command, self.path, self.headers, raw)
        except RefusedError as refused:
            status, body = refused.status, {"message": str(refused)}
            if status not in (404, 409, 500):
                self.line.refused.append(f"{status} {refused}")
        content = json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except OSError:  # whoever asked has given up
            self.close_connection = True
