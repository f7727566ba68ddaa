"""Live transactions, the nonces under which they come, and what the demonstration's authorities carried out at once."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Date, PrimaryKeyConstraint, String, Text, Uuid

from central.database import Utc

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables; a matter can have a last day."""
    op.create_table(
        "live",
        Column("kiosk", String(length=64), nullable=False),
        Column("id", Uuid(), nullable=False),
        Column("ours", String(length=30)),
        Column("state", String(length=16), nullable=False),
        Column("since", Utc(), nullable=False),
        Column("sent_at", Utc()),
        Column("held_by", String(length=64), nullable=False),
        Column("held_at", Utc(), nullable=False),
        PrimaryKeyConstraint("kiosk", "id"),
    )
    op.create_table(
        "nonces",
        Column("kiosk", String(length=64), nullable=False),
        Column("nonce", String(length=32), nullable=False),
        Column("at", Utc(), nullable=False),
        PrimaryKeyConstraint("kiosk", "nonce"),
    )
    op.create_index("nonces_by_time", "nonces", ["at"])
    op.create_table(
        "demonstration_deeds",
        Column("person", String(length=64), nullable=False),
        Column("ours", String(length=40), nullable=False),
        Column("deed", String(length=16), nullable=False),
        Column("number", String(length=64), nullable=False),
        Column("text", Text(), nullable=False),
        Column("at", Utc(), nullable=False),
        Column("until", Date()),
        Column("about", String(length=64)),
        Column("shown", String(length=160)),
        Column("relation", String(length=32)),
        PrimaryKeyConstraint("person", "ours"),
    )
    op.add_column("matters", Column("until", Date()))


def downgrade() -> None:
    """Drops them; the demonstration's authorities forget."""
    op.drop_column("matters", "until")
    op.drop_table("demonstration_deeds")
    op.drop_table("nonces")
    op.drop_table("live")
