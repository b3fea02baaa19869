"""SQLite finds the messages of a conversation in the index of what waits.

An index by conversation had each message written to a page of its own, as hashes lie; it was half of what an
acknowledgement wrote. PostgreSQL writes its indexes later and keeps it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_WAITS = sa.text("state = 0")


def upgrade() -> None:
    """Replace the two indexes by one that holds the conversation, too."""
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index("ix_inbox_conversation", "inbox")
        op.drop_index("ix_inbox_waiting", "inbox")
        _waiting("conversation")


def downgrade() -> None:
    """Two indexes again."""
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index("ix_inbox_waiting", "inbox")
        _waiting()
        op.create_index("ix_inbox_conversation", "inbox", ["conversation"], sqlite_where=_WAITS)


def _waiting(*more: str) -> None:
    op.create_index("ix_inbox_waiting", "inbox", [sa.text("urgent DESC"), "id", *more], sqlite_where=_WAITS)
