"""Places and their index."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "places",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(160), nullable=False),
        sa.Column("dataset", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("municipality", sa.String(6)),
        sa.Column("name_key", sa.String(200), nullable=False),
        sa.Column("phone_key", sa.String(20), nullable=False),
        sa.Column("lat", sa.Float(53)),
        sa.Column("lng", sa.Float(53)),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.Column("facets", sa.Text(), nullable=False),
        sa.Column("starts", sa.Date()),
        sa.Column("ends", sa.Date()),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("official", sa.JSON()),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("gone_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_places"),
        sa.UniqueConstraint("key", name="uq_places_key"),
    )
    op.create_index("ix_places_dataset_municipality", "places", ["dataset", "municipality"])
    op.create_index("ix_places_municipality_name_key", "places", ["municipality", "name_key"])
    op.create_table(
        "place_terms",
        sa.Column("term", sa.String(80), nullable=False),
        sa.Column("cell", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("municipality", sa.String(6)),
        sa.Column("lat", sa.Float(53)),
        sa.Column("lng", sa.Float(53)),
        sa.ForeignKeyConstraint(
            ["place_id"], ["places.id"], name="fk_place_terms_place_id_places", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("term", "cell", "place_id", name="pk_place_terms"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_place_terms_term_municipality", "place_terms", ["term", "municipality"])
    op.create_index("ix_place_terms_place_id", "place_terms", ["place_id"])


def downgrade() -> None:
    """Drop the tables."""
    for table in ("place_terms", "places"):
        op.drop_table(table)
