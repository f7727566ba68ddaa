"""The counter's equipment at work: the stage, the card reader, central, the outbox and the printer, one step each.

``visit`` decides what is done and what is replayed; this module does it, and says in plain words what went wrong.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal, Protocol, TypeVar
from uuid import UUID, uuid4

from devices import IdCardReader, ReceiptPrinter
from devices.card_text import IdCard
from devices.errors import DeviceError, Lost, Refused, Silent
from devices.paper import Block
from devices.printer import NotPrinted, Printed, Unknown
from devices.supervisor import Supervisor
from devices.worker import Worker
from kiosk import printing
from kiosk.catalog import Item
from kiosk.central import CentralClient
from kiosk.contract.acts import Act
from kiosk.contract.messages import CodeCheck, CodeRequest, CodeSent, Matter, MatterState, Message
from kiosk.contract.queries import Presented, Query
from kiosk.desk import Filed, Left, Paper, Writer
from kiosk.errors import Declined, NotKept, Unavailable
from kiosk.identity import Person
from kiosk.manner import Anew, Back, HelpAsked, Manner
from kiosk.outbox import Outbox
from kiosk.pages import Digits, Head, Notice, Option, Page, PlaceCard, Wait
from kiosk.receipts import Receipt
from kiosk.settings import Site
from kiosk.sync import Sync
from kiosk.texts import _

A = TypeVar("A")
B = TypeVar("B")
M = TypeVar("M", bound=Message)

_log = logging.getLogger(__name__)


class Stage(Protocol):
    """Draws a page and returns its answer. Raises Back, Left, Anew and HelpAsked."""

    async def show(self, page: Page[A], head: Head, draft: A | None = None) -> A: ...


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
    sync: Sync
    id_card: Supervisor[IdCardReader] | None
    printer: Supervisor[ReceiptPrinter] | None
    columns: int
    answer_within: float
    on_paper: Callable[[list[Block], printing.Style], None] = lambda _blocks, _style: None
    on_filed: Callable[[Filed], None] = lambda _filed: None


@dataclass
class Guest:
    """Whom the visit knows: gone with the wipe."""

    visit: UUID = field(default_factory=uuid4)
    person: Person | None = None
    code: CodeSent | None = None
    card_just_read: bool = False


@dataclass
class Counter:
    """One service at the counter for one guest."""

    equipment: Equipment
    service: Item
    guest: Guest
    manner: Callable[[], Manner]

    @property
    def can_print(self) -> bool:
        """Whether the printer is there and answers."""
        printer = self.equipment.printer
        return printer is not None and printer.state == "ready"

    async def ask(self, page: Page[A], draft: A | None, *, can_go_back: bool = True) -> A:
        """Shows ``page`` until it is answered; help comes and goes in between."""
        head = Head(title=_(self.service.official), notice=self._notice(), can_go_back=can_go_back)
        while True:
            try:
                answer = await self.equipment.stage.show(page, head, draft)
            except HelpAsked:
                await show_help(self.equipment, head)
            else:
                self.guest.card_just_read = False
                return answer

    async def identify(self, level: Literal[1, 2]) -> Person:
        """The guest, with the level that was asked for; what is known already is not asked again."""
        person = self.guest.person
        if person is None:
            person = await self._person_by_card()
            self.guest.person = person
            self.guest.card_just_read = True
        if person.expired(datetime.now(printing.SHANGHAI).date()) and not self.service.accepts_expired_card:
            await self._turn_away(
                _("这张身份证过期了"),
                _("这件事要用没过期的身份证。请到派出所换证，或者按“找人帮忙”。"),
            )
        if level == 2 and person.check == "none":
            person = await self._check_by_code(person)
            self.guest.person = person
        return person

    async def query(self, query: Query[M]) -> M:
        """Central's answer; a page says what is awaited."""
        presented = Presented(
            visit=self.guest.visit,
            kiosk=self.equipment.site.kiosk,
            card=self.guest.person.card if self.guest.person else "none",
            sam=self.guest.person.sam if self.guest.person else None,
        )
        answer = self.equipment.asking.do(lambda: self.equipment.central.ask(query, presented))
        return await self._while_waiting(answer, _("正在查，请稍等"), _("对方系统有点慢，请再等一下。"))

    async def find(self, query: Query[M]) -> M:
        """The same for what is only good to know: nobody waits long for it, nor at all while central is away."""
        if not self.equipment.sync.online:
            raise Unavailable("offline")
        try:
            async with asyncio.timeout(_FIND_WITHIN):
                return await self.query(query)
        except TimeoutError:
            raise Unavailable("slow") from None

    async def submit(self, act: Act, receipt: Writer | None) -> Filed:
        """Commits the record, waits for central, prints. What goes wrong after the commit is in the answer."""
        gear = self.equipment
        kept = await gear.outbox.commit(
            act,
            happened_at=datetime.now(UTC),
            printing=receipt is not None and self.can_print,
            sam=self.guest.person.sam if self.guest.person else None,
        )
        delivery = gear.sync.deliver(kept.id, within=gear.answer_within)
        matter: Matter | None = await self._unhurried(delivery, _("正在提交，请稍等"))
        state: MatterState = matter.state if matter is not None else "kept"
        filed = Filed(id=kept.id, number=kept.number, state=state, matter=matter)
        gear.on_filed(filed)
        if receipt is None:
            return filed
        if not self.can_print:
            return replace(filed, paper=Paper(outcome="not printed", reason="no printer"))
        paper = await self._print(receipt(filed), kept.id)
        return replace(filed, paper=paper)

    async def print(self, receipt: Receipt) -> Paper:
        """Prints a receipt that belongs to no record."""
        return await self._print(receipt, None)

    # -- identity ------------------------------------------------------------------------------------------------------

    async def _person_by_card(self) -> Person:
        reader = self.equipment.id_card
        if reader is None:
            await self._turn_away(_("这台机器不能读身份证"), _("请到服务台办，工作人员马上帮您。"))
            raise Left("card")
        problem = ""
        while True:
            page = PlaceCard(
                name="card",
                question=_("请把身份证放到读卡区"),
                where=_("在屏幕下方，发蓝光的地方"),
                instruction=_("放好别动，听到“嘀”一声就好了"),
                problem=problem,
            )
            outcome = await first(self._shown_until_read(page), self._card_or_problem(reader, problem))
            if isinstance(outcome, Person):
                return outcome
            problem = outcome

    async def _shown_until_read(self, page: PlaceCard) -> str:
        """The page for a card has no answer by touch: the person can only leave it."""
        await self.ask(page, None)
        return page.problem

    async def _card_or_problem(self, reader: Supervisor[IdCardReader], shown: str) -> Person | str:
        """The person on the next card, or a problem other than the one on the screen."""
        loop = asyncio.get_running_loop()
        quiet_since = loop.time()
        while True:
            problem = shown
            try:
                found = await reader.use(lambda driver: driver.read())
            except Refused as error:
                _log.info("card refused: %s", error.reason)
                problem = _not_an_id_card() if error.reason == "unknown card type" else _not_read()
            except Silent:
                continue  # the supervisor counts these, and says Lost when there were too many
            except Lost:
                problem = _no_reader()
            except DeviceError as error:
                _log.info("card not read: %s", error)
                problem = _not_read()
            else:
                if isinstance(found, IdCard):
                    return _person_of(found)
                if problem == _no_reader():
                    problem = ""
                if found.after_read and loop.time() - quiet_since > _LIFT_HINT_AFTER:
                    problem = _lift_first()
            if problem != shown:
                return problem
            await asyncio.sleep(_POLL_EVERY)

    async def _check_by_code(self, person: Person) -> Person:
        """Level 2: a code to the telephone on record, or owed where central cannot be asked."""
        gear = self.equipment
        reference = person.reference
        if not gear.sync.online:
            return replace(person, check="owed")
        problem = ""
        while True:
            try:
                sent = self.guest.code
                if sent is None:
                    request = CodeRequest(visit=self.guest.visit, kiosk=gear.site.kiosk, person=reference)
                    sending = gear.asking.do(partial(gear.central.send_code, request))
                    sent = await self._while_waiting(sending, _("正在发验证码，请稍等"), "")
                    self.guest.code = sent
                typed = await self.ask(
                    Digits(
                        name="code",
                        question=_("请输入短信里的 {n} 位数字").format(n=sent.digits),
                        hint=_("已发到您在医保留的手机 {telephone}").format(telephone=sent.telephone),
                        length=sent.digits,
                        groups=(3, 3),
                        action=_("确定"),
                        problem=problem,
                        aside=Option(value="again", label=_("没收到，再发一次")),
                    ),
                    None,
                )
                if typed == "again":
                    self.guest.code, problem = None, ""
                    continue
                check = CodeCheck(visit=self.guest.visit, kiosk=gear.site.kiosk, code=typed)
                checked = await self._while_waiting(
                    gear.asking.do(partial(gear.central.check_code, check)), _("正在核对，请稍等"), ""
                )
            except Unavailable as error:
                _log.info("the second check is owed: %s", error.reason)
                return replace(person, check="owed")
            except Declined as error:
                _log.info("no code: %s", error.code)
                await self._turn_away(*_why_no_code().get(error.code, _no_code()))
                raise Left("card") from error
            if checked.right:
                return replace(person, level=2, check="code")
            if checked.tries_left == 0:
                await self._turn_away(_("数字没有对上"), _("请稍后再来，或者带身份证到服务台办。"))
            problem = _("数字没有对上，请看一下短信，再输一次。还可以试 {n} 次。").format(n=checked.tries_left)

    # -- paper ---------------------------------------------------------------------------------------------------------

    async def _print(self, receipt: Receipt, record: UUID | None) -> Paper:
        """Renders first, then marks ``sent`` durably, then sends: a crash in between can only say too much."""
        gear = self.equipment
        printer = gear.printer
        if printer is None:
            return Paper(outcome="not printed", reason="no printer")
        style = printing.Style(columns=gear.columns, large_print=self.manner().care)
        paper_blocks = printing.blocks(receipt, gear.site, style)
        gear.on_paper(paper_blocks, style)
        job = await gear.pressing.do(partial(printing.job, paper_blocks, style))
        if record is not None and not await self._journal(record, "sent"):
            return Paper(outcome="not printed", reason="journal")
        try:
            result = await self._unhurried(printer.use(lambda driver: driver.print(job)), _("正在打印凭条，请稍等"))
        except DeviceError as error:
            _log.warning("no outcome of the receipt: %s", error)
            paper = Paper(outcome="unknown", reason="line lost")
        else:
            paper = _paper_of(result)
        if record is not None:
            await self._journal(record, paper.outcome)
        return paper

    async def _journal(self, record: UUID, state: Literal["sent", "printed", "not printed", "unknown"]) -> bool:
        """Notes the state of a print durably. False: it could not be; the record itself is kept all the same."""
        try:
            await self.equipment.outbox.mark_print(record, state)
        except NotKept as error:
            _log.error("the print journal fails at %s: %s", state, error)
            return False
        return True

    # -- pages in between ----------------------------------------------------------------------------------------------

    def _notice(self) -> str:
        return _("读好了，请先把身份证收好") if self.guest.card_just_read else ""

    async def _turn_away(self, question: str, hint: str) -> None:
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

    async def _while_waiting(self, work: Coroutine[Any, Any, A], question: str, slow: str) -> A:
        """The outcome of ``work``. After a moment a page says so; the person may leave it."""

        async def wait_page() -> A:
            await asyncio.sleep(_WAIT_PAGE_AFTER)
            await self.ask(Wait(name="wait", question=question, slow=slow), None)
            raise Left("cancelled")

        return await first(work, wait_page())

    async def _unhurried(self, work: Coroutine[Any, Any, A], question: str) -> A:
        """The outcome of ``work``, which nobody can leave: what has been decided is carried through."""
        page = Wait(name="wait", question=question)
        head = Head(title=_(self.service.official), can_go_back=False, can_leave=False)

        async def wait_page() -> A:
            await asyncio.sleep(_WAIT_PAGE_AFTER)
            while True:
                with suppress(HelpAsked, Anew):
                    await self.equipment.stage.show(page, head)

        return await first(work, wait_page())


async def show_help(equipment: Equipment, head: Head) -> None:
    """找人帮忙: who helps and where; the page under it is kept. Raises Left when the person gives up."""
    page = Notice(
        name="help",
        icon="face-agent",
        mood="plain",
        question=_("要人帮忙，请到服务台"),
        hint=_("也可以打电话：{phone}").format(phone=equipment.site.phone),
        lines=(_("这一页会替您留着。"),),
        actions=(
            Option(value="leave", label=_("先不办了"), icon="home"),
            Option(value="stay", label=_("我接着办"), icon="arrow-left", primary=True),
        ),
    )
    with suppress(HelpAsked, Back):
        if await equipment.stage.show(page, head) == "leave":
            raise Left("cancelled")


_WAIT_PAGE_AFTER = 0.4
"""Seconds: an answer that comes sooner would make the page flash."""
_FIND_WITHIN = 3.0
_POLL_EVERY = 0.12
_LIFT_HINT_AFTER = 4.0


async def first(one: Coroutine[Any, Any, A], other: Coroutine[Any, Any, B]) -> A | B:
    """The outcome of whichever ends first; the other is cancelled and waited for."""
    ahead, behind = asyncio.ensure_future(one), asyncio.ensure_future(other)
    try:
        await asyncio.wait((ahead, behind), return_when=asyncio.FIRST_COMPLETED)
        return ahead.result() if ahead.done() else behind.result()
    finally:
        ahead.cancel()
        behind.cancel()
        await asyncio.gather(ahead, behind, return_exceptions=True)


def _person_of(card: IdCard) -> Person:
    return Person(
        name=card.name,
        number=card.number,
        sex=card.sex,
        birth=card.birth,
        card=card.kind,
        valid_to=card.valid_to,
        level=1,
        sam=card.sam or None,
    )


def _paper_of(result: Printed | NotPrinted | Unknown) -> Paper:
    match result:
        case Printed():
            return Paper(outcome="printed")
        case NotPrinted(reason):
            return Paper(outcome="not printed", reason=reason)
        case Unknown(reason):
            return Paper(outcome="unknown", reason=reason)


def _not_read() -> str:
    return _("没有读到身份证。请拿开，再平放一次，听到“嘀”一声就好了。还是不行，请按“找人帮忙”。")


def _lift_first() -> str:
    return _("要是身份证已经在读卡区了，请拿开，再平放一次。")


def _not_an_id_card() -> str:
    return _("这张卡读不出来。请放居民身份证，或者按“找人帮忙”。")


def _no_reader() -> str:
    return _("读卡器没有连上。请稍等一下，或者到服务台办。")


def _no_code() -> tuple[str, str]:
    return _("现在发不了验证码"), _("请过一会儿再来，或者带身份证到服务台办。")


def _why_no_code() -> dict[str, tuple[str, str]]:
    return {
        "no-telephone": (_("您在医保没有留过手机号"), _("这件事要先核对是您本人。请带身份证到服务台办。")),
        "unknown-person": (_("没有查到您的医保登记"), _("您可能在别的地方参保。请到服务台问一下，或打 12393。")),
    }
