"""What reading a row may look up: names of municipalities, and what the caller said of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from knowledge.opendata.problems import BadValue
from knowledge.opendata.values import municipality_code

PREFECTURES = (
    "北海道", "青森県", "岩手県", "宮城県", "秋田県", "山形県", "福島県", "茨城県", "栃木県", "群馬県",
    "埼玉県", "千葉県", "東京都", "神奈川県", "新潟県", "富山県", "石川県", "福井県", "山梨県", "長野県",
    "岐阜県", "静岡県", "愛知県", "三重県", "滋賀県", "京都府", "大阪府", "兵庫県", "奈良県", "和歌山県",
    "鳥取県", "島根県", "岡山県", "広島県", "山口県", "徳島県", "香川県", "愛媛県", "高知県", "福岡県",
    "佐賀県", "長崎県", "熊本県", "大分県", "宮崎県", "鹿児島県", "沖縄県",
)  # fmt: skip
"""In the order of their codes, from 01."""


def prefecture_of(address: str) -> str:
    """Return the prefecture that `address` begins with, or an empty text."""
    return next((name for name in PREFECTURES if address.startswith(name)), "")


class Municipalities:
    """Finds the municipality of an address. `codes`: name (小山市) → code of five or six digits."""

    def __init__(self, codes: Mapping[str, str]):
        self._codes = {name: municipality_code(code) for name, code in codes.items()}
        self._names = sorted(self._codes, key=len, reverse=True)

    def __bool__(self) -> bool:
        return bool(self._codes)

    @property
    def prefectures(self) -> frozenset[str]:
        """The two digits of the prefectures that these are in."""
        return frozenset(code[:2] for code in self._codes.values())

    def of_address(self, address: str) -> str | None:
        """Return the code of the municipality at the beginning of `address`, after prefecture and 郡.

        栃木県小山市 is not 栃木市; 福岡県那珂川市 is not 那珂川町: a name counts only in its own prefecture.
        """
        prefecture = prefecture_of(address)
        rest = address[len(prefecture) :]
        county, found, after = rest.partition("郡")
        tails = [rest, after] if found and 1 <= len(county) <= 4 else [rest]
        for name in self._names:
            code = self._codes[name]
            if prefecture and PREFECTURES[int(code[:2]) - 1] != prefecture:
                continue
            if any(tail.startswith(name) for tail in tails):
                return code
        return None


def code_or_none(text: str) -> str | None:
    """Return the six-digit code of a municipality; None for a prefecture's or an unreadable one."""
    try:
        code = municipality_code(text)
    except BadValue:
        return None
    return None if code[2:5] == "000" else code


@dataclass(slots=True)
class HoursSheet:
    """The 診療科・診療時間票 of one facility: its specialities, and (speciality, day) → times."""

    specialities: set[str] = field(default_factory=set)
    times: dict[tuple[str, str], set[tuple[int, int]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """What holds for a whole file. `hours`: by facility id, the 診療科・診療時間票 read with it.

    `source` and `credit` empty: the body that each row names is the source, of a list called `title`.
    """

    municipalities: Municipalities
    source: str
    credit: str
    licence: str
    checked: date | None
    title: str = ""
    hours: Mapping[str, HoursSheet] = field(default_factory=dict)
