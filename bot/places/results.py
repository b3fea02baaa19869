"""One page of places: what fits, what nearly fits, and what goes with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adapters.messages import Block, Button, Cards, Link, Links, Phone, Phones, Reply, Text
from bot import postbacks
from bot.places.cards import Teller, at_night, credits
from bot.places.codec import name_key
from bot.places.grid import distance_km
from bot.places.search import Found, Result, Search, Wanted
from bot.places.state import FinderState
from bot.places.timetable import Window, pack, unpack
from intents.finding import PlaceQuery
from intents.finding_words import load_words
from knowledge.hours import is_holiday
from knowledge.models import Knowledge, Lang
from knowledge.place import Place

VERB = "pl"
"""The verb of this dialogue's postbacks (`pl:more`)."""
PAGE = 5
FEW = 3
"""With fewer places than this, what is nearly right is offered too."""
FAR_KM = 40.0
NEIGHBOUR_KM = 15.0
ADULT = ("medical.adult", "medical.adult-028")
CHILD = ("medical.child", "medical.child-028")
_WITH_PHONE = ("hospital", "clinic", "dental", "pharmacy", "night_clinic", "maternity")
_AT_NIGHT = ("休日", "夜間", "急患")
"""What the names of dentists hold that are there on holidays; their hours are in no file."""
_TEETH = ("歯科", "小児歯科", "矯正歯科")


_Part = tuple[Block, Sequence[Found]]
"""A block and the places that it shows."""


class Pages:
    """Makes pages from one store of places."""

    def __init__(self, search: Search, known: Knowledge):
        self._search = search
        self._known = known

    def show(self, state: FinderState, lang: Lang) -> Reply:
        """Search and return the state's page."""
        query, now = state.query, state.at
        wanted = self._wanted(state)
        say = Teller(lang, now, self._known, wanted.specialities)
        result = self._search.find(wanted)
        relaxed = ""
        if not (result.items or result.unsure or result.closed) and query.attributes:
            wanted = replace(wanted, needs=frozenset({query.hazard} - {""}))
            result = self._search.find(wanted)
            relaxed = "・".join(load_words().label("attributes", key, lang) for key in query.attributes)
        what = self._what(say, query)
        first = state.page * PAGE
        page, more = result.items[first : first + PAGE], len(result.items) > first + PAGE
        blocks: list[Block] = [Text(self._headline(say, state, what, wanted, len(page)))]
        if relaxed:
            blocks.append(Text(say.say("relaxed", condition=relaxed), "notice"))
        shown = self._section(say, page, wanted)
        advice = self._advice(say, query, wanted, len(page))
        rest: list[_Part] = []
        around = [found for found in page if found.km is None or found.km <= NEIGHBOUR_KM]
        if state.page == 0 and len(around) < FEW:
            rest = self._rest(say, wanted, result, bool(page))
        blocks += [block for block, _ in shown] + advice + [block for block, _ in rest]
        places = [found.place for _, group in (*shown, *rest) for found in group]
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

    def _filled(self, found: Sequence[Found]) -> Sequence[Found]:
        """Return `found` with telephone and address from other files that have the same place."""
        bare = [item.place for item in found if not item.place.phone and item.place.kind in _WITH_PHONE]
        if not bare:
            return found
        others = {
            (other.municipality, name_key(other.name)): other
            for other in self._search.siblings(bare, [name_key(place.name) for place in bare])
            if other.phone
        }
        full = []
        for item in found:
            other = others.get((item.place.municipality, name_key(item.place.name)))
            full.append(
                item if item.place.phone or not other else replace(item, place=_joined(item.place, other))
            )
        return full

    def _rest(self, say: Teller, wanted: Wanted, result: Result, some: bool) -> list[_Part]:
        """Return what is nearly right: hours unknown, opens later, no coordinates, outside the town."""
        shown = self._section(say, self._truly_unsure(result.unsure)[:PAGE], wanted, "hours-missing")
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
        if not some and not shown and wanted.municipality:
            shown += self._outside(say, wanted)
        return shown

    def _truly_unsure(self, found: Sequence[Found]) -> list[Found]:
        """Return those of which no other file knows the hours: it is closed there."""
        places = [item.place for item in found]
        if not places:
            return []
        names = [name_key(place.name) for place in places]
        timed = {
            (other.municipality, name_key(other.name))
            for other in self._search.siblings(places, names)
            if other.hours_known
        }
        return [item for item in found if (item.place.municipality, name_key(item.place.name)) not in timed]

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

    def _advice(self, say: Teller, query: PlaceQuery, wanted: Wanted, count: int) -> list[Block]:
        """Return what goes with doctors and shelters: call first, night clinics, advice lines."""
        if query.is_shelter:
            return [Text(say.say("shelter"), "notice")]
        if not query.is_medical:
            return []
        blocks: list[Block] = [Text(say.say("call-first"), "notice")]
        window = wanted.open_in or Window.at(say.now)
        if not at_night(window, is_holiday(window.day) or window.day.weekday() == 6):
            return blocks
        if count < FEW or wanted.open_in is None:
            blocks += self._night_clinics(say, query, replace(wanted, open_in=window))
        lines = self._lines(query, say.lang)
        return [*blocks, Text(say.say("advice")), Phones(tuple(lines))] if lines else blocks

    def _night_clinics(self, say: Teller, query: PlaceQuery, wanted: Wanted) -> list[Block]:
        dental = query.speciality in _TEETH
        around = Wanted(
            ("night_clinic", "dental") if dental else ("night_clinic",),
            frozenset({"歯科"}) if dental else frozenset(),
            named=_AT_NIGHT if dental else (),
            open_in=None if dental else wanted.open_in,
            limit=30,
        )
        found = [
            item
            for item in self._search.find(around).items
            if dental or item.place.specialities != frozenset({"歯科"})
        ]
        spot = wanted.near or self._office(wanted.municipality)
        if spot:
            found.sort(key=lambda item: self._far(item, spot))
        teller = Teller(say.lang, say.now, self._known)
        return [block for block, _ in self._section(teller, found[:PAGE], wanted, "night")]

    def _lines(self, query: PlaceQuery, lang: Lang) -> list[Phone]:
        """Return the advice lines: the children's first or only, the adults', both where neither is said."""
        if query.speciality in _TEETH:
            return []
        ids = CHILD if query.speciality == "小児科" else (*ADULT, *CHILD)
        found = []
        for phone_id in ids:
            line = self._known.phones.get(phone_id)
            if line:
                label, hours, note = (
                    texts.get(lang) or texts.get("ja", "") for texts in (line.label, line.hours, line.note)
                )
                found.append(Phone(label, line.number, hours, note))
        return found

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
        if not state.location:
            buttons.append(Button(say.say("use-place"), data("here"), "choice"))
        return buttons

    def _office(self, code: str | None) -> tuple[float, float] | None:
        town = self._known.municipalities.get(code or "")
        return (town.lat, town.lng) if town else None

    def _far(self, item: Found, spot: tuple[float, float]) -> float:
        place = item.place
        where = (place.lat, place.lng) if place.lat and place.lng else self._office(place.municipality)
        return distance_km(*spot, *where) if where else FAR_KM * 10


def towns_by_distance(known: Knowledge, spot: tuple[float, float]) -> list[tuple[float, str]]:
    """Return (km to the office, code) of every municipality, the nearest first."""
    towns = known.municipalities.values()
    return sorted((distance_km(*spot, town.lat, town.lng), town.code) for town in towns)


def _joined(place: Place, other: Place) -> Place:
    """Return `place` with the telephone of another file's record; both sources are named."""
    source = " / ".join(filter(None, (place.source, other.source)))
    return replace(place, phone=other.phone, url=place.url or other.url, source=source)


def _opens(item: Found, say: Teller) -> float:
    """Return when a place opens next, as a number to sort by."""
    table = unpack(pack(item.place))
    later = table.next_opening(say.now, say.specialities) if table else None
    return later.timestamp() if later else float("inf")


def data(verb: str, value: str = "") -> str:
    """Return the data of a button."""
    return postbacks.data(VERB, f"{verb}.{value}" if value else verb)
