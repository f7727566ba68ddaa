"""Evaluations one by one, to be handed on, and the work orders of those who were not satisfied."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Boolean, Column, Date, Integer, PrimaryKeyConstraint, String, Text, Uuid

from central.database import Utc

revision = "0009"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables. What was counted before stays counted; it cannot be taken apart again."""
    op.create_table(
        "evaluations",
        Column("kiosk", String(length=64), nullable=False),
        Column("id", Uuid(), nullable=False),
        Column("service", String(length=64), nullable=False),
        Column("day", Date(), nullable=False),
        Column("stars", Integer(), nullable=False),
        Column("reasons", Text(), nullable=False),
        Column("words", Text(), nullable=False),
        PrimaryKeyConstraint("kiosk", "id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "work_orders",
        Column("kiosk", String(length=64), nullable=False),
        Column("number", String(length=16), nullable=False),
        Column("evaluation", Uuid(), nullable=False),
        Column("opened_on", Date(), nullable=False),
        Column("due_on", Date(), nullable=False),
        Column("state", String(length=16), nullable=False),
        Column("wants_call", Boolean(), nullable=False),
        Column("telephone", String(length=20)),
        Column("answer", Text()),
        Column("answered_at", Utc()),
        Column("called_back_at", Utc()),
        Column("closed_at", Utc()),
        PrimaryKeyConstraint("kiosk", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index("work_orders_by_number", "work_orders", ["number"], unique=True)


def downgrade() -> None:
    """Drops them."""
    op.drop_index("work_orders_by_number", "work_orders")
    op.drop_table("work_orders")
    op.drop_table("evaluations")
