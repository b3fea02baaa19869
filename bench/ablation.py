"""What each part of the ranking brings: leave it out, measure again.

    .venv/bin/python bench/ablation.py CORPUS QUERIES JUDGEMENTS [--markdown docs/ablation.md]

BEIR-style files as for `tochimado evaluate`; beside them the knowledge's own gold questions.  The interval of
a difference is the paired bootstrap's 95 % over the queries.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from intents import hearing, japanese, search, understand
from intents.evaluate import index, measures, read_corpus, read_judgements
from intents.hearing import Weights
from intents.index import Field
from intents.language import detect
from intents.lexicon import BUILT_IN, Lexicon
from intents.query import read_query
from intents.variants import Variants
from knowledge.gold import load_gold
from knowledge.loader import CONTENT, load

Part = tuple[str, Weights, bool, Callable[[], Any]]
"""Name, weights, whether the lexicon is used, and a context in which the part is missing."""


@contextmanager
def _replaced(module: Any, name: str, value: Any) -> Iterator[None]:
    old = getattr(module, name)
    setattr(module, name, value)
    japanese._known.clear()
    japanese._pos_weight.cache_clear()
    try:
        yield
    finally:
        setattr(module, name, old)
        japanese._known.clear()
        japanese._pos_weight.cache_clear()


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def parts() -> list[Part]:
    """Return what is left out, one at a time."""
    whole = Weights()
    even = dict.fromkeys(japanese._HEADS, 1.0)
    bare = Weights(
        lexicon=0.0, synonyms=0.0, neighbours=0.0, pieces=0.0, sound=0.0, alike=0.0, asked=0.0, held=0.0
    )
    return [
        ("everything", whole, True, _nothing),
        ("without the lexicon", Weights(lexicon=0.0), False, _nothing),
        ("without Sudachi's synonym groups", Weights(synonyms=0.0), True, _nothing),
        ("without close neighbours", Weights(neighbours=0.0), True, _nothing),
        ("without likeness to single asks", Weights(alike=0.0, asked=0.0), True, _nothing),
        ("without what the whole entry explains", Weights(held=0.0), True, _nothing),
        ("without pieces of the text", Weights(pieces=0.0), True, _nothing),
        ("without the sound of kana", Weights(sound=0.0), True, _nothing),
        ("words of asking weigh as others", whole, True, lambda: _replaced(japanese, "ASKING", frozenset())),
        ("all parts of speech weigh the same", whole, True, lambda: _replaced(japanese, "_HEADS", even)),
        (
            "the answer counts nothing",
            whole,
            True,
            lambda: _replaced(search, "FIELDS", (Field(1.0, 0.5), Field(0.0, 0.75))),
        ),
        (
            "without kana, romaji and typo variants",
            whole,
            True,
            lambda: _replaced(Variants, "of", lambda self, query: iter(())),
        ),
        ("words alone", bare, False, _nothing),
    ]


def benchmark(
    corpus: Mapping[str, str],
    queries: Mapping[str, str],
    judgements: Mapping[str, Mapping[str, int]],
    weights: Weights,
    lexicon: Lexicon,
) -> NDArray[np.float64]:
    """Return nDCG@10 and recall@10 per query. Shape: (queries, 2)."""
    found = index(corpus, lexicon, weights=weights)
    ids = list(corpus)
    rows = []
    for key, text in queries.items():
        if any(grade > 0 for grade in judgements.get(key, {}).values()):
            hits = found.find(read_query(text, "ja"), 10)
            rows.append(measures([ids[hit.row] for hit in hits], judgements[key])[:2])
    return np.array(rows)


def gold(weights: Weights, lexicon: Lexicon) -> NDArray[np.float64]:
    """Return, per gold question, whether the right entry is first and among three. Shape: (questions, 2)."""
    knowledge, _ = load(CONTENT)
    with _replaced(hearing, "Weights", lambda: weights), _replaced(search, "Weights", lambda: weights):
        built = understand.Understander.build(knowledge, lexicon)
    rows = []
    for question in load_gold().questions:
        lang = question.lang or detect(question.text, "ja").lang or "ja"
        ids = [candidate.entry_id for candidate in built.rank(question.text, 3, lang)]
        rows.append((ids[:1] == [question.entry], question.entry in ids))
    return np.array(rows, np.float64).reshape(-1, 2)


def interval(difference: NDArray[np.float64]) -> tuple[float, float]:
    """Return the 95 % interval of the mean of paired differences (bootstrap)."""
    chance = np.random.default_rng(0)
    size = len(difference)
    means = [difference[chance.integers(0, size, size)].mean() for _ in range(2000)]
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)


def table(rows: Sequence[tuple[str, NDArray[np.float64], NDArray[np.float64]]]) -> str:
    """Return the table as Markdown; differences are to the first row."""
    lines = ["| | nDCG@10 | change (95 %) | recall@10 | gold first | gold in three |", "| --- " * 6 + "|"]
    whole = rows[0][1]
    for name, scores, asked in rows:
        change = ""
        if scores is not whole:
            low, high = interval(scores[:, 0] - whole[:, 0])
            change = f"{(scores[:, 0] - whole[:, 0]).mean():+.3f} ({low:+.3f} to {high:+.3f})"
        first, three = asked.mean(axis=0) if len(asked) else (float("nan"), float("nan"))
        lines.append(
            f"| {name} | {scores[:, 0].mean():.4f} | {change} | {scores[:, 1].mean():.4f} | "
            f"{first:.3f} | {three:.3f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure every part and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("queries", type=Path)
    parser.add_argument("judgements", type=Path)
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args()
    corpus = read_corpus(options.corpus)
    queries = json.loads(options.queries.read_text(encoding="utf-8"))
    judgements = read_judgements(options.judgements)
    lexicon = Lexicon.load([BUILT_IN])
    rows = []
    for name, weights, with_lexicon, without in parts():
        print(name, "…", file=sys.stderr, flush=True)
        with without():
            used = lexicon if with_lexicon else Lexicon()
            rows.append((name, benchmark(corpus, queries, judgements, weights, used), gold(weights, used)))
    text = table(rows)
    print(text)
    if options.markdown:
        options.markdown.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
