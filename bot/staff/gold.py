"""Gold questions whose answer the edit at hand changes, compared with the last version in Git."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.brain import Brain
from bot.staff.replay import VersionError, version
from bot.staff.shown import brain_of
from intents.language import detect
from knowledge.gold import Question, load_gold
from knowledge.problems import KnowledgeError, Problem

LAST = "HEAD"


def gold_problems(brain: Brain, root: Path, folder: Path) -> Iterator[Problem]:
    """Yield problems of the gold questions in `folder` (none if it does not exist).

    `gold-entry`: the entry that must answer does not exist. `gold-changed`: since the last version in Git
    the right entry comes first no more. Nothing is compared outside Git.
    """
    if not folder.is_dir():
        return
    gold = load_gold(folder)
    yield from gold.problems
    for question in gold.questions:
        if question.entry not in brain.knowledge.entries:
            message = f"正解の項目「{question.entry}」がありません。id を直すか、質問を消してください。"
            yield Problem(question.file, question.line, "gold-entry", message)
    try:
        with version(LAST, root) as last:
            before = brain_of(last)
            if before.knowledge.digest == brain.knowledge.digest:
                return
            changed = [
                (question, old, new)
                for question in gold.questions
                if (old := _first(before, question)) != (new := _first(brain, question))
            ]
    except (VersionError, KnowledgeError):
        return
    for question, old, new in changed:
        if old != question.entry:
            continue
        message = (
            f"「{question.text}」の答えが変わります（{old} → {new or 'なし'}）。"
            "意図した変更か確かめ、違えば asks の言い方を見直してください。"
        )
        yield Problem(question.file, question.line, "gold-changed", message, "warning")


def _first(brain: Brain, question: Question) -> str | None:
    """Return the entry that comes first for a question."""
    lang = question.lang or detect(question.text).lang or "ja"
    candidates = brain.understander.decide(question.text, lang).candidates
    return candidates[0].entry_id if candidates else None
