"""Certificates that were given, and their files on their way."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, PrimaryKeyConstraint, String, Uuid

from central.database import Utc

revision = "0004"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "certificates",
        Column("person", String(length=64), nullable=False),
        Column("request", Uuid(), nullable=False),
        Column("kiosk", String(length=64), nullable=False),
        Column("authority", String(length=16), nullable=False),
        Column("kind", String(length=40), nullable=False),
        Column("place", String(length=6), nullable=False),
        Column("worker", String(length=32)),
        Column("reason", String(length=64)),
        Column("digest", LargeBinary(), nullable=False),
        Column("at", Utc(), nullable=False),
        PrimaryKeyConstraint("person", "request"),
    )
    op.create_table(
        "documents",
        Column("name", LargeBinary(), nullable=False),
        Column("request", Uuid(), nullable=False),
        Column("kiosk", String(length=64), nullable=False),
        Column("suite", Integer(), nullable=False),
        Column("sealed", LargeBinary(), nullable=False),
        Column("expires_at", Utc(), nullable=False),
        Column("downloads", Integer(), nullable=False),
        PrimaryKeyConstraint("name"),
    )
    op.create_index("documents_by_request", "documents", ["request"])
    op.create_index("documents_by_time", "documents", ["expires_at"])


def downgrade() -> None:
    """Drops them."""
    op.drop_table("documents")
    op.drop_table("certificates")
