"""A `Reply` as LINE messages, within LINE's limits.

All words of a reply are one text message (more only where they pass 5,000 UTF-16 code units), telephones
and links one flex bubble, cards one carousel; the choices hang on the last message.  What finds no room
in a flex message is said in words.
"""

from __future__ import annotations

from adapters.base import JSON
from adapters.limits import clip_utf16, split_text, utf16_len
from adapters.line_flex import (
    Bubble,
    Row,
    bubbles,
    card_rows,
    flex_messages,
    label,
    link_row,
    phone_row,
    postback,
)
from adapters.messages import Cards, Links, LocationRequest, Phones, Reply, Text
from adapters.plain import clean

MAX_MESSAGES = 5
MAX_TEXT = 5000  # UTF-16 code units
MAX_QUICK_REPLIES = 13

_CUT = {
    "ja": "（長いため、ここまでにしました。）",
    "easy": "（ながいので、ここまでです。）",
    "en": "(Shortened: the answer is too long.)",
    "zh": "（内容过长，以下省略。）",
    "pt": "(Resposta encurtada por ser longa demais.)",
    "es": "(Respuesta acortada por ser demasiado larga.)",
}
_CHOOSE = {
    "ja": "下のボタンから選んでください。",
    "easy": "したの ボタンを おして ください。",
    "en": "Please choose a button below.",
    "zh": "请点选下面的按钮。",
    "pt": "Escolha um dos botões abaixo.",
    "es": "Elija uno de los botones de abajo.",
}
_PLACE = {
    "ja": "位置情報を送る",
    "easy": "いまの ばしょを おくる",
    "en": "Send location",
    "zh": "发送位置",
    "pt": "Enviar localização",
    "es": "Enviar ubicación",
}


def render(reply: Reply) -> list[JSON]:
    """Return `reply` as at most five LINE message objects; an empty list where it says nothing."""
    words = [words for block in reply.blocks if (words := _words(block))]
    flexes: list[JSON] = []
    left: list[Bubble] = []
    for parts in _groups(reply):
        made, rest = flex_messages(parts, MAX_MESSAGES - 1 - len(flexes))
        flexes += made
        left += rest
    items = _quick_replies(reply)
    if items and not words and not flexes:
        words = [_CHOOSE.get(reply.lang, _CHOOSE["en"])]
    text = "\n\n".join([*words, *(part.plain for part in left)])
    messages = [*_texts(text, MAX_MESSAGES - len(flexes), reply.lang), *flexes]
    if items and messages:
        messages[-1] = {**messages[-1], "quickReply": {"items": items}}
    return messages


def plain_messages(messages: list[JSON]) -> list[JSON]:
    """Return rendered messages as text messages alone, for when LINE refuses the rich ones."""
    words = [
        _flex_words(message["contents"]) if message["type"] == "flex" else message["text"]
        for message in messages
    ]
    return _texts("\n\n".join(words), MAX_MESSAGES, "ja")


def _words(block: object) -> str:
    return clean(block.text).strip() if isinstance(block, Text | LocationRequest) else ""


def _groups(reply: Reply) -> list[list[Bubble]]:
    """Return the bubbles of the contacts (all telephones and links) and of the cards, as they come first."""
    contacts: list[Row | None] = []
    cards: list[Bubble] = []
    cards_first = False
    for block in reply.blocks:
        match block:
            case Phones():
                contacts += [phone_row(phone, reply.lang) for phone in block.items]
            case Links():
                contacts += [link_row(link, reply.lang) for link in block.items]
            case Cards():
                cards_first = cards_first or not contacts
                cards += [bubble for card in block.items for bubble in bubbles(card_rows(card, reply.lang))]
    groups = [bubbles(row for row in contacts if row), cards]
    return groups[::-1] if cards_first else groups


def _quick_replies(reply: Reply) -> list[JSON]:
    actions: list[JSON | None] = []
    for block in reply.blocks:
        if isinstance(block, LocationRequest) and not actions:
            words = label(block.label) or _PLACE.get(reply.lang, _PLACE["en"])
            actions.append({"type": "location", "label": words})
    actions += [postback(button) for button in reply.quick_replies]
    found = [{"type": "action", "action": action} for action in actions if action]
    return found[:MAX_QUICK_REPLIES]


def _texts(text: str, most: int, lang: str) -> list[JSON]:
    """Return `text` as at most `most` text messages; the last one says so where it was cut."""
    room = text[: most * MAX_TEXT + 1]  # what is beyond would be cut anyhow
    parts = [part.strip() for part in split_text(room, MAX_TEXT) if part.strip()]
    if len(parts) > most or len(room) < len(text):
        note = "\n\n" + _CUT.get(lang, _CUT["en"])
        last = clip_utf16(parts[:most][-1] + "…", MAX_TEXT - utf16_len(note))
        parts = [*parts[:most][:-1], last + note]
    return [{"type": "text", "text": part} for part in parts]


def _flex_words(part: JSON) -> str:
    """Return the words and addresses of a flex container or component, one a line."""
    if part["type"] == "text":
        return str(part["text"])
    if part["type"] == "button":
        return str(part["action"].get("uri") or part["action"]["label"])
    children = part.get("contents") or [part["body"]] if part["type"] != "separator" else []
    return "\n".join(words for child in children if (words := _flex_words(child)))
