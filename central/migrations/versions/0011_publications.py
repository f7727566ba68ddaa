"""What is published to kiosks, signed, and the public keys that sign it."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, PrimaryKeyConstraint, String

from central.database import Utc

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "settings_keys",
        Column("id", String(length=64), nullable=False, primary_key=True),
        Column("suite", Integer(), nullable=False),
        Column("public", LargeBinary(), nullable=False),
        Column("since", Utc(), nullable=False),
    )
    op.create_table(
        "publications",
        Column("kind", String(length=32), nullable=False),
        Column("version", BigInteger(), nullable=False),
        Column("target", String(length=64), nullable=False),
        Column("issued", Utc(), nullable=False),
        Column("statement", LargeBinary(), nullable=False),
        Column("key", String(length=64), nullable=False),
        Column("signature", LargeBinary(), nullable=False),
        PrimaryKeyConstraint("kind", "version"),
    )
