"""The lexicon: from residents' words to the administration's, written by staff as YAML.

    - {say: [お金がもらえる], means: [手当, 助成], weight: 0.7}     one way
    - {same: [引っ越し, 転居], weight: 1.0}                        both ways

Phrases are compared as sequences of dictionary words, so that なくした finds なくす.  A broken row is a
`Problem` and is left out; it never takes the bot down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from intents.japanese import Word, words
from intents.normalize import clean, fold
from intents.wordlists import ASKING
from knowledge.problems import Problem
from knowledge.yamlsource import Document, read

DEFAULT_WEIGHT = 0.5
MAX_PHRASE = 8
REVERSE = 0.4
"""How much of its weight a one-way row keeps the other way: titles too are often in residents' words."""
BUILT_IN = Path(__file__).parent.parent / "knowledge" / "synonyms.yaml"

Keys = tuple[str, ...]
"""A phrase as the normalized forms of its words; a negated word carries a trailing `!`."""


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase found: words `start` to `end` of the utterance are the lexicon's `say`.

    `inner`: a single word inside a longer phrase that was found too.
    """

    start: int
    end: int
    say: Keys
    inner: bool = False


@dataclass(frozen=True)
class Lexicon:
    """All phrases. `entries`: what a phrase means, with weights 0.1 to 1. `problems`: rows left out."""

    entries: dict[Keys, dict[Keys, float]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    groups: int = 0
    _heads: dict[str, int] = field(default_factory=dict)

    @classmethod
    def load(cls, paths: Iterable[Path]) -> Lexicon:
        """Read the files that exist, later ones adding to earlier ones. Never raises for bad content."""
        entries: dict[Keys, dict[Keys, float]] = {}
        problems: list[Problem] = []
        count = 0
        for path in paths:
            if not path.exists():
                continue
            document = read(path)
            problems += document.problems
            for says, means, weight in _rows(document, problems):
                count += 1
                _add(entries, says, means, weight)
                if says is not means:
                    _add(entries, means, says, weight * REVERSE)
        return cls(entries, tuple(problems), count, _longest(entries))

    def words(self) -> set[Keys]:
        """Return every phrase that says or means something, without marks of negation."""
        found = {*self.entries, *(mean for means in self.entries.values() for mean in means)}
        return {tuple(key.rstrip("!") for key in keys) for keys in found}

    def matches(self, said: Sequence[Word]) -> list[Match]:
        """Return the longest phrase that starts at each word, and single words inside longer phrases."""
        found: list[Match] = []
        reach = 0
        for start, word in enumerate(said):
            longest = max(self._heads.get(word.key, 0), self._heads.get(word.key + "!", 0))
            if not longest:
                continue
            if longest == 1 and not word.negated:
                match = Match(start, start + 1, (word.key,)) if (word.key,) in self.entries else None
            else:
                match = self._longest_from(said, start, longest)
            if match and match.end > reach:
                found.append(match)
                reach = match.end
            if not word.negated and (match is None or match.end - match.start > 1 or match.end < reach):
                single = (word.key,)
                if single in self.entries:
                    found.append(Match(start, start + 1, single, inner=True))
        return found

    def _longest_from(self, said: Sequence[Word], start: int, longest: int) -> Match | None:
        best: Match | None = None
        paths: list[Keys] = [()]
        for position in range(start, min(len(said), start + longest + 2)):
            word = said[position]
            grown = [(*keys, key) for keys in paths for key in _forms(word) if len(keys) < longest]
            for keys in grown:
                if keys in self.entries:
                    best = Match(start, position + 1, keys)
            paths = grown + paths if word.weight == 0.0 and position > start else grown
            if not paths:
                break
        return best


def _forms(word: Word) -> tuple[str, ...]:
    return (word.key, word.key + "!") if word.negated else (word.key,)


def phrase(text: str) -> Keys:
    """Return a phrase of the lexicon as keys; () if nothing of it can be compared."""
    return tuple(w.key + "!" if w.negated else w.key for w in words(fold(clean(text))))[:MAX_PHRASE]


def _longest(entries: dict[Keys, dict[Keys, float]]) -> dict[str, int]:
    heads: dict[str, int] = {}
    for keys in entries:
        heads[keys[0]] = max(heads.get(keys[0], 0), len(keys))
    return heads


def _add(
    entries: dict[Keys, dict[Keys, float]], says: Sequence[Keys], means: Sequence[Keys], weight: float
) -> None:
    for say in says:
        target = entries.setdefault(say, {})
        for mean in means:
            if mean != say:
                target[mean] = max(weight, target.get(mean, 0.0))


def _rows(document: Document, problems: list[Problem]) -> Iterator[tuple[list[Keys], list[Keys], float]]:
    rows = document.data
    if rows is None or rows == "":
        return
    if not isinstance(rows, list):
        message = "「- 」で始まる一覧で書いてください。"
        problems.append(Problem(document.file, 1, "shape", message))
        return
    for index, row in enumerate(rows):
        line = document.line((index,))
        try:
            notes: list[str] = []
            yield _row(row, notes)
            problems += [Problem(document.file, line, "lexicon-word", note, "warning") for note in notes]
        except ValueError as error:
            problems.append(Problem(document.file, line, "lexicon", str(error)))


def _row(row: Any, notes: list[str]) -> tuple[list[Keys], list[Keys], float]:
    if not isinstance(row, dict):
        raise ValueError(  # noqa: TRY004 (reported as a problem of the file)
            "「{say: […], means: […]}」か「{same: […]}」の形で書いてください。"
        )
    unknown = sorted(set(row) - {"say", "means", "same", "weight"})
    if unknown:
        raise ValueError(f"「{unknown[0]}」という項目はありません。say・means・same・weight だけです。")
    if ("same" in row) == ("say" in row or "means" in row):
        raise ValueError("say と means の両方か、same だけを書いてください。")
    weight = _weight(row.get("weight"))
    if "same" in row:
        same = _phrases(row["same"], "same", notes)
        if len(same) < 2:
            raise ValueError("same には 2 つ以上のことばを書いてください。")
        return same, same, weight
    return _phrases(row.get("say"), "say", notes), _phrases(row.get("means"), "means", notes), weight


def _weight(raw: Any) -> float:
    if raw is None:
        return DEFAULT_WEIGHT
    try:
        weight = float(raw)
    except (TypeError, ValueError):
        weight = 0.0
    if not 0.1 <= weight <= 1.0:
        raise ValueError("weight は 0.1 から 1.0 までの数で書いてください。")
    return weight


def _phrases(raw: Any, name: str, notes: list[str]) -> list[Keys]:
    """Return phrases as keys; one that cannot be used is left out with a note, all of them is an error."""
    if (
        not isinstance(raw, list)
        or not raw
        or not all(isinstance(item, str) and item.strip() for item in raw)
    ):
        raise ValueError(f"{name} には、ことばの一覧を書いてください（例: {name}: [手数料, 料金]）。")
    keys = []
    for item in raw:
        found = phrase(item)
        if not found:
            notes.append(
                f"「{item}」には比べられることばがないので、使われません。ほかのことばにしてください。"
            )
        elif len(found) == 1 and found[0] in ASKING:
            notes.append(
                f"「{item}」はどの質問にも出ることばなので、使われません。もっと長く書いてください。"
            )
        else:
            keys.append(found)
    if not keys:
        raise ValueError(notes[-1])
    return keys
