"""The key of each machine, by which its batches are known to be its own."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns."""
    op.add_column("kiosks", Column("key_id", String(length=64)))
    op.add_column("kiosks", Column("key_suite", Integer()))
    op.add_column("kiosks", Column("key_public", LargeBinary()))
    op.create_index("kiosks_by_key", "kiosks", ["key_id"], unique=True)


def downgrade() -> None:
    """Drops them."""
    op.drop_index("kiosks_by_key", "kiosks")
    for column in ("key_public", "key_suite", "key_id"):
        op.drop_column("kiosks", column)
