"""The link check, against a real server on loopback, and its refusal to go anywhere that is not public."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from knowledge.links import Answer, LinkChecker, check_links, is_public
from tests.staff.folder import clean, line_of

SECRET = "10.0.0.1"


class Site(BaseHTTPRequestHandler):
    """Answers by path: /200, /404, /head-405, /to/…, /loop, /silent."""

    seen: ClassVar[Counter[str]] = Counter()
    busy = 0
    most = 0
    lock = threading.Lock()

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        with self.lock:
            Site.busy += 1
            Site.most = max(Site.most, Site.busy)
            Site.seen[f"{self.command} {self.path}"] += 1
        path = self.path.lstrip("/")
        status, target = 200, ""
        if path.startswith("to/"):
            status, target = int(path.split("/")[1]), path.split("/", 2)[2]
        elif path == "loop":
            status, target = 302, "/loop"
        elif path == "head-405":
            status = 405 if self.command == "HEAD" else 200
        elif path[:3].isdigit():
            status = int(path[:3])
        elif path == "silent":
            self.server.stop.wait(5)  # type: ignore[attr-defined]
        with self.lock:
            Site.busy -= 1
        self.send_response(status)
        if target:
            self.send_header("Location", target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    Site.seen.clear()
    Site.most = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.daemon_threads = True
    server.stop = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.stop.set()  # type: ignore[attr-defined]
    server.shutdown()
    thread.join()
    server.server_close()


def here(**changes: float) -> LinkChecker:
    """A checker that may ask this machine, and only by the address 127.0.0.1."""
    made = LinkChecker(lambda address: address == "127.0.0.1", ports=None, timeout=2.0, pause=0.0)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/200", None), ("/200#part", None), ("/日本語", None), ("/head-405", None), ("/404", "link-dead"),
        ("/410", "link-dead"), ("/500", "link-unreachable"), ("/403", "link-unreachable"),
        ("/to/301//200", "link-moved"), ("/to/302//200", None), ("/to/301//404", "link-dead"),
        ("/loop", "link-dead"), ("/to/302/http://10.0.0.1/", "link-refused"),
        ("/to/302/http://[::ffff:10.0.0.1]/", "link-refused"), ("/to/302/file:///etc/passwd", "link-refused"),
        ("/to/302/http://u:p@example.invalid/", "link-refused"), ("/to/302/http://[", "link-refused"),
    ],
)  # fmt: skip
def test_what_becomes_of_an_address(site: str, path: str, code: str | None) -> None:
    assert here().check([site + path])[site + path].code == code


def test_head_comes_first_and_get_only_where_it_is_not_believed(site: str) -> None:
    here().check([f"{site}/200", f"{site}/404", f"{site}/200"])
    assert Site.seen == {"HEAD /200": 1, "HEAD /404": 1, "GET /404": 1}


def test_one_request_at_a_time_to_a_host(site: str) -> None:
    urls = [f"{site}/200{number}" for number in range(12)]
    answers = here().check(urls)
    assert set(answers.values()) == {Answer(None, "", url) for url in urls}
    assert Site.most == 1


def test_a_server_that_does_not_answer_costs_no_more_than_the_timeout(site: str) -> None:
    found = here(timeout=0.2).check([f"{site}/silent"])[f"{site}/silent"]
    assert (found.code, "ReadTimeout" in found.detail) == ("link-unreachable", True)


def test_nothing_listens(site: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/"
    assert here().check([url])[url].code == "link-unreachable"


def test_without_the_hook_this_machine_is_never_asked(site: str) -> None:
    port = site.rsplit(":", 1)[1]
    urls = [f"http://{host}:{port}/200" for host in ("127.0.0.1", "localhost", "0.0.0.0", "[::1]", "127.1")]
    checker = LinkChecker(ports=None, timeout=2.0, pause=0.0)
    assert {answer.code for answer in checker.check(urls).values()} == {"link-refused"}
    assert not Site.seen


def test_only_the_usual_ports(site: str) -> None:
    checker = LinkChecker(lambda _: True, timeout=2.0, pause=0.0)
    assert checker.check([f"{site}/200"])[f"{site}/200"].code == "link-refused"
    assert not Site.seen


def test_a_name_is_looked_up_once_and_that_address_is_used(
    site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that answers otherwise the second time (DNS rebinding) gains nothing."""
    looked_up: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *rest: object, **named: object) -> object:
        if host in ("inside.example", "rebinding.example"):
            looked_up.append(host)
            address = SECRET if host.startswith("inside") or looked_up.count(host) > 1 else "127.0.0.1"
            return real(address, port, type=socket.SOCK_STREAM)
        return real(host, port, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    port = site.rsplit(":", 1)[1]
    urls = [f"http://{name}.example:{port}/200" for name in ("inside", "rebinding")]
    answers = here().check(urls)
    assert [answers[url].code for url in urls] == ["link-refused", None]
    assert looked_up.count("rebinding.example") == 1


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "192.0.2.1", "240.0.0.1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_that_are(address: str) -> None:
    assert is_public(address)


def test_problems_stand_at_the_line_of_the_address(tmp_path: Path) -> None:
    root = clean(tmp_path)

    class Fixed(LinkChecker):
        def check(self, urls: object) -> dict[str, Answer]:
            assert set(urls) == {"https://www.kojinbango-card.go.jp/", "https://www.pref.tochigi.lg.jp/"}  # type: ignore[call-overload]
            return {
                "https://www.kojinbango-card.go.jp/": Answer(
                    "link-dead", "なし", "https://www.kojinbango-card.go.jp/"
                ),
                "https://www.pref.tochigi.lg.jp/": Answer(
                    "link-moved", "引っ越し", "https://example.invalid/"
                ),
            }

    found = check_links(root, Fixed())
    assert [(p.code, p.line, p.severity) for p in found] == [
        ("link-dead", line_of(root, "url: https"), "error"),
        ("link-moved", line_of(root, "tochigi.lg.jp"), "warning"),
    ]
    assert "→ https://example.invalid/" in found[1].message
