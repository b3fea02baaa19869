"""The measures of a ranking, and the files they are read from."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from intents.evaluate import evaluate, measures, parts, read_corpus, read_judgements
from intents.lexicon import Lexicon


def test_measures_by_hand() -> None:
    ndcg, recall, rank, hit1, hit3 = measures(["x", "b", "a"], {"a": 2, "b": 1, "c": 0, "d": 1})
    ideal = 2 + 1 / math.log2(3) + 1 / math.log2(4)
    assert ndcg == pytest.approx((1 / math.log2(3) + 2 / math.log2(4)) / ideal)
    assert recall == pytest.approx(2 / 3)
    assert (rank, hit1, hit3) == (0.5, 0.0, 1.0)


def test_only_ten_count() -> None:
    found = [f"x{number}" for number in range(10)] + ["a"]
    assert measures(found, {"a": 1}) == (0.0, 0.0, 0.0, 0.0, 0.0)


def test_perfect_ranking_is_one() -> None:
    assert measures(["a", "b"], {"a": 2, "b": 1})[:2] == (1.0, 1.0)


def test_parts_with_and_without_marks() -> None:
    assert parts("Question: 何時から？\nAnswer: 9時です。\n続き") == ("何時から？", "9時です。\n続き")
    assert parts("何時から？\n9時です。") == ("何時から？", "9時です。")
    assert parts("何時から？") == ("何時から？", "")


def test_evaluate_finds_what_is_there() -> None:
    corpus = {
        "1": "Question: 図書館の開館時間\nAnswer: 9時から19時です。",
        "2": "Question: 犬の登録\nAnswer: 窓口へ届けてください。",
        "3": "Question: 旅券の申請\nAnswer: 写真が要ります。",
    }
    queries = {"a": "図書館は何時から開いていますか", "b": "犬を登録したい", "c": "判定なし"}
    report = evaluate(corpus, queries, {"a": {"1": 2}, "b": {"2": 1}}, Lexicon())
    assert (report.queries, report.documents) == (2, 3)
    assert (report.ndcg, report.recall, report.hit1) == (1.0, 1.0, 1.0)
    assert report.as_json()["ndcg@10"] == 1.0
    assert any("nDCG@10 1.0000" in line for line in report.lines())


def test_nothing_judged_is_said() -> None:
    with pytest.raises(ValueError, match="judgement"):
        evaluate({"1": "a"}, {"q": "a"}, {"q": {"1": 0}}, Lexicon())


@pytest.mark.parametrize("content", ["[]", "{", '{"1": 3}', "\ufeff"])
def test_a_wrong_corpus_names_the_file(tmp_path: Path, content: str) -> None:
    path = tmp_path / "corpus.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=r"corpus\.json"):
        read_corpus(path)


def test_corpus_of_objects_and_wrong_judgements(tmp_path: Path) -> None:
    path = tmp_path / "corpus.json"
    path.write_text(json.dumps({"1": {"title": "題", "text": "文"}}), encoding="utf-8")
    assert read_corpus(path) == {"1": "題\n文"}
    wrong = tmp_path / "qrels.json"
    wrong.write_text('{"q": {"1": "high"}}', encoding="utf-8")
    with pytest.raises(ValueError, match=r"qrels\.json"):
        read_judgements(wrong)
