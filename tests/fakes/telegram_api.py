"""A Telegram on loopback: checks every call as strictly as the specification allows and records it.

with FakeTelegram(folder) as telegram:
    adapter = TelegramAdapter(telegram.token, "secret", telegram.url)
    ...
    telegram.sent          the sendMessage calls that were accepted
    telegram.problems      what was wrong with calls that were refused for it
    telegram.fail(500)     the next call is answered with 500
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

from adapters.limits import utf16_len
from tests.fakes.telegram_html import EntityError, is_empty, parse_html
from tests.fakes.telegram_schema import (
    MAX_ENTITIES,
    MAX_RAW_TEXT,
    MAX_TEXT,
    Schema,
    load_specification,
)

TOKEN = "123456789:loopback_TOKEN-for-tests"
GARBAGE = b"<html><body>proxy says hello</body></html>"


@dataclass(frozen=True)
class Call:
    """One call: its method, its fields, the status it got (0: none); `text` is what the resident sees."""

    method: str
    fields: dict[str, Any]
    status: int
    text: str = ""
    entities: int = 0
    accepted: bool = False


@dataclass
class Fault:
    """How the next call (of `method`, where given) is answered instead of normally."""

    kind: Literal["status", "silence", "garbage", "hangup"]
    status: int = 200
    description: str = ""
    retry_after: int | None = None
    method: str | None = None
    skip: int = 0


class FakeTelegram:
    """A Bot API server for one bot. All attributes may be read while it runs; `calls` grows in order."""

    def __init__(self, specs: Path, token: str = TOKEN):
        self.schema = Schema(load_specification(specs))
        self.token = token
        self.calls: list[Call] = []
        self.problems: list[str] = []
        self.expects_problems = False
        self.blocked: set[int] = set()
        self._faults: deque[Fault] = deque()
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._server = _Server(self.answer)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> FakeTelegram:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The base for `TELEGRAM_API_BASE`."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def connections(self) -> int:
        """How many connections there have been."""
        return self._server.accepted

    @property
    def sent(self) -> list[Call]:
        """The messages that were accepted, in order."""
        return self.accepted("sendMessage")

    def accepted(self, method: str) -> list[Call]:
        """Return the calls of `method` that were answered with 200 and a result."""
        return [call for call in self.calls if call.method == method and call.accepted]

    def wait_for(self, count: int, method: str = "sendMessage", seconds: float = 5.0) -> list[Call]:
        """Return the accepted calls of `method` once there are `count` of them. Raises `TimeoutError`."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.accepted(method)) >= count, seconds):
                raise TimeoutError(f"{len(self.accepted(method))} of {count} {method} after {seconds} s")
            return self.accepted(method)

    def fail(
        self,
        status: int,
        description: str = "",
        *,
        times: int = 1,
        retry_after: int | None = None,
        method: str | None = None,
        skip: int = 0,
    ) -> None:
        """Answer the next `times` calls (of `method`, where given) with an error, after `skip` good ones."""
        fault = Fault("status", status, description, retry_after, method)
        self._faults += [replace(fault, skip=skip if n == 0 else 0) for n in range(times)]

    def misbehave(
        self, kind: Literal["silence", "garbage", "hangup"], *, times: int = 1, method: str | None = None
    ) -> None:
        """Answer the next calls with nothing for 30 s, with 200 and no JSON, or by closing the connection."""
        self._faults += [Fault(kind, method=method) for _ in range(times)]

    def close(self) -> None:
        """Stop and wait for every connection to end."""
        self._stopping.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    # --- answering --------------------------------------------------------------------------------------

    def answer(self, path: str, content_type: str, body: bytes) -> tuple[int, bytes] | None:
        """Return status and body for a call, None to close the connection without an answer."""
        prefix, _, rest = path.lstrip("/").partition("bot")
        token, _, method = rest.partition("/")
        if prefix or ":" not in token:
            return _error(404, "Not Found")
        if token != self.token:
            return _error(401, "Unauthorized")
        if method not in self.schema.methods:
            return _error(404, "Not Found: method not found")
        fields = _fields(content_type, body)
        status, call, reply = self._respond(Call(method, fields or {}, 0), fields is not None)
        with self._changed:
            self.calls.append(replace(call, status=status))
            self._changed.notify_all()
        return (status, reply) if status else None

    def _respond(self, call: Call, readable: bool) -> tuple[int, Call, bytes]:
        """Return the status (0: none), the call with its text parsed, and the answer."""
        fault = self._take_fault(call.method)
        if fault is None:
            return (
                self._accept(call) if readable else (400, call, _error(400, "Bad Request: no JSON object")[1])
            )
        if fault.kind == "garbage":
            return 200, call, GARBAGE
        if fault.kind == "silence":
            self._stopping.wait(30)
        if fault.kind in ("silence", "hangup"):
            return 0, call, b""
        return fault.status, call, _error(fault.status, fault.description, fault.retry_after)[1]

    def check(self, method: str, fields: dict[str, Any]) -> tuple[int, Call, bytes]:
        """Return the status, the call with its text parsed and the answer, without any network."""
        return self._accept(Call(method, fields, 0))

    def _accept(self, call: Call) -> tuple[int, Call, bytes]:
        """Check a call and return its status, itself with the text parsed, and the answer."""
        problems = self.schema.problems(call.method, call.fields)
        if not problems and call.method == "sendMessage":
            try:
                call, problems = _with_text(call)
            except EntityError as error:
                problems = [f"can't parse entities: {error}"]
        if problems:
            self.problems += problems
            return 400, call, _error(400, f"Bad Request: {problems[0]}")[1]
        chat = call.fields.get("chat_id")
        if chat in self.blocked:
            return 403, call, _error(403, "Forbidden: bot was blocked by the user")[1]
        result: Any = True
        if call.method == "sendMessage":
            kind = "private" if int(call.fields["chat_id"]) > 0 else "supergroup"
            result = {
                "message_id": len(self.calls) + 1,
                "date": int(time.time()),
                "chat": {"id": chat, "type": kind},
                "text": call.text,
            }
        return 200, replace(call, accepted=True), json.dumps({"ok": True, "result": result}).encode()

    def _take_fault(self, method: str) -> Fault | None:
        for n, fault in enumerate(self._faults):
            if fault.method in (None, method):
                if fault.skip:
                    fault.skip -= 1
                    return None
                del self._faults[n]
                return fault
        return None


def _with_text(call: Call) -> tuple[Call, list[str]]:
    """Return the call with its text as it will be seen, and what is wrong with that text."""
    source = call.fields["text"]
    text, entities = parse_html(source) if call.fields.get("parse_mode") == "HTML" else (source, 0)
    problems = []
    if any("\ud800" <= ch <= "\udfff" for ch in source):
        problems.append("strings must be encoded in UTF-8")
    elif len(source.encode()) > MAX_RAW_TEXT:
        problems.append("message would be cut off")
    if is_empty(text):
        problems.append("message text is empty")
    if utf16_len(text) > MAX_TEXT:
        problems.append("message is too long")
    if entities > MAX_ENTITIES:
        problems.append("entities would be left out")
    return replace(call, text=text, entities=entities), problems


def _fields(content_type: str, body: bytes) -> dict[str, Any] | None:
    if content_type.partition(";")[0].strip() != "application/json":
        return None
    try:
        fields = json.loads(body)
    except ValueError:
        return None
    return fields if isinstance(fields, dict) else None


def _error(status: int, description: str, retry_after: int | None = None) -> tuple[int, bytes]:
    if status == 429 and not description:
        description = f"Too Many Requests: retry after {retry_after}"
    answer: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    if retry_after is not None:
        answer["parameters"] = {"retry_after": retry_after}
    return status, json.dumps(answer).encode()


class _Server(ThreadingHTTPServer):
    """Closes every connection when it is closed, so that no thread and no socket outlives a test."""

    daemon_threads = False
    block_on_close = True

    def __init__(self, answer: Callable[[str, str, bytes], tuple[int, bytes] | None]):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.open: set[socket.socket] = set()
        self.accepted = 0

    def process_request(self, request: Any, client_address: Any) -> None:
        self.accepted += 1
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that went away is part of the tests."""

    def server_close(self) -> None:
        for connection in list(self.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        super().server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        answer = self.server.answer(self.path, self.headers.get("Content-Type", ""), body)
        if answer is None:
            self.close_connection = True
            return
        status, content = answer
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if content == GARBAGE else "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the test's output clean."""
