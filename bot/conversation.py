"""The conversation: one message and what is remembered in, one reply and what to remember out.

Pure: no database, no channel, no HTTP.  `Service` gives it sessions and sends its replies; `bot.turn` holds
what is done with each kind of message.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from adapters.messages import IncomingMessage
from bot.brain import Brain
from bot.intake import Prepared, prepare
from bot.outcome import Outcome
from bot.places.finder import Finder
from bot.places.search import Search
from bot.session import Session
from bot.turn import Turn
from intents.normalize import clean
from intents.safety import detect_crisis
from knowledge.hours import JAPAN
from knowledge.review import Expired


class Conversation:
    """Answers messages with the current brain. `retention_days` is told to residents.

    `places`: where places are searched, None where there are none to search (then entries answer alone).
    `expired`: whether answers whose review is overdue are shown or withheld.
    """

    def __init__(
        self,
        brain: Callable[[], Brain],
        retention_days: int = 30,
        now: Callable[[], datetime] = lambda: datetime.now(JAPAN),
        places: Search | None = None,
        expired: Expired = "show",
    ):
        self._brain = brain
        self._days = retention_days
        self._now = now
        self._places = places
        self._expired = expired

    def handle(self, message: IncomingMessage, session: Session | None = None) -> Outcome:
        """Answer `message`. `session`: None for somebody never seen. Reply None: nothing may be sent."""
        return self.answer(self.prepare(message), session)

    def prepare(self, message: IncomingMessage) -> Prepared:
        """Return `message` as it may be kept: danger seen, secrets masked."""
        return prepare(message, self._brain())

    def answer(self, prepared: Prepared, session: Session | None = None) -> Outcome:
        """Answer a prepared message."""
        brain = self._brain()
        finder = Finder(self._places, brain.knowledge) if self._places else None
        now = self._now().astimezone(JAPAN)
        return Turn(brain, prepared, session, self._days, now, finder, self._expired).outcome()


def is_urgent(text: str) -> bool:
    """Return whether `text` tells of danger to life."""
    crisis = detect_crisis(clean(text))
    return crisis is not None and crisis.urgent
