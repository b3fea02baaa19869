"""A reply without any channel: as plain text, as labels to choose from, and as JSON blocks.

The text is what a resident would read on a screen without buttons; the blocks are what the web API and
`tochimado ask --json` return.
"""

from __future__ import annotations

import re
from typing import Any

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

JSON = dict[str, Any]

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """Return `text` as every channel can encode it: no control characters but `\\t` and `\\n`, no surrogates.

    Line ends become `\\n`; a lone surrogate becomes U+FFFD.
    """
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _SURROGATE.sub("\ufffd", text)


def render_text(reply: Reply) -> str:
    """Return the whole reply as plain text, blocks divided by an empty line, without the quick replies."""
    return "\n\n".join(part for block in reply.blocks if (part := block_text(block)))


def render_choices(reply: Reply) -> list[str]:
    """Return the labels of `choices(reply)`, in the same order."""
    return [button.label for button in choices(reply)]


def choices(reply: Reply) -> list[Button]:
    """Return every button: those of the cards (labelled `card title: label`), then the quick replies."""
    found = [
        Button(f"{card.title}: {button.label}", button.data, button.group)
        for block in reply.blocks
        if isinstance(block, Cards)
        for card in block.items
        for button in card.buttons
    ]
    return [*found, *reply.quick_replies]


def render_blocks(reply: Reply) -> list[JSON]:
    """Return the blocks as JSON objects, each with `type`: text, phones, links, cards or location_request."""
    return [_block_json(block) for block in reply.blocks]


def block_text(block: Block) -> str:
    """Return one block as plain text, without spaces around it."""
    match block:
        case Text():
            text = block.text
        case Phones():
            text = "\n".join(phone_line(phone) for phone in block.items)
        case Links():
            text = "\n".join(link_line(link) for link in block.items)
        case Cards():
            text = "\n\n".join(_card_text(n, card) for n, card in enumerate(block.items, 1))
        case LocationRequest():
            text = block.text
    return text.strip()


def phone_line(phone: Phone) -> str:
    """Return `☎ label: number（hours）note`, leaving out what is empty."""
    label = f"{phone.label}: " if phone.label else ""
    hours = f"（{phone.hours}）" if phone.hours else ""
    gap = " " if phone.note and not hours else ""
    return f"☎ {label}{phone.number}{hours}{gap}{phone.note}"


def link_line(link: Link) -> str:
    """Return `title: url`."""
    return f"{link.title}: {link.url}" if link.title else link.url


def _card_text(number: int, card: Card) -> str:
    lines = [f"{number}. {card.title}", *(card.text.splitlines())]
    if card.phone:
        lines.append(phone_line(card.phone))
    lines += [link_line(link) for link in card.links]
    return "\n".join(line for line in lines if line.strip())


def _block_json(block: Block) -> JSON:
    match block:
        case Text():
            return {"type": "text", "role": block.role, "text": block.text}
        case Phones():
            return {"type": "phones", "items": [_phone_json(phone) for phone in block.items]}
        case Links():
            return {"type": "links", "items": [_link_json(link) for link in block.items]}
        case Cards():
            return {"type": "cards", "items": [_card_json(card) for card in block.items]}
        case LocationRequest():
            return {"type": "location_request", "text": block.text, "label": block.label}


def button_json(button: Button) -> JSON:
    """Return `{"label", "data", "group"}`."""
    return {"label": button.label, "data": button.data, "group": button.group}


def _phone_json(phone: Phone) -> JSON:
    return {
        "label": phone.label,
        "number": phone.number,
        "dial": phone.dial,
        "hours": phone.hours,
        "note": phone.note,
    }


def _link_json(link: Link) -> JSON:
    return {"title": link.title, "url": link.url}


def _card_json(card: Card) -> JSON:
    return {
        "title": card.title,
        "text": card.text,
        "phone": _phone_json(card.phone) if card.phone else None,
        "links": [_link_json(link) for link in card.links],
        "buttons": [button_json(button) for button in card.buttons],
    }
