"""Understanding an utterance: what is asked for, how sure that is, and what else it says."""

from __future__ import annotations

from collections.abc import Callable

from intents import policy
from intents.kana import spoken
from intents.lexicon import BUILT_IN, Lexicon
from intents.normalize import clean, fold
from intents.places import Places
from intents.query import Query, has_letters, read_query, words_of
from intents.search import Document, Search, as_document
from intents.types import Candidate, Context, Decision, Slots
from knowledge.models import Entry, Knowledge, Lang


class Understander:
    """Decides what an utterance asks for. Immutable once built; threads may share it."""

    def __init__(self, ids: list[str], search: Search, places: Places):
        self._ids = ids
        self._search = search
        self._places = places

    @classmethod
    def build(
        cls,
        knowledge: Knowledge,
        lexicon: Lexicon | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Understander:
        """Index `knowledge`. `lexicon`: the one that ships if None. `progress`: called with (done, all)."""
        if lexicon is None:
            lexicon = Lexicon.load([BUILT_IN])
        entries = list(knowledge.entries.values())
        search = Search([document(entry) for entry in entries], lexicon, progress)
        return cls([entry.id for entry in entries], search, Places(knowledge.municipalities.values()))

    def rank(self, text: str, limit: int = 10, lang: Lang = "ja") -> list[Candidate]:
        """Return the entries that may answer `text`, best first."""
        return self._candidates(read_query(text, lang), limit)

    def decide(self, text: str, lang: Lang = "ja", context: Context | None = None) -> Decision:
        """Return what to do with an utterance. Never raises for any text."""
        query = read_query(text, lang)
        slots = Slots(self._places.find(text) or (context.municipality if context else None))
        if not has_letters(query.text):
            return Decision("fallback", (), slots, lang)
        candidates = self._candidates(query, 10)
        kind, chosen = policy.decide(candidates)
        return Decision(kind, chosen, slots, lang)

    def _candidates(self, query: Query, limit: int) -> list[Candidate]:
        hits = self._search.find(query, limit)
        return [
            Candidate(self._ids[hit.row], c) for hit, c in zip(hits, policy.confidences(hits), strict=True)
        ]


def document(entry: Entry) -> Document:
    """Return what is indexed of an entry: its titles and asks, and its answers, in every language."""
    said = said_of(entry)
    asks = [words_of(text, lang) for text, lang in said]
    answers = [words_of(text, lang) for lang, text in entry.answer.items()]
    sounds = [spoken(fold(clean(text))) for text, lang in said if lang in ("ja", "easy")]
    return as_document(asks, answers, sounds)


def said_of(entry: Entry) -> list[tuple[str, Lang]]:
    """Return what residents may say for an entry: its asks and titles with their languages."""
    said: list[tuple[str, Lang]] = [(text, lang) for lang, texts in entry.asks.items() for text in texts]
    return said + [(text, lang) for lang, text in entry.title.items()]
