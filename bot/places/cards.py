"""A place as residents see it: a card with distance, hours, telephone, map, source and date."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode

from babel.dates import format_date, format_skeleton

import knowledge
from adapters.messages import Card, Link, Phone
from bot.places.grid import valid
from bot.places.search import Found
from bot.places.timetable import DAY, Timetable, Window, pack, unpack
from intents.finding_words import Vocabulary, load_words
from knowledge.hours import JAPAN
from knowledge.models import Knowledge, Lang
from knowledge.phrases import Phrases, load_phrases
from knowledge.place import Place

PHRASES = Path(knowledge.__path__[0]) / "phrases_places.yaml"
MAPS = "https://www.google.com/maps/search/"
"""Google's documented address form for maps: no key, no account, opens the app where there is one."""
LOCALES: dict[Lang, str] = {"ja": "ja", "easy": "ja", "en": "en", "zh": "zh_Hans", "pt": "pt_BR", "es": "es"}
_LATIN: tuple[Lang, ...] = ("en", "pt", "es")


@lru_cache(maxsize=1)
def phrases() -> Phrases:
    """Return the finder's own sentences."""
    return load_phrases(PHRASES)


@dataclass(frozen=True)
class Teller:
    """Says places and times in one language at one moment. `specialities`: whose hours count."""

    lang: Lang
    now: datetime
    known: Knowledge
    specialities: frozenset[str] = frozenset()

    @property
    def words(self) -> Vocabulary:
        """The names of kinds, specialities, hazards and attributes."""
        return load_words()

    def say(self, key: str, **slots: object) -> str:
        """Return one of the finder's sentences."""
        return phrases().say(key, self.lang, **slots)

    def town(self, code: str | None) -> str:
        """Return what a municipality is called, empty for an unknown one."""
        row = self.known.municipalities.get(code or "")
        if row is None:
            return ""
        return row.romaji if self.lang in _LATIN else row.name

    def card(self, found: Found, window: Window | None) -> Card:
        """Return the card of a place. `window`: the time that was asked for."""
        place = found.place
        sources = dict.fromkeys(self.source(each) for each in (place, *found.others))
        lines = [self._where(found), self.hours(place, window), *self._details(place), *sources]
        return Card(self.name(place), "\n".join(filter(None, lines)), self.phone(place), self._links(place))

    def name(self, place: Place) -> str:
        """Return a place's name, the English one first where the file has one."""
        english = place.extra.get("english", "") if self.lang in _LATIN else ""
        return f"{english} ({place.name})" if english and english != place.name else place.name

    def _where(self, found: Found) -> str:
        parts = [distance(found.km) if found.km is not None else "", self.town(found.place.municipality)]
        return "・".join(filter(None, parts))

    def hours(self, place: Place, window: Window | None) -> str:
        """Return whether it is open now and until when, or its hours on the day asked for."""
        if place.kind in ("shelter", "shelter_emergency"):
            return ""
        table = unpack(pack(place))
        if table is None:
            return place.hours_text if place.hours_text else self._span(place) or self._unknown(place)
        today = self.now.astimezone(JAPAN).date()
        if place.kind == "event" and place.starts:
            times = self._times(table, max(place.starts, window.day if window else today))
            return " ".join(filter(None, (self._span(place), times)))
        if window and window.end > DAY:
            return "\n".join(self._on(table, window.day + timedelta(days=n)) for n in (0, 1))
        if (window and window.day != today) or table.on(today, self.specialities) == [(0, DAY)]:
            return self._on(table, window.day if window else today)
        until = table.closes(self.now, self.specialities)
        if until:
            return self.say("open-until", time=self.clock(until))
        later = table.next_opening(self.now, self.specialities)
        return self.say("opens-at", time=self.moment(later)) if later else self.say("closed-now")

    def _unknown(self, place: Place) -> str:
        timeless = ("wifi", "aed", "toilet", "culture", "care", "event")
        return "" if place.kind in timeless else self.say("hours-unknown")

    def _span(self, place: Place) -> str:
        if place.kind != "event" or not place.starts:
            return ""
        first, last = self.day(place.starts), self.day(place.ends or place.starts)
        return first if first == last else self.say("event-dates", first=first, last=last)

    def _on(self, table: Timetable, day: date) -> str:
        times = self._times(table, day)
        key = "hours-on" if times else "closed-on"
        return self.say(key, day=self.day(day), times=times) if times else self.say(key, day=self.day(day))

    def _times(self, table: Timetable, day: date) -> str:
        between = ", " if self.lang in _LATIN else "、"
        return between.join(f"{_minutes(a)}–{_minutes(b)}" for a, b in table.on(day, self.specialities))

    def _details(self, place: Place) -> list[str]:
        labels = [
            self.words.label("attributes", key, self.lang)
            for key in sorted(place.attributes)
            if key in self.words.topics["attributes"]
        ]
        hazards = [self.words.label("hazards", key, self.lang) for key in sorted(place.hazards)]
        note = place.note if self.lang in ("ja", "easy") else ""
        return [place.address, "・".join(hazards), "・".join(labels[:4]), note[:100]]

    def source(self, place: Place) -> str:
        """Return the line that names source and date."""
        source = place.source or place.credit
        if not source:
            return ""
        if place.checked is None:
            return self.say("source-only", source=source)
        shown = format_date(place.checked, format="long", locale=LOCALES[self.lang])
        return self.say("source", source=source, date=shown)

    def phone(self, place: Place) -> Phone | None:
        """Return the number to tap, None without one."""
        number = re.sub(r"[^0-9#-]+", "-", place.phone).strip("-")
        hours = place.hours_text[:120] if self.lang in ("ja", "easy") else ""
        return Phone(self.say("phone"), number, hours) if number else None

    def _links(self, place: Place) -> tuple[Link, ...]:
        links = [Link(self.say("map"), map_url(place))]
        if re.match(r"https?://", place.url):
            links.append(Link(self.say("website"), place.url))
        return tuple(links)

    def clock(self, moment: datetime) -> str:
        """Return a time of day in Japan."""
        local = moment.astimezone(JAPAN)
        return f"{local.hour}:{local.minute:02}"

    def moment(self, moment: datetime) -> str:
        """Return a time, with its date unless it is today."""
        local = moment.astimezone(JAPAN)
        if local.date() == self.now.astimezone(JAPAN).date():
            return self.clock(local)
        return f"{self.day(local.date())} {self.clock(local)}"

    def day(self, day: date) -> str:
        """Return a date with its weekday."""
        noon = datetime.combine(day, time(12), JAPAN)
        return str(format_skeleton("MMMEd", noon, tzinfo=JAPAN, locale=LOCALES[self.lang]))

    def window(self, window: Window) -> str:
        """Return the time asked for."""
        now = self.now.astimezone(JAPAN)
        minute = now.hour * 60 + now.minute
        if window.day == now.date() and (window.start, window.end) == (minute, minute + 1):
            return self.say("when-now")
        shown = self.day(window.day)
        if window.end > DAY:
            shown += f"–{self.day(window.day + timedelta(days=1))}"
        elif window.end == window.start + 1:
            shown += f" {_minutes(window.start)}"
        elif (window.start, window.end) != (0, 1440):
            shown += f" {_minutes(window.start)}–{_minutes(window.end)}"
        return self.say("when-at", time=shown)


def map_url(place: Place) -> str:
    """Return the address of a map that shows `place`: by coordinates, else by name and address."""
    where = f"{place.lat:.6f},{place.lng:.6f}" if valid(place.lat, place.lng) else ""
    return f"{MAPS}?{urlencode({'api': '1', 'query': where or f'{place.name} {place.address}'.strip()})}"


def distance(km: float) -> str:
    """Return a distance: in steps of 10 m below 1 km, of 100 m below 10 km."""
    if km < 0.995:
        return f"{max(10, round(km * 100) * 10)} m"
    return f"{km:.1f} km" if km < 9.95 else f"{km:.0f} km"


def credits(places: Sequence[Place]) -> list[str]:
    """Return the credit lines of places, each once, with its licence."""
    lines = [
        f"{place.credit}（{place.licence}）" if place.licence else place.credit
        for place in places
        if place.credit
    ]
    return list(dict.fromkeys(lines))


def _minutes(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


def at_night(window: Window, holiday: bool) -> bool:
    """Return whether most doctors are closed then: a Sunday or public holiday, evening or night."""
    return holiday or window.start >= 17 * 60 or window.end <= 9 * 60
