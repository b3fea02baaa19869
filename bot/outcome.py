"""What came of one message."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.messages import Reply
from bot.session import Session
from intents.types import Decision


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one message.

    `said`: the text, secrets masked. `feedback`: (turn, 1 or -1), with a `reason` where one was chosen.
    `erase`: forget all of this resident.
    """

    reply: Reply | None
    session: Session
    turn_id: str
    decision: Decision | None = None
    entry_id: str | None = None
    said: str | None = None
    feedback: tuple[str, int] | None = None
    reason: str | None = None
    erase: bool = False
