"""The tables of places. A change here needs a migration in `bot/storage/migrations/versions`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.tables import Base, UtcDateTime


class PlaceRow(Base):
    """One place. What the search filters by is in columns, all of it in `body`.

    `dataset`: the set of files it came with, which decides what a later import of that set closes.
    `body`: the place as residents see it; `official`: as the file has it, where staff corrected it.
    `digest`: of the official place. `hours`: `bot.places.timetable.pack`, empty where they are unknown.
    `gone_at`: when it was missing from its dataset; it is kept and no longer found.
    """

    __tablename__ = "places"
    __table_args__ = (Index(None, "dataset", "municipality"), Index(None, "municipality", "name_key"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    dataset: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    municipality: Mapped[str | None] = mapped_column(String(6))
    name_key: Mapped[str] = mapped_column(String(200))
    phone_key: Mapped[str] = mapped_column(String(20))
    lat: Mapped[float | None] = mapped_column(Float(53))
    lng: Mapped[float | None] = mapped_column(Float(53))
    hours: Mapped[str] = mapped_column(Text)
    facets: Mapped[str] = mapped_column(Text)
    """Specialities, hazards and attributes as `|a|b|`, so that one look tells."""
    starts: Mapped[date | None] = mapped_column(Date)
    ends: Mapped[date | None] = mapped_column(Date)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    official: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    digest: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PlaceTerm(Base):
    """The index: what a place may be looked for by, and where it is.

    `term`: `kind/` or `kind/facet` (`clinic/小児科`). `cell`: `bot.places.grid.cell`, -1 without coordinates.
    Within a term the primary key runs along the Z-order curve: a square of the map is a few ranges of it.
    Only places that can be found have rows.
    """

    __tablename__ = "place_terms"
    __table_args__ = (
        Index(None, "term", "municipality"),
        Index(None, "place_id"),
        {"sqlite_with_rowid": False},
    )

    term: Mapped[str] = mapped_column(String(80), primary_key=True)
    cell: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("places.id", ondelete="CASCADE"), primary_key=True)
    municipality: Mapped[str | None] = mapped_column(String(6))
    lat: Mapped[float | None] = mapped_column(Float(53))
    lng: Mapped[float | None] = mapped_column(Float(53))
