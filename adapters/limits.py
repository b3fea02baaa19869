"""Counting, clipping and splitting text in the units in which channels state their limits.

LINE counts texts in UTF-16 code units and labels in grapheme clusters, Telegram counts texts in
UTF-16 code units and callback data in bytes.  Nothing here ever cuts inside a grapheme cluster that
fits into the limit, and `split_text` loses nothing: its parts joined are the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice

ELLIPSIS = "…"
Length = Callable[[str], int]

# --- grapheme clusters: the extended ones of UAX #29, rules GB3 to GB13, over `unicodedata` -------------

_JOINER = "\u200d"
_EXTEND_EXTRA = re.compile(  # Other_Grapheme_Extend and the emoji skin tones: extend without being Mn or Me
    "[\u09be\u09d7\u0b3e\u0b57\u0bbe\u0bd7\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf\u0ddf\u1b35\u200c\u302e\u302f\uff9e\uff9f]"
    "|[\U0001133e\U00011357\U000114b0\U000114bd\U000115af\U00011930\U0001d165\U0001d16e-\U0001d172]"
    "|[\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)
_PREPEND = re.compile(
    "[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\U000110bd\U000110cd\U000111c2\U000111c3]"
    "|[\U0001193f\U00011941\U00011a3a\U00011a84-\U00011a89\U00011d46]"
)
_NOT_SPACING = re.compile(
    "[\u102b\u102c\u1038\u1062-\u1064\u1067-\u106d\u1083\u1087-\u108c\u108f\u109a-\u109c]"
    "|[\u1a61\u1a63\u1a64\uaa7b\uaa7d\U00011720\U00011721]"
)
_EMOJI = re.compile(  # Extended_Pictographic below U+1F000; above, every symbol but the exceptions in `_kind`
    "[©®‼⁉™ℹ↔-↙↩↪⌚⌛⌨⎈⏏⏩-⏳⏸-⏺Ⓜ▪▫▶◀◻-◾☀-★☇-☒☔-⚅⚐-✅✈-✒✔✖✝✡✨✳✴❄❇❌❎❓-❕❗❣-❧➕-➗➡➰➿⤴⤵⬅-⬇⬛⬜⭐⭕〰〽㊗㊙]"
    "|[\U0001f000-\U0001f0ff\U0001f10d-\U0001f10f\U0001f12f\U0001f16c-\U0001f171\U0001f17e\U0001f17f\U0001f18e]"
    "|[\U0001f191-\U0001f19a\U0001f1ad-\U0001f1e5\U0001f201-\U0001f20f\U0001f21a\U0001f22f\U0001f232-\U0001f23a]"
    "|[\U0001f23c-\U0001f23f\U0001f249-\U0001f3fa\U0001f400-\U0001f53d\U0001f546-\U0001f64f\U0001f680-\U0001f6ff]"
    "|[\U0001f774-\U0001f77f\U0001f7d5-\U0001f7ff\U0001f80c-\U0001f80f\U0001f848-\U0001f84f\U0001f85a-\U0001f85f]"
    "|[\U0001f888-\U0001f88f\U0001f8ae-\U0001f8ff\U0001f90c-\U0001f93a\U0001f93c-\U0001f945\U0001f947-\U0001faff]"
    "|[\U0001fc00-\U0001fffd]"
)
_HANGUL_AFTER = {"L": ("L", "V", "LV", "LVT"), "LV": ("V", "T"), "V": ("V", "T"), "LVT": ("T",), "T": ("T",)}


@lru_cache(maxsize=8192)
def _kind(ch: str) -> str:
    """Return the Grapheme_Cluster_Break class of a character, `""` where it has none that matters."""
    code = ord(ch)
    if ch == _JOINER:
        return "ZWJ"
    category = unicodedata.category(ch)
    if category in ("Mn", "Me") or _EXTEND_EXTRA.match(ch):
        return "Extend"
    if _PREPEND.match(ch):
        return "Prepend"
    if category in ("Cc", "Cf", "Zl", "Zp", "Cs") or 0xE0000 <= code <= 0xE0FFF:
        return "Control"
    if (category == "Mc" and not _NOT_SPACING.match(ch)) or code in (0xE33, 0xEB3):
        return "SpacingMark"
    if 0x1F1E6 <= code <= 0x1F1FF:
        return "Flag"
    if 0xAC00 <= code <= 0xD7A3:
        return "LV" if (code - 0xAC00) % 28 == 0 else "LVT"
    if 0x1100 <= code <= 0x115F or 0xA960 <= code <= 0xA97C:
        return "L"
    if 0x1160 <= code <= 0x11A7 or 0xD7B0 <= code <= 0xD7C6:
        return "V"
    if 0x11A8 <= code <= 0x11FF or 0xD7CB <= code <= 0xD7FB:
        return "T"
    return "Emoji" if _EMOJI.match(ch) else ""


def graphemes(s: str) -> list[str]:
    """Return the extended grapheme clusters of `s`; joined they are `s`.

    Emoji joined by ZWJ, flags, skin tones, keycaps, combining marks, Hangul syllables and CR LF are one
    cluster each (UAX #29).  A lone surrogate is a cluster of its own.
    """
    return list(_clusters(s))


def _clusters(s: str) -> Iterator[str]:
    start = flags = 0
    before = ""
    emoji = linked = False  # the cluster so far is an emoji with any marks; the same and one ZWJ
    for at, ch in enumerate(s):
        kind = "" if "\u3000" <= ch < "\u302a" or "\u3041" <= ch < "\u3099" else _kind(ch)
        joined = at > 0 and (
            (before == "Control" and s[at - 1] == "\r" and ch == "\n")
            or (before != "Control" and kind in ("Extend", "ZWJ", "SpacingMark"))
            or (before == "Prepend" and kind != "Control")
            or (linked and kind == "Emoji")
            or (before == "Flag" and kind == "Flag" and flags % 2 == 1)
            or kind in _HANGUL_AFTER.get(before, ())
        )
        if at and not joined:
            yield s[start:at]
            start = at
        linked = emoji and kind == "ZWJ"
        emoji = kind == "Emoji" or (emoji and kind == "Extend")
        flags = flags + 1 if kind == "Flag" else 0
        before = kind
    if s:
        yield s[start:]


# --- lengths and clipping -------------------------------------------------------------------------------


def utf16_len(s: str) -> int:
    """Return the length of `s` in UTF-16 code units (beyond U+FFFF two, a lone surrogate one)."""
    return len(s.encode("utf-16-le", "surrogatepass")) // 2


def byte_len(s: str) -> int:
    """Return the length of `s` in bytes of UTF-8 (a lone surrogate counts as three)."""
    return len(s.encode("utf-8", "surrogatepass"))


def clip_graphemes(s: str, n: int) -> str:
    """Return `s` in at most `n` grapheme clusters, ending in `…` when it was cut."""
    clusters = list(islice(_clusters(s), max(n, 0) + 1))
    if len(clusters) <= n:
        return s
    return "".join(clusters[: n - 1]).rstrip() + ELLIPSIS if n > 0 else ""


def clip_utf16(s: str, n: int) -> str:
    """Return `s` in at most `n` UTF-16 code units, ending in `…` when it was cut."""
    return _clip(s, n, utf16_len)


def clip_bytes(s: str, n: int) -> str:
    """Return `s` in at most `n` bytes of UTF-8, ending in `…` (3 bytes) when it was cut."""
    return _clip(s, n, byte_len)


def _clip(s: str, n: int, length: Length) -> str:
    if length(s) <= n:
        return s
    room = n - length(ELLIPSIS)
    if room < 0:
        return ""
    kept: list[str] = []
    for atom in _atoms(s[:n], n, length):  # no character counts less than one
        room -= length(atom)
        if room < 0:
            break
        kept.append(atom)
    return "".join(kept).rstrip() + ELLIPSIS


def _atoms(text: str, limit: int, length: Length) -> Iterator[str]:
    """Yield the grapheme clusters, and character by character any that alone is longer than `limit`."""
    for cluster in _clusters(text):
        if len(cluster) > 1 and length(cluster) > limit:
            yield from cluster
        else:
            yield cluster


# --- splitting ------------------------------------------------------------------------------------------

# Where a text may be divided: between paragraphs, after sentences and lines, between words.
# A dot ends a sentence only before white space: neither `www.pref` nor `3.5` is divided.
_PARAGRAPH = re.compile(r"\n(?:[^\S\n]*+\n)++")
_SENTENCE = re.compile(
    r"(?:(?<![。！？])[。！？]++[」』）】”’\"')\]]*+[^\S\n]*+|(?<![.!?])[.!?]++[”’\"')\]]*+[^\S\n]++)\n?+|\n"
)
_WORD = re.compile(r"[^\S\n]++")


def _breaks(text: str) -> dict[int, int]:
    """Return the positions before which `text` may be divided, with their ranks (3 is the best)."""
    kinds = ((1, _WORD), (2, _SENTENCE), (3, _PARAGRAPH))
    return {found.end(): rank for rank, pattern in kinds for found in pattern.finditer(text)}


def split_text(text: str, limit: int, length: Length = utf16_len) -> list[str]:
    """Divide `text` into parts of at most `limit`, which joined are `text` again; no part is empty.

    Divides between paragraphs where that leaves the part at least half full, else after a sentence or a
    line, else between words, else between any two grapheme clusters.  White space stays at the end of the
    part before it.  `length` must add up over a text's characters and be at most 4 for any one of them.
    Raises `ValueError` for a `limit` below 4.
    """
    if limit < 4:
        raise ValueError("limit must be at least 4")
    if length(text) <= limit:
        return [text] if text else []
    ranks = _breaks(text)
    atoms = list(_atoms(text, limit, length))
    parts: list[str] = []
    first = at = size = position = 0
    latest: dict[int, tuple[int, int]] = {}  # rank → (atom, size of the part) of its last place in the part
    while at < len(atoms):
        step = length(atoms[at])
        if size + step > limit:
            cut = _best_cut(latest, limit) or at
            parts.append("".join(atoms[first:cut]))
            position -= sum(map(len, atoms[cut:at]))
            first = at = cut
            size, latest = 0, {}
            continue
        size, position, at = size + step, position + len(atoms[at]), at + 1
        if rank := ranks.get(position, 0):
            latest[rank] = (at, size)
    parts.append("".join(atoms[first:]))
    return parts


def _best_cut(latest: dict[int, tuple[int, int]], limit: int) -> int | None:
    """Return the atom to divide before: the best kind of place in the fuller half, then any place."""
    for least in (limit // 2, 0):
        for rank in sorted(latest, reverse=True):
            cut, size = latest[rank]
            if size >= least:
                return cut
    return None
