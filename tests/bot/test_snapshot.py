"""What `tochimado snapshot` writes: complete, self-contained, and nothing that the knowledge does not say."""

from __future__ import annotations

import re
import stat
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
from click.testing import CliRunner

from bot.cli import cli
from bot.snapshot import Content, snapshot
from bot.snapshot_words import WORDS
from knowledge.hours import JAPAN
from knowledge.loader import CONTENT, load_valid
from knowledge.models import LANGS
from knowledge.phrases import load_phrases
from knowledge.safety_responses import load_responses


@pytest.fixture(scope="module")
def content() -> Content:
    knowledge = load_valid(CONTENT)[0]
    return Content(knowledge, load_phrases(), load_responses()[0], datetime.now(JAPAN))


@pytest.fixture(scope="module")
def text(content: Content) -> str:
    return snapshot(content)


def test_the_command_writes_a_file_that_web_servers_may_read(tmp_path: Path) -> None:
    path = tmp_path / "saigai.html"
    made = CliRunner().invoke(cli, ["snapshot", str(path)])
    assert made.exit_code == 0, made.output
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert "6 言語" in made.output
    assert datetime.now(JAPAN).strftime("%Y年%-m月%-d日") in path.read_text(encoding="utf-8")
    nowhere = CliRunner().invoke(cli, ["snapshot", str(tmp_path / "none" / "a.html")])
    assert nowhere.exit_code == 1
    assert "none" in nowhere.output


def test_every_language_has_every_answer(content: Content, text: str) -> None:
    languages = text.split('<section class="language"')[1:]
    assert len(languages) == len(LANGS)
    entries = [entry for _, found in content.essential() for entry in found]
    assert {entry.area for entry in entries} == {"disaster", "medical"}
    assert len(entries) > 40
    for lang, section in zip(LANGS, languages, strict=True):
        for entry in entries:
            assert f'id="{lang}-{entry.id.replace(".", "-")}"' in section
            first = (
                entry.answer.get(lang, entry.answer["ja"])
                .strip()
                .split("\n")[0]
                .lstrip("・")
                .removeprefix("1. ")
            )
            assert first in unescape(section), (lang, entry.id)
        assert section.count('class="source"') == len(entries)
        for line in ("119", "110", "0120-061-338"):
            assert f"{line}</a>" in section, (lang, line)


def test_numbers_and_addresses_are_those_of_the_knowledge(content: Content, text: str) -> None:
    known = content.knowledge
    numbers = {line.number.replace("-", "") for line in known.phones.values()}
    dialled = {unquote(number) for number in re.findall(r'href="tel:([^"]+)"', text)}
    assert dialled
    assert dialled <= numbers
    addresses = {link.url for entry in known.entries.values() for link in entry.links}
    addresses |= {entry.source.url for entry in known.entries.values() if entry.source.url}
    addresses |= {counter.url for counter in known.counters.values() if counter.url}
    addresses |= {town.url for town in known.municipalities.values()}
    linked = {unescape(url) for url in re.findall(r'href="(http[^"]+)"', text)}
    assert linked <= addresses
    own = " ".join(word for words in WORDS.values() for word in words.values())
    assert not re.search(r"[0-9]", own.replace("{when}", "")), "no number but those of the knowledge"


def test_it_needs_nothing_else(text: str) -> None:
    assert "<script" not in text
    assert not re.search(r'\b(src|srcset|action|poster)="|url\(|@import|\bon[a-z]+="', text)
    assert re.findall(r'<link[^>]+href="([^"]+)"', text) == ["data:,"]
    ids = Counter(re.findall(r' id="([^"]+)"', text))
    assert max(ids.values()) == 1
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)
    assert text.count("<h1>") == 1


def test_an_answer_past_its_review_is_marked_or_withheld(content: Content) -> None:
    shelter = content.knowledge.entries["disaster.shelter"]
    later = replace(content, made=datetime.now(JAPAN) + timedelta(days=4000))
    shown, hidden = snapshot(later), snapshot(replace(later, policy="withhold"))
    first = shelter.answer["ja"].strip().split("\n")[0]
    assert first in shown
    assert content.phrases.say("review-due", "ja") in shown
    assert first not in hidden
    assert content.phrases.say("withheld", "ja") in hidden
    assert "119</a>" in hidden, "lines of the registry stay"


def test_markup_in_the_knowledge_is_text(content: Content) -> None:
    shelter = content.knowledge.entries["disaster.shelter"]
    evil = shelter.model_copy(update={"answer": {"ja": '<script>alert(1)</script> & "x"\n・<b>'}})
    made = snapshot(replace(content, knowledge=replace(content.knowledge, entries={evil.id: evil})))
    assert "<script" not in made
    assert "&lt;script&gt;" in made
