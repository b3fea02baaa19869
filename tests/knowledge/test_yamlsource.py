"""YAML is read as typed text, with lines, and refuses what would surprise its author."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.yamlsource import MAX_BYTES, Document, parse, read


def parsed(text: str | bytes) -> Document:
    raw = text.encode() if isinstance(text, str) else text
    return parse(raw, Document(Path("x.yaml")))


def found(text: str | bytes) -> list[tuple[int, str]]:
    return [(problem.line, problem.code) for problem in parsed(text).problems]


def test_scalars_stay_what_was_typed() -> None:
    document = parsed("a: no\nb: 0120\nc: 12:30\nd: 2024-12-02\ne: 1e3\nf: ~\ng: '#7119'\n")
    assert document.problems == []
    assert document.data == {
        "a": "no", "b": "0120", "c": "12:30", "d": "2024-12-02", "e": "1e3", "f": "~", "g": "#7119",
    }  # fmt: skip


def test_lines_of_nested_values() -> None:
    document = parsed("# comment\n- id: a\n  title:\n    ja: x\n- id: b\n")
    assert document.line((0, "title", "ja")) == 4
    assert document.line((1, "id")) == 5
    assert document.line((0, "title", "missing")) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\n\tb: 2\n", [(2, "tab")]),
        ("a: &x 1\nb: *x\n", [(1, "anchor")]),
        ("<<: {a: 1}\n", [(1, "merge")]),
        ("a: 1\nb: 2\na: 3\n", [(3, "duplicate-key")]),
        ("a: !!python/object:os.system x\n", [(1, "tag")]),
        ("a: [1, 2\nb: 3\n", [(2, "syntax")]),
        ("a: 1\n---\nb: 2\n", [(2, "documents")]),
        ("? [a]\n: 1\n", [(1, "key")]),
        (b"a: 1\nb: \xff\n", [(2, "encoding")]),
        (b"x" * (MAX_BYTES + 1), [(1, "too-large")]),
    ],
)
def test_mistakes_are_named_with_their_line(text: str | bytes, expected: list[tuple[int, str]]) -> None:
    assert found(text) == expected


def test_an_alias_bomb_is_one_cheap_problem() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
    )
    document = parsed(bomb)
    assert [(p.line, p.code) for p in document.problems] == [(1, "anchor")]
    assert document.data is None


def test_depth_is_bounded() -> None:
    assert (1, "depth") in found("[" * 60 + "]" * 60)
    assert found("[" * 5000 + "]" * 5000)


def test_empty_files_and_byte_order_marks_are_fine() -> None:
    assert parsed("").data is None
    assert parsed("# nothing yet\n").problems == []
    assert parsed(b"\xef\xbb\xbfa: 1\n").data == {"a": "1"}


def test_an_unreadable_file_is_a_problem(tmp_path: Path) -> None:
    document = read(tmp_path / "missing.yaml")
    assert [problem.code for problem in document.problems] == ["unreadable"]


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "ignore")))
def test_nothing_raises(raw: bytes) -> None:
    document = parsed(raw)
    assert all(problem.line >= 1 for problem in document.problems)
