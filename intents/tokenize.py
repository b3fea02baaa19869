"""Sudachi, one dictionary a process and one tokenizer a thread.

A `Token` keeps what the dictionary says: the normalized form (引越し → 引っ越し), reading, part of speech and
synonym groups.  Function words are told from content words by part of speech.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from sudachipy import Dictionary, Morpheme, SplitMode, Tokenizer

Mode = Literal["A", "C"]
_MODES = {"A": SplitMode.A, "C": SplitMode.C}
_local = threading.local()
MAX_BYTES = 40_000
"""Sudachi takes at most 49,149 bytes of UTF-8 at once."""


@dataclass(frozen=True, slots=True)
class Token:
    """One morpheme. `start`, `end`: characters of the tokenized text."""

    surface: str
    normalized: str
    dictionary: str
    reading: str
    pos: tuple[str, ...]
    synonyms: tuple[int, ...]
    start: int
    end: int

    @property
    def content(self) -> bool:
        """Whether the token carries meaning of its own (noun, verb, adjective, number ...)."""
        return is_content(self.pos)


@lru_cache(maxsize=4096)
def is_content(pos: tuple[str, ...]) -> bool:
    """Return whether a part of speech carries meaning of its own."""
    head = pos[0]
    if head in ("助詞", "助動詞", "補助記号", "空白", "記号", "感動詞", "接続詞"):
        return False
    if head == "接尾辞":
        return True
    return not (head in ("動詞", "形容詞") and pos[1] == "非自立可能" and pos[5] == "*")


@lru_cache(maxsize=1)
def dictionary() -> Dictionary:
    """Return the process's Sudachi dictionary (core), loaded at the first call."""
    return Dictionary(dict="core")


def _tokenizer() -> Tokenizer:
    tokenizer: Tokenizer | None = getattr(_local, "tokenizer", None)
    if tokenizer is None:
        tokenizer = _local.tokenizer = dictionary().tokenizer()
    return tokenizer


def morphemes(text: str, mode: Mode = "A") -> list[Morpheme]:
    """Return Sudachi's morphemes of `text`; longer texts are cut at `MAX_BYTES` of UTF-8."""
    if len(text) * 4 > MAX_BYTES:
        text = text.encode("utf-8", "ignore")[:MAX_BYTES].decode("utf-8", "ignore")
    return list(_tokenizer().tokenize(text, _MODES[mode]))


def tokens(text: str, mode: Mode = "A") -> list[Token]:
    """Return the tokens of `text` in split mode `mode`."""
    return [
        Token(
            m.surface(), m.normalized_form(), m.dictionary_form(), m.reading_form(),
            tuple(m.part_of_speech()), tuple(m.synonym_group_ids()), m.begin(), m.end(),
        )
        for m in morphemes(text, mode)
    ]  # fmt: skip
