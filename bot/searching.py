"""The part of a turn that searches places: by what is written, by a button, by a place sent."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from adapters.messages import Reply
from bot.brain import Brain
from bot.outcome import Outcome
from bot.places.finder import Finder, Step
from bot.places.state import FinderState
from bot.session import Session
from intents.finding import find_slots
from intents.types import Decision, Slots

log = structlog.get_logger()


class Searching:
    """What a turn needs to search places. `finder`: None where there are none to search."""

    brain: Brain
    session: Session
    now: datetime
    finder: Finder | None

    @abstractmethod
    def plain(self, reply: Reply) -> Outcome:
        """Return an outcome without a decision."""

    def searched(self, text: str) -> Outcome | None:
        """Search places where that is what `text` asks for, or what it changes in the search under way."""
        if self.finder is None:
            return None
        query = find_slots(text, self.session.lang)
        state = FinderState.from_json(self.session.search, self.now)
        try:
            if query is not None and (query.is_located or query.is_shelter or not self.is_answered(text)):
                home = self.session.municipality
                step = self.finder.reply(query, state, None, self.now, self.session.lang, home)
                return self.stepped(step)
            if state is not None:
                return self.stepped(self.finder.follow(text, state, self.now, self.session.lang))
        except SQLAlchemyError as error:
            log.warning("places.unreachable", reason=type(error).__name__)
        return None

    def is_answered(self, text: str) -> bool:
        """Return whether an entry answers `text`; it goes before a search that names no place."""
        return self.brain.understander.decide(text, self.session.lang).kind == "answer"

    def stepped(self, step: Step | None) -> Outcome | None:
        """Return the outcome of one step of the search; None for no step."""
        if step is None:
            return None
        self.session = replace(self.session, search=step.state.as_json())
        town = step.state.query.municipality
        decision = Decision("places", (), Slots(town), self.session.lang)
        return replace(self.plain(step.reply), decision=decision)

    def searching(self, act: Callable[[Finder, FinderState | None], Step | None]) -> Outcome | None:
        """Go on with the search under way by a button or a place sent; None where that is not possible."""
        if self.finder is None:
            return None
        try:
            return self.stepped(act(self.finder, FinderState.from_json(self.session.search, self.now)))
        except SQLAlchemyError as error:
            log.warning("places.unreachable", reason=type(error).__name__)
            return None
