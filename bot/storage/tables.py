"""The tables. A change here needs a migration in `migrations/versions`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return `value` in UTC. Raises ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without zone would be stored as a guess")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return `value` as an aware datetime."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all tables, with names for constraints that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class SessionRow(Base):
    """One conversation. `key`: keyed hash of channel and user id; the id itself is not stored."""

    __tablename__ = "sessions"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    state: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Turn(Base):
    """One turn: what was said (masked) and what was decided."""

    __tablename__ = "turns"
    __table_args__ = (UniqueConstraint("session_key", "event_id"), Index(None, "session_key", "message_ref"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    session_key: Mapped[str] = mapped_column(ForeignKey("sessions.key", ondelete="CASCADE"))
    event_id: Mapped[str] = mapped_column(String(128))
    message_ref: Mapped[str | None] = mapped_column(String(128))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    lang: Mapped[str] = mapped_column(String(8))
    said: Mapped[str | None] = mapped_column(Text)
    decision: Mapped[str | None] = mapped_column(String(16))
    entry_id: Mapped[str | None] = mapped_column(String(64))
    confidence: Mapped[float | None] = mapped_column(Float)
    reply: Mapped[Any | None] = mapped_column(JSON)


class Feedback(Base):
    """役に立った (1) or 立たなかった (-1), one a turn. `reason`: a code of `bot.feedback`, or none."""

    __tablename__ = "feedback"

    turn_id: Mapped[str] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    value: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(16))


NUMBER = BigInteger().with_variant(Integer, "sqlite")
WAITING = 0
DONE = 1
DEAD = 2
"""States of inbox and outbox rows; a reply that was sent has no row."""
_WAITS = text("state = 0")
_FIRST = text("urgent DESC")


class InboxRow(Base):
    """A webhook event. Once answered, only its id stays, so that a redelivery is not answered twice.

    `conversation`: the keyed hash of `SessionRow.key`. `payload`: the masked message and where to answer,
    sealed. `at`: when the event happened, `hold`: until when workers leave it alone; seconds since 1970.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "event_id"),
        Index("ix_inbox_waiting", _FIRST, "id", "conversation", sqlite_where=_WAITS).ddl_if("sqlite"),
        Index("ix_inbox_waiting", _FIRST, "id", postgresql_where=_WAITS).ddl_if("postgresql"),
        Index("ix_inbox_conversation", "conversation", postgresql_where=_WAITS).ddl_if("postgresql"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(NUMBER, primary_key=True, autoincrement=True)
    channel: Mapped[str] = mapped_column(String(16))
    event_id: Mapped[str] = mapped_column(String(128))
    conversation: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[float] = mapped_column(Float, index=True)
    hold: Mapped[float] = mapped_column(Float)
    urgent: Mapped[int] = mapped_column(Integer)
    tries: Mapped[int] = mapped_column(Integer)
    state: Mapped[int] = mapped_column(Integer)
    payload: Mapped[bytes | None] = mapped_column(LargeBinary)


class Lease(Base):
    """A conversation that a worker has in hand, until it gives it back or `until` (seconds since 1970)."""

    __tablename__ = "leases"

    conversation: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(32), index=True)
    until: Mapped[float] = mapped_column(Float)


class OutboxRow(Base):
    """A message to a channel that is not known to have arrived. `payload`: receiver and message, sealed.

    `due`: not before; `until`: a sender has it in hand until then; seconds since 1970.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_waiting", text("urgent DESC"), "id", sqlite_where=_WAITS, postgresql_where=_WAITS),
        Index("ix_outbox_conversation", "conversation", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(NUMBER, primary_key=True, autoincrement=True)
    conversation: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(16))
    at: Mapped[float] = mapped_column(Float)
    due: Mapped[float] = mapped_column(Float)
    owner: Mapped[str | None] = mapped_column(String(32), index=True)
    until: Mapped[float] = mapped_column(Float)
    urgent: Mapped[int] = mapped_column(Integer)
    tries: Mapped[int] = mapped_column(Integer)
    state: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str | None] = mapped_column(String(200))
    payload: Mapped[bytes] = mapped_column(LargeBinary)


class DailyCount(Base):
    """How many turns of a kind there were on one day in Japan."""

    __tablename__ = "daily_counts"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    lang: Mapped[str] = mapped_column(String(8), primary_key=True)
    decision: Mapped[str] = mapped_column(String(16), primary_key=True)
    entry_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    turns: Mapped[int] = mapped_column(Integer)
    useful: Mapped[int] = mapped_column(Integer)
    useless: Mapped[int] = mapped_column(Integer)


class Switch(Base):
    """A channel that is switched off; no row: it is on."""

    __tablename__ = "switches"

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
