"""Dates of review: which answers somebody must look at again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Literal

from knowledge.located import Located
from knowledge.models import Entry
from knowledge.problems import Problem

Expired = Literal["show", "withhold"]
"""What becomes of an answer whose review is overdue: shown with a warning, or its counter named instead."""
SOON = timedelta(days=30)
"""How long before the date `tochimado check` begins to remind."""


def expired(entry: Entry, today: date) -> bool:
    """Return whether the review of `entry` is overdue: the day named is the last good one."""
    return entry.review_by < today


def withheld(entry: Entry, today: date, policy: Expired) -> bool:
    """Return whether residents are not to see the answer of `entry` on `today` (Japan's date)."""
    return policy == "withhold" and expired(entry, today)


def due_soon(entry: Entry, today: date) -> bool:
    """Return whether the review is not overdue but within `SOON`."""
    return not expired(entry, today) and entry.review_by <= today + SOON


def review_problems(located: Iterable[Located], today: date) -> Iterator[Problem]:
    """Yield what the dates of the entries say on `today` (Japan's date)."""
    for place in located:
        entry = place.entry
        if expired(entry, today):
            yield place.problem(
                "review-expired",
                f"見直し期限（{entry.review_by}）を過ぎています。内容を {entry.source.name} で確かめ、"
                "checked を今日に、review_by を次の期限に書きかえてください。",
                "review_by",
            )
        elif due_soon(entry, today):
            yield place.problem(
                "review-soon",
                f"見直し期限が近づいています（{entry.review_by}）。"
                "確かめたら checked と review_by を書きかえてください。",
                "review_by",
            )
        if entry.checked > today:
            yield place.problem(
                "checked-future",
                f"確認日（{entry.checked}）が今日より後です。実際に確かめた日を書いてください。",
                "checked",
            )
