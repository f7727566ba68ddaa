"""今天不用办 / 该办的事: asked with consent, on level 2, and each thing leads to where it is done."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial
from typing import Literal
from uuid import UUID

import pytest

from kiosk.catalog import load_catalog
from kiosk.contract.due import Due, DueKind, DueLine
from kiosk.contract.lookups import Found, FoundPart
from kiosk.contract.messages import Matter
from kiosk.contract.queries import Filings, MatterLine, Matters
from kiosk.contract.remote_care import RemoteCareFiling3
from kiosk.contract.uploads import MattersInWant, PapersWanted
from kiosk.desk import Desk, Left
from kiosk.errors import Unavailable
from kiosk.journeys.due import Way, due, what_is_due
from kiosk.journeys.my_matters import Here, my_matters
from kiosk.journeys.proxy_request import Centre
from kiosk.pages import Choose, Notice, Option, Result
from kiosk.serving import serving
from kiosk.settings import Services, Site
from kiosk.station import load_station
from tests.kiosk.people import LIN
from tests.kiosk.scripted import ScriptedCounter, played

AT = datetime(2026, 11, 22, 1, tzinfo=UTC)


async def _elsewhere(desk: Desk, line: DueLine) -> None:
    where = line.place or line.number or ""
    await desk.ask(Notice(name="there", icon="", question=where, actions=(Option(value="home", label=""),)))


WAYS: dict[DueKind, Way] = dict.fromkeys(("certification", "contributions", "filing", "papers"), _elsewhere)
JOURNEY = partial(due, ways=WAYS)
CERTIFY = DueLine(kind="certification", due=True, until=date(2026, 11, 30), place="350900")
CERTIFIED = DueLine(kind="certification", due=False, until=date(2027, 3, 15), place="350900")
DUE_ROW = {"state": "2", "until": "2026-11-30"}
UNPAID = DueLine(kind="contributions", due=True, year="2027")
PAID = DueLine(kind="contributions", due=False, year="2026")
ENDING = DueLine(kind="filing", due=True, until=date(2026, 12, 31), place="310000")
LASTING = DueLine(kind="filing", due=False, place="350200")
PAPERS = DueLine(kind="papers", due=True, until=date(2026, 12, 8), number="K001-26-000003-AB12C")


def found(*lines: DueLine, unanswered: tuple[DueKind, ...] = ()) -> Due:
    return Due(as_of=AT, lines=lines, unanswered=unanswered)


async def shown(answer: Due) -> Choose[str]:
    """The page of what is due."""
    counter = await played(JOURNEY, [("consent", "look"), ("card", LIN), ("due", answer), ("due", "finish")])
    page = counter.page("due")
    assert isinstance(page, Choose)
    return page


async def in_order(answer: Due) -> Result:
    """The page where nothing is."""
    counter = await played(JOURNEY, [("consent", "look"), ("card", LIN), ("due", answer), ("due", "finish")])
    page = counter.page("due")
    assert isinstance(page, Result)
    assert page.personal
    return page


async def test_nothing_is_asked_before_the_person_agrees() -> None:
    """The page says what is looked up, and that nothing is kept; whoever does not want it leaves without a card."""
    with pytest.raises(Left):
        await played(JOURNEY, [("consent", "leave")])
    seen = await played(JOURNEY, [("consent", "look"), ("card", LIN), ("due", found()), ("due", "finish")])
    page = seen.page("consent")
    assert isinstance(page, Choose)
    words = "".join(page.body)
    assert all(word in words for word in ("养老金认证", "居民医保", "异地就医备案", "补材料", "不留下来"))
    assert seen.levels == [2]
    assert seen.acts == []
    assert seen.receipts == []


async def test_what_is_due_can_be_pressed_and_says_until_when() -> None:
    page = await shown(found(CERTIFY, PAPERS, UNPAID, LASTING))
    assert page.question == "今天该办的事"
    assert [(option.label, option.note) for option in page.options] == [
        ("养老金认证", "2026年11月30日以前要认证"),
        ("补材料", "2026年12月8日以前要补，登记号 K001-26-000003-AB12C"),
        ("交居民医保", "您 2027 年的还没交"),
    ]
    assert page.body == ("不用办的：异地就医备案。",)
    assert page.personal


async def test_a_press_leads_to_where_it_is_done() -> None:
    """And takes along what is known of it, the most urgent of its kind."""
    later = CERTIFY.model_copy(update={"until": date(2026, 12, 20), "place": "310000"})
    answer = found(CERTIFIED, CERTIFY, later)
    script = [("consent", "look"), ("card", LIN), ("due", answer), ("due", "certification"), ("there", "home")]
    counter = await played(JOURNEY, script)
    assert counter.page("there").question == "350900"


async def test_each_way_begins_with_what_the_page_knew() -> None:
    """As this machine runs them: not for whom, not where, not which of one's matters."""
    site, services = Site(), Services()
    journey = serving(load_catalog(), load_station(), site, services).journeys["due"]

    async def after(line: DueLine, *script: tuple[str, object]) -> ScriptedCounter:
        begin = [("consent", "look"), ("card", LIN), ("due", found(line)), ("due", line.kind), ("card", LIN)]
        return await played(journey, [*begin, *script])

    certified = Found(as_of=AT, place="350900", parts=(FoundPart(service="certification", rows=(DUE_ROW,)),))
    await after(CERTIFY, ("lookup", certified), ("ways", "finish"))
    paid = Found(as_of=AT, place=None, parts=(FoundPart(service="resident-payments", rows=()),))
    await after(UNPAID, ("lookup", paid), ("payments", "finish"))
    filings = Filings(insured_place="350900", status="1", filings=(), telephone=None)
    with pytest.raises(Left):
        await after(ENDING, ("filings", filings), ("kind", Left("cancelled")))
    matter = Matter(state="papers wanted", text="请补居住证", at=AT)
    other, line = (
        MatterLine(kind=RemoteCareFiling3.kind, at=AT, number=number, matter=matter)
        for number in ("K001-26-000009-AB12C", PAPERS.number or "")
    )
    wanted = MattersInWant(lines=(PapersWanted(record=UUID(int=3), number=line.number, text="请补居住证"),))
    counter = await after(
        PAPERS, ("matters", Matters(lines=(other, line))), ("papers-wanted", wanted), ("matter", "others"),
        ("matters", "finish"),
    )  # fmt: skip
    page = counter.page("matter")
    assert isinstance(page, Result)
    assert line.number in [row.value for row in page.sections[0].rows]


async def test_nothing_due_is_said_with_what_was_looked_at() -> None:
    """今天没有要办的事."""
    page = await in_order(found(CERTIFIED, PAID, LASTING))
    assert page.question == "今天没有要办的事"
    assert [(one.title, one.state, [row.value for row in one.rows]) for one in page.sections] == [
        ("养老金认证", "今天不用办", ["2027年3月15日"]),
        ("居民医保交费", "交了", ["您自己", "2026 年"]),
        ("异地就医备案", "今天不用办", ["福建省厦门市", "长期"]),
    ]


async def test_what_could_not_be_asked_is_never_nothing_to_do() -> None:
    """On either page it is named, with whom to ask."""
    page = await in_order(found(PAID, unanswered=("certification",)))
    assert page.question == "查到的，今天都不用办"
    assert (page.sections[-1].title, page.sections[-1].state) == ("养老金认证", "没有查到")
    assert "12333" in page.sections[-1].meaning
    other = await shown(found(ENDING, unanswered=("certification", "contributions")))
    assert [(option.label, option.note) for option in other.options] == [
        ("异地就医备案快到期了", "上海市，到2026年12月31日")
    ]
    assert other.body[0].startswith("没有查到的：养老金认证、居民医保交费。")


async def test_a_stopped_pension_is_named_before_anything_else() -> None:
    page = await shown(found(CERTIFY.model_copy(update={"stopped": True, "until": None})))
    assert page.options[0].note == "养老金停发了，认证了再发"


async def test_what_this_centre_does_not_do_is_told_and_cannot_be_pressed() -> None:
    page = what_is_due(found(UNPAID), {})
    assert isinstance(page, Choose)
    assert [option.enabled for option in page.options] == [False]


@pytest.mark.parametrize("reason", ["cancelled", "idle", "card"])
async def test_leaving_anywhere_leaves_nothing(reason: Literal["cancelled", "idle", "card"]) -> None:
    gone = Left(reason)
    for script in (
        [("consent", gone)],
        [("consent", "look"), ("card", gone)],
        [("consent", "look"), ("card", LIN), ("due", gone)],
    ):
        with pytest.raises(Left):
            await played(JOURNEY, script)


async def test_offline_it_is_not_asked() -> None:
    """Reception says so; there is no stale answer in its place."""
    with pytest.raises(Unavailable):
        await played(JOURNEY, [("consent", "look"), ("card", Unavailable("offline"))])


async def test_it_is_offered_from_my_matters() -> None:
    here = Here(centre=Centre(phone="000"), kiosk="K-001", due=JOURNEY)
    script = [("way", "due"), ("consent", "look"), ("card", LIN), ("due", found()), ("due", "finish")]
    counter = await played(partial(my_matters, here=here), script)
    way = counter.page("way")
    assert isinstance(way, Choose)
    assert [option.value for option in way.options] == ["card", "number", "due"]
