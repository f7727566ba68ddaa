"""Central's database: SQLite by default, PostgreSQL by URL, the same code over both.

Reads and writes are separate: a write takes its lock at once (``BEGIN IMMEDIATE`` on SQLite), so that it never fails
half way for having begun as a read. All of it blocks and belongs into threads, never on an event loop.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from sqlalchemy import Connection, DateTime, Dialect, Engine, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql as postgresql_dialect
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

log = logging.getLogger("central")

PATIENCE = 10
"""Seconds that a statement waits for another's lock, or for a connection, before it fails."""

AWAY: Final = (OperationalError, PoolTimeout)
"""What SQLAlchemy raises where the database does not answer: itself, or each of its connections waits for it. Worth
another try."""

WORK = "central_work"
"""The PostgreSQL channel on which openers listen."""

MIGRATIONS = Path(__file__).parent / "migrations"


class BadUrl(ValueError):
    """The database URL cannot be used; the message says why and what can."""


class NoDatabase(Exception):
    """There is no such database, or it cannot be read; the message says which."""


class Database:
    """One database and its connections.

    ``kind`` says which of the two it is. Errors are SQLAlchemy's; those of ``AWAY`` are worth another try.
    """

    kind: Literal["sqlite", "postgresql"]

    def __init__(self, url: str) -> None:
        self.url = checked(url)
        if self.url.get_backend_name() == "sqlite":
            self.kind = "sqlite"
            self._engine = sqlite_engine(self.url)
        else:
            self.kind = "postgresql"
            self._engine = postgresql_engine(self.url)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads: one consistent view."""
        with self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes, durable when the block ends without an exception, undone otherwise."""
        with self._engine.connect().execution_options(central_writes=True) as connection, connection.begin():
            yield connection

    def announce(self, connection: Connection) -> None:
        """Tells the openers, at the commit, that there is work. SQLite has no such word: there a pipe tells them."""
        if self.kind == "postgresql":
            connection.execute(text(f"NOTIFY {WORK}"))

    def alone(self, connection: Connection, with_what: str) -> None:
        """Until the commit nobody else who says this is alone with the same; they wait. SQLite has one writer."""
        if self.kind == "postgresql":
            digest = hashlib.sha256(with_what.encode()).digest()
            key = int.from_bytes(digest[:8], "big", signed=True)
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})

    def migrate(self) -> None:
        """Brings the tables to this program's version, in a database that may not exist yet (SQLite).

        Several servers that start at once do it one after another.
        """
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        if self.kind == "sqlite" and self.url.database is not None:
            file = Path(self.url.database)
            if not file.exists():
                log.warning("%s: there is no such database yet, a new one begins", file)
            file.parent.mkdir(parents=True, exist_ok=True)
        with self.writing() as connection:
            if self.kind == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(6148914691236517205)"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def close(self) -> None:
        """Closes every connection."""
        self._engine.dispose()


class Utc(TypeDecorator[datetime]):
    """A time in UTC, aware on both sides; SQLite, which knows no zones, stores it without one."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> DateTime:
        return DateTime(timezone=dialect.name != "sqlite")

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def insert(connection: Connection, table: Table) -> sqlite_dialect.Insert | postgresql_dialect.Insert:
    """An INSERT that may say ON CONFLICT, which both databases know and SQLAlchemy's common one does not."""
    if connection.dialect.name == "sqlite":
        return sqlite_dialect.insert(table)
    return postgresql_dialect.insert(table)


@contextmanager
def existing(url: str) -> Iterator[Database]:
    """The database at ``url``, which somebody has served before. Raises BadUrl, NoDatabase."""
    database = Database(url)
    if database.kind == "sqlite" and not Path(database.url.database or "").is_file():
        raise NoDatabase(f"there is no database at {database.url.render_as_string()}")
    try:
        yield database
    except DBAPIError as error:
        raise NoDatabase(f"the database cannot be read: {type(error.orig).__name__}") from None
    finally:
        database.close()


def cause(error: SQLAlchemyError) -> str:
    """The kind of an error, the driver's where it has one: what it says may hold a person's words."""
    return type(error.orig if isinstance(error, DBAPIError) else error).__name__


def checked(url: str) -> URL:
    """The URL with its driver. Raises BadUrl."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise BadUrl("not a database URL; use sqlite:////folder/central.db or postgresql+psycopg://…") from None
    if parsed.get_backend_name() == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise BadUrl("central's SQLite database is a file: sqlite:////folder/central.db")
        return parsed.set(drivername="sqlite", database=str(Path(parsed.database).absolute()))
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    raise BadUrl(f"{parsed.get_backend_name()} is not supported; use sqlite:// or postgresql+psycopg://")


def sqlite_engine(url: URL) -> Engine:
    """An engine whose transactions begin when SQLAlchemy says so, not when sqlite3 guesses."""
    engine = create_engine(url, hide_parameters=True, pool_timeout=PATIENCE, connect_args={"timeout": PATIENCE})
    event.listen(engine, "connect", prepare_sqlite)
    event.listen(engine, "begin", begin_sqlite)
    return engine


def prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Every commit on the disk, nothing temporary in files, no transaction but those that ``begin_sqlite`` begins."""
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}").close()


def begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("central_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def postgresql_engine(url: URL) -> Engine:
    """An engine that gives up on a lock, and on a server that does not answer or whose machine is gone."""
    return create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_timeout=PATIENCE,
        connect_args={
            "connect_timeout": PATIENCE,
            "tcp_user_timeout": PATIENCE * 1000,
            "keepalives_idle": PATIENCE,
            "keepalives_interval": PATIENCE // 3,
            "keepalives_count": 3,
            "options": f"-c lock_timeout={PATIENCE}s -c statement_timeout={3 * PATIENCE}s -c timezone=UTC",
        },
    )
