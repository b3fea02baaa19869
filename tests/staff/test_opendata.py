"""The knowledge as open data: whole, dated, licensed, and asked for cheaply."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.brain import BrainHolder
from bot.staff.opendata import COLUMNS, TAGS, faq_csv, faq_jsonld, opendata_routes
from knowledge.models import LANGS, OpenData
from tests.staff.folder import clean, spoil

LICENCE = OpenData().licence.url
NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)  # the 21st in Japan


def client_of(holder: BrainHolder) -> FlaskClient:
    app = Flask("opendata")
    app.register_blueprint(opendata_routes(holder))
    return app.test_client()


def test_every_answer_is_there_in_every_language(holder: BrainHolder) -> None:
    knowledge = holder.brain.knowledge
    made = faq_jsonld(knowledge, NOW)
    assert made["@context"] == "https://schema.org"
    assert [page["inLanguage"] for page in made["@graph"]] == list(TAGS.values())
    for lang, page in zip(LANGS, made["@graph"], strict=True):
        wanted = {key: entry for key, entry in knowledge.entries.items() if lang in entry.answer}
        assert [question["identifier"] for question in page["mainEntity"]] == list(wanted)
        assert (page["@type"], page["license"], page["datePublished"]) == ("FAQPage", LICENCE, "2026-11-21")
        assert page["publisher"]["name"] == "栃木県庁"
        for question in page["mainEntity"]:
            entry = wanted[question["identifier"]]
            answer = question["acceptedAnswer"]
            assert (question["@type"], answer["@type"]) == ("Question", "Answer")
            assert answer["text"] == entry.answer[lang].strip()
            assert answer["dateModified"] == entry.checked.isoformat()
            assert answer["expires"] == entry.review_by.isoformat()


def test_the_table_says_the_same(holder: BrainHolder) -> None:
    knowledge = holder.brain.knowledge
    rows = list(csv.DictReader(io.StringIO(faq_csv(knowledge, NOW))))
    assert len(rows) == sum(len(entry.answer) for entry in knowledge.entries.values())
    assert tuple(rows[0]) == COLUMNS
    tags = {tag: lang for lang, tag in TAGS.items()}
    for row in rows:
        entry = knowledge.entries[row["id"]]
        assert row["answer"].lstrip("'") == entry.answer[tags[row["lang"]]].strip()
        assert (row["checked"], row["licence"]) == (entry.checked.isoformat(), LICENCE)


def test_an_overdue_answer_is_marked(tmp_path: Path) -> None:
    spoil(
        clean(tmp_path),
        "2026-10-02\n  review_by: 2027-03-31\n\n#",
        "2024-10-02\n  review_by: 2026-11-20\n\n#",
    )
    knowledge = BrainHolder(tmp_path).brain.knowledge
    rows = list(csv.DictReader(io.StringIO(faq_csv(knowledge, NOW))))
    assert {(row["id"], row["expired"]) for row in rows} == {("mynumber.lost", "1"), ("mynumber.office", "0")}


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    spoil(clean(tmp_path), "まず電話で", "=HYPERLINK(1) 電話で")
    made = faq_csv(BrainHolder(tmp_path).brain.knowledge, NOW)
    assert "'=HYPERLINK(1)" in made
    assert not any(cell.startswith("=") for row in csv.reader(io.StringIO(made)) for cell in row)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/opendata/faq.json", "application/ld+json; charset=utf-8"),
        ("/opendata/faq.csv", "text/csv; charset=utf-8"),
    ],
)
def test_over_http_with_etag(tmp_path: Path, path: str, kind: str) -> None:
    holder = BrainHolder(clean(tmp_path))
    client = client_of(holder)
    first = client.get(path)
    assert (first.status_code, first.headers["Content-Type"].startswith(kind)) == (200, True)
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert first.headers["Link"] == f'<{LICENCE}>; rel="license"'
    assert "max-age=" in first.headers["Cache-Control"]
    text = first.get_data().decode("utf-8-sig")
    assert "まず電話で止めます。" in (
        json.dumps(json.loads(text), ensure_ascii=False) if "json" in kind else text
    )
    etag = first.headers["ETag"]
    again = client.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.get_data(), again.headers["ETag"]) == (304, b"", etag)
    spoil(tmp_path, "まず電話で", "すぐ電話で")
    assert holder.refresh()
    changed = client.get(path, headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != etag
    assert "すぐ電話で" in changed.get_data(as_text=True)
    assert client.post(path).status_code == 405
