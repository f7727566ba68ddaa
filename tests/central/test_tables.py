"""The migrations make exactly the tables that the program works with, on both kinds of database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text

from central.database import PATIENCE, Database
from central.tables import demonstration_filings, metadata


def test_the_migrations_make_the_tables(empty_url: str) -> None:
    """Nothing is missing, nothing is left over; a second run changes nothing."""
    database = Database(empty_url)
    for _ in range(2):
        database.migrate()
        with database.reading() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []
    database.close()


def test_servers_that_start_at_once(empty_url: str) -> None:
    """One migrates, the others wait for it."""
    databases = [Database(empty_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(database.migrate) for database in databases]:
            done.result()
    with databases[0].reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar_one() == 1
    for database in databases:
        database.close()


def test_sqlite_is_durable(sqlite_only: Database) -> None:
    """WAL, every commit on the disk, foreign keys on, nothing temporary in files."""
    with sqlite_only.reading() as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "temp_store")
        }
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "temp_store": 2}


def test_a_server_whose_machine_is_gone_is_given_up(database: Database) -> None:
    """The kernel is told so: of a line that is cut nobody else learns in less than a quarter of an hour."""
    if database.kind != "postgresql":
        pytest.skip("a file is there or not")
    with database.reading() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        told = driver.info.get_parameters()
    idle, interval, count = (int(told[f"keepalives_{name}"]) for name in ("idle", "interval", "count"))
    assert idle + interval * count <= 2 * PATIENCE
    assert int(told["tcp_user_timeout"]) == PATIENCE * 1000


def test_every_table_has_its_key(database: Database) -> None:
    """A table without a primary key cannot be distributed or replicated."""
    with database.reading() as connection:
        inspector = inspect(connection)
        assert all(inspector.get_pk_constraint(table)["constrained_columns"] for table in metadata.tables)


def test_what_the_demonstration_remembered_goes_on(empty_url: str) -> None:
    """A database of the first version: its filings are there after the second."""
    from alembic import command
    from alembic.config import Config

    from central.database import MIGRATIONS

    database = Database(empty_url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    if database.kind == "sqlite" and database.url.database is not None:
        Path(database.url.database).parent.mkdir(parents=True, exist_ok=True)
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text(
                'INSERT INTO demonstration_filings (person, record, number, filing, place, "begin", at) VALUES '
                "('p', '00000000000000000000000000000007', 'YD350900202611230001', 'temporary', '350200', '2026-12-01',"
                " '2026-11-23 02:00:00')"
            )
        )
    database.migrate()
    with database.reading() as connection:
        row = connection.execute(select(demonstration_filings)).one()
    assert (row.number, row.insured_place, row.state, row.place) == (
        "YD350900202611230001",
        "350900",
        "accepted",
        "350200",
    )
    database.close()
