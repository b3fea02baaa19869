"""What a resident says of an answer: useful or not, and, for those who like, why not."""

from __future__ import annotations

from dataclasses import replace

from adapters.messages import Button, Reply, Text
from bot import postbacks
from bot.answers import Composer

REASONS = ("off", "unclear", "wrong", "old", "short")
"""Not what was asked, hard to understand, wrong, out of date, not enough; phrases `why-…`, in this order."""


def not_useful(compose: Composer, turn_id: str) -> Reply:
    """Answer a "no" with ways on, and offer the reasons; nobody has to choose one."""
    reply = compose.fallback("sorry")
    reasons = [
        Button(
            compose.say(f"why-{code}"), postbacks.data(postbacks.REASON, f"{turn_id[:32]}:{code}"), "feedback"
        )
        for code in REASONS
    ]
    return replace(
        reply,
        blocks=(*reply.blocks, Text(compose.say("why"), "notice")),
        quick_replies=(*reasons, compose.menu_button(), compose.language_button()),
    )


def reason_of(argument: str) -> tuple[str, str | None]:
    """Return (turn, reason) of a pressed reason, `turn:code`; None for a code that nobody knows."""
    turn, _, code = argument.partition(":")
    return turn, code if code in REASONS else None
