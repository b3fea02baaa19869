"""Inbox, outbox, leases and daily counts; the inbox takes over what the events table remembered."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WAITS = sa.text("state = 0")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables; events seen become inbox rows that are done."""
    op.create_table(
        "inbox",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("event_id", sa.String(128), nullable=False),
        sa.Column("conversation", sa.String(64)),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("hold", sa.Float(), nullable=False),
        sa.Column("urgent", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("payload", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.UniqueConstraint("channel", "event_id", name="uq_inbox_channel_event_id"),
        sqlite_autoincrement=True,
    )
    _index("ix_inbox_waiting", "inbox", [sa.text("urgent DESC"), "id"])
    _index("ix_inbox_conversation", "inbox", ["conversation"])
    op.create_index("ix_inbox_at", "inbox", ["at"])
    op.create_table(
        "leases",
        sa.Column("conversation", sa.String(64), nullable=False),
        sa.Column("owner", sa.String(32), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("conversation", name="pk_leases"),
    )
    op.create_index("ix_leases_owner", "leases", ["owner"])
    op.create_table(
        "outbox",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("conversation", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("due", sa.Float(), nullable=False),
        sa.Column("owner", sa.String(32)),
        sa.Column("until", sa.Float(), nullable=False),
        sa.Column("urgent", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(200)),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sqlite_autoincrement=True,
    )
    _index("ix_outbox_waiting", "outbox", [sa.text("urgent DESC"), "id"])
    op.create_index("ix_outbox_conversation", "outbox", ["conversation", "id"])
    op.create_index("ix_outbox_owner", "outbox", ["owner"])
    op.create_table(
        "daily_counts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("lang", sa.String(8), nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("entry_id", sa.String(64), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("useful", sa.Integer(), nullable=False),
        sa.Column("useless", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "channel", "lang", "decision", "entry_id", name="pk_daily_counts"),
    )
    seconds = (
        "EXTRACT(EPOCH FROM at)"
        if op.get_bind().dialect.name == "postgresql"
        else "(julianday(at) - 2440587.5) * 86400.0"
    )
    into = "INSERT INTO inbox (channel, event_id, at, hold, urgent, tries, state)"
    op.execute(f"{into} SELECT channel, event_id, {seconds}, 0, 0, 1, 1 FROM events")  # noqa: S608 (constants)
    op.drop_table("events")


def downgrade() -> None:
    """Drop the tables; the ids of answered events go back where they were."""
    op.create_table(
        "events",
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("event_id", sa.String(128), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("channel", "event_id", name="pk_events"),
    )
    op.create_index("ix_events_at", "events", ["at"])
    moment = "to_timestamp(at)" if op.get_bind().dialect.name == "postgresql" else "datetime(at, 'unixepoch')"
    op.execute(f"INSERT INTO events SELECT channel, event_id, {moment} FROM inbox WHERE state = 1")  # noqa: S608
    for table in ("daily_counts", "outbox", "leases", "inbox"):
        op.drop_table(table)


def _index(name: str, table: str, columns: list[object]) -> None:
    op.create_index(name, table, columns, sqlite_where=WAITS, postgresql_where=WAITS)  # type: ignore[arg-type]
