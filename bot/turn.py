"""One turn of one conversation: what is done with a message, by its kind."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from adapters.messages import Link, Links, Reply, Text
from bot import postbacks
from bot.answers import Composer
from bot.brain import Brain
from bot.feedback import not_useful, reason_of
from bot.intake import Prepared
from bot.outcome import Outcome
from bot.places.finder import Finder
from bot.searching import Searching
from bot.session import Session, lang_from_tag
from bot.towns import NEAR_KM, nearest_town
from intents.language import detect, requested_language
from intents.masking import without_masks
from intents.safety import Crisis
from intents.types import Context, Decision, Slots
from knowledge.models import LANGS, Lang
from knowledge.phrases import command_key, load_commands
from knowledge.review import Expired

_PLAINLY = re.compile(
    r"[\s、。.,!?！？・]*(?:わたし|私|うち)?は?(?:栃木県の?)?[のは]?(?:市|町|村|し|まち|city|town)?"
    r"(?:に)?(?:住んで(?:い)?ます|住んでる|すんでいます|すんでます|在住|民|です|だよ|だ)?"
    r"(?:i live in|i'm in|moro em|vivo en|我住在)?"
    r"[\s、。.,!?！？]*"
)
"""What may stand beside a municipality's name in an answer to "which one?"."""


class Turn(Searching):
    """One turn of one conversation."""

    def __init__(
        self,
        brain: Brain,
        prepared: Prepared,
        session: Session | None,
        days: int,
        now: datetime,
        finder: Finder | None = None,
        expired: Expired = "show",
    ):
        message = prepared.message
        hint = lang_from_tag(message.lang_hint)
        session = session or Session(lang=hint or "ja")
        self.brain = brain
        self.prepared = prepared
        self.message = message
        self.session = replace(session, turns=session.turns + 1)
        self.days = days
        self.now = now
        self.finder = finder
        self.expired = expired
        self.id = uuid4().hex
        self.said: str | None = None

    @property
    def compose(self) -> Composer:
        return Composer(self.brain, self.session, self.now, self.expired)

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
        if self.prepared.crisis is not None:
            return self.in_danger(self.prepared.crisis)
        self.said = self.message.text or ""
        outcome = self.understood(without_masks(self.said))
        if outcome.reply is None or not self.prepared.notices:
            return outcome
        said = tuple(Text(self.compose.say(key), "notice") for key in self.prepared.notices)
        return replace(outcome, reply=replace(outcome.reply, blocks=(*said, *outcome.reply.blocks)))

    def in_danger(self, crisis: Crisis) -> Outcome:
        """Answer before anything else; nothing of what was written is kept."""
        self.adopt(self.prepared.spoken_after(self.session.lang))
        decision = Decision("safety", (), Slots(self.session.municipality), self.session.lang)
        reply = self.compose.crisis(crisis)
        if not crisis.urgent:
            reply = replace(reply, quick_replies=(self.compose.menu_button(), self.compose.language_button()))
        return Outcome(reply, self.session, self.id, decision)

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
        found = self.searched(text)
        if found is not None:
            return found
        context = Context(self.session.last_entry, self.session.municipality)
        decision = self.brain.understander.decide(text, self.session.lang, context)
        town = decision.slots.municipality
        if town and self.is_name(text, town):
            return self.lives_in(town)
        if town:
            self.session = replace(self.session, municipality=town)
        return self.decided(decision)

    def is_name(self, text: str, code: str) -> bool:
        """Return whether `text` is the name of a municipality and little more (小山です, I live in Oyama)."""
        town = self.brain.knowledge.municipalities[code]
        stem = town.name[:-1] if town.name[-1] in "市町村" else town.name
        rest = text.casefold()
        for name in (town.name, stem, town.kana, town.romaji.casefold()):
            rest = rest.replace(name, "")
        return _PLAINLY.fullmatch(rest) is not None

    def not_spoken(self) -> Outcome:
        """Answer somebody whose language is none of the six: easy Japanese and English, and who can help."""
        self.session = replace(self.session, lang="easy")
        english = Text(self.brain.phrases.say("fallback", "en"))
        reply = self.compose.fallback()
        return self.plain(replace(reply, blocks=(reply.blocks[0], english, *reply.blocks[1:])))

    def lives_in(self, town: str) -> Outcome:
        """Remember the municipality; say the last answer again with its page, if it is responsible."""
        self.session = replace(self.session, municipality=town)
        last = self.brain.knowledge.entries.get(self.session.last_entry or "")
        if last and self.brain.knowledge.counters[last.owner].kind == "municipality":
            return self.answer(last.id)
        return self.plain(self.compose.town(town))

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
        if verb == postbacks.PLACES:
            lang = self.session.lang
            made = self.searching(lambda finder, state: finder.press(argument, state, self.now, lang))
            return made or self.plain(self.compose.topics("gone"))
        if verb == postbacks.TOWNS:
            return self.plain(self.compose.towns(int(argument == "1")))
        if verb == postbacks.TOWN and argument in self.brain.knowledge.municipalities:
            return self.lives_in(argument)
        if verb == postbacks.LANG and argument in LANGS:
            return self.switch(next(lang for lang in LANGS if lang == argument))
        if verb in (postbacks.USEFUL, postbacks.NOT_USEFUL):
            useful = verb == postbacks.USEFUL
            reply = self.compose.topics("thanks") if useful else not_useful(self.compose, argument)
            return replace(self.plain(reply), feedback=(argument, 1 if useful else -1))
        if verb == postbacks.REASON:
            turn, reason = reason_of(argument)
            return replace(self.plain(self.compose.topics("thanks")), feedback=(turn, -1), reason=reason)
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
        here, lang = self.message.location or (0.0, 0.0), self.session.lang
        found = self.searching(
            lambda finder, state: finder.reply(state.query, state, here, self.now, lang) if state else None
        )
        if found is not None:
            return found
        town, kilometres = nearest_town(self.brain, self.message.location or (0.0, 0.0))
        if town is None or kilometres > NEAR_KM:
            return self.plain(self.compose.topics("location-far"))
        self.session = replace(self.session, municipality=town)
        name = self.compose.town_name(town)
        reply = self.compose.topics("location", town=name)
        link = Links((Link(name, self.brain.knowledge.municipalities[town].url),))
        return self.plain(replace(reply, blocks=(*reply.blocks, link)))
