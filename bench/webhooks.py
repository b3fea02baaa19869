"""Webhook events as LINE and Telegram post them, and a client that posts them cheaply and again until 2xx."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

LINE_SECRET = "bench-channel-secret"
TELEGRAM_SECRET = "bench-webhook-secret"
GIVE_UP = 2.0
"""Seconds that LINE waits for an acknowledgement before it counts the event as not delivered."""
FIRST_AGAIN, LONGEST_AGAIN = 0.2, 2.0


@dataclass(slots=True)
class Event:
    """One event of one resident. Times are `time.time()`; `acknowledged` is 0 until the first 2xx."""

    number: int
    channel: str
    user: str
    text: str
    mark: int = -1
    urgent: bool = False
    sent: float = 0.0
    acknowledged: float = 0.0
    tries: int = 0

    @property
    def id(self) -> str:
        """The event id that the channel gives it."""
        return f"01BENCH{self.number:019d}" if self.channel == "line" else str(self.number)

    def json(self, again: bool = False) -> Any:
        """Return the event as its channel posts it. `again`: as a redelivery."""
        if self.channel == "telegram":
            chat = {"id": int(self.user), "type": "private", "first_name": "A"}
            person = {"id": int(self.user), "is_bot": False, "first_name": "A", "language_code": "ja"}
            message = {"message_id": self.number, "date": int(self.sent), "chat": chat, "from": person}
            return {"update_id": self.number, "message": message | {"text": self.text}}
        return {
            "type": "message",
            "mode": "active",
            "timestamp": int(self.sent * 1000),
            "source": {"type": "user", "userId": self.user},
            "webhookEventId": self.id,
            "deliveryContext": {"isRedelivery": again},
            "replyToken": self.token,
            "message": {"type": "text", "id": str(self.number), "quoteToken": "q", "text": self.text},
        }

    @property
    def token(self) -> str:
        """The reply token: it tells which event it answers and when that was."""
        return f"{self.number:012d}{int(self.sent * 1000):013d}0000000"


def request(events: Sequence[Event], again: bool = False) -> bytes:
    """Return the HTTP request that delivers `events` (of LINE: several together; of Telegram: one)."""
    if events[0].channel == "telegram":
        body = json.dumps(events[0].json()).encode()
        return _post("telegram", f"X-Telegram-Bot-Api-Secret-Token: {TELEGRAM_SECRET}", body)
    content = {"destination": "U" + "0" * 32, "events": [event.json(again) for event in events]}
    body = json.dumps(content, ensure_ascii=False).encode()
    digest = base64.b64encode(hmac.new(LINE_SECRET.encode(), body, hashlib.sha256).digest()).decode()
    return _post("line", f"X-Line-Signature: {digest}", body)


def _post(channel: str, header: str, body: bytes) -> bytes:
    head = (
        f"POST /webhook/{channel} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\n{header}\r\n"
        f"Content-Type: application/json; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Client(asyncio.Protocol):
    """One keep-alive connection: one request at a time."""

    def __init__(self) -> None:
        self._data = b""
        self._answer: asyncio.Future[int] | None = None
        self._transport: Any = None
        self.closed = False
        self.used = time.monotonic()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    async def post(self, raw: bytes, seconds: float) -> int:
        """Return the status, 0 where no answer came in time."""
        self._answer = asyncio.get_running_loop().create_future()
        timer = asyncio.get_running_loop().call_later(seconds, self._give_up)
        self._transport.write(raw)
        status = await self._answer
        timer.cancel()
        self.used = time.monotonic()
        return status

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, found, body = self._data.partition(b"\r\n\r\n")
        if not found:
            return
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
        if len(body) < int(length or 0):
            return
        self._data = b""
        if b"connection: close" in head.lower():
            self.close()
        self._resolve(int(head[9:12]))

    def connection_lost(self, _: Exception | None) -> None:
        self.closed = True
        self._resolve(0)

    def _give_up(self) -> None:
        self.close()
        self._resolve(0)

    def _resolve(self, status: int) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_result(status)

    def close(self) -> None:
        """Close the connection."""
        self.closed = True
        if self._transport:
            self._transport.abort()


class Webhooks:
    """Posts to the web processes on `ports` in turn, over connections that stay open for up to 3 s."""

    def __init__(self, ports: Sequence[int], connections: int = 64):
        self._ports = ports
        self._idle: list[deque[Client]] = [deque() for _ in ports]
        self._turn = 0
        self._room = asyncio.Semaphore(connections)

    async def post(self, raw: bytes, seconds: float = GIVE_UP) -> int:
        """Post once. Return the status, 0 for none."""
        async with self._room:
            self._turn = (self._turn + 1) % len(self._ports)
            idle = self._idle[self._turn]
            try:
                client = await self._client(idle, self._ports[self._turn])
            except OSError:
                return 0
            status = await client.post(raw, seconds)
            if not client.closed:
                idle.append(client)
            return status

    @staticmethod
    async def _client(idle: deque[Client], port: int) -> Client:
        while idle:
            client = idle.popleft()  # the longest idle: all connections, and so all processes, are used
            if not client.closed and time.monotonic() - client.used < 3.0:
                return client
            client.close()
        loop = asyncio.get_running_loop()
        return (await loop.create_connection(Client, "127.0.0.1", port))[1]

    async def deliver(self, events: Sequence[Event], until_taken: bool = True) -> list[float]:
        """Deliver as the channel does: again, later each time, until 2xx. Return the seconds of each try."""
        wait, tried = FIRST_AGAIN, []
        while True:
            begun = time.time()
            for event in events:
                event.sent = event.sent or begun
                event.tries += 1
            status = await self.post(request(events, again=bool(tried)))
            tried.append(time.time() - begun)
            if 200 <= status < 300:
                for event in events:
                    event.acknowledged = event.acknowledged or time.time()
                return tried
            if not until_taken:
                return tried
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_AGAIN)

    def close(self) -> None:
        """Close all connections."""
        for idle in self._idle:
            while idle:
                idle.popleft().close()
