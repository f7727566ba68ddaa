"""The counter's equipment at work: the stage, central, the outbox and the printer, one step each.

``visit`` decides what is done and what is replayed; this module does it, and says in plain words what went wrong.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal, NoReturn, TypeVar, cast
from uuid import UUID, uuid4

from devices.discreet import where_of
from devices.errors import DeviceError, NotAtHand
from devices.office_printer import NotPrinted as DocumentNotPrinted
from devices.office_printer import Unknown as DocumentUnknown
from devices.printer import NotPrinted, Printed, Unknown
from kiosk import printing
from kiosk.acting import person_acted_for
from kiosk.at_once import ask_again, carry_out
from kiosk.contract.acts import Act, RiderCheckIn
from kiosk.contract.audit import Reprinted
from kiosk.contract.base import Message
from kiosk.contract.certificates import CertificateFileOf, IssuedCertificate
from kiosk.contract.identity import PersonReference, ShownBy, Witness
from kiosk.contract.messages import Matter, MatterState, Sort
from kiosk.contract.numbers import Number
from kiosk.contract.queries import PERSONS_A_VISIT, Inquiry, Presented
from kiosk.contract.status import STATUS_PATH
from kiosk.contract.uploads import UploadOpened, UploadStep
from kiosk.desk import NO_PRINTER, Filed, Left, Paper, Whom, Writer
from kiosk.equipment import Equipment, Guest, show_help
from kiosk.errors import Declined, NotKept, Unavailable
from kiosk.fetching import fetched_by_telephone
from kiosk.identification import HELPER, RELATIVE, person_shown
from kiosk.identity import Person, masked_name
from kiosk.items import Item
from kiosk.manner import Anew, HelpAsked, Manner
from kiosk.pages import Done, EnterNumber, Head, Notice, Option, Page, PlaceCard, SendPapers, Sheet, Wait
from kiosk.racing import first
from kiosk.readers import receipt_scanned
from kiosk.receipts import Receipt, in_both
from kiosk.second_check import check_by_code
from kiosk.sending import sent_by_telephone
from kiosk.texts import _
from kiosk.witness import says, vouched

A = TypeVar("A")
B = TypeVar("B")
M = TypeVar("M", bound=Message)

_log = logging.getLogger(__name__)


@dataclass
class Counter:
    """One service at the counter for one guest."""

    equipment: Equipment
    service: Item
    guest: Guest
    manner: Callable[[], Manner]
    change: Callable[[Anew], None]
    """Puts another manner into effect at once, where the person changes it while something is awaited."""

    @property
    def can_print(self) -> bool:
        """Whether the printer is there and nothing hinders it."""
        printer = self.equipment.printer
        return printer is not None and printer.state == "ready" and printer.hindrance is None

    @property
    def can_print_documents(self) -> bool:
        """Whether the A4 printer is there and nothing hinders it."""
        printer = self.equipment.office_printer
        return printer is not None and printer.state == "ready" and printer.hindrance is None

    @property
    def can_vouch(self) -> bool:
        """Whether the machine knows a worker who can."""
        return bool(self.equipment.staff.members)

    async def ask(self, page: Page[A], draft: A | None, *, can_go_back: bool = True, step: int = 0) -> A:
        """Shows ``page`` until it is answered; help comes and goes in between. ``step``: which question of the service
        it is; 0: none.

        Nobody is asked for what could not be recorded then: raises CannotKeep.
        """
        if page.recorded:
            await self.unhurried(self.equipment.outbox.demand_room(), _("请稍等"), _("机器有点慢，请再等一下。"))
        where = _step_in_words(page, step, another=self.guest.person is not None)
        head = Head(title=self._title(), step=where, notice=self._notice(), can_go_back=can_go_back)
        while True:
            try:
                answer = await self._shown(page, head, draft)
            except HelpAsked:
                await show_help(self.equipment, head)
            else:
                self.guest.just_identified = False
                return answer

    async def _shown(self, page: Page[A], head: Head, draft: A | None) -> A:
        if isinstance(page, EnterNumber):
            return cast(A, await self._number(page, head, cast("str | None", draft)))
        if isinstance(page, SendPapers):
            return cast(A, await sent_by_telephone(self, page, head))
        if isinstance(page, Done) and page.fetches:
            return cast(A, await fetched_by_telephone(self, page, head))
        return await self.equipment.stage.show(page, head, draft)

    async def _number(self, page: EnterNumber, head: Head, draft: str | None) -> str:
        """By keys, or by what is held to the scanner."""
        stage, scanner = self.equipment.stage, self.equipment.scanner
        if scanner is None or scanner.state != "ready":
            return await stage.show(replace(page, by_scanner=""), head, draft)
        return await first(stage.show(page, head, draft), receipt_scanned(scanner))

    async def identify(self, level: Literal[1, 2], *, whom: Whom = "self", at_once: bool = False) -> Person:
        """The guest, or for whom they are here, with the level that was asked for; what is known already is not asked
        again."""
        if at_once and not self.equipment.sync.online:
            raise Unavailable("offline")
        guest = self.guest
        guest.acts_for_another = False
        person = guest.person
        if person is None:
            person = guest.person = await person_shown(self, wording=None if whom == "self" else HELPER)
            guest.just_identified = True
        if whom == "relative":
            relative = await person_shown(self, person, RELATIVE)
            guest.just_identified = True
            return relative
        await self._demand_valid(person)
        if whom == "other":
            person = await self._other(person)
            await self._demand_valid(person)
        if level == 2 and (person.check == "none" or (at_once and person.check == "owed")):
            person = await check_by_code(self, person, may_owe=not at_once)
        if whom == "other":
            guest.other = person
        else:
            guest.person = person
        return person

    async def _demand_valid(self, person: Person) -> None:
        """Raises Left where the card is too old for this service."""
        if person.expired(datetime.now(printing.SHANGHAI).date()) and not self.service.accepts_expired_card:
            await self.turn_away(*_expired(person))

    async def _other(self, agent: Person) -> Person:
        guest = self.guest
        guest.acts_for_another = True
        if guest.other is None:
            guest.other = await person_acted_for(self, agent)
            guest.just_identified = True
        return guest.other

    def forget_other(self) -> None:
        """Whoever went back to before the other was shown may be here for somebody else."""
        self.guest.other = None
        self.guest.acts_for_another = False

    async def witness(self, person: Person) -> Witness | None:
        """A worker's word that the person promised; one who said so before is not fetched again."""
        if person.witness is not None and says(person.witness.reason, "promise"):
            return person.witness
        return await vouched(self, "promise", person.name, person.number)

    async def vouch_for(self, person: PersonReference) -> Witness | None:
        """A worker's word on who somebody is whose number was typed."""
        return await vouched(self, "identity", person.name, person.number)

    async def query(self, query: Inquiry[M]) -> M:
        """Central's answer; a page says what is awaited."""
        presented = self.presented.model_copy(update={"visit": self.visit_about(*query.about)})
        asked = self.equipment.asking.do(partial(self.equipment.central.ask, query, presented))
        answer = await self.while_waiting(asked, lambda: _("正在查，请稍等"))
        if isinstance(answer, UploadOpened):
            self.guest.upload = answer.upload.id
        return answer

    @property
    def presented(self) -> Presented:
        """The credential that the visit rests on."""
        person = self.guest.person
        return Presented(
            visit=self.guest.visit,
            kiosk=self.equipment.site.kiosk,
            card=person.card if person else "none",
            sam=person.sam if person else None,
        )

    def visit_about(self, *people: PersonReference) -> UUID:
        """The visit in which central is asked about these people: in one, about two at most. For whoever looks after
        more of the family one by one, another begins, as if they had come again; a person stays in the first."""
        guest, wanted = self.guest, {person.number.upper() for person in people}
        visits = guest.asked_about or {guest.visit: set()}
        visit = next((visit for visit, numbers in visits.items() if wanted <= numbers), None)
        if visit is None:
            roomy = (visit for visit, numbers in visits.items() if len(numbers | wanted) <= PERSONS_A_VISIT)
            visit = next(roomy, None) or uuid4()
        guest.asked_about = visits | {visit: visits.get(visit, set()) | wanted}
        return visit

    async def find(self, query: Inquiry[M]) -> M:
        """The same for what is only good to know: nobody waits long for it, nor at all while central is away."""
        if not self.equipment.sync.online:
            raise Unavailable("offline")
        try:
            async with asyncio.timeout(_FIND_WITHIN):
                return await self.query(query)
        except TimeoutError:
            raise Unavailable("slow") from None

    async def lately(self, kind: str, person: PersonReference) -> UUID | None:
        """What the machine remembers of the day."""
        return self.equipment.remembered.last(kind, person.number)

    def forget_upload(self) -> None:
        """The visit is over: photographs that came for nothing are deleted, without anybody waiting for it."""
        upload, self.guest.upload = self.guest.upload, None
        if upload is not None and self.equipment.sync.online:
            chore = asyncio.ensure_future(self._drop(UploadStep(upload=upload, step="drop"), self.presented))
            _CHORES.add(chore)
            chore.add_done_callback(_CHORES.discard)

    async def _drop(self, step: UploadStep, presented: Presented) -> None:
        try:
            await self.equipment.asking.do(partial(self.equipment.central.ask, step, presented))
        except (Unavailable, Declined) as error:
            _log.warning("photographs of nothing wait at central: %s", error)

    async def recorded_here(self, number: Number) -> tuple[MatterState, Sort] | None:
        """What the outbox knows of that number: it cannot read what it sealed, and asks nobody."""
        try:
            return await self.equipment.outbox.state_of(number)
        except NotKept as error:
            _log.error("the outbox does not answer: %s", error)
            return None

    async def submit(self, act: Act, receipt: Writer | None, *, live: bool = False) -> Filed:
        """Commits the record, waits for central, prints. What goes wrong after the commit is in the answer."""
        gear = self.equipment
        self.guest.upload = None  # the act names what came, and central keeps that for it
        printing = receipt is not None and self.can_print
        filed = await (carry_out(self, act, printing=printing) if live else self._file(act, printing=printing))
        if gear.public_url:
            filed = replace(filed, page=f"{gear.public_url}{STATUS_PATH}{filed.number}")
        gear.on_filed(filed)
        if isinstance(act, RiderCheckIn) and act.person is not None:
            gear.remembered.note(act.kind, act.person.number, filed.id)
        if receipt is None:
            return filed
        if not self.can_print:
            reason = NO_PRINTER if gear.printer is None else gear.printer.hindrance or "not there"
            return replace(filed, paper=await self._not_printed(filed.id if printing else None, reason))
        paper = await self._print(lambda: in_both(partial(receipt, filed)), filed.id)
        return replace(filed, paper=paper)

    async def _file(self, act: Act, *, printing: bool) -> Filed:
        gear = self.equipment
        at = datetime.now(UTC)
        sam = self.guest.person.sam if self.guest.person else None
        kept = await gear.outbox.commit(act, happened_at=at, printing=printing, sam=sam)
        delivery = gear.sync.deliver(kept.id, within=gear.answer_within)
        matter: Matter | None = await self.unhurried(delivery, _("正在提交，请稍等"))
        state: MatterState = matter.state if matter is not None else "kept"
        return Filed(id=kept.id, number=kept.number, at=at, state=state, matter=matter)

    async def ask_again(self, filed: Filed) -> Filed:
        """See ``at_once``."""
        return await ask_again(self, filed)

    def preview(self, receipt: Receipt, copy: int) -> Sheet:
        """The blocks that a print of it would send."""
        style = self._style(receipt)
        return Sheet(
            blocks=tuple(printing.blocks(receipt, self.equipment.site, style, copy=copy)), columns=style.paper.columns
        )

    async def print(self, receipt: Receipt, of: Filed | None, copy: int) -> Paper:
        """Prints a receipt that belongs to no record, or once more one that does. A copy is not in the journal, which
        is there so that no unmarked one comes out twice."""
        if copy:
            self.equipment.audit.note(Reprinted(copy_number=copy))
        paper = await self._print(lambda: receipt, of.id if of is not None and not copy else None, copy=copy)
        return replace(paper, copy=copy)

    async def print_document(self, issued: IssuedCertificate) -> Paper:
        """Fetches the authority's file and hands it to the A4 printer as it is."""
        printer = self.equipment.office_printer
        if printer is None:
            return Paper(outcome="not printed", reason=NO_PRINTER)
        if printer.state != "ready":
            return Paper(outcome="not printed", reason="not there")
        try:
            content = await self.unhurried(self._file_of(issued), _("正在取证明，请稍等"))
        except (Unavailable, Declined) as error:
            _log.warning("a certificate cannot be fetched: %s", error)
            return Paper(outcome="not printed", reason="not fetched")
        if hashlib.sha256(content).hexdigest() != issued.sha256:
            _log.error("a certificate is not what its hash says")
            return Paper(outcome="not printed", reason="not whole")
        try:
            result = await self.unhurried(
                printer.use(lambda driver: driver.print(content)), _("正在打印证明，请稍等"), _printer_is_slow()
            )
        except NotAtHand:
            return Paper(outcome="not printed", reason="not there")
        except DeviceError as error:
            _log.warning("no outcome of the certificate: %s", error)
            return Paper(outcome="unknown", reason="line lost")
        return _paper_of(result)

    async def _file_of(self, issued: IssuedCertificate) -> bytes:
        """Raises Unavailable, Declined."""
        query = CertificateFileOf(token=issued.token)
        presented = self.presented
        file = await self.equipment.asking.do(partial(self.equipment.central.ask, query, presented))
        return file.content

    # -- paper ---------------------------------------------------------------------------------------------------------

    async def _print(self, make: Callable[[], Receipt], record: UUID | None, *, copy: int = 0) -> Paper:
        """Renders first, then marks ``sent`` durably, then sends: a crash in between can only say too much."""
        gear = self.equipment
        printer = gear.printer
        if printer is None:
            return await self._not_printed(record, NO_PRINTER)
        if printer.state != "ready":
            return await self._not_printed(record, "not there")
        try:
            receipt = make()
            style = self._style(receipt)
            paper_blocks = printing.blocks(receipt, gear.site, style, copy=copy)
            job = await gear.pressing.do(partial(printing.job, paper_blocks, style))
        except Exception as error:  # noqa: BLE001 - the matter is recorded, which the person has to hear of
            _log.error("the receipt cannot be set on paper: %s", where_of(error))
            return await self._not_printed(record, "cannot be set")
        if record is not None and not await self._journal(record, "sent"):
            return Paper(outcome="not printed", reason="journal")
        try:
            result = await self.unhurried(
                printer.use(lambda driver: driver.print(job)), _("正在打印凭条，请稍等"), _printer_is_slow()
            )
        except NotAtHand:
            paper = Paper(outcome="not printed", reason="not there")
        except DeviceError as error:
            _log.warning("no outcome of the receipt: %s", error)
            paper = Paper(outcome="unknown", reason="line lost")
        else:
            paper = _paper_of(result)
        if paper.outcome != "not printed":
            gear.on_paper(paper_blocks, style)
        if record is not None:
            await self._journal(record, paper.outcome)
        return paper

    async def _not_printed(self, record: UUID | None, reason: str) -> Paper:
        """Nothing is sent: the print that the record intended is over."""
        if record is not None:
            await self._journal(record, "not printed")
        return Paper(outcome="not printed", reason=reason)

    def _style(self, receipt: Receipt) -> printing.Style:
        return printing.Style(paper=self.equipment.paper, large_print=receipt.large or self.manner().care)

    async def _journal(self, record: UUID, state: Literal["sent", "printed", "not printed", "unknown"]) -> bool:
        """Notes the state of a print durably. False: it could not be; the record itself is kept all the same."""
        try:
            await self.equipment.outbox.mark_print(record, state)
        except NotKept as error:
            _log.error("the print journal fails at %s: %s", state, error)
            return False
        except LookupError:
            _log.error("the print journal fails at %s: the database was damaged since, another one began", state)
            return False
        return True

    # -- pages in between ----------------------------------------------------------------------------------------------

    def _title(self) -> str:
        """The service, and first for whom it is where that is another: of a long title the end is cut off."""
        service, other = _(self.service.official), self.guest.other
        if other is None or not self.guest.acts_for_another:
            return service
        return _("替{name}办{service}").format(name=masked_name(other.name), service=service)

    def _notice(self) -> str:
        person = self.guest.other if self.guest.acts_for_another and self.guest.other else self.guest.person
        return _PUT_AWAY[person.shown]() if person is not None and self.guest.just_identified else ""

    async def turn_away(self, question: str, hint: str) -> NoReturn:
        """Says why it ends here, and ends it."""
        page = Notice(
            name="turned-away",
            icon="information-outline",
            mood="trouble",
            question=question,
            hint=hint,
            lines=(_("服务台电话：{phone}").format(phone=self.equipment.site.phone),),
            actions=(Option(value="home", label=_("知道了"), icon="home", primary=True),),
        )
        await self.ask(page, None, can_go_back=False)
        raise Left("card")

    async def while_waiting(
        self, work: Coroutine[Any, Any, A], question: Callable[[], str], slow: Callable[[], str] | None = None
    ) -> A:
        """The outcome of ``work``. After a moment a page says so; the person may leave it. Another language changes the
        page alone: what is awaited goes on, for it may be a code that was shown or typed once.

        ``slow``: what is slow, where it is neither central nor who stands behind it.
        """

        async def wait_page() -> A:
            await asyncio.sleep(_WAIT_PAGE_AFTER)
            while True:
                try:
                    await self.ask(Wait(name="wait", question=question(), slow=(slow or _they_are_slow)()), None)
                except Anew as anew:
                    self.change(anew)
                else:
                    raise Left("cancelled")

        return await first(work, wait_page())

    async def unhurried(self, work: Coroutine[Any, Any, A], question: str, slow: str = "") -> A:
        """The outcome of ``work``, which nobody can leave: what has been decided is carried through."""
        page = Wait(name="wait", question=question, slow=slow or _they_are_slow())
        head = Head(title=_(self.service.official), can_go_back=False, can_leave=False)

        async def wait_page() -> A:
            await asyncio.sleep(_WAIT_PAGE_AFTER)
            while True:
                with suppress(Anew, Left):
                    try:
                        await self.equipment.stage.show(page, head)
                    except HelpAsked:
                        await show_help(self.equipment, head)

        return await first(work, wait_page())


def _they_are_slow() -> str:
    return _("对方系统有点慢，请再等一下。")


def _printer_is_slow() -> str:
    return _("打印机有点慢，请再等一下。")


def _step_in_words(page: Page[A], step: int, *, another: bool) -> str:
    """Where the person is. ``another``: who stands here is known, and a card is asked of one of the family."""
    if isinstance(page, PlaceCard):
        return _("再认一下家里人") if another else _("先认一下您是谁")
    return _("第 {n} 步").format(n=step) if step else ""


def _expired(person: Person) -> tuple[str, str]:
    if person.shown == "social-card":
        return _("这张社保卡过期了"), _("请换身份证再试，或者到服务台问怎么换卡。")
    return _("这张身份证过期了"), _("这件事要用没过期的身份证。请到派出所换证，或者按“找人帮忙”。")


_PUT_AWAY: dict[ShownBy, Callable[[], str]] = {
    "id-card": lambda: _("读好了，请先把身份证收好"),
    "social-card": lambda: _("读好了，请先把社保卡拔出来收好"),
    "code": lambda: _("扫好了，请先把手机收好"),
    "worker": lambda: "",
    "papers": lambda: "",
}
_CHORES: set[asyncio.Future[None]] = set()
"""What is still done for a visit that is over."""
_WAIT_PAGE_AFTER = 0.4
"""Seconds: an answer that comes sooner would make the page flash."""
_FIND_WITHIN = 3.0


def _paper_of(result: Printed | NotPrinted | Unknown | DocumentNotPrinted | DocumentUnknown) -> Paper:
    match result:
        case Printed():
            return Paper(outcome="printed")
        case NotPrinted(reason) | DocumentNotPrinted(reason):
            return Paper(outcome="not printed", reason=reason)
        case Unknown(reason) | DocumentUnknown(reason):
            return Paper(outcome="unknown", reason=reason)
