from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete

from central.api import create_app
from central.database import Database
from central.demonstration.register import BUILT_IN, Register, load
from central.house import House, demonstration
from central.keys import KeyFolder
from central.opening import Opening
from central.tables import metadata
from tests.central.kiosks import Clock, FakeKiosk
from tests.central.postgres import Postgres, postgres


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres | None]:
    with postgres() as running:
        yield running


@pytest.fixture(scope="session")
def sqlite_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy: migrating takes longer than most tests."""
    file = tmp_path_factory.mktemp("migrated") / "central.db"
    database = Database(f"sqlite:///{file}")
    database.migrate()
    database.close()
    return file


@pytest.fixture(scope="session")
def postgresql_once(server: Postgres | None) -> Iterator[Database]:
    """A migrated PostgreSQL database to empty: making one takes longer still."""
    if server is None:
        pytest.skip("no PostgreSQL server is installed")
    database = Database(server.fresh())
    database.migrate()
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database of each kind, with nothing in it: the same code, the same tests."""
    if request.param == "sqlite":
        copy: Path = request.getfixturevalue("sqlite_copy")
        shutil.copy(copy, tmp_path / "central.db")
        return f"sqlite:///{tmp_path}/central.db"
    once: Database = request.getfixturevalue("postgresql_once")
    with once.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
    return once.url.render_as_string(hide_password=False)


@pytest.fixture
def sqlite_only(sqlite_copy: Path, tmp_path: Path) -> Iterator[Database]:
    """A migrated SQLite database, where the kind makes no difference."""
    shutil.copy(sqlite_copy, tmp_path / "central.db")
    database = Database(f"sqlite:///{tmp_path}/central.db")
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind that was never migrated."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/fresh/central.db"
    running: Postgres | None = request.getfixturevalue("server")
    if running is None:
        pytest.skip("no PostgreSQL server is installed")
    return running.fresh()


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


@pytest.fixture(scope="session")
def register() -> Register:
    return load(BUILT_IN)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(database: Database, tmp_path: Path, register: Register, clock: Clock) -> House:
    return demonstration(database, KeyFolder(tmp_path / "keys"), register, clock)


@pytest.fixture
def opening(house: House, tmp_path: Path) -> Opening:
    """The opener's work, in the test's own hands. Its keys are published."""
    opening = Opening(
        database=house.database,
        folder=KeyFolder(tmp_path / "keys"),
        references=house.references,
        upstreams=house.upstreams,
        now=house.now,
    )
    opening.publish_keys()
    return opening


@pytest.fixture
def api(house: House, opening: Opening) -> Iterator[TestClient]:
    """The API; nobody is woken, the test opens when it wants to."""
    app = create_app(house, wake=lambda: None, closing=lambda: False)
    with TestClient(app, base_url="http://central", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def kiosk(api: TestClient, clock: Clock) -> FakeKiosk:
    """A kiosk that has just begun its ledger: its genesis is written, not sent."""
    return FakeKiosk(api, clock)
