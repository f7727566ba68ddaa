"""What it costs to keep an act, sealed and chained, until central has it, beside the physical limit and other queues.

Everything is as durable as the outbox: a sync for each commit, on a real file system, and on a disk whose sync takes as
long as a kiosk's (``flash``). The others keep the same number of bytes and neither seal nor chain.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from kiosk.contract.records import SEAL_LABEL, encode_act
from kiosk.contract.sealing import suite
from kiosk.outbox import Outbox
from tests.bench.flash import on_flash
from tests.bench.outbox_peers import ACKNOWLEDGING, PEERS
from tests.bench.outbox_thread import ACT, KEY, begun, finish, put, syncs_per_item
from tests.bench.result import Bench, Result
from tests.bench.rounds import folder_on_disk, median_of, median_ratio, rounds
from tests.kiosk.outbox_writer import keys

PUT_ROUNDS: Final = 120
PUTS: Final = 10
"""Puts of each way in a round."""

ROUNDS: Final = 24
ITEMS: Final = 50
"""Items of each way in a round that live through."""

COUNTED: Final = 400
"""Items whose syncs are counted; the log is moved into the file once in about 250, which is part of the price."""

PUT_BAR: Final = 1.5
LIFE_BAR: Final = 1.3
SYNCS_BAR: Final = 1.05
RECEIPT_SYNCS_BAR: Final = 3.05
RECEIPT_SYNCS: Final = 3.0
"""Commit, ``sent`` before the first byte, outcome: fewer would promise what nobody knows."""


def put_ratio() -> Result:
    """A durable put in the writer's thread against one bare commit of the same bytes and one bare seal."""
    with folder_on_disk() as folder, closing(sqlite3.connect(folder / "bare.db", isolation_level=None)) as bare:
        for statement in (
            "PRAGMA journal_mode=WAL",
            "PRAGMA synchronous=FULL",
            "CREATE TABLE records (n INTEGER PRIMARY KEY, header BLOB, sealed BLOB)",
        ):
            bare.execute(statement)
        ledger = begun(folder)
        record = put(ledger)
        payload, bound_to = encode_act(ACT), SEAL_LABEL + record.header_bytes
        sealing = suite(KEY.suite)

        def ours() -> None:
            for _ in range(PUTS):
                put(ledger)

        def limit() -> None:
            for _ in range(PUTS):
                sealing.seal(payload, KEY.public, bound_to)
                bare.execute("BEGIN IMMEDIATE")
                bare.execute("INSERT INTO records (header, sealed) VALUES (?, ?)", (record.header_bytes, record.sealed))
                bare.execute("COMMIT")

        with asyncio.Runner() as runner:
            outbox = Outbox(_in(folder, "awaited") / "outbox.db", kiosk="K-001", mode="demo")
            runner.run(outbox.start(keys()))

            async def awaited() -> None:
                for _ in range(PUTS):
                    await outbox.commit(ACT)

            ways = {"put": ours, "limit": limit, "awaited": lambda: runner.run(awaited())}
            taken = rounds(PUT_ROUNDS, ways)
            runner.run(outbox.close())
        ledger.close()
        syncs = syncs_per_item(folder, "put", 40)
    value = median_ratio(taken, "put", "limit")
    peers = {f"{way} ms": 1000 * median_of(taken, way) / PUTS for way in ways}
    peers |= {"awaited": median_ratio(taken, "awaited", "limit"), "syncs": syncs}
    return {"value": value, "bar": PUT_BAR, "ok": value <= PUT_BAR and syncs == 1, "peers": peers}


def life_ratio() -> Result:
    """How many times as many items live through in a second as in the better of those that acknowledge: kept, taken,
    sent off, acknowledged. No network is in it, on either side."""
    with folder_on_disk() as folder:
        ledger = begun(folder)
        size = len(put(ledger).header_bytes + put(ledger).sealed)
        peers = {name: peer(_in(folder, name)) for name, peer in PEERS.items()}
        data = bytes(size)

        def ours() -> None:
            for _ in range(ITEMS):
                put(ledger)
            while finish(ledger):
                pass

        def theirs(name: str) -> None:
            for _ in range(ITEMS):
                peers[name].put(data)
            for _ in range(ITEMS):
                peers[name].finish()

        ways = {"outbox": ours} | {name: lambda name=name: theirs(name) for name in PEERS}
        taken = rounds(ROUNDS, ways)
        ledger.close()
    ratios = {name: median_ratio(taken, name, "outbox") for name in PEERS}
    value = min(ratios[name] for name in ACKNOWLEDGING)
    table = ratios | {f"{name} items/s": ITEMS / median_of(taken, name) for name in ways}
    return {"value": value, "bar": LIFE_BAR, "ok": value >= LIFE_BAR, "peers": table}


def syncs_of_an_item() -> Result:
    """Syncs of an item's whole life, without paper."""
    with folder_on_disk() as folder:
        value = syncs_per_item(folder, "life", COUNTED)
    return {"value": value, "bar": SYNCS_BAR, "ok": 1 <= value <= SYNCS_BAR, "peers": {}}


def syncs_of_an_item_with_a_receipt() -> Result:
    """Syncs of an item's whole life with a receipt: three, and not fewer."""
    with folder_on_disk() as folder:
        value = syncs_per_item(folder, "receipt", COUNTED)
    kept = RECEIPT_SYNCS <= value <= RECEIPT_SYNCS_BAR
    return {"value": value, "bar": RECEIPT_SYNCS_BAR, "ok": kept, "peers": {"at least": RECEIPT_SYNCS}}


def _in(folder: Path, name: str) -> Path:
    place = folder / name
    place.mkdir()
    return place


BENCHES: dict[str, Bench] = {
    "put_ratio": on_flash(put_ratio),
    "life_ratio": on_flash(life_ratio),
    "syncs_per_item": syncs_of_an_item,
    "syncs_per_item_with_receipt": syncs_of_an_item_with_a_receipt,
}
