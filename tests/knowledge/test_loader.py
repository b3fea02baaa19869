"""A content folder is loaded whole, and every mistake is named with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.loader import fingerprint, load, load_valid
from knowledge.problems import KnowledgeError
from knowledge.snapshot import read_snapshot, write_snapshot
from tests.knowledge.folders import entry, make


def found(root: Path) -> list[tuple[str, int, str]]:
    return [(problem.file.name, problem.line, problem.code) for problem in load(root)[1]]


def test_a_valid_folder(tmp_path: Path) -> None:
    knowledge, problems = load(make(tmp_path))
    assert problems == []
    assert knowledge.entries["mynumber.lost"].title["ja"] == "lostのとき"
    assert knowledge.phones["mynumber.free"].number == "0120-95-0178"
    assert knowledge.where["mynumber.lost"] == (tmp_path / "mynumber/a.yaml", 1)


def test_a_folder_of_no_area_is_an_error_that_says_how_an_area_is_made(tmp_path: Path) -> None:
    sports = entry("gym").replace("mynumber.gym", "sports.gym")
    root = make(tmp_path, {"mynumber/a.yaml": entry("lost"), "sports/a.yaml": sports})
    knowledge, problems = load(root)
    assert list(knowledge.entries) == ["mynumber.lost"]
    assert [(p.file, p.line, p.code, p.severity) for p in problems] == [
        (root / "sports/a.yaml", 1, "unknown-area", "error")
    ]
    for part in ("sports", "medical", "AREAS", "areas.yaml", "6 言語"):
        assert part in problems[0].message
    (root / "sports").rename(root / "medikal")
    assert "「medical」ではありませんか" in load(root)[1][0].message
    with pytest.raises(KnowledgeError):
        load_valid(root)


def test_the_terms_of_the_open_data_stand_in_one_file(tmp_path: Path) -> None:
    root = make(tmp_path)
    assert load(root)[0].opendata.licence.name == "CC BY 4.0"
    path = root / "opendata.yaml"
    path.write_text(
        "licence:\n  name: PDL 1.0\n  url: https://www.digital.go.jp/pdl\npublisher: municipality\n",
        encoding="utf-8",
    )
    knowledge, problems = load(root)
    assert (knowledge.opendata.licence.name, problems) == ("PDL 1.0", [])
    write_snapshot(tmp_path / "kept.json", knowledge)
    kept = read_snapshot(tmp_path / "kept.json")
    assert kept is not None
    assert kept.opendata == knowledge.opendata
    path.write_text("licence:\n  url: none\npublisher: municipality\n", encoding="utf-8")
    assert found(root) == [("opendata.yaml", 2, "value")]
    path.write_text("publisher: nobody\n", encoding="utf-8")
    assert found(root) == [("opendata.yaml", 1, "unknown-owner")]


TEN = {
    "unknown-key": (entry("a") + "  titel: x\n", 12),
    "duplicate-id": (entry("lost"), 1),
    "duplicate-key": (entry("b") + "  owner: municipality\n", 12),
    "missing": (entry("c").replace("  answer:\n    ja: |\n      電話で止めます。\n", ""), 1),
    "unknown-phone": (entry("d") + "  phones: [mynumber.fre]\n", 12),
    "number-outside-registry": (entry("e", answer="電話は 0120-11-2233 です。"), 7),
    "date": (entry("f").replace("2024-12-02", "2024-13-02"), 10),
    "dangling-next": (entry("g") + "  next:\n    - mynumber.nowhere\n", 13),
    "anchor": ("- &a [x]\n- [*a, *a, *a]\n", 1),
    "tab": ("- id: mynumber.h\n\ttitle: x\n", 2),
}


@pytest.mark.parametrize("code", TEN)
def test_one_mistake_one_line(tmp_path: Path, code: str) -> None:
    text, line = TEN[code]
    make(tmp_path, {"mynumber/a.yaml": entry("lost"), "mynumber/bad.yaml": text})
    assert found(tmp_path) == [("bad.yaml", line, code)]


def test_ten_mistakes_ten_lines(tmp_path: Path) -> None:
    files = {f"mynumber/m{number}.yaml": text for number, (text, _) in enumerate(TEN.values())}
    make(tmp_path, {"mynumber/a.yaml": entry("lost"), **files})
    problems = load(tmp_path)[1]
    assert sorted(problem.code for problem in problems) == sorted(TEN)
    for problem in problems:
        assert str(problem).startswith(f"{problem.file}:{problem.line}: error[{problem.code}] ")


def test_an_invalid_entry_does_not_make_references_to_it_dangle(tmp_path: Path) -> None:
    make(
        tmp_path,
        {"mynumber/a.yaml": entry("a", extra="  next: [mynumber.b]\n") + entry("b") + "  colour: red\n"},
    )
    assert [code for _, _, code in found(tmp_path)] == ["unknown-key"]


def test_registries_are_checked_too(tmp_path: Path) -> None:
    make(
        tmp_path,
        counters="municipality:\n  kind: municipality\n  name: {ja: 市町}\n  phone: nobody\n",
        areas="mynumber:\n  title: {ja: x}\n  entries: [mynumber.nothing]\nsports:\n  title: {ja: y}\n",
    )
    assert [(name, code) for name, _, code in found(tmp_path)] == [
        ("areas.yaml", "dangling-entry"), ("areas.yaml", "unknown-area"), ("counters.yaml", "unknown-phone"),
    ]  # fmt: skip


def test_an_entry_in_the_wrong_folder(tmp_path: Path) -> None:
    make(tmp_path, {"mynumber/a.yaml": entry("lost"), "medical/b.yaml": entry("b")})
    assert found(tmp_path) == [("b.yaml", 1, "area")]


def test_a_missing_folder_and_an_empty_one_say_so(tmp_path: Path) -> None:
    assert [p.code for p in load(tmp_path / "nowhere")[1]] == ["no-folder"]
    assert "empty" in [p.code for p in load(make(tmp_path, {}))[1]]


def test_full_width_numbers_are_seen(tmp_path: Path) -> None:
    make(tmp_path, {"mynumber/a.yaml": entry("a", answer="電話０１２０－１１－２２３３へ。")})
    assert [code for _, _, code in found(tmp_path)] == ["number-outside-registry"]


def test_load_valid_raises_with_all_problems(tmp_path: Path) -> None:
    make(tmp_path, {"mynumber/a.yaml": entry("a") + "  x: y\n  z: y\n"})
    with pytest.raises(KnowledgeError) as caught:
        load_valid(tmp_path)
    assert len(caught.value.problems) == 2


def test_the_fingerprint_follows_edits(tmp_path: Path) -> None:
    make(tmp_path)
    before = fingerprint(tmp_path)
    (tmp_path / "mynumber/a.yaml").write_text(entry("other"), encoding="utf-8")
    assert fingerprint(tmp_path) != before


def test_snapshots_give_back_the_same_knowledge(tmp_path: Path) -> None:
    knowledge, _ = load(make(tmp_path / "content"))
    write_snapshot(tmp_path / "kept.json", knowledge)
    assert read_snapshot(tmp_path / "kept.json") == knowledge
    (tmp_path / "kept.json").write_text("{", encoding="utf-8")
    assert read_snapshot(tmp_path / "kept.json") is None
    assert read_snapshot(tmp_path / "missing.json") is None
