"""What the widget costs a page, on a phone: bytes over the network and time on the main thread.

    python -m bench.widget [--json | --markdown bench/widget.md]

A page of another origin embeds the served bot. Chromium is slowed four times (CDP) and has a phone's screen.
Bytes are as transferred, headers included. Main-thread time is Chromium's TaskDuration over all tasks, less
that of the same page without the widget; the median of `ROUNDS` fresh browsers' contexts.
"""

from __future__ import annotations

import json
import logging
import os
import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from adapters.web_static import load_assets
from bot.app import create_app
from bot.settings import Settings
from bot.storage.engine import migrate
from knowledge.hours import JAPAN

ROUNDS = 5
SLOWER = 4
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
QUESTION = "マイナンバーカードをなくした"
PUBLISHED = (
    (
        "Crisp, chatbox, full load, before its makers made it 30 % smaller",
        "232 kB compressed",
        "https://crisp.chat/blog/fastest-live-chat",
    ),
    (
        "Zendesk Web Widget (Classic), core alone, first load",
        "about 475 kB (Brotli)",
        "https://support.zendesk.com/hc/en-us/articles/4408838461978-Web-Widget-Classic-Performance-FAQs",
    ),
)
"""What the makers of two widgets have published of their sizes, and where; not measured here."""
PAGE = "<!doctype html><html lang=ja><meta name=viewport content='width=device-width'><p>本文</p>"


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve `app` on loopback → its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def host_page(bot: str) -> Flask:
    """Return a site with a page with the widget and one without."""
    app = Flask("host", static_folder=None)
    app.add_url_rule("/without", "without", lambda: PAGE)
    app.add_url_rule("/with", "with", lambda: f"{PAGE}<script src='{bot}/widget.js' async></script>")
    return app


class Meter:
    """Counts bytes and main-thread time of a page and of its frames."""

    def __init__(self, page: Page) -> None:
        self.bytes = 0
        self.requests = 0
        self.slowest = 0.0
        self._cdp = page.context.new_cdp_session(page)
        self._cdp.send("Network.enable")
        self._cdp.send("Performance.enable")
        self._cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        self._cdp.on("Network.loadingFinished", self._finished)

    def _finished(self, event: dict[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])
        self.requests += 1

    def milliseconds(self) -> float:
        """Return the main thread's time so far."""
        metrics = self._cdp.send("Performance.getMetrics")["metrics"]
        return 1000 * next(float(one["value"]) for one in metrics if one["name"] == "TaskDuration")


def measure(browser: Browser, host: str) -> dict[str, float]:
    """Return bytes and milliseconds of one fresh visit: closed, opened, first answer."""
    context = browser.new_context(locale="ja-JP", **PHONE)  # type: ignore[arg-type]
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.goto(f"{host}/without")
    page.wait_for_load_state("networkidle")
    bare_page = context.new_page()
    bare = Meter(bare_page)
    bare_page.goto(f"{host}/without")
    bare_page.wait_for_load_state("networkidle")
    base_bytes, base_ms = bare.bytes, bare.milliseconds()
    bare_page.close()
    meter = Meter(page)
    page.goto(f"{host}/with")
    page.wait_for_load_state("networkidle")
    page.locator("#tochimado").get_by_role("button").wait_for()
    found = {"closed_bytes": meter.bytes - base_bytes, "closed_ms": meter.milliseconds() - base_ms}
    page.locator("#tochimado").get_by_role("button").tap()
    frame = page.frame_locator("#tochimado iframe")
    frame.locator(".bot").first.wait_for()
    page.wait_for_load_state("networkidle")
    found |= {"open_bytes": meter.bytes - base_bytes, "open_ms": meter.milliseconds() - base_ms}
    found["requests"] = meter.requests - bare.requests
    frame.get_by_label("質問").fill(QUESTION)
    frame.get_by_label("質問").press("Enter")
    frame.get_by_role("link").first.wait_for()
    found |= {"answer_bytes": meter.bytes - base_bytes, "answer_ms": meter.milliseconds() - base_ms}
    context.close()
    return found


STAGES = {
    "closed": "on the page, not opened",
    "open": "opened, greeting and suggestions shown",
    "answer": "first answer shown",
}
REPORT = """# What the widget costs a page on a phone

`python -m bench.widget --markdown bench/widget.md`, {day}: the served bot in a page of another origin,
Chromium with a phone's screen, CPU slowed {slower} times, median of {rounds} fresh visits (least to most).

| | transferred, with headers | main thread |
| --- | ---: | ---: |
{rows}

Limits: 5 kB before it is opened, 40 kB in all. The files alone are {loader:.1f} kB (loader) and
{files:.1f} kB (loader and chat) compressed; the rest is the headers of {requests:.0f} requests over HTTP/1.1
(HTTP/2 shrinks them), the greeting and the suggestions. Main-thread time is all of Chromium's tasks less
those of the same page without the widget. It was taken on {processors} processors that other work used too
(load of the last 1, 5 and 15 minutes {load}, this program about 1 of it): bytes do not vary, milliseconds do.

## Beside others

As their makers have published it; not measured here. Both do more: people answer there.

| | size | source |
| --- | --- | --- |
| this widget, opened, with headers | {opened:.1f} kB (gzip) | above |
{theirs}
"""


def markdown(rounds: list[dict[str, float]]) -> str:
    """Return the page `bench/widget.md`."""
    files = {name: len(asset.packed) for name, asset in load_assets().items()}
    median = medians(rounds)

    def row(stage: str) -> str:
        spent = sorted(one[f"{stage}_ms"] for one in rounds)
        sent, took = median[f"{stage}_bytes"] / 1000, median[f"{stage}_ms"]
        return f"| {STAGES[stage]} | {sent:.1f} kB | {took:.0f} ms ({spent[0]:.0f} to {spent[-1]:.0f}) |"

    return REPORT.format(
        day=f"{datetime.now(JAPAN):%Y-%m-%d}",
        slower=SLOWER,
        rounds=len(rounds),
        rows="\n".join(map(row, STAGES)),
        loader=files["widget.js"] / 1000,
        files=sum(size for name, size in files.items() if name.startswith(("chat", "widget"))) / 1000,
        requests=median["requests"],
        processors=os.cpu_count(),
        load=", ".join(f"{part:.1f}" for part in os.getloadavg()),
        opened=median["open_bytes"] / 1000,
        theirs="\n".join(f"| {name} | {size} | {source} |" for name, size, source in PUBLISHED),
    )


def medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    """Return the median of each figure."""
    return {name: round(statistics.median(one[name] for one in rounds), 1) for name in rounds[0]}


def main() -> None:
    """Print the medians."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        settings = Settings(
            data_dir=Path(folder), reload_seconds=0, log_level="ERROR", frame_ancestors="http://127.0.0.1:*"
        )
        migrate(settings.database)
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            # One process for both origins, so that one meter sees the frame too.
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-site-isolation-trials",
                "--disable-features=IsolateOrigins,site-per-process",
            ],
        )
        app = create_app(settings)
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        with served(app) as bot, served(host_page(bot)) as host:
            rounds = [measure(browser, host) for _ in range(ROUNDS)]
        browser.close()
    median = medians(rounds)
    if "--markdown" in sys.argv:
        Path(sys.argv[sys.argv.index("--markdown") + 1]).write_text(markdown(rounds), "utf-8")
    if "--json" in sys.argv:
        print(json.dumps(median))
        return
    print(f"median of {ROUNDS}, phone screen, CPU slowed {SLOWER} times")
    for stage in STAGES:
        print(f"{stage:7} {median[stage + '_bytes'] / 1000:6.1f} kB  {median[stage + '_ms']:7.0f} ms")
    print(f"requests until it is open: {median['requests']:.0f}")


if __name__ == "__main__":
    main()
