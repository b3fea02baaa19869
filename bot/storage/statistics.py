"""Counts per day that stay when the turns are erased: no text, nobody's id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import delete, func, insert, select

from bot.storage.database import Database
from bot.storage.tables import DailyCount, Feedback, SessionRow, Turn
from knowledge.hours import JAPAN


@dataclass(frozen=True, slots=True)
class Day:
    """What was asked on one day in Japan. `entry_id`: "" where no entry answered."""

    day: date
    channel: str
    lang: str
    decision: str
    entry_id: str
    turns: int
    useful: int
    useless: int


class Statistics:
    """The daily counts of one deployment."""

    def __init__(self, database: Database):
        self._database = database

    def count_lately(self, now: datetime | None = None) -> int:
        """Count today's and yesterday's turns anew. Return the number of rows."""
        today = (now or datetime.now(UTC)).astimezone(JAPAN).date()
        return sum(self.count(day) for day in (today - timedelta(days=1), today))

    def count(self, day: date) -> int:
        """Count the turns of one day; counting again gives the same rows. Return their number."""
        start = datetime.combine(day, time(), JAPAN)
        groups = (SessionRow.channel, Turn.lang, Turn.decision, Turn.entry_id)
        wanted = (
            select(
                *groups,
                func.count(),
                func.count().filter(Feedback.value > 0),
                func.count().filter(Feedback.value < 0),
            )
            .join(SessionRow, SessionRow.key == Turn.session_key)
            .outerjoin(Feedback, Feedback.turn_id == Turn.id)
            .where(Turn.at >= start, Turn.at < start + timedelta(days=1))
            .group_by(*groups)
        )
        with self._database.transaction() as db:
            rows = db.execute(wanted).all()
            if rows:  # a day whose turns are erased keeps its counts
                db.execute(delete(DailyCount).where(DailyCount.day == day))
                counts = [
                    Day(day, channel, lang, decision or "", entry_id or "", *numbers)
                    for channel, lang, decision, entry_id, *numbers in rows
                ]
                db.execute(insert(DailyCount), [asdict(count) for count in counts])
        return len(rows)

    def days(self, since: date) -> Sequence[Day]:
        """Return all counts from `since` on, the newest day first."""
        wanted = select(*DailyCount.__table__.c).where(DailyCount.day >= since)
        ordered = wanted.order_by(DailyCount.day.desc(), DailyCount.turns.desc(), DailyCount.entry_id)
        with self._database.reading() as db:
            return [Day(**row) for row in db.execute(ordered).mappings()]

    def reasons(self, since: datetime) -> Sequence[tuple[str, str, int]]:
        """Return (entry, reason, number) of what was said to be no use since then, the most frequent first.

        `entry`: "" where no entry answered. Only turns that are kept are counted (`Settings.retention_days`).
        """
        wanted = (
            select(func.coalesce(Turn.entry_id, ""), Feedback.reason, func.count())
            .join(Turn, Turn.id == Feedback.turn_id)
            .where(Feedback.reason.is_not(None), Feedback.at >= since)
            .group_by(Turn.entry_id, Feedback.reason)
            .order_by(func.count().desc(), Turn.entry_id, Feedback.reason)
        )
        with self._database.reading() as db:
            return [(entry, str(reason), number) for entry, reason, number in db.execute(wanted)]
