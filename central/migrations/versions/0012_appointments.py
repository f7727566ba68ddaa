"""Appointments, and the seats that they take."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Date, Integer, PrimaryKeyConstraint, String, Uuid

revision = "0012"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "appointments",
        Column("kiosk", String(length=64), nullable=False),
        Column("id", Uuid(), nullable=False),
        Column("person", String(length=64), nullable=False),
        Column("item", String(length=64), nullable=False),
        Column("centre", String(length=40), nullable=False),
        Column("day", Date(), nullable=False),
        Column("begin", String(length=5), nullable=False),
        Column("end", String(length=5), nullable=False),
        Column("state", String(length=16), nullable=False),
        PrimaryKeyConstraint("kiosk", "id"),
    )
    op.create_index("appointments_by_person", "appointments", ["person"])
    op.create_table(
        "seats",
        Column("centre", String(length=40), nullable=False),
        Column("item", String(length=64), nullable=False),
        Column("day", Date(), nullable=False),
        Column("begin", String(length=5), nullable=False),
        Column("seat", Integer(), nullable=False),
        Column("kiosk", String(length=64), nullable=False),
        Column("id", Uuid(), nullable=False),
        PrimaryKeyConstraint("centre", "item", "day", "begin", "seat"),
    )
    op.create_index("seats_by_record", "seats", ["kiosk", "id"])


def downgrade() -> None:
    """Drops them."""
    op.drop_index("seats_by_record", "seats")
    op.drop_table("seats")
    op.drop_index("appointments_by_person", "appointments")
    op.drop_table("appointments")
