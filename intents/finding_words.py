"""The words by which residents look for places, from `knowledge/specialities.yaml`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import Field, TypeAdapter, ValidationError

import knowledge
from intents.normalize import fold
from knowledge.explain import problems_of
from knowledge.models import LANGS, Lang, Line, Model
from knowledge.place import Kind
from knowledge.problems import KnowledgeError, Problem
from knowledge.yamlsource import read

WORDS = Path(knowledge.__path__[0]) / "specialities.yaml"
_READING = re.compile(r"\([ぁ-んー]+\)")
_BLANK = re.compile(r"(?<=[ぁ-んァ-ヶ一-龥ー、。])\s|\s(?=[ぁ-んァ-ヶ一-龥])")
"""Blanks between Japanese words: easy Japanese has them."""
Section = Literal["kinds", "specialities", "hazards", "attributes", "names"]
Role = Literal["words", "symptoms", "asks"]
ROLES: tuple[Role, ...] = get_args(Role)
SECTIONS: tuple[Section, ...] = get_args(Section)


class Topic(Model):
    """One thing to look for. `symptoms`: words that lead to it and name no place; `asks`: words that
    alone say that a place is looked for. `named`: parts of the names of such places.
    """

    label: dict[Lang, Line]
    words: list[Line] = Field(default_factory=list)
    symptoms: list[Line] = Field(default_factory=list)
    asks: list[Line] = Field(default_factory=list)
    kinds: list[Kind] = Field(default_factory=list)
    also: list[Line] = Field(default_factory=list)
    named: list[Line] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Hit:
    """A word found at `start` to `end` of the text, of the list `role` of its topic."""

    section: Section
    key: str
    role: Role
    start: int
    end: int


class Vocabulary:
    """Finds the words in folded text. Built once; immutable."""

    def __init__(self, topics: Mapping[Section, Mapping[str, Topic]]):
        self.topics = topics
        self._words: dict[str, tuple[Section, str, Role]] = {}
        for section in reversed(SECTIONS):  # a word of two sections belongs to the first one in this order
            for key, topic in topics[section].items():
                for role in ROLES:
                    for word in getattr(topic, role):
                        self._words.setdefault(plain(word), (section, key, role))
        latin = [word for word in self._words if re.match(r"[a-z]", word)]
        other = [word for word in self._words if word not in set(latin)]
        kana = [word for word in other if re.fullmatch(r"[ぁ-ん]{2,3}", word)]
        other = [word for word in other if word not in kana]
        self._pattern = re.compile(
            "|".join(
                [
                    *_longest_first(other),
                    *_longest_first(kana, r"(?<![ぁ-んー])|(?<=の)"),
                    r"(?<![a-z])(?:" + "|".join(_longest_first(latin)) + ")(?![a-z])",
                ]
            )
        )

    def hits(self, text: str) -> list[Hit]:
        """Return the words in folded text without accents, the longest at each place."""
        found = []
        for match in self._pattern.finditer(text):
            section, key, role = self._words[match.group()]
            found.append(Hit(section, key, role, match.start(), match.end()))
        return found

    def label(self, section: Section, key: str, lang: Lang) -> str:
        """Return what a topic is called in `lang`."""
        return self.topics[section][key].label[lang]


def plain(text: str) -> str:
    """Return `text` folded, without the accents of Latin letters and the readings in brackets."""
    split = unicodedata.normalize("NFD", fold(text))
    folded = unicodedata.normalize("NFC", re.sub("[\u0300-\u036f]", "", split))
    return _BLANK.sub("", _READING.sub("", folded))


def _longest_first(words: list[str], before: str = "") -> list[str]:
    """Return patterns of `words`, the longest first; `before`: what must hold before each."""
    start = f"(?:{before})" if before else ""
    return [start + re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word))]


@lru_cache(maxsize=2)
def load_words(path: Path = WORDS) -> Vocabulary:
    """Load the words. Raises `KnowledgeError`."""
    document = read(path)
    problems: list[Problem] = list(document.problems)
    topics: dict[Section, dict[str, Topic]] = {section: {} for section in SECTIONS}
    adapter = TypeAdapter(Topic)
    data: dict[str, Any] = document.data if isinstance(document.data, dict) else {}
    for section in SECTIONS:
        for key, row in (data.get(section) or {}).items():
            try:
                topic = adapter.validate_python(row)
            except ValidationError as error:
                problems += problems_of(error, document, (section, key), Topic)
                continue
            if set(topic.label) != set(LANGS):
                message = f"「{key}」の label には 6 つの言語が必要です。"
                problems.append(Problem(path, document.line((section, key)), "languages", message))
            topics[section][key] = topic
    if problems:
        raise KnowledgeError(problems)
    return Vocabulary(topics)
