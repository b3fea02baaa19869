"""Masks what nobody should have typed, before anything is written anywhere.

Long runs of digits (My Number, cards, accounts, telephones) and mail addresses.  Short public numbers such
as 119 or #7119 stay, since they say what the question is about.
"""

from __future__ import annotations

import re
import unicodedata

_DIGITS = re.compile(r"\d(?:[ \-‐-―−ー・.]?\d){6,30}")
_MAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
MASK = "〔伏せました〕"


def mask(text: str) -> str:
    """Return `text` with secrets replaced by `MASK`."""
    folded = unicodedata.normalize("NFKC", text)
    return _MAIL.sub(MASK, _DIGITS.sub(MASK, folded))
