"""The lexicon: matching, and rows that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from intents.japanese import words
from intents.lexicon import DEFAULT_WEIGHT, REVERSE, Lexicon, phrase
from intents.normalize import fold


def lexicon(tmp_path: Path, text: str) -> Lexicon:
    path = tmp_path / "synonyms.yaml"
    path.write_text(text, encoding="utf-8")
    return Lexicon.load([path, tmp_path / "none.yaml"])


def meant(lex: Lexicon, text: str) -> set[str]:
    return {"".join(keys) for match in lex.matches(words(fold(text))) for keys in lex.entries[match.say]}


def test_one_way_and_two_way(tmp_path: Path) -> None:
    lex = lexicon(tmp_path, "- {say: [いくら], means: [手数料]}\n- {same: [転居, 引っ越し], weight: 1.0}\n")
    assert lex.groups == 2
    assert lex.problems == ()
    assert meant(lex, "いくらですか") == {"手数料"}
    assert lex.entries["手数", "料"]["幾ら",] == pytest.approx(DEFAULT_WEIGHT * REVERSE)
    assert "引っ越し" in meant(lex, "転居した")
    assert "転居" in meant(lex, "引越しをした")


def test_inflected_forms_are_found(tmp_path: Path) -> None:
    lex = lexicon(tmp_path, "- {say: [失くす], means: [紛失]}\n")
    assert meant(lex, "財布を失くしました") == {"紛失"}


def test_negation_is_told_apart(tmp_path: Path) -> None:
    lex = lexicon(tmp_path, "- {say: [払えない], means: [猶予]}\n- {say: [払う], means: [納付]}\n")
    assert meant(lex, "税金が払えない") == {"猶予"}
    assert meant(lex, "税金を払いたい") == {"納付"}


def test_particles_tell_phrases_apart(tmp_path: Path) -> None:
    lex = lexicon(tmp_path, "- {say: [いつまで], means: [期限]}\n- {say: [いつから], means: [開始]}\n")
    assert meant(lex, "いつまでに出しますか") == {"期限"}
    assert meant(lex, "いつから始まる") == {"開始"}


def test_the_longest_phrase_is_told_from_words_inside(tmp_path: Path) -> None:
    lex = lexicon(tmp_path, "- {say: [金], means: [通貨]}\n- {say: [金をもらう], means: [給付]}\n")
    found = {(match.say, match.inner) for match in lex.matches(words("お金をもらう"))}
    assert found == {(("金", "貰う"), False), (("金",), True)}


@pytest.mark.parametrize(
    "row",
    [
        "- {say: [いくら]}",
        "- {same: [転居]}",
        "- {same: [転居, 引っ越し], weight: 3}",
        "- {same: [転居, 引っ越し], weight: heavy}",
        "- {say: [いくら], means: [手数料], note: x}",
        "- {say: いくら, means: [手数料]}",
        "- {say: [、。], means: [手数料]}",
        "- いくら",
    ],
)
def test_a_wrong_row_is_a_problem_and_left_out(tmp_path: Path, row: str) -> None:
    lex = lexicon(tmp_path, f"- {{same: [転居, 引っ越し]}}\n{row}\n")
    assert [(p.line, p.code) for p in lex.problems] == [(2, "lexicon")]
    assert lex.groups == 1


@pytest.mark.parametrize("text", ["", "a: b", "- [", "- &a x\n- *a\n"])
def test_a_broken_file_never_raises(tmp_path: Path, text: str) -> None:
    lex = lexicon(tmp_path, text)
    assert lex.groups == 0
    assert bool(lex.problems) == bool(text)


def test_a_word_of_every_question_is_left_out_with_a_warning(tmp_path: Path) -> None:
    lex = lexicon(tmp_path, "- {say: [する, いくら], means: [手数料]}\n")
    assert [(p.line, p.code, p.severity) for p in lex.problems] == [(1, "lexicon-word", "warning")]
    assert meant(lex, "いくらにする") == {"手数料"}


def test_phrases_are_dictionary_words() -> None:
    assert phrase("失くした") == ("無くす",)
    assert phrase("。。") == ()
