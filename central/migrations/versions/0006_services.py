"""What the demonstration's authorities remember of the catalogue's items."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, PrimaryKeyConstraint, String, Text

from central.database import Utc

revision = "0006"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "demonstration_services",
        Column("person", String(length=64), nullable=False),
        Column("ours", String(length=40), nullable=False),
        Column("number", String(length=64), nullable=False),
        Column("authority", String(length=16), nullable=False),
        Column("item", String(length=64), nullable=False),
        Column("insured_place", String(length=6), nullable=False),
        Column("at", Utc(), nullable=False),
        Column("state", String(length=16), nullable=False),
        Column("text", Text(), nullable=False),
        PrimaryKeyConstraint("person", "ours"),
    )


def downgrade() -> None:
    """Drops it; the demonstration's authorities forget."""
    op.drop_table("demonstration_services")
