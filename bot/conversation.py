"""The conversation: one message and what is remembered in, one reply and what to remember out.

Pure: no database, no channel, no HTTP.  `Service` gives it sessions and sends its replies.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from adapters.messages import IncomingMessage, Link, Links, Reply, Text
from bot import postbacks
from bot.answers import Composer
from bot.brain import Brain
from bot.session import Session, lang_from_tag
from intents.language import detect, requested_language
from intents.masking import find_secrets
from intents.normalize import MAX_LENGTH, clean
from intents.types import Context, Decision
from knowledge.models import LANGS, Lang
from knowledge.phrases import command_key, load_commands

JAPAN = ZoneInfo("Asia/Tokyo")
NEAR_KM = 40.0
"""Farther than this from every municipality's office is outside the prefecture."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one message. `said`: the text, secrets masked. `erase`: forget all of this resident."""

    reply: Reply | None
    session: Session
    turn_id: str
    decision: Decision | None = None
    entry_id: str | None = None
    said: str | None = None
    feedback: tuple[str, int] | None = None
    erase: bool = False


class Conversation:
    """Answers messages with the current brain. `retention_days` is told to residents."""

    def __init__(
        self,
        brain: Callable[[], Brain],
        retention_days: int = 30,
        now: Callable[[], datetime] = lambda: datetime.now(JAPAN),
    ):
        self._brain = brain
        self._days = retention_days
        self._now = now

    def handle(self, message: IncomingMessage, session: Session | None = None) -> Outcome:
        """Answer `message`. `session`: None for somebody never seen. Reply None: nothing may be sent."""
        turn = _Turn(self._brain(), message, session, self._days, self._now().astimezone(JAPAN).date())
        return turn.outcome()

    def is_crisis(self, message: IncomingMessage) -> bool:
        """Return whether `message` tells of a crisis: it is answered whatever else holds."""
        return False


class _Turn:
    """One turn of one conversation."""

    def __init__(
        self, brain: Brain, message: IncomingMessage, session: Session | None, days: int, today: date
    ):
        hint = lang_from_tag(message.lang_hint)
        session = session or Session(lang=hint or "ja")
        self.brain = brain
        self.message = message
        self.session = replace(session, turns=session.turns + 1)
        self.days = days
        self.today = today
        self.id = uuid4().hex
        self.said: str | None = None

    @property
    def compose(self) -> Composer:
        return Composer(self.brain, self.session, self.today)

    def outcome(self) -> Outcome:
        kind = self.message.kind
        if kind == "unfollow":
            return Outcome(None, self.session, self.id, erase=True)
        if kind == "unsend":
            return Outcome(None, self.session, self.id)
        if kind == "follow":
            return self.greet()
        if kind == "postback":
            return self.pressed(*postbacks.parse(self.message.postback or ""))
        if kind == "location":
            return self.located()
        if kind == "attachment":
            return self.plain(self.compose.topics("attachment"))
        return self.typed()

    def greet(self) -> Outcome:
        self.session = replace(self.session, greeted=True)
        return self.plain(self.compose.topics("greeting", days=self.days))

    def plain(self, reply: Reply) -> Outcome:
        """Return an outcome without a decision; the first reply ever also says what this is."""
        if not self.session.greeted:
            self.session = replace(self.session, greeted=True)
            notice = Text(self.compose.say("first-notice", days=self.days), "notice")
            reply = replace(reply, blocks=(*reply.blocks, notice))
        return Outcome(reply, self.session, self.id, said=self.said)

    def typed(self) -> Outcome:
        raw = self.message.text or ""
        text = clean(raw)
        secrets = find_secrets(text, self.brain.public_numbers)
        self.said = secrets.text
        outcome = self.understood(text)
        notices = [
            key for key, due in (("too-long", len(raw) > MAX_LENGTH), ("secret", secrets.kinds)) if due
        ]
        if outcome.reply is None or not notices:
            return outcome
        said = tuple(Text(self.compose.say(key), "notice") for key in notices)
        return replace(outcome, reply=replace(outcome.reply, blocks=(*said, *outcome.reply.blocks)))

    def understood(self, text: str) -> Outcome:
        """Answer cleaned text: a command, a wish for a language, or a question."""
        command = load_commands().get(command_key(text))
        if command:
            if self.session.turns == 1:
                self.adopt(detect(text, self.session.lang).lang)
            return self.command(command)
        wished = requested_language(text)
        if wished:
            return self.switch(wished)
        spoken = detect(text, self.session.lang)
        self.adopt(spoken.lang)
        if not text:
            return self.plain(self.compose.topics("empty"))
        if spoken.foreign and not self.session.lang_chosen:
            return self.not_spoken()
        context = Context(self.session.last_entry, self.session.municipality)
        decision = self.brain.understander.decide(text, self.session.lang, context)
        if decision.slots.municipality:
            self.session = replace(self.session, municipality=decision.slots.municipality)
        return self.decided(decision)

    def not_spoken(self) -> Outcome:
        """Answer somebody whose language is none of the six: easy Japanese and English, and who can help."""
        self.session = replace(self.session, lang="easy")
        english = Text(self.brain.phrases.say("fallback", "en"))
        reply = self.compose.fallback()
        return self.plain(replace(reply, blocks=(reply.blocks[0], english, *reply.blocks[1:])))

    def adopt(self, spoken: Lang | None) -> None:
        """Answer in the language of the message; Japanese does not undo an explicit choice of another."""
        if spoken is None or (spoken == "ja" and (self.session.lang_chosen or self.session.lang == "easy")):
            return
        self.session = replace(self.session, lang=spoken)

    def decided(self, decision: Decision) -> Outcome:
        entries = self.compose.known(candidate.entry_id for candidate in decision.candidates)
        if decision.kind == "answer" and entries:
            return replace(self.answer(entries[0].id), decision=decision)
        if decision.kind == "clarify" and entries:
            return replace(self.plain(self.compose.clarify(entries[:3])), decision=decision)
        return replace(self.plain(self.compose.fallback()), decision=decision)

    def answer(self, entry_id: str) -> Outcome:
        entry = self.brain.knowledge.entries.get(entry_id)
        if entry is None:
            return self.plain(self.compose.topics("gone"))
        reply = self.compose.entry(entry, self.id, self.session.municipality)
        self.session = self.session.visited(entry_id)
        return replace(self.plain(reply), entry_id=entry_id)

    def command(self, name: str) -> Outcome:
        if name == "help":
            self.session = replace(self.session, greeted=True)
            return self.plain(self.compose.topics("help", days=self.days))
        if name == "lang":
            return self.plain(self.compose.language_menu())
        if name == "topics":
            return self.plain(self.compose.topics())
        if name == "back":
            return self.back()
        if name == "greeting":
            return self.greet()
        if name == "thanks":
            return self.plain(self.compose.topics("thanks"))
        return self.plain(self.compose.delete_question())

    def pressed(self, verb: str, argument: str) -> Outcome:
        if verb == postbacks.ENTRY:
            return self.answer(argument)
        if verb == postbacks.TOPIC and argument in self.brain.knowledge.areas:
            return self.plain(self.compose.topic(argument))
        if verb == postbacks.LANG and argument in LANGS:
            return self.switch(next(lang for lang in LANGS if lang == argument))
        if verb in (postbacks.USEFUL, postbacks.NOT_USEFUL):
            useful = verb == postbacks.USEFUL
            reply = self.compose.topics("thanks") if useful else self.compose.fallback("sorry")
            return replace(self.plain(reply), feedback=(argument, 1 if useful else -1))
        if verb == postbacks.DELETE and argument == "yes":
            reply = Reply((Text(self.compose.say("deleted")),), (), self.session.lang)
            return Outcome(reply, self.session, self.id, erase=True)
        if verb == postbacks.NONE:
            return self.plain(self.compose.fallback())
        commands = {
            postbacks.LANG: "lang", postbacks.HELP: "help", postbacks.TOPICS: "topics",
            postbacks.BACK: "back", postbacks.DELETE: "delete", postbacks.KEEP: "topics",
        }  # fmt: skip
        return self.command(commands.get(verb, "topics"))

    def back(self) -> Outcome:
        """Return to the answer before the last one; to the topics if there is none."""
        before = self.session.trail[:-1]
        self.session = replace(self.session, trail=before)
        return self.answer(before[-1]) if before else self.plain(self.compose.topics())

    def switch(self, lang: Lang) -> Outcome:
        """Change the language and say the last answer again in it."""
        self.session = replace(self.session, lang=lang, lang_chosen=True)
        said = Text(self.compose.say("language-set"), "notice")
        last = self.session.last_entry
        outcome = self.answer(last) if last else self.plain(self.compose.topics())
        if outcome.reply is None:
            return outcome
        return replace(outcome, reply=replace(outcome.reply, blocks=(said, *outcome.reply.blocks)))

    def located(self) -> Outcome:
        town, kilometres = nearest_town(self.brain, self.message.location or (0.0, 0.0))
        if town is None or kilometres > NEAR_KM:
            return self.plain(self.compose.topics("location-far"))
        self.session = replace(self.session, municipality=town)
        name = self.compose.town_name(town)
        reply = self.compose.topics("location", town=name)
        link = Links((Link(name, self.brain.knowledge.municipalities[town].url),))
        return self.plain(replace(reply, blocks=(*reply.blocks, link)))


def nearest_town(brain: Brain, place: tuple[float, float]) -> tuple[str | None, float]:
    """Return the municipality whose office is nearest to (latitude, longitude) and the distance in km."""
    best: tuple[str | None, float] = (None, math.inf)
    for code, town in brain.knowledge.municipalities.items():
        north = (town.lat - place[0]) * 111.2
        east = (town.lng - place[1]) * 111.2 * math.cos(math.radians(place[0]))
        best = min(best, (code, math.hypot(north, east)), key=lambda pair: pair[1])
    return best
