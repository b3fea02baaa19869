"""What the language modules share: their data, the letters of the scripts, folding of marks."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any, Final

from ruamel.yaml import YAML

SCRIPTS: Final = {
    "kana": "\u3041-\u309f\u30a0-\u30ff\u31f0-\u31ff",
    "han": "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff",
    "latin": "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u1d00-\u1d65\u1e00-\u1eff\u2c60-\u2c7f",
    "hangul": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3",
    "thai": "\u0e01-\u0e4e",
    "cyrillic": "\u0400-\u052f",
    "greek": "\u0370-\u03ff",
    "arabic": "\u0600-\u06ff\u0750-\u077f",
    "hebrew": "\u0590-\u05ff",
    "devanagari": "\u0900-\u097f",
    "bengali": "\u0980-\u09ff",
    "gurmukhi": "\u0a00-\u0a7f",
    "tamil": "\u0b80-\u0bff",
    "telugu": "\u0c00-\u0c7f",
    "sinhala": "\u0d80-\u0dff",
    "lao": "\u0e80-\u0eff",
    "tibetan": "\u0f00-\u0fff",
    "myanmar": "\u1000-\u109f",
    "khmer": "\u1780-\u17ff",
    "mongolian": "\u1800-\u18af",
    "georgian": "\u10a0-\u10ff",
    "armenian": "\u0530-\u058f",
    "ethiopic": "\u1200-\u137f",
}
"""Characters of each script, as inside the brackets of a regular expression."""

SCRIPT: Final = re.compile("|".join(f"(?P<{name}>[{chars}]+)" for name, chars in SCRIPTS.items()))
CJK: Final = re.compile(f"[{SCRIPTS['kana']}{SCRIPTS['han']}]+")
WORD: Final = re.compile(f"[{SCRIPTS['latin']}]+")
_MARKS: Final = re.compile("[\u0300-\u036f]+")


@cache
def data() -> dict[str, Any]:
    """Return `language_data.yaml` as it is written."""
    loaded: dict[str, Any] = YAML(typ="safe").load(
        (files("intents") / "language_data.yaml").read_text("utf-8")
    )
    return loaded


def unmarked(text: str) -> str:
    """Return `text` with the accents of its Latin letters taken off; kana keep their voiced marks."""
    if text.isascii():
        return text
    bare = _MARKS.sub("", unicodedata.normalize("NFD", text).replace("đ", "d"))
    return unicodedata.normalize("NFC", bare)
