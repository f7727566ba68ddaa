"""A counter of real parts before a glass that the test answers: central is a script, the staff have a PIN."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest.mock import PropertyMock, patch

import main
from kiosk.catalog import Catalog
from kiosk.contract.messages import CodeCheck, CodeChecked, CodeRequest, CodeSent
from kiosk.counter import Counter
from kiosk.equipment import Guest
from kiosk.errors import Declined, Unavailable
from kiosk.manner import Manner
from kiosk.settings import check_settings
from kiosk.staff import sealed_pin
from kiosk.sync import Sync
from tests.acceptance.whole import Glass
from tests.kiosk.outbox_writer import keys

PIN = "240517"
SEALED_PIN = sealed_pin(PIN)
WORKERS = (("w01", "林芳"), ("w02", "郑明"))


@dataclass
class Codes:
    """What central does with codes: sends ``right``, or declines."""

    right: str = "110022"
    declines: str = ""
    requests: list[CodeRequest] = field(default_factory=list)
    tries: int = 5
    away: bool = False

    def send_code(self, request: CodeRequest) -> CodeSent:
        self.requests.append(request)
        if self.away:
            raise Unavailable("server")
        if self.declines:
            raise Declined(self.declines, "", 409)
        return CodeSent(telephone="138＊＊＊＊0000", seconds=300)

    def check_code(self, check: CodeCheck) -> CodeChecked:
        right = check.code == self.right
        self.tries -= not right
        return CodeChecked(right=right, tries_left=max(0, self.tries))


@asynccontextmanager
async def at_the_counter(
    data: Path,
    codes: Codes,
    *,
    item: str = "remote-care-filing",
    workers: Sequence[tuple[str, str]] = WORKERS,
    online: bool = True,
) -> AsyncIterator[tuple[Counter, Glass]]:
    """The counter of a machine without devices."""
    staff = [{"code": code, "name": name, "pin": SEALED_PIN} for code, name in workers]
    glass = Glass()
    machine = main.put_together(
        check_settings({"central": {"url": "http://127.0.0.1:1"}, "staff": staff}, ""), data, glass
    )
    reception = machine.reception
    catalog: Catalog = reception.catalog
    counter = Counter(machine.equipment, catalog.item(item), Guest(), Manner, reception._change)
    central = machine.equipment.central
    counter.equipment = replace(machine.equipment)
    with (
        patch.object(Sync, "online", PropertyMock(return_value=online)),
        patch.object(central, "send_code", codes.send_code),
        patch.object(central, "check_code", codes.check_code),
    ):
        await machine.equipment.outbox.start(keys())
        try:
            yield counter, glass
        finally:
            await main.close(machine)
