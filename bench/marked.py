"""Questions whose answers tell which question they answer, so that each answer can be put to its event."""

from __future__ import annotations

from pathlib import Path

from knowledge.loader import CONTENT
from tests.knowledge.folders import entry, make

THINGS = (
    "きりん",
    "ペンギン", "かぶとむし", "ひまわり", "たんぽぽ", "さくらんぼ", "じゃがいも", "のこぎり", "えんぴつ",
    "バイオリン", "トランペット", "ピアノ", "ヘリコプター", "スケートボード", "望遠鏡", "顕微鏡", "万華鏡",
    "風鈴", "提灯", "羅針盤", "砂時計", "竹馬", "紙風船", "けん玉",
)  # fmt: skip
"""What nobody asks a prefecture about: no other entry and no lexicon knows these."""


def question(mark: int) -> str:
    """Return the question whose answer carries `mark`."""
    return THINGS[mark]


def marked_knowledge(root: Path) -> Path:
    """Write a content folder with one entry for each question and return it."""
    entries = [
        entry(f"thing{mark}", ask=thing, answer=f"受付は mark-{mark} です。").replace(
            f"{{ja: thing{mark}のとき", f"{{ja: {thing}のとき"
        )
        for mark, thing in enumerate(THINGS)
    ]
    phones = (CONTENT / "phones.yaml").read_text(encoding="utf-8")  # what is said in danger needs them
    return make(root, {"mynumber/a.yaml": "".join(entries)}, phones=phones)
