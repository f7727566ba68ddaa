"""Acts that rest on a worker's word, or that somebody did for another."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, PrimaryKeyConstraint, String, Uuid

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "vouchers",
        Column("kiosk", String(length=64), nullable=False),
        Column("id", Uuid(), nullable=False),
        Column("shown", String(length=16), nullable=False),
        Column("proof", String(length=16), nullable=False),
        Column("worker", String(length=32)),
        Column("reason", String(length=64)),
        Column("agent", String(length=64)),
        Column("relation", String(length=16)),
        PrimaryKeyConstraint("kiosk", "id"),
    )
    op.create_index("vouchers_by_worker", "vouchers", ["worker"])


def downgrade() -> None:
    """Drops it."""
    op.drop_table("vouchers")
