"""Take the pictures of the docs (needs Chromium and the test environment)."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from bot.app import create_app
from bot.settings import Settings
from bot.storage.engine import migrate

IMAGES = Path(__file__).parent.parent / "docs" / "images"
SHOTS = {
    "widget": ("マイナンバーカードをなくした", {"width": 1180, "height": 800}, "light"),
    "widget-phone-en": ("I lost my My Number card", {"width": 390, "height": 844}, "light"),
    "widget-dark": ("夜に子どもが熱を出した", {"width": 1180, "height": 800}, "dark"),
}


def main() -> None:
    """Serve the bot for a moment and take every picture of `SHOTS`."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        settings = Settings(data_dir=Path(folder), reload_seconds=0, log_level="ERROR")
        migrate(settings.database)
        server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for name, (question, size, scheme) in SHOTS.items():
            context = browser.new_context(viewport=size, locale="ja-JP", color_scheme=scheme)  # type: ignore[arg-type]
            page = context.new_page()
            page.goto(f"http://127.0.0.1:{server.server_port}/")
            page.wait_for_function("window.Tochimado")
            page.evaluate("ask => window.Tochimado.open({ask})", question)
            page.frame_locator("iframe").get_by_role("log").get_by_role("link").first.wait_for()
            page.wait_for_timeout(700)
            page.screenshot(path=str(IMAGES / f"{name}.png"))
            context.close()
        browser.close()
        server.shutdown()


if __name__ == "__main__":
    main()
