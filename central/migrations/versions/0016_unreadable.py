"""Records that cannot be read are found without looking at the others."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the index."""
    aside = text("outcome <> 'stored'")
    op.create_index("records_unreadable", "records", ["kiosk", "ledger"], sqlite_where=aside, postgresql_where=aside)


def downgrade() -> None:
    """Drops it."""
    op.drop_index("records_unreadable", "records")
