"""Card bytes in, receipt bytes and central's row out; and each visit whose devices or network fail on the way."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest
import requests

from kiosk.manner import Anew, HelpAsked, Manner
from kiosk.outbox import outbox_status
from kiosk.pages import (
    Choose,
    ChooseDay,
    Confirm,
    Digits,
    Done,
    EnterNumber,
    Notice,
    Page,
    PlaceCard,
    Result,
)
from tests.acceptance.doorway import Manners, doorway
from tests.acceptance.whole import Surroundings, Whole, whole_machine

FORBIDDEN = ("受理", "办结", "通过", "有效")


async def to_card(whole: Whole, category: str, item: str) -> None:
    """From the home page to the page that asks for a card."""
    await whole.glass.walk(("home", category), ("items", item))
    if (await whole.glass.see_any("card", "for-whom")).name == "for-whom":
        await whole.glass.answer("for-whom", "self")
    await whole.glass.see("card")


async def to_kind(whole: Whole, person: str = "chen-jianguo") -> None:
    """Into the filing, past card and code."""
    await to_card(whole, "medical-insurance", "remote-care-filing")
    whole.control.present(person)
    await whole.glass.see("code")
    await whole.glass.answer("code", await whole.code())
    page = await whole.glass.see_any("kind", "filed-already")
    if page.name == "filed-already":
        await whole.glass.answer("filed-already", "go-on")
    await whole.glass.see("kind")


async def to_papers(whole: Whole, person: str = "chen-jianguo") -> None:
    """Through the filing to the page that waits for papers from a telephone."""
    await to_kind(whole, person)
    await whole.glass.walk(("kind", "long-stay"), ("place", "350100"))
    begin = await whole.glass.see_any("begin", "filed-there")
    if begin.name == "filed-there":
        await whole.glass.answer("filed-there", "go-on")
        begin = await whole.glass.see("begin")
    assert isinstance(begin, ChooseDay)
    await whole.glass.walk(("begin", begin.first), ("proof", "upload"))


async def to_confirm(whole: Whole) -> None:
    """From the kind of filing to the page before it is recorded."""
    await whole.glass.walk(("kind", "long-stay"), ("place", "350200"))
    if (await whole.glass.see_any("begin", "filed-there")).name == "filed-there":
        await whole.glass.answer("filed-there", "go-on")
    begin = await whole.glass.see("begin")
    assert isinstance(begin, ChooseDay)
    await whole.glass.walk(("begin", begin.first), ("proof", "promise"), ("confirm-telephone", "keep"))
    await whole.glass.see("confirm")


def has_problem(page: Page[object]) -> bool:
    return isinstance(page, PlaceCard) and page.problem != ""


async def test_a_rider_is_counted_by_one_tap(around: Surroundings, tmp_path: Path) -> None:
    async with whole_machine(around, tmp_path) as whole:
        await whole.glass.walk(("home", "rider-check-in"), ("category", "food"))
        done = await whole.glass.answer("done", "finish")
        assert done.question == "签到好了"
        await whole.glass.see("home")
        (row,) = await whole.rows("rider.check-in")
        assert row["outcome"] == "stored"
        home = await whole.glass.see("home")
        assert "今天来过 1 位小哥" in repr(home)


async def test_a_filing_from_card_to_receipt_and_row(around: Surroundings, tmp_path: Path) -> None:
    async with whole_machine(around, tmp_path) as whole:
        await to_kind(whole)
        await to_confirm(whole)
        whole.control.lift()
        await whole.glass.answer("confirm", None)
        paper = await whole.printed()
        done = await whole.glass.see("done")
        assert isinstance(done, Done)
        assert done.question == "已提交，等审核"
        assert "提交回执" in paper.text
        assert "陈＊＊" in paper.text
        assert "陈建国" not in paper.text
        (row,) = await whole.rows("medical.remote-care-filing")
        assert row["matter"] == "sent"
        assert str(row["number"]) in paper.text
        assert outbox_status(tmp_path / "outbox.db").prints == {"printed": 1}


async def test_a_matter_is_handed_to_a_worker_and_followed(around: Surroundings, tmp_path: Path) -> None:
    """From home over a field to the receipt, central's row, and 我的办件."""
    async with whole_machine(around, tmp_path) as whole:
        await whole.glass.walk(("home", "work"), ("items", "startup-loan"))
        await whole.glass.walk(("guide", "hand-over"), ("field-amount", "50000"))
        await whole.glass.see("card")
        whole.control.present("chen-jianguo")
        await whole.glass.walk(("wish", "explain"), ("telephone", "13900000000"), ("call", "any"))
        await whole.glass.answer("confirm", None)
        paper = await whole.printed()
        assert "登记凭条" in paper.text
        assert "创业担保贷款" in paper.text
        assert "陈建国" not in paper.text
        done = await whole.glass.answer("done", "finish")
        assert done.question == "已转给工作人员"
        await whole.glass.answer("rating", 0)
        (row,) = await whole.rows("service.proxy-request")
        assert row["matter"] == "sent"
        whole.control.lift()
        await whole.glass.walk(("home", "my-matters"), ("way", "card"))
        await whole.glass.see("card")
        whole.control.present("chen-jianguo")
        shown = await whole.glass.see_any("still-you", "matters")
        if shown.name == "still-you":  # the reader had not looked between lifting and presenting
            await whole.glass.answer("still-you", True)
        matters = await whole.glass.see("matters")
        assert isinstance(matters, Choose)
        option = next(option for option in matters.options if option.value in paper.text)  # the number on the receipt
        assert option.label == "创业担保贷款（请人代办）"
        assert option.note.startswith("已转给工作人员")
        await whole.glass.walk(("matters", option.value), ("matter", "finish"))


async def test_a_receipt_held_to_the_scanner_tells_its_state(around: Surroundings, tmp_path: Path) -> None:
    """Without a card: online central says it, offline the machine that recorded it; another code is declined."""
    async with whole_machine(around, tmp_path) as whole:
        await whole.glass.walk(("home", "relief"), ("items", "minimum"), ("guide", "hand-over"))
        await whole.glass.see("card")
        whole.control.present("chen-jianguo")
        await whole.glass.walk(("wish", "explain"), ("telephone", "13900000000"), ("call", "any"), ("confirm", None))
        await whole.printed()
        done = await whole.glass.answer("done", "finish")
        assert isinstance(done, Done)
        await whole.glass.answer("rating", 0)
        number = next(row.value for row in done.rows if row.label == "登记号")
        await whole.glass.walk(("home", "my-matters"), ("way", "number"))
        await scan(whole, "134567890123456789")
        await whole.glass.see("number", lambda page: isinstance(page, EnterNumber) and "不是凭条" in page.problem)
        await scan(whole, f"https://zj.example.com/s/{number}")
        status = await whole.glass.answer("status", "another")
        assert isinstance(status, Result)
        assert (status.sections[0].state, status.notes) == ("已转给工作人员", ())
        whole.control.network(False)
        await whole.glass.until(lambda: whole.glass.network is False, "no network")
        await scan(whole, number)
        status = await whole.glass.answer("status", "finish")
        assert isinstance(status, Result)
        assert status.notes, "what this machine last knew"
        whole.control.network(True)


async def test_an_appointment_is_booked_followed_by_phone_and_given_back(around: Surroundings, tmp_path: Path) -> None:
    """The code on the paper opens central's page, which says so without a name; afterwards the seat is free again."""
    async with whole_machine(around, tmp_path) as whole:
        await whole.glass.walk(("home", "housing"), ("items", "legal-aid"), ("guide", "book"))
        await whole.glass.see("card")
        whole.control.present("chen-jianguo")
        day = await whole.glass.see("day")
        assert isinstance(day, Choose)
        seats = day.options[0].note
        await whole.glass.answer("day", day.options[0].value)
        slot = await whole.glass.see("slot")
        assert isinstance(slot, Choose)
        await whole.glass.answer("slot", slot.options[0].value)
        await whole.glass.walk(("telephone", "13900000000"), ("confirm", None))
        paper = await whole.printed()
        done = await whole.glass.answer("done", "finish")
        assert isinstance(done, Done)
        assert done.question == "已约好"
        assert "预约凭条" in paper.text
        number = next(row.value for row in done.rows if row.label == "登记号")
        seen = await asyncio.to_thread(requests.get, f"{around.public}/s/{number}", timeout=5)
        assert (seen.status_code, "已约好" in seen.text, "陈" in seen.text) == (200, True, False)
        await whole.glass.answer("rating", 0)
        whole.control.lift()
        await whole.glass.walk(("home", "my-matters"), ("way", "card"))
        await whole.glass.see("card")
        whole.control.present("chen-jianguo")
        if (await whole.glass.see_any("still-you", "matters")).name == "still-you":
            await whole.glass.answer("still-you", True)
        await whole.glass.walk(("matters", number), ("matter", "cancel-appointment"), ("really", True))
        assert (await whole.glass.answer("done", "finish")).question == "已取消"
        whole.control.lift()
        await whole.glass.walk(("home", "housing"), ("items", "legal-aid"), ("guide", "book"))
        await whole.glass.see("card")
        whole.control.present("lin-xiuying")
        day = await whole.glass.see("day")
        assert isinstance(day, Choose)
        assert day.options[0].note == seats


async def scan(whole: Whole, code: str) -> None:
    """Holds a code before the scanner until the page that asks for a number has taken it."""
    asks = await whole.glass.see("number")
    for _attempt in range(10):
        whole.control.scan(code)
        for _look in range(10):
            if whole.glass.page is not asks:
                return
            await asyncio.sleep(0.1)


async def test_a_copy_says_that_it_is_one(around: Surroundings, tmp_path: Path) -> None:
    """补打 while the visit lives; the record and its journal of prints know of one receipt."""
    async with whole_machine(around, tmp_path) as whole:
        await to_kind(whole, "lin-xiuying")
        await to_confirm(whole)
        await whole.glass.answer("confirm", None)
        assert "补打" not in (await whole.printed()).text
        await whole.glass.walk(("done", "copy"), ("preview", "print"))
        assert "提交回执（补打第 1 次）" in (await whole.printed()).text
        await whole.glass.walk(("done", "copy"), ("preview", "print"))
        assert "提交回执（补打第 2 次）" in (await whole.printed()).text
        await whole.glass.answer("done", "finish")
        assert len(await whole.rows("medical.remote-care-filing")) == 1
        assert outbox_status(tmp_path / "outbox.db").prints == {"printed": 1}


async def test_a_receipt_that_did_not_come_out_is_printed_when_there_is_paper(
    around: Surroundings, tmp_path: Path
) -> None:
    async with whole_machine(around, tmp_path) as whole:
        await to_kind(whole, "lin-xiuying")
        await to_confirm(whole)
        whole.control.paper("out")
        await whole.glass.answer("confirm", None)
        done = await whole.glass.answer("done", "print")
        assert isinstance(done, Done)
        assert done.qr
        await whole.glass.see("done", lambda page: page is not done)
        whole.control.paper("ok")
        await whole.glass.answer("done", "print")
        assert "补打" not in (await whole.printed()).text
        done = await whole.glass.see("done", lambda page: isinstance(page, Done) and page.paper_is_there)
        await whole.glass.answer("done", "finish")
        assert outbox_status(tmp_path / "outbox.db").prints == {"not printed": 2, "printed": 1}


async def test_offline_the_visit_still_ends_and_the_sync_catches_up(around: Surroundings, tmp_path: Path) -> None:
    async with whole_machine(around, tmp_path, answer_within=0.5) as whole:
        await whole.glass.see("home")
        whole.control.network(False)
        await to_card(whole, "medical-insurance", "remote-care-filing")
        whole.control.present("chen-jianguo")
        await whole.glass.walk(("code-later", "later"), ("kind", "long-stay"), ("place", "350200"))
        begin = await whole.glass.see("begin")
        assert isinstance(begin, ChooseDay)
        await whole.glass.walk(("begin", begin.first), ("proof", "promise"), ("telephone", "13900000000"))
        confirm = await whole.glass.answer("confirm", None)
        assert isinstance(confirm, Confirm)
        assert any("12393" in note for note in confirm.notes)
        paper = await whole.printed()
        done = await whole.glass.answer("done", "finish")
        assert done.question == "已登记，还没有提交"
        assert "登记凭条" in paper.text
        for word in FORBIDDEN:
            assert word not in repr(done)
            assert word not in paper.text
        whole.control.network(True)
        (row,) = await whole.rows("medical.remote-care-filing")
        assert row["matter"] == "kept", "nothing goes to the authority before the person has confirmed"


@pytest.mark.parametrize("manners", ["500", "rubbish", "portal", "silent"])
async def test_whatever_answers_in_centrals_place_a_filing_is_kept_and_arrives(
    around: Surroundings, tmp_path: Path, manners: Manners
) -> None:
    async with (
        doorway(around.central) as door,
        whole_machine(around, tmp_path, answer_within=0.5, central=door.url) as whole,
    ):
        await to_kind(whole)
        await to_confirm(whole)
        door.stands(manners)
        await whole.glass.answer("confirm", None)
        paper = await whole.printed()
        done = await whole.glass.answer("done", "finish")
        assert done.question == "已登记，还没有提交"
        assert "登记凭条" in paper.text
        door.stands("open")
        (row,) = await whole.rows("medical.remote-care-filing", within=40)
        assert row["outcome"] == "stored"


@pytest.mark.parametrize("manners", ["500", "rubbish", "portal"])
async def test_whatever_answers_in_centrals_place_a_query_shows_nothing_of_it(
    around: Surroundings, tmp_path: Path, manners: Manners
) -> None:
    async with doorway(around.central) as door, whole_machine(around, tmp_path, central=door.url) as whole:
        await to_card(whole, "social-insurance", "insurance-status")
        whole.control.present("chen-jianguo")
        await whole.glass.see("insured-place")
        door.stands(manners)
        await whole.glass.answer("insured-place", "350900")
        page = await whole.glass.see("unavailable")
        assert page.question == ("对方系统没有回应，现在查不了" if manners == "500" else "现在没有网络，查不了")
        door.stands("open")
        await whole.glass.answer("unavailable", "again")
        await whole.glass.see("result")


async def test_a_query_offline_says_so_and_can_be_tried_again(around: Surroundings, tmp_path: Path) -> None:
    async with whole_machine(around, tmp_path) as whole:
        await to_card(whole, "social-insurance", "insurance-status")
        whole.control.present("chen-jianguo")
        await whole.glass.see("insured-place")
        whole.control.network(False)
        await whole.glass.answer("insured-place", "350900")
        page = await whole.glass.see("unavailable")
        assert isinstance(page, Notice)
        assert "没有网络" in page.question
        whole.control.network(True)
        await whole.glass.answer("unavailable", "again")
        result = await whole.glass.answer("result", "finish")
        assert isinstance(result, Result)
        assert result.sections


@pytest.mark.parametrize("fault", ["half@read", "checksum@read", "oversized@read", "truncated@read", "pulled@read"])
async def test_a_spoiled_reading_is_told_and_the_next_goes_on(around: Surroundings, tmp_path: Path, fault: str) -> None:
    async with whole_machine(around, tmp_path) as whole:
        await to_card(whole, "social-insurance", "insurance-status")
        whole.control.fault("id_card", fault, times=1)
        whole.control.present("chen-jianguo")
        page = await whole.glass.see("card", has_problem)
        assert isinstance(page, PlaceCard)
        assert "没有读到身份证" in page.problem
        whole.control.lift()
        whole.control.present("chen-jianguo")
        await whole.glass.see("insured-place")


async def test_a_reader_that_answers_nothing_and_comes_back(around: Surroundings, tmp_path: Path) -> None:
    async with whole_machine(around, tmp_path, without=("social_card", "scanner")) as whole:
        await to_card(whole, "social-insurance", "insurance-status")
        whole.control.fault("id_card", "silence")
        page = await whole.glass.see("no-reader")
        assert "没有连上" in page.question
        whole.control.clear("id_card")
        await whole.glass.see("card", lambda page: not has_problem(page))
        whole.control.present("chen-jianguo")
        await whole.glass.see("insured-place")


async def test_a_reader_unplugged_and_plugged_in_while_its_page_stands(around: Surroundings, tmp_path: Path) -> None:
    """Head and page say so within a second; the page asks for what can be read meanwhile."""
    async with whole_machine(around, tmp_path) as whole:
        await to_card(whole, "social-insurance", "insurance-status")
        started = asyncio.get_running_loop().time()
        whole.control.unplug("id_card")
        page = await whole.glass.see("card", has_problem)
        assert asyncio.get_running_loop().time() - started < 1.0
        assert isinstance(page, PlaceCard)
        assert page.way != "id-card"
        assert "现在读不了身份证" in page.problem
        assert whole.glass.unreadable == "id-card"
        whole.control.plug("id_card")
        page = await whole.glass.see("card", lambda page: not has_problem(page))
        assert isinstance(page, PlaceCard)
        assert page.way == "id-card"
        await whole.glass.until(lambda: whole.glass.unreadable is None, "the reader in the head")
        whole.control.present("chen-jianguo")
        await whole.glass.see("insured-place")


async def test_a_name_of_rare_characters_comes_through_whole(around: Surroundings, tmp_path: Path) -> None:
    async with whole_machine(around, tmp_path) as whole:
        await whole.glass.walk(("home", "rider-check-in"), ("category", "by-card"))
        whole.control.present("rare")
        page = await whole.glass.see("services")
        name = next(person["name"] for person in whole.control.people() if person["id"] == "rare")
        assert page.question.startswith(name[0])


async def test_paper_that_runs_out_in_the_middle_is_never_called_printed(around: Surroundings, tmp_path: Path) -> None:
    """The record is kept, the page gives the number, and nothing is printed a second time."""
    async with whole_machine(around, tmp_path) as whole:
        await to_kind(whole)
        await to_confirm(whole)
        whole.control.fault("printer", "paper-out-after:5", times=1)
        await whole.glass.answer("confirm", None)
        done = await whole.glass.see("done")
        assert isinstance(done, Done)
        assert "拍下登记号" in done.paper
        assert any(row.value in done.qr for row in done.rows), "the number in the address of its state"
        assert outbox_status(tmp_path / "outbox.db").prints == {"unknown": 1}
        (row,) = await whole.rows("medical.remote-care-filing")
        assert row["outcome"] == "stored"


async def test_a_printer_that_drops_the_line_in_the_middle(around: Surroundings, tmp_path: Path) -> None:
    async with whole_machine(around, tmp_path) as whole:
        await to_kind(whole)
        await to_confirm(whole)
        whole.control.fault("printer", "disconnect:300", times=1)
        await whole.glass.answer("confirm", None)
        done = await whole.glass.see("done")
        assert isinstance(done, Done)
        assert "可能没有打全" in done.paper
        assert outbox_status(tmp_path / "outbox.db").prints == {"unknown": 1}
        await whole.glass.until(lambda: whole.glass.printer == "ready", "the printer")


async def test_without_paper_nothing_is_sent_and_the_page_has_the_number(around: Surroundings, tmp_path: Path) -> None:
    async with whole_machine(around, tmp_path) as whole:
        await to_kind(whole)
        await to_confirm(whole)
        before = whole.tickets()
        whole.control.paper("out")
        await whole.glass.answer("confirm", None)
        done = await whole.glass.see("done")
        assert isinstance(done, Done)
        assert done.qr
        assert outbox_status(tmp_path / "outbox.db").prints == {"not printed": 1}
        assert whole.tickets() == before


async def test_paper_that_is_out_is_seen_in_the_head_and_no_paper_is_offered(
    around: Surroundings, tmp_path: Path
) -> None:
    async with whole_machine(around, tmp_path) as whole:
        await whole.glass.until(lambda: whole.glass.printer == "ready", "the printer")
        whole.control.paper("out")
        await whole.glass.until(lambda: whole.glass.printer == "lost", "no paper")
        await whole.glass.walk(("home", "rider-check-in"), ("category", "food"))
        done = await whole.glass.answer("done", "finish")
        assert isinstance(done, Done)
        assert "print" not in [action.value for action in done.actions]
        whole.control.paper("ok")
        await whole.glass.until(lambda: whole.glass.printer == "ready", "paper again")


async def test_a_slip_that_ran_out_of_paper_is_never_said_to_lie_there(around: Surroundings, tmp_path: Path) -> None:
    async with whole_machine(around, tmp_path) as whole:
        await whole.glass.walk(("home", "rider-check-in"), ("category", "food"))
        await whole.glass.see("done")
        whole.control.fault("printer", "paper-out-after:3", times=1)
        await whole.glass.answer("done", "print")
        done = await whole.glass.see("done", lambda page: isinstance(page, Done) and page.paper != "")
        assert isinstance(done, Done)
        assert done.paper == "凭条可能没有打全，需要的话请到服务台"


async def test_a_forgotten_card_is_not_taken_for_the_next_visitor(around: Surroundings, tmp_path: Path) -> None:
    """A reader that finds a card again and again: the next visitor is asked whose it is, and their own is read."""
    async with whole_machine(around, tmp_path) as whole:
        whole.control.sticky(False)
        try:
            await to_card(whole, "social-insurance", "insurance-status")
            whole.control.present("chen-jianguo")
            await whole.glass.walk(("insured-place", "350900"), ("result", "finish"), ("rating", 0))
            await whole.glass.walk(("home", "social-insurance"), ("items", "insurance-status"))
            asked = await whole.glass.answer("still-you", False)
            assert "陈＊＊" in asked.hint
            page = await whole.glass.see("card", has_problem)
            assert isinstance(page, PlaceCard)
            assert page.lift_first
            whole.control.lift()
            await whole.glass.see("card", lambda page: not has_problem(page))
            whole.control.present("lin-xiuying")
            await whole.glass.see("insured-place")
        finally:
            whole.control.sticky(True)


async def test_a_machine_without_a_printer_offers_no_paper(around: Surroundings, tmp_path: Path) -> None:
    async with whole_machine(around, tmp_path, without=("printer",)) as whole:
        await whole.glass.walk(("home", "rider-check-in"), ("category", "parcels"))
        done = await whole.glass.see("done")
        assert isinstance(done, Done)
        assert "print" not in [action.value for action in done.actions]


async def test_a_machine_without_a_reader_sends_to_the_desk(around: Surroundings, tmp_path: Path) -> None:
    async with whole_machine(around, tmp_path, without=("id_card", "social_card", "scanner")) as whole:
        await whole.glass.walk(("home", "social-insurance"), ("items", "insurance-status"))
        page = await whole.glass.see("turned-away")
        assert "服务台" in page.hint


async def test_a_wrong_code_is_told_with_the_tries_left(around: Surroundings, tmp_path: Path) -> None:
    async with whole_machine(around, tmp_path) as whole:
        await to_card(whole, "medical-insurance", "remote-care-filing")
        whole.control.present("chen-jianguo")
        await whole.glass.see("code")
        right = await whole.code()
        await whole.glass.answer("code", "000000" if right != "000000" else "000001")
        page = await whole.glass.see("code", lambda page: isinstance(page, Digits) and page.problem != "")
        assert isinstance(page, Digits)
        assert "没有对上" in page.problem
        await whole.glass.answer("code", right)
        await whole.glass.see_any("kind", "filed-already")


async def test_an_expired_card_is_told_before_anything_else(around: Surroundings, tmp_path: Path) -> None:
    async with whole_machine(around, tmp_path) as whole:
        await to_card(whole, "medical-insurance", "remote-care-filing")
        whole.control.present("expired")
        page = await whole.glass.see("turned-away")
        assert "过期" in page.question


def wiped_since(whole: Whole, before: int) -> bool:
    return whole.glass.wipes > before


async def test_every_kind_of_card_opens_a_visit_and_an_expired_one_where_it_will_do(
    around: Surroundings, tmp_path: Path
) -> None:
    async with whole_machine(around, tmp_path) as whole:
        for person, place, unit in (
            ("expired", "350100", "福州市闽水物业服务有限公司"),
            ("hong-kong", "350900", "宁德市三都船舶设计有限公司"),
            ("foreigner-2017", "310000", "上海市沪滨外语培训学校"),
            ("foreigner-2023", "350200", "厦门市鹭礁软件有限公司"),
        ):
            before = whole.glass.wipes
            await to_card(whole, "social-insurance", "insurance-status")
            whole.control.present(person)
            await whole.glass.answer("insured-place", place)
            page = await whole.glass.see("result")
            assert unit in str(page)
            await whole.glass.walk(("result", "finish"), ("rating", 0))
            await whole.glass.until(partial(wiped_since, whole, before), "the wipe")


async def test_english_on_the_last_page_submits_nothing_twice(around: Surroundings, tmp_path: Path) -> None:
    async with whole_machine(around, tmp_path) as whole:
        await to_kind(whole, "lin-xiuying")  # a person gets ten codes an hour
        await to_confirm(whole)
        await whole.glass.answer("confirm", None)
        await whole.glass.see("done")
        await whole.glass.answer("done", Anew(Manner(language="en")))
        english = await whole.glass.see("done", lambda page: page.question.isascii())
        assert english.question
        await whole.glass.walk(("done", "finish"), ("rating", 0))
        assert len(await whole.rows("medical.remote-care-filing")) == 1
        await whole.glass.see("home", lambda page: page.question == "您好，今天想办什么？")


async def test_the_wipe_forgets_the_person(around: Surroundings, tmp_path: Path) -> None:
    """After a visit the next person is asked for a card again, though the last one has just been read."""
    async with whole_machine(around, tmp_path) as whole:
        await to_card(whole, "social-insurance", "insurance-status")
        whole.control.present("chen-jianguo")
        await whole.glass.walk(("insured-place", "350900"), ("result", "finish"), ("rating", 0))
        await whole.glass.until(lambda: whole.glass.wipes == 1, "the wipe")
        await to_card(whole, "social-insurance", "insurance-status")


async def test_a_rating_arrives_and_names_nobody(around: Surroundings, tmp_path: Path) -> None:
    """Given when the visit is over; central has the record, and nothing beside it that leads to the person."""
    async with whole_machine(around, tmp_path) as whole:
        await to_card(whole, "social-insurance", "insurance-status")
        whole.control.present("chen-jianguo")
        await whole.glass.walk(("insured-place", "350900"), ("result", "finish"), ("rating", 4))
        await whole.glass.see("home")
        (row,) = await whole.rows("service.rating")
        assert row["outcome"] == "stored"
        assert [row[told] for told in ("matter", "person", "summary")] == [None, None, None]


async def test_before_the_first_contact_it_is_out_of_order_and_says_why(around: Surroundings, tmp_path: Path) -> None:
    async with whole_machine(around, tmp_path) as whole:
        first = whole.glass.shown[0]
        assert isinstance(first, Notice)
        assert first.name == "out-of-order"
        assert "还没有和中心连上" in first.hint
        assert first.actions == ()


async def test_another_language_on_the_help_page_stays_there(around: Surroundings, tmp_path: Path) -> None:
    """At the home page and its lists nobody but reception can change the language."""
    async with whole_machine(around, tmp_path) as whole:
        await whole.glass.answer("home", HelpAsked())
        await whole.glass.answer("help", Anew(Manner(language="en")))
        help_page = await whole.glass.see("help", lambda page: page.question.isascii())
        assert isinstance(help_page, Notice)
        await whole.glass.answer("help", "stay")
        await whole.glass.see("home")
        assert whole.glass.wipes == 0
