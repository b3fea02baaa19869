"""介護サービス情報公表システム: offices of care, one row for each service."""

from __future__ import annotations

from knowledge.opendata.build import place
from knowledge.opendata.context import Context
from knowledge.opendata.hours import Hours
from knowledge.opendata.problems import RowError
from knowledge.opendata.row import Row, digest
from knowledge.opendata.words import read_words
from knowledge.place import Place


def office(row: Row, context: Context) -> Place:
    """One service of one office. Days are given, times are not: hours stay unknown, their words are kept."""
    service = row.text("service")
    if not service:
        raise RowError(row.heading("service"), "", "サービスの種類がありません")
    number = row.identifier("office_id")
    remarks = read_words(row.text("hours_note"))
    text = " ".join(filter(None, (row.text("days").replace("|", "・"), row.text("hours_note"))))
    return place(
        row, context, "care", prefix="kaigo",
        official_id=f"{number}-{digest(service)[:6]}" if number else "",
        hours=Hours(text=text, closed=tuple(remarks.dates)),
        extra={**row.filled("capacity"), "service": service, **({"office_id": number} if number else {})},
    )  # fmt: skip
