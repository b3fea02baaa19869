"""Masks what nobody should have typed, before anything is written anywhere.

My Numbers, cards, accounts, telephone numbers, mail and postal addresses, in any width, with blanks,
dashes or invisible characters between.  Short public numbers (119, #7119) stay: they say what is asked about.
The check digit of a My Number is no gate: a slip of the pen is as private as the number itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from intents.normalize import clean

Kind = Literal["number", "mail", "address"]
MASKS: dict[Kind, str] = {"number": "〔番号〕", "mail": "〔メール〕", "address": "〔住所〕"}
SHORTEST = 7
"""Digits from which a run is taken for a private number."""

POSTAL_DIGITS = 7

_POSTAL = re.compile(r"(?:〒|郵便番号(?:は|が|:)?) ?$")
_BETWEEN = r"[ \t\n\-‐‑‒–—―−ー_.・･/,:()\[\]〔〕]{0,3}"
_DIGITS = re.compile(rf"[0-9](?:{_BETWEEN}[0-9]){{{SHORTEST - 1},40}}")
_TRIPLE = re.compile(r"(?<![0-9])[0-9]{1,4} ?[-‐−ー] ?[0-9]{1,4} ?[-‐−ー] ?[0-9]{1,5}(?![0-9])")
_MONEY = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+ ?(?:円|yen|JPY)", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+%-]{1,64} ?@ ?[\w-]{1,63}(?: ?\. ?[\w-]{1,63}){1,6}")
_PLACE = r"[一-龥々〆ヶケヵァ-ヴー]"
_COUNTED = "階歳才年月日時分円人回名個枚級割件週度倍箱点位台本冊組番線番目"
_ADDRESS = re.compile(
    rf"(?<=[市区町村郡県字])({_PLACE}{{1,12}}) ?[0-9]{{1,5}}"
    r"(?:(?: ?(?:丁目|番地の?|番|号|の|-|‐|−|ー) ?)[0-9]{0,5}){0,4}"
)
_KANJI_DIGITS = str.maketrans("〇零一二三四五六七八九壱弐参", "00123456789123")
_KANJI_RUN = re.compile(r"[〇零一二三四五六七八九壱弐参](?:[ \-・]?[〇零一二三四五六七八九壱弐参]){6,40}")


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without secrets. `kinds`: what was found in it."""

    text: str
    kinds: frozenset[Kind] = frozenset()


def find_secrets(text: str, public: Collection[str] = ()) -> Masked:
    """Return `text` (NFKC, without invisible characters) with secrets masked.

    `public`: telephone numbers as digits only that everybody may write, such as the registry's.
    """
    folded = unicodedata.normalize("NFKC", clean(text))
    if not (any(map(str.isdigit, folded)) or "@" in folded or _KANJI_RUN.search(folded)):
        return Masked(folded)
    folded = _ascii_digits(folded)
    kinds: set[Kind] = set()

    def mask(kind: Kind) -> str:
        kinds.add(kind)
        return MASKS[kind]

    def number(match: re.Match[str]) -> str:
        written = match[0]
        digits = "".join(char for char in written if char.isdigit())
        if digits in public or _MONEY.match(folded_now, match.start()):
            return written
        if len(digits) == POSTAL_DIGITS and _POSTAL.search(folded_now[: match.start()]):
            return written  # a postal code names a part of a town, not a person
        return mask("number")

    folded = _MAIL.sub(lambda _: mask("mail"), folded)
    folded = _KANJI_RUN.sub(lambda match: match[0].translate(_KANJI_DIGITS), folded)
    folded = _ADDRESS.sub(lambda match: match[0] if _is_count(match) else mask("address"), folded)
    folded_now = folded
    folded = _DIGITS.sub(number, folded)
    folded_now = folded
    folded = _TRIPLE.sub(number, folded)
    return Masked(folded, frozenset(kinds))


def without_masks(text: str) -> str:
    """Return masked `text` with blanks for the masks: what was masked says nothing of what is asked."""
    for written in MASKS.values():
        text = text.replace(written, " ")
    return text.strip()


def mask(text: str) -> str:
    """Return `text` with secrets masked."""
    return find_secrets(text).text


def _ascii_digits(text: str) -> str:
    """Return `text` with the digits of every script as 0 to 9."""
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.digit(char)) if not char.isascii() and char.isdigit() else char for char in text
    )


def _is_count(match: re.Match[str]) -> bool:
    """Return whether the digits count something (市役所1階) instead of ending an address."""
    following = match.string[match.end() : match.end() + 1]
    plain = re.fullmatch(r"\D+[0-9]{1,3}", match[0]) is not None
    return plain and (following in _COUNTED or following == "") and not match[0].endswith("番地")


def is_my_number(digits: str) -> bool:
    """Return whether 12 digits carry the check digit of a My Number: a hint, never a gate."""
    if len(digits) != 12 or not digits.isascii() or not digits.isdigit():
        return False
    total = sum(int(digits[10 - n]) * (n + 2 if n < 6 else n - 4) for n in range(11))
    check = 0 if total % 11 <= 1 else 11 - total % 11
    return int(digits[11]) == check
