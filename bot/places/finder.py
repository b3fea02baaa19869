"""The dialogue that finds places: what is asked for in, one reply and what to remember out.

No database of its own, no channel. How `bot.conversation` uses it, `finder = Finder(search, knowledge)`:

* a text: `query = find_slots(text, lang)`; if it is one, `finder.reply(query, None, None, now, lang, home)`.
  `home`: the session's municipality.
* another text while a search is under way (`state`, from the session), where `state.waiting` or nothing else
  answers it: `finder.follow(text, state, now, lang)`; None: it does not change the search (「明日は？」
  「内科は？」「宇都宮市」 do).
* a button `pl:ARGUMENT`: `finder.press(ARGUMENT, state, now, lang)`; None: the search is forgotten.
* a place sent: `finder.reply(state.query, state, location, now, lang)` where there is a `state`.

Each returns a `Step`: `reply`, and `state` to keep in the session (`state.as_json()`; back with
`FinderState.from_json(made, now)`, which forgets after an hour). `search` may raise `SQLAlchemyError`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.messages import Button, LocationRequest, Reply, Text
from bot.places.cards import Teller
from bot.places.results import FAR_KM, Pages, data, towns_by_distance
from bot.places.search import Search
from bot.places.spots import Spot, find_spot
from bot.places.state import FinderState
from intents.finding import PlaceQuery, only_slots, read_slots
from knowledge.models import Knowledge, Lang

TOWNS = 10
"""Town buttons of one reply: LINE has room for 13 quick replies."""
WIDER = 3.0


@dataclass(frozen=True, slots=True)
class Step:
    """One turn of the search: what to say and what to remember."""

    reply: Reply
    state: FinderState


class Finder:
    """Finds places in conversation, with the municipalities and telephone numbers of `known`."""

    def __init__(self, search: Search, known: Knowledge):
        self._pages = Pages(search, known)
        self._search = search
        self._known = known

    def reply(
        self,
        query: PlaceQuery,
        state: FinderState | None,
        location: tuple[float, float] | None,
        now: datetime,
        lang: Lang,
        home: str | None = None,
    ) -> Step:
        """Return the first page for `query`, or the question where to look.

        `location`: degrees, just sent. `state`: of the search before; its place still holds.
        """
        spot = find_spot(self._search, query.spots, query.municipality) if query.spots else None
        if location:
            query = replace(query, municipality=None, near=True, spots=())
        elif spot or query.spots:
            return self._at_spot(query, spot, FinderState(query, now), lang, home)
        named = query.municipality and not query.near
        where = location or (state.location if state and not named else None)
        made = FinderState(query, now, where, spot="" if location or not where or not state else state.spot)
        if location and towns_by_distance(self._known, location)[0][0] > FAR_KM:
            return self._where(replace(made, location=None), lang, home, "far-away")
        if not query.municipality and not query.near and not where and home:
            made = replace(made, query=replace(query, municipality=home))
        elif not query.municipality and not where:
            return self._where(made, lang, home)
        return self._show(made, lang)

    def _at_spot(
        self, query: PlaceQuery, spot: Spot | None, state: FinderState, lang: Lang, home: str | None
    ) -> Step:
        """Search around a station, town or postal code; ask where what was named is not known or not one."""
        asked, sure = query, [name for name in query.spots if not name.startswith("town/")]
        query = replace(query, spots=())
        if spot and spot.at:
            query = replace(query, municipality=None, near=True)
            return self._show(replace(state, query=query, location=spot.at, spot=spot.name), lang)
        towns = spot.towns if spot else ()
        if len(towns) > 1 and query.municipality not in towns:
            return self._where(replace(state, query=asked), lang, None, codes=towns)
        town = query.municipality or (towns[0] if towns else None)
        if town:
            query = replace(query, municipality=town, near=False if sure else query.near)
        elif sure:
            return self._where(replace(state, query=query), lang, home)
        return self.reply(query, None, None, state.at, lang, home)

    def follow(self, text: str, state: FinderState, now: datetime, lang: Lang) -> Step | None:
        """Return the search changed by the slots that `text` names, None where it names none."""
        slots = read_slots(text, lang)
        if slots is None or not (state.waiting or only_slots(text)):
            return None
        if not slots.is_located and slots.spots and find_spot(self._search, slots.spots, None):
            changed = replace(state.query.changed(slots), municipality=None, near=False, spots=slots.spots)
        else:
            changed = state.query.changed(slots)
        if changed == state.query and not (state.waiting and slots.municipality):
            return None
        location = None if slots.municipality else state.location
        return self.reply(changed, replace(state, location=location), None, now, lang)

    def press(self, argument: str, state: FinderState | None, now: datetime, lang: Lang) -> Step | None:
        """Return what a button `pl:argument` leads to, None where the search is forgotten."""
        if state is None:
            return None
        state = replace(state, at=now, page=0)
        verb, _, value = argument.partition(".")
        query = state.query
        if verb == "more":
            return self._show(replace(state, page=int(value) if value.isdecimal() else 0), lang)
        if verb == "wide":
            return self._show(replace(state, within_km=min(500.0, state.within_km * WIDER)), lang)
        if verb == "town" and value in self._known.municipalities:
            query = replace(query, municipality=value, near=False)
            if query.spots:
                return self._at_spot(query, find_spot(self._search, query.spots, value), state, lang, None)
            return self._show(replace(state, query=query, location=None, spot=""), lang)
        if verb == "towns":
            return self._where(state, lang, None, first=int(value) if value.isdecimal() else 0)
        if verb == "here":
            return self._where(replace(state, query=replace(query, near=True, municipality=None)), lang, None)
        if verb == "any":
            return self._show(replace(state, query=replace(query, when=None)), lang)
        return self._where(state, lang, None)

    def _where(
        self,
        state: FinderState,
        lang: Lang,
        home: str | None,
        key: str = "ask-where",
        first: int = 0,
        codes: Sequence[str] = (),
    ) -> Step:
        """Ask for a place: a location, or one of the municipalities (`codes`: of these only)."""
        say = Teller(lang, state.at, self._known)
        codes = [code for code in codes or self._known.municipalities if code in self._known.municipalities]
        if home in codes:
            codes = [home, *(code for code in codes if code != home)]
        first = first if first < len(codes) else 0
        buttons = [
            Button(say.town(code), data("town", code), "choice") for code in codes[first : first + TOWNS]
        ]
        if first + TOWNS < len(codes):
            buttons.append(Button(say.say("more-towns"), data("towns", str(first + TOWNS)), "choice"))
        blocks = (Text(say.say(key)), LocationRequest(say.say("ask-place"), say.say("send-place")))
        return Step(Reply(blocks, tuple(buttons), lang), replace(state, waiting=True))

    def _show(self, state: FinderState, lang: Lang) -> Step:
        return Step(self._pages.show(state, lang), replace(state, waiting=False))
