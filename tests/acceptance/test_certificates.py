"""A certificate from the authority to the telephone and to paper: one file, byte for byte, whatever carries it."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from pathlib import Path

import httpx2 as httpx

import main
from devices import DocumentPrinter, open_driver
from devices.simulated.office_printer import SimulatedOfficePrinter
from devices.supervisor import Supervisor
from kiosk.contract.certificates import CertificateFetchedOf, CertificateOf
from kiosk.counter import Counter
from kiosk.desk import Paper
from kiosk.equipment import Guest
from kiosk.keystore import FileKeyStore
from kiosk.manner import Manner
from kiosk.settings import check_settings
from tests.acceptance.whole import Glass
from tests.central.kiosks import CHEN, FakeKiosk
from tests.central.programs import central
from tests.devices.office_printers import plugged_in
from tests.kiosk.people import LIN

KIOSK = "K-001"


async def test_the_authority_s_bytes_come_to_the_phone_and_to_paper(tmp_path: Path) -> None:
    """Central as the program it is, the sandbox over HTTP behind it, the kiosk's own counter and driver before it."""
    printed = SimulatedOfficePrinter()
    with central("--db", f"sqlite:///{tmp_path}/central/central.db") as server, plugged_in(printed) as end:
        known = FakeKiosk(server.http, name=KIOSK)
        known.device = FileKeyStore(tmp_path).device_key()  # one machine, whoever speaks for it
        known.send()
        known.prove(CHEN)
        settings = check_settings({"site": {"kiosk": KIOSK}, "central": {"url": server.url}}, "the test")
        machine = main.put_together(settings, tmp_path, Glass())
        ready = asyncio.Event()
        printer: Supervisor[DocumentPrinter] = Supervisor(
            "office printer",
            lambda: open_driver("office_printer", "cups", end.url, queue="/ipp/print"),
            lambda _state: ready.set(),
        )
        running = asyncio.create_task(printer.run())
        async with asyncio.timeout(30):
            await ready.wait()
        gear, reception = replace(machine.equipment, office_printer=printer), machine.reception
        guest = Guest(visit=known.visit, person=replace(LIN, name=CHEN.name, number=CHEN.number, level=2, check="code"))
        counter = Counter(gear, reception.catalog.item("insured-proof"), guest, Manner, reception._change)
        try:
            asked = CertificateOf(person=CHEN, authority="social", kind="insured-proof", place="350900", months=24)
            issued = (await counter.query(asked)).issued
            assert issued is not None
            assert counter.can_print_documents
            assert await counter.print_document(issued) == Paper(outcome="printed")
            assert (await counter.query(CertificateFetchedOf(token=issued.token))).times == 0
            phone = await asyncio.to_thread(httpx.get, f"{issued.url}/file.pdf")
            assert (await counter.query(CertificateFetchedOf(token=issued.token))).times == 1
            assert printed.documents == [phone.content]
            assert hashlib.sha256(phone.content).hexdigest() == issued.sha256
            assert issued.url.startswith(f"{server.public_url}/d/")
            damaged = issued.model_copy(update={"sha256": "0" * 64})
            assert await counter.print_document(damaged) == Paper(outcome="not printed", reason="not whole")
            gone = issued.model_copy(update={"token": "A" * 43})
            assert await counter.print_document(gone) == Paper(outcome="not printed", reason="not fetched")
            assert len(printed.documents) == 1
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await main.close(machine)
    said = "".join(server.said)
    for secret in (issued.token, issued.number, CHEN.name, CHEN.number):
        assert secret not in said
