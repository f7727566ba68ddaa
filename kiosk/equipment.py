"""What a machine has, whom it serves, and who helps: known before anybody comes.

What the counter does with it (``counter``) is loaded behind the first page.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar
from uuid import UUID, uuid4

from kiosk.contract.sealing import NEWEST, suite
from kiosk.desk import Filed, Left
from kiosk.manner import Back, HelpAsked
from kiosk.pages import Head, Notice, Option, Page
from kiosk.remembered import Remembered
from kiosk.texts import _
from kiosk.voice import Silent, Voice

if TYPE_CHECKING:
    from devices import DocumentPrinter, IdCardReader, QrScanner, ReceiptPrinter, SocialCardReader
    from devices.paper import Block
    from devices.supervisor import Supervisor
    from devices.worker import Worker
    from kiosk.audit import Audit
    from kiosk.central import CentralClient
    from kiosk.contract.identity import ShownBy
    from kiosk.contract.messages import CodeSent
    from kiosk.identity import Person, Shown
    from kiosk.outbox import Outbox
    from kiosk.printing import Style
    from kiosk.settings import Site
    from kiosk.staff import Staff
    from kiosk.sync import Sync

    Reader = Supervisor[IdCardReader] | Supervisor[SocialCardReader] | Supervisor[QrScanner]

A = TypeVar("A")


class Stage(Protocol):
    """Draws a page and returns its answer. Raises Back, Left, Anew and HelpAsked."""

    async def show(self, page: Page[A], head: Head, draft: A | None = None) -> A: ...


@dataclass(frozen=True, kw_only=True)
class PaperKind:
    """What the printer prints on and understands: 48 columns are 80 mm, 32 are 58 mm; a model of devices/models.py."""

    columns: int = 48
    model: str = ""


@dataclass(frozen=True, kw_only=True)
class Met:
    """Whose card or code was shown. ``perhaps_left``: it was there before anybody was asked for it, or was read before
    and never taken away since."""

    person: Person
    perhaps_left: bool = False


class Forgotten:
    """Whether a card in a reader may be the last visitor's. Holds keyed hashes in memory, never a number."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._last: dict[ShownBy, bytes] = {}

    def met(self, person: Person) -> Met:
        """This card was read, and may be left there. Noted in the reader's thread: of two that are read in one moment
        the second is noted too, though nobody asks for it any more."""
        last, read = self._last.get(person.shown), self._hash(person)
        self._last[person.shown] = read
        return Met(person=person, perhaps_left=last is not None and hmac.compare_digest(last, read))

    def lifted(self, way: Shown) -> None:
        """The reader found no card: whatever comes now was put there anew."""
        self._last.pop(way, None)

    def _hash(self, person: Person) -> bytes:
        return suite(NEWEST).mac(self._key, person.number.encode())


@dataclass(kw_only=True)
class Equipment:
    """What a machine has. None: this machine has no such device.

    ``on_filed`` and ``on_paper`` tell a tour what was recorded and what was put on paper.
    """

    stage: Stage
    site: Site
    central: CentralClient
    asking: Worker
    pressing: Worker
    outbox: Outbox
    audit: Audit
    sync: Sync
    id_card: Supervisor[IdCardReader] | None
    social_card: Supervisor[SocialCardReader] | None
    scanner: Supervisor[QrScanner] | None
    printer: Supervisor[ReceiptPrinter] | None
    paper: PaperKind
    answer_within: float
    staff: Staff
    public_url: str = ""
    """Where phones reach central's public pages; "": nowhere."""
    office_printer: Supervisor[DocumentPrinter] | None = None
    """The A4 printer, for certificates."""
    voice: Voice = field(default_factory=Silent)
    forgotten: Forgotten = field(default_factory=Forgotten)
    remembered: Remembered = field(default_factory=Remembered)
    on_paper: Callable[[list[Block], Style], None] = lambda _blocks, _style: None
    on_filed: Callable[[Filed], None] = lambda _filed: None

    @property
    def readers(self) -> dict[Shown, Reader]:
        """What can be shown to this machine and what reads it, the way that most people take first."""
        all_ways: dict[Shown, Reader | None] = {
            "id-card": self.id_card,
            "social-card": self.social_card,
            "code": self.scanner,
        }
        return {way: reader for way, reader in all_ways.items() if reader is not None}


@dataclass
class Guest:
    """Whom the visit knows: gone with the wipe."""

    visit: UUID = field(default_factory=uuid4)
    asked_about: dict[UUID, set[str]] = field(default_factory=dict, repr=False)
    """The numbers of those about whom central was asked, by the visit that it was told (``Counter.visit_about``)."""
    met: Met | None = None
    """Whose card was read while it is asked whether it is theirs."""
    person: Person | None = None
    other: Person | None = None
    """For whom ``person`` is here, where that is somebody else."""
    acts_for_another: bool = False
    """Whether what is done at the moment is for ``other``."""
    code: CodeSent | None = None
    code_of: str = field(default="", repr=False)
    """The number of the person whom the code was sent to."""
    just_identified: bool = False
    upload: UUID | None = None
    """Where a telephone may have sent photographs that no record names yet."""


async def show_help(equipment: Equipment, head: Head) -> None:
    """找人帮忙: who helps and where; the page under it is kept. Raises Left when somebody gives up who can."""
    leave = Option(value="leave", label=_("先不办了"), icon="home")
    page = Notice(
        name="help",
        icon="face-agent",
        mood="plain",
        question=_("要人帮忙，请到服务台"),
        hint=_("也可以打电话：{phone}").format(phone=equipment.site.phone),
        lines=(_("这一页替您留五分钟。"),),
        actions=(
            *((leave,) if head.can_leave else ()),
            Option(value="stay", label=_("我接着办"), icon="arrow-left", primary=True),
        ),
        awaits_staff=True,
    )
    with suppress(HelpAsked, Back):
        if await equipment.stage.show(page, head) == "leave":
            raise Left("cancelled")
