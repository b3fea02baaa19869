"""Addresses: how they are written, and whether they still lead somewhere.

`link_problems` needs no network.  `LinkChecker` does, and is safe to run inside an office: http(s) only,
usual ports, and it connects to nothing but the public address it has just looked up, redirects included, so
that no entry can make it knock on a machine of the internal network.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import httpcore

from knowledge.loader import content_files
from knowledge.located import Located
from knowledge.problems import Problem, Severity
from knowledge.yamlsource import Path_, read

MAX_REDIRECTS = 5
PORTS = frozenset({80, 443})
TRY_GET = frozenset({400, 401, 403, 404, 405, 406, 410, 429, 500, 501, 503})
"""Answers to HEAD that many servers give without meaning them."""
_IN_TEXT = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,15}://[^\s<>「」（）、。]{1,500}")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_AGENT = "tochimado-linkcheck"


# --- how addresses are written --------------------------------------------------------------------------


def addresses(place: Located) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """Yield every address that an entry shows, with its place in the entry."""
    for index, link in enumerate(place.entry.links):
        yield link.url, ("links", index, "url")
    if place.entry.source.url:
        yield place.entry.source.url, ("source", "url")


def link_problems(located: Iterable[Located]) -> Iterator[Problem]:
    """Yield addresses written twice, without encryption, or within the text of an answer."""
    for place in located:
        seen: set[str] = set()
        for url, path in addresses(place):
            if path[0] == "links" and url in seen:
                yield place.problem("link-twice", f"同じアドレスが 2 回あります: {url}", *path)
            seen.add(url)
        for lang, text in place.entry.answer.items():
            for below, line in enumerate(text.split("\n")):
                for match in _IN_TEXT.finditer(line):
                    yield _written(place, match[0], lang, below)


def _written(place: Located, url: str, lang: str, below: int) -> Problem:
    if urlsplit(url).scheme not in ("http", "https"):
        message = f"http か https でないアドレスです: {url} 消してください。"
        return place.problem("link-scheme", message, "answer", lang, below=below, severity="error")
    message = f"本文にアドレスがあります: {url} links に移すと、どの画面でも押せるボタンになります。"
    return place.problem("link-in-answer", message, "answer", lang, below=below)


# --- whether they lead somewhere ------------------------------------------------------------------------


class RefusedError(Exception):
    """An address that must not be connected to."""


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the open internet (addresses within others unwrapped)."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


class _GuardedBackend(httpcore.SyncBackend):
    """Looks a name up once, and connects to that very address if it is allowed."""

    def __init__(self, allowed: Callable[[str], bool]):
        self._allowed = allowed

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except UnicodeError:
            raise RefusedError(host) from None
        if not found or not all(map(self._allowed, found)):
            raise RefusedError(host)
        return super().connect_tcp(found[0], port, timeout, local_address, socket_options)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an address. `code`: of the problem, None where all is well. `where`: where it led."""

    code: str | None
    detail: str = ""
    where: str = ""


@dataclass
class LinkChecker:
    """Asks for addresses. `allowed`, `ports`: hooks for tests against a server on loopback.

    `timeout`: seconds to connect and for each read. `pause`: seconds between two requests to one host.
    """

    allowed: Callable[[str], bool] = is_public
    ports: frozenset[int] | None = PORTS
    timeout: float = 10.0
    pause: float = 0.5
    workers: int = 6
    _hosts: dict[str, threading.Lock] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, urls: Iterable[str]) -> dict[str, Answer]:
        """Ask for every address once, hosts side by side, one request at a time to each host."""
        hosts: dict[str, list[str]] = {}
        for url in dict.fromkeys(urls):
            hosts.setdefault(url.split("/")[2] if url.count("/") > 1 else url, []).append(url)
        with (
            httpcore.ConnectionPool(
                ssl_context=ssl.create_default_context(),
                network_backend=_GuardedBackend(self.allowed),
                max_connections=self.workers,
                keepalive_expiry=5.0,
            ) as pool,
            ThreadPoolExecutor(self.workers) as threads,
        ):
            done = threads.map(lambda group: [(url, self._one(pool, url)) for url in group], hosts.values())
            return dict(pair for group in done for pair in group)

    def _one(self, pool: httpcore.ConnectionPool, url: str) -> Answer:
        where, permanent = url, True
        try:
            for _ in range(MAX_REDIRECTS + 1):
                status, target = self._ask(pool, where)
                if target is None:
                    break
                permanent = permanent and status in (301, 308)
                where = urljoin(where, target)
            else:
                return Answer("link-dead", "転送が終わりません", where)
        except (RefusedError, ValueError):  # ValueError: a redirect to what is no address
            return Answer("link-refused", "公開されていないか、使えない場所です", where)
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError) as error:
            return Answer("link-unreachable", f"つながりません（{type(error).__name__}）", where)
        if status in (404, 410):
            return Answer("link-dead", f"ページがありません（{status}）", where)
        if status >= 400:
            return Answer("link-unreachable", f"{status} が返りました", where)
        moved = where != url and permanent
        return Answer("link-moved" if moved else None, "引っ越しました" if moved else "", where)

    def _ask(self, pool: httpcore.ConnectionPool, url: str) -> tuple[int, str | None]:
        """Return the status and, for a redirect, its target; HEAD first, GET where that is not believed."""
        parts = self._parts(url)
        with self._turn(str(parts.hostname)):
            status, target = self._send(pool, "HEAD", parts)
            if status in TRY_GET:
                status, target = self._send(pool, "GET", parts)
        return status, target if status in (301, 302, 303, 307, 308) else None

    def _send(self, pool: httpcore.ConnectionPool, method: str, parts: SplitResult) -> tuple[int, str | None]:
        wait = dict.fromkeys(("connect", "read", "write", "pool"), self.timeout)
        headers = [("Host", parts.netloc), ("User-Agent", _AGENT), ("Accept", "*/*")]
        url = parts._replace(fragment="", path=parts.path or "/").geturl()
        with pool.stream(method, url, headers=headers, extensions={"timeout": wait}) as response:
            given = {name.lower(): value for name, value in response.headers}
            return response.status, given.get(b"location", b"").decode("utf-8", "replace") or None

    def _parts(self, url: str) -> SplitResult:
        try:
            parts = urlsplit(quote(url, safe="%/:?#[]@!$&'()*+,;=~"))
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            raise RefusedError(url) from None
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            raise RefusedError(url)
        if self.ports is not None and port not in self.ports:
            raise RefusedError(url)
        return parts

    def _turn(self, host: str) -> _Turn:
        with self._lock:
            lock = self._hosts.setdefault(host, threading.Lock())
        return _Turn(lock, self.pause)


@dataclass
class _Turn:
    """One host's turn: nobody else asks it meanwhile, nor for `pause` seconds after."""

    lock: threading.Lock
    pause: float

    def __enter__(self) -> None:
        self.lock.acquire()

    def __exit__(self, *_: object) -> None:
        time.sleep(self.pause)
        self.lock.release()


_SEVERITY: Mapping[str, Severity] = {"link-dead": "error", "link-refused": "error"}


def check_links(root: Path, checker: LinkChecker | None = None) -> list[Problem]:
    """Ask for every address in the content folder `root` and return the problems, each at its place."""
    places = [
        (document, path, url)
        for document in map(read, content_files(root))
        for path, url in _urls(document.data, ())
    ]
    answers = (checker or LinkChecker()).check(url for _, _, url in places)
    problems = []
    for document, path, url in places:
        answer = answers[url]
        if answer.code is None:
            continue
        led = f" → {answer.where}" if answer.where != url else ""
        remedy = {
            "link-moved": "新しいアドレスに書きかえてください。",
            "link-dead": "今のページをさがして直すか、消してください。",
            "link-refused": "だれでも見られるページのアドレスにしてください。",
        }.get(answer.code, "時間をおいて、もう一度確かめてください。")
        message = f"{answer.detail}: {url}{led} {remedy}"
        severity = _SEVERITY.get(answer.code, "warning")
        problems.append(Problem(document.file, document.line(path), answer.code, message, severity))
    return problems


def _urls(data: Any, at: Path_) -> Iterator[tuple[Path_, str]]:
    """Yield every value named `url`, with its path."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        if key == "url" and isinstance(value, str):
            yield (*at, key), value
        else:
            yield from _urls(value, (*at, key))
