"""The published knowledge as open data: schema.org FAQPage as JSON-LD, and CSV.

GET /opendata/faq.json    one FAQPage a language   https://schema.org/FAQPage
GET /opendata/faq.csv     one row an entry and language, UTF-8 with a mark for Excel
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, request

from bot.brain import BrainHolder
from bot.staff.cells import escaped
from knowledge.hours import JAPAN
from knowledge.models import LANGS, Entry, Knowledge, Lang
from knowledge.review import Expired, expired, withheld

TAGS: Mapping[Lang, str] = {
    "ja": "ja", "easy": "ja-x-easy", "en": "en", "zh": "zh-Hans", "pt": "pt-BR", "es": "es",
}  # fmt: skip
"""Language tags (BCP 47); easy Japanese has none of its own."""
COLUMNS = (
    "id", "area", "lang", "question", "answer", "phones", "links", "owner", "source", "source_url",
    "checked", "review_by", "expired", "licence",
)  # fmt: skip
MAX_AGE = 300
"""Seconds that the data may be kept without asking again."""


def faq_jsonld(knowledge: Knowledge, now: datetime, policy: Expired = "show") -> dict[str, Any]:
    """Return the knowledge as JSON-LD: a graph of one FAQPage a language.

    `now`: aware, of publishing. `policy`: whether answers whose review is overdue are in it.
    """
    pages = []
    today = now.astimezone(JAPAN).date()
    for lang in LANGS:
        entries = _answered(knowledge, lang, today, policy)
        questions = [_question(knowledge, entry, lang) for entry in entries]
        if questions:
            checked = max(entry.checked for entry in entries)
            pages.append(
                {
                    "@type": "FAQPage",
                    "@id": f"#faq-{TAGS[lang]}",
                    "inLanguage": TAGS[lang],
                    "license": knowledge.opendata.licence.url,
                    "datePublished": today.isoformat(),
                    "dateModified": checked.isoformat(),
                    "version": knowledge.digest[:12],
                    **_publisher(knowledge),
                    "mainEntity": questions,
                }
            )
    return {"@context": "https://schema.org", "@graph": pages}


def faq_csv(knowledge: Knowledge, now: datetime, policy: Expired = "show") -> str:
    """Return the knowledge as CSV (RFC 4180), one row an entry and language. Arguments: `faq_jsonld`."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    today = now.astimezone(JAPAN).date()
    for lang in LANGS:
        for entry in _answered(knowledge, lang, today, policy):
            writer.writerow(map(escaped, _row(knowledge, entry, lang, today)))
    return out.getvalue()


def _row(knowledge: Knowledge, entry: Entry, lang: Lang, today: date) -> Iterator[str]:
    yield from (entry.id, entry.area, TAGS[lang], _in(entry.title, lang), entry.answer[lang])
    yield "\n".join(knowledge.phones[phone].number for phone in entry.phones)
    yield "\n".join(link.url for link in entry.links)
    yield _in(knowledge.counters[entry.owner].name, lang)
    yield from (entry.source.name, entry.source.url or "")
    yield from (entry.checked.isoformat(), entry.review_by.isoformat())
    yield "1" if expired(entry, today) else "0"
    yield knowledge.opendata.licence.url


def _question(knowledge: Knowledge, entry: Entry, lang: Lang) -> dict[str, Any]:
    source = {"@type": "CreativeWork", "name": entry.source.name}
    owner = knowledge.counters[entry.owner]
    return {
        "@type": "Question",
        "identifier": entry.id,
        "name": _in(entry.title, lang),
        "acceptedAnswer": {
            "@type": "Answer",
            "text": entry.answer[lang].strip(),
            "dateModified": entry.checked.isoformat(),
            "expires": entry.review_by.isoformat(),
            "citation": {**source, "url": entry.source.url} if entry.source.url else source,
            "author": {"@type": "Organization", "name": _in(owner.name, lang)},
        },
    }


def _publisher(knowledge: Knowledge) -> dict[str, Any]:
    office = knowledge.counters.get(knowledge.opendata.publisher)
    if office is None:
        return {}
    named = {"@type": "GovernmentOrganization", "name": office.name["ja"]}
    return {"publisher": {**named, "url": office.url} if office.url else named}


def _answered(knowledge: Knowledge, lang: Lang, today: date, policy: Expired) -> list[Entry]:
    return [
        entry
        for entry in knowledge.entries.values()
        if lang in entry.answer and not withheld(entry, today, policy)
    ]


def _in(texts: Mapping[Lang, str], lang: Lang) -> str:
    return texts.get(lang) or texts["ja"]


def opendata_routes(holder: BrainHolder, policy: Expired = "show") -> Blueprint:
    """Return the two routes. Both are made anew when the knowledge or the day changes, and carry an ETag.

    `policy`: whether answers whose review is overdue are published.
    """
    routes = Blueprint("opendata", __name__)
    kept: dict[str, tuple[tuple[str, date], bytes]] = {}

    def body(kind: str) -> bytes:
        now = datetime.now(JAPAN)
        knowledge = holder.brain.knowledge
        state = (knowledge.digest, now.date())
        found = kept.get(kind)
        if found is None or found[0] != state:
            if kind == "json":
                made = json.dumps(faq_jsonld(knowledge, now, policy), ensure_ascii=False).encode()
            else:
                made = faq_csv(knowledge, now, policy).encode("utf-8-sig")
            found = kept[kind] = (state, made)
        return found[1]

    def answer(kind: str, content_type: str) -> Response:
        made = body(kind)
        response = Response(made, content_type=content_type)
        response.set_etag(hashlib.sha256(made).hexdigest()[:32])
        response.headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["X-Content-Type-Options"] = "nosniff"
        licence = holder.brain.knowledge.opendata.licence.url
        response.headers["Link"] = f'<{licence}>; rel="license"'
        response.make_conditional(request.environ)
        return response

    @routes.get("/opendata/faq.json")
    def faq() -> Response:
        return answer("json", "application/ld+json; charset=utf-8")

    @routes.get("/opendata/faq.csv")
    def table() -> Response:
        response = answer("csv", "text/csv; charset=utf-8; header=present")
        response.headers["Content-Disposition"] = 'attachment; filename="tochimado-faq.csv"'
        return response

    return routes
