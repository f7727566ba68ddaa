"""What befell the machines, by kiosk."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, String, Text

from central.database import Utc

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "audit_events",
        Column("kiosk", String(length=64), nullable=False),
        Column("ledger", String(length=32), nullable=False),
        Column("seq", BigInteger(), nullable=False),
        Column("event", String(length=64), nullable=False),
        Column("details", Text(), nullable=False),
        Column("happened_at", Utc(), nullable=False),
        Column("clock_flags", Integer(), nullable=False),
        PrimaryKeyConstraint("kiosk", "ledger", "seq"),
    )
    op.create_index("audit_events_by_time", "audit_events", ["kiosk", "happened_at"])
