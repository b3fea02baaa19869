"""A small content folder that the deep checks find nothing in, and pieces to spoil it with."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from bot.staff.checks import deep_check
from knowledge.loader import load
from knowledge.models import LANGS
from knowledge.problems import Problem
from knowledge.translations import record_translations
from tests.knowledge.folders import make

TODAY = date(2026, 11, 21)

LOST = """\
# yaml-language-server: $schema=../../schema/entries.json
# 分野の先頭のコメント
- id: mynumber.lost  # 行末のコメント
  title: {ja: カードをなくした, easy: カードを なくした, en: Lost, zh: 丢失卡, pt: Perdi, es: Perdí}
  asks:
    ja:
      - カードをなくした
      - カードを落とした  # よく聞かれる
    en:
      - I lost my card
  answer:
    ja: |
      まず電話で止めます。

      1. 電話する
    # 訳は 2024 年に見直した
    easy: |
      電話（でんわ）で カードを とめます。
    en: |
      Call first.
    zh: |
      请先打电话。
    pt: |
      Ligue primeiro.
    es: |
      Llame primero.
  phones: [mynumber.free]
  links:
    - title: {ja: 総合サイト, en: Official site}
      url: https://www.kojinbango-card.go.jp/
  owner: municipality
  source: {name: 市町公式}
  checked: 2026-10-02
  review_by: 2027-03-31

# 次の項目の前のコメント
"""
PLACE = """\
- id: mynumber.office
  title: {ja: 窓口の場所, easy: まどぐちは どこ, en: Where, zh: 窗口在哪里, pt: Onde, es: Dónde está}
  asks:
    ja: [市役所の窓口はどこですか]
    en: [where is the counter]
  answer: {ja: 市役所です。, easy: やくしょです。, en: City hall., zh: 市政府。, pt: Prefeitura., es: Aquí.}
  owner: municipality
  source: {name: 市町公式, url: "https://www.pref.tochigi.lg.jp/"}
  checked: "2026-10-02"
  review_by: 2027-03-31
"""


def clean(root: Path, text: str = LOST + PLACE, *, recorded: bool = True) -> Path:
    """Write the folder and return it."""
    make(root, {"mynumber/a.yaml": text})
    knowledge, problems = load(root)
    assert problems == []
    if recorded:
        record_translations(root, knowledge, list(knowledge.entries), LANGS)
    return root


def spoil(root: Path, old: str, new: str) -> Path:
    """Replace `old` in the folder's entries, which must hold it."""
    path = root / "mynumber/a.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return root


def deep(root: Path, today: date = TODAY) -> list[Problem]:
    """Return what the deep check finds; the folder must be free of errors of syntax."""
    assert [problem for problem in load(root)[1] if problem.severity == "error"] == []
    return deep_check(root, today)


def codes(problems: list[Problem]) -> list[str]:
    """Return the codes of `problems`."""
    return [problem.code for problem in problems]


def line_of(root: Path, text: str) -> int:
    """Return the line of the entries' file that holds `text`."""
    lines = (root / "mynumber/a.yaml").read_text(encoding="utf-8").splitlines()
    return 1 + next(number for number, line in enumerate(lines) if text in line)


def copy(root: Path, to: Path) -> Path:
    """Return a copy of a folder."""
    shutil.copytree(root, to)
    return to
