"""Take the pictures of the docs (needs Chromium and the test environment).

    python -m scripts.screenshots [NAME…]

The bot that ships answers, but for places and danger: those answers are written here, so that the pictures do
not depend on what data is imported.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from adapters.messages import (
    Button,
    Card,
    Cards,
    IncomingMessage,
    Link,
    LocationRequest,
    Phone,
    Reply,
    Text,
)
from adapters.web import SessionTokens, WebAdapter
from bot.app import create_app
from bot.settings import Settings
from bot.storage.engine import migrate
from intents.furigana import ruby

IMAGES = Path(__file__).parent.parent / "docs" / "images"
DESK, PHONE = {"width": 1180, "height": 800}, {"width": 390, "height": 844}


@dataclass(frozen=True)
class Shot:
    """One picture: what is asked, in which look."""

    question: str
    size: dict[str, int]
    scheme: str = "light"
    lang: str = "ja"
    furigana: bool = False
    sample: bool = False


SHOTS = {
    "widget": Shot("マイナンバーカードをなくした", DESK),
    "widget-furigana": Shot("マイナンバーカードをなくした", DESK, furigana=True),
    "widget-places": Shot("小山市の小児科", DESK, sample=True),
    "widget-crisis": Shot("夫に殴られる", PHONE),
    "widget-dark": Shot("夜に子どもが熱を出した", DESK, "dark"),
    "widget-phone": Shot("パスポートを作りたい", PHONE),
    "widget-phone-en": Shot("I lost my My Number card", PHONE, lang="en"),
    "widget-phone-pt": Shot("Perdi o meu cartão My Number", PHONE, lang="pt"),
}


def scripted(message: IncomingMessage) -> Reply:
    """Answer as the bot does where there are places."""
    if message.kind == "follow":
        return Reply((Text("こんにちは。とちまどです。栃木県の手続きや窓口を案内します。"),))
    cards = tuple(
        Card(
            f"（見本）{name}こどもクリニック",
            "小児科\n受付: 平日 9:00〜11:30、14:00〜17:30",
            Phone("", number),
            (Link("地図", "https://www.openstreetmap.org/"),),
            (Button("くわしく", f"place:{number}"),),
        )
        for name, number in (("駅前", "0285-00-0001"), ("みどり", "0285-00-0002"))
    )
    nearer = LocationRequest("近い順に並べることもできます。", "現在地を送る")
    return Reply(
        (Text("小山市の小児科", "title"), Text("見本の名前と番号です。", "notice"), Cards(cards), nearer)
    )


def sample_site() -> Flask:
    """Return a site whose widget gives the scripted answers."""
    app = Flask("samples", static_folder=None)
    sessions = SessionTokens(b"for pictures only, no secret")
    app.register_blueprint(WebAdapter(sessions, scripted, ruby=ruby).blueprint(lambda messages: None))
    return app


def real_site(folder: Path) -> Flask:
    """Return the bot that ships, with furigana if it has them."""
    settings = Settings(data_dir=folder, reload_seconds=0, log_level="ERROR")
    migrate(settings.database)
    app = create_app(settings)
    if "web.furigana" in app.view_functions:
        return app
    service = app.extensions["tochimado"].service
    bare = Flask("pictures", static_folder=None)
    sessions = SessionTokens(b"for pictures only, no secret")
    bare.register_blueprint(WebAdapter(sessions, service.answer, ruby=ruby).blueprint(service.receive))
    return bare


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve `app` on loopback → its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def take(browser: Browser, url: str, name: str, shot: Shot) -> None:
    """Ask, wait for the answer, take the picture."""
    context = browser.new_context(
        viewport=shot.size,  # type: ignore[arg-type]
        locale={"ja": "ja-JP", "en": "en-US", "pt": "pt-BR"}[shot.lang],
        color_scheme=shot.scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(url)
    page.wait_for_function("window.Tochimado")
    if shot.furigana:
        page.evaluate("localStorage['tochimado.furigana'] = 'on'")
    page.evaluate("ask => window.Tochimado.open({ask})", shot.question)
    log = page.frame_locator("iframe").get_by_role("log")
    log.locator(".user").wait_for()
    log.locator(".bot").nth(1).wait_for()
    if shot.furigana:
        log.locator(".bot").nth(1).locator("rt").first.wait_for()
    page.wait_for_timeout(700)
    page.screenshot(path=str(IMAGES / f"{name}.png"))
    context.close()


def main() -> None:
    """Take every picture of `SHOTS`, or those that are named."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[1:] or list(SHOTS)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        with served(real_site(Path(folder))) as real, served(sample_site()) as samples:
            for name in wanted:
                shot = SHOTS[name]
                take(browser, samples if shot.sample else real, name, shot)
        browser.close()


if __name__ == "__main__":
    main()
