"""From a `Reply` to calls of Telegram's sendMessage, within its limits.

Text is divided before markup is added, every variable is escaped, and nothing but `<b>`, `<i>` and
`<a href>` is used.  Limits: 4,096 UTF-16 code units a message after entity parsing and 64 bytes of
callback data (https://core.telegram.org/bots/api#sendmessage), 35,000 bytes and 100 entities before the
server silently cuts off.
"""

from __future__ import annotations

import html
import logging
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from adapters.limits import byte_len, clip_graphemes, split_text, utf16_len
from adapters.messages import (
    Block,
    Button,
    Card,
    Cards,
    Link,
    Links,
    LocationRequest,
    Phone,
    Phones,
    Reply,
    Text,
)
from adapters.plain import clean

log = logging.getLogger(__name__)

TEXT_LIMIT: Final = 4096
CALLBACK_LIMIT: Final = 64
_ROOM = 4000  # units of text we put in a message, below TEXT_LIMIT for what the server may count otherwise
_RAW_ROOM = 30_000  # bytes of HTML
_MAX_ENTITIES = 90
_MAX_BUTTONS = 100
_MAX_URL = 2000
_LABEL = 60  # graphemes of a button's label; clients show about 35 of a full row
_HALF_ROW = 24  # columns (a kanji is two) that still fit half a row on a small phone
_PIN = "📍"
_ARROW = "👇"  # a keyboard needs a message to hang on
_TAGS = {"title": "b", "source": "i"}
_INVISIBLE = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufffc")
_LINK = re.compile(r'<a href="([^"]*)">([^<]*)</a>')
_STYLE = re.compile(r"</?[bi]>")
_HTTP = re.compile(r"https?://[^\s\"<>]+", re.IGNORECASE)

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Span:
    """A run of text with one style: `tag` is "", "b" or "i"; `url` makes it a link."""

    text: str
    tag: str = ""
    url: str = ""

    def html(self) -> str:
        text = html.escape(self.text, quote=False)
        if self.url:
            return f'<a href="{html.escape(self.url)}">{text}</a>'
        return f"<{self.tag}>{text}</{self.tag}>" if self.tag and self.text else text


@dataclass(frozen=True, slots=True)
class _Piece:
    """Spans that stay in one message, with the white space that divides them from what stands before."""

    gap: str
    spans: tuple[_Span, ...]

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)


def render_messages(reply: Reply) -> list[JSON]:
    """Return the reply as sendMessage calls, each with `method` and without `chat_id`.

    The buttons hang on the last message. A request for the place needs a keyboard of another kind: it is
    on the last message where there are no buttons, else on a short message of its own after it.
    """
    messages = [_message(text) for text in _pack(_pieces(reply.blocks))]
    rows = _keyboard(reply)
    if rows:
        if not messages:
            messages.append(_message(_ARROW))
        messages[-1]["reply_markup"] = {"inline_keyboard": rows}
    request = next((block for block in reply.blocks if isinstance(block, LocationRequest)), None)
    if request is not None:
        label = f"{_PIN} {_label(request.label)}"
        if rows or not messages:
            messages.append(_message(html.escape(label, quote=False)))
        messages[-1]["reply_markup"] = {
            "keyboard": [[{"text": label, "request_location": True}]],
            "resize_keyboard": True,
            "one_time_keyboard": True,
        }
    return messages


def for_group(message: JSON) -> JSON | None:
    """Return the message as a group may get it: Telegram refuses to ask a group for a place.

    The keyboard that asks is left out, and with it (None) a message that only holds it.
    """
    keyboard = message.get("reply_markup", {}).get("keyboard")
    if not keyboard:
        return message
    if to_plain(message["text"]) == keyboard[0][0]["text"]:
        return None
    return {key: value for key, value in message.items() if key != "reply_markup"}


def to_plain(text: str) -> str:
    """Return our own HTML as plain text; a link becomes `title: url`."""
    text = _LINK.sub(lambda link: link[1] if link[1] == link[2] else f"{link[2]}: {link[1]}", text)
    return html.unescape(_STYLE.sub("", text))


def plain_messages(message: JSON) -> list[JSON]:
    """Return a rendered message as messages without markup, for when Telegram does not accept the markup."""
    base = {key: value for key, value in message.items() if key not in ("parse_mode", "reply_markup")}
    parts = [part for part in split_text(to_plain(message["text"]), _ROOM) if not _blank(part)]
    plain: list[JSON] = [{**base, "text": part} for part in parts]
    if plain and "reply_markup" in message:
        plain[-1]["reply_markup"] = message["reply_markup"]
    return plain


def _message(text: str) -> JSON:
    return {
        "method": "sendMessage",
        "text": text,
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }


def _pack(pieces: Iterator[_Piece]) -> Iterator[str]:
    """Yield the HTML of one message after another, each as full as the limits allow, none of them blank."""
    kept: list[_Piece] = []
    size = raw = entities = 0
    for piece in pieces:
        source = "".join(span.html() for span in piece.spans)
        more = (len(piece.gap) + utf16_len(piece.text), byte_len(source) + 2, source.count("</"))
        if kept and (
            size + more[0] > _ROOM or raw + more[1] > _RAW_ROOM or entities + more[2] > _MAX_ENTITIES
        ):
            yield from _join(kept)
            kept, size, raw, entities = [], 0, 0, 0
        kept.append(piece)
        size, raw, entities = size + more[0], raw + more[1], entities + more[2]
    yield from _join(kept)


def _join(pieces: list[_Piece]) -> Iterator[str]:
    if all(_blank(piece.text) for piece in pieces):
        return
    parts = [
        piece.gap * (n > 0) + "".join(span.html() for span in piece.spans) for n, piece in enumerate(pieces)
    ]
    yield "".join(parts).strip()


def _pieces(blocks: tuple[Block, ...]) -> Iterator[_Piece]:
    """Yield the blocks as pieces of at most `_ROOM` units each."""
    for block in blocks:
        for gap, spans in _paragraphs(block):
            if utf16_len("".join(span.text for span in spans)) + len(gap) <= _ROOM:
                yield _Piece(gap, tuple(spans))
                continue
            parts = [
                _Span(part, span.tag, span.url)
                for span in spans
                for part in split_text(span.text, _ROOM - len(gap))
            ]
            for n, part in enumerate(parts):
                yield _Piece("" if n else gap, (part,))


def _paragraphs(block: Block) -> Iterator[tuple[str, list[_Span]]]:
    """Yield each paragraph's gap before it and its spans; what belongs together is one paragraph."""
    match block:
        case Text():
            tag = _TAGS.get(block.role, "")
            for paragraph in clean(block.text).split("\n\n"):
                if text := paragraph.strip("\n").rstrip():
                    yield "\n\n", [_Span(text, tag)]
        case Phones():
            for phone in block.items:
                yield "\n\n", [_Span("\n".join(_phone(phone)))]
        case Cards():
            for n, card in enumerate(block.items, 1):
                yield "\n\n", _card(f"{n}. " if len(block.items) > 1 else "", card)
        case LocationRequest():
            yield "\n\n", [_Span(clean(block.text).strip())]
        case Links():
            for n, link in enumerate(block.items):
                yield "\n" if n else "\n\n", _link(link)


def _phone(phone: Phone) -> list[str]:
    """Return the lines of a telephone number; the number has its own, where Telegram makes it tappable."""
    hours = f"（{_line(phone.hours)}）" if phone.hours else ""
    return [
        f"☎ {_line(phone.label)}".strip(),
        *filter(None, (_line(phone.number), hours + _line(phone.note))),
    ]


def _link(link: Link) -> list[_Span]:
    title, url = _line(link.title) or _line(link.url), _line(link.url)
    if not _HTTP.fullmatch(url) or len(url) > _MAX_URL:
        return [_Span(f"・{title}" if title == url else f"・{title}: {url}")]
    return [_Span("・"), _Span(title, url=url)]


def _card(number: str, card: Card) -> list[_Span]:
    lines = [[_Span(f"{number}{_line(card.title)}", "b")]]
    if text := clean(card.text).strip():
        lines.append([_Span(text)])
    if card.phone:
        lines += [[_Span(line)] for line in _phone(card.phone)]
    lines += [_link(link) for link in card.links]
    spans = [span for line in lines for span in (_Span("\n"), *line)]
    return spans[1:]


def _keyboard(reply: Reply) -> list[list[JSON]]:
    """Return the rows of callback buttons: each card's, then the quick replies."""
    rows: list[list[JSON]] = []
    for block in reply.blocks:
        if isinstance(block, Cards):
            for n, card in enumerate(block.items, 1):
                number = f"{n}. " if len(block.items) > 1 else ""
                rows += _rows([Button(number + button.label, button.data) for button in card.buttons])
    rows += _rows(list(reply.quick_replies))
    room = _MAX_BUTTONS
    kept = []
    for row in reversed(rows):  # the quick replies, which lead on, come last
        room -= len(row)
        if room >= 0:
            kept.append(row)
    return kept[::-1]


def _rows(buttons: list[Button]) -> list[list[JSON]]:
    """Return buttons two a row within a group; one a row where they are choices or long."""
    rows: list[list[JSON]] = []
    group: str | None = None  # of the last row while it has room for a second button
    for button in buttons:
        data, label = clean(button.data), _label(button.label)
        if not 0 < byte_len(data) <= CALLBACK_LIMIT:  # clipped it would come back as another postback
            log.warning("telegram: a button was left out: its data has %d bytes", byte_len(data))
            continue
        key = {"text": label, "callback_data": data}
        alone = button.group == "choice" or _columns(label) > _HALF_ROW
        if group == button.group and not alone:
            rows[-1].append(key)
            group = None
        else:
            rows.append([key])
            group = None if alone else button.group
    return rows


def _label(text: str) -> str:
    label = clip_graphemes(_line(text), _LABEL)
    return "…" if _blank(label) else label


def _line(text: str) -> str:
    """Return the text cleaned and on one line."""
    return " ".join(clean(text).split())


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in text)


def _blank(text: str) -> bool:
    """Return whether nothing of the text can be seen, which Telegram refuses to send."""
    return all(ch in _INVISIBLE or unicodedata.category(ch) in ("Cc", "Cf", "Zl", "Zp", "Zs") for ch in text)
