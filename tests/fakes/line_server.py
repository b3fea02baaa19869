"""The HTTP side of the fake LINE: one thread a connection, and the faults it can be told to have."""

from __future__ import annotations

import json
import secrets
import socket
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Protocol

JSON = dict[str, Any]
FaultKind = Literal["status", "drop", "hang", "garbage", "lost"]


@dataclass(frozen=True)
class Received:
    """One request as it came. `status`: what was answered, 0 for nothing."""

    method: str
    path: str
    headers: dict[str, str]
    body: JSON | None
    status: int
    at: float


@dataclass(frozen=True)
class Fault:
    """What happens to a request instead of an answer.

    `status`: this status, headers and body, nothing done. `drop`: the connection is closed. `hang`: no answer
    until the other side gives up. `garbage`: bytes that are no HTTP. `lost`: done, but the answer is lost.
    """

    kind: FaultKind
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b'{"message":"Internal server error"}'
    path: str = ""


class Refused(Exception):
    """An error answer."""

    def __init__(self, status: int, message: str, details: list[str] | None = None, **more: Any) -> None:
        super().__init__(message)
        parts = [detail.split(": ", 1) for detail in details or []]
        listed = [{"property": part[0], "message": part[-1]} for part in parts]
        self.status = status
        self.body = {"message": message, **({"details": listed} if listed else {}), **more}


class Service(Protocol):
    """What answers the requests."""

    def take_fault(self, path: str) -> Fault | None: ...
    def record(self, received: Received) -> None: ...
    def stopping(self) -> bool: ...
    def answer(self, method: str, path: str, headers: dict[str, str], raw: bytes) -> tuple[int, JSON]: ...


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], fake: Service) -> None:
        self.fake = fake
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """Close what clients keep open, which ends the threads that read from it."""
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that went away is what the tests make it do."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def _handle(self) -> None:
        fake = self.server.fake
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        fault = fake.take_fault(self.path)
        status, content, more = 0, b"", {}
        if fault is None or fault.kind == "lost":
            try:
                status, body = fake.answer(self.command, self.path, headers, raw)
            except Refused as refused:
                status, body = refused.status, refused.body
            content, more = json.dumps(body).encode(), {"Content-Type": "application/json"}
        elif fault.kind == "status":
            status, content, more = fault.status, fault.body, fault.headers
        shown = status if fault is None or fault.kind == "status" else 0
        fake.record(Received(self.command, self.path, headers, _json(raw), shown, time.monotonic()))
        if shown:
            self._send(status, content, {"X-Line-Request-Id": secrets.token_hex(8), **more})
            return
        self.close_connection = True
        if fault is not None and fault.kind == "garbage":
            self.wfile.write(b"\x00\xff\xfe not HTTP\r\n\r\n" + secrets.token_bytes(64))
        elif fault is not None and fault.kind == "hang":
            self._wait_until_gone()

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _wait_until_gone(self) -> None:
        """Wait until the client closes the connection or the fake stops."""
        self.connection.settimeout(0.1)
        while not self.server.fake.stopping():
            try:
                if not self.connection.recv(1):
                    return
            except TimeoutError:
                continue
            except OSError:
                return


def _json(raw: bytes) -> JSON | None:
    try:
        body = json.loads(raw)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
