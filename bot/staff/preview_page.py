"""The preview as a page for the browser: bubbles and buttons, without anything from the network."""

from __future__ import annotations

from html import escape

from adapters.messages import Reply
from bot.staff.preview import shown_messages
from bot.staff.shown import Channel

_PAPER = {"line": "#8cabd8", "telegram": "#d5e4d0", "web": "#f3f5f4", "console": "#1b1f1d"}
_STYLE = """
body { margin: 0; font: 16px/1.6 "Noto Sans CJK JP", "Noto Sans JP", sans-serif; background: #e9ecea; }
main { width: 390px; margin: 0 auto; min-height: 100vh; padding: 0 12px 20px; box-sizing: border-box; }
h1 { margin: 0 -12px 12px; padding: 10px 14px; font-size: 15px; background: #fff; color: #222; }
.said { background: #fff; color: #111; border-radius: 14px; padding: 10px 14px; margin: 8px 30px 8px 0; }
.said p { margin: 0 0 .7em; white-space: pre-wrap; overflow-wrap: anywhere; }
.said p:last-child { margin: 0; }
.row { display: flex; flex-wrap: wrap; gap: 6px; margin: 6px 0; }
.row span { background: #fff; color: #06603a; border: 1px solid; border-radius: 16px; padding: 2px 12px; }
"""


def preview_page(reply: Reply, channel: Channel, title: str) -> str:
    """Return `reply` as a whole HTML page; every text is escaped."""
    parts = []
    for paragraphs, rows in shown_messages(reply, channel):
        said = "".join(f"<p>{escape(text)}</p>" for text in paragraphs)
        parts.append(f'<div class="said">{said}</div>')
        for row in rows:
            buttons = "".join(f"<span>{escape(label)}</span>" for label in row)
            parts.append(f'<div class="row">{buttons}</div>')
    return (
        f'<!doctype html><html lang="ja"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<style>{_STYLE}</style><main style="background:{_PAPER[channel]}">'
        f"<h1>{escape(title)}</h1>{''.join(parts)}</main></html>\n"
    )
