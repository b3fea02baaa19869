"""The interface that every channel implements, and its errors.

DeliveryError          a message could not be handed to the channel
  .retry               whether trying again can help (429, 5xx, no answer)
  .after               seconds the channel asks to wait, or None
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from flask import Blueprint

from adapters.messages import Address, IncomingMessage, Reply

JSON = dict[str, Any]
Receive = Callable[[list[IncomingMessage]], None]


class DeliveryError(Exception):
    """A message was not accepted by the channel.

    `retry`: whether another try can help. `after`: seconds to wait first, if the channel said so.
    `status`: the HTTP status, 0 where there was no answer. Never holds message text.
    """

    def __init__(
        self, channel: str, reason: str, *, retry: bool, status: int = 0, after: float | None = None
    ):
        super().__init__(f"{channel}: {reason}")
        self.channel = channel
        self.reason = reason
        self.retry = retry
        self.status = status
        self.after = after


class Adapter(Protocol):
    """One channel: authenticate, parse, receive; render; deliver."""

    name: str

    def blueprint(self, receive: Receive) -> Blueprint:
        """Return the routes of the channel. They authenticate, parse and hand messages to `receive`."""
        ...

    def render(self, reply: Reply) -> list[JSON]:
        """Return the channel's own payloads for `reply`, each within the channel's limits."""
        ...

    def units(self, messages: list[JSON]) -> list[list[JSON]]:
        """Return rendered messages in the parts that the channel takes as one: each is sent or is not."""
        ...

    def deliver(
        self, to: Address, messages: list[JSON], *, retry_key: str | None = None, again: bool = False
    ) -> None:
        """Send rendered messages. Raises `DeliveryError`.

        `retry_key`: a UUID, the same in every try of this delivery. `again`: an earlier try may have
        arrived; where the channel can tell, it is not sent twice.
        """
        ...

    def working(self, to: Address) -> None:
        """Show that an answer is being prepared (loading indicator). Never raises."""
        ...

    def profile_language(self, to: Address) -> str | None:
        """Return the language of the resident's profile (BCP 47), or None. Never raises."""
        ...
