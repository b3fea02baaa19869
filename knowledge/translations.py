"""A translation remembers the Japanese text it was made from.

`translations.json` in the content folder holds entry id → language → digest of the Japanese at that time,
one entry a line so that Git merges it.  `tochimado translated` writes it; nobody edits it by hand.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from knowledge.located import Located
from knowledge.models import LANGS, Entry, Knowledge, Lang
from knowledge.problems import Problem

FILE = "translations.json"
FULL_AREAS = ("medical", "mynumber", "disaster", "safety", "living")
"""Areas in which every entry is answered in all six languages; the others need at least titles."""

Record = dict[str, dict[str, str]]


def made_from(entry: Entry, lang: Lang) -> str:
    """Return the digest of the Japanese that the texts of `entry` in `lang` say again.

    White space does not count.  Only the fields that exist in `lang` do: a translated title alone does not
    grow old with the answer.
    """
    japanese = [
        "".join(texts["ja"].split()) for texts in (entry.title, entry.answer) if lang in texts
    ]  # fmt: skip
    return hashlib.sha256("\0".join(japanese).encode()).hexdigest()[:12]


def spoken(entry: Entry) -> list[Lang]:
    """Return the languages besides Japanese that `entry` has a title or an answer in."""
    return [lang for lang in LANGS if lang != "ja" and (lang in entry.title or lang in entry.answer)]


def missing(entry: Entry) -> dict[Lang, list[str]]:
    """Return what the rule wants and `entry` has not: language → names of fields."""
    wanted: dict[str, Collection[Lang]] = {"title": entry.title}
    if entry.area in FULL_AREAS:
        wanted["answer"] = entry.answer
    gaps = {lang: [name for name, texts in wanted.items() if lang not in texts] for lang in LANGS}
    return {lang: names for lang, names in gaps.items() if names}


def read_record(root: Path) -> tuple[Record, list[Problem]]:
    """Return what `translations.json` remembers, empty where there is none, and what is wrong with it."""
    path = root / FILE
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}, []
    except (OSError, ValueError) as error:
        return {}, [_unreadable(path, getattr(error, "lineno", 1))]
    if not isinstance(record, dict) or not all(
        isinstance(row, dict) and all(isinstance(digest, str) for digest in row.values())
        for row in record.values()
    ):
        return {}, [_unreadable(path, 1)]
    return record, []


def _unreadable(path: Path, line: int) -> Problem:
    message = "訳の記録が読めません。Git で前の版に戻してください（手で書きかえないでください）。"
    return Problem(path, line, "translations-file", message)


def record_translations(
    root: Path, knowledge: Knowledge, ids: Collection[str], langs: Collection[Lang] = LANGS
) -> int:
    """Remember that the translations of `ids` fit today's Japanese; return how many texts that were.

    Rows of entries that are gone are dropped. Raises KeyError for an unknown id, OSError, ValueError for a
    record that cannot be read.
    """
    record, problems = read_record(root)
    if problems:
        raise ValueError(problems[0].message)
    kept: Record = {}
    for key, entry in knowledge.entries.items():
        before = record.get(key, {})
        kept[key] = {lang: before[lang] for lang in spoken(entry) if lang in before}
    marked = 0
    for key in ids:
        entry = knowledge.entries[key]
        for lang in spoken(entry):
            if lang in langs:
                kept[key][lang] = made_from(entry, lang)
                marked += 1
    rows = [
        f"{json.dumps(key)}: {json.dumps(dict(sorted(row.items())))}"
        for key, row in sorted(kept.items())
        if row
    ]
    (root / FILE).write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
    return marked


def translation_problems(
    located: Iterable[Located], record: Mapping[str, Mapping[str, str]]
) -> Iterator[Problem]:
    """Yield what is missing, has grown old, or was never recorded."""
    for place in located:
        entry = place.entry
        row = record.get(entry.id, {})
        for lang, names in missing(entry).items():
            said = "と ".join(names)
            message = (
                f"{lang} の {said} がありません。この分野（{entry.area}）では 6 言語のすべてに必要です。"
            )
            yield place.problem("language-missing", message, names[0])
        for lang in spoken(entry):
            field = "answer" if lang in entry.answer else "title"
            if lang not in row:
                message = (
                    f"{lang} の訳が、どの日本語から作られたか記録がありません。今の日本語に合うか確かめて、"
                    f"tochimado translated {entry.id} --lang {lang} で記録してください。"
                )
                yield place.problem("translation-unrecorded", message, field, lang)
            elif row[lang] != made_from(entry, lang):
                message = (
                    f"{lang} の訳が古くなっています（日本語が、訳した後に変わりました）。訳を直し、"
                    f"tochimado translated {entry.id} --lang {lang} で記録してください。"
                )
                yield place.problem("stale", message, field, lang)
