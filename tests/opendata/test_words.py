"""Days and remarks in words."""

from __future__ import annotations

import time

import pytest

from knowledge.opendata.hours import Hours, read_hours
from knowledge.opendata.words import read_words

ORDER = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "hol")
NAMES = "月火水木金土日祝"


def shown(hours: Hours, week: int = 1) -> str:
    """Return the days as `月火水 9:00-12:00`, times grouped as they come."""
    parts = []
    for span in hours.spans:
        if not span.weeks or week in span.weeks:
            days = "".join(NAMES[ORDER.index(d)] for d in sorted(span.days, key=ORDER.index))
            parts.append(f"{days} {span.start / 60:g}-{span.end / 60:g}")
    return ", ".join(parts)


def read(days: str, note: str = "", start: str = "9:00", end: str = "18:00") -> Hours:
    complaints: list[str] = []
    cells = {"days": days, "start": start, "end": end, "hours_note": note}
    hours = read_hours(cells, lambda name, reason: complaints.append(f"{name}: {reason}"))
    assert complaints == []
    return hours


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("月火水木金", "月火水木金"),
        ("月〜金", "月火水木金"),
        ("月～土", "月火水木金土"),
        ("月曜日から金曜日", "月火水木金"),
        ("平日", "月火水木金"),
        ("毎日", "月火水木金土日祝"),
        ("年中無休", "月火水木金土日祝"),
        ("月,火", "月火"),
        ("月;火;水", "月火水"),
        ("月・水・金", "月水金"),
        ("月曜日、水曜日", "月水"),
        ("土日祝", "土日祝"),
        ("土日祝休み", "月火水木金"),
        ("月曜休館", "火水木金土日祝"),
        ("火曜を除く毎日", "月水木金土日祝"),
        ("月火水木金（祝日を除く）", "月火水木金"),
        ("平日|土曜日|日曜日|祝日", "月火水木金土日祝"),
        ("日月火", "月火日"),
        ("月火水木金土日", "月火水木金土日祝"),
        ("金～月", "月金土日"),
        ("火水木金土　月曜定休", "火水木金土"),
    ],
)
def test_lists_of_days(text: str, days: str) -> None:
    assert shown(read(text)) == f"{days} 9-18"


@pytest.mark.parametrize(
    "text", ["第1・3土曜", "第１・３土曜日", "第1、第3土曜", "第一・三土曜", "毎月第1・3土"]
)
def test_weeks_of_the_month(text: str) -> None:
    hours = read(text)
    assert [shown(hours, week) for week in (1, 2, 3, 4, 5)] == ["土 9-18", "", "土 9-18", "", ""]


def test_weeks_and_days_together() -> None:
    hours = read("月～金、第１・３土曜")
    assert shown(hours, 2) == "月火水木金 9-18"
    assert {day for span in hours.spans if 3 in (span.weeks or {3}) for day in span.days} >= {"mon", "sat"}
    assert shown(read("火水木金土日", "第3木曜休館"), 3) == "火水金土日 9-18"


@pytest.mark.parametrize("text", ["月1回", "隔週土曜", "日の出から", "要問合せ", "日帰り"])
def test_what_names_no_days_is_reported_and_opens_nothing(text: str) -> None:
    complaints: list[str] = []
    hours = read_hours(
        {"days": text, "start": "9:00", "end": "17:00"}, lambda name, _: complaints.append(name)
    )
    assert hours.spans == ()
    assert not hours.known
    assert complaints == ["days"]


@pytest.mark.parametrize(
    ("days", "note", "week"),
    [
        ("月火水木金土", "日・祝日　水・土曜午後休診", "水土 9-12, 月火木金 9-18"),
        ("月火水金土", "木・日曜・祝日・土曜午後休診", "土 9-12, 月火水金 9-18"),
        ("月火水金土日", "木・祝・日曜午後休診。", "日 9-12, 月火水金土 9-18"),
        ("月火木金土", "水･日曜・祝日休診（土曜17：30まで）", "土 9-17.5, 月火木金 9-18"),
        (
            "月火木金土",
            "水・日曜・祝日休診（火金は17：00まで　土曜は13：00まで）",
            "土 9-13, 火金 9-17, 月木 9-18",
        ),
        (
            "月火水木土",
            "金・日曜･祝日休診（水のみ9：00～13：00　15：30～17：00）",
            "水 9-13, 月火木土 9-18, 水 15.5-17",
        ),
        (
            "月火木金土日",
            "水曜・祝日休診（土日午後は14：00～17：00まで）",
            "土日 9-12, 月火木金 9-18, 土日 14-17",
        ),
        (
            "月火木金土",
            "水・日曜・祝日休診（土曜日午後14：00～16：30）",
            "土 9-12, 月火木金 9-18, 土 14-16.5",
        ),
        ("月火木金土", "土曜は午前9:00～12:00", "土 9-12, 月火木金 9-18"),
        ("月火水木金", "外来：月・木休診 訪問診療：火休診（訪問診療は17：00まで）", "火水金 9-18"),
        ("月火水木金土", "（火曜午前は手術のみ）", "月水木金土 9-18, 火 12-18"),
        ("月火水金土日", "木曜・祝日　水・土曜午後休診　日曜17：00まで", "水土 9-12, 日 9-17, 月火金 9-18"),
        ("月火水木金土日", "日曜･祝日午後休診（土曜17：00まで）", "日祝 9-12, 土 9-17, 月火水木金 9-18"),
        ("月火水金土", "木(祝日のある週は診療)･日曜･祝日休診", "月火水金土 9-18"),
        ("月火水金土", "木･日曜･祝日休診（火曜午後に不定期休診あり）", "月火水金土 9-18"),
        ("月火水木金", "祝日も営業", "月火水木金祝 9-18"),
        ("", "年中無休", "月火水木金土日祝 9-18"),
        ("特記事項参照", "外来：月火水金土　9：00～18：00 透析：木　9：00～18：00", "月火水金土 9-18"),
    ],
)
def test_remarks(days: str, note: str, week: str) -> None:
    start, end = ("", "") if days == "特記事項参照" else ("9:00", "18:00")
    assert shown(read(days, note, start, end)) == week


def test_a_remark_for_some_weeks() -> None:
    hours = read("火水木金土", "月・日曜・祝日休診　第１・３・５土曜は12：30まで　水・金午後は完全予約制")
    assert shown(hours, 1) == "土 9-12.5, 火水木金 9-18"
    assert "土 9-18" in shown(hours, 2)
    assert hours.doubt


def test_a_morning_session_stays_whole_when_the_afternoon_is_closed() -> None:
    hours = read("月火", "火曜午後休診", "①9:00～12:30 ②14:00～18:00", "")
    assert shown(hours) == "月火 9-12.5, 月 14-18"


def test_specialities_on_their_own_days() -> None:
    hours = read_hours(
        {"days": "月火水木金", "start": "9:00", "end": "17:00", "hours_note": "内科：月～木　耳鼻咽喉科：金"},
        lambda name, reason: pytest.fail(f"{name} {reason}"),
        specialities=frozenset({"内科", "耳鼻咽喉科"}),
    )
    found = {span.speciality: span.days for span in hours.spans}
    assert found == {"内科": {"mon", "tue", "wed", "thu"}, "耳鼻咽喉科": {"fri"}}


@pytest.mark.parametrize(
    ("note", "dates", "assumed"),
    [
        ("年末年始（12/29〜1/3）", ["12/29-01/03"], False),
        ("日曜・祝日・年末年始（12月29日～1月3日）休診", ["12/29-01/03"], False),
        ("12月29日から1月3日まで休業", ["12/29-01/03"], False),
        ("日曜・祝日・10/12休診", ["10/12"], False),
        ("年末年始休み", ["12/29-01/03"], True),
        ("8/13～8/16　12/30～1/3　休み", ["08/13-08/16", "12/30-01/03"], False),
        ("1月1日～3日は休業", ["01/01-01/03"], False),
        ("年末年始休業にて　12月30日～1月3日まで休みになります。", ["12/30-01/03"], False),
        ("年末年始も営業", [], False),
        ("4/1から開館", [], False),
        ("休館日：月曜日（祝日の場合は翌日）、年末年始（12/28～1/4）", ["12/28-01/04"], False),
        ("13/40休診", [], False),
    ],
)
def test_closing_dates(note: str, dates: list[str], assumed: bool) -> None:
    words = read_words(note)
    assert (words.dates, words.year_end_assumed) == (dates, assumed)


def test_a_holiday_in_a_condition_is_no_closing_day() -> None:
    words = read_words("休館日：月曜日（祝日の場合は翌日）、第3水曜日")
    assert {day for item in words.closed for day in item.days} == {"mon", "wed"}
    assert words.doubt
    assert not read_words("休館日：月曜日、第3水曜日").doubt


def test_whether_holidays_are_spoken_of() -> None:
    assert read("月火水", "日曜休診").holidays == "unknown"
    assert read("月火水", "日曜・祝日休診").holidays == "closed"
    assert read("月火水祝").holidays == "open"
    assert read("月火水祝", "祝日休診").holidays == "closed"


def test_days_without_times_are_no_hours() -> None:
    hours = read("月火水木金", "", "", "")
    assert (hours.spans, hours.known, hours.text) == ((), False, "月火水木金")


@pytest.mark.parametrize(
    "piece", ["月・", "日曜日", "(", "第1・", "9:00~", "午後", "12/29~", "あ", "月曜が祝日の場合は"]
)
def test_reading_takes_time_in_proportion(piece: str) -> None:
    began = time.perf_counter()
    read_words(piece * 20_000)
    assert time.perf_counter() - began < 2
