"""Open now, next opening: weekdays, nights, public holidays, New Year."""

from __future__ import annotations

from datetime import datetime

import pytest

from knowledge.hours import JAPAN, HoursError, is_holiday, read_hours
from knowledge.loader import CONTENT, load

NIGHT_LINE = (["mon-fri 16:00-34:00", "sat,sun,hol 10:00-34:00"], [])
OFFICE = (["mon-fri 08:30-12:00", "mon-fri 13:00-17:15"], ["12/29-1/3"])


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JAPAN)


@pytest.mark.parametrize(
    ("rules", "moment", "open_"),
    [
        (NIGHT_LINE, "2026-11-20T15:59", False),  # Friday
        (NIGHT_LINE, "2026-11-20T16:00", True),
        (NIGHT_LINE, "2026-11-21T09:59", True),  # Saturday morning, Friday's night
        (NIGHT_LINE, "2026-11-22T02:00", True),
        (NIGHT_LINE, "2026-11-23T12:00", True),  # Labour Thanksgiving Day, a Monday
        (NIGHT_LINE, "2026-11-24T12:00", False),
        (NIGHT_LINE, "2026-11-24T09:00", True),  # the night of the holiday
        (OFFICE, "2026-11-20T12:30", False),  # lunch
        (OFFICE, "2026-11-20T17:14", True),
        (OFFICE, "2026-11-20T17:15", False),
        (OFFICE, "2026-11-23T10:00", False),  # holiday
        (OFFICE, "2026-12-29T10:00", False),  # New Year
        (OFFICE, "2027-01-04T10:00", True),
        ((["always"], []), "2027-01-01T03:00", True),
        ((["daily 09:00-17:00"], []), "2026-11-23T10:00", True),
    ],
)
def test_open_at(rules: tuple[list[str], list[str]], moment: str, open_: bool) -> None:
    hours = read_hours(*rules)
    assert hours is not None
    assert hours.open_at(at(moment)) is open_


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-20T12:30", "2026-11-20T13:00"),
        ("2026-11-20T18:00", "2026-11-24T08:30"),  # weekend and a holiday between
        ("2026-12-28T18:00", "2027-01-04T08:30"),
        ("2026-11-20T09:00", "2026-11-20T09:00"),
    ],
)
def test_next_opening(moment: str, opens: str) -> None:
    hours = read_hours(*OFFICE)
    assert hours is not None
    assert hours.next_opening(at(moment)) == at(opens)


def test_no_rules_means_unknown() -> None:
    assert read_hours([]) is None


def test_a_place_that_never_opens_has_no_next_opening() -> None:
    hours = read_hours(["mon 09:00-10:00"], ["1/1-12/31"])
    assert hours is not None
    assert hours.next_opening(at("2026-11-20T12:00")) is None


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "mon",
        "mon-fri",
        "fri-mon 9:00-17:00",
        "mon 17:00-09:00",
        "xxx 9:00-17:00",
        "mon 9:00-99:00",
        "mon 25:00-26:00",
    ],
)
def test_bad_rules_are_refused(rule: str) -> None:
    with pytest.raises(HoursError):
        read_hours([rule])


@pytest.mark.parametrize("closed", ["13/1", "12/32", "2/30", "New Year"])
def test_bad_closed_days_are_refused(closed: str) -> None:
    with pytest.raises(HoursError):
        read_hours(["daily 9:00-10:00"], [closed])


def test_holidays_are_japans() -> None:
    assert is_holiday(at("2027-01-01T00:00").date())
    assert not is_holiday(at("2026-11-20T00:00").date())


def test_every_rule_of_the_registry_can_be_read() -> None:
    knowledge, _ = load(CONTENT)
    read = [read_hours(line.open, line.closed) for line in knowledge.phones.values()]
    assert sum(hours is not None for hours in read) >= 10
