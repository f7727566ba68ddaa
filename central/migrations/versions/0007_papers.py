"""Papers that telephones and scanners sent, and the uploads that telephones sent them in."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Boolean, Column, Integer, LargeBinary, PrimaryKeyConstraint, String, Text, UniqueConstraint, Uuid

from central.database import Utc

revision = "0007"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "uploads",
        Column("kiosk", String(length=64), nullable=False),
        Column("id", Uuid(), nullable=False),
        Column("visit", Uuid(), nullable=False),
        Column("token", LargeBinary(), nullable=False),
        Column("phone", LargeBinary()),
        Column("wanted", Text(), nullable=False),
        Column("opened_at", Utc(), nullable=False),
        Column("until", Utc(), nullable=False),
        Column("finished", Boolean(), nullable=False),
        Column("closed", Boolean(), nullable=False),
        Column("news", Integer(), nullable=False),
        PrimaryKeyConstraint("kiosk", "id"),
    )
    op.create_index("uploads_by_id", "uploads", ["id"])
    op.create_index("uploads_by_token", "uploads", ["token"])
    op.create_table(
        "papers",
        Column("kiosk", String(length=64), nullable=False),
        Column("id", Uuid(), nullable=False),
        Column("upload", Uuid(), nullable=False),
        Column("paper", String(length=64), nullable=False),
        Column("at", Utc(), nullable=False),
        Column("file", LargeBinary(), nullable=False),
        Column("sha256", String(length=64), nullable=False),
        Column("sealing_key", String(length=64), nullable=False),
        Column("sealed", LargeBinary(), nullable=False),
        Column("thumbnail", LargeBinary()),
        Column("record", Uuid()),
        Column("claimed_by", Uuid()),
        Column("ours", String(length=30)),
        Column("handed_at", Utc()),
        PrimaryKeyConstraint("kiosk", "id"),
        UniqueConstraint("kiosk", "upload", "paper", "file", name="papers_once"),
    )
    op.create_table(
        "demonstration_papers",
        Column("person", String(length=64), nullable=False),
        Column("ours", String(length=40), nullable=False),
        Column("filed", String(length=40), nullable=False),
        Column("paper", String(length=64), nullable=False),
        Column("sha256", String(length=64), nullable=False),
        Column("at", Utc(), nullable=False),
        PrimaryKeyConstraint("person", "ours"),
    )
    op.create_index("papers_by_upload", "papers", ["upload"])
    op.create_index("papers_by_record", "papers", ["record"])


def downgrade() -> None:
    """Drops them."""
    op.drop_table("demonstration_papers")
    op.drop_table("papers")
    op.drop_table("uploads")
