"""The deep part of `tochimado check`: everything that needs valid knowledge, its index or its neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from bot.brain import Brain, build_brain
from bot.staff.collisions import collision_problems
from bot.staff.gold import gold_problems
from bot.staff.lengths import length_problems
from bot.staff.preview import columns
from knowledge.easy import easy_problems
from knowledge.hours import JAPAN
from knowledge.links import LinkChecker, check_links, link_problems
from knowledge.loader import load
from knowledge.located import locate
from knowledge.models import AREAS, LANGS
from knowledge.problems import KnowledgeError, Problem
from knowledge.review import review_problems
from knowledge.translations import FULL_AREAS, missing, read_record, translation_problems


def deep_check(root: Path, today: date | None = None, gold: Path | None = None) -> list[Problem]:
    """Return what the content folder `root` lacks beyond its syntax, sorted by place.

    Nothing where the folder has errors: `knowledge.loader.load` reports those, and they come first.
    `today`: Japan's date if None. `gold`: the folder of gold questions, `gold` beside `root` if None.
    """
    knowledge, problems = load(root)
    if any(problem.severity == "error" for problem in problems):
        return []
    try:
        brain = build_brain(knowledge, root)
    except KnowledgeError as error:  # of the bot's own texts, which the folder does not hold
        return error.problems
    day = today or datetime.now(JAPAN).date()
    return sorted(set(_found(brain, root, day, gold or root.parent / "gold")))


def _found(brain: Brain, root: Path, today: date, gold: Path) -> Iterator[Problem]:
    located = locate(brain.knowledge)
    record, unreadable = read_record(root)
    yield from unreadable
    if not unreadable:
        yield from translation_problems(located.values(), record)
    yield from review_problems(located.values(), today)
    yield from easy_problems(located.values())
    yield from link_problems(located.values())
    yield from length_problems(brain, located)
    yield from collision_problems(brain.understander, located)
    yield from gold_problems(brain, root, gold)


def network_check(root: Path, checker: LinkChecker | None = None) -> list[Problem]:
    """Ask for every address of the folder over the network and return what is wrong with them."""
    return check_links(root, checker)


def coverage_table(root: Path) -> str:
    """Return the table areas × languages × entries, for people.

    A cell counts the entries that have what the rule wants in that language (title and answer where all six
    are required, marked ◎, else the title) and how many lack it. The last column are the answers there are.
    """
    entries = list(load(root)[0].entries.values())
    rows = [["分野", "項目", *LANGS, "答えの数"]]
    for area in (*AREAS, None):
        chosen = [entry for entry in entries if area in (entry.area, None)]
        lacking = {lang: sum(lang in missing(entry) for entry in chosen) for lang in LANGS}
        cells = [
            str(len(chosen) - gone) + (f" (-{gone})" if gone else "") for gone in lacking.values()
        ]  # fmt: skip
        name = "すべて" if area is None else area + (" ◎" if area in FULL_AREAS else "")
        rows.append([name, str(len(chosen)), *cells, str(sum(len(entry.answer) for entry in chosen))])
    widths = [max(columns(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(
        [*(line.rstrip() for line in lines), "◎ は 6 言語すべてで題と答えが要る分野（ほかは題）"]
    )


def _padded(text: str, width: int) -> str:
    return text + " " * (width - columns(text))
