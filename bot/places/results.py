"""One page of places: what fits, what nearly fits, and what goes with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adapters.messages import Block, Button, Cards, Link, Links, Phones, Reply, Text
from bot import postbacks
from bot.places.cards import Teller, at_night, credits
from bot.places.grid import distance_km
from bot.places.night import Night
from bot.places.same import Seen, identity, joined
from bot.places.search import Found, Result, Search, Wanted
from bot.places.services import SERVICES
from bot.places.state import FinderState
from bot.places.timetable import Window, pack, unpack
from intents.finding import PlaceQuery
from intents.finding_words import load_words
from knowledge.hours import JAPAN, is_holiday
from knowledge.models import Knowledge, Lang

VERB = "pl"
"""The verb of this dialogue's postbacks (`pl:more`)."""
PAGE = 5
FEW = 3
"""With fewer places than this, what is nearly right is offered too."""
FAR_KM = 40.0
NEIGHBOUR_KM = 15.0
_JOINED = (
    "hospital",
    "clinic",
    "dental",
    "pharmacy",
    "night_clinic",
    "maternity",
    "sight",
    "care",
    "childcare",
)
"""Kinds that several files hold: they are shown once, with what all of these say."""

_Part = tuple[Block, Sequence[Found]]
"""A block and the places that it shows."""


class Pages:
    """Makes pages from one store of places."""

    def __init__(self, search: Search, known: Knowledge):
        self._search = search
        self._known = known
        self._night = Night(search, known)

    def show(self, state: FinderState, lang: Lang) -> Reply:
        """Search and return the state's page."""
        query, now = state.query, state.at
        wanted = self._wanted(state)
        say = Teller(lang, now, self._known, wanted.specialities)
        result = self._search.find(wanted)
        relaxed = ""
        optional = bool(query.attributes) and not SERVICES & set(query.attributes)
        if optional and not (result.items or result.unsure or result.closed):
            wanted = replace(wanted, needs=frozenset({query.hazard} - {""}))
            result = self._search.find(wanted)
            relaxed = "・".join(load_words().label("attributes", key, lang) for key in query.attributes)
        what = self._what(say, query) + (f"（{state.spot}）" if state.spot else "")
        first = state.page * PAGE
        page, more = result.items[first : first + PAGE], len(result.items) > first + PAGE
        opened, unsure = self._known_after_all(result.unsure, wanted)
        if state.page == 0:
            page = (*page, *opened)[:PAGE]
        result = replace(result, unsure=tuple(unsure))
        blocks: list[Block] = [Text(self._headline(say, state, what, wanted, len(page)))]
        if relaxed:
            blocks.append(Text(say.say("relaxed", condition=relaxed), "notice"))
        parts = self._section(say, page, wanted) + self._advice(say, query, wanted, len(page))
        around = [found for found in page if found.km is None or found.km <= NEIGHBOUR_KM]
        if state.page == 0 and len(around) < FEW:
            parts += self._rest(say, wanted, result, bool(page))
        parts = _once(parts)
        blocks += [block for block, _ in parts]
        places = [each for _, group in parts for f in group for each in (f.place, *f.others)]
        blocks += [Text("\n".join(lines), "source") for lines in [credits(places)] if lines]
        if not places and query.municipality:
            blocks.append(self._town_page(say, query.municipality))
        buttons = self._buttons(say, state, more, bool(page))
        return Reply(tuple(blocks), tuple(buttons), lang)

    def _wanted(self, state: FinderState) -> Wanted:
        query = state.query
        window = Window(*query.when.resolve(state.at)) if query.when else None
        topic = load_words().topics["specialities"].get(query.speciality)
        specialities = {query.speciality, *(topic.also if topic else ())} - {""}
        return Wanted(
            kinds=query.kinds,
            specialities=frozenset(specialities),
            needs=frozenset({query.hazard, *query.attributes} - {""}),
            municipality=query.municipality,
            near=state.location,
            open_in=window,
            named=query.named,
            within_km=state.within_km,
            since=state.at.astimezone(JAPAN).date(),
            limit=(state.page + 1) * PAGE + 1,
        )

    @staticmethod
    def _what(say: Teller, query: PlaceQuery) -> str:
        """Return what is looked for, in words."""
        section, key = query.topic or ("kinds", "medical")
        words, lang = say.words, say.lang
        if query.hazard:
            return say.say("hazard-for", hazard=words.label("hazards", query.hazard, lang))
        known = next((name for name in words.topics if name == section and key in words.topics[name]), None)
        return words.label(known, key, lang) if known else words.label("kinds", "medical", lang)

    def _headline(self, say: Teller, state: FinderState, what: str, wanted: Wanted, count: int) -> str:
        time = say.window(wanted.open_in) if wanted.open_in else ""
        if not count:
            if state.page:
                return say.say("no-more")
            return say.say("none-open", what=what, when=time) if time else say.say("none-found", what=what)
        town = say.town(wanted.municipality)
        if wanted.near or not town:
            head = say.say("found-near", what=what, count=count)
        else:
            head = say.say("found-town", what=what, count=count, town=town)
        return head + (say.say("found-time", when=time) if time else "")

    def _section(
        self, say: Teller, found: Sequence[Found], wanted: Wanted, key: str = "", **slots: str
    ) -> list[_Part]:
        """Return a heading and cards, nothing where nothing was found."""
        if not found:
            return []
        heading: list[_Part] = [(Text(say.say(key, **slots)), ())] if key else []
        found = self._filled(found)
        return [*heading, (Cards(tuple(say.card(item, wanted.open_in) for item in found)), found)]

    def _filled(self, found: Sequence[Found]) -> list[Found]:
        """Return `found` joined with what other files say of the same places; all sources are named."""
        told = [item for item in found if item.place.kind in _JOINED and not item.others]
        others = (
            dict(
                zip(
                    [item.place.key for item in told],
                    self._search.siblings([i.place for i in told]),
                    strict=True,
                )
            )
            if told
            else {}
        )
        return [
            replace(item, place=joined(item.place, rest), others=tuple(rest))
            if (rest := others.get(item.place.key))
            else item
            for item in found
        ]

    def _rest(self, say: Teller, wanted: Wanted, result: Result, some: bool) -> list[_Part]:
        """Return what is nearly right: hours unknown, opens later, no coordinates, outside the town."""
        shown: list[_Part] = []
        if not some and wanted.municipality and wanted.open_in:
            shown += self._outside(say, wanted)
        shown += self._section(say, result.unsure[:PAGE], wanted, "hours-missing")
        if wanted.near:
            around = towns_by_distance(self._known, wanted.near)
            towns = [code for km, code in around if km <= NEIGHBOUR_KM][:3] or [around[0][1]]
            towns = [wanted.municipality] if wanted.municipality else towns
            other = self._search.elsewhere(replace(wanted, limit=PAGE), towns)
            both = (*other.items, *other.unsure)[:FEW]
            shown += self._section(say, both, wanted, "unplaced")
        if not some and result.closed and not shown:
            soon = sorted(result.closed, key=lambda item: _opens(item, say))
            shown += self._section(say, soon[:FEW], replace(wanted, open_in=None), "opens-next")
        if not some and not shown and wanted.municipality and not wanted.open_in:
            shown += self._outside(say, wanted)
        return shown

    def _known_after_all(self, unsure: Sequence[Found], wanted: Wanted) -> tuple[list[Found], list[Found]]:
        """Return those of which another file says that they are open, and those whose hours no file knows."""
        opened, unknown = [], []
        for item in self._filled(unsure):
            table = unpack(pack(item.place))
            if table is None or not wanted.open_in:
                unknown.append(item)
            elif table.open_in(wanted.open_in, wanted.specialities):
                opened.append(replace(item, open=True))
        return opened, unknown

    def _outside(self, say: Teller, wanted: Wanted) -> list[_Part]:
        """Return what is nearest to a municipality's office, outside of it; without these distances."""
        town = self._known.municipalities.get(wanted.municipality or "")
        if town is None:
            return []
        near = replace(wanted, municipality=None, near=(town.lat, town.lng), limit=FEW)
        found = list(self._search.find(near).items)
        if len(found) < FEW:
            codes = [code for _, code in towns_by_distance(self._known, (town.lat, town.lng))][1:6]
            found += self._search.elsewhere(replace(near, limit=FEW - len(found)), codes).items
        found = [replace(item, km=None) for item in found]
        return self._section(say, found, wanted, "elsewhere", town=say.town(town.code))

    def _advice(self, say: Teller, query: PlaceQuery, wanted: Wanted, count: int) -> list[_Part]:
        """Return what goes with doctors and shelters: call first, night clinics, advice lines."""
        if query.is_shelter:
            return [(Text(say.say("shelter"), "notice"), ())]
        if not query.is_medical:
            return []
        parts: list[_Part] = [(Text(say.say("call-first"), "notice"), ())]
        window = wanted.open_in or Window.at(say.now)
        if not at_night(window, is_holiday(window.day) or window.day.weekday() == 6):
            return parts
        if count < FEW or wanted.open_in is None:
            found = self._night.clinics(query, replace(wanted, open_in=window))[:PAGE]
            parts += self._section(Teller(say.lang, say.now, self._known), found, wanted, "night")
        lines = self._night.lines(query, say.lang)
        return [*parts, (Text(say.say("advice")), ()), (Phones(tuple(lines)), ())] if lines else parts

    def _town_page(self, say: Teller, code: str) -> Links:
        town = self._known.municipalities[code]
        return Links((Link(say.town(code), town.url),))

    def _buttons(self, say: Teller, state: FinderState, more: bool, some: bool) -> list[Button]:
        buttons = []
        if more:
            buttons.append(Button(say.say("more"), data("more", str(state.page + 1)), "choice"))
        elif state.location and not some:
            buttons.append(Button(say.say("wider"), data("wide"), "choice"))
        if state.query.when:
            buttons.append(Button(say.say("any-time"), data("any"), "choice"))
        buttons.append(Button(say.say("other-town"), data("towns", "0"), "choice"))
        if not state.location or state.spot:
            buttons.append(Button(say.say("use-place"), data("here"), "choice"))
        return buttons


def _once(parts: Sequence[_Part]) -> list[_Part]:
    """Return the parts with every place in the first of them only; a heading goes with its last card."""
    seen, made = Seen(), list[_Part]()
    for block, group in parts:
        if not isinstance(block, Cards):
            made.append((block, group))
            continue
        left = [(card, item) for card, item in zip(block.items, group, strict=True) if not _met(seen, item)]
        if left:
            made.append((replace(block, items=tuple(card for card, _ in left)), [item for _, item in left]))
        else:
            made.pop()
    return made


def _met(seen: Seen, item: Found) -> bool:
    who = identity(item.place)
    if seen.has(who):
        return True
    seen.add(who)
    return False


def towns_by_distance(known: Knowledge, spot: tuple[float, float]) -> list[tuple[float, str]]:
    """Return (km to the office, code) of every municipality, the nearest first."""
    towns = known.municipalities.values()
    return sorted((distance_km(*spot, town.lat, town.lng), town.code) for town in towns)


def _opens(item: Found, say: Teller) -> float:
    """Return when a place opens next, as a number to sort by."""
    table = unpack(pack(item.place))
    later = table.next_opening(say.now, say.specialities) if table else None
    return later.timestamp() if later else float("inf")


def data(verb: str, value: str = "") -> str:
    """Return the data of a button."""
    return postbacks.data(VERB, f"{verb}.{value}" if value else verb)
