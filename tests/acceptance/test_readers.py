"""Who a person is, by each way that a machine can read: a card's bytes, PC/SC, a code from a phone."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

import pytest
import requests

from devices import open_driver
from devices.keyboard import KEYBOARD
from devices.social_card import SocialCard
from kiosk.pages import PlaceCard
from tests.acceptance.whole import Surroundings, Whole, whole_machine

CHEN = "339902199203180011"


@pytest.fixture
def with_slot(around: Surroundings) -> Surroundings:
    """Surroundings with a real PC/SC service; skipped where there can be none."""
    if not around.social_cards:
        pytest.skip("there can be no PC/SC service here")
    return around


async def to_card(whole: Whole) -> PlaceCard:
    """To the page that asks for a card, once all readers were found: each that comes changes the page."""
    readers = whole.machine.equipment.readers.values()
    await whole.glass.until(lambda: all(reader.state == "ready" for reader in readers), "every reader")
    await whole.glass.walk(("home", "social-insurance"), ("items", "insurance-status"))
    page = await whole.glass.see("card")
    assert isinstance(page, PlaceCard)
    return page


async def insert(whole: Whole, person: str, then: str) -> None:
    """Inserts a card and goes on to the page `then`. Whose it is, is asked where the reader had not looked before."""
    whole.control.insert(person)
    if (await whole.glass.see_any("still-you", then)).name == "still-you":
        await whole.glass.answer("still-you", True)
    await whole.glass.see(then)


async def hold_up(whole: Whole, code: str) -> None:
    """Holds a code before the scanner until the page has taken it: what comes before a page asks is forgotten."""
    await to_card(whole)
    for _attempt in range(10):
        whole.control.scan(code)
        for _look in range(10):
            page = whole.glass.page
            if page is not None and not (isinstance(page, PlaceCard) and page.problem == ""):
                return
            await asyncio.sleep(0.1)


async def problem(whole: Whole, words: str) -> PlaceCard:
    """The page that asks, once it says this of the last try."""
    page = await whole.glass.see("card", lambda page: isinstance(page, PlaceCard) and words in page.problem)
    assert isinstance(page, PlaceCard)
    return page


def shown_by_phone(around: Surroundings, person: str, kind: str) -> str:
    """The code on this person's phone."""
    answer = requests.post(
        f"{around.central}/v1/demonstration/credentials", json={"person": person, "kind": kind}, timeout=5
    )
    code: str = answer.json()["code"]
    return code


async def test_the_page_names_every_way_and_shows_the_one_that_is_asked_for(
    with_slot: Surroundings, tmp_path: Path
) -> None:
    async with whole_machine(with_slot, tmp_path) as whole:
        page = await to_card(whole)
        assert page.way == "id-card"
        assert [other.value for other in page.others] == ["social-card", "code"]
        await whole.glass.answer("card", "code")
        held = await whole.glass.see("card", lambda page: isinstance(page, PlaceCard) and page.way == "code")
        assert held.question == "请打开医保码或电子社保卡"
        whole.control.present("chen-jianguo")
        await whole.glass.see("insured-place")  # what is drawn does not decide what is read


async def test_a_social_card_goes_as_far_as_an_identity_card(with_slot: Surroundings, tmp_path: Path) -> None:
    async with whole_machine(with_slot, tmp_path) as whole:
        await to_card(whole)
        await insert(whole, "chen-jianguo", "insured-place")
        assert whole.glass.head is not None
        assert whole.glass.head.notice == "读好了，请先把社保卡拔出来收好"
        await whole.glass.answer("insured-place", "350900")
        assert "参保情况" in (await whole.glass.see("result")).question


def until_it_is_in(around: Surroundings) -> None:
    """PC/SC knows of the card."""
    with closing(open_driver("social_card", "pcsc", around.simulators["social_card"])) as reader:
        assert isinstance(reader.read(5.0), SocialCard)


async def test_whose_a_card_is_that_was_in_before_the_page_came_is_asked(
    with_slot: Surroundings, tmp_path: Path
) -> None:
    """Somebody may have left it who was known by a code, or went away."""
    async with whole_machine(with_slot, tmp_path) as whole:
        whole.control.insert("chen-jianguo")
        await asyncio.to_thread(until_it_is_in, with_slot)
        await to_card(whole)
        await whole.glass.answer("still-you", True)
        await whole.glass.see("insured-place")


async def test_a_forgotten_social_card_is_not_taken_for_the_next_visitor(
    with_slot: Surroundings, tmp_path: Path
) -> None:
    async with whole_machine(with_slot, tmp_path) as whole:
        await to_card(whole)
        await insert(whole, "chen-jianguo", "insured-place")
        await whole.glass.walk(("insured-place", "350900"), ("result", "finish"), ("rating", 0))
        await whole.glass.walk(("home", "social-insurance"), ("items", "insurance-status"))
        asked = await whole.glass.answer("still-you", False)
        assert "社保卡" in asked.question
        page = await problem(whole, "交给服务台")
        assert page.lift_first
        whole.control.remove()
        await whole.glass.see("card", lambda page: isinstance(page, PlaceCard) and not page.problem)
        whole.control.insert("lin-xiuying")
        await whole.glass.see("insured-place")


async def test_a_card_of_the_third_generation_without_a_name_is_told(with_slot: Surroundings, tmp_path: Path) -> None:
    async with whole_machine(with_slot, tmp_path) as whole:
        await to_card(whole)
        whole.control.insert("chen-jianguo", generation=3)
        await problem(whole, "读不出姓名和号码")
        whole.control.present("chen-jianguo")
        await whole.glass.see("insured-place")


async def test_the_service_killed_in_a_visit_comes_back_by_itself(with_slot: Surroundings, tmp_path: Path) -> None:
    async with whole_machine(with_slot, tmp_path) as whole:
        await to_card(whole)
        whole.control.service(False)
        await whole.glass.until(lambda: whole.glass.unreadable == "social-card", "the reader in the head")
        page = await whole.glass.see(
            "card", lambda page: isinstance(page, PlaceCard) and "social-card" not in [o.value for o in page.others]
        )
        assert isinstance(page, PlaceCard)
        whole.control.service(True)
        await whole.glass.until(lambda: whole.glass.unreadable is None, "the reader in the head")
        await insert(whole, "chen-jianguo", "insured-place")


@pytest.mark.parametrize("kind", ["medical", "social"])
async def test_a_code_on_the_phone_is_as_good_as_a_card(around: Surroundings, tmp_path: Path, kind: str) -> None:
    async with whole_machine(around, tmp_path) as whole:
        await hold_up(whole, await asyncio.to_thread(shown_by_phone, around, "chen-jianguo", kind))
        await whole.glass.see("insured-place")
        assert whole.glass.head is not None
        assert whole.glass.head.notice == "扫好了，请先把手机收好"
        await whole.glass.answer("insured-place", "350900")
        assert "参保情况" in (await whole.glass.see("result")).question


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("134567890123456789", "这是付款码"),
        (CHEN, "只有身份证号还不行"),
        ("https://example.org/", "用不上"),
        ("KIOSK-STAFF:abcdefghij", "工作人员的码"),
        ("4243669509084040896099330000", "没有查到这个医保码"),
        ("zzzzzzzzzzzzzzzzzzzzzzzz", "没有认出这个码"),
    ],
)
async def test_what_is_no_credential_is_told_and_the_next_goes_on(
    around: Surroundings, tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str, words: str
) -> None:
    async with whole_machine(around, tmp_path) as whole:
        await hold_up(whole, text)
        await problem(whole, words)
        whole.control.present("chen-jianguo")
        await whole.glass.see("insured-place")
    assert text not in caplog.text


async def test_without_a_network_a_code_is_of_no_use_and_a_card_is(around: Surroundings, tmp_path: Path) -> None:
    async with whole_machine(around, tmp_path) as whole:
        code = await asyncio.to_thread(shown_by_phone, around, "chen-jianguo", "medical")
        whole.control.network(False)
        await hold_up(whole, code)
        await problem(whole, "现在没有网络")
        whole.control.present("chen-jianguo")
        await whole.glass.see("insured-place")


async def test_what_was_scanned_before_anybody_asked_is_for_nobody(around: Surroundings, tmp_path: Path) -> None:
    async with whole_machine(around, tmp_path) as whole:
        scanner = whole.machine.equipment.scanner
        assert scanner is not None
        await whole.glass.until(lambda: scanner.state == "ready", "the scanner")
        whole.control.scan("134567890123456789")
        page = await to_card(whole)
        await asyncio.sleep(0.6)
        assert whole.glass.page == page


async def test_a_scanner_that_types_is_read_too(around: Surroundings, tmp_path: Path) -> None:
    async with whole_machine(around, tmp_path, lines={"scanner": "keyboard://"}) as whole:
        await to_card(whole)
        await asyncio.sleep(0.3)  # what is typed before the page asks is forgotten
        KEYBOARD.typed(await asyncio.to_thread(shown_by_phone, around, "chen-jianguo", "medical"))
        KEYBOARD.typed("\r")
        await whole.glass.see("insured-place")


async def test_a_rider_checks_in_with_a_social_card(with_slot: Surroundings, tmp_path: Path) -> None:
    async with whole_machine(with_slot, tmp_path) as whole:
        await whole.glass.walk(("home", "rider-check-in"), ("category", "by-card"))
        await whole.glass.see("card")
        await insert(whole, "chen-jianguo", "services")
        await whole.glass.walk(("services", ()), ("done", "finish"))
        (row,) = await whole.rows("rider.check-in")
        assert row["outcome"] == "stored"
