"""How often a wrong registration number was asked for."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, PrimaryKeyConstraint, String

from central.database import Utc

revision = "0010"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "number_tries",
        Column("place", String(length=32), nullable=False),
        Column("since", Utc(), nullable=False),
        Column("wrong", Integer(), nullable=False),
        PrimaryKeyConstraint("place"),
    )
    op.create_index("number_tries_by_time", "number_tries", ["since"])


def downgrade() -> None:
    """Drops it."""
    op.drop_index("number_tries_by_time", "number_tries")
    op.drop_table("number_tries")
