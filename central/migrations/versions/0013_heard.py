"""When the kiosk of a ledger was heard last."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, text

from central.database import Utc

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column; of a ledger that there is, its last record says it."""
    with op.batch_alter_table("ledgers") as batch:
        batch.add_column(Column("heard_at", Utc()))
    op.execute(
        text(
            "UPDATE ledgers SET heard_at = coalesce((SELECT max(stored_at) FROM records"
            " WHERE records.kiosk = ledgers.kiosk AND records.ledger = ledgers.ledger), since)"
        )
    )
    with op.batch_alter_table("ledgers") as batch:
        batch.alter_column("heard_at", nullable=False)


def downgrade() -> None:
    """Drops it."""
    with op.batch_alter_table("ledgers") as batch:
        batch.drop_column("heard_at")
