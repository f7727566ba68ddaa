"""The simulated social security card, as vpcd meets it: a virtual chip that comes and goes and fails on demand.

vpcd (vsmartcard, doc/api.txt) sends `length (2, big-endian) | body`: bodies of one byte are power off (0), power on
(1), reset (2), all without an answer, and the question for the ATR (4), which is the look for a card too; any other
body is an APDU. The chip has two files of records behind its application's name, and answers nothing that it was not
selected for. Generation 1 knows no continued name, 3 is of the contactless kind (T=1) and keeps its holder to itself.

Faults are those of devices/simulated/faults.py, whose moments are the commands below, and

    empty    an answer of no bytes, after which pcscd waits for ever     sw:XXXX    this status and no data
    no-atr   present, but it does not even say its ATR                   length     asks for the right Le first (6Cxx)
    pulled   pulled out at the command                                   no-tags    knows records by number alone
    blank    records that were never written                             locked     keeps its holder to itself (6982)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import xor

from devices.control import Generation
from devices.simulated.faults import COMMON, FaultKind, Faults, spoil
from devices.simulated.people import Person, Resident
from devices.simulated.wire import HangUp, Move

COMMANDS = ("select", "file", "record", "response", "uid")
FAULTS = (
    *COMMON,
    FaultKind(name="empty"),
    FaultKind(name="no-atr"),
    FaultKind(name="pulled"),
    FaultKind(name="sw", form="[0-9a-fA-F]{4}", takes="a status, such as sw:6f00"),
    FaultKind(name="length"),
    FaultKind(name="no-tags"),
    FaultKind(name="blank"),
    FaultKind(name="locked"),
)

AID = bytes.fromhex("7378312E73682EC9E7BBE1B1A3D5CF")
HISTORY = bytes.fromhex("00814E43238697159900BF7C7A")


@dataclass(frozen=True, kw_only=True)
class Chip:
    """What a chip holds: file → records `(tag, value)` in the order of their numbers."""

    atr: bytes
    files: Mapping[bytes, tuple[tuple[int, bytes], ...]]
    aid: bytes = AID
    locked: frozenset[int] = frozenset()
    """Tags that answer 6982."""
    chains: bool = True
    """T=0: longer answers are fetched by GET RESPONSE."""
    uid: bytes = field(default=b"")
    """A contactless chip's number, which the reader tells."""


def chip_of(person: Person, generation: Generation) -> Chip:
    """The card of a fictitious person. On a foreigner's, ethnicity and birth place were never written."""
    name = person.name.encode("gb18030")
    citizen = isinstance(person, Resident)
    region = bytes.fromhex(person.number[:6] if citizen else _ISSUED_AT)
    serial = bytes.fromhex(person.number[-10:-2])
    card = (
        (0x01, region + bytes.fromhex("D156000005") + serial + b"\xff" * 4),
        (0x02, b"1"),
        (0x03, f"{generation}.00".encode()),
        (0x04, (region + bytes.fromhex("0000000001")).ljust(12, b"\xff")),
        (0x05, bytes.fromhex("20190401")),
        (0x06, bytes.fromhex("20290401")),
        (0x07, card_number(person)),
    )
    holder: tuple[tuple[int, bytes], ...] = (
        (0x08, person.number.encode()),
        (0x09, name[:30].ljust(30, b"\0")),
        (0x4E, name[30:].ljust(20, b"\0")),
        (0x0A, person.sex.encode()),
        (0x0B, bytes.fromhex(person.ethnicity) if isinstance(person, Resident) else b"\xff"),
        (0x0C, region if citizen else b"\xff" * 3),
        (0x0D, bytes.fromhex(f"{person.birth:%Y%m%d}")),
    )
    if generation == 1:
        holder = holder[:2] + holder[3:]
    contactless = generation == 3
    return Chip(
        atr=_t1_atr() if contactless else b"\x3b\x6d\x00\x00" + HISTORY,
        files={b"\xef\x05": card, b"\xef\x06": holder},
        locked=frozenset(tag for tag, _ in holder) if contactless else frozenset(),
        chains=not contactless,
        uid=b"\x08" + serial[1:] if contactless else b"",
    )


_ISSUED_AT = "339902"


def card_number(person: Person) -> bytes:
    """卡号: a letter, digits of the person's number, and the check digit."""
    body = "Q" + person.number[-8:-1]
    total = sum(weight * int(character, 36) for weight, character in zip((3, 7, 9, 10, 5, 8, 4, 2), body, strict=True))
    return (body + {10: "X", 11: "0"}.get(11 - total % 11, str(11 - total % 11))).encode()


def _t1_atr() -> bytes:
    head = b"\x8d\x01" + HISTORY
    return b"\x3b" + head + bytes([reduce(xor, head)])


class SimulatedSocialCard:
    """A slot with at most one card. `on_change` is called whenever `state()` differs; `on_move`, which the slot's end
    sets, whenever a card comes or goes."""

    def __init__(self, people: dict[str, Person], *, on_change: Callable[[], None]) -> None:
        self.on_move: Callable[[], None] = lambda: None
        self.faults = Faults(FAULTS, on_change, moments=COMMANDS)
        self._people = people
        self._on_change = on_change
        self._person: str | None = None
        self._chip: Chip | None = None
        self._heard = bytearray()
        self._selected = False
        self._told_length = False
        self._file: tuple[tuple[int, bytes], ...] | None = None
        self._waiting = b""
        self.asked: list[bytes] = []
        """Every APDU since the card came."""

    @property
    def is_in(self) -> bool:
        return self._chip is not None

    def insert(self, person: str, generation: Generation = 2) -> None:
        """Put this person's card in, in place of any other and without a gap. KeyError when nobody has this id."""
        self.insert_chip(chip_of(self._people[person], generation), person)

    def insert_chip(self, chip: Chip, person: str = "somebody") -> None:
        self._chip, self._person = chip, person
        self.asked.clear()
        self.on_move()
        self._on_change()

    def remove(self) -> None:
        self._chip = self._person = None
        self.on_move()
        self._on_change()

    def state(self) -> Mapping[str, object]:
        return {"person": self._person, "apdus": len(self.asked)}

    def connected(self) -> None:
        self._heard.clear()
        self._deselect()

    def receive(self, data: bytes) -> Iterable[Move]:
        self._heard += data
        moves: list[Move] = []
        while len(self._heard) >= 2 and len(self._heard) >= (whole := 2 + int.from_bytes(self._heard[:2], "big")):
            body = bytes(self._heard[2:whole])
            del self._heard[:whole]
            moves += self._hear(body)
        return moves

    def _hear(self, body: bytes) -> Iterable[Move]:
        chip = self._chip
        if chip is None:
            return [HangUp()]
        if len(body) > 1:
            self.asked.append(body)
            return self._answer(chip, body)
        if body == b"\x04":
            return [_frame(b"" if self.faults.find("no-atr") else chip.atr)]
        self._deselect()
        return []

    def _answer(self, chip: Chip, apdu: bytes) -> list[Move]:
        fault = self.faults.strike(_command(apdu), among=_STRIKING)
        if fault is not None and fault.kind == "pulled":
            self.remove()
            return [HangUp()]
        if fault is not None and fault.kind == "sw":
            return [_frame(bytes.fromhex(fault.value))]
        if fault is not None and fault.kind == "empty":
            return [_frame(b"")]
        answer = self._obey(chip, apdu)
        if fault is None:
            return [_frame(answer)]
        if fault.kind in ("noise", "half"):  # of the answer: a broken frame would be vpcd's matter
            return [_frame(b"".join(piece for piece in spoil(answer, fault) if isinstance(piece, bytes)))]
        return spoil(_frame(answer), fault)

    def _obey(self, chip: Chip, apdu: bytes) -> bytes:
        match _command(apdu):
            case "select" if apdu[5:] == chip.aid:
                self._selected, self._file = True, None
                return self._hand_over(chip, b"\x6f\x1c\x84\x0f" + chip.aid + b"\xa5\x09\x9f\x0c\x06" + bytes(6))
            case "select":
                return b"\x6a\x82"
            case "file" if self._selected and apdu[5:] in chip.files:
                self._file = chip.files[apdu[5:]]
                return b"\x90\x00"
            case "file":
                return b"\x6a\x82"
            case "record" if self._file is not None:
                return self._record(chip, self._file, apdu)
            case "record":
                return b"\x69\x86"
            case "response" if self._waiting:
                data, self._waiting = self._waiting, b""
                return data + b"\x90\x00"
            case "uid" if chip.uid:
                return chip.uid + b"\x90\x00"
            case _:
                return b"\x6d\x00"

    def _record(self, chip: Chip, file: tuple[tuple[int, bytes], ...], apdu: bytes) -> bytes:
        by_number = apdu[3] == 0x04
        if apdu[3] not in (0x00, 0x04) or (self.faults.find("no-tags") and not by_number):
            return b"\x6b\x00"
        if by_number:
            found = file[apdu[2] - 1] if 1 <= apdu[2] <= len(file) else None
        else:
            found = next((record for record in file if record[0] == apdu[2]), None)
        if found is None:
            return b"\x6a\x83"
        tag, value = found
        if tag in chip.locked or (self.faults.find("locked") and file == chip.files.get(b"\xef\x06")):
            return b"\x69\x82"
        whole = bytes([tag, len(value)]) + (bytes(len(value)) if self.faults.find("blank") else value)
        asks_first = self.faults.find("length") is not None and not self._told_length
        self._told_length = apdu[4] not in (0, len(whole)) or asks_first
        if self._told_length:
            return b"\x6c" + bytes([len(whole)])
        return whole + b"\x90\x00"

    def _hand_over(self, chip: Chip, data: bytes) -> bytes:
        if not chip.chains:
            return data + b"\x90\x00"
        self._waiting = data
        return b"\x61" + bytes([len(data)])

    def _deselect(self) -> None:
        self._selected, self._file, self._waiting = False, None, b""


def _command(apdu: bytes) -> str:
    match apdu[:4]:
        case b"\x00\xa4\x04\x00":
            return "select"
        case b"\x00\xa4\x02\x00" | b"\x00\xa4\x00\x00":
            return "file"
        case b"\xff\xca\x00\x00":
            return "uid"
        case bytes(head) if head[:2] == b"\x00\xb2":
            return "record"
        case bytes(head) if head[:2] == b"\x00\xc0":
            return "response"
        case _:
            return ""


_STRIKING = {kind.name for kind in COMMON} | {"empty", "pulled", "sw"}


def _frame(body: bytes) -> bytes:
    return len(body).to_bytes(2, "big") + body
