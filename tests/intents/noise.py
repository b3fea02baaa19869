"""The ways in which the same question arrives: each returns a text that should get the same decision."""

from __future__ import annotations

import random
import re

from intents.kana import spoken
from intents.normalize import clean, fold

_FULL = {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)}
_HALF_KANA = dict(
    zip(
        "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンァィゥェォャュョッー",
        "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝｧｨｩｪｫｬｭｮｯｰ",
        strict=True,
    )
)
_VOICED = dict(
    zip("ガギグゲゴザジズゼゾダヂヅデドバビブベボ", "カキクケコサシスセソタチツテトハヒフヘホ", strict=True)
)
_HALF_VOICED = dict(zip("パピプペポ", "ハヒフヘホ", strict=True))
_WORD = re.compile(r"[ァ-ヶー]{4,}|[A-Za-z]{5,}")


def width(text: str, _: random.Random) -> str:
    """Katakana half-width, Latin letters and digits full-width."""
    out = []
    for char in text:
        if char in _VOICED:
            out.append(_HALF_KANA[_VOICED[char]] + "ﾞ")
        elif char in _HALF_VOICED:
            out.append(_HALF_KANA[_HALF_VOICED[char]] + "ﾟ")
        else:
            out.append(_HALF_KANA.get(char, _FULL.get(char, char)))
    return "".join(out)


def kana(text: str, _: random.Random) -> str:
    """All in hiragana."""
    return spoken(fold(clean(text))).reading


def padding(text: str, chance: random.Random) -> str:
    """Polite words before and after."""
    before = chance.choice(
        ["すみません、", "お忙しいところ恐れ入ります。", "ちょっと聞きたいのですが、", "こんにちは。"]
    )
    after = chance.choice(
        ["について教えてください", "のことなんですけど、教えていただけますか", "。よろしくお願いします"]
    )
    return before + text.rstrip("。？?") + after


def invisible(text: str, chance: random.Random) -> str:
    """Zero-width, direction and tag characters in between."""
    marks = "\u200b\u200d\u2060\ufeff\u200f\u202e\U000e0041"
    return "".join(char + (chance.choice(marks) if chance.random() < 0.4 else "") for char in text)


def typo(text: str, chance: random.Random) -> str | None:
    """One slip in a word of four letters or more (katakana, Latin); None if there is no such word."""
    found = list(_WORD.finditer(text))
    if not found:
        return None
    match = chance.choice(found)
    word = match.group()
    at = chance.randrange(1, len(word))
    slip = chance.choice(["drop", "double", "swap"])
    if slip == "drop":
        word = word[:at] + word[at + 1 :]
    elif slip == "double":
        word = word[:at] + word[at - 1] + word[at:]
    else:
        word = word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]
    return text[: match.start()] + word + text[match.end() :]


NOISES = {"width": width, "kana": kana, "padding": padding, "invisible": invisible, "typo": typo}
