"""What the tests of central share: of each database one house, one application and one client, made once.

An application takes fifty milliseconds to make, the key files four waits for the disk; a test takes less than either.
All that a test can leave behind is in the database, which is emptied, in the clock, which is set back, and in its own
copy of the key folder.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from fastapi.testclient import TestClient

from central.api import create_app
from central.database import Database
from central.demonstration.register import Register
from central.house import House, demonstration
from central.keys import KeyFolder
from tests.central.kiosks import Clock


class Standing:
    """Houses and their clients by database, all with one clock and one set of keys."""

    def __init__(self, keys: Path, register: Register) -> None:
        self.clock = Clock()
        self._register = register
        self._keys = keys
        folder = KeyFolder(keys)
        folder.sandbox_key()
        folder.reference_key()
        folder.sealing_pairs(self.clock())
        folder.settings_pair(self.clock())
        folder.acknowledgement_pair(self.clock())
        self._houses: dict[Database, House] = {}
        self._clients: dict[Database, TestClient] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def copied(self, to: Path) -> KeyFolder:
        """The same keys in a folder of the test's own."""
        shutil.copytree(self._keys, to)
        return KeyFolder(to)

    def house(self, database: Database) -> House:
        """Central with the demonstration's authorities."""
        if database not in self._houses:
            self._houses[database] = demonstration(database, KeyFolder(self._keys), self._register, self.clock)
        return self._houses[database]

    def api(self, database: Database) -> TestClient:
        """A client of the API before that house; nobody is woken."""
        if database not in self._clients:
            app = create_app(self.house(database), wake=lambda: None, closing=lambda: False)
            client = TestClient(app, base_url="http://central", raise_server_exceptions=False)
            self._clients[database] = self._open.enter_context(client)
        return self._clients[database]
