"""When a place should be open: read from an utterance, resolved against the clock later."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from knowledge.hours import DAYS, JAPAN, is_holiday

DAY = 1440
_LATIN_HOUR = r"(?<![\d:])(?P<h3>[0-2]?[0-9])(?::(?P<m3>[0-5][0-9]))? ?(?P<half>am|pm|a\.m\.|p\.m\.)(?![a-z])"


@dataclass(frozen=True, slots=True)
class When:
    """A time asked for. `day`: `now`, days from today (`+0` …), `mon` … `sun`, `weekend` (Saturday and
    Sunday, what is left of it), `hol`, `MM/DD`, or `next` (the next time that this part of a day comes).
    `start`, `end`: minutes after that day's midnight.
    """

    day: str
    start: int = 0
    end: int = DAY

    def resolve(self, now: datetime) -> tuple[date, int, int]:
        """Return (date, first minute, last minute + 1) in Japan; what is past of today is cut off."""
        local = now.astimezone(JAPAN)
        today, minute = local.date(), local.hour * 60 + local.minute
        if self.day == "now":
            return today, minute, minute + 1
        day = self._date(today)
        if self.day == "weekend" and day.weekday() == 5 and (self.start, self.end) == (0, DAY):
            return day, minute if day == today else 0, 2 * DAY
        if self.day == "next" and self.end <= minute:
            day += timedelta(days=1)
        start = max(self.start, minute) if day == today and minute < self.end else self.start
        return day, start, self.end

    def _date(self, today: date) -> date:
        if self.day == "next":
            return today
        if self.day.startswith("+"):
            return today + timedelta(days=int(self.day[1:]))
        if self.day == "weekend":
            return today + timedelta(days=0 if today.weekday() == 6 else (5 - today.weekday()) % 7)
        if self.day in DAYS:
            return today + timedelta(days=(DAYS.index(self.day) - today.weekday()) % 7)
        if self.day == "hol":
            days = (today + timedelta(days=offset) for offset in range(40))
            return next(day for day in days if is_holiday(day) or day.weekday() == 6)
        month, number = map(int, self.day.split("/"))
        for year in range(today.year, today.year + 5):
            try:
                day = date(year, month, number)
            except ValueError:
                continue
            if day >= today:
                return day
        return today


_NOW = re.compile(
    r"今(?!の|も|は|市|週|月|年|度|後|回|朝|夜|晩|日|季|期|シーズン|さら|更|まで)|(?<![ぁ-ん])いま(?=、|から|あい|やっ|ひら|すぐ|いけ|開|空|診|行|の)"
    r"|現在|ただいま|すぐ診|すぐ行|(?<![a-z])(?:(?:open )?(?:right )?now|currently open|at the moment"
    r"|agora|ahora|ahorita)(?![a-z])"
    r"|现在|正在营业|此刻"
)
_OPEN = re.compile(
    r"やって(?:い?る|い?ます|ない)|あい(?:てる|ている|ています)|開い(?:てる|ている|ています)|ひらい(?:てる|ている)|営業中|診療中"
    r"|(?<![a-z])(?:open|abert[oa]s?|abiert[oa]s?)(?![a-z])|开门|营业"
)
_DAYS: tuple[tuple[str, str], ...] = (
    ("+2", r"明後日|あさって|day after tomorrow|后天|depois de amanha|pasado manana"),
    ("+1", r"明日|あした|あす(?!か)|明朝|明晩|tomorrow|明天|明早|明晚|amanha|(?<!la )(?<!esta )manana"),
    ("01/01", r"元日|元旦|お正月|正月|年末年始|new year'?s? ?(?:day)?|新年|ano novo|ano nuevo"),
    ("+0", r"今日|きょう|本日|今夜|今晩|今朝|today|tonight|this (?:morning|afternoon|evening)|今天|今晚"),
    ("+0", r"(?<![a-z])(?:hoje|hoy|esta noite|esta noche|esta tarde)(?![a-z])"),
    ("hol", r"祝日|休日|祭日|連休|休みの日|holidays?|节假日|假日|休息日|feriados?|festivos?"),
    ("sun", r"日曜|にちよう|(?<![a-z])sundays?|星期日|星期天|周日|礼拜天|domingos?"),
    ("weekend", r"土日|(?:今|この)?週末|(?<![a-z])(?:this )?weekends?|(?:这个?)?周末"),
    ("weekend", r"(?<![a-z])(?:(?:este|neste) )?fi[mn] de semana(?![a-z])"),
    ("sat", r"土曜|どよう|(?<![a-z])(?:saturdays?|sabados?)(?![a-z])|星期六|周六"),
    ("mon", r"月曜|げつよう|(?<![a-z])mondays?|星期一|周一|segunda(?:-feira)?s?|lunes"),
    ("tue", r"火曜|かよう(?=び)|(?<![a-z])tuesdays?|星期二|周二|terca(?:-feira)?s?|martes"),
    ("wed", r"水曜|すいよう|(?<![a-z])wednesdays?|星期三|周三|quarta(?:-feira)?s?|miercoles"),
    ("thu", r"木曜|もくよう|(?<![a-z])thursdays?|星期四|周四|quinta(?:-feira)?s?|jueves"),
    ("fri", r"金曜|きんよう|(?<![a-z])fridays?|星期五|周五|sexta(?:-feira)?s?|viernes"),
)  # fmt: skip
_PARTS: tuple[tuple[int, int, str], ...] = (
    (1380, 1800, r"深夜|夜中|真夜中|midnight|middle of the night|late at night|半夜|深夜|madrugada"),
    (1080, 1440, r"今夜|今晩|夜(?!間)|夜間|よる|明晩|晚上|今晚|明晚|夜里|夜间"),
    (1080, 1440, r"(?<![a-z])(?:noite|noche|tonight|evening|night)(?![a-z]| clinic| and holiday)"),
    (960, 1140, r"夕方|ゆうがた|傍晚|fim da tarde"),
    (360, 600, r"早朝|朝(?!鮮|日)|(?<![ぁ-ん])あさ(?!って|ひ)|明早|早上|morning"),
    (360, 600, r"(?<![a-z])(?:manha|(?:por|de|en) la manana|esta manana)(?![a-z])"),
    (540, 720, r"午前(?!中?[0-9])|上午"),
    (720, 1080, r"午後(?![0-9])|昼過ぎ|下午|afternoon|a tarde|da tarde|de tarde|la tarde|esta tarde"),
    (660, 840, r"お昼|昼休み|昼に|(?<!夜)昼(?!間|夜)|中午|noon|lunchtime|meio-dia|mediodia"),
)  # fmt: skip
_HOUR = re.compile(
    r"(?P<part>午前|午後|朝|夜|夕方|早上|上午|下午|晚上|中午|凌晨)?の?(?<![\d:/])(?P<h1>[0-2]?[0-9])(?:時|点|點)(?!間"
    r"|到)(?P<m1>半|[0-5]?[0-9]分)?"
    r"|(?<![\d:/])(?P<h2>[0-2]?[0-9]):(?P<m2>[0-5][0-9])(?![\d:]| ?(?:am|pm))"
    rf"|{_LATIN_HOUR}"
    r"|(?<![a-z])(?:as|a las|at) (?P<h4>[0-2]?[0-9])h?(?![\d:a-z/])"
)
_DATE = re.compile(
    r"(?<!\d)(?P<month>1[0-2]|0?[1-9])(?:月|/)(?P<day>3[01]|[12][0-9]|0?[1-9])(?:日|号|(?![\d/]))"
)
_DAY_PATTERNS: Sequence[tuple[str, re.Pattern[str]]] = [(day, re.compile(words)) for day, words in _DAYS]
_PART_PATTERNS = [(start, end, re.compile(words)) for start, end, words in _PARTS]


def read_when(text: str) -> When | None:
    """Return the time asked for in folded text without accents, None if it names none."""
    day = _day(text)
    clock = _clock(text)
    if clock is not None:
        return When(day or "next", clock, clock + 1)
    part = next(((start, end) for start, end, words in _PART_PATTERNS if words.search(text)), None)
    if part:
        return When(day or "next", *part)
    if day:
        return When(day)
    return When("now") if _NOW.search(text) or _OPEN.search(text) else None


def without_when(text: str) -> str:
    """Return folded text with every word of time blotted out, so that what is left may be a place."""
    patterns = (_DATE, _HOUR, _NOW, _OPEN, *(words for _, words in _DAY_PATTERNS))
    for words in (*patterns, *(words for _, _, words in _PART_PATTERNS)):
        text = words.sub("\N{HORIZONTAL ELLIPSIS}", text)
    return text


def _day(text: str) -> str | None:
    dated = _DATE.search(text)
    if dated:
        return f"{int(dated['month']):02}/{int(dated['day']):02}"
    return next((day for day, words in _DAY_PATTERNS if words.search(text)), None)


def _clock(text: str) -> int | None:
    match = _HOUR.search(text)
    if not match:
        return None
    hour = int(match["h1"] or match["h2"] or match["h3"] or match["h4"])
    minutes = match["m1"] or match["m2"] or match["m3"] or "0"
    minute = 30 if minutes == "半" else int(minutes.removesuffix("分"))
    half = (match["half"] or "").replace(".", "")
    late = half == "pm" or match["part"] in ("午後", "夜", "夕方", "下午", "晚上")
    if hour < 12 and late:
        hour += 12
    elif hour == 12 and (half == "am" or match["part"] in ("午前", "凌晨")):
        hour = 0
    return hour * 60 + minute if hour < 24 and minute < 60 else None
