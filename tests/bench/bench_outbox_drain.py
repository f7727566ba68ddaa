"""How fast a backlog goes up, against the same batches, made ready beforehand, posted to the same central.

Central is the program that it always is, on SQLite. Two kiosks take turns: one is drained by its sync, which reads,
packs, signs, sends and notes each answer on the disk; of the other every request is caught as it would leave, and all
are then posted by requests, one after the other over one connection. Central's opener stands still meanwhile, so that
it takes nothing from either.
"""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import requests
from requests.adapters import BaseAdapter

from kiosk.central import CentralClient
from kiosk.contract.messages import Batch, WireRecord
from kiosk.errors import Unavailable
from kiosk.keystore import FileKeyStore
from kiosk.outbox import BATCH_OCTETS, Outbox
from kiosk.sync import BATCH, Sync
from kiosk.trust import Trust
from tests.bench.outbox_thread import begun, fill, finish
from tests.bench.result import Bench, Result
from tests.bench.rounds import folder_on_disk
from tests.central.programs import central

BAR: Final = 0.7
ROUNDS: Final = 7
RECORDS: Final = 2_000
WITHIN: Final = 120.0


def drain_ratio() -> Result:
    """Throughput of the sync against that of bare posting, in the median round; records in a second beside it."""
    with folder_on_disk() as folder, central("--db", f"sqlite:///{folder}/central.db") as server:
        opener = server.opener()
        os.kill(opener, signal.SIGSTOP)
        try:
            places = [_kiosk(folder, name) for name in ("K-001", "K-002")]
            taken = []
            for turn in range(ROUNDS + 1):
                drained = _drained(places[0], "K-001", server.url) if turn % 2 else 0.0
                posted = _posted(places[1], "K-002", server.url)
                taken.append((drained or _drained(places[0], "K-001", server.url), posted))
        finally:
            os.kill(opener, signal.SIGCONT)
    measured = taken[1:]
    value = statistics.median(posted / drained for drained, posted in measured)
    peers = {
        "records/s drained": RECORDS / statistics.median(drained for drained, _ in measured),
        "records/s posted": RECORDS / statistics.median(posted for _, posted in measured),
    }
    return {"value": value, "bar": BAR, "ok": value >= BAR, "peers": peers}


BENCHES: dict[str, Bench] = {"drain_ratio": drain_ratio}


def _kiosk(folder: Path, name: str) -> Path:
    place = folder / name
    place.mkdir()
    return place


def _drained(place: Path, kiosk: str, url: str) -> float:
    ledger = begun(place, kiosk)
    fill(ledger, RECORDS)
    ledger.close()
    return asyncio.run(_drain(place, kiosk, url))


async def _drain(place: Path, kiosk: str, url: str) -> float:
    outbox = Outbox(place / "outbox.db", kiosk=kiosk, mode="demo")
    await outbox.start()
    client = CentralClient(url, Trust(device=FileKeyStore(place).device_key()))
    sync = Sync(outbox=outbox, central=client, keys_file=place / "keys.json")
    began = time.perf_counter()
    running = asyncio.create_task(sync.run())
    done = await sync.drain(WITHIN)
    took = time.perf_counter() - began
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    sync.close()
    await outbox.close()
    if not done:
        raise RuntimeError("the backlog did not go up in time")
    return took


def _posted(place: Path, kiosk: str, url: str) -> float:
    ready = _ready_made(place, kiosk, url)
    with requests.Session() as session:
        session.trust_env = False
        began = time.perf_counter()
        for request in ready:
            answer = session.send(request, timeout=WITHIN)
            answer.raise_for_status()
        return time.perf_counter() - began


def _ready_made(place: Path, kiosk: str, url: str) -> list[requests.PreparedRequest]:
    """The requests by which a backlog would go up."""
    ledger = begun(place, kiosk)
    fill(ledger, RECORDS)
    client = CentralClient(url, Trust(device=FileKeyStore(place).device_key()))
    net = _Net()
    client.exchanges.session.mount("http://", net)
    while batch := ledger.pending(BATCH, BATCH_OCTETS):
        records = tuple(WireRecord(header=waiting.header, sealed=waiting.sealed) for waiting in batch)
        with suppress(Unavailable):
            client.send(Batch(kiosk=kiosk, ledger=batch[0].ledger.hex(), records=records))
        finish(ledger)
    client.close()
    ledger.close()
    return net.caught


class _Net(BaseAdapter):
    """Catches requests on their way out, and answers that there is nobody."""

    def __init__(self) -> None:
        super().__init__()
        self.caught: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *_arguments: object, **_options: object) -> requests.Response:
        self.caught.append(request)
        answer = requests.Response()
        answer.status_code = 503
        answer.raw = _Nothing()
        return answer

    def close(self) -> None:
        """Nothing is open."""


class _Nothing:
    """A body without a byte."""

    def read(self, *_size: int, **_options: object) -> bytes:
        return b""

    def close(self) -> None:
        """Nothing is open."""
