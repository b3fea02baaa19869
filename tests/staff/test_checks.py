"""The deep checks: each finds its mistake at its line, and nothing in a folder without one."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

import pytest

from bot.staff.checks import coverage_table, deep_check
from knowledge.easy import WORDS, lint, load_words
from knowledge.loader import load
from knowledge.located import locate
from knowledge.problems import KnowledgeError
from knowledge.review import expired
from knowledge.translations import FILE, made_from, read_record, record_translations
from tests.staff.folder import LOST, PLACE, TODAY, clean, codes, deep, line_of, spoil


def test_a_good_folder_has_no_problems(tmp_path: Path) -> None:
    assert [str(problem) for problem in deep(clean(tmp_path))] == []


def test_a_folder_with_errors_is_left_to_the_first_check(tmp_path: Path) -> None:
    (clean(tmp_path) / "mynumber/bad.yaml").write_text("- id: [\n", encoding="utf-8")
    assert deep_check(tmp_path, TODAY) == []


# code → (what to replace, by what, text of the line that is named)
END = "review_by: 2027-03-31\n\n#"
OWNER = "  owner: municipality\n  source: {name: 市町公式}"
AGAIN = "    - title: {ja: また}\n      url: https://www.kojinbango-card.go.jp/\n"
KANJI = "市役所（しやくしょ）印鑑証明（いんかんしょうめい）戸籍謄本窓口料金表（こせき）"
SPOILED = {
    "review-expired": (f"2026-10-02\n  {END}", "2024-10-02\n  review_by: 2026-11-20\n\n#", "by: 2026-11-20"),
    "review-soon": (END, "review_by: 2026-12-10\n\n#", "review_by: 2026-12-10"),
    "checked-future": ("checked: 2026-10-02", "checked: 2026-11-22", "checked: 2026-11-22"),
    "link-twice": (OWNER, AGAIN + OWNER, "    - title: {ja: また}"),
    "link-in-answer": ("1. 電話する", "1. https://www.pref.tochigi.lg.jp/ を見る", "を見る"),
    "link-scheme": ("1. 電話する", "1. ftp://www.pref.tochigi.lg.jp/ を見る", "を見る"),
    "title-same": ("en: Lost,", "en: Where,", "窓口の場所"),
    "too-long": ("1. 電話する", "とても長い案内です。" * 395, "まず電話で止めます。"),
    "easy-word": ("カードを とめます。", "申請（しんせい）します。", "申請"),
    "easy-reading": ("電話（でんわ）で カードを", "電話で カードを", "電話で カードを"),
    "easy-long": ("カードを とめます。", f"カードを{'とめてから、' * 8}とめます。", "とめてから"),
    "easy-kanji": ("カードを とめます。", KANJI * 2, "印鑑証明"),
}


@pytest.mark.parametrize("code", SPOILED)
def test_a_mistake_is_named_at_its_line(tmp_path: Path, code: str) -> None:
    old, new, named = SPOILED[code]
    spoil(clean(tmp_path), old, new)
    knowledge, _ = load(tmp_path)
    record_translations(tmp_path, knowledge, list(knowledge.entries))
    problems = [problem for problem in deep(tmp_path) if problem.code == code]
    assert [problem.file.name for problem in problems] == ["a.yaml"]
    off = 1 if code == "link-twice" else 0
    assert problems[0].line == line_of(tmp_path, named) + off
    assert problems[0].severity == ("error" if code == "link-scheme" else "warning")
    assert str(problems[0]).startswith(f"{tmp_path}/mynumber/a.yaml:{problems[0].line}: ")


def test_the_last_day_of_review_is_still_good(tmp_path: Path) -> None:
    entry = load(clean(tmp_path))[0].entries["mynumber.lost"]
    assert not expired(entry, date(2027, 3, 31))
    assert expired(entry, date(2027, 4, 1))


# --- translations ---------------------------------------------------------------------------------------


def test_a_changed_japanese_makes_every_translation_stale_until_recorded(tmp_path: Path) -> None:
    spoil(clean(tmp_path), "まず電話で止めます。", "まずアプリで止めます。")
    problems = deep(tmp_path)
    assert codes(problems) == ["stale"] * 5
    assert [problem.line for problem in problems][:2] == [
        line_of(tmp_path, "電話（でんわ）で"), line_of(tmp_path, "Call first."),
    ]  # fmt: skip
    knowledge, _ = load(tmp_path)
    assert record_translations(tmp_path, knowledge, ["mynumber.lost"], ["en"]) == 1
    assert codes(deep(tmp_path)) == ["stale"] * 4
    record_translations(tmp_path, knowledge, ["mynumber.lost"])
    assert deep(tmp_path) == []


def test_white_space_and_other_languages_make_nothing_stale(tmp_path: Path) -> None:
    spoil(clean(tmp_path), "まず電話で止めます。\n\n", "まず 電話で止めます。\n")
    spoil(tmp_path, "Call first.", "Please call first.")
    assert deep(tmp_path) == []


def test_a_title_alone_grows_old_with_the_title_only(tmp_path: Path) -> None:
    entry = load(clean(tmp_path, LOST.replace("    en: |\n      Call first.\n", "")))[0].entries[
        "mynumber.lost"
    ]
    other = entry.model_copy(update={"answer": {**entry.answer, "ja": "ちがう答え"}})
    retitled = entry.model_copy(update={"title": {**entry.title, "ja": "ちがう題"}})
    assert made_from(entry, "en") == made_from(other, "en") != made_from(retitled, "en")
    assert made_from(entry, "zh") != made_from(other, "zh")


def test_what_was_never_recorded_is_said(tmp_path: Path) -> None:
    assert set(codes(deep(clean(tmp_path, recorded=False)))) == {"translation-unrecorded"}


def test_missing_languages_by_area(tmp_path: Path) -> None:
    clean(
        tmp_path, LOST.replace("    zh: |\n      请先打电话。\n", "") + PLACE.replace(", es: Dónde está", "")
    )
    found = [problem for problem in deep(tmp_path) if problem.code == "language-missing"]
    assert sorted((p.line, p.message.split(" ")[0]) for p in found) == [
        (line_of(tmp_path, "まず電話で") - 2, "zh"), (line_of(tmp_path, "窓口の場所"), "es"),
    ]  # fmt: skip


def test_other_areas_need_only_titles(tmp_path: Path) -> None:
    text = PLACE.replace("mynumber.office", "tourism.office").replace(
        PLACE.split("answer: ")[1].split("\n")[0], "{ja: 市役所です。}"
    )
    clean(tmp_path)
    (tmp_path / "tourism").mkdir()
    (tmp_path / "tourism/a.yaml").write_text(text, encoding="utf-8")
    assert "language-missing" not in codes(deep(tmp_path))
    (tmp_path / "tourism/a.yaml").write_text(text.replace(", es: Dónde está", ""), encoding="utf-8")
    found = [problem for problem in deep(tmp_path) if problem.code == "language-missing"]
    assert [problem.file.parent.name for problem in found] == ["tourism"]


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1}', '{"a": {"en": 2}}', "<<<<<<< HEAD\n"])
def test_a_broken_record_is_named_and_not_written_over(tmp_path: Path, text: str) -> None:
    clean(tmp_path)
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    assert codes(deep(tmp_path)) == ["translations-file"]
    with pytest.raises(ValueError, match="訳の記録"):
        record_translations(tmp_path, load(tmp_path)[0], ["mynumber.lost"])
    assert (tmp_path / FILE).read_text(encoding="utf-8") == text


def test_the_record_has_one_line_an_entry_and_forgets_what_is_gone(tmp_path: Path) -> None:
    clean(tmp_path)
    assert len((tmp_path / FILE).read_text(encoding="utf-8").splitlines()) == 4
    (tmp_path / "mynumber/a.yaml").write_text(LOST, encoding="utf-8")
    record_translations(tmp_path, load(tmp_path)[0], [])
    assert set(read_record(tmp_path)[0]) == {"mynumber.lost"}


def test_the_record_changes_no_answer(tmp_path: Path) -> None:
    before = load(clean(tmp_path, recorded=False))[0].digest
    clean(tmp_path)
    assert (tmp_path / FILE).is_file()
    assert load(tmp_path)[0].digest == before


# --- easy Japanese --------------------------------------------------------------------------------------


def test_a_reading_holds_for_the_rest_of_the_text() -> None:
    assert lint("電話（でんわ）を します。\n電話は 1日に 3回（かい）です。") == []
    assert [finding.below for finding in lint("電話（でんわ）を します。\n市役所です。")] == [1]


def test_a_longer_hard_word_is_named_alone() -> None:
    assert [
        finding.message.split("」")[0] for finding in lint("さいはっこう。再発行（さいはっこう）します。")
    ] == ["「再発行"]


def test_a_list_of_words_with_mistakes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "words.yaml"
    path.write_text("申請: もうしこむ\n際: とき\n", encoding="utf-8")
    with pytest.raises(KnowledgeError) as caught:
        load_words(path)
    assert [(problem.line, problem.code) for problem in caught.value.problems] == [(2, "easy-words")]
    assert len(load_words(WORDS)) > 100


def test_no_simpler_saying_holds_a_hard_word() -> None:
    words = load_words(WORDS)
    assert {word: lint_words(simpler) for word, simpler in words.items() if lint_words(simpler)} == {}


def lint_words(text: str) -> list[str]:
    return [finding.message for finding in lint(text) if finding.code == "easy-word"]


# --- collisions -----------------------------------------------------------------------------------------

TWIN = """\
- id: mynumber.stop
  title: {ja: カードの停止, easy: カードを とめる, en: Stop, zh: 停, pt: Parar, es: Parar ya}
  asks:
    ja:
      - カードを止める
      - カードを落としたよ
  answer: {ja: 止めます。, easy: とめます。, en: Stop it., zh: 停。, pt: Pare., es: Pare ya.}
  owner: municipality
  source: {name: 市町公式}
  checked: 2026-10-02
  review_by: 2027-03-31
"""


def test_a_collision_names_both_places(tmp_path: Path) -> None:
    clean(tmp_path, LOST + PLACE + TWIN)
    found = [problem for problem in deep(tmp_path) if problem.code == "collision"]
    assert [problem.line for problem in found] == [line_of(tmp_path, "カードを落とした  #")]
    other = line_of(tmp_path, "カードを落としたよ")
    assert (
        f"「mynumber.stop」の「カードを落としたよ」（{tmp_path}/mynumber/a.yaml:{other}）" in found[0].message
    )


@pytest.mark.parametrize("side", ["lost", "stop"])
def test_a_collision_may_be_explained_on_either_side(tmp_path: Path, side: str) -> None:
    remark = "  # 似た質問: mynumber.{} 落としたのか止めたいのかの違い\n"
    text = LOST + PLACE + TWIN
    if side == "stop":
        text += remark.format("lost")
    else:
        text = text.replace(
            "  phones: [mynumber.free]\n", remark.format("stop") + "  phones: [mynumber.free]\n"
        )
    assert "collision" not in codes(deep(clean(tmp_path, text)))


def test_a_remark_without_reason_explains_nothing(tmp_path: Path) -> None:
    clean(tmp_path, LOST + PLACE + TWIN + "  # 似た質問: mynumber.lost\n")
    assert "collision" in codes(deep(tmp_path))


def test_the_same_ask_twice_is_lost_for_one_of_them(tmp_path: Path) -> None:
    clean(tmp_path, LOST + PLACE + TWIN.replace("カードを落としたよ", "カードを落とした"))
    problems = [problem for problem in deep(tmp_path) if problem.code in ("ask-lost", "collision")]
    assert problems
    places = {problem.line for problem in problems}
    assert places & {
        line_of(tmp_path, "カードを落とした  #"),
        line_of(tmp_path, "- カードを落とした\n".strip()),
    }
    assert any("カードを落とした" in problem.message for problem in problems)


def test_an_ask_that_says_nothing_is_lost(tmp_path: Path) -> None:
    clean(tmp_path)
    spoil(tmp_path, "[市役所の窓口はどこですか]", "[市役所の窓口はどこですか, 「？」]")
    found = [problem for problem in deep(tmp_path) if problem.code == "ask-lost"]
    assert [(problem.line, problem.severity) for problem in found] == [
        (line_of(tmp_path, "市役所の窓口はどこですか"), "error")
    ]


# --- gold questions -------------------------------------------------------------------------------------


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def test_gold_questions_that_change_since_the_last_version(tmp_path: Path) -> None:
    root = clean(tmp_path / "content")
    (tmp_path / "gold").mkdir()
    (tmp_path / "gold/mynumber.yaml").write_text(
        "mynumber.lost:\n  - カードを落としてしまった\nmynumber.gone:\n  - どこかへ行った\n", encoding="utf-8"
    )
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "x")
    assert [(p.code, p.line, p.severity) for p in deep(root)] == [("gold-entry", 4, "error")]
    spoil(root, "- カードを落とした  #", "- カードの紛失  #")
    spoil(root, "[市役所の窓口はどこですか]", "[市役所の窓口はどこですか, カードを落としてしまった]")
    found = [problem for problem in deep(root) if problem.code == "gold-changed"]
    assert [(p.file.name, p.line, p.severity) for p in found] == [("mynumber.yaml", 2, "warning")]
    assert "mynumber.lost → mynumber.office" in found[0].message


def test_outside_git_nothing_is_compared(tmp_path: Path) -> None:
    root = clean(tmp_path / "content")
    (tmp_path / "gold").mkdir()
    (tmp_path / "gold/mynumber.yaml").write_text(
        "mynumber.lost:\n  - カードを落としてしまった\n", encoding="utf-8"
    )
    assert deep(root) == []


# --- the table and the places ---------------------------------------------------------------------------


def test_the_table_counts_what_the_rule_wants(tmp_path: Path) -> None:
    clean(tmp_path, LOST + PLACE.replace(", es: Dónde está", ""))
    rows = {line.split()[0]: line.split() for line in coverage_table(tmp_path).splitlines()}
    assert rows["mynumber"][2:] == ["2", "2", "2", "2", "2", "2", "1", "(-1)", "12"]
    assert rows["medical"][2:4] == ["0", "0"]
    assert rows["すべて"][1] == "2"


def test_every_entry_has_its_place(tmp_path: Path) -> None:
    clean(tmp_path)
    knowledge, _ = load(tmp_path)
    places = locate(knowledge)
    assert list(places) == list(knowledge.entries)
    for key, place in places.items():
        assert (place.document.file, place.line("id")) == knowledge.where[key]
        assert place.lines()[0].startswith(f"- id: {key}")
