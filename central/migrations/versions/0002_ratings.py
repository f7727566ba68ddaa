"""Ratings (好差评)."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Date, Integer, PrimaryKeyConstraint, String

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Makes their table."""
    op.create_table(
        "ratings",
        Column("kiosk", String(length=64), nullable=False),
        Column("service", String(length=64), nullable=False),
        Column("day", Date(), nullable=False),
        Column("stars", Integer(), nullable=False),
        Column("given", Integer(), nullable=False),
        PrimaryKeyConstraint("kiosk", "service", "day", "stars"),
    )


def downgrade() -> None:
    """Drops it."""
    op.drop_table("ratings")
