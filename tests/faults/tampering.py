"""Ten ways to tamper with what a kiosk recorded, each of which central has to find; and clean days, in which it may not
cry wolf. The kiosks here hold the sealing key and a device key of their own: whoever tampers is inside the machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx2 as httpx

from kiosk.contract.acts import Rating
from kiosk.contract.messages import BatchAnswer, WireRecord
from kiosk.contract.records import Record, new_id
from tests.central.kiosks import FakeKiosk, tap, wire

Tampering = Callable[[FakeKiosk], bool]
KIOSKS: Final = 5
"""Between whom the clean days are shared out."""


def outcomes(kiosk: FakeKiosk, *wires: WireRecord) -> list[str]:
    """What central makes of records that the kiosk's own key vouches for."""
    answer = kiosk.post(*wires)
    if answer.status_code != 200:
        return ["refused"]
    return [item.outcome for item in BatchAnswer.model_validate_json(answer.content).answers]


def a_day(kiosk: FakeKiosk, count: int = 4) -> list[Record]:
    """Some records, not sent yet."""
    return [kiosk.write(tap()) for _ in range(count)]


def flipped(kiosk: FakeKiosk) -> bool:
    """One bit of a payload."""
    *_, record = a_day(kiosk)
    sealed = bytes([record.sealed[0] ^ 1]) + record.sealed[1:]
    return outcomes(kiosk, *map(wire, kiosk.records[:-1]), wire(replace(record, sealed=sealed)))[-1] == "unreadable"


def deleted(kiosk: FakeKiosk) -> bool:
    """A record in the middle is taken away: the gap stays, and what is acknowledged ends before it."""
    a_day(kiosk)
    answer = kiosk.send(*kiosk.records[:2], *kiosk.records[3:])
    return answer.contiguous == 2


def swapped(kiosk: FakeKiosk) -> bool:
    """Two records change places."""
    a_day(kiosk)
    one, other = kiosk.records[2:4]
    moved = [again(one, seq=other.header.seq), again(other, seq=one.header.seq)]
    return "conflict" in outcomes(kiosk, *map(wire, (*kiosk.records[:2], *moved, *kiosk.records[4:])))


def tail_cut(kiosk: FakeKiosk) -> bool:
    """The last records are taken away, after central has them; others take their places."""
    a_day(kiosk)
    kiosk.send()
    del kiosk.records[-2:]
    return "conflict" in outcomes(kiosk, *map(wire, a_day(kiosk, 1)))


def forked(kiosk: FakeKiosk) -> bool:
    """Two records follow the same one."""
    a_day(kiosk)
    first = kiosk.records.pop()
    second = kiosk.write(tap())
    kiosk.send(*kiosk.records[:-1], first)
    return outcomes(kiosk, wire(second)) == ["conflict"]


def payload_moved(kiosk: FakeKiosk) -> bool:
    """A payload under another record's header."""
    one, other, *_ = a_day(kiosk)
    moved = replace(one, sealed=other.sealed)
    return outcomes(kiosk, wire(kiosk.records[0]), wire(moved))[-1] == "unreadable"


def header_changed(kiosk: FakeKiosk) -> bool:
    """Another time is written into a header, and it is sent once more."""
    *_, record = a_day(kiosk)
    kiosk.send()
    return outcomes(kiosk, wire(again(record, happened_at=record.header.happened_at + timedelta(hours=1)))) == [
        "conflict"
    ]


def of_another(kiosk: FakeKiosk) -> bool:
    """Another kiosk's record among one's own."""
    other = FakeKiosk(kiosk.http, name=f"{kiosk.name}X")
    a_day(kiosk)
    return outcomes(kiosk, *map(wire, kiosk.records), wire(other.write(tap())))[-1] == "unreadable"


def restored(kiosk: FakeKiosk) -> bool:
    """An old database is put back, and the machine goes on from there."""
    old = list(kiosk.records)
    a_day(kiosk)
    kiosk.send()
    kiosk.records[:] = old
    return outcomes(kiosk, *map(wire, a_day(kiosk)))[0] == "conflict"


def rewritten(kiosk: FakeKiosk) -> bool:
    """A record, and all that follow it, are written anew, so that the chain holds again."""
    a_day(kiosk)
    kiosk.send()
    del kiosk.records[2:]
    a_day(kiosk, 3)
    return "stored" not in outcomes(kiosk, *map(wire, kiosk.records[2:]))


TAMPERINGS: Final[dict[str, Tampering]] = {
    "flip": flipped,
    "delete": deleted,
    "swap": swapped,
    "cut the tail": tail_cut,
    "fork": forked,
    "payload moved": payload_moved,
    "header field changed": header_changed,
    "another kiosk's record": of_another,
    "old database restored": restored,
    "audit rewritten": rewritten,
}


def again(record: Record, **altered: object) -> Record:
    """The record with other words in its header, which it is true to."""
    header = replace(record.header, **altered)  # type: ignore[arg-type]
    return replace(record, header=header, header_bytes=header.encode())


@dataclass(frozen=True, kw_only=True)
class Found:
    """Which tamperings were found, which were not, and how often something was cried that was nothing."""

    found: int
    unseen: tuple[str, ...]
    false_alarms: int


def tamper(central: str, days: int) -> Found:
    """All ten, and so many clean days."""
    with httpx.Client(base_url=central, timeout=30.0) as http:
        unseen = tuple(
            name
            for number, (name, tampering) in enumerate(TAMPERINGS.items())
            if not tampering(_kiosk(http, f"TAMPER{number}"))
        )
        alarms = sum(clean_days(http, days))
    return Found(found=len(TAMPERINGS) - len(unseen), unseen=unseen, false_alarms=alarms)


def clean_days(http: httpx.Client, days: int) -> Iterator[int]:
    """How often central cries on each day: records come in order or not, once or twice, on the day or a day late."""
    now = datetime.now(UTC) - timedelta(days=days)
    kiosks = [_kiosk(http, f"CLEAN{number}") for number in range(KIOSKS)]
    late: dict[str, list[Record]] = {kiosk.name: [] for kiosk in kiosks}
    for day in range(days):
        kiosk = kiosks[day % KIOSKS]
        now += timedelta(days=1)
        said = Rating(service="rider-check-in", stars=1 + day % 5)
        late[kiosk.name] += [kiosk.write(said, happened_at=now, id=new_id(now)) for _ in range(3)]
        if day % (3 * KIOSKS) < KIOSKS and day < days - KIOSKS:
            continue  # no line today
        sent = late[kiosk.name]
        batches = [sent, sent[-2:]] if day % 2 else [sent[1:], sent[:1]]
        seen = [outcome for batch in batches for outcome in outcomes(kiosk, *map(wire, batch))]
        late[kiosk.name] = []
        yield sum(outcome not in ("stored", "duplicate") for outcome in seen)
    yield sum(kiosk.send(kiosk.records[-1]).contiguous != len(kiosk.records) for kiosk in kiosks)


def _kiosk(http: httpx.Client, name: str) -> FakeKiosk:
    """One that central has heard of."""
    kiosk = FakeKiosk(http, name=name)
    kiosk.send()
    return kiosk
