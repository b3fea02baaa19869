"""Single values of official files: telephone numbers, coordinates, codes, dates, flags, web addresses."""

from __future__ import annotations

import re
from datetime import date, timedelta

from knowledge.opendata.problems import BadValue
from knowledge.opendata.text import fold

_PHONE = re.compile(r"[0-9][0-9 ()-]{5,18}[0-9]")
_NUMBER = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{0,20})?")
_DEGREES = re.compile(
    r"([0-9]{1,3})(?:度|°) ?([0-9]{1,2})(?:分|'|′) ?([0-9]{1,2}(?:\.[0-9]{1,8})?)(?:秒|\"|″|'')?"
)
_URL = re.compile(
    r"(https?)://([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})(:[0-9]{1,5})?(/[^\s<>\"'`\\^{|}]{0,400}|\?[^\s<>\"]{0,400})?"
)
_HOST = re.compile(r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}(?:/\S{0,400})?")
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[ T][0-9:]{4,8})?")
_ERA = re.compile(r"(令和|平成|R|H)\.?([0-9]{1,2}|元)[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_COMPACT = re.compile(r"(20[0-9]{2})([01][0-9])([0-3][0-9])")
_SERIAL = re.compile(r"[3-6][0-9]{4}(?:\.0+)?")
_ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988}
JAPAN_LAT, JAPAN_LNG = (20.0, 46.0), (122.0, 154.5)
YES = {"1", "1.0", "有", "有り", "あり", "○", "〇", "◯", "◎", "●", "true", "yes", "可", "レ", "✓"}
NO = {"", "0", "0.0", "無", "無し", "なし", "×", "✕", "false", "no", "不可", "-", "―"}


def phone(text: str) -> tuple[str, str]:
    """Return a telephone number with hyphens, and what was mended (Japanese, often empty). Raises `BadValue`.

    The first of several numbers is taken.
    """
    match = _PHONE.search(fold(text).replace("ー", "-"))
    if not match:
        raise BadValue("電話番号として読めません")
    typed = match[0].strip()
    groups = [group for group in re.split(r"[ ()-]+", typed) if group]
    digits = "".join(groups)
    mended = ""
    if not digits.startswith("0"):
        if len(digits) not in (9, 10):
            raise BadValue("電話番号の桁数が違います")
        digits, groups[0] = "0" + digits, "0" + groups[0]
        mended = "先頭の0が落ちていたので補いました"
    if len(digits) not in (10, 11) or (
        len(digits) == 11 and digits[:3] not in ("050", "070", "080", "090", "020")
    ):
        raise BadValue("電話番号の桁数が違います")
    return ("-".join(groups) if len(groups) == 3 else _hyphens(digits)), mended


def _hyphens(digits: str) -> str:
    """Divide a number by the area codes that Tochigi knows (028, 0280, 0282 …), else leave it whole."""
    if len(digits) == 11:
        return f"{digits[:3]}-{digits[3:7]}-{digits[7:]}"
    if digits.startswith(("0120", "0570")):
        return f"{digits[:4]}-{digits[4:7]}-{digits[7:]}"
    if digits.startswith("0286"):
        return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
    if digits.startswith(("03", "06")):
        return f"{digits[:2]}-{digits[2:6]}-{digits[6:]}"
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if digits.startswith("028") else digits


def degrees(text: str) -> tuple[float, bool]:
    """Read degrees, or degrees, minutes and seconds; and whether stray brackets were cut off."""
    folded = fold(text)
    if match := _DEGREES.fullmatch(folded):
        return int(match[1]) + int(match[2]) / 60 + float(match[3]) / 3600, False
    bare = folded.strip("()[]度°NEne ,")
    if not _NUMBER.fullmatch(bare):
        raise BadValue("緯度・経度として読めません（例 36.5657）")
    return float(bare), bare != folded


def municipality_code(text: str) -> str:
    """Return a six-digit code (JIS X 0402 with check digit) from five or six digits, leading 0 or not."""
    digits = fold(text).removesuffix(".0")
    if not digits.isascii() or not digits.isdigit():
        raise BadValue("団体コードとして読めません（5桁か6桁）")
    for padded in (digits, "0" + digits):
        if len(padded) == 6 and check_digit(padded[:5]) == padded[5]:
            return padded
        if len(padded) == 5 and 1 <= int(padded[:2]) <= 47:
            return padded + check_digit(padded)
    raise BadValue("団体コードの桁数か検査数字が違います")


def check_digit(five: str) -> str:
    """Return the check digit of a five-digit code."""
    total = sum(int(digit) * weight for digit, weight in zip(five, (6, 5, 4, 3, 2), strict=True))
    return str((11 - total % 11) % 10)


def web(text: str) -> tuple[str, str]:
    """Return an http(s) address, and what was mended. Raises `BadValue`."""
    folded = fold(text).split(" ")[0].rstrip(",.、;")
    if "@" in folded.split("/")[0]:
        raise BadValue("メールアドレスで、ホームページのアドレスではありません")
    if _URL.fullmatch(folded):
        return folded, ""
    if _HOST.fullmatch(folded) and _URL.fullmatch("http://" + folded):
        return "http://" + folded, "http:// を補いました"
    raise BadValue("ホームページのアドレスとして読めません")


def day(text: str) -> date:
    """Read 2026-11-03, 2026/11/3, 2026年11月3日, 20261103, 令和8年11月3日 or a spreadsheet's serial."""
    folded = fold(text)
    try:
        if match := _DATE.fullmatch(folded) or _COMPACT.fullmatch(folded):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _ERA.fullmatch(folded):
            year = 1 if match[2] == "元" else int(match[2])
            return date(_ERAS[match[1]] + year, int(match[3]), int(match[4]))
    except ValueError:
        raise BadValue("ない日付です") from None
    if _SERIAL.fullmatch(folded):
        return date(1899, 12, 30) + timedelta(days=int(float(folded)))
    raise BadValue("日付として読めません（例 2026-11-03）")


def flag(text: str) -> bool:
    """Read 1, 有, ○ … as True; empty, 0, 無, × … as False. Raises `BadValue`."""
    folded = fold(text).lower()
    if folded in YES:
        return True
    if folded in NO:
        return False
    raise BadValue("1 か空欄（有・無）で書いてください")
