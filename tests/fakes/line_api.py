"""A LINE on loopback, as strict as the real one: replies, pushes, loading indicator, profiles.

    fake = FakeLine().start() … LineAdapter(secret, fake.access_token, fake.base_url) … fake.stop()

It checks the access token, the content type, the body against LINE's specification (where that is on this
machine) and the limits that the specification does not state, spends each reply token once, takes each
retry key once, and can be told to fail the next requests.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tests.fakes.line_server import JSON, Fault, FaultKind, Received, Refused, Server
from tests.fakes.openapi_strict import limit_faults, line_api

REPLY, PUSH = "/v2/bot/message/reply", "/v2/bot/message/push"
LOADING, PROFILE = "/v2/bot/chat/loading/start", "/v2/bot/profile/"


@dataclass(frozen=True)
class Sent:
    """One accepted delivery: `way` is `reply` or `push`, `to` the reply token or the receiver."""

    way: str
    to: str
    messages: list[JSON]
    retry_key: str | None = None
    at: float = field(default_factory=time.monotonic)


class FakeLine:
    """The fake. `token_lifetime`: seconds a reply token works from `issue_token` on, or from its first sight.

    With `only_issued`, reply tokens that `issue_token` did not give are invalid. `validate=False` checks no
    schema (for load benches).
    """

    def __init__(
        self,
        access_token: str = "fake-access-token",
        *,
        token_lifetime: float = 60.0,
        only_issued: bool = False,
        validate: bool = True,
        port: int = 0,
    ) -> None:
        self.access_token = access_token
        self.token_lifetime = token_lifetime
        self.only_issued = only_issued
        self.profiles: dict[str, JSON] = {}
        self.requests: list[Received] = []
        self.sent: list[Sent] = []
        self.loading: list[JSON] = []
        self._faults: deque[Fault] = deque()
        self._tokens: dict[str, float] = {}
        self._spent: set[str] = set()
        self._keys: dict[str, JSON] = {}
        self._lock = threading.Condition()
        self._stopping = threading.Event()
        self._spec = line_api() if validate else None
        self._server = Server(("127.0.0.1", port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def base_url(self) -> str:
        """The address for `LINE_API_BASE`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> FakeLine:
        """Begin to listen."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening and close every connection."""
        self._stopping.set()
        self._server.shutdown()
        self._thread.join(5)
        self._server.close_connections()
        self._server.server_close()

    def issue_token(self, *, age: float = 0.0) -> str:
        """Return a new reply token that was issued `age` seconds ago."""
        token = secrets.token_hex(16)
        with self._lock:
            self._tokens[token] = time.monotonic() - age
        return token

    def fail_next(self, n: int = 1, kind: FaultKind = "status", *, path: str = "", **fault: Any) -> None:
        """Let the next `n` requests (to paths beginning with `path`) fail in this way."""
        with self._lock:
            self._faults.extend([Fault(kind, path=path, **fault)] * n)

    def wait_for(self, condition: Callable[[FakeLine], bool], seconds: float = 5.0) -> bool:
        """Wait until `condition` holds, looking after every request; return whether it did."""
        with self._lock:
            return self._lock.wait_for(lambda: condition(self), seconds)

    def calls(self, path: str) -> list[Received]:
        """Return the requests to paths beginning with `path`."""
        with self._lock:
            return [received for received in self.requests if received.path.startswith(path)]

    # --- what the handler asks ----------------------------------------------------------------------------

    def take_fault(self, path: str) -> Fault | None:
        """Return and use up the first fault that is meant for `path`."""
        with self._lock:
            for fault in self._faults:
                if path.startswith(fault.path):
                    self._faults.remove(fault)
                    return fault
        return None

    def record(self, received: Received) -> None:
        """Remember a request and wake those who wait."""
        with self._lock:
            self.requests.append(received)
            self._lock.notify_all()

    def stopping(self) -> bool:
        """Whether the fake is being stopped."""
        return self._stopping.is_set()

    def answer(self, method: str, path: str, headers: dict[str, str], raw: bytes) -> tuple[int, JSON]:
        """Do what LINE would do and return status and body. Raises `Refused`."""
        if headers.get("authorization") != f"Bearer {self.access_token}":
            raise Refused(401, "Authentication failed. Confirm that the access token is valid.")
        if method == "GET" and path.startswith(PROFILE):
            profile = self.profiles.get(path.removeprefix(PROFILE))
            if profile is None:
                raise Refused(404, "Not found")
            return 200, profile
        if (method, path) not in {("POST", REPLY), ("POST", PUSH), ("POST", LOADING)}:
            raise Refused(404, "Not found")
        body = self._body(path, headers, raw)
        with self._lock:
            if path == LOADING:
                self.loading.append(body)
                return 202, {}
            return (200, self._reply(body, headers)) if path == REPLY else self._push(body, headers)

    def _body(self, path: str, headers: dict[str, str], raw: bytes) -> JSON:
        if headers.get("content-type", "").split(";")[0].strip() != "application/json":
            raise Refused(415, "The content type is not supported")
        try:
            body = json.loads(raw.decode("utf-8"))
        except ValueError:
            raise Refused(400, "The request body could not be parsed as JSON") from None
        faults = self._spec.errors(self._spec.request_schema(path), body) if self._spec else []
        if not faults and path != LOADING:
            messages = body.get("messages", [])
            faults = [
                f"messages/{n}: {fault}"
                for n, message in enumerate(messages)
                for fault in limit_faults(message)
            ]
        if (
            not faults
            and path == LOADING
            and (body["loadingSeconds"] % 5 or not body["chatId"].startswith("U"))
        ):
            faults = ["loadingSeconds: must be a multiple of 5, for a user"]
        if faults:
            raise Refused(400, f"The request body has {len(faults)} error(s)", faults)
        return body  # type: ignore[no-any-return]

    def _reply(self, body: JSON, headers: dict[str, str]) -> JSON:
        if "x-line-retry-key" in headers:
            raise Refused(400, "The retry key is not supported by this endpoint")
        token, now = body["replyToken"], time.monotonic()
        issued = self._tokens.get(token) if self.only_issued else self._tokens.setdefault(token, now)
        if issued is None or token in self._spent or now - issued > self.token_lifetime:
            raise Refused(400, "Invalid reply token")
        self._spent.add(token)
        self.sent.append(Sent("reply", token, body["messages"]))
        return _sent_messages(body)

    def _push(self, body: JSON, headers: dict[str, str]) -> tuple[int, JSON]:
        key = headers.get("x-line-retry-key")
        if key is not None:
            try:
                UUID(key)
            except ValueError:
                raise Refused(400, "The retry key is invalid") from None
            if key in self._keys:
                raise Refused(409, "The retry key is already accepted", **self._keys[key])
        answer = _sent_messages(body)
        if key is not None:
            self._keys[key] = answer
        self.sent.append(Sent("push", body["to"], body["messages"], key))
        return 200, answer


def _sent_messages(body: JSON) -> JSON:
    return {"sentMessages": [{"id": str(secrets.randbelow(10**18))} for _ in body["messages"]]}
