"""LINE and Telegram on loopback for load and for kills: fast, strict about what is sent twice or late.

    python -m bench.platforms [--delay SECONDS]       prints its port; ends when its stdin closes

A reply token (`bench.webhooks.token`) works once, within a minute of its event; a push needs a retry key,
and a key that was taken is answered 409. What is not judged here is the messages' form: the fakes of the
tests do that (`tests/fakes`). `GET /bench/record?N` returns all deliveries from the N-th on,
`POST /bench/faults` takes a list of faults for the next deliveries.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import subprocess
import sys
import time
from collections import Counter, deque
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.request import urlopen
from uuid import UUID

ACCESS_TOKEN = "bench-access-token"
BOT_TOKEN = "123456789:bench"
TOKEN_LIFETIME = 60.0
MARK = re.compile(rb"mark-([0-9]+)")
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_KEY = re.compile(rb"\r\nx-line-retry-key: *([^\r]+)", re.IGNORECASE)
_ROOT = Path(__file__).parents[1]

Record = tuple[float, str, str, str, int]
"""One delivery: when (`time.time`), channel and way, receiver or token, mark, messages."""


class Platform:
    """Both services' state. `record` holds what a resident got, `refused` what was not taken, and why."""

    def __init__(self, delay: float):
        self.delay = delay
        self.record: list[Record] = []
        self.refused: Counter[str] = Counter()
        self.faults: deque[str] = deque()
        self._spent: set[str] = set()
        self._keys: set[str] = set()

    def answer(self, method: bytes, path: str, head: bytes, body: bytes) -> tuple[int, Any] | str:
        """Return status and JSON, or how there is none."""
        if path.startswith("/bench/"):
            return self._bench(path, body)
        if path.startswith(f"/bot{BOT_TOKEN}/"):
            return self._telegram(path.rpartition("/")[2], body)
        if f"Bearer {ACCESS_TOKEN}".encode() not in head:
            return 401, {"message": "Authentication failed"}
        if path == "/v2/bot/message/reply":
            return self._faulty("reply", head, body)
        if path == "/v2/bot/message/push":
            return self._faulty("push", head, body)
        if path.startswith("/v2/bot/profile/"):
            user = path.rpartition("/")[2]
            return 200, {"userId": user, "displayName": "A", "language": "ja"}
        return (202, {}) if path == "/v2/bot/chat/loading/start" else (404, {"message": "Not found"})

    def _bench(self, path: str, body: bytes) -> tuple[int, Any]:
        if path.startswith("/bench/record"):
            return 200, {"record": self.record[int(path.rpartition("?")[2] or 0) :], "refused": self.refused}
        self.faults.extend(json.loads(body))
        return 200, {}

    def _faulty(self, way: str, head: bytes, body: bytes) -> tuple[int, Any] | str:
        fault = self.faults.popleft() if self.faults else ""
        if fault == "429":
            return 429, {"message": "You have reached your limit"}
        if fault == "500":
            return 500, {"message": "Internal server error"}
        if fault in ("drop", "hang", "garbage"):
            return fault
        content = json.loads(body)
        status, said = self._reply(content, body) if way == "reply" else self._push(content, head, body)
        if status >= 400:
            self.refused[f"{way} {status} {said['message']}"] += 1
        return "drop" if fault == "lost" else (status, said)

    def _reply(self, content: Any, body: bytes) -> tuple[int, Any]:
        token = content["replyToken"]
        if token in self._spent:
            return 400, {"message": "Invalid reply token", "bench": "spent"}
        if time.time() - int(token[12:25]) / 1000 > TOKEN_LIFETIME:
            return 400, {"message": "Invalid reply token"}
        self._spent.add(token)
        return self._took("reply", token, content["messages"], body)

    def _push(self, content: Any, head: bytes, body: bytes) -> tuple[int, Any]:
        found = _KEY.search(head)
        if found is None:
            return 400, {"message": "bench: a push without a retry key"}
        key = str(UUID(found[1].decode()))
        if key in self._keys:
            return 409, {"message": "The retry key is already accepted"}
        self._keys.add(key)
        return self._took("push", content["to"], content["messages"], body)

    def _took(self, way: str, to: str, messages: list[Any], body: bytes) -> tuple[int, Any]:
        mark = MARK.search(body)
        self.record.append((time.time(), way, to, int(mark[1]) if mark else -1, len(messages)))
        return 200, {"sentMessages": [{"id": str(len(self.record))} for _ in messages]}

    def _telegram(self, method: str, body: bytes) -> tuple[int, Any] | str:
        if method != "sendMessage":
            return 200, {"ok": True, "result": True}
        fault = self.faults.popleft() if self.faults else ""
        if fault in ("429", "500"):
            return int(fault), {"ok": False, "error_code": int(fault), "description": "bench"}
        if fault in ("drop", "hang", "garbage"):
            return fault
        content, mark = json.loads(body), MARK.search(body)
        chat = content["chat_id"]
        self.record.append((time.time(), "telegram", str(chat), int(mark[1]) if mark else -1, 1))
        message = {"message_id": len(self.record), "date": 0, "chat": {"id": chat, "type": "private"}}
        return "drop" if fault == "lost" else (200, {"ok": True, "result": message})


class _Connection(asyncio.Protocol):
    """One client's connection: a request, an answer, and again."""

    def __init__(self, platform: Platform):
        self._platform = platform
        self._data = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        end = self._data.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._data[: end + 2]
        length = _LENGTH.search(head)
        whole = end + 4 + (int(length[1]) if length else 0)
        if len(self._data) < whole:
            return
        body, self._data = self._data[end + 4 : whole], self._data[whole:]
        method, path, _ = head.split(b" ", 2)
        answer = self._platform.answer(method, path.decode(), head, body)
        if isinstance(answer, str):
            if answer == "garbage":
                self._transport.write(b"\x00\xff\xfe not HTTP\r\n\r\n")
            if answer != "hang":
                self._transport.close()
            return
        status, content = answer
        raw = json.dumps(content).encode()
        said = b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        made = said % (status, len(raw), raw)
        if self._platform.delay and not path.startswith(b"/bench/"):
            asyncio.get_running_loop().call_later(self._platform.delay, self._transport.write, made)
        else:
            self._transport.write(made)


async def _serve(delay: float) -> None:
    loop = asyncio.get_running_loop()
    platform = Platform(delay)
    server = await loop.create_server(lambda: _Connection(platform), "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.Event()
    loop.add_reader(0, lambda: sys.stdin.buffer.read1(1) or ended.set())  # type: ignore[attr-defined]
    await ended.wait()


class Platforms:
    """The platforms in a process of their own. `delay`: seconds that they take for each answer."""

    def __init__(self, delay: float = 0.0):
        command = [sys.executable, "-m", "bench.platforms", "--delay", str(delay)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=_ROOT, text=True
        )
        assert self._process.stdout
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        self.record: list[Record] = []
        self.refused: dict[str, int] = {}

    def __enter__(self) -> Platforms:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.close()

    def look(self) -> list[Record]:
        """Fetch what was delivered since the last look, and return all."""
        with urlopen(f"{self.url}/bench/record?{len(self.record)}", timeout=30) as answer:
            said = json.load(answer)
        self.record += [tuple(row) for row in said["record"]]
        self.refused = said["refused"]
        return self.record

    def fail(self, *faults: str) -> None:
        """Let the next deliveries fail: `429 500 drop garbage hang`, or `lost` (done, then cut off)."""
        with urlopen(f"{self.url}/bench/faults", json.dumps(faults).encode(), timeout=30):
            pass

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=10)


if __name__ == "__main__":
    _parser = argparse.ArgumentParser(description=__doc__)
    _parser.add_argument("--delay", type=float, default=0.0)
    asyncio.run(_serve(_parser.parse_args().delay))
