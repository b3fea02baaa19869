"""Channel-neutral messages: what comes in from a resident and what goes back.

Frozen, typed, few.  No markup anywhere: a channel adds its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

EventKind = Literal[
    "text",  # words typed by a resident
    "postback",  # a button pressed; `postback` holds its data
    "location",  # a place sent; `location` is (latitude, longitude) in degrees, WGS 84
    "follow",  # added as a friend, /start, first opening of the widget
    "unfollow",  # blocked or left: nothing may be sent back
    "unsend",  # a message taken back; `ref` is its message id: nothing may be sent back
    "attachment",  # sticker, image, sound, file ...; `ref` says which
]


@dataclass(frozen=True, slots=True)
class Address:
    """Where an answer goes: enough for `Adapter.deliver` and nothing more."""

    channel: str
    user_id: str
    """The channel's own id of the conversation (LINE user or group id, Telegram chat id)."""
    reply_token: str | None = None
    """LINE: works once, within a minute of `received_at`. Telegram: callback query id."""
    received_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    push_worthwhile: bool = True
    """Whether a billed push may be sent when the reply token no longer works."""


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """One event of one resident, as the conversation sees it."""

    channel: str
    user_id: str
    event_id: str
    kind: EventKind = "text"
    text: str | None = None
    postback: str | None = None
    location: tuple[float, float] | None = None
    ref: str | None = None
    """Unsend: the message id taken back. Attachment: its kind (`sticker`, `image`, ...). Follow: what a deep
    link carried."""
    message_id: str | None = None
    """The channel's id of the message that carried `text`, for a later unsend."""
    reply_token: str | None = None
    lang_hint: str | None = None
    """The language that the channel says the resident uses, as a BCP 47 tag (`pt-BR`), or None."""
    received_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    redelivered: bool = False

    @property
    def address(self) -> Address:
        """The address that answers this message."""
        return Address(
            self.channel, self.user_id, self.reply_token, self.received_at, self.kind != "attachment"
        )


TextRole = Literal["body", "title", "notice", "source"]


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text; paragraphs are divided by an empty line.

    `role`: `title` names the answer, `notice` is about the bot (language missing, stateless ...),
    `source` is the line with source, date and counter.
    """

    text: str
    role: TextRole = "body"


@dataclass(frozen=True, slots=True)
class Link:
    """A titled address (http or https)."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Links:
    """A list of links under the answer."""

    items: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number to tap. `number` as printed (`#7119`), `hours` in the reader's words."""

    label: str
    number: str
    hours: str = ""
    note: str = ""

    @property
    def dial(self) -> str:
        """The number as a `tel:` URI (`tel:0120950178`, `tel:%237119`)."""
        return "tel:" + self.number.replace("-", "").replace("#", "%23")


@dataclass(frozen=True, slots=True)
class Phones:
    """Telephone numbers, the most fitting first."""

    items: tuple[Phone, ...]


@dataclass(frozen=True, slots=True)
class Button:
    """A choice. Pressing it comes back as a postback with `data` (at most 60 bytes, ASCII)."""

    label: str
    data: str
    group: str = ""
    """Buttons of one group belong together (`feedback`, `nav`, `choice`); channels may lay them out so."""


@dataclass(frozen=True, slots=True)
class Card:
    """One of several places or things to choose from."""

    title: str
    text: str
    phone: Phone | None = None
    links: tuple[Link, ...] = ()
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Cards:
    """Cards side by side; a channel without cards lists them."""

    items: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class LocationRequest:
    """A request for the resident's place. `label` is the button, at most 20 characters."""

    text: str
    label: str


Block = Text | Links | Phones | Cards | LocationRequest


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `lang` is one of `ja easy en zh pt es`; `urgent` replies overtake others (crisis).

    `topic`: `violence`, where the reader may have to leave the page at once; otherwise empty.
    """

    blocks: tuple[Block, ...]
    quick_replies: tuple[Button, ...] = ()
    lang: str = "ja"
    urgent: bool = False
    topic: str = ""
