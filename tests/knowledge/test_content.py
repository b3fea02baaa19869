"""The knowledge that ships: whole, true to its registries, without what is superseded."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.answers import FALLBACK_PHONES, FOREIGN_PHONE
from intents.lexicon import BUILT_IN, Lexicon
from knowledge.loader import CONTENT, content_files, load
from knowledge.models import AREAS, LANGS, Entry
from knowledge.phrases import COMMANDS, PHRASES, load_commands, load_phrases
from knowledge.problems import KnowledgeError
from knowledge.schema import SHAPES, schema_of
from knowledge.validate import digits, numbers_in

KNOWLEDGE, PROBLEMS = load(CONTENT)
ENTRIES = list(KNOWLEDGE.entries.values())


def spoken(entry: Entry) -> str:
    """Return everything of an entry that residents may be shown."""
    links = [f"{link.url} {' '.join(link.title.values())}" for link in entry.links]
    return "\n".join([*entry.title.values(), *entry.answer.values(), *links])


def test_there_are_no_problems() -> None:
    assert [str(problem) for problem in PROBLEMS] == []


def test_the_four_first_areas_have_entries_in_japanese_and_english() -> None:
    counts = Counter(entry.area for entry in ENTRIES)
    assert all(counts[area] >= 10 for area in ("medical", "tourism", "eapp", "mynumber"))
    assert [e.id for e in ENTRIES if not {"ja", "en"} <= e.answer.keys()] == []
    assert [e.id for e in ENTRIES if not {"ja", "en"} <= e.asks.keys()] == []


def test_titles_are_there_in_every_language() -> None:
    assert [entry.id for entry in ENTRIES if set(entry.title) != set(LANGS)] == []


def test_nothing_superseded_is_in_the_registries() -> None:
    """The answers themselves, as residents read them: tests/bot/test_todays_names.py."""
    rows = YAML(typ="safe").load(Path(__file__).parent / "superseded.yaml")
    never = [pattern for row in rows for pattern in row.get("never", ())]
    assert len(never) > 10
    lines = [*KNOWLEDGE.phones.values(), *KNOWLEDGE.counters.values()]
    said = "\n".join(line.model_dump_json() for line in lines)
    assert [pattern for pattern in never if re.search(pattern, said)] == []


def test_every_number_in_every_answer_is_in_the_registry() -> None:
    known = {digits(phone.number) for phone in KNOWLEDGE.phones.values()}
    seen = {number for entry in ENTRIES for number in numbers_in(spoken(entry))}
    assert seen, "answers do hold numbers"
    assert {number for number in seen if digits(number) not in known} == set()


def test_dates_are_sound() -> None:
    for entry in ENTRIES:
        assert entry.checked <= date(2026, 11, 21), entry.id
        assert entry.checked < entry.review_by, entry.id


def test_the_lost_card_is_answered_as_the_facts_say() -> None:
    lost = KNOWLEDGE.entries["mynumber.lost"]
    assert lost.phones[0] == "mynumber.free"
    assert KNOWLEDGE.phones["mynumber.free"].number == "0120-95-0178"
    assert all("0120-95-0178" in answer for answer in lost.answer.values())


def test_8000_never_stands_without_the_number_for_the_border() -> None:
    for entry in ENTRIES:
        if "medical.child" in entry.phones or "#8000" in spoken(entry):
            assert "medical.child-028" in entry.phones, entry.id


def test_passport_fees_are_linked_and_not_stated() -> None:
    fees = re.compile(r"(16,300|15,900|11,300|10,900|9,300|8,900|4,800|4,400)")
    assert [entry.id for entry in ENTRIES if fees.search(spoken(entry))] == []


def test_the_25_municipalities() -> None:
    towns = KNOWLEDGE.municipalities
    assert len(towns) == 25
    assert towns["092088"].kana == "おやまし"
    assert towns["092096"].romaji == "Moka"
    assert {town.name for town in towns.values()} >= {"さくら市", "那珂川町", "真岡市", "上三川町"}


def test_every_area_of_the_menu_is_named() -> None:
    assert set(KNOWLEDGE.areas) == set(AREAS)
    assert all(set(area.title) == set(LANGS) for area in KNOWLEDGE.areas.values())


def test_the_fallback_always_has_numbers() -> None:
    assert {*FALLBACK_PHONES, FOREIGN_PHONE} <= KNOWLEDGE.phones.keys()
    assert KNOWLEDGE.counters["pref.office"].url


def test_each_file_names_its_schema_on_line_1() -> None:
    files = [*content_files(CONTENT), BUILT_IN]
    assert len(files) > 10
    for path in files:
        first = path.read_text(encoding="utf-8").split("\n", 1)[0]
        match = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
        assert match, path
        assert (path.parent / match[1]).resolve().is_file(), path


@pytest.mark.parametrize("name", SHAPES)
def test_the_schemas_are_those_of_the_models(name: str) -> None:
    """`make docs` writes them."""
    path = CONTENT.parent / "schema" / f"{name}.json"
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(json.dumps(schema_of(name)))


def test_the_lexicon_has_a_thousand_groups_and_no_problem() -> None:
    lexicon = Lexicon.load([BUILT_IN])
    assert [str(problem) for problem in lexicon.problems] == []
    assert lexicon.groups >= 1000


def test_the_bots_own_phrases() -> None:
    phrases = load_phrases()
    for lang in LANGS:
        greeting = phrases.say("greeting", lang, days=30)
        assert "119" in greeting
        assert "30" in greeting
        assert "{" not in greeting


@pytest.mark.parametrize(
    ("text", "code"),
    [("a:\n  ja: x\n", "languages"), ("", "empty"), ("a: [\n", "syntax")],
)
def test_broken_phrases_are_named(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "phrases.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError) as caught:
        load_phrases(path)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_slots_must_agree_over_languages(tmp_path: Path) -> None:
    path = tmp_path / "phrases.yaml"
    rows = "".join(f"  {lang}: '{{days}}'\n" for lang in LANGS if lang != "es")
    path.write_text(f"a:\n{rows}  es: '{{dias}}'\n", encoding="utf-8")
    with pytest.raises(KnowledgeError) as caught:
        load_phrases(path)
    assert [(problem.line, problem.code) for problem in caught.value.problems] == [(7, "slots")]


def test_command_words_of_every_language_are_there() -> None:
    commands = load_commands(COMMANDS)
    assert {commands[word] for word in ("言語", "language", "语言", "idioma")} == {"lang"}
    assert commands["データ削除"] == commands["delete my data"] == "delete"
    assert PHRASES.exists()
