"""About whom each kiosk asked within the hour, and whether it is suspended for having asked about too many."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, PrimaryKeyConstraint, String, Uuid

from central.database import Utc

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table and adds the columns."""
    op.create_table(
        "asked",
        Column("kiosk", String(length=64), nullable=False),
        Column("visit", Uuid(), nullable=False),
        Column("person", String(length=64), nullable=False),
        Column("at", Utc(), nullable=False),
        PrimaryKeyConstraint("kiosk", "visit", "person"),
    )
    op.create_index("asked_by_time", "asked", ["kiosk", "at"])
    op.add_column("kiosks", Column("suspended_at", Utc()))
    op.add_column("kiosks", Column("suspended_why", String(length=32)))


def downgrade() -> None:
    """Drops them."""
    op.drop_column("kiosks", "suspended_why")
    op.drop_column("kiosks", "suspended_at")
    op.drop_index("asked_by_time", "asked")
    op.drop_table("asked")
