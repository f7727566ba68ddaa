"""Every page that the kiosk can show, made by the kiosk itself, in the language that is spoken: with the longest of
what can stand there.

The journeys run over scripts; what stands between them (cards, codes, help, trouble) is asked of the machine's own
parts, whose screens here only note what they are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar, cast, get_args
from unittest import mock

import main
from devices.supervisor import State
from kiosk import readers
from kiosk import trouble_pages as troubles
from kiosk.acting import choose_relation
from kiosk.catalog import at_desk_page, load_catalog
from kiosk.certificate_entry import CertificateEntry
from kiosk.code_words import CodeWords, load_code_words
from kiosk.contract.appointments import Appointment
from kiosk.contract.bookings import Booking, Bookings, FreeDay, FreeSlot, FreeSlots
from kiosk.contract.certificates import CertificateAnswer, CertificateFetched, IssuedCertificate
from kiosk.contract.datasets import Dataset
from kiosk.contract.due import Due, DueKind, DueLine
from kiosk.contract.identity import Agent
from kiosk.contract.lookups import Found, FoundPart
from kiosk.contract.messages import CodeSent, Matter
from kiosk.contract.queries import Filing, Filings, Insurance, InsuranceStatus, LastCheckIn, MatterLine, Matters
from kiosk.contract.ratings import ReasonedRating
from kiosk.contract.status import MatterStatus
from kiosk.counter import _PUT_AWAY, Counter, _expired, _printer_is_slow, _step_in_words, _they_are_slow
from kiosk.credentials import OwnReceipt, PaymentCode, Rubbish, StaffCode, declined_in_words, refusal_in_words
from kiosk.datasets import NAMES
from kiosk.desk import NO_PRINTER, Left, Paper
from kiosk.equipment import Guest, Met, show_help
from kiosk.errors import Unavailable
from kiosk.identification import HELPER, PRINCIPAL, RELATIVE, _is_still, _page, of_another, without_card
from kiosk.identity import Person, Shown, Unreadable, masked_name
from kiosk.insurance_words import load_insurance_words
from kiosk.items import APPOINTMENT, CERTIFICATE, FILING, GUIDE, QUERY, Item
from kiosk.journeys.applicant import choose_whom
from kiosk.manner import Manner
from kiosk.pages import Digits, Head, Page, PlaceCard, Wait
from kiosk.query_entry import CODE, Column, Part, QueryEntry
from kiosk.rating import call_back_page, heard, reason_page, stars_page, telephone_page, words_page
from kiosk.remote_care import KindOfFiling, load_remote_care
from kiosk.second_check import (
    _cannot_send,
    _why_no_code,
    ask_code,
    check_by_code,
    code_is_over,
    code_later,
    no_code,
    no_code_came,
)
from kiosk.settings import check_settings
from kiosk.staff import StaffMember
from kiosk.station import load_station
from kiosk.texts import _
from kiosk.visit import Visit
from kiosk.without_card import ask_name, ask_number
from kiosk.witness import About, _cannot, _has_to_wait, ask_pin, choose_reason, choose_worker
from tests.face import filings, live, papers
from tests.kiosk.journeys.test_guide import answer_to
from tests.kiosk.scripted import NOW, PRINTED, ScriptedCounter

A = TypeVar("A")
Sample = tuple[Page[object], Head]

PERSON = Person(
    name="阿卜杜克热木江·阿卜杜热西提江", number="659901199005210011", sex="male", birth=date(1990, 5, 21),
    card="resident", valid_to=None, level=2, check="code",
)  # fmt: skip
WORKERS = ("林芳", "欧阳志远", "郑明")
SELF = ("for-whom", "self")
HERS = replace(PERSON, agent=Agent(person=PERSON.reference, relation="child", shown="id-card"))
OWED = replace(PERSON, level=1, check="owed")
LONG_PLACE = "653000"
"""克孜勒苏柯尔克孜自治州, below 新疆维吾尔自治区: no city's name is longer, nor its province's."""
UNIT = "新疆维吾尔自治区巴音郭楞蒙古自治州和静县巴音布鲁克镇幸福路物业服务有限责任公司第二分公司"


async def real_pages(data: Path) -> dict[str, Sample]:
    """All of them by name. ``data`` is a folder for a machine that is put together and never runs."""
    note = Notes()
    settings = check_settings(_SETTINGS, "the samples")
    machine = main.put_together(settings, data, note)
    try:
        await _of_reception(machine, note)
        none_yet: Script = [("list", "drugs"), ("no-list", _GONE)]
        await _of_a_journey(machine, note, "hospitals-and-drugs", none_yet, can_print=False)
        machine.datasets._kept.update(_lists())
        for code, script, can_print in _scripts():
            await _of_a_journey(machine, note, code, script, can_print=can_print)
        await _in_between(machine, note)
        return note.pages
    finally:
        await main.close(machine)


@dataclass
class Notes:
    """Screens that note each page, once for what it says, and leave it."""

    pages: dict[str, Sample] = field(default_factory=dict)
    under: str = ""

    async def show(self, page: Page[A], head: Head, draft: A | None = None) -> A:
        self.note(cast("Page[object]", page), head)
        raise Left("cancelled")

    def note(self, page: Page[object], head: Head) -> None:
        if not any(page == other and head == its for other, its in self.pages.values()):
            stem = f"{self.under}/{page.name}"
            count = sum(1 for name in self.pages if name.partition("#")[0] == stem)
            self.pages[f"{stem}#{count + 1}" if count else stem] = page, head

    unused_for = 0.0

    def wipe(self) -> None: ...

    def dress(self, manner: Manner) -> None: ...

    def update_status(self, *, network: bool | None, printer: State, unreadable: Unreadable | None) -> None: ...


async def _of_reception(machine: main.Machine, note: Notes) -> None:
    """The home page, the lists under it, and what can be said when it does not go on."""
    reception, note.under = machine.reception, "home"
    catalog, site = reception.catalog, machine.settings.site
    here = Head(title=site.name, can_go_back=False)
    note.note(cast("Page[object]", catalog.home(reception.station.welcome(37))), here)
    note.note(cast("Page[object]", reception._attract()), here)
    under = replace(here, can_go_back=True)
    lists = [catalog.list_page(category, site.phone) for category in catalog.categories]
    lists += [catalog.group_page(group) for group, _category in catalog.groups]
    longest = max(catalog.categories, key=lambda category: len(_(category.label)))
    at_desk = (at_desk_page(entry, site.phone) for entry in (None, longest))
    day = date(2026, 11, 20)
    changed = replace(catalog, items=tuple(replace(item, changed=day) for item in catalog.items))
    lists += [changed.all_page(day), changed.changed_page(day)]
    for page in (*lists, catalog.search_page(), *at_desk):
        note.note(cast("Page[object]", page), under)
    note.under = "trouble"
    serving = Head(title=_longest(_(item.official) for item in catalog.items))
    site = machine.settings.site
    with_and_without = (catalog.item("remote-care-filing"), catalog.item("my-matters"))
    dissatisfied = ReasonedRating(service="remote-care-filing", stars=1, telephone="13900000000")
    of_a_rating = (
        stars_page(), reason_page(1), reason_page(2), words_page(), call_back_page(), telephone_page(),
        heard(dissatisfied),
    )  # fmt: skip
    for asked in of_a_rating:
        note.note(cast("Page[object]", asked), replace(serving, can_go_back=False))
    for trouble in (
        *(troubles.unavailable(site, why, item) for why in ("offline", "slow", "server") for item in with_and_without),
        *(say(site, item) for say in (troubles.declined, troubles.cannot_record) for item in with_and_without),
        troubles.not_recorded(site), troubles.perhaps_recorded(site),
    ):  # fmt: skip
        note.note(cast("Page[object]", trouble), serving)
    for words in (
        lambda: _("这台机器现在记不了东西，正在自动恢复。"),
        lambda: _("机器出了点问题，正在自动恢复。"),
        main._no_contact_yet,
        main._too_old,
        main._suspended,
    ):
        reception.troubles = {"trouble": words}
        note.note(cast("Page[object]", reception._closed()), replace(here, can_leave=False))
    with suppress(Left):
        await show_help(machine.equipment, serving)


async def _of_a_journey(
    machine: main.Machine, note: Notes, code: str, script: Sequence[tuple[str, object]], *, can_print: bool
) -> None:
    """All pages of a journey that goes as the script says, under the head that the counter gives them."""
    item = machine.reception.catalog.item(code)
    scripted = ScriptedCounter(list(script), can_print=can_print)
    with suppress(Left):
        await Visit(scripted, now=NOW, change=lambda _anew: None).run(machine.reception.serving().journeys[code])
    # Pages of many items, which are alike.
    of_many = {GUIDE: "services", APPOINTMENT: "appointments", CERTIFICATE: "certificates"}
    note.under = of_many.get(item.journey, code)
    shown = zip(scripted.pages, scripted.backs, scripted.numbered, strict=True)
    for number, (page, back, step) in enumerate(shown):
        notice = _longest(words() for words in _PUT_AWAY.values()) if number == 0 and script[0][0] == "card" else ""
        where = _step_in_words(page, step, another=False)
        note.note(page, Head(title=_(item.official), step=where, notice=notice, can_go_back=back))


async def _in_between(machine: main.Machine, note: Notes) -> None:
    """Cards and codes, whatever goes wrong with them, waiting, and being turned away."""
    note.under = "card"
    title = _longest(_(item.official) for item in machine.reception.catalog.items)
    head = Head(title=title, step=_("再认一下家里人"))
    ways: list[Shown] = ["id-card", "social-card", "code"]
    problems = [
        readers.NOTHING, readers.not_read(), readers.lift_first(), readers.not_an_id_card(),
        *(readers.somebody_elses(way, mine=mine) for way in ("id-card", "social-card") for mine in (True, False)),
        readers.social_card_not_read(), readers.not_a_social_card(), readers.social_card_tells_nothing(),
        readers.code_not_read(),
        readers.Problem(words=_("现在没有网络，扫码用不了。请用身份证或社保卡。")),
        *(readers.Problem(words=refusal_in_words(code)) for code in _OTHER_CODES),
        *(
            readers.Problem(words=declined_in_words(code, kind))
            for kind in ("medical", "social")
            for code in ("not-authorised", "expired", "wrong-kind", "unknown", "anything")
        ),
    ]  # fmt: skip
    for way in ways:
        for problem in problems:
            note.note(cast("Page[object]", _page(ways, way, problem)), head)
        rest = [other for other in ways if other != way]
        note.note(cast("Page[object]", _page(rest, way, readers.NOTHING)), head)
        note.note(cast("Page[object]", _page([way], way, readers.NOTHING)), head)
    note.note(cast("Page[object]", _page([], "id-card", readers.NOTHING)), head)
    counter = Counter(machine.equipment, machine.reception.catalog.items[0], Guest(), Manner, machine.reception._change)
    for person in (PERSON, replace(PERSON, card="social-card")):
        with suppress(Left):
            await _is_still(counter, Met(person=person, perhaps_left=True))
        for about in (_expired(person), _cannot_send(), *_why_no_code(PERSON).values(), *_why_no_code(HERS).values()):
            with suppress(Left):
                await counter.turn_away(*about)
    for away in ((_("这台机器不能读证件"), _("请到服务台办，工作人员马上帮您。")),):
        with suppress(Left):
            await counter.turn_away(*away)
    counter.guest.code, counter.guest.code_of = CodeSent(telephone="138＊＊＊＊0000", seconds=300), PERSON.number
    with mock.patch.object(type(machine.equipment.sync), "online", True), suppress(Left):
        await check_by_code(counter, PERSON)
    code, its_head = note.pages["card/code"]
    why_not = _longest(why for person in (PERSON, HERS) for why, _hint in _why_no_code(person).values())
    for page in (
        no_code_came(),
        *(code_later(person) for person in (PERSON, HERS)),
        *(no_code(person, why_not, "000-00000000") for person in (PERSON, HERS)),
        *(code_is_over("000-00000000", witnesses=witnesses) for witnesses in (True, False)),
    ):
        note.note(cast("Page[object]", page), head)
    _of_a_witness(note, head)
    _of_two_people(note, head)
    wrong = _("数字没有对上，请看一下短信，再输一次。还可以试 {n} 次。").format(n=4)
    note.note(cast("Page[object]", replace(cast("Digits", code), problem=wrong)), its_head)
    note.under = "wait"
    carried_through = replace(head, step="", can_go_back=False, can_leave=False)
    for question, slow, its_head in (
        *((question, _they_are_slow(), replace(head, step="")) for question in (
            _("正在查，请稍等"), _("正在核对，请稍等"), _("正在发验证码，请稍等"),
        )),
        *((question, _they_are_slow(), carried_through) for question in (
            _("正在提交，请稍等"), _("正在取证明，请稍等"), _("正在办，请稍等"), _("还没有等到回音，正在再问"),
            _("正在再问一次，请稍等"),
        )),
        *((question, _printer_is_slow(), carried_through) for question in (
            _("正在打印凭条，请稍等"), _("正在打印证明，请稍等"),
        )),
        (_("请稍等"), _("机器有点慢，请再等一下。"), carried_through),
    ):  # fmt: skip
        note.note(cast("Page[object]", Wait(name="wait", question=question, slow=slow)), its_head)


def _of_a_witness(note: Notes, head: Head) -> None:
    """What a worker sees who vouches for somebody with a long name."""
    note.under = "witness"
    members = tuple(StaffMember(code=f"w{n}", name=name, pin="") for n, name in enumerate(WORKERS))
    abouts: tuple[About, ...] = ("check", "identity", "promise")
    for page in (
        choose_worker(members), choose_worker(members, with_card=True), ask_pin(members[1]),
        ask_pin(members[1], _("密码不对。还可以试 {n} 次。").format(n=2)),
        *(choose_reason(about, PERSON.name, PERSON.number) for about in abouts),
        _has_to_wait(1800), _cannot(),
    ):  # fmt: skip
        note.note(cast("Page[object]", page), head)


def _of_two_people(note: Notes, head: Head) -> None:
    """What is asked for somebody else, and of somebody without a card."""
    note.under = "other"
    everything: list[Shown] = ["id-card", "social-card", "code"]
    for way in everything:
        page = _page(everything, way, readers.NOTHING)
        assert isinstance(page, PlaceCard)
        whole = of_another(replace(page, others=(*page.others, without_card())))
        note.note(cast("Page[object]", whole), head)
        note.note(cast("Page[object]", of_another(page, HELPER)), head)
        note.note(cast("Page[object]", replace(whole, problem=PRINCIPAL.ones_own())), head)
        kin = of_another(page, RELATIVE)
        note.note(cast("Page[object]", kin), head)
        note.note(cast("Page[object]", replace(kin, problem=RELATIVE.ones_own())), head)
    sent = CodeSent(telephone="138＊＊＊＊0000", seconds=300)
    acting = replace(head, title=_("替{name}办{service}").format(name=masked_name(PERSON.name), service=head.title))
    for asked in (
        choose_relation(), choose_whom(), ask_name(), ask_number(),
        ask_number(_("这是代办人自己的号码，请输本人的。")), ask_code(sent, "", of=HERS, witnesses=True),
    ):  # fmt: skip
        note.note(cast("Page[object]", asked), acting)


# ---- The journeys, and how they go -----------------------------------------------------------------------------------

_RULES = load_remote_care()
_AT = datetime(2026, 11, 22, tzinfo=UTC)
_TODAY = NOW.date()
_OTHER_CODES: tuple[PaymentCode | StaffCode | OwnReceipt | Rubbish, ...] = (
    PaymentCode(wallet="alipay"), StaffCode(badge="x"), Rubbish(why="identity number"), Rubbish(why="short"),
)  # fmt: skip
_MATTERS: tuple[Matter | None, ...] = (
    None,
    Matter(state="sent", number="YD20261122000123", text="等医保部门审核", at=_AT),
    Matter(state="decided", number="YD20261122000123", text="备案已生效，在就医地可以直接结算", at=_AT),
    Matter(
        state="declined", number="YD20261122000123", text="没有查到您在备案地的居住信息，请补交居住证后再办", at=_AT
    ),
    Matter(state="papers wanted", number="YD20261122000123", text="请在十五天内把转诊单交到服务台", at=_AT),
    Matter(state="unsure", at=_AT),
)
_INSURED = Filings(insured_place="350900", status="1", filings=(), telephone="138＊＊＊＊0000")


_FAILED = (Paper(outcome="not printed", reason="paper out"), Paper(outcome="unknown", reason="line lost"))
Script = list[tuple[str, object]]


def _scripts() -> Iterator[tuple[str, Script, bool]]:
    """Journey, script, whether there is paper: every page, and every way in which each ends."""
    for kind in _RULES.kinds:
        yield "remote-care-filing", [*_to_confirm(kind), ("submit", None), ("done", _GONE)], False
    longest = next(kind for kind in _RULES.kinds if kind.min_months is not None and kind.needs_proof)
    for matter in _MATTERS:
        for paper in (PRINTED, *_FAILED):
            yield "remote-care-filing", [*_to_confirm(longest), ("submit", (matter, paper)), ("done", _GONE)], True
        copies = [
            step
            for copy in (PRINTED, _FAILED[1], PRINTED)
            for step in (("done", "copy"), ("preview", "print"), ("print", copy))
        ]
        yield "remote-care-filing", [*_to_confirm(longest), ("submit", matter), *copies, ("done", _GONE)], True
    yield "remote-care-filing", _to_confirm(longest, offline=True), True
    for place, state in ((LONG_PLACE, "in force"), (LONG_PLACE, "under review"), ("350200", "in force")):
        there = Filing(
            number="YD1", filing=longest.code, place=LONG_PLACE, begin=_TODAY,
            state="in force" if state == "in force" else "under review",
        )  # fmt: skip
        to_place: Script = [SELF, ("card", PERSON), ("filings", replace_filings((there,)))]
        to_place += [("filed-already", "go-on"), ("kind", longest.code), ("place", place)]
        yield "remote-care-filing", [*to_place, ("filed-there" if place == LONG_PLACE else "begin", _GONE)], True
    yield from _for_another(longest)
    for status in (None, "2"):
        before = _INSURED.model_copy(update={"status": status})
        yield "remote-care-filing", [SELF, ("card", PERSON), ("filings", before), ("not-insured", _GONE)], True

    found = InsuranceStatus(place=LONG_PLACE, as_of=_AT, rows=tuple(_insurances()))
    to_result: Script = [("card", PERSON), ("insured-place", LONG_PLACE)]
    nothing = InsuranceStatus(place=LONG_PLACE, as_of=_AT, rows=())
    yield "insurance-status", [*to_result, ("insurance-status", nothing), ("result", _GONE)], True
    for paper in (PRINTED, *_FAILED):
        printed: Script = [("result", "print"), ("print", paper), ("result", _GONE)]
        yield "insurance-status", [*to_result, ("insurance-status", found), *printed], True

    lines = [
        MatterLine(kind="medical.remote-care-filing", at=_AT, number="K001-26-000317-7Q4XM", matter=matter)
        for matter in _MATTERS if matter is not None
    ]  # fmt: skip
    kinds = ("service.proxy-request", "service.filing")
    lines += [replace_item(lines[0], "resident-enrolment", kind) for kind in kinds]
    by_card: Script = [("way", "card"), ("card", PERSON)]
    for line in lines:
        listed: Script = [("matters", Matters(lines=tuple(lines))), ("matters", line.number)]
        yield "my-matters", [*by_card, *listed, ("matter", _GONE)], True
    yield "my-matters", [*by_card, ("matters", Matters(lines=())), ("no-matters", _GONE)], True
    yield "my-matters", [*by_card, ("matters", Unavailable("slow")), ("no-answer", _GONE)], True
    number: Script = [("way", "number"), ("number", "K001-26-000317-7Q4X7")]
    for wrong in ("", "K001"):
        yield "my-matters", [("way", "number"), ("number", wrong), ("number", _GONE)], True
    for told in (MatterStatus(outcome="unknown"), Unavailable("offline")):
        yield "my-matters", [*number, ("status", told), ("recorded", None), ("number", _GONE)], True
    here: Script = [("status", Unavailable("offline")), ("recorded", ("kept", "filing"))]
    yield "my-matters", [*number, *here, ("status", _GONE)], True
    known = MatterStatus(outcome="known", state="sent", theirs="YD20261122000123", recorded_at=_AT)
    yield "my-matters", [*number, ("status", known), ("status", _GONE)], True
    refused = MatterStatus(outcome="refused")
    yield "my-matters", [*number, ("status", refused), ("recorded", None), ("too-often", _GONE)], True

    yield from papers.scripts(PERSON)

    yield "due", [("consent", _GONE)], True
    for answer in _dues():
        yield "due", [("consent", "look"), ("card", PERSON), ("due", answer), ("due", _GONE)], True

    for item in load_catalog().items:
        if item.query is not None:
            yield from _looked_up(item, item.query)
        if item.certificate is not None:
            yield from _given(item, item.certificate)
        if item.query is not None and item.journey == GUIDE:
            yield item.code, [("wish-of-item", "otherwise"), ("guide", _GONE)], True
        elif item.journey == APPOINTMENT:
            yield from _booked(item)
        elif item.journey == GUIDE:
            yield item.code, [("guide", _GONE)], True
            yield from _handed_over(item)

        if item.journey == FILING:
            yield from filings.scripts(item, PERSON, OWED, LONG_PLACE, _MATTERS)

    for name in NAMES:
        of_place: Script = [] if name == "drugs" else [("place-of-list", LONG_PLACE)]
        to_entry: Script = [("list", name), *of_place, ("search", "1")]
        yield "hospitals-and-drugs", [*to_entry, ("entry", _GONE)], False

    yield from live.scripts(PERSON)

    for row in (None, {"state": "1", "until": "2026-12-31", "words": UNIT}, {"state": "9"}):
        yield "pension-check", [*_to_certification(row), ("result", _GONE)], True
    for row in ({"state": "2", "until": "2026-12-31"}, {"state": "3", "paused": "202612", "resumes": UNIT}):
        for way, page in (("phone", "by-phone"), ("desk", "certify-at-desk")):
            yield "pension-check", [*_to_certification(row), ("ways", way), (page, _GONE)], True

    yield from filings.payments(PERSON, _AT)

    services = tuple(service.code for service in load_station().services)
    yield "rider-check-in", [("category", "board"), ("board", _GONE)], False
    yield "rider-check-in", [("category", "food"), ("submit", None), ("done", _GONE)], False
    for last in ((), services):
        by_card = [("category", "by-card"), ("card", PERSON), ("last-check-in", LastCheckIn(services=last))]
        for paper in (PRINTED, *_FAILED):
            done: Script = [("services", services), ("submit", None), ("done", "print"), ("print", paper)]
            yield "rider-check-in", [*by_card, *done, ("done", _GONE)], True


def _for_another(longest: KindOfFiling) -> Iterator[tuple[str, Script, bool]]:
    """What is said otherwise where somebody acts for another, changes a filing, or needs none."""
    long_stay = next(kind for kind in _RULES.kinds if kind.may_promise and kind.locked_months is not None)
    kept = Filing(number="YD1", filing=longest.code, place=LONG_PLACE, begin=_TODAY, state="in force")
    young = kept.model_copy(update={"filing": long_stay.code})
    old = young.model_copy(update={"number": "YD2", "begin": date(2020, 1, 1)})
    begin: Script = [("for-whom", "other"), ("other", HERS)]
    for there in ((young,), (old,), (young, old)):
        yield "remote-care-filing", [*begin, ("filings", replace_filings(there)), ("filed-already", _GONE)], True
    both = replace_filings((old, kept))
    yield "remote-care-filing", [*begin, ("filings", both), ("filed-already", "change"), ("which-filing", _GONE)], True
    changed: Script = [("filings", replace_filings((old,))), ("filed-already", "change"), ("kind", long_stay.code)]
    changed += [("place", LONG_PLACE), ("begin", _TODAY), ("proof", "desk"), ("confirm-telephone", "keep")]
    changed += [("confirm", None), ("submit", _MATTERS[1]), ("done", _GONE)]
    yield "remote-care-filing", [*begin, *changed], True
    withdrawn: Script = [*begin, ("filings", both), ("filed-already", "withdraw"), ("which-filing", "YD2")]
    withdrawn += [("other", HERS), ("confirm-withdrawal", None)]
    for matter in (_MATTERS[2], _MATTERS[3], None):
        yield "remote-care-filing", [*withdrawn, ("submit", matter), ("done", _GONE)], True
    exempt: Script = [("filings", _INSURED), ("kind", "temporary"), ("place", "350200"), ("exempt", _GONE)]
    yield "remote-care-filing", [*begin, *exempt], True
    for status in (None, "2"):
        before = _INSURED.model_copy(update={"status": status})
        yield "remote-care-filing", [*begin, ("filings", before), ("not-insured", _GONE)], True
    owed: Script = [("for-whom", "other"), ("other", replace(HERS, level=1, check="owed"))]
    owed += [("filings", Unavailable("offline")), ("kind", long_stay.code), ("place", LONG_PLACE), ("begin", _TODAY)]
    yield "remote-care-filing", [*owed, ("proof", "desk"), ("telephone", "13800000000"), ("confirm", _GONE)], True


_GONE = Left("cancelled")
_LONG_NAMED = "hard-to-place"
"""Of the items that ask nothing, the one with the longest name."""


def _given(item: Item, entry: CertificateEntry) -> Iterator[tuple[str, Script, bool]]:
    """A certificate for each purpose, with every paper; nothing there, one too many, and what is refused."""
    begin: Script = [("card", PERSON), ("insured-place", LONG_PLACE)]
    for purpose in entry.purpose:
        kind = entry.kind_of(purpose.kind)
        to_kind: Script = [*begin, *([("purpose", purpose.code)] if len(entry.purpose) > 1 else [])]
        if kind.months:
            to_kind.append(("ask-months", kind.months[0]))
        elif kind.years is not None:
            to_kind.append(("ask-year", 2025))
        yield item.code, [*to_kind, ("certificate", _ISSUED), ("certificate", _GONE)], False
        for paper in (PRINTED, *_FAILED):
            slip: Script = [("certificate-fetched", CertificateFetched(times=1)), ("print", paper)]
            yield (
                item.code,
                [*to_kind, ("certificate", _ISSUED), ("certificate", "print"), *slip, ("certificate", _GONE)],
                True,
            )
        refused: dict[str, str] = {
            "too many": "本月已开过三次。下个月可以再开；着急用的，带身份证到参保地的窗口开。",
            "refused": "这个人的参保已经结束。请家人带证件到窗口开。",
        }
        for outcome, text in refused.items():
            answer = CertificateAnswer.model_validate({"outcome": outcome, "text": text})
            yield item.code, [*to_kind, ("certificate", answer), ("certificate-refused", _GONE)], True
        nothing = CertificateAnswer(outcome="not insured", text="没有查到")
        yield item.code, [*to_kind, ("certificate", nothing), ("nothing-there", _GONE)], True


_ISSUED = CertificateAnswer(
    outcome="issued",
    issued=IssuedCertificate(
        title="社会保险个人权益记录单",
        number="YZ3509000000000000000001",
        pages=1,
        size=32_000,
        sha256="3f2a91c0" + "0" * 56,
        token="J" * 43,
        url=f"https://kiosk-papers.example.com/d/{'J' * 43}",
        until=_AT,
        this_month=12,
    ),
)


def _looked_up(item: Item, entry: QueryEntry) -> Iterator[tuple[str, Script, bool]]:
    """What is asked, nothing found here and there, and rows of every code with the longest that can stand there."""
    choice: Script = [] if item.journey == QUERY else [("wish-of-item", "look")]
    place: Script = [("insured-place", LONG_PLACE)] if entry.place else []
    to_found: Script = [*choice, ("card", PERSON), *((f"ask-{ask.code}", "") for ask in entry.ask if ask.first), *place]
    here = LONG_PLACE if entry.place else None
    for elsewhere in ((), ("350200", LONG_PLACE)) if entry.place else ((),):
        parts = tuple(FoundPart(service=part.code, rows=()) for part in entry.part)
        nothing = Found(as_of=_AT, place=here, parts=parts, elsewhere=elsewhere)
        yield item.code, [*to_found, ("lookup", nothing), ("result", _GONE)], True
    words = load_code_words(load_insurance_words())
    parts = tuple(FoundPart(service=part.code, rows=tuple(_rows(part, words))) for part in entry.part)
    full = Found(as_of=_AT, place=here, parts=parts)
    first = "records" if entry.part[0].show == "table" else "result"
    to_result: Script = [*to_found, ("lookup", full)]
    yield item.code, [*to_result, (first, _GONE)], True
    for part in entry.part:
        if part.view:
            yield item.code, [*to_result, (first, f"view:{part.code}"), ("records", _GONE)], True
    for ask in entry.ask:
        if not ask.first:
            yield item.code, [*to_result, (first, f"change:{ask.code}"), (f"ask-{ask.code}", _GONE)], True
    if entry.on_paper:
        yield item.code, [*to_result, (first, "print"), ("print", _FAILED[1]), (first, _GONE)], True


def _lists() -> dict[str, Dataset]:
    """Of two places, with the longest name that there can be."""
    row = dict.fromkeys(("name", "address", "grade", "for", "form", "limits"), UNIT)
    codes = {"remote": "0", "outpatient": "1", "two-channels": "1", "class": "B"}
    rows = tuple({"code": code, "place": place, **row, **codes} for code, place in (("1", LONG_PLACE), ("2", "350200")))
    return {name: Dataset(name=name, as_of=_TODAY, rows=rows) for name in NAMES}


def _to_certification(row: dict[str, str] | None) -> Script:
    part = FoundPart(service="certification", rows=() if row is None else (row,))
    return [
        ("card", PERSON), ("insured-place", LONG_PLACE), ("lookup", Found(as_of=_AT, place=LONG_PLACE, parts=(part,))),
    ]  # fmt: skip


def _rows(part: Part, words: CodeWords) -> Iterator[dict[str, str]]:
    """As many rows as the part's longest code table has codes, two at least."""
    tables = [words.tables[column.kind.removeprefix(CODE)] for column in part.column if column.kind.startswith(CODE)]
    for number in range(max([2, *map(len, tables)])):
        row: dict[str, str] = {}
        for column in part.column:
            row[column.code] = _value(column, words, number)
            if column.to:
                row[column.to] = "2026-12-31" if number % 2 else ""
        yield row


def _value(column: Column, words: CodeWords, number: int) -> str:
    if column.kind.startswith(CODE):
        codes = [*words.tables[column.kind.removeprefix(CODE)]]
        return codes[number % len(codes)]
    values = {"money": "12345678.90", "month": "202612", "months": "480", "day": "2026-12-31", "span": "2025-12-31",
              "place": LONG_PLACE, "tail": "002X", "text": UNIT}  # fmt: skip
    return values[column.kind]


def _booked(item: Item) -> Iterator[tuple[str, Script, bool]]:
    """The guide of each; the ways in which all of them end, of the one with the longest place."""
    yield item.code, [("guide", _GONE)], True
    longest = max((one.appointment.place for one in load_catalog().items if one.appointment), key=len)
    if item.appointment is None or item.appointment.place != longest:
        return
    asked: Script = [(f"field-{field.code}", answer_to(item, field.code)) for field in item.field]
    day, slot = date(2026, 11, 24), item.appointment.slots[0]
    seats = FreeSlot(begin=slot.begin, end=slot.end, left=3)
    free = FreeSlots(as_of=_AT, days=tuple(FreeDay(day=day + timedelta(days=n), slots=(seats,)) for n in range(9)))
    to_card: Script = [("guide", "book"), *asked, ("card", PERSON)]
    chosen: Script = [("day", day), ("slot", slot), ("telephone", "13800000000"), ("confirm", None)]
    to_confirm: Script = [*to_card, ("free-slots", free), *chosen]
    wished: Script = [*to_card, ("free-slots", Unavailable("offline")), *chosen]
    for script in (to_confirm, wished):
        yield item.code, [*script, ("submit", None), ("print", PRINTED), ("done", _GONE)], True
    booked = Matter(state="decided", text="约在11月24日 09:00到11:30", at=_AT)
    yield item.code, [*to_confirm, ("submit", booked), ("print", PRINTED), ("done", _GONE)], True
    none = Paper(outcome="not printed", reason=NO_PRINTER)
    yield item.code, [*to_confirm, ("submit", booked), ("print", none), ("done", _GONE)], False
    full = Matter(state="declined", text="11月24日 09:00约满了", at=_AT)
    yield item.code, [*to_confirm, ("submit", full), ("taken", _GONE)], True
    yield item.code, [*to_card, ("free-slots", FreeSlots(as_of=_AT, days=())), ("nothing-free", _GONE)], True
    number = "K001-26-000317-7Q4X7"
    line = MatterLine(kind=Appointment.kind, item=item.code, at=_AT, number=number, matter=booked)
    booking = Booking(
        number=number, item=item.code, centre="x", day=day, begin=slot.begin, end=slot.end, state="booked"
    )  # fmt: skip
    listed: Script = [("way", "card"), ("card", PERSON), ("matters", Matters(lines=(line,)))]
    shown: Script = [*listed, ("bookings", Bookings(lines=(booking,))), ("matters", number)]
    another: Script = [("matter", "move"), ("free-slots", Unavailable("offline")), ("day", day), ("slot", slot)]
    moved: Script = [*another, ("confirm", None), ("submit", None), ("print", PRINTED), ("done", _GONE)]
    yield "my-matters", [*shown, *moved], True
    cancelled: Script = [("matter", "cancel-appointment"), ("really", True), ("submit", booked), ("done", _GONE)]
    yield "my-matters", [*shown, *cancelled], True


def _handed_over(item: Item) -> Iterator[tuple[str, Script, bool]]:
    """To the end where it asks something; the ways in which all of them end, of the one with the longest name."""
    if item.guide is None or not item.guide.proxy or not (item.field or item.code == _LONG_NAMED):
        return
    asked: Script = [(f"field-{field.code}", answer_to(item, field.code)) for field in item.field]
    to_confirm: Script = [("guide", "hand-over"), *asked, ("card", PERSON)]
    to_confirm += [] if item.guide.wish else [("wish", "home-visit")]
    to_confirm += [("telephone", "13800000000"), ("call", "any"), ("confirm", None)]
    yield item.code, [*to_confirm, ("submit", None), ("done", _GONE)], True
    if not item.field:
        sent = Matter(state="sent", at=_AT)
        for outcome in (sent, *_MATTERS[2:]):
            for paper in (PRINTED, *_FAILED):
                yield item.code, [*to_confirm, ("submit", (outcome, paper)), ("done", _GONE)], True
        yield item.code, [("guide", "print"), ("print", PRINTED), ("guide", _GONE)], True
        nobody: Script = [
            *to_confirm[: to_confirm.index(("telephone", "13800000000"))],
            ("telephone", "12345678901"),
            ("telephone", "no-telephone"),
        ]
        yield item.code, [*nobody, ("confirm", None), ("submit", sent), ("done", _GONE)], True


def _to_confirm(kind: KindOfFiling, *, offline: bool = False) -> Script:
    """The filing until it is confirmed; ``offline`` until then and no further, after a wrong number."""
    begin: Script = [
        SELF, ("card", OWED if offline else PERSON), ("filings", Unavailable("offline") if offline else _INSURED),
        ("kind", kind.code), ("place", LONG_PLACE), ("begin", _TODAY),
    ]  # fmt: skip
    ends: Script = [("end", date(2027, 5, 22))] if kind.min_months is not None else []
    proof: Script = [("proof", "promise")] if kind.needs_proof and kind.may_promise else []
    if offline:
        typed: Script = [("telephone", "00000000000"), ("telephone", "13800000000"), ("confirm", _GONE)]
        return [*begin, *ends, *proof, *typed]
    return [*begin, *ends, *proof, ("confirm-telephone", "keep"), ("confirm", None)]


def replace_item(line: MatterLine, item: str, kind: str) -> MatterLine:
    return line.model_copy(update={"kind": kind, "item": item})


def replace_filings(filings: tuple[Filing, ...]) -> Filings:
    return _INSURED.model_copy(update={"filings": filings})


def _insurances() -> Iterator[Insurance]:
    for scheme, insutype in (("pension", "110"), ("medical", "310"), ("unemployment", "210")):
        for status in "01234":
            yield Insurance.model_validate(
                {"scheme": scheme, "insutype": insutype, "status": status, "unit": UNIT, "begin": "2001-07-01",
                 "end": "2024-05-31" if status in "234" else None}, strict=False,
            )  # fmt: skip


def _dues() -> Iterator[Due]:
    """Everything due, nothing due, and nothing that could be asked."""
    day, kinds = date(2026, 12, 31), get_args(DueKind)
    number = "K001-26-000317-7Q4XM"
    lines = [
        DueLine(kind=kind, due=True, until=day, place=LONG_PLACE, year="2027", number=number, family=True)
        for kind in kinds
    ]  # fmt: skip
    stopped = lines[0].model_copy(update={"stopped": True, "until": None})
    own = lines[1].model_copy(update={"family": False})
    settled = tuple(
        line.model_copy(update={"due": False, "until": until, "family": family})
        for line in lines[:3] for until in (day, None) for family in (True, False)
    )  # fmt: skip
    undated = lines[3].model_copy(update={"until": None})
    for some, unanswered in (
        (lines, ()), ((stopped, own, undated), kinds[1:3]), (settled, ()), (settled[:1], kinds), ((), ()),
    ):  # fmt: skip
        yield Due(as_of=_AT, lines=tuple(some), unanswered=unanswered)


def _longest(texts: Iterable[str]) -> str:
    return max(texts, key=len)


_SETTINGS: dict[str, object] = {
    "central": {"url": "http://127.0.0.1:9"},
    "devices": {
        "id_card": {"driver": "samv", "line": "tcp://127.0.0.1:9"},
        "printer": {"driver": "escpos", "line": "tcp://127.0.0.1:9"},
    },
}
