"""Filings under our own numbers, and the states of the demonstration authority's."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Date, PrimaryKeyConstraint, String, Text, Uuid, text

from central.database import Utc

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables; what the demonstration's authority remembered goes on under its record's id."""
    op.create_table(
        "filings",
        Column("kiosk", String(length=64), nullable=False),
        Column("id", Uuid(), nullable=False),
        Column("ours", String(length=30), nullable=False),
        Column("state", String(length=16), nullable=False),
        Column("number", String(length=64)),
        Column("until", Date()),
        Column("since", Utc(), nullable=False),
        Column("held_by", String(length=64), nullable=False),
        Column("held_at", Utc(), nullable=False),
        PrimaryKeyConstraint("kiosk", "id"),
    )
    op.create_table(
        "filing_numbers",
        Column("ours", String(length=30), nullable=False),
        Column("kiosk", String(length=64), nullable=False),
        Column("id", Uuid(), nullable=False),
        PrimaryKeyConstraint("ours"),
    )
    op.rename_table("demonstration_filings", "demonstration_filings_before")
    op.create_table(
        "demonstration_filings",
        Column("person", String(length=64), nullable=False),
        Column("ours", String(length=40), nullable=False),
        Column("number", String(length=64), nullable=False),
        Column("filing", String(length=16), nullable=False),
        Column("place", String(length=6), nullable=False),
        Column("begin", Date(), nullable=False),
        Column("end", Date()),
        Column("at", Utc(), nullable=False),
        Column("insured_place", String(length=6), nullable=False),
        Column("state", String(length=16), nullable=False),
        Column("text", Text(), nullable=False),
        PrimaryKeyConstraint("person", "ours", name="demonstration_filings_by_ours"),
    )
    op.execute(
        text(
            'INSERT INTO demonstration_filings (person, ours, number, filing, place, "begin", "end", at, insured_place,'
            ' state, text) SELECT person, CAST(record AS VARCHAR(40)), number, filing, place, "begin", "end", at,'
            " substr(number, 3, 6), 'accepted', '' FROM demonstration_filings_before"
        )
    )
    op.drop_table("demonstration_filings_before")


def downgrade() -> None:
    """Drops them; the demonstration's authority forgets."""
    op.drop_table("filing_numbers")
    op.drop_table("filings")
    op.drop_table("demonstration_filings")
    op.create_table(
        "demonstration_filings",
        Column("person", String(length=64), nullable=False),
        Column("record", Uuid(), nullable=False),
        Column("number", String(length=64), nullable=False),
        Column("filing", String(length=16), nullable=False),
        Column("place", String(length=6), nullable=False),
        Column("begin", Date(), nullable=False),
        Column("end", Date()),
        Column("at", Utc(), nullable=False),
        PrimaryKeyConstraint("person", "record"),
    )
