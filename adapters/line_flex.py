"""The parts of LINE flex messages: rows for telephones, links and cards, bubbles and carousels of them.

Sizes are counted in the bytes of the JSON as the SDK sends it (every character beyond ASCII escaped),
which is never less than LINE counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from adapters.base import JSON
from adapters.limits import clip_graphemes, clip_utf16
from adapters.line_parse import is_postback
from adapters.messages import Button, Card, Link, Phone
from adapters.plain import clean, link_line, phone_line

MAX_ALT = 400  # UTF-16 code units
MAX_LABEL = 20  # grapheme clusters
MAX_ACTION_TEXT = 300
MAX_URI = 1000
MAX_BUBBLES = 12
BUBBLE_BYTES = 30_000
CAROUSEL_BYTES = 50_000
ROWS_A_BUBBLE = 8
_TEXT_UNITS = 1000  # longest text of one component: four of them and a button stay below `BUBBLE_BYTES`
_LABEL_UNITS = 100  # a label of few but endless clusters would break the size of its bubble

INK, GREY, PAPER, GREEN = "#111111", "#555555", "#FFFFFF", "#06603A"  # each at least 7:1 on white

_CALL = {"ja": "電話", "easy": "電話", "en": "Call", "zh": "拨打", "pt": "Ligar", "es": "Llamar"}
_OPEN = {"ja": "開く", "easy": "ひらく", "en": "Open", "zh": "打开", "pt": "Abrir", "es": "Abrir"}
_WEB = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:[/?#].*)?")
_TEL = re.compile(r"tel:(?:%23|\+)?[0-9]{2,20}")


@dataclass(frozen=True, slots=True)
class Row:
    """Flex components that belong together, and the same in words."""

    parts: tuple[JSON, ...]
    plain: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """A flex bubble, and the same in words."""

    content: JSON
    plain: str


def size(value: object) -> int:
    """Return the bytes of `value` as JSON, escaped to ASCII."""
    return len(json.dumps(value))


def label(text: str) -> str:
    """Return `text` as the label of an action: one line of at most 20 grapheme clusters."""
    return clip_utf16(clip_graphemes(" ".join(clean(text).split()), MAX_LABEL), _LABEL_UNITS)


def web_uri(url: str) -> str | None:
    """Return an http(s) address as LINE takes it (percent-encoded, at most 1,000), or None."""
    address, hash_mark, fragment = clean(url).strip().partition("#")
    address = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", address)
    uri = (
        quote(address, safe="%:/?@!$&'()*+,;=-._~") + hash_mark + quote(fragment, safe="%:/?@!$&'()*+,;=-._~")
    )
    return uri if len(uri) <= MAX_URI and _WEB.fullmatch(uri) else None


def postback(button: Button) -> JSON | None:
    """Return the action of a button, or None where LINE, or our own webhook, would refuse it."""
    text = label(button.label)
    if not text or not is_postback(button.data):
        return None
    said = clip_utf16(clean(button.label).strip(), MAX_ACTION_TEXT)
    return {"type": "postback", "label": text, "data": button.data, "displayText": said}


def phone_row(phone: Phone, lang: str) -> Row | None:
    """Return a telephone: label, number, hours and note in words, and a button that dials."""
    parts = [
        *_text(phone.label, bold=True),
        *_text(phone.number, bold=True, large=True),
        *_text(phone.hours, grey=True),
        *_text(phone.note, grey=True),
    ]
    if _TEL.fullmatch(phone.dial):
        call, number = _CALL.get(lang, _CALL["en"]), phone.number.strip()
        words = f"{call} {number}" if len(call) + 1 + len(number) <= MAX_LABEL else number
        parts.append(_button({"type": "uri", "label": label(words), "uri": phone.dial}, "primary"))
    return Row(tuple(parts), clean(phone_line(phone)).strip()) if parts else None


def link_row(link: Link, lang: str) -> Row | None:
    """Return a link: a button with its title; a title too long for a button stands above it."""
    uri, title = web_uri(link.url), " ".join(clean(link.title).split())
    if uri is None:
        parts = [*_text(title), *_text(link.url, grey=True)]
    elif title and label(title) == title:
        parts = [_button({"type": "uri", "label": title, "uri": uri})]
    else:
        words = _OPEN.get(lang, _OPEN["en"])
        parts = [*_text(title or uri), _button({"type": "uri", "label": words, "uri": uri})]
    return Row(tuple(parts), clean(link_line(link)).strip()) if parts else None


def card_rows(card: Card, lang: str) -> list[Row]:
    """Return the rows of a card: heading and text, telephone, links, choices."""
    heading = (*_text(card.title, bold=True), *_text(card.text))
    words = "\n".join(part for part in (clean(card.title).strip(), clean(card.text).strip()) if part)
    rows = [Row(heading, words) if heading else None]
    rows += [phone_row(card.phone, lang) if card.phone else None]
    rows += [link_row(link, lang) for link in card.links]
    for button in card.buttons:
        if action := postback(button):
            rows.append(Row((_button(action),), action["displayText"]))
    return [row for row in rows if row]


def bubbles(rows: Iterable[Row]) -> list[Bubble]:
    """Return `rows` in as few bubbles as their sizes allow."""
    found: list[Bubble] = []
    taken: list[Row] = []
    for row in rows:
        if taken and (len(taken) == ROWS_A_BUBBLE or size(_bubble([*taken, row])) > BUBBLE_BYTES):
            found.append(_finished(taken))
            taken = []
        taken.append(row)
    return [*found, _finished(taken)] if taken else found


def flex_messages(parts: list[Bubble], most: int) -> tuple[list[JSON], list[Bubble]]:
    """Return `parts` as at most `most` flex messages, and the bubbles that found no room."""
    groups: list[list[Bubble]] = []
    for at, part in enumerate(parts):
        group = groups[-1] if groups else []
        full = len(group) == MAX_BUBBLES or size(_contents([*group, part])) > CAROUSEL_BYTES
        if groups and not full:
            group.append(part)
        elif len(groups) < most:
            groups.append([part])
        else:
            return [_flex(group) for group in groups], parts[at:]
    return [_flex(group) for group in groups], []


def _flex(group: list[Bubble]) -> JSON:
    words = "\n".join(part.plain for part in group).strip() or "…"
    return {"type": "flex", "altText": clip_utf16(words, MAX_ALT), "contents": _contents(group)}


def _contents(group: list[Bubble]) -> JSON:
    if len(group) == 1:
        return group[0].content
    return {"type": "carousel", "contents": [part.content for part in group]}


def _finished(rows: list[Row]) -> Bubble:
    return Bubble(_bubble(rows), "\n".join(row.plain for row in rows))


def _bubble(rows: list[Row]) -> JSON:
    parts: list[JSON] = []
    for row in rows:
        if parts:
            parts.append({"type": "separator", "margin": "lg"})
        parts += row.parts
    body = {"type": "box", "layout": "vertical", "spacing": "md", "contents": parts}
    return {"type": "bubble", "styles": {"body": {"backgroundColor": PAPER}}, "body": body}


def _text(text: str, *, bold: bool = False, large: bool = False, grey: bool = False) -> list[JSON]:
    text = clip_utf16(clean(text).strip(), _TEXT_UNITS)
    if not text:
        return []
    return [
        {
            "type": "text",
            "text": text,
            "size": "lg" if large else "md",
            "weight": "bold" if bold else "regular",
            "color": GREY if grey else INK,
            "wrap": True,
            "scaling": True,
        }
    ]


def _button(action: JSON, style: str = "secondary") -> JSON:
    button = {"type": "button", "action": action, "style": style, "height": "sm", "scaling": True}
    return {**button, "color": GREEN} if style == "primary" else button
