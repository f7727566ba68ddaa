"""Why a matter was declined."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, String

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column."""
    op.add_column("matters", Column("code", String(length=32)))


def downgrade() -> None:
    """Drops it."""
    op.drop_column("matters", "code")
