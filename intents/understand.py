"""Understanding an utterance: what is asked for, how sure that is, and what else it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from intents import policy
from intents.elsewhere import is_elsewhere
from intents.kana import spoken
from intents.lexicon import BUILT_IN, Lexicon
from intents.normalize import bare, clean, fold
from intents.padding import unpadded
from intents.places import Places
from intents.query import Query, has_letters, read_query, words_of
from intents.search import Document, Hit, Search, as_document
from intents.turns import clauses, continues, is_aspect, joined
from intents.types import Candidate, Context, Decision, Slots
from intents.wordlists import CONTACT
from knowledge.models import Entry, Knowledge, Lang

JAPANESE: tuple[Lang, ...] = ("ja", "easy")
ONE_TOPIC = 0.85
"""Share of an utterance that one entry explains when there is no second topic in it."""


class Understander:
    """Decides what an utterance asks for. Immutable once built; threads may share it."""

    def __init__(self, entries: Mapping[str, Entry], search: Search, places: Places):
        self._entries = entries
        self._ids = list(entries)
        self._search = search
        self._exact = exact(entries)
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
        documents: list[Document] = []
        for number, entry in enumerate(knowledge.entries.values(), 1):
            documents.append(document(entry))
            if progress:
                progress(number, len(knowledge.entries))
        search = Search(documents, lexicon)
        return cls(knowledge.entries, search, Places(knowledge.municipalities.values()))

    def rank(self, text: str, limit: int = 10, lang: Lang = "ja") -> list[Candidate]:
        """Return the entries that may answer `text`, best first."""
        return self._judged(self.hits(self.read(text, lang)[0], limit))

    def read(self, text: str, lang: Lang) -> tuple[Query, str | None]:
        """Return an utterance as what is searched for, and the code of the municipality it names.

        A municipality in kana or by a former name (今市) is searched for by today's name too.
        """
        query = read_query(text, lang)
        town = self._places.find_folded(query.text)
        name = self._places.names[town] if town else ""
        if not town or name in query.text or lang not in JAPANESE:
            return query, town
        return replace(query, words=(*query.words, *words_of(name, "ja"))), town

    def decide(self, text: str, lang: Lang = "ja", context: Context | None = None) -> Decision:
        """Return what to do with an utterance. Never raises for any text."""
        context = context or Context()
        query, town = self.read(text, lang)
        slots = Slots(town or context.municipality)
        same = self._exact.get(bare(query.text))
        if same:
            return Decision("answer", (Candidate(same, 1.0, ("同じ言い方",)),), slots, lang)
        if not has_letters(query.text):
            return Decision("fallback", (), slots, lang)
        aspect = is_aspect(query.words)
        hits = self.hits(query)
        candidates = self._judged(hits)
        kind, chosen = policy.decide(candidates, hits)
        if aspect or (kind != "answer" and context.last_entry and continues(fold(clean(text)))):
            follow_up = self._follow_up(query, context, town)
            if follow_up:
                return Decision("answer", follow_up, slots, lang)
        if town is None and is_elsewhere(query.text):
            return Decision("fallback", tuple(candidates), slots, lang)
        if aspect and kind == "answer":  # an aspect of what? Only the last turn could tell
            kind, chosen = "clarify", tuple(candidates[: policy.OFFERED])
        both = () if kind == "answer" and hits[0].held >= ONE_TOPIC else self._topics(query, lang, candidates)
        if both:
            return Decision("clarify", both, slots, lang)
        return Decision(kind, chosen, slots, lang)

    def _topics(self, query: Query, lang: Lang, whole: Sequence[Candidate]) -> tuple[Candidate, ...]:
        """Return the entries of the parts of an utterance, if they differ and one is sure; else ().

        `whole`: what the whole utterance finds; a sentence only told on the way does not come up there.
        """
        found: dict[str, Candidate] = {}
        for clause in clauses(query.text):
            part = read_query(clause, lang)
            candidates = (
                [] if is_aspect(part.words) else self._judged(self._search.find(part, 3, variants=False))
            )
            if candidates and candidates[0].confidence >= policy.FAINT_TOPIC:
                found.setdefault(candidates[0].entry_id, candidates[0])
        if joined(query.text):
            chosen = sorted(found.values(), key=lambda candidate: -candidate.confidence)
        else:
            chosen = [candidate for candidate in whole[: policy.TOPICS] if candidate.entry_id in found]
        sure = any(found[candidate.entry_id].confidence >= policy.TOPIC for candidate in chosen)
        return tuple(chosen[: policy.OFFERED]) if len(chosen) > 1 and sure else ()

    def _follow_up(self, query: Query, context: Context, town: str | None) -> tuple[Candidate, ...]:
        """Return the entry that an utterance without a topic goes on with: one of the same area, or the last.

        The last entry's title is asked with the new words; what is found must hold most of the new words.
        """
        last = self._entries.get(context.last_entry or "")
        if last is None:
            return ()
        if all(word.key in CONTACT for word in query.words if word.weight > 0.15):
            return (Candidate(last.id, policy.FOLLOW_UP),)
        named = set(self._places.names.values()) if town else set()
        topic = [word for word in words_of(last.title["ja"], "ja") if word.key not in named]
        told = [word._replace(weight=word.weight * policy.TOPIC_WEIGHT) for word in topic]
        asked = replace(query, text=last.title["ja"] + query.text, words=(*told, *query.words), kana="")
        for hit in self.hits(asked, policy.LOOKED_AT):
            entry = self._entries[self.entry_id(hit)]
            if entry.area == last.area and self._search.held(query.words, hit.row) >= policy.RELATED:
                return (Candidate(entry.id, policy.FOLLOW_UP),)
        return (Candidate(last.id, policy.FOLLOW_UP),)

    def hits(self, query: Query, limit: int = policy.CONSIDERED) -> list[Hit]:
        """Return what the ranking finds, best first."""
        return self._search.find(query, limit)

    def entry_id(self, hit: Hit) -> str:
        """Return the id of the entry of a hit."""
        return self._ids[hit.row]

    def _judged(self, hits: Sequence[Hit]) -> list[Candidate]:
        return [
            Candidate(self._ids[hit.row], sure, hit.evidence if number < policy.OFFERED else ())
            for number, (hit, sure) in enumerate(zip(hits, policy.confidences(hits), strict=True))
        ]


def document(entry: Entry) -> Document:
    """Return what is indexed of an entry: its titles and asks, and its answers, in every language.

    Kept for the texts it was made of, so that an edit of one entry is not paid for with all of them.
    """
    return _document(tuple(said_of(entry)), tuple(entry.answer.items()))


@lru_cache(maxsize=2048)
def _document(texts: tuple[tuple[str, Lang], ...], answered: tuple[tuple[Lang, str], ...]) -> Document:
    said = sorted(texts, key=lambda text: text[1] not in JAPANESE)
    asks = [words_of(text, lang) for text, lang in said]
    answers = [words_of(text, lang) for lang, text in answered]
    native = sum(lang in JAPANESE for _, lang in said)
    sounds = [spoken(fold(clean(text))) for text, _ in said[:native]]
    written = [unpadded(fold(clean(text))) for text, _ in said]
    return as_document(asks, answers, sounds, written, native)


def said_of(entry: Entry) -> list[tuple[str, Lang]]:
    """Return what residents may say for an entry: its asks and titles with their languages."""
    said: list[tuple[str, Lang]] = [(text, lang) for lang, texts in entry.asks.items() for text in texts]
    return said + [(text, lang) for lang, text in entry.title.items()]


def exact(entries: Mapping[str, Entry]) -> dict[str, str]:
    """Return the entry of every ask and title word for word; what two entries share is left out."""
    found: dict[str, str] = {}
    for entry in entries.values():
        for text, _ in said_of(entry):
            words = bare(unpadded(fold(clean(text))))
            found[words] = entry.id if found.get(words, entry.id) == entry.id else ""
    return {words: entry for words, entry in found.items() if words and entry}
