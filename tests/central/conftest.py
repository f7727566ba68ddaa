from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete

from central.database import Database
from central.demonstration.register import BUILT_IN, Register, load
from central.house import House
from central.keys import KeyFolder
from central.opening import Opening
from central.tables import metadata
from tests.central.kiosks import Clock, FakeKiosk, SignedBy, device_of
from tests.central.postgres import Postgres, postgres
from tests.central.standing import Standing
from tests.garbage import look_less

LOCKS_OR_DIALECT = {
    "test_appointments", "test_backup", "test_codes", "test_conflicts", "test_devices", "test_documents", "test_due",
    "test_filings", "test_ledgers", "test_live", "test_opening", "test_queries", "test_records", "test_serve",
    "test_suspending", "test_tables", "test_uploads",
}  # fmt: skip
"""Where the kind of database makes a difference: rows and advisory locks, upserts, what is announced, migrations. These
run on both kinds each time; ``make test-postgresql`` (POSTGRESQL=all) runs every test on both."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("POSTGRESQL") == "all":
        return
    spared = [item for item in items if "postgresql" in item.nodeid and item.path.stem not in LOCKS_OR_DIALECT]
    config.hook.pytest_deselected(items=spared)
    items[:] = [item for item in items if item not in set(spared)]


def pytest_collection_finish() -> None:
    look_less()


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres | None]:
    with postgres() as running:
        yield running


@pytest.fixture(scope="session")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A migrated SQLite database for all tests: emptying one is quicker than making one."""
    yield from migrated(f"sqlite:///{tmp_path_factory.mktemp('once')}/central.db")


@pytest.fixture(scope="session")
def on_postgresql(server: Postgres | None) -> Iterator[Database]:
    """A migrated PostgreSQL database for all tests."""
    if server is None:
        pytest.skip("no PostgreSQL server is installed")
    yield from migrated(server.fresh())


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """A database of each kind with nothing in it: the same code, the same tests."""
    chosen: Database = request.getfixturevalue(f"on_{request.param}")
    return emptied(chosen)


@pytest.fixture
def sqlite_only(on_sqlite: Database) -> Database:
    """An SQLite database with nothing in it, where the kind makes no difference."""
    return emptied(on_sqlite)


@pytest.fixture
def url(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind that was never migrated."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/fresh/central.db"
    running: Postgres | None = request.getfixturevalue("server")
    if running is None:
        pytest.skip("no PostgreSQL server is installed")
    return running.fresh()


@pytest.fixture(scope="session")
def register() -> Register:
    return load(BUILT_IN)


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory, register: Register) -> Iterator[Standing]:
    with Standing(tmp_path_factory.mktemp("standing") / "keys", register) as standing:
        yield standing


@pytest.fixture
def clock(standing: Standing) -> Clock:
    standing.clock.set_back()
    return standing.clock


@pytest.fixture
def house(database: Database, standing: Standing, clock: Clock) -> House:
    return standing.house(database)


@pytest.fixture
def key_folder(standing: Standing, tmp_path: Path) -> KeyFolder:
    """The opener's folder, ``tmp_path / "keys"``: the test may do with it what it likes."""
    return standing.copied(tmp_path / "keys")


@pytest.fixture
def opening(house: House, key_folder: KeyFolder) -> Opening:
    """The opener's work, in the test's own hands. Its keys are published."""
    opening = Opening(
        database=house.database,
        folder=key_folder,
        references=house.references,
        upstreams=house.upstreams,
        now=house.now,
        places=house.places,
        public_url=house.public_url,
    )
    opening.publish_keys()
    return opening


@pytest.fixture
def api(database: Database, house: House, opening: Opening, standing: Standing) -> TestClient:
    """The API, its keys published, asked by K001; nobody is woken, the test opens when it wants to."""
    client = standing.api(database)
    client.auth = SignedBy(device_of("K001"), house.now)
    return client


@pytest.fixture
def kiosk(api: TestClient, clock: Clock) -> FakeKiosk:
    """A kiosk that has just begun its ledger: its genesis is written, not sent."""
    return FakeKiosk(api, clock)


def migrated(url: str) -> Iterator[Database]:
    database = Database(url)
    database.migrate()
    yield database
    database.close()


def emptied(database: Database) -> Database:
    with database.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
    return database
