"""Names of medical specialities, divided and in one spelling."""

from __future__ import annotations

import re

from knowledge.opendata.text import fold

_SPELLING = (
    ("ひ尿器", "泌尿器"),
    ("こう門", "肛門"),
    ("耳鼻いんこう", "耳鼻咽喉"),
    ("皮ふ", "皮膚"),
    ("皮フ", "皮膚"),
)
_DIVIDER = re.compile(r"[;:,、|/\n]+")
_HALF_WIDTH_DOT = "･"
_REMARK = re.compile(r"\([^()]{0,20}\)$")
_PARTLY = {
    "糖尿病",
    "内分泌",
    "代謝",
    "呼吸器",
    "消化器",
    "循環器",
    "腎臓",
    "血液",
    "乳腺",
    "脂質",
    "感染症",
    "高血圧",
}
"""What stands before a ・ inside one name (糖尿病・代謝内科)."""
_GENERAL = {"歯科一般": "歯科", "一般歯科": "歯科", "内科一般": "内科", "一般内科": "内科"}
DENTAL = re.compile(r"歯|矯正|口腔")


def speciality(name: str) -> str:
    """Return one name in the spelling that places are stored with (ひ尿器科 → 泌尿器科, 歯科一般 → 歯科)."""
    folded = _REMARK.sub("", fold(name).replace(" ", "").strip("・.。"))
    for old, new in _SPELLING:
        folded = folded.replace(old, new)
    return _GENERAL.get(folded, folded)


def split_specialities(text: str) -> frozenset[str]:
    """Divide a cell at `;` and at the other signs that offices use; a ・ divides only complete names."""
    parts = _DIVIDER.split(fold(text.replace(_HALF_WIDTH_DOT, ";").replace("\n", ";")))
    return frozenset(name for part in parts for piece in _pieces(part) if (name := speciality(piece)))


def _pieces(part: str) -> list[str]:
    pieces = [piece.strip() for piece in part.split("・")]
    whole = all(piece.endswith("科") for piece in pieces) and not set(pieces) & _PARTLY
    return pieces if whole else [part.strip()]


def is_dental(specialities: frozenset[str]) -> bool:
    """Return whether all specialities are a dentist's."""
    return bool(specialities) and all(DENTAL.search(name) for name in specialities)
