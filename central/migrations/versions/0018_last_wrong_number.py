"""Which wrong number was asked for last at a place: the same one again is no further guess."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, LargeBinary

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column."""
    op.add_column("number_tries", Column("last", LargeBinary()))


def downgrade() -> None:
    """Drops it."""
    op.drop_column("number_tries", "last")
