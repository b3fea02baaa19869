"""First tables: sessions, turns, feedback, events."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "sessions",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_sessions"),
    )
    op.create_index("ix_sessions_updated_at", "sessions", ["updated_at"])
    op.create_table(
        "turns",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("session_key", sa.String(64), nullable=False),
        sa.Column("event_id", sa.String(128), nullable=False),
        sa.Column("message_ref", sa.String(128)),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("lang", sa.String(8), nullable=False),
        sa.Column("said", sa.Text()),
        sa.Column("decision", sa.String(16)),
        sa.Column("entry_id", sa.String(64)),
        sa.Column("confidence", sa.Float()),
        sa.Column("reply", sa.JSON()),
        sa.ForeignKeyConstraint(
            ["session_key"], ["sessions.key"], name="fk_turns_session_key_sessions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
        sa.UniqueConstraint("session_key", "event_id", name="uq_turns_session_key_event_id"),
    )
    op.create_index("ix_turns_at", "turns", ["at"])
    op.create_index("ix_turns_session_key_message_ref", "turns", ["session_key", "message_ref"])
    op.create_table(
        "feedback",
        sa.Column("turn_id", sa.String(32), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["turn_id"], ["turns.id"], name="fk_feedback_turn_id_turns", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("turn_id", name="pk_feedback"),
    )
    op.create_table(
        "events",
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("event_id", sa.String(128), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("channel", "event_id", name="pk_events"),
    )
    op.create_index("ix_events_at", "events", ["at"])


def downgrade() -> None:
    """Drop the tables."""
    for table in ("events", "feedback", "turns", "sessions"):
        op.drop_table(table)
