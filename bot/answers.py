"""Compose replies: an entry, a clarifying question, a fallback, in the resident's language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from babel.dates import format_date

from adapters.messages import Block, Button, Link, Links, Phone, Phones, Reply, Text
from bot import postbacks, violence
from bot.brain import Brain
from bot.opening import LOCALES, status
from bot.session import Session
from intents.safety import Crisis
from knowledge.models import AREAS, LANGS, Counter, Entry, Lang
from knowledge.phrases import LANGUAGE_NAMES
from knowledge.review import Expired, expired, withheld

FALLBACK_PHONES = (
    "medical.adult",
    "medical.child",
    "mynumber.free",
    "safety.consumer",
    "safety.police-consult",
)
FOREIGN_PHONE = "living.foreign-consult"
OFFICE = "pref.office"
"""The counter to turn to where another has neither telephone nor page."""
TOWNS_A_PAGE = 12


def pick(texts: dict[Lang, str], lang: Lang) -> tuple[str, Lang]:
    """Return the text for `lang` and its language: the same, else easy Japanese, else Japanese."""
    for candidate in (lang, "easy") if lang != "ja" else (lang,):
        if candidate in texts:
            return texts[candidate], candidate
    return texts["ja"], "ja"


class Composer:
    """Composes replies from one brain for one session. `now`: Japan's time."""

    def __init__(self, brain: Brain, session: Session, now: datetime, policy: Expired = "show"):
        self.brain = brain
        self.session = session
        self.lang = session.lang
        self.now = now
        self.policy = policy

    def say(self, key: str, **slots: object) -> str:
        """Return one of the bot's own sentences in the session's language."""
        return self.brain.phrases.say(key, self.lang, **slots)

    def entry(self, entry: Entry, turn_id: str, municipality: str | None = None) -> Reply:
        """Answer with `entry`; `turn_id` goes into the feedback buttons."""
        counter = self.brain.knowledge.counters[entry.owner]
        if withheld(entry, self.now.date(), self.policy):
            blocks = self.withheld(entry, counter, municipality)
        else:
            blocks = self.shown(entry, counter, municipality)
        buttons = [self.entry_button(other, "next") for other in self.known(entry.next)]
        if counter.kind == "municipality" and municipality not in self.brain.knowledge.municipalities:
            blocks.append(Text(self.say("which-town"), "notice"))
            buttons.insert(0, Button(self.say("choose-town"), postbacks.TOWNS, "next"))
        blocks += self.counter_hours(counter)
        blocks.append(Text(self.source(entry, counter), "source"))
        buttons += [
            Button(self.say("useful"), postbacks.data(postbacks.USEFUL, turn_id), "feedback"),
            Button(self.say("not-useful"), postbacks.data(postbacks.NOT_USEFUL, turn_id), "feedback"),
        ]
        if len(self.session.trail) > 1 or (self.session.last_entry not in (None, entry.id)):
            buttons.append(Button(self.say("back"), postbacks.BACK, "nav"))
        reply = self.reply(blocks, [*buttons, self.menu_button(), self.language_button()])
        return replace(reply, topic=violence.TOPIC) if entry.id in violence.ENTRIES else reply

    def shown(self, entry: Entry, counter: Counter, municipality: str | None) -> list[Block]:
        """Return the answer; with a warning and the counter's own contacts where its review is overdue."""
        title, _ = pick(entry.title, self.lang)
        answer, spoken = pick(entry.answer, self.lang)
        blocks: list[Block] = []
        if spoken != self.lang:
            blocks.append(Text(self.say("language-missing"), "notice"))
        blocks += [Text(title, "title"), Text(answer)]
        overdue = expired(entry, self.now.date())
        if overdue:
            blocks.append(Text(self.say("review-due"), "notice"))
        own = [counter.phone] if overdue and counter.phone else []
        extra = [FOREIGN_PHONE] if spoken != self.lang and spoken == "ja" else []
        blocks += self.phones([*entry.phones, *own, *extra])
        blocks += self.links(entry, counter, municipality, overdue)
        return blocks

    def withheld(self, entry: Entry, counter: Counter, municipality: str | None) -> list[Block]:
        """Say that the answer is not shown, and give the counter's telephone and page instead of it.

        Lines for the ill stay: they are of the registry, which has dates of its own.
        """
        blocks: list[Block] = [
            Text(pick(entry.title, self.lang)[0], "title"), Text(self.say("withheld"), "notice"),
        ]  # fmt: skip
        phones = [key for key in entry.phones if entry.area == "medical" or key.startswith("emergency.")]
        phones += [counter.phone] if counter.phone else []
        foreign = [FOREIGN_PHONE] if self.lang not in ("ja", "easy") else []
        blocks += self.phones([*phones, *foreign])
        items = [*self.town_links(counter, municipality), *self.counter_links(counter)]
        office = self.brain.knowledge.counters.get(OFFICE)
        if not items and not phones and counter.kind != "municipality" and office:
            items = self.counter_links(office)
        return [*blocks, Links(tuple(items))] if items else blocks

    def counter_hours(self, counter: Counter) -> list[Block]:
        """Return when the counter itself is open, where that is known; its telephone has hours of its own."""
        state = status(self.brain.phrases, counter.opening, self.now, self.lang)
        if not counter.hours and not state:
            return []
        owner = pick(counter.name, self.lang)[0]
        hours = pick(counter.hours, self.lang)[0] if counter.hours else ""
        said = self.say("counter-hours", owner=owner, hours=f"{hours} ［{state}］" if state else hours)
        return [Text(said, "notice")]

    def source(self, entry: Entry, counter: Counter) -> str:
        """Return the line that names source, date and counter."""
        checked = format_date(entry.checked, format="long", locale=LOCALES[self.lang])
        owner, _ = pick(counter.name, self.lang)
        return self.say("source", source=entry.source.name, checked=checked, owner=owner)

    def phones(self, ids: Iterable[str]) -> list[Block]:
        """Return the registered numbers `ids` as a block; none if there are none."""
        items = []
        for phone_id in dict.fromkeys(ids):
            line = self.brain.knowledge.phones.get(phone_id)
            if line is None:
                continue
            label, hours, note = (
                pick(texts, self.lang)[0] if "ja" in texts else ""
                for texts in (line.label, line.hours, line.note)
            )
            state = status(self.brain.phrases, line.opening, self.now, self.lang)
            hours = f"{hours} ［{state}］".strip() if state else hours
            items.append(Phone(label, line.number, hours, note))
        return [Phones(tuple(items))] if items else []

    def crisis(self, crisis: Crisis) -> Reply:
        """Answer somebody in danger: empathy, what to do first, who is there now, ways without voice.

        Lines that are open at this moment come first, in the order of fit; nothing is asked.
        """
        blocks: list[Block]
        response = self.brain.responses.get(crisis.kind)
        if response is None:  # the data is broken: 119 and 110 are said all the same
            blocks = [Text(self.say("trouble")), *self.phones(("emergency.119", "emergency.110"))]
            return Reply(tuple(blocks), (), self.lang, urgent=True)
        known = self.brain.knowledge.phones
        lines = [phone for phone in response.phones if phone in known]
        first = [phone for phone in lines if phone.startswith("emergency.")] if crisis.urgent else []
        rest = sorted((phone for phone in lines if phone not in first), key=self._closed)
        blocks = [
            Text(response.empathy[self.lang]),
            Text(response.first[self.lang], "title"),
            *self.phones([*first, *rest]),
            Text(response.voiceless[self.lang], "notice"),
            Text(response.unread[self.lang], "notice"),
        ]
        topic = violence.TOPIC if crisis.kind in violence.KINDS else ""
        return Reply(tuple(blocks), (), self.lang, urgent=crisis.urgent, topic=topic)

    def _closed(self, phone: str) -> int:
        """Return 0 for a line open at this moment, 1 where that is unknown, 2 for a closed one."""
        hours = self.brain.knowledge.phones[phone].opening
        if hours is None or hours.state_at(self.now) == "unknown":
            return 1
        return 0 if hours.open_at(self.now) else 2

    def links(
        self, entry: Entry, counter: Counter, municipality: str | None, overdue: bool = False
    ) -> list[Block]:
        """Return the entry's links, the municipality's page first where a municipality is responsible."""
        items = self.town_links(counter, municipality)
        items += [Link(pick(link.title, self.lang)[0], link.url) for link in entry.links]
        if entry.source.url and all(item.url != entry.source.url for item in items):
            items.append(Link(entry.source.name, entry.source.url))
        if not items or (overdue and all(item.url != counter.url for item in items)):
            items += self.counter_links(counter)
        return [Links(tuple(items))] if items else []

    def town_links(self, counter: Counter, municipality: str | None) -> list[Link]:
        """Return the page of the resident's municipality where that is responsible."""
        town = self.brain.knowledge.municipalities.get(municipality or "")
        if town is None or counter.kind != "municipality":
            return []
        return [Link(self.town_name(town.code), town.url)]

    def counter_links(self, counter: Counter) -> list[Link]:
        """Return the counter's own page, if it has one."""
        return [Link(pick(counter.name, self.lang)[0], counter.url)] if counter.url else []

    def town_name(self, code: str) -> str:
        """Return the name of a municipality: in letters for languages without kanji."""
        town = self.brain.knowledge.municipalities[code]
        return town.romaji if self.lang in ("en", "pt", "es") else town.name

    def towns(self, page: int = 0) -> Reply:
        """Offer the municipalities, at most thirteen choices at once as LINE allows."""
        towns = list(self.brain.knowledge.municipalities.values())
        shown = towns[:TOWNS_A_PAGE] if page == 0 else towns[TOWNS_A_PAGE:]
        buttons = [
            Button(self.town_name(town.code), postbacks.data(postbacks.TOWN, town.code), "choice")
            for town in shown
        ]
        if page == 0 and len(towns) > TOWNS_A_PAGE:
            buttons.append(Button(self.say("more-towns"), postbacks.data(postbacks.TOWNS, "1"), "nav"))
        return self.reply([Text(self.say("towns"))], buttons)

    def town(self, code: str) -> Reply:
        """Hand over a municipality's page."""
        name = self.town_name(code)
        link = Links((Link(name, self.brain.knowledge.municipalities[code].url),))
        return self.reply(
            [Text(self.say("town-set", town=name)), link], [*self.topic_buttons(), self.language_button()]
        )

    def clarify(self, entries: Sequence[Entry]) -> Reply:
        """Ask which of two or three entries is meant."""
        buttons = [self.entry_button(entry, "choice") for entry in entries]
        buttons.append(Button(self.say("none-of-these"), postbacks.NONE, "choice"))
        return self.reply([Text(self.say("clarify"))], buttons)

    def fallback(self, key: str = "fallback") -> Reply:
        """Say that nothing was found, with ways on: topics, telephone numbers, the prefecture's page."""
        phones = [*FALLBACK_PHONES]
        if self.lang not in ("ja",):
            phones.insert(0, FOREIGN_PHONE)
        blocks: list[Block] = [Text(self.say(key)), *self.phones(phones)]
        office = self.brain.knowledge.counters.get(OFFICE)
        if office and office.url:
            blocks.append(Links(tuple(self.counter_links(office))))
        return self.reply(blocks, [*self.topic_buttons(), self.language_button()])

    def topics(self, key: str = "topics", **slots: object) -> Reply:
        """Say `key` and offer the topics."""
        return self.reply([Text(self.say(key, **slots))], [*self.topic_buttons(), self.language_button()])

    def topic(self, area: str) -> Reply:
        """Offer the entries of one topic."""
        name = pick(self.brain.knowledge.areas[area].title, self.lang)[0]
        first = self.brain.knowledge.areas[area].entries
        rest = [key for key, entry in self.brain.knowledge.entries.items() if entry.area == area]
        chosen = self.known(dict.fromkeys([*first, *rest]))[:9]
        if not chosen:
            return self.with_text(self.fallback(), self.say("topic-empty", topic=name))
        buttons = [self.entry_button(entry, "choice") for entry in chosen]
        return self.reply([Text(self.say("topic", topic=name))], [*buttons, self.menu_button()])

    def language_menu(self) -> Reply:
        """Offer the six languages."""
        buttons = [
            Button(LANGUAGE_NAMES[lang], postbacks.data(postbacks.LANG, lang), "choice") for lang in LANGS
        ]
        return self.reply([Text(self.say("language"))], buttons)

    def delete_question(self) -> Reply:
        """Ask before everything of the resident is erased."""
        buttons = [
            Button(self.say("delete-yes"), postbacks.data(postbacks.DELETE, "yes"), "choice"),
            Button(self.say("delete-no"), postbacks.KEEP, "choice"),
        ]
        return self.reply([Text(self.say("delete-ask"))], buttons)

    def with_text(self, reply: Reply, text: str) -> Reply:
        """Return `reply` with its first text replaced."""
        return Reply((Text(text), *reply.blocks[1:]), reply.quick_replies, reply.lang, reply.urgent)

    def reply(self, blocks: Iterable[Block], buttons: Iterable[Button]) -> Reply:
        """Return a reply in the session's language."""
        return Reply(tuple(blocks), tuple(buttons), self.lang)

    def known(self, ids: Iterable[str]) -> list[Entry]:
        """Return the entries of `ids` that exist."""
        entries = self.brain.knowledge.entries
        return [entries[key] for key in ids if key in entries]

    def entry_button(self, entry: Entry, group: str) -> Button:
        """Return a button that leads to `entry`."""
        return Button(pick(entry.title, self.lang)[0], postbacks.data(postbacks.ENTRY, entry.id), group)

    def topic_buttons(self) -> list[Button]:
        """Return the topics that have entries, in the order of the menu."""
        filled = {entry.area for entry in self.brain.knowledge.entries.values()}
        areas = self.brain.knowledge.areas
        return [
            Button(pick(areas[area].title, self.lang)[0], postbacks.data(postbacks.TOPIC, area), "topic")
            for area in AREAS
            if area in areas and area in filled
        ]

    def menu_button(self) -> Button:
        """Return the button to the topics."""
        return Button(self.say("menu"), postbacks.TOPICS, "nav")

    def language_button(self) -> Button:
        """Return the button to the languages."""
        return Button(self.say("choose-language"), postbacks.LANG, "nav")
