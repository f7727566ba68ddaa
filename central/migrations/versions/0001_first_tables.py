"""The first tables."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKeyConstraint,
    Identity,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)

from central.database import Utc

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes the tables that ``central.tables`` describes."""
    op.create_table(
        "check_ins",
        Column("kiosk", String(length=64), nullable=False),
        Column("id", Uuid(), nullable=False),
        Column("method", String(length=16), nullable=False),
        Column("category", String(length=16)),
        Column("services", Text(), nullable=False),
        Column("person", String(length=64)),
        Column("happened_at", Utc(), nullable=False),
        PrimaryKeyConstraint("kiosk", "id"),
    )
    op.create_table(
        "codes",
        Column("person", String(length=64), nullable=False),
        Column("visit", Uuid(), nullable=False),
        Column("sent", Integer(), nullable=False),
        Column("kiosk", String(length=64), nullable=False),
        Column("code", LargeBinary(), nullable=False),
        Column("sent_at", Utc(), nullable=False),
        Column("expires_at", Utc(), nullable=False),
        Column("tries", Integer(), nullable=False),
        Column("right_at", Utc()),
        PrimaryKeyConstraint("person", "visit", "sent"),
    )
    op.create_index("codes_by_visit", "codes", ["visit"])
    op.create_table(
        "confirmations",
        Column("kiosk", String(length=64), nullable=False),
        Column("token", LargeBinary(), nullable=False),
        Column("ledger", String(length=32), nullable=False),
        Column("seq", BigInteger(), nullable=False),
        Column("sent_at", Utc(), nullable=False),
        Column("expires_at", Utc(), nullable=False),
        Column("confirmed_at", Utc()),
        PrimaryKeyConstraint("kiosk", "token"),
    )
    op.create_index("confirmations_by_token", "confirmations", ["token"])
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
    op.create_table(
        "demonstration_messages",
        Column("id", Integer(), Identity(), nullable=False),
        Column("key", String(length=64), nullable=False),
        Column("to", String(length=32), nullable=False),
        Column("text", Text(), nullable=False),
        Column("token", String(length=64)),
        Column("at", Utc(), nullable=False),
        PrimaryKeyConstraint("id"),
        UniqueConstraint("key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "kiosks",
        Column("kiosk", String(length=64), nullable=False),
        Column("mode", String(length=16), nullable=False),
        Column("since", Utc(), nullable=False),
        PrimaryKeyConstraint("kiosk"),
    )
    op.create_table(
        "ledgers",
        Column("kiosk", String(length=64), nullable=False),
        Column("ledger", String(length=32), nullable=False),
        Column("contiguous", BigInteger(), nullable=False),
        Column("since", Utc(), nullable=False),
        PrimaryKeyConstraint("kiosk", "ledger"),
    )
    op.create_table(
        "matters",
        Column("kiosk", String(length=64), nullable=False),
        Column("id", Uuid(), nullable=False),
        Column("state", String(length=16), nullable=False),
        Column("number", String(length=64)),
        Column("text", Text()),
        Column("at", Utc(), nullable=False),
        Column("person", String(length=64)),
        Column("shown", String(length=160)),
        Column("summary", String(length=200), nullable=False),
        Column("intent", String(length=64)),
        Column("like", Uuid()),
        PrimaryKeyConstraint("kiosk", "id"),
    )
    op.create_index("matters_by_person", "matters", ["person"])
    op.create_table(
        "openers",
        Column("name", String(length=64), nullable=False),
        Column("at", Utc(), nullable=False),
        PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "quarantine",
        Column("kiosk", String(length=64), nullable=False),
        Column("digest", String(length=64), nullable=False),
        Column("ledger", String(length=32), nullable=False),
        Column("id", Uuid()),
        Column("hash", LargeBinary(), nullable=False),
        Column("header", LargeBinary(), nullable=False),
        Column("sealed", LargeBinary(), nullable=False),
        Column("outcome", String(length=16), nullable=False),
        Column("why", String(length=64), nullable=False),
        Column("arrived_at", Utc(), nullable=False),
        PrimaryKeyConstraint("kiosk", "digest"),
    )
    op.create_table(
        "records",
        Column("kiosk", String(length=64), nullable=False),
        Column("ledger", String(length=32), nullable=False),
        Column("seq", BigInteger(), nullable=False),
        Column("id", Uuid()),
        Column("hash", LargeBinary(), nullable=False),
        Column("previous", LargeBinary()),
        Column("kind", String(length=64)),
        Column("version", Integer()),
        Column("mode", String(length=16)),
        Column("sealing_key", String(length=64)),
        Column("happened_at", Utc()),
        Column("header", LargeBinary(), nullable=False),
        Column("sealed", LargeBinary(), nullable=False),
        Column("outcome", String(length=16), nullable=False),
        Column("stored_at", Utc(), nullable=False),
        PrimaryKeyConstraint("kiosk", "ledger", "seq"),
    )
    op.create_index("records_by_id", "records", ["id", "kiosk"], unique=True)
    op.create_index("records_by_time", "records", ["stored_at"])
    op.create_table(
        "sealing_keys",
        Column("version", Integer(), autoincrement=False, nullable=False),
        Column("id", String(length=64), nullable=False),
        Column("suite", Integer(), nullable=False),
        Column("public", LargeBinary(), nullable=False),
        Column("not_after", Utc(), nullable=False),
        PrimaryKeyConstraint("version"),
        UniqueConstraint("id"),
    )
    op.create_table(
        "work",
        Column("kiosk", String(length=64), nullable=False),
        Column("ledger", String(length=32), nullable=False),
        Column("seq", BigInteger(), nullable=False),
        Column("confirmed", Boolean(), nullable=False),
        Column("due_at", Utc(), nullable=False),
        Column("tries", Integer(), nullable=False),
        ForeignKeyConstraint(["kiosk", "ledger", "seq"], ["records.kiosk", "records.ledger", "records.seq"]),
        PrimaryKeyConstraint("kiosk", "ledger", "seq"),
    )
    op.create_index("work_by_time", "work", ["due_at"])


def downgrade() -> None:
    """Drops them."""
    op.drop_table("work")
    op.drop_table("sealing_keys")
    op.drop_table("records")
    op.drop_table("quarantine")
    op.drop_table("openers")
    op.drop_table("matters")
    op.drop_table("ledgers")
    op.drop_table("kiosks")
    op.drop_table("demonstration_messages")
    op.drop_table("demonstration_filings")
    op.drop_table("confirmations")
    op.drop_table("codes")
    op.drop_table("check_ins")
