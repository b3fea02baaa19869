"""Learn the weights of the ranking from asks alone: hide some, ask them, and see which entry comes first.

    .venv/bin/python bench/learn.py [--rounds 1]     prints the loss for every weight, lower and higher

One ask in five is hidden from the index, by a hash of its text, and asked.  The loss is that of a logistic
choice among the entries found (`Hit.score`).  A weight is good where a quarter less or more brings
nothing.  Gold questions are not looked at.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import sys
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from intents.hearing import Weights
from intents.lexicon import BUILT_IN, Lexicon
from intents.query import Query
from intents.search import Search
from intents.understand import Understander, document
from knowledge.loader import CONTENT, load
from knowledge.models import Entry, Lang

FOLDS = 5
LEARNT = ("words", "pieces", "sound", "alike", "asked", "held", "lexicon", "synonyms", "neighbours")
STEP = 1.25
NOT_FOUND = 8.0
"""The loss where the entry is not among those found."""
LEAST = 0.0005
"""Change of the loss that counts."""

Asked = list[tuple[Query, int]]


def hidden(entries: list[Entry], fold: int) -> tuple[list[Entry], list[tuple[str, Lang, int]]]:
    """Return the entries without the asks of `fold`, and those asks with the number of their entry."""
    left: list[Entry] = []
    taken: list[tuple[str, Lang, int]] = []
    for number, entry in enumerate(entries):
        kept: dict[Lang, list[str]] = {}
        for lang, texts in entry.asks.items():
            out = [text for text in texts if zlib.crc32(text.encode()) % FOLDS == fold]
            rest = [text for text in texts if text not in out]
            if rest:
                taken += [(text, lang, number) for text in out]
            kept[lang] = rest or texts
        left.append(entry.model_copy(update={"asks": kept}))
    return left, taken


def loss(search: Search, asked: Asked, weights: Weights) -> tuple[float, float]:
    """Return the mean loss and the share of asks whose entry comes first."""
    search.use(weights)
    total = first = 0.0
    for query, row in asked:
        hits = search.find(query)
        best = {hit.row: hit.score for hit in hits}
        first += bool(hits) and hits[0].row == row
        if row in best:
            top = hits[0].score
            total += top - best[row] + math.log(sum(math.exp(hit.score - top) for hit in hits))
        else:
            total += NOT_FOUND
    return total / len(asked), first / len(asked)


def main() -> None:
    """Print what every weight brings, changed by a quarter; with more rounds, go on from the better ones."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--fold", type=int, default=0)
    parser.add_argument("--content", type=Path, default=CONTENT)
    options = parser.parse_args()
    knowledge, _ = load(options.content)
    entries, taken = hidden(list(knowledge.entries.values()), options.fold)
    lexicon = Lexicon.load([BUILT_IN])
    reader = Understander.build(dataclasses.replace(knowledge, entries={e.id: e for e in entries}), lexicon)
    asked = [(reader.read(text, lang)[0], number) for text, lang, number in taken]
    search = Search([document(entry) for entry in entries], lexicon)
    weights = Weights()
    best, first = loss(search, asked, weights)
    print(f"{len(asked)} hidden asks: loss {best:.4f}, first {first:.3f}", flush=True)
    for _ in range(options.rounds):
        for name in LEARNT:
            tried = {}
            for factor in (1 / STEP, STEP):
                other = dataclasses.replace(weights, **{name: getattr(weights, name) * factor})
                tried[factor] = (*loss(search, asked, other), other)
            least = min(tried.values(), key=lambda found: found[0])
            mark = ""
            if least[0] < best - LEAST:
                best, _, weights = least
                mark = f"  -> {getattr(weights, name):.3f}"
            print(
                name,
                "  ".join(f"x{factor:.2f}: {found[0]:.4f} {found[1]:.3f}" for factor, found in tried.items()),
                mark,
                flush=True,
            )


if __name__ == "__main__":
    main()
