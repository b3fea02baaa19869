"""Models of the knowledge: entries and the registries that entries refer to.

Every scalar of the YAML arrives as the text that was typed (`no`, `0120`, `12:30`); these models give
it its type.  Unknown keys are errors, so that a slip of the pen is found by `tochimado check`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from knowledge.hours import Hours, read_hours

Lang = Literal["ja", "easy", "en", "zh", "pt", "es"]
LANGS: tuple[Lang, ...] = ("ja", "easy", "en", "zh", "pt", "es")

AREAS: tuple[str, ...] = (
    "medical", "mynumber", "eapp", "tourism", "disaster", "safety", "living", "environment",
    "education", "industry", "agriculture", "prefecture",
)  # fmt: skip

EntryId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(\.[a-z0-9][a-z0-9-]*)+$", max_length=48)]
RegistryId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*([.-][a-z0-9]+)*$", max_length=48)]
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300, pattern=r"^[^\n]*$")
]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


def _http_only(url: str) -> str:
    if not re.fullmatch(r"https?://[A-Za-z0-9.-]+\.[a-z]{2,}(:\d+)?(/[^\s<>\"'`\\^{|}]*)?", url):
        raise ValueError(f"http または https の正しいアドレスではありません: {url}")
    return url


Url = Annotated[str, AfterValidator(_http_only)]


class Model(BaseModel):
    """Base of all knowledge models: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Model):
    """Where a fact was read: the name in Japanese and, where there is one, its address."""

    name: Line
    url: Url | None = None


class LinkItem(Model):
    """A link under an answer, titled per language (Japanese required)."""

    title: dict[Lang, Line]
    url: Url

    @model_validator(mode="after")
    def _japanese(self) -> LinkItem:
        if "ja" not in self.title:
            raise ValueError("title に日本語（ja）がありません")
        return self


class Opening(Model):
    """Opening hours for the machine (see `knowledge.hours`); no rules where they are unknown."""

    open: list[Line] = Field(default_factory=list)
    closed: list[Line] = Field(default_factory=list)

    @model_validator(mode="after")
    def _readable(self) -> Self:
        read_hours(self.open, self.closed)
        return self

    @property
    def opening(self) -> Hours | None:
        """The hours read, None where they are unknown."""
        return read_hours(self.open, self.closed)


class PhoneLine(Opening):
    """One telephone number of the registry.

    `number` as it is printed. `hours` in words, per language; `open` the same for the machine.
    """

    number: Annotated[str, StringConstraints(pattern=r"^#?[0-9][0-9-]{1,14}$")]
    label: dict[Lang, Line]
    hours: dict[Lang, Line] = Field(default_factory=dict)
    note: dict[Lang, Line] = Field(default_factory=dict)
    source: Source
    checked: date


class Counter(Opening):
    """Who is responsible: `kind` says whether the prefecture, the municipality, the state or another body."""

    kind: Literal["prefecture", "municipality", "state", "other"]
    name: dict[Lang, Line]
    phone: RegistryId | None = None
    url: Url | None = None
    hours: dict[Lang, Line] = Field(default_factory=dict)


class Area(Model):
    """A topic: the folder's name in every language, in the order of the menu."""

    title: dict[Lang, Line]
    entries: list[EntryId] = Field(default_factory=list)
    """The entries offered first when a resident picks the topic."""


class Licence(Model):
    """A licence by its short name and the address of its text."""

    name: Line = "CC BY 4.0"
    url: Url = "https://creativecommons.org/licenses/by/4.0/deed.ja"


class OpenData(Model):
    """Under what terms the knowledge is published. The prefecture decides them (`content/opendata.yaml`).

    `publisher`: the counter that publishes. `decided`: when and by what it was decided, once it is.
    """

    licence: Licence = Licence()
    publisher: RegistryId = "pref.office"
    decided: Line | None = None


class Municipality(Model):
    """One of the 25 municipalities. `code`: six digits (JIS X 0402 with check digit)."""

    code: Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
    name: Line
    kana: Line
    romaji: Line
    url: Url
    lat: float
    lng: float


class Entry(Model):
    """One question that residents have, with its answer.

    `asks`: what residents say, per language. `answer`: plain text per language, paragraphs divided by an
    empty line, steps as `1. `, bullets as `・`. `phones`, `owner`, `next`: ids. `source`, `checked`
    (when the fact was read there) and `review_by` (when staff must look again) are shown or watched.
    """

    id: EntryId
    title: dict[Lang, Line]
    asks: dict[Lang, list[Line]]
    answer: dict[Lang, Prose]
    phones: list[RegistryId] = Field(default_factory=list)
    links: list[LinkItem] = Field(default_factory=list)
    owner: RegistryId
    next: list[EntryId] = Field(default_factory=list)
    source: Source
    checked: date
    review_by: date

    @model_validator(mode="after")
    def _complete(self) -> Entry:
        for name, value in (("title", self.title), ("asks", self.asks), ("answer", self.answer)):
            if not value.get("ja"):
                raise ValueError(f"{name} に日本語（ja）がありません")
        if self.review_by < self.checked:
            raise ValueError("review_by（見直し期限）が checked（確認日）より前です")
        return self

    @property
    def area(self) -> str:
        """The area: the first part of the id."""
        return self.id.split(".", 1)[0]


class LexiconGroup(Model):
    """One group of the lexicon: `say` → `means` one way, or `same` both ways; `weight` 0.1 to 1."""

    say: list[Line] = Field(default_factory=list)
    means: list[Line] = Field(default_factory=list)
    same: list[Line] = Field(default_factory=list)
    weight: float = Field(default=0.5, ge=0.1, le=1.0)


class GoldQuestion(Model):
    """A gold question in a language that the text alone does not tell."""

    text: Line
    lang: Lang


@dataclass(frozen=True)
class Knowledge:
    """Everything the bot knows. `where`: for each entry, its file and line. `digest`: of the files read."""

    entries: dict[str, Entry] = field(default_factory=dict)
    phones: dict[str, PhoneLine] = field(default_factory=dict)
    counters: dict[str, Counter] = field(default_factory=dict)
    areas: dict[str, Area] = field(default_factory=dict)
    municipalities: dict[str, Municipality] = field(default_factory=dict)
    opendata: OpenData = field(default_factory=OpenData)
    where: dict[str, tuple[Path, int]] = field(default_factory=dict)
    digest: str = ""
