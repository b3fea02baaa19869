"""Why an answer was of no use, where the resident has chosen a reason."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("feedback", sa.Column("reason", sa.String(16)))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("feedback", "reason")
