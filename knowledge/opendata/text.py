"""Text of cells: one spelling for widths, dashes and spaces."""

from __future__ import annotations

import re
import unicodedata

_CIRCLED = dict.fromkeys((*range(9312, 9332), *range(10102, 10112)), " ")
"""① … ⑳ and ❶ … ❿: list marks, which NFKC would turn into digits of the time that follows."""
_WAVES = dict.fromkeys(map(ord, "〜～∼˜⁓"), "~")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－₋⁻─━"), "-")
_TABLE = {**_CIRCLED, **_WAVES, **_DASHES}
_DIGIT_BAR = re.compile(r"(?<=\d)[ー一](?=\d)")
_CP932_TWINS = str.maketrans({"〜": "～", "−": "－", "—": "―", "‖": "∥"})
"""Signs that come back from CP932 as another code point: an edition in UTF-8 must give the same text."""
_BLANK = {
    "",
    "-",
    "--",
    "ー",
    "―",
    "なし",
    "無し",
    "特になし",
    "特に無し",
    "該当なし",
    "n/a",
    "null",
    "none",
    "nan",
}


def fold(text: str) -> str:
    """Return `text` in half width, with `~` and `-` for their many forms and single spaces."""
    text = text.translate(_TABLE).replace("(改行)", " ").replace("（改行）", " ")
    return " ".join(unicodedata.normalize("NFKC", text).split())


def tidy(text: str) -> str:
    """Return `text` as it was typed, with single spaces and none at the ends."""
    return " ".join(text.translate(_CP932_TWINS).replace("（改行）", " ").split())


def is_blank(text: str) -> bool:
    """Return whether `text` is one of the ways to write that there is nothing."""
    return fold(text).lower() in _BLANK


def address(text: str) -> str:
    """Return an address in half width, its numbers joined with `-`."""
    return _DIGIT_BAR.sub("-", fold(text)).strip(" ,、。")
