"""Cleaning what residents type, and folding it for matching.

`clean` removes what nobody means to say (control and zero-width characters, lone surrogates, tags);
its result is shown and stored.  `fold` makes equal what readers take as equal (width, case, dashes, long
runs of one letter); its result is only compared.  Both are linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata

MAX_LENGTH = 2000
"""Characters of an utterance that are looked at; the rest of a longer one is dropped."""

# Cc controls, Cf formats (zero-width, bidirectional, tag characters), Cs surrogates, Co private, Cn none.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_ODD = re.compile("[\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5\u2800\ufe00-\ufe0f]")
_SPACE = re.compile(r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_NEWLINES = re.compile(r"\s*\n\s*")
_REPEAT = re.compile(r"(.)\1{3,}", re.DOTALL)
_PUNCTUATION = re.compile(r"[\s、。，．,.!?！？…・「」『』()（）'\"”“’]+")
_DASHES = re.compile("[‐‑‒–—―−﹣－]")
HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
"""Katakana → hiragana."""


def clean(text: str) -> str:
    """Return `text` without invisible characters, blanks joined, at most `MAX_LENGTH` characters."""
    if len(text) <= MAX_LENGTH and text.isprintable() and "  " not in text and not _ODD.search(text):
        return text.strip()  # the only blank that is printable is that of ASCII
    text = text[: MAX_LENGTH * 4]
    if not _plain(text):
        text = "".join(_kept(char) for char in text)
    text = _NEWLINES.sub("\n", _SPACE.sub(" ", text)).strip()
    return text[:MAX_LENGTH]


def _plain(text: str) -> bool:
    """Return whether nothing in `text` is invisible. Printable: letters, signs and the blank."""
    return text.replace("\n", "").isprintable() and not _ODD.search(text)


def _kept(char: str) -> str:
    if char in "\n\t":
        return char
    if char in "\r\v\f\u2028\u2029\u0085":
        return "\n"
    if unicodedata.category(char) in _INVISIBLE or _ODD.match(char):
        return ""
    return char


def fold(text: str) -> str:
    """Return `text` for comparing: NFKC, lower case, one kind of dash, runs of one letter cut to three."""
    folded = _DASHES.sub("-", unicodedata.normalize("NFKC", text).lower())
    if not _plain(folded):
        # NFKC may bring back a combining mark or an invisible character hidden in a compatibility form.
        folded = "".join(
            char for char in folded if unicodedata.category(char) not in _INVISIBLE or char in "\n\t"
        )
    return _REPEAT.sub(_three, folded)


def _three(run: re.Match[str]) -> str:
    return run[1] * 3


def bare(folded: str) -> str:
    """Return folded text without blanks and punctuation, for finding the very same words."""
    return _PUNCTUATION.sub("", folded)


def hiragana(text: str) -> str:
    """Return `text` with katakana as hiragana; the long mark stays."""
    return text.translate(HIRAGANA)
