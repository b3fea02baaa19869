"""Take the pictures of knowledge/GUIDE.md (needs Chromium and the test environment)."""

from __future__ import annotations

import csv
import shutil
import tempfile
from datetime import date
from html import escape
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bot.staff.checks import deep_check
from bot.staff.preview_page import preview_page
from bot.staff.shown import brain_of, reply_of
from bot.staff.spreadsheet import export
from knowledge.loader import CONTENT, load
from knowledge.translations import record_translations

IMAGES = Path(__file__).parent.parent / "docs" / "images"
SHOWN = "tourism.wifi"
TERMINAL = """<!doctype html><meta charset="utf-8"><style>
body { margin: 0; background: #12181b; color: #e6ece9; padding: 14px 18px; }
pre { font: 14px/1.7 "Noto Sans Mono CJK JP", monospace; margin: 0; white-space: pre-wrap; }
b { color: #8fd6b4; font-weight: normal; } i { color: #f0c674; font-style: normal; } u { color: #ff9d8a; }
</style><pre>%s</pre>"""
TABLE = """<!doctype html><meta charset="utf-8"><style>
body { margin: 0; font: 13px/1.5 "Noto Sans CJK JP", sans-serif; background: #fff; }
table { border-collapse: collapse; } td, th { border: 1px solid #c9d2ce; padding: 3px 7px;
vertical-align: top; white-space: pre-wrap; max-width: 190px; min-width: 76px; }
th { background: #e7efeb; text-align: left; }
</style><table>%s</table>"""


def check_page(folder: Path) -> str:
    """Return what `tochimado check` says of a folder with some usual slips, as a page."""
    root = Path(shutil.copytree(CONTENT, folder / "content"))
    record_translations(root, load(root)[0], list(load(root)[0].entries))
    path = root / "mynumber/lost.yaml"
    text = path.read_text(encoding="utf-8")
    slip = text.replace("review_by:", "revew_by:", 1)
    path.write_text(slip, encoding="utf-8")
    errors = load(root)[1]
    path.write_text(text.replace("まず電話で", "すぐ電話で", 1), encoding="utf-8")
    found = [*errors, *(p for p in deep_check(root, date(2026, 11, 21)) if "lost.yaml" in str(p.file))][:7]
    lines = ["<b>$ tochimado check</b>"]
    for problem in found:
        kind = "u" if problem.severity == "error" else "i"
        place = f"{problem.file.relative_to(root)}:{problem.line}"
        lines.append(
            f"{place}: <{kind}>{problem.severity}[{problem.code}]</{kind}> {escape(problem.message)}"
        )
    lines = [line.replace(f"{root}/", "") for line in lines]
    entries = len(load(root)[0].entries)
    wrong = sum(problem.severity == "error" for problem in found)
    lines.append(f"項目 {entries} 件、誤り {wrong} 件、注意 {len(found) - wrong} 件")
    return TERMINAL % "\n".join(lines)


def sheet_page(folder: Path) -> str:
    """Return the first rows and columns of the spreadsheet as a page."""
    export(CONTENT, folder / "all.csv")
    with (folder / "all.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["id"].startswith("mynumber.l")][:3]
    shown = ("id", "title.ja", "title.en", "asks.ja", "answer.ja", "phones", "owner", "checked")
    head = "".join(f"<th>{name}</th>" for name in shown)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(_short(row[name]))}</td>" for name in shown) + "</tr>" for row in rows
    )
    return TABLE % f"<tr>{head}</tr>{body}"


def _short(text: str) -> str:
    lines = text.split("\n")
    return "\n".join(lines[:4]) + ("\n…" if len(lines) > 4 else "")


def take(browser: Browser, name: str, html: str, width: int, height: int | None = None) -> None:
    """Write the picture `guide-<name>.png` of a page."""
    page = browser.new_page(viewport={"width": width, "height": height or 200}, device_scale_factor=1.5)
    page.set_content(html)
    page.screenshot(path=str(IMAGES / f"guide-{name}.png"), full_page=height is None)
    page.close()


def main() -> None:
    """Take every picture."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        reply = reply_of(brain_of(CONTENT), SHOWN, "ja")
        take(browser, "preview", preview_page(reply, "line", f"{SHOWN}（LINE での見え方）"), 430)
        take(browser, "check", check_page(Path(folder)), 980)
        take(browser, "sheet", sheet_page(Path(folder)), 1180, 420)
        browser.close()


if __name__ == "__main__":
    main()
