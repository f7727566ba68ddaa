"""领取养老待遇资格认证 as its scripts say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from kiosk.catalog import load_catalog
from kiosk.code_words import load_code_words
from kiosk.contract.acts import ProxyRequest
from kiosk.contract.lookups import Found, FoundPart
from kiosk.contract.messages import Matter
from kiosk.errors import Unavailable
from kiosk.insurance_words import load_insurance_words
from kiosk.journeys.pension_certification import pension_certification
from kiosk.journeys.proxy_request import Centre
from kiosk.manner import Back
from kiosk.pages import Choose, Done, Notice, Page, Result
from kiosk.pension_certification import load_pension_certification
from kiosk.tables import CATALOG, CatalogError
from tests.kiosk.journeys.test_guide import texts_of
from tests.kiosk.people import LIN
from tests.kiosk.scripted import PRINTED, ScriptedCounter, played

AT = datetime(2026, 11, 22, tzinfo=UTC)
RULES = load_pension_certification()
JOURNEY = partial(
    pension_certification,
    item=load_catalog().item("pension-check"),
    rules=RULES,
    words=load_code_words(load_insurance_words()),
    centre=Centre(phone="000-00000000", places=("350900", "350200")),
)
WARNING = "认证不收钱，不会要银行卡密码和验证码。"


def said(*rows: Mapping[str, str], elsewhere: tuple[str, ...] = ()) -> Found:
    part = FoundPart(service="certification", rows=rows)
    return Found(as_of=AT, place="350900", parts=(part,), elsewhere=elsewhere)


CERTIFIED = said({"state": "1", "until": "2027-03-15", "words": "上次认证：2026年3月15日，电子社保卡"})
DUE = said({"state": "2", "until": "2026-11-30"})
PAUSED = said({"state": "3", "paused": "202604", "resumes": "认证以后，下个月起接着发，停发的一起补。"})


async def shown(found: Found, *script: tuple[str, object]) -> ScriptedCounter:
    return await played(JOURNEY, [("card", LIN), ("insured-place", "350900"), ("lookup", found), *script])


async def test_the_commonest_outcome_is_that_nothing_has_to_be_done() -> None:
    """In the authority's words: 有效 stands there with the day that it gave."""
    counter = await shown(CERTIFIED, ("result", "finish"))
    page = cast(Result, counter.page("result"))
    assert page.question == "您已认证，到 2027年3月15日有效。今天不用办。"
    assert page.notes == (WARNING,)
    assert "上次认证：2026年3月15日，电子社保卡" in texts_of(page.sections)
    assert counter.acts == []
    assert counter.levels == [1]


@pytest.mark.parametrize(("until", "soon"), [("2026-12-22", True), ("2026-12-23", False)])
async def test_what_ends_within_a_month_can_be_renewed_at_once(until: str, soon: bool) -> None:
    """The page of what is due leads here: it must not end at 今天不用办. The scripts' day is the 22nd of November."""
    script = ("ways", "finish") if soon else ("result", "finish")
    counter = await shown(said({"state": "1", "until": until}), script)
    if soon:
        page = cast(Choose[str], counter.page("ways"))
        assert page.question == "您的认证快到期了"
        assert page.body[0] == "到 2026年12月22日为止，现在就可以认证。"


NOT_VALID = (DUE, PAUSED, said(), said({"state": "1"}), said({"state": "8", "until": "2027-01-01"}))


@pytest.mark.parametrize("found", NOT_VALID, ids=["due", "paused", "none", "without a day", "unknown"])
async def test_without_the_authoritys_word_nothing_is_valid(found: Found) -> None:
    """有效 is said of nothing that is due, paused, unknown, or has no day."""
    name = "ways" if found in (DUE, PAUSED) else "result"
    counter = await shown(found, (name, "finish"))
    assert [text for text in texts_of(counter.page(name)) if "有效" in text] == []


async def test_what_is_due_says_by_when_and_offers_three_ways() -> None:
    counter = await shown(DUE, ("ways", "finish"))
    page = cast("Choose[str]", counter.page("ways"))
    assert page.question == "您该认证了"
    assert page.body == (
        "请在 2026年11月30日以前认证，过了会停发。", "在这里刷卡只是查一查，不算认证。", WARNING,
    )  # fmt: skip
    assert [option.value for option in page.options] == ["phone", "desk", "home"]


async def test_what_is_paused_says_when_it_goes_on() -> None:
    """The authority's words first, then those of its place, then none: nothing is promised by us."""
    counter = await shown(PAUSED, ("ways", "finish"))
    page = cast("Choose[str]", counter.page("ways"))
    assert page.question == "养老金停发了，认证以后再发"
    assert page.body[0] == "2026年4月起停发。认证以后，下个月起接着发，停发的一起补。"
    silent = said({"state": "3", "paused": "202604"})
    counter = await shown(silent, ("ways", "finish"))
    assert cast("Choose[str]", counter.page("ways")).body[0] == "2026年4月起停发。认证以后，下个月起接着发。"
    promises_nothing = partial(JOURNEY, rules=replace(RULES, paused=()))
    script = [("card", LIN), ("insured-place", "350900"), ("lookup", silent), ("ways", "finish")]
    counter = await played(promises_nothing, script)
    assert cast("Choose[str]", counter.page("ways")).body[0] == "2026年4月起停发。"


async def test_by_phone_there_is_a_code_to_scan_and_to_take_home() -> None:
    """A public address: nothing of the person is in it, and the slip names nobody."""
    counter = await shown(DUE, ("ways", "phone"), ("by-phone", "print"), ("print", PRINTED), ("by-phone", "finish"))
    page = cast(Done, counter.page("by-phone"))
    assert page.qr == RULES.phone.qr
    assert len(page.next_steps) == 3
    (slip,) = counter.receipts
    assert slip.qr == RULES.phone.qr
    assert [text for text in texts_of(slip) for word in ("林", LIN.number[-4:]) if word in text] == []
    assert WARNING in slip.closing


async def test_from_the_telephone_there_is_a_way_back() -> None:
    script = [("ways", "phone"), ("by-phone", "other-way"), ("ways", "desk"), ("certify-at-desk", "finish")]
    counter = await shown(DUE, *script)
    assert counter.pages[-1].name == "certify-at-desk"


async def test_at_the_desk_a_worker_does_it() -> None:
    to_desk: list[tuple[str, object]] = [("ways", "desk"), ("certify-at-desk", Back()), ("ways", "desk")]
    counter = await shown(DUE, *to_desk, ("certify-at-desk", "finish"))
    page = cast(Notice, counter.page("certify-at-desk"))
    assert WARNING in page.lines
    assert "服务台电话：000-00000000" in page.lines


async def test_whoever_cannot_come_is_visited() -> None:
    """The matter is handed to a worker, who is told that it is a visit: it is not asked once more."""
    reached: list[tuple[str, object]] = [("ways", "home"), ("card", LIN), ("telephone", "13800000000"), ("call", "any")]
    sent = Matter(state="sent", at=AT)
    counter = await shown(DUE, *reached, ("confirm", None), ("submit", sent), ("done", "finish"))
    (act,) = counter.acts
    assert isinstance(act, ProxyRequest)
    assert (act.item, act.wish) == ("pension-check", "home-visit")


async def test_of_two_pensions_the_one_that_is_due_comes_first() -> None:
    rows = (*CERTIFIED.parts[0].rows, *DUE.parts[0].rows)
    counter = await shown(said(*rows), ("ways", "finish"))
    assert counter.page("ways").question == "您该认证了"


@pytest.mark.parametrize("around", [1, -1])
async def test_of_two_that_hold_the_one_that_ends_first_counts(around: int) -> None:
    """In whichever order they are listed: the page of what is due names that day too."""
    later, sooner = {"state": "1", "until": "2027-03-15"}, {"state": "1", "until": "2026-12-01"}
    counter = await shown(said(*(later, sooner)[::around]), ("ways", "finish"))
    assert counter.page("ways").question == "您的认证快到期了"
    assert cast("Choose[str]", counter.page("ways")).body[0] == "到 2026年12月1日为止，现在就可以认证。"
    latest = {"state": "1", "until": "2027-06-30"}
    counter = await shown(said(*(latest, later, {"state": "1"})[::around]), ("result", "finish"))
    assert counter.page("result").question == "您已认证，到 2027年3月15日有效。今天不用办。"


async def test_what_nobody_told_us_of_does_not_stand_before_what_is_due() -> None:
    counter = await shown(said({"state": "8"}, {"state": "1", "until": "2026-12-01"}), ("ways", "finish"))
    assert counter.page("ways").question == "您的认证快到期了"


async def test_no_pension_here_is_no_dead_end() -> None:
    counter = await shown(
        said(elsewhere=("350200",)), ("result", "there:350200"), ("lookup", said()), ("result", "elsewhere"),
        ("insured-place", "350900"), ("lookup", CERTIFIED), ("result", "finish"),
    )  # fmt: skip
    first, second, _third = (cast(Result, page) for page in counter.pages if page.name == "result")
    assert first.notes[0] == "您在厦门市有记录，可以换到那里看。"
    assert "12333" in second.notes[0]


async def test_a_state_that_nobody_told_us_of_is_shown_as_its_code() -> None:
    """And offers no slip that would say more."""
    page = cast(Result, (await shown(said({"state": "8"}), ("result", "finish"))).page("result"))
    assert (page.question, page.sections[0].state) == ("您的认证情况", "代码 8")
    assert "print" not in [option.value for option in page.actions]


async def test_the_slip_says_until_when() -> None:
    counter = await shown(CERTIFIED, ("result", "print"), ("print", PRINTED), ("result", "finish"))
    (slip,) = counter.receipts
    assert [row.value for row in slip.rows] == ["林＊＊  尾号 002X", "福建省 宁德市", "已认证", "2027年3月15日"]
    assert "这是查询结果，不是证明" in slip.closing


async def test_offline_nothing_is_said() -> None:
    with pytest.raises(Unavailable):
        await played(JOURNEY, [("card", LIN), ("insured-place", "350900"), ("lookup", Unavailable("offline"))])


async def test_the_warning_stands_on_every_page_about_it() -> None:
    pages: list[Page[object]] = []
    for found, script in (
        (CERTIFIED, [("result", "finish")]),
        (DUE, [("ways", "phone"), ("by-phone", "finish")]),
        (PAUSED, [("ways", "desk"), ("certify-at-desk", "finish")]),
        (said(), [("result", "finish")]),
    ):
        pages += (await shown(found, *script)).pages[1:]
    assert len(pages) == 6
    assert [page.name for page in pages if WARNING not in texts_of(page)] == []


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ('qr = "https://', 'qr = "http://', "phone, qr"),
        ('place = "350900"', 'place = "Ningde"', "paused number 1, place"),
        ('warning = "', 'warn = "', "warn"),
    ],
)
def test_a_mistake_names_file_and_field(tmp_path: Path, right: str, wrong: str, says: str) -> None:
    text = (CATALOG / "pension_certification.toml").read_text(encoding="utf-8")
    assert right in text
    file = tmp_path / "pension_certification.toml"
    file.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(CatalogError) as refused:
        load_pension_certification(file)
    assert str(refused.value).startswith("pension_certification.toml: ")
    assert says in str(refused.value)
