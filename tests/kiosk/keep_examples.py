"""Adds an example of each act that ``tests/data/records.json`` has none of: ``python -m tests.kiosk.keep_examples``.

What is kept there is never written again: those records are what kiosks in the field hold.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from kiosk.contract import audit
from kiosk.contract.acts import Act, FieldAnswer, Genesis, Rating, RiderCategory, RiderCorrection
from kiosk.contract.appointments import Appointment, AppointmentCancellation
from kiosk.contract.ratings import ReasonedRating
from kiosk.contract.records import ClockFlags, Record, encode_act, seal
from kiosk.contract.sealing import NEWEST, suite
from tests.kiosk.acts import (
    SOMEBODY,
    card_loss,
    check_in,
    family_account,
    filing,
    filing_for_another,
    filing_with_pictures,
    for_a_child,
    handed_over,
    header,
    papers_brought,
    promised,
    withdrawal,
)

KEPT = Path(__file__).parents[1] / "data" / "records.json"
FIRST = UUID("019ab000-1234-7abc-8def-0123456789ab")
PRIVATE = bytes(range(1, 33))

EXAMPLES: dict[str, Act] = {
    "genesis 1, enrolled": Genesis(why="enrolled"),
    "rider check-in 1, by picture": check_in(),
    "remote-care filing 1, with everything": filing(),
    "genesis 1, after another ledger": Genesis(
        why="database damaged",
        previous_ledger=bytes(range(16)),
        previous_seq=3,
        previous_hash=b"\xaa" * 32,
        acknowledged_seq=2,
    ),
    "rider correction 1": RiderCorrection(corrects=FIRST, check_in=check_in(RiderCategory.PARCELS)),
    "rating 1": Rating(service="insurance-status", stars=4),
    "proxy request 1, with everything": handed_over(),
    "rating 2, satisfied": ReasonedRating(service="insurance-status", stars=5),
    "rating 2, with everything": ReasonedRating(
        service="insurance-status", stars=1, reasons=("110", "115"), words="等了很久", telephone="13800000000"
    ),
    "service filing 1, for oneself with a promise": promised(),
    "service filing 1, for a child with everything": for_a_child(),
    "remote-care filing 2, with everything": filing_for_another(),
    "social card loss 1": card_loss(),
    "family account 1, adding": family_account(),
    "remote-care withdrawal 1, on a worker's word": withdrawal(),
    "papers 1": papers_brought(),
    "remote-care filing 3, with pictures": filing_with_pictures(),
    "appointment 1, with everything": Appointment(
        person=SOMEBODY,
        item="vaccine",
        centre="环城路社区党群服务中心",
        day=date(2026, 11, 24),
        begin="08:30",
        end="10:00",
        wish=True,
        telephone="13800000000",
        answers=(FieldAnswer(field="for", field_kind="choice", value="child"),),
        instead_of="K001-26-000317-7Q4X7",
        intent="2026-11-22 vaccine",
    ),
    "appointment cancellation 1": AppointmentCancellation(person=SOMEBODY, cancels="K001-26-000317-7Q4X7"),
    "audit, machine started 1": audit.MachineStarted(before="power-cut"),
    "audit, machine stopped 1": audit.MachineStopped(),
    "audit, service failing 1": audit.ServiceFailing(service="sync"),
    "audit, screens failed 1": audit.ScreensFailed(),
    "audit, device lost 1": audit.DeviceLost(device="id-card"),
    "audit, device back 1": audit.DeviceBack(device="id-card"),
    "audit, device hindered 1": audit.DeviceHindered(device="printer", by="no paper"),
    "audit, worker vouched 1": audit.WorkerVouched(about="identity"),
    "audit, wrong pin 1": audit.WrongPin(in_a_row=2),
    "audit, pin locked 1": audit.PinLocked(in_a_row=3, seconds=30),
    "audit, reprinted 1": audit.Reprinted(copy_number=1),
    "audit, published taken 1": audit.PublishedTaken(what="catalog", number=7),
    "audit, published given back 1": audit.PublishedGivenBack(what="settings", number=8),
    "audit, published refused 1": audit.PublishedRefused(what="keys", why="signature"),
    "audit, settings changed 1": audit.SettingsChanged(digest="0123456789abcdef"),
    "audit, database set aside 1": audit.DatabaseSetAside(why="file"),
    "audit, disk full 1": audit.DiskFull(),
    "audit, doctor run 1": audit.DoctorRun(bad=1),
    "audit, events left out 1": audit.EventsLeftOut(event="device-lost", count=17),
    "audit, acknowledgement refused 1": audit.AcknowledgementRefused(),
    "audit, central fell back 1": audit.CentralFellBack(),
    "audit, carried by hand 1": audit.CarriedByHand(what="salvage"),
    "audit, clock jumped 1": audit.ClockJumped(way="back", seconds=3600),
}


def main() -> None:
    """Writes the examples that are missing, in order, as one chain."""
    kept: list[dict[str, str]] = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else []
    for about, act in EXAMPLES.items():
        if about not in {example["about"] for example in kept}:
            kept.append(_example(about, act, kept[-1]["hash"] if kept else None))
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _example(about: str, act: Act, previous: str | None) -> dict[str, str]:
    seq = 1 if previous is None or isinstance(act, Genesis) else list(EXAMPLES).index(about) + 1
    head = header(
        act,
        suite=NEWEST,
        seq=seq,
        previous=bytes.fromhex(previous) if previous and seq > 1 else bytes(suite(NEWEST).hash_size),
        id=UUID(int=FIRST.int + seq * 7919),
        happened_at=datetime(2026, 11, 22, 1, 46, 7, 123456, tzinfo=UTC) + timedelta(seconds=seq),
        clock_offset=None if seq == 1 else -1500,
        clock_flags=ClockFlags.UNMEASURED if seq == 1 else ClockFlags(0),
        sam=None if seq == 1 else "05.03-20170918-0003219512-1234567890",
        notice=None if seq == 1 else "2026-1",
    )
    record: Record = seal(head, act, suite(NEWEST).public(PRIVATE))
    return {
        "about": about,
        "private": PRIVATE.hex(),
        "header": record.header_bytes.hex(),
        "sealed": record.sealed.hex(),
        "payload": encode_act(act).hex(),
        "hash": record.hash.hex(),
        "number": str(record.number),
    }


if __name__ == "__main__":
    main()
