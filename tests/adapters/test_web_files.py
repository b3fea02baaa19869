"""The web channel: pages and scripts, their headers, their policy, their size."""

from __future__ import annotations

import gzip
import re
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from adapters.web_static import HERE, load_assets
from tests.adapters.web_app import Bot, make_app, plain


@pytest.fixture
def bot() -> Bot:
    return Bot()


@pytest.fixture
def client(bot: Bot) -> FlaskClient:
    return make_app(bot).test_client()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/chat", "text/html; charset=utf-8"),
        ("/widget.js", "text/javascript; charset=utf-8"),
        ("/static/chat/main.js", "text/javascript; charset=utf-8"),
        ("/static/chat/chat.css", "text/css; charset=utf-8"),
        ("/static/demo/demo.js", "text/javascript; charset=utf-8"),
        ("/static/demo/demo.css", "text/css; charset=utf-8"),
    ],
)
def test_a_file_is_served_typed_compressed_and_revalidated(client: FlaskClient, path: str, kind: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == kind
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"]
    packed = client.get(path, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert gzip.decompress(packed.get_data()) == response.get_data()
    again = client.get(path, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
    assert again.get_data() == b""
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/chat/nothing.js",
        "/static/other/main.js",
        "/static/chat/../widget.js",
        "/static/chat/%2e%2e/%2e%2e/web.py",
        "/static/chat/__init__.py",
        "/static/chat/",
    ],
)
def test_nothing_else_is_served(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


class Page(HTMLParser):
    """What a page refers to, and what in it a strict policy would block."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.refers: list[str] = []
        self.inline: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.inline += [name for name in found if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in found):
            self.inline.append(tag)
        name = "src" if tag == "script" else "href"
        if tag in ("script", "link") and not (found[name] or "").startswith("data:"):
            self.refers.append(found[name] or "")


@pytest.mark.parametrize("path", ["/", "/chat"])
def test_pages_hold_nothing_inline_and_refer_to_what_is_there(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    policy = dict(
        part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == "'none'"
    page = Page(plain(response))
    assert page.inline == []
    assert page.refers
    for address in page.refers:
        assert client.get("/" + address).status_code == 200, address


def test_the_chat_page_fetches_all_its_modules_at_once(client: FlaskClient) -> None:
    modules = {name.removeprefix("chat/") for name in load_assets() if re.fullmatch(r"chat/.+\.js", name)}
    imports = {
        name
        for module in modules
        for name in re.findall(
            r'^import .* from "\./(.+)";$', plain(client.get(f"/static/chat/{module}")), re.M
        )
    }
    assert modules - imports == {"main.js", "types.js", "furigana.js"}
    assert 'import("./furigana.js")' in plain(client.get("/static/chat/look.js")), "fetched once wanted"
    referred = {address.rsplit("/", 1)[1] for address in Page(plain(client.get("/chat"))).refers}
    assert imports | {"main.js", "chat.css"} == referred


def test_frame_ancestors_can_be_set_for_the_chat_alone() -> None:
    client = make_app(Bot(), frame_ancestors="'self' https://www.pref.tochigi.lg.jp").test_client()
    chat = client.get("/chat").headers["Content-Security-Policy"]
    assert chat.endswith("frame-ancestors 'self' https://www.pref.tochigi.lg.jp")
    assert client.get("/").headers["Content-Security-Policy"].endswith("frame-ancestors 'self'")
    assert "X-Frame-Options" not in client.get("/chat").headers


@pytest.mark.parametrize("value", ["", "'self'; script-src *", "a\r\nSet-Cookie: x=1", "https://a,https://b"])
def test_frame_ancestors_cannot_smuggle_in_another_directive(value: str) -> None:
    with pytest.raises(ValueError, match="frame_ancestors"):
        make_app(Bot(), frame_ancestors=value)


def test_the_widget_is_small() -> None:
    sizes = {name: len(asset.packed) for name, asset in load_assets().items()}
    chat = sum(size for name, size in sizes.items() if name.startswith("chat"))
    assert sizes["widget.js"] <= 5_000
    assert sizes["widget.js"] + chat <= 40_000


def test_scripts_never_write_markup_or_cookies() -> None:
    scripts = [*HERE.glob("*.js"), *HERE.glob("chat/*.js")]
    assert len(scripts) > 10
    for script in scripts:
        found = re.findall(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\.cookie|\beval\(|new Function",
            script.read_text(encoding="utf-8"),
        )
        assert found == [], script.name


def test_the_demo_page_says_what_it_is(client: FlaskClient) -> None:
    html = plain(client.get("/"))
    assert "デモページ" in html
    assert "公式ページではありません" in html
    assert '<script src="widget.js" async></script>' in html


def _luminance(colour: str) -> float:
    code = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(code[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_have_contrast(scheme: int) -> None:
    css = (HERE / "chat.css").read_text(encoding="utf-8")
    colour = dict(
        re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", css.split(":root {")[scheme + 1].split("}")[0])
    )
    text = [("text", "surface"), ("text", "page"), ("text-soft", "surface"), ("text-soft", "page")]
    text += [("link", "surface"), ("link", "primary-soft"), ("on-primary", "primary"), ("on-user", "user")]
    text += [("on-primary", "primary-hover"), ("alert", "alert-soft"), ("alert", "surface")]
    assert {pair: _contrast(colour[pair[0]], colour[pair[1]]) for pair in text if
            _contrast(colour[pair[0]], colour[pair[1]]) < 4.5} == {}  # fmt: skip
    parts = [("field", "surface"), ("primary", "surface"), ("focus", "surface"), ("alert", "page")]
    parts += [("focus", "page"), ("focus-halo", "focus")]
    assert {pair: _contrast(colour[pair[0]], colour[pair[1]]) for pair in parts if
            _contrast(colour[pair[0]], colour[pair[1]]) < 3} == {}  # fmt: skip
