"""Measure the ranking that answers residents on BEIR-style files.

Corpus: id → text (or id → {title, text}); queries: id → text; judgements: query id → {document id: grade}.
nDCG is the one of trec_eval and BEIR: the grade itself is the gain, discounted by log2(rank + 1).
"""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from intents.hearing import Weights
from intents.index import Progress
from intents.japanese import words
from intents.kana import spoken
from intents.lexicon import BUILT_IN, Lexicon
from intents.normalize import clean, fold
from intents.query import read_query
from intents.search import Document, Search, as_document

DEPTH = 10
_PARTS = re.compile(r"\s*Question:\s*(.*?)\s*\n\s*Answer:\s*(.*)", re.DOTALL)

Judgements = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Report:
    """Means over the judged queries at depth 10; times per query in milliseconds; `build` in seconds."""

    queries: int
    documents: int
    ndcg: float
    recall: float
    mrr: float
    hit1: float
    hit3: float
    p50_ms: float
    p99_ms: float
    build_s: float

    def as_json(self) -> dict[str, float | int]:
        """Return the report as a JSON object with the names the field uses."""
        names = {"ndcg": "ndcg@10", "recall": "recall@10", "hit1": "hit@1", "hit3": "hit@3"}
        return {names.get(key, key): round(value, 4) for key, value in asdict(self).items()}

    def lines(self) -> Iterator[str]:
        """Yield the report for people."""
        yield f"{self.queries} queries, {self.documents} documents"
        yield f"nDCG@10 {self.ndcg:.4f}   recall@10 {self.recall:.4f}   MRR {self.mrr:.4f}"
        yield f"hit@1 {self.hit1:.4f}   hit@3 {self.hit3:.4f}"
        yield f"per query: p50 {self.p50_ms:.3f} ms, p99 {self.p99_ms:.3f} ms; index in {self.build_s:.1f} s"


def read_corpus(path: Path) -> dict[str, str]:
    """Read a corpus. Raises `ValueError` naming the file if it has another form."""
    return {key: _text(value, path, key) for key, value in _mapping(path).items()}


def _text(value: Any, path: Path, key: str) -> str:
    if isinstance(value, Mapping):
        return "\n".join(str(value[name]) for name in ("title", "text") if value.get(name))
    if isinstance(value, str):
        return value
    raise ValueError(f"{path}: document {key} is neither a text nor an object with a text")


def read_judgements(path: Path) -> dict[str, dict[str, int]]:
    """Read judgements. Raises `ValueError` naming the file if they have another form."""
    try:
        return {
            key: {doc: int(grade) for doc, grade in grades.items()} for key, grades in _mapping(path).items()
        }
    except (AttributeError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: expected query id to document id to grade") from error


def _mapping(path: Path) -> dict[str, Any]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path}: cannot be read as JSON") from error
    if not isinstance(rows, dict):
        raise ValueError(f"{path}: expected a JSON object")  # noqa: TRY004 (the file is wrong, not a type)
    return rows


def parts(text: str) -> tuple[str, str]:
    """Return (question, answer) of a document; without the marks the first line is the question."""
    marked = _PARTS.fullmatch(text)
    if marked:
        return marked.group(1), marked.group(2)
    question, _, answer = text.strip().partition("\n")
    return question, answer


def index(
    corpus: Mapping[str, str],
    lexicon: Lexicon | None = None,
    progress: Progress | None = None,
    weights: Weights | None = None,
) -> Search:
    """Index a corpus as if each document were an entry of the knowledge with one ask."""
    documents: list[Document] = []
    for number, text in enumerate(corpus.values()):
        question, answer = (fold(clean(part)) for part in parts(text))
        documents.append(as_document([words(question)], [words(answer)], [spoken(question)], [question]))
        if progress:
            progress(number + 1, len(corpus))
    return Search(documents, Lexicon.load([BUILT_IN]) if lexicon is None else lexicon, weights=weights)


def evaluate(
    corpus: Mapping[str, str],
    queries: Mapping[str, str],
    judgements: Judgements,
    lexicon: Lexicon | None = None,
    progress: Progress | None = None,
    weights: Weights | None = None,
) -> Report:
    """Index `corpus`, ask all judged `queries`, and measure. Raises `ValueError` if none is judged."""
    judged = [key for key in queries if any(grade > 0 for grade in judgements.get(key, {}).values())]
    if not judged:
        raise ValueError("no query has a judgement above 0")
    started = time.perf_counter()
    search = index(corpus, lexicon, progress, weights)
    built = time.perf_counter() - started
    ids = list(corpus)
    times: list[float] = []
    figures: list[tuple[float, ...]] = []
    for key in judged:
        before = time.perf_counter()
        hits = search.find(read_query(queries[key], "ja"), DEPTH)
        times.append(time.perf_counter() - before)
        figures.append(measures([ids[hit.row] for hit in hits], judgements[key]))
    ndcg, recall, mrr, hit1, hit3 = (sum(column) / len(figures) for column in zip(*figures, strict=True))
    times.sort()
    p50, p99 = (times[min(len(times) - 1, int(len(times) * share))] * 1000.0 for share in (0.5, 0.99))
    return Report(len(judged), len(corpus), ndcg, recall, mrr, hit1, hit3, p50, p99, built)


def measures(found: Sequence[str], grades: Mapping[str, int]) -> tuple[float, float, float, float, float]:
    """Return nDCG@10, recall@10, reciprocal rank, hit@1 and hit@3 of one ranking."""
    gains = [max(grades.get(doc, 0), 0) for doc in found[:DEPTH]]
    ideal = sorted((grade for grade in grades.values() if grade > 0), reverse=True)
    ndcg = _discounted(gains) / _discounted(ideal[:DEPTH])
    recall = sum(gain > 0 for gain in gains) / len(ideal)
    first = next((rank for rank, gain in enumerate(gains, 1) if gain > 0), 0)
    return ndcg, recall, 1.0 / first if first else 0.0, float(first == 1), float(1 <= first <= 3)


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))
