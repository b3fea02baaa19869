"""Time and memory of one decision, beside the usual ways, in one run.

    .venv/bin/python bench/speed.py [--sizes 200 1786 20000 100000] [--markdown docs/speed.md]

For each number of asks, in a process of its own: Sudachi's tokenising of the questions alone (the floor), the
whole decision (`Understander.decide`), `rapidfuzz.process.extract` over the asks as strings, and BM25 of the
rank-bm25 library over the asks as words.  The knowledge is the one that ships, blown up with asks put
together from halves of its own; the questions are its gold questions, or asks of its own.
"""

from __future__ import annotations

import argparse
import dataclasses
import multiprocessing
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rank_bm25 import BM25Okapi
from rapidfuzz import fuzz, process

sys.path.insert(0, str(Path(__file__).parent.parent))

from intents.japanese import words
from intents.normalize import clean, fold
from intents.tokenize import morphemes
from intents.understand import Understander
from knowledge.gold import load_gold
from knowledge.loader import CONTENT, load
from knowledge.models import Entry, Knowledge

QUESTIONS = 200
SLOW_QUESTIONS = 10
ASKS_PER_ENTRY = 5
ROUNDS = 3


@dataclasses.dataclass
class Row:
    """What was measured at one size. Times in microseconds (median), `build` in seconds, `memory` in MB."""

    asks: int
    entries: int
    tokenising: float
    decision: float
    decision_p99: float
    rapidfuzz: float
    bm25: float
    build: float
    memory: float


def blown_up(knowledge: Knowledge, asks: int) -> Knowledge:
    """Return a knowledge of about `asks` Japanese asks: entries of the given one, cut or multiplied."""
    chance = random.Random(7)
    known = list(knowledge.entries.values())
    said = [text for entry in known for text in entry.asks["ja"]]
    entries: dict[str, Entry] = {}
    count = 0
    while count < asks:
        model = known[len(entries) % len(known)]
        if len(entries) < len(known):
            texts = model.asks["ja"][: max(1, asks - count)]
        else:
            texts = [_mixed(chance, said) for _ in range(min(ASKS_PER_ENTRY, asks - count))]
        name = model.id if len(entries) < len(known) else f"bench.e{len(entries)}"
        entries[name] = model.model_copy(
            update={"id": name, "asks": {"ja": texts}, "title": {"ja": texts[0]}}
        )
        count += len(texts)
    return dataclasses.replace(knowledge, entries=entries)


def _mixed(chance: random.Random, said: Sequence[str]) -> str:
    first, second = chance.choice(said), chance.choice(said)
    return first[: len(first) // 2 + 1] + second[len(second) // 2 :] + str(chance.randrange(100))


def median(call: Callable[[str], object], questions: Sequence[str], share: float = 0.5) -> float:
    """Return the median (or another share) over the questions of the best of some rounds, in µs."""
    best = []
    for question in questions:
        times = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            call(question)
            times.append(time.perf_counter() - started)
        best.append(min(times))
    best.sort()
    return best[min(len(best) - 1, int(len(best) * share))] * 1e6


def measure(asks: int) -> Row:
    """Measure one size; run in a process of its own, so that memory is this size's."""
    knowledge, _ = load(CONTENT)
    gold = [question.text for question in load_gold().questions if question.lang in (None, "ja")]
    questions = gold or [entry.asks["ja"][-1] for entry in knowledge.entries.values()]
    questions = random.Random(1).sample(questions, min(QUESTIONS, len(questions)))
    large = blown_up(knowledge, asks)
    for question in questions:
        morphemes(fold(clean(question)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    understander = Understander.build(large)
    built = time.perf_counter() - started
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    for question in questions:
        understander.decide(question)
    tokenising = median(lambda text: morphemes(fold(clean(text))), questions)
    decision = median(understander.decide, questions)
    slowest = median(understander.decide, questions, 0.99)
    said = [text for entry in large.entries.values() for text in entry.asks["ja"]]
    few = questions[:SLOW_QUESTIONS]
    fuzzy = median(lambda text: process.extract(text, said, scorer=fuzz.token_set_ratio, limit=5), few)
    library = BM25Okapi([[word.key for word in words(fold(clean(text)))] or ["-"] for text in said])
    bm25 = median(lambda text: library.get_scores([word.key for word in words(fold(clean(text)))]), few)
    return Row(len(said), len(large.entries), tokenising, decision, slowest, fuzzy, bm25, built, memory)


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table with the growth from the second to the last."""
    times = ("tokenising", "decision", "× tokenising", "p99", "rapidfuzz", "rank-bm25")
    names = ("asks", "entries", *times, "build", "memory")
    lines = ["| " + " | ".join(names) + " |", "| ---: " * len(names) + "|"]
    lines += [
        f"| {r.asks:,} | {r.entries:,} | {r.tokenising:.0f} µs | {r.decision:.0f} µs | "
        f"{r.decision / r.tokenising:.1f} | {r.decision_p99:.0f} µs | {r.rapidfuzz / 1000:.2f} ms | "
        f"{r.bm25 / 1000:.2f} ms | {r.build:.1f} s | {r.memory:.0f} MB |"
        for r in rows
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure every size and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 1786, 20_000, 100_000])
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args()
    rows = []
    for size in options.sizes:
        print(f"{size:,} asks …", file=sys.stderr, flush=True)
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            rows.append(pool.apply(measure, (size,)))
        print(table(rows[-1:]).splitlines()[-1], file=sys.stderr, flush=True)
    text = table(rows)
    print(text)
    if options.markdown:
        options.markdown.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
