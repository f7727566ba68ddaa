"""The second receipt, for the family: offered at the end of what was recorded, once, in large print."""

from __future__ import annotations

import pytest

from kiosk.desk import NO_PRINTER, Paper
from kiosk.pages import Done
from kiosk.receipts import Receipt
from tests.kiosk.journeys import test_filing as filing
from tests.kiosk.journeys import test_guide as guide
from tests.kiosk.journeys import test_remote_care_filing as remote_care
from tests.kiosk.people import LIN
from tests.kiosk.scripted import PRINTED, ScriptedCounter, played

TO_DONE = [*remote_care.TO_CONFIRM, ("submit", remote_care.SENT)]


def offered(counter: ScriptedCounter) -> list[str]:
    page = counter.page("done")
    assert isinstance(page, Done)
    return [option.label for option in page.actions]


async def ended(*script: tuple[str, object], can_print: bool = True) -> ScriptedCounter:
    return await played(remote_care.JOURNEY, [*TO_DONE, *script], can_print=can_print)


async def family_of_a_filing() -> Receipt:
    counter = await ended(("done", "family"), ("print", PRINTED), ("done", "finish"))
    return counter.receipts[-1]


async def test_it_says_what_was_done_and_what_to_bring_and_no_more_of_the_person() -> None:
    """Surname and the last four, the place, the day, the card to take along; large, and marked."""
    receipt = await family_of_a_filing()
    assert (receipt.sort, receipt.large, receipt.state) == ("给家里人的一张", True, "已提交，等审核")
    assert [row.value for row in receipt.rows] == ["林＊＊  尾号 002X"]
    said = " ".join(line for part in receipt.parts for line in part.lines)
    assert "社保卡或医保码" in said
    assert LIN.name not in str(receipt)
    assert LIN.number not in str(receipt)
    assert receipt.qr, "the family sees what became of it"


async def test_it_is_offered_once() -> None:
    """And beside the copy, which has nothing to do with it."""
    counter = await ended(("done", "finish"))
    assert offered(counter) == ["补打一张", "给家里人打一张", "办完了，清除我的信息"]
    counter = await ended(("done", "family"), ("print", PRINTED), ("done", "finish"))
    assert offered(counter) == ["补打一张", "办完了，清除我的信息"]
    assert counter.copies == [0], "it is no copy"


async def test_what_did_not_come_out_may_be_tried_again_and_what_may_have_is_not() -> None:
    failed = Paper(outcome="not printed", reason="no paper")
    counter = await ended(("done", "family"), ("print", failed), ("done", "finish"))
    assert offered(counter)[1] == "给家里人的没打出来，再打"
    counter = await ended(("done", "family"), ("print", Paper(outcome="unknown")), ("done", "finish"))
    assert offered(counter) == ["补打一张", "办完了，清除我的信息"]


async def test_without_a_printer_nothing_is_offered() -> None:
    counter = await ended(("done", "finish"), can_print=False)
    assert offered(counter) == ["办完了，清除我的信息"]
    gone = Paper(outcome="not printed", reason=NO_PRINTER)
    counter = await ended(("done", "family"), ("print", gone), ("done", "finish"))
    assert "家里人" not in " ".join(offered(counter))


@pytest.mark.parametrize("code", [item.code for item in filing.FILINGS])
async def test_of_a_filing_from_the_catalogue(code: str) -> None:
    """Surname and the last four, and nothing that tells of an illness."""
    script = [*filing.to_confirm(code), ("submit", filing.SENT), ("done", "family"), ("print", PRINTED)]
    receipt = (await played(filing.journey(code), [*script, ("done", "finish")])).receipts[-1]
    assert (receipt.sort, receipt.large) == ("给家里人的一张", True)
    assert LIN.name not in str(receipt)
    assert not [word for word in filing.ILLNESS if word in str(receipt)]


@pytest.mark.parametrize(("code", "brings"), [("minimum", True), ("disabled-card", False)])
async def test_of_a_matter_handed_over(code: str, brings: bool) -> None:
    """What to bring is the guide's; nothing of it where the item's name is kept from paper."""
    script = [*guide.script_of(guide.CATALOGUE.item(code), "online"), ("done", "family"), ("print", PRINTED)]
    receipt = (await played(guide.journey(code), [*script, ("done", "finish")])).receipts[-1]
    assert bool(receipt.parts) == brings
    assert "残疾" not in str(receipt)
