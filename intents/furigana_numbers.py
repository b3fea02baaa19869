"""Numbers with their counters as they are said: 三日間 → みっかかん, 20歳 → はたち, 10本 → じゅっぽん.

A counter belongs to a class of sound changes: `k` (一回 いっかい, 六回 ろっかい), `s` and `t` (一歳 いっさい,
一点 いってん), `h` (一本, 三本 さんぼん), `p` (一泊 いっぱく, 三泊 さんぱく) and `-` (一枚 いちまい).
Days, people and native numbers are listed one by one.
"""

from __future__ import annotations

import re

NUMBER = (
    r"(?:0|[1-9][0-9]{0,2}(?:,[0-9]{3}){1,3}|[1-9][0-9]{0,7})(?:\.[0-9]{1,3})?[万億]?(?:[1-9][0-9]{0,3})?千?"
)
_KANJI = dict(zip("〇一二三四五六七八九", range(10), strict=True))
_UNITS = {"十": 10, "百": 100, "千": 1000}

COUNTERS: dict[str, tuple[str, str]] = {
    "円": ("えん", "-"), "年": ("ねん", "-"), "年間": ("ねんかん", "-"), "年度": ("ねんど", "-"),
    "年生": ("ねんせい", "-"), "年目": ("ねんめ", "-"), "時": ("じ", "-"), "時間": ("じかん", "-"),
    "時間半": ("じかんはん", "-"), "時半": ("じはん", "-"), "分": ("ふん", "h"),
    "分間": ("ふんかん", "h"), "秒": ("びょう", "-"), "月": ("がつ", "-"), "か月": ("かげつ", "k"),
    "カ月": ("かげつ", "k"), "ヶ月": ("かげつ", "k"), "ヵ月": ("かげつ", "k"), "箇月": ("かげつ", "k"),
    "か月間": ("かげつかん", "k"), "か所": ("かしょ", "k"), "カ所": ("かしょ", "k"),
    "ヶ所": ("かしょ", "k"), "箇所": ("かしょ", "k"), "か国": ("かこく", "k"), "カ国": ("かこく", "k"),
    "か国語": ("かこくご", "k"), "カ国語": ("かこくご", "k"), "週": ("しゅう", "s"),
    "週間": ("しゅうかん", "s"), "歳": ("さい", "s"), "才": ("さい", "s"), "歳児": ("さいじ", "s"),
    "本": ("ほん", "h"), "回": ("かい", "k"), "回目": ("かいめ", "k"), "階": ("かい", "k"),
    "件": ("けん", "k"), "個": ("こ", "k"), "軒": ("けん", "k"), "校": ("こう", "k"), "項": ("こう", "k"),
    "級": ("きゅう", "k"), "局": ("きょく", "k"), "区": ("く", "k"), "曲": ("きょく", "k"),
    "枚": ("まい", "-"), "名": ("めい", "-"), "台": ("だい", "-"), "度": ("ど", "-"), "番": ("ばん", "-"),
    "番目": ("ばんめ", "-"), "番線": ("ばんせん", "-"), "号": ("ごう", "-"), "号室": ("ごうしつ", "-"),
    "倍": ("ばい", "-"), "割": ("わり", "-"), "部": ("ぶ", "-"), "条": ("じょう", "-"),
    "桁": ("けた", "-"), "文字": ("もじ", "-"), "言語": ("げんご", "-"), "か年": ("かねん", "k"),
    "段階": ("だんかい", "-"), "種類": ("しゅるい", "s"), "種": ("しゅ", "s"), "冊": ("さつ", "s"),
    "社": ("しゃ", "s"), "室": ("しつ", "s"), "席": ("せき", "s"), "世帯": ("せたい", "s"),
    "親等": ("しんとう", "s"), "世紀": ("せいき", "s"), "層": ("そう", "s"), "足": ("そく", "s"),
    "点": ("てん", "t"), "通": ("つう", "t"), "通り": ("とおり", "t"), "等": ("とう", "t"),
    "頭": ("とう", "t"), "着": ("ちゃく", "t"), "丁目": ("ちょうめ", "t"), "地点": ("ちてん", "t"),
    "泊": ("はく", "p"), "杯": ("はい", "h"), "匹": ("ひき", "h"), "票": ("ひょう", "h"),
    "歩": ("ほ", "p"), "品": ("ひん", "p"), "版": ("はん", "p"), "次": ("じ", "-"),
    "次元": ("じげん", "-"), "県": ("けん", "k"), "市": ("し", "-"), "町": ("まち", "-"),
    "人": ("にん", "-"), "人目": ("にんめ", "-"), "日": ("にち", "-"), "日間": ("にちかん", "-"),
    "日目": ("にちめ", "-"), "つ": ("つ", "-"), "つ目": ("つめ", "-"), "段": ("だん", "-"),
    "基": ("き", "k"), "営業日": ("えいぎょうび", "-"), "立方": ("りっぽう", "-"),
    "平方": ("へいほう", "-"), "学期": ("がっき", "-"), "年分": ("ねんぶん", "-"),
    "人分": ("にんぶん", "-"), "日分": ("にちぶん", "-"), "か月分": ("かげつぶん", "k"),
    "回分": ("かいぶん", "k"), "時間分": ("じかんぶん", "-"), "票分": ("ひょうぶん", "h"),
    "戸": ("こ", "-"), "両": ("りょう", "-"), "両目": ("りょうめ", "-"), "便": ("びん", "-"),
    "合": ("ごう", "-"), "字": ("じ", "-"), "章": ("しょう", "s"), "節": ("せつ", "s"),
    "科目": ("かもく", "k"), "科": ("か", "k"), "施設": ("しせつ", "s"), "病院": ("びょういん", "-"),
    "市町": ("しまち", "-"), "期": ("き", "k"), "型": ("がた", "-"),
}  # fmt: skip
"""Counter → (reading, class of sound changes)."""

_DAYS = {
    1: "いちにち", 2: "ふつか", 3: "みっか", 4: "よっか", 5: "いつか", 6: "むいか", 7: "なのか", 8: "ようか",
    9: "ここのか", 10: "とおか", 14: "じゅうよっか", 17: "じゅうしちにち", 19: "じゅうくにち", 20: "はつか",
    24: "にじゅうよっか", 27: "にじゅうしちにち", 29: "にじゅうくにち",
}  # fmt: skip
_NATIVE = ("", "ひと", "ふた", "みっ", "よっ", "いつ", "むっ", "なな", "やっ", "ここの")
_DIGITS = ("れい", "いち", "に", "さん", "よん", "ご", "ろく", "なな", "はち", "きゅう")
_SHORT = {
    "k": {"いち": "いっ", "ろく": "ろっ", "はち": "はっ", "じゅう": "じゅっ", "ひゃく": "ひゃっ"},
    "s": {"いち": "いっ", "はち": "はっ", "じゅう": "じゅっ"},
    "t": {"いち": "いっ", "はち": "はっ", "じゅう": "じゅっ"},
    "h": {"いち": "いっ", "ろく": "ろっ", "はち": "はっ", "じゅう": "じゅっ", "ひゃく": "ひゃっ"},
}
_SHORT["p"] = _SHORT["h"]
_HALF = str.maketrans("はひふへほ", "ぱぴぷぺぽ")
_VOICED = str.maketrans("はひふへほかけ", "ばびぶべぼがげ")
# What 4, 7 and 9 turn into before these counters.
_FOUR = {"円": "よ", "年": "よ", "時": "よ", "月": "し", "人": "よ"}
_SEVEN = {"時": "しち", "月": "しち", "人": "しち"}
_NINE = {"時": "く", "月": "く"}


def value(text: str) -> int | None:
    """Return the value of a whole number in digits or kanji (2,300 / 二十三 / 3万), or None."""
    text = text.replace(",", "")
    match = re.fullmatch(r"([0-9]{1,8})([万億千]?)([0-9]{0,4})(千?)", text)
    if match:
        scale = {"": 1, "千": 1000, "万": 10**4, "億": 10**8}[match[2]]
        rest = int(match[3] or 0) * (1000 if match[4] else 1)
        return int(match[1]) * scale + rest
    total = digit = 0
    for char in text:
        if char in _KANJI:
            digit = digit * 10 + _KANJI[char]
        elif char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            return None
    return total + digit if text else None


def whole(number: int) -> str:
    """Return the reading of a whole number below 10¹²: 300 → さんびゃく, 10000 → いちまん."""
    if number == 0:
        return "れい"
    said = ""
    for scale, name in ((10**8, "おく"), (10**4, "まん"), (1, "")):
        part = number // scale % 10**4
        if part:
            # 一千万, but 千円
            said += ("いっせん" + _below(part % 1000) if name and part // 1000 == 1 else _below(part)) + name
    return said


def _below(number: int) -> str:
    """Return the reading of a number below 10,000; empty for 0."""
    thousands, hundreds, tens, ones = (number // 1000, number // 100 % 10, number // 10 % 10, number % 10)
    said = ""
    if thousands:
        odd = {1: "せん", 3: "さんぜん", 8: "はっせん"}
        said += odd.get(thousands) or _DIGITS[thousands] + "せん"
    if hundreds:
        odd = {1: "ひゃく", 3: "さんびゃく", 6: "ろっぴゃく", 8: "はっぴゃく"}
        said += odd.get(hundreds) or _DIGITS[hundreds] + "ひゃく"
    if tens:
        said += ("" if tens == 1 else _DIGITS[tens]) + "じゅう"
    return said + (_DIGITS[ones] if ones else "")


def with_counter(number: str, counter: str, *, date: bool = False) -> str | None:
    """Return the reading of `number` (digits or kanji) with `counter`, or None where it is not known.

    `date`: a day of a month, so that 1日 is ついたち.
    """
    reading, sounds = COUNTERS[counter]
    whole_part, point, fraction = number.replace(",", "").partition(".")
    if point:
        scale = fraction[-1:] if fraction[-1:] in "万億千" else ""
        last = "".join(_DIGITS[int(digit)] for digit in fraction.rstrip("万億千"))
        amount = value(whole_part)
        if amount is None:
            return None
        before = whole(amount) if amount % 10 not in (1, 8) or amount > 10 else {1: "いっ", 8: "はっ"}[amount]
        joined = {"万": "まん", "億": "おく", "千": "せん", "": ""}[scale]
        return before + "てん" + (last + joined if joined else _joined(last, reading, sounds, counter))
    amount = value(number)
    if amount is None or (counter[0] == "番" and amount > 99) or (counter[0] == "つ" and not 0 < amount < 10):
        return None
    special = _special(amount, counter, date)
    return special or _joined(whole(amount), reading, sounds, counter)


def _special(amount: int, counter: str, date: bool) -> str | None:
    """Return the reading of days, people, twenty years of age and native numbers."""
    if counter[0] == "日":
        day = "ついたち" if date and amount == 1 else _DAYS.get(amount)
        return day + COUNTERS[counter][0].removeprefix("にち") if day else None
    if counter[0] == "人" and amount in (1, 2):
        return ("ひとり", "ふたり")[amount - 1] + COUNTERS[counter][0].removeprefix("にん")
    if counter[0] == "つ":
        return _NATIVE[amount] + COUNTERS[counter][0]
    return "はたち" if counter == "歳" and amount == 20 else None


def _joined(number: str, reading: str, sounds: str, counter: str) -> str:
    for plain, table in (("よん", _FOUR), ("なな", _SEVEN), ("きゅう", _NINE)):
        if number.endswith(plain) and counter[0] in table and not counter.startswith("年度"):
            return number.removesuffix(plain) + table[counter[0]] + reading
    for end, short in _SHORT.get(sounds, {}).items():
        if number.endswith(end):
            half = reading[0].translate(_HALF) if sounds in "hp" else reading[0]
            return number.removesuffix(end) + short + half + reading[1:]
    if number.endswith(("さん", "せん", "まん")):
        if counter[0] in "分泊歩":
            return number + reading[0].translate(_HALF) + reading[1:]
        if sounds == "h" or counter[0] in "階軒":
            return number + reading[0].translate(_VOICED) + reading[1:]
        if counter[0] == "足":
            return number + "ぞく"
    if number.endswith("よん") and counter[0] == "分":
        return number + reading[0].translate(_HALF) + reading[1:]
    return number + reading
