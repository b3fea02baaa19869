"""The same questions asked of two versions of the knowledge: what residents will be told differently."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from adapters.messages import IncomingMessage
from adapters.plain import render_text
from bot.brain import Brain
from bot.conversation import Conversation
from bot.session import Session
from intents.language import detect
from knowledge.gold import Question
from knowledge.hours import JAPAN


class VersionError(Exception):
    """A name stands neither for a folder nor for a version in Git."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a resident is told. `kind`: of the decision. `entry`: the first one, if any. `text`: all of it."""

    kind: str
    entry: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One question that is answered differently."""

    question: Question
    before: Told
    after: Told

    @property
    def what(self) -> str:
        """What changed: `entry` (another one answers), `kind` (asks back, declines) or `text`."""
        if self.before.entry != self.after.entry:
            return "entry"
        return "kind" if self.before.kind != self.after.kind else "text"


def told(brain: Brain, question: Question, now: datetime) -> Told:
    """Ask `question` at `now` as a resident who has spoken before would; each has a session of its own."""
    lang = question.lang or detect(question.text).lang or "ja"
    session = Session(lang=lang, lang_chosen=True, greeted=True)
    message = IncomingMessage("console", "replay", "replay", text=question.text)
    outcome = Conversation(lambda: brain, now=lambda: now).handle(message, session)
    decision = outcome.decision
    kind = decision.kind if decision else "answer" if outcome.entry_id else "command"
    first = decision.candidates[0].entry_id if decision and decision.candidates else outcome.entry_id
    return Told(kind, first, render_text(outcome.reply) if outcome.reply else "")


def replay(before: Brain, after: Brain, questions: Iterable[Question]) -> list[Change]:
    """Return the questions that `after` answers otherwise than `before`, in their order."""
    now = datetime.now(JAPAN)  # one for all: what is open at the moment is no change
    changes = []
    for question in questions:
        one, two = told(before, question, now), told(after, question, now)
        if one != two:
            changes.append(Change(question, one, two))
    return changes


@contextmanager
def version(name: str, root: Path) -> Iterator[Path]:
    """Yield the content folder that `name` stands for: a folder, or a version of `root` in Git.

    Raises `VersionError`.
    """
    if Path(name).is_dir():
        yield Path(name)
        return
    with tempfile.TemporaryDirectory(prefix="tochimado-version-") as folder:
        with tarfile.open(fileobj=io.BytesIO(_archive(name, root))) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder)


def _archive(name: str, root: Path) -> bytes:
    """Return `root` as it was in version `name`, as a tar archive."""
    git = ["git", "-C", str(root.resolve()), "archive", "--format=tar", name, "."]
    wrong = VersionError(f"「{name}」はフォルダーでも Git の版でもありません。")
    if name.startswith("-"):
        raise wrong
    try:
        done = subprocess.run(git, capture_output=True, check=False)  # noqa: S603
    except OSError:
        raise wrong from None
    if done.returncode:
        raise wrong
    return done.stdout
