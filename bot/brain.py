"""What the bot knows and understands at one moment, built from a content folder and replaced as a whole."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import structlog

from bot.harmless import Harmless
from intents.lexicon import BUILT_IN, Lexicon
from intents.understand import Understander
from knowledge.loader import fingerprint, load_valid
from knowledge.models import Knowledge
from knowledge.phrases import Phrases, load_phrases
from knowledge.problems import KnowledgeError, Problem
from knowledge.safety import Kind
from knowledge.safety_responses import Response, load_responses
from knowledge.snapshot import read_snapshot, write_snapshot

log = structlog.get_logger()


@dataclass(frozen=True)
class Brain:
    """One consistent state: knowledge, the index over it, the bot's own sentences."""

    knowledge: Knowledge
    understander: Understander
    phrases: Phrases
    public_numbers: frozenset[str]
    """Telephone numbers of the registry, digits only: anybody may write them."""
    responses: Mapping[Kind, Response]
    """What is answered to people in danger."""
    harmless: Harmless = field(default_factory=Harmless)
    """What nobody in danger says, and nobody who writes what is private."""


def build_brain(knowledge: Knowledge, root: Path) -> Brain:
    """Build the index over `knowledge`; `root` may hold a lexicon of its own."""
    own = root / "synonyms.yaml"
    lexicon = _lexicon(own, _stamp(BUILT_IN), _stamp(own))
    for problem in lexicon.problems[:20]:
        log.warning("lexicon.row-left-out", problem=str(problem))
    numbers = frozenset(line.number.replace("-", "") for line in knowledge.phones.values())
    responses, problems = load_responses(phones={key: line.number for key, line in knowledge.phones.items()})
    for problem in problems[:20]:
        log.error("safety.response-problem", problem=str(problem))
    understander = Understander.build(knowledge, lexicon)
    return Brain(knowledge, understander, load_phrases(), numbers, responses)


@lru_cache(maxsize=2)
def _lexicon(own: Path, *_: object) -> Lexicon:
    """Read the lexicon, once for each state of its files."""
    return Lexicon.load([BUILT_IN, own])


def _stamp(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError:
        return (0, 0)
    return (stat.st_mtime_ns, stat.st_size)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Pause the search for cycles: loading makes millions of objects that stay, and is a third faster."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class BrainHolder:
    """The current brain of a process. A broken edit changes nothing; it is reported in `state()`.

    `root`: the content folder. `snapshot`: where the last good knowledge is kept, None for nowhere.
    """

    def __init__(self, root: Path, snapshot: Path | None = None):
        self._root = root
        self._snapshot = snapshot
        self._lock = threading.Lock()
        self._seen = fingerprint(root)
        self._problems: list[Problem] = []
        self._loaded_at = datetime.now(UTC)
        with _without_collecting():
            self._brain = self._first()

    @property
    def brain(self) -> Brain:
        """The current brain."""
        return self._brain

    def state(self) -> dict[str, object]:
        """Return what `/readyz` says of the knowledge."""
        brain = self._brain
        return {
            "ok": not self._problems,
            "entries": len(brain.knowledge.entries),
            "digest": brain.knowledge.digest[:12],
            "loaded_at": self._loaded_at.isoformat(timespec="seconds"),
            "problems": [problem.as_json() for problem in self._problems[:20]],
        }

    def refresh(self) -> bool:
        """Look whether files changed and load them. Return whether a new brain is in place. Never raises."""
        with self._lock:
            seen = fingerprint(self._root)
            if seen == self._seen:
                return False
            try:
                with _without_collecting():
                    knowledge, _ = load_valid(self._root)
                    self._brain = build_brain(knowledge, self._root)
            except KnowledgeError as error:
                self._seen = seen
                self._problems = [p for p in error.problems if p.severity == "error"]
                log.error("knowledge.refused", problems=[str(p) for p in self._problems[:20]])
                return False
            except OSError as error:  # a file vanished while it was read: look again next time
                log.warning("knowledge.unreadable", reason=error.strerror)
                return False
            self._seen, self._problems = seen, []
            self._loaded_at = datetime.now(UTC)
            self._keep(knowledge)
            log.info("knowledge.loaded", entries=len(knowledge.entries), digest=knowledge.digest[:12])
            return True

    def _first(self) -> Brain:
        try:
            knowledge, _ = load_valid(self._root)
        except KnowledgeError as error:
            kept = read_snapshot(self._snapshot) if self._snapshot else None
            if kept is None:
                raise
            self._problems = [p for p in error.problems if p.severity == "error"]
            log.error(
                "knowledge.kept", problems=[str(p) for p in self._problems[:20]], digest=kept.digest[:12]
            )
            return build_brain(kept, self._root)
        self._keep(knowledge)
        return build_brain(knowledge, self._root)

    def _keep(self, knowledge: Knowledge) -> None:
        if self._snapshot is None:
            return
        try:
            write_snapshot(self._snapshot, knowledge)
        except OSError as error:
            log.warning("knowledge.snapshot-failed", reason=error.strerror)


class Watcher(threading.Thread):
    """Looks for changed knowledge every `seconds`, in the background of a process."""

    def __init__(self, holder: BrainHolder, seconds: float):
        super().__init__(name="knowledge-watcher", daemon=True)
        self._holder = holder
        self._seconds = seconds
        self._stop = threading.Event()

    def run(self) -> None:
        """Refresh until stopped."""
        while not self._stop.wait(self._seconds):
            try:
                self._holder.refresh()
            except Exception:
                log.exception("knowledge.refresh-failed")

    def stop(self) -> None:
        """Stop looking."""
        self._stop.set()
