"""Hours of places, beside a plain reading of the same spans."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import jpholiday
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.places.timetable import Window, pack, unpack
from knowledge.hours import DAYS, JAPAN
from knowledge.place import Place, Span

ALL = (*DAYS, "hol")
SPANS = st.builds(
    lambda days, start, length, weeks, speciality: Span(days, start, start + length, weeks, speciality),
    st.frozensets(st.sampled_from(ALL), min_size=1),
    st.integers(0, 1439),
    st.integers(1, 900),
    st.frozensets(st.integers(1, 5), max_size=2),
    st.sampled_from(["", "", "小児科", "内科"]),
)
CLOSED = st.lists(st.sampled_from(["12/29-01/03", "08/13-08/15", "11/23", "02/29"]), max_size=2, unique=True)
MOMENTS = st.datetimes(datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2028-12-31"))


def place(*spans: Span, closed: tuple[str, ...] = (), known: bool = True) -> Place:
    return Place("t:1", "clinic", "名前", spans=spans, closed=closed, hours_known=known)


def plainly_open(p: Place, moment: datetime, speciality: str) -> bool | None:
    """Minute by minute, without any of the code that is tested."""
    spans = [s for s in p.spans if not speciality or s.speciality in ("", speciality)]
    if p.spans and not spans:
        return None
    for back in (0, 1):
        day = moment.date() - timedelta(days=back)
        minute = moment.hour * 60 + moment.minute + 1440 * back
        shut = False
        for text in p.closed:
            first, _, last = text.partition("-")
            here, last = f"{day.month:02}/{day.day:02}", last or first
            shut |= first <= here <= last if first <= last else here >= first or here <= last
        name = "hol" if jpholiday.is_holiday(day) else DAYS[day.weekday()]
        for span in spans:
            in_week = not span.weeks or (day.day + 6) // 7 in span.weeks
            if name in span.days and in_week and not shut and span.start <= minute < span.end:
                return True
    return False


@given(st.lists(SPANS, max_size=5), CLOSED, MOMENTS, st.sampled_from(["", "小児科", "眼科"]))
@settings(max_examples=600)
def test_open_is_what_a_plain_reading_says(
    spans: list[Span], closed: list[str], moment: datetime, speciality: str
) -> None:
    p = place(*spans, closed=tuple(closed))
    table = unpack(pack(p))
    assert table is not None
    wanted = frozenset({speciality} - {""})
    window = Window.at(moment.replace(tzinfo=JAPAN))
    assert table.open_in(window, wanted) == plainly_open(p, moment, speciality)


@given(st.lists(SPANS, min_size=1, max_size=4), CLOSED, MOMENTS, st.integers(2, 600))
@settings(max_examples=150)
def test_a_window_is_open_where_one_of_its_minutes_is(
    spans: list[Span], closed: list[str], moment: datetime, length: int
) -> None:
    p = place(*spans, closed=tuple(closed))
    table = unpack(pack(p))
    assert table is not None
    start = moment.hour * 60 + moment.minute
    window = Window(moment.date(), start, start + length)
    minutes = (moment + timedelta(minutes=step) for step in range(length))
    assert table.open_in(window) == any(plainly_open(p, minute, "") for minute in minutes)


@given(st.lists(SPANS, min_size=1, max_size=3), CLOSED, MOMENTS)
@settings(max_examples=150)
def test_the_next_opening_is_open_and_follows_a_closed_minute_or_now(
    spans: list[Span], closed: list[str], moment: datetime
) -> None:
    p = place(*spans, closed=tuple(closed))
    table = unpack(pack(p))
    assert table is not None
    now = moment.replace(tzinfo=JAPAN)
    later = table.next_opening(now)
    if later is not None:
        assert later > now
        assert plainly_open(p, later.replace(tzinfo=None), "")
    until = table.closes(now)
    assert (until is not None) == plainly_open(p, moment, "")


def test_unknown_hours_are_never_closed() -> None:
    assert unpack(pack(place(known=False))) is None
    only_other = unpack(pack(place(Span(frozenset({"mon"}), 540, 720, speciality="内科"))))
    assert only_other is not None
    assert only_other.open_in(Window(date(2026, 11, 16), 600, 601), frozenset({"小児科"})) is None


def test_lunch_weeks_holidays_and_the_end_of_the_year() -> None:
    table = unpack(
        pack(
            place(
                Span(frozenset({"mon", "tue"}), 540, 720),
                Span(frozenset({"mon", "tue"}), 840, 1080),
                Span(frozenset({"sat"}), 540, 720, frozenset({2, 4})),
                closed=("12/29-01/03",),
            )
        )
    )
    assert table is not None

    def at(text: str) -> bool | None:
        return table.open_in(Window.at(datetime.fromisoformat(text).replace(tzinfo=JAPAN)))

    assert [at(f"2026-11-16T{time}") for time in ("08:59", "09:00", "12:00", "14:00", "18:00")] == [
        False, True, False, True, False,
    ]  # fmt: skip
    assert [at("2026-11-07T10:00"), at("2026-11-14T10:00"), at("2026-11-28T10:00")] == [False, True, True]
    assert at("2026-11-23T10:00") is False  # a Monday, 勤労感謝の日
    assert [at("2026-12-28T10:00"), at("2026-12-29T10:00")] == [True, False]


def test_the_spans_of_a_day_are_joined() -> None:
    table = unpack(pack(place(Span(frozenset({"mon"}), 540, 720), Span(frozenset({"mon"}), 700, 1080))))
    assert table is not None
    assert table.on(date(2026, 11, 16)) == [(540, 1080)]


@pytest.mark.parametrize("bad", ["年末年始", "1-2", "12/29~1/3"])
def test_a_closing_day_out_of_shape_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="closing day"):
        pack(place(closed=(bad,)))
