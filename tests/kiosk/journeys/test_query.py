"""Queries as their scripts say, and an item that somebody adds to the catalogue."""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from kiosk.catalog import Catalog, load_catalog
from kiosk.code_words import load_code_words
from kiosk.contract.identity import Witness
from kiosk.contract.lookups import Found, FoundPart
from kiosk.desk import Left, Onward
from kiosk.errors import Declined, Unavailable
from kiosk.insurance_words import load_insurance_words
from kiosk.items import Item
from kiosk.journeys.query import Reading, query
from kiosk.manner import Back
from kiosk.pages import Choose, ChoosePlace, Result, Table
from kiosk.serving import serving
from kiosk.settings import Services, Site
from kiosk.station import load_station
from kiosk.tables import CATALOG, CatalogError
from kiosk.visit import Journey
from tests.kiosk.journeys.test_guide import texts_of
from tests.kiosk.people import LIN, LIN_OWED
from tests.kiosk.scripted import PRINTED, played

AT = datetime(2026, 11, 22, tzinfo=UTC)
CATALOGUE = load_catalog()
INSURANCE = load_insurance_words()
READING = Reading(words=load_code_words(INSURANCE), places=INSURANCE.insured_places)


def journey(code: str, catalog: Catalog = CATALOGUE) -> Journey:
    item = catalog.item(code)
    assert item.query is not None
    return partial(query, item=item, entry=item.query, reading=READING)


def found(place: str | None = None, elsewhere: tuple[str, ...] = (), **parts: tuple[Mapping[str, str], ...]) -> Found:
    return Found(
        as_of=AT,
        place=place,
        elsewhere=elsewhere,
        parts=tuple(FoundPart(service=name.replace("_", "-"), rows=rows) for name, rows in parts.items()),
    )


PAID = found(
    "350900",
    contributions=(
        {"kind": "110", "first": "202611", "last": "202611", "own": "344.00", "employer": "688.00"},
        {"kind": "110", "first": "202601", "last": "202610", "own": "344.00", "paid-on": "2026-10-25"},
    ),
)
TO_PAID: list[tuple[str, object]] = [("card", LIN), ("insured-place", "350900"), ("lookup", PAID)]


async def test_payments_stand_in_a_table_and_amounts_are_covered() -> None:
    counter = await played(journey("payments"), [*TO_PAID, ("records", "finish")])
    page = cast(Table, counter.page("records"))
    assert page.question == "您在福建省宁德市的缴费记录"
    assert [line.cells for line in page.lines] == [
        ("职工养老保险", "2026年11月", "344.00 元", "688.00 元", "还没有到账"),
        ("职工养老保险", "2026年1月到2026年10月", "344.00 元", "", "2026年10月25日"),
    ]
    assert [column.label for column in page.columns if column.private] == ["每月自己交", "每月单位交"]
    assert page.personal
    assert counter.acts == []


async def test_the_place_is_asked_and_never_guessed() -> None:
    counter = await played(journey("payments"), [*TO_PAID, ("records", "finish")])
    page = counter.page("insured-place")
    assert isinstance(page, ChoosePlace)
    (asked,) = counter.queries
    assert (asked.place, asked.services) == ("350900", ("contributions",))
    assert asked.answers == {"months": "2025-12/2026-11", "kind": ""}, "the usual ones, which nobody is asked for"


async def test_longer_and_of_one_kind_is_a_key_away() -> None:
    """The answers that were given stay until another one is chosen."""
    counter = await played(
        journey("payments"),
        [
            *TO_PAID,
            ("records", "change:months"), ("ask-months", "2023-12/2026-11"), ("lookup", PAID),
            ("records", "change:kind"), ("ask-kind", "110"), ("lookup", PAID),
            ("records", "finish"),
        ],
    )  # fmt: skip
    assert [asked.answers for asked in counter.queries][1:] == [
        {"months": "2023-12/2026-11", "kind": ""},
        {"months": "2023-12/2026-11", "kind": "110"},
    ]
    page = cast("Choose[str]", counter.page("ask-months"))
    assert [option.label for option in page.options] == ["最近 12 个月", "最近 24 个月", "最近 36 个月"]
    assert page.options[0].value == "2025-12/2026-11"


async def test_nothing_here_but_elsewhere_leads_there() -> None:
    nothing = found("350900", ("350200",), contributions=())
    counter = await played(
        journey("payments"),
        [
            ("card", LIN), ("insured-place", "350900"), ("lookup", nothing), ("result", "there:350200"),
            ("lookup", PAID), ("records", "finish"),
        ],
    )  # fmt: skip
    page = cast(Result, counter.page("result"))
    assert page.question == "在福建省宁德市没有查到"
    assert page.notes == ("您在厦门市有记录，可以换到那里看。",)
    assert [option.label for option in page.actions[:2]] == ["看厦门市的", "换个地方查"]
    assert counter.queries[1].place == "350200"


async def test_nothing_anywhere_says_one_thing_to_do_and_never_uninsured() -> None:
    nothing = found("350900", contributions=())
    script = [("card", LIN), ("insured-place", "350900"), ("lookup", nothing), ("result", "elsewhere")]
    counter = await played(
        journey("payments"), [*script, ("insured-place", "350200"), ("lookup", PAID), ("records", "finish")]
    )
    page = cast(Result, counter.page("result"))
    assert page.notes == ("这段时间没有缴费记录。可以按“看更久的”，也可以换个地方再查，或打 12333。",)
    assert "未参保" not in "".join(texts_of(page))
    assert "print" not in [option.value for option in page.actions], "there is nothing to take along"


async def test_going_back_asks_central_again_with_the_other_answer() -> None:
    script = [*TO_PAID, ("records", Back()), ("insured-place", "350200"), ("lookup", PAID), ("records", "finish")]
    counter = await played(journey("payments"), script)
    assert [asked.place for asked in counter.queries] == ["350900", "350200"]


async def test_the_slip_has_what_the_entry_lets_onto_paper() -> None:
    """Surname and the last four; no amount here."""
    counter = await played(
        journey("payments"), [*TO_PAID, ("records", "print"), ("print", PRINTED), ("records", "finish")]
    )
    (slip,) = counter.receipts
    assert [(row.label, row.value) for row in slip.rows] == [
        ("姓名", "林＊＊  尾号 002X"),
        ("参保地", "福建省 宁德市"),
        ("职工养老保险", "2026年11月"),
        ("职工养老保险", "2026年1月到2026年10月"),
    ]
    assert slip.closing == ("这是查询结果，不是证明", "社保的事可以打 12333 问")
    assert [text for text in texts_of(slip) for word in (LIN.name, LIN.number, "344") if word in text] == []


async def test_a_pension_has_no_paper_and_asks_for_a_second_factor() -> None:
    rows = (
        {"month": "202611", "amount": "226.40", "state": "0", "bank": "宁德示范银行", "account": "2802"},
        {"month": "202610", "amount": "218.40", "state": "2", "bank": "宁德示范银行", "account": "2802"},
    )
    script = [("card", LIN), ("insured-place", "350900"), ("lookup", found("350900", pension=rows))]
    counter = await played(journey("pension-paid"), [*script, ("records", "finish")])
    assert counter.levels == [2]
    page = cast(Table, counter.page("records"))
    assert page.lines[0].cells == ("2026年11月", "226.40 元", "还没有发", "")
    assert page.hint == "发到 宁德示范银行，账号 尾号 2802"
    assert page.lines[1].note.startswith("多半是卡换了")
    assert {option.value for option in page.actions} == {"elsewhere", "change:year", "finish"}
    assert counter.queries[0].answers == {"year": "2026"}


async def test_what_differs_from_row_to_row_stays_in_the_rows() -> None:
    """The account was another one last month; and a single row says all of itself."""
    rows = (
        {"month": "202611", "amount": "226.40", "state": "0", "bank": "宁德示范银行", "account": "2802"},
        {"month": "202610", "amount": "218.40", "state": "2", "bank": "宁德示范银行", "account": "1177"},
    )
    for shown, cells, hint in ((rows, 5, "发到 宁德示范银行"), (rows[:1], 6, "")):
        script = [("card", LIN), ("insured-place", "350900"), ("lookup", found("350900", pension=shown))]
        counter = await played(journey("pension-paid"), [*script, ("records", "finish")])
        page = cast(Table, counter.page("records"))
        assert {len(line.cells) for line in page.lines} == {len(page.columns)} == {cells}
        assert page.hint == hint


async def test_a_check_that_is_owed_shows_nothing() -> None:
    """Level 2 that central could not give: what is owed later lets nobody see money now."""
    with pytest.raises(Unavailable):
        await played(journey("pension-paid"), [("card", LIN_OWED)])


async def test_a_workers_word_goes_to_central_with_the_question() -> None:
    vouched = replace(LIN, check="witness", witness=Witness(worker="W-07", reason="no-telephone"))
    script = [("card", vouched), ("lookup", found(account=(), totals=())), ("result", "finish")]
    counter = await played(journey("medical-account"), script)
    assert counter.queries[0].witness == vouched.witness


async def test_cards_of_several_services_and_a_table_beside_them() -> None:
    """Every row of insuinfo and idetinfo; of one kind more than once; the months are a key away, and back."""
    everything = found(
        insured=(
            {"kind": "310", "status": "4", "place": "350900", "person-kind": "11", "begin": "2016-08-01",
             "end": "2024-11-30", "unit": "海岸电子"},
            {"kind": "310", "status": "1", "place": "350900", "person-kind": "11", "begin": "2025-01-01"},
            {"kind": "390", "status": "2", "place": "350200", "person-kind": "15"},
        ),
        standings=({"kind": "511", "grade": "1", "words": "低保对象", "begin": "2023-01-01"},),
        contributions=({"kind": "310", "arrived": "0", "first": "202611", "last": "202611", "type": "10"},),
    )  # fmt: skip
    counter = await played(
        journey("medical-status"),
        [
            ("card", LIN), ("lookup", everything), ("result", "view:contributions"), ("records", "back"),
            ("result", "finish"),
        ],
    )  # fmt: skip
    page = cast(Result, counter.page("result"))
    assert [(section.title, section.state) for section in page.sections] == [
        ("职工医保", "已停保"), ("职工医保", "正常参保"), ("居民医保", "暂停缴费"), ("低保对象", ""),
    ]  # fmt: skip
    assert [(row.label, row.value) for row in page.sections[0].rows] == [
        ("参保地", "福建省 宁德市"), ("参保身份", "在职"), ("单位", "海岸电子"),
        ("时间", "2016年8月1日到2024年11月30日"),
    ]  # fmt: skip
    assert page.sections[1].rows[-1].value == "2025年1月1日起"
    assert page.sections[2].meaning == "今年的可能还没交。怎么交，请看“交居民医保”。"
    months = cast(Table, counter.page("records"))
    assert months.lines[0].cells[:3] == ("职工医保", "2026年11月", "还没有到账")
    assert "12393" in months.lines[0].note


async def test_a_slip_that_is_full_says_how_much_is_left_out() -> None:
    many = found("350900", contributions=({"kind": "110", "first": "202611"},) * 27)
    script = [("card", LIN), ("insured-place", "350900"), ("lookup", many), ("records", "print"), ("print", PRINTED)]
    counter = await played(journey("payments"), [*script, ("records", "finish")])
    *_head, twenty_fourth, more = counter.receipts[0].rows
    assert (twenty_fourth.label, more.label, more.value) == ("职工养老保险", "还有 3 条", "请在屏幕上看")
    room = found("350900", contributions=({"kind": "110", "first": "202611"},) * 24)
    script[2] = ("lookup", room)
    counter = await played(journey("payments"), [*script, ("records", "finish")])
    assert counter.receipts[0].rows[-1].label == "职工养老保险"


def both(code: str) -> Journey:
    """The item as it runs: what is looked up, and what it does besides."""
    return serving(CATALOGUE, load_station(), Site(), Services()).journeys[code]


async def test_an_item_that_does_something_else_besides_asks_which() -> None:
    """Progress of a claim stands beside the guide to it."""
    claims = (
        {"number": "BX2", "received": "2026-11-18", "state": "3", "words": "缺发票原件。"},
        {"number": "BX1", "received": "2026-10-09", "state": "4", "amount": "862.35", "paid-on": "2026-11-02"},
    )
    script = [("wish-of-item", "look"), ("card", LIN), ("lookup", found(reimbursements=claims))]
    counter = await played(both("reimbursement"), [*script, ("result", "finish")])
    page = cast(Result, counter.page("result"))
    assert [(section.title, section.state) for section in page.sections] == [
        ("2026年11月18日", "要补材料"), ("2026年10月9日", "钱已经打给您"),
    ]  # fmt: skip
    assert "服务台" in page.sections[0].meaning
    assert [row.value for row in page.sections[1].rows if row.private] == ["862.35 元"]
    with pytest.raises(Left):
        await played(both("reimbursement"), [("wish-of-item", "otherwise"), ("guide", "finish")])


async def test_diseases_stand_on_the_screen_alone() -> None:
    """With a second factor; there is no slip, whatever the printer says."""
    rows = ({"code": "M03900", "disease": "高血压", "begin": "2021-05-01"},)
    script = [("wish-of-item", "look"), ("card", LIN), ("lookup", found(chronic=rows)), ("result", "finish")]
    counter = await played(both("chronic"), script)
    page = cast(Result, counter.page("result"))
    assert counter.levels == [2]
    assert page.sections[0].title == "高血压"
    assert page.sections[0].rows[-1].value == "2021年5月1日起"
    assert {option.value for option in page.actions} == {"finish"}
    assert page.personal
    assert page.notes == ("高血压、糖尿病的门诊用药（两病）这里查不到，请打 12393。", "内容只在屏幕上，不打印。")


async def test_what_is_not_asked_for_is_not_called_missing() -> None:
    """高血压 and 糖尿病 filed as 两病 are listed by a transaction of their own, which nobody here asks."""
    script = [("wish-of-item", "look"), ("card", LIN), ("lookup", found(chronic=())), ("result", "finish")]
    page = cast(Result, (await played(both("chronic"), script)).page("result"))
    assert page.notes == ("没有查到认定的慢特病。高血压、糖尿病的门诊用药（两病）这里查不到，请打 12393。",)


async def test_the_account_is_covered() -> None:
    rows = found(
        account=({"kind": "310", "status": "1", "place": "350900", "balance": "1286.40"},),
        totals=({"kind": "310", "year": "2026", "what": "A01", "amount": "2310.75"},),
    )
    counter = await played(journey("medical-account"), [("card", LIN), ("lookup", rows), ("result", "finish")])
    page = cast(Result, counter.page("result"))
    assert [(row.label, row.value) for section in page.sections for row in section.rows if row.private] == [
        ("还有多少", "1,286.40 元"), ("多少", "2,310.75 元"),
    ]  # fmt: skip
    assert [option.value for option in page.actions] == ["change:year", "onward:family-account", "finish"]


async def test_going_on_with_another_item_is_receptions_business() -> None:
    rows = found(card=({"number": "0011", "state": "3", "bank": "示范银行"},), card_making=())
    with pytest.raises(Onward) as onward:
        await played(journey("card-made"), [("card", LIN), ("lookup", rows), ("result", "onward:card-lost")])
    assert onward.value.item == "card-lost"


async def test_an_unknown_code_is_shown_as_what_it_is_and_noted_once(caplog: pytest.LogCaptureFixture) -> None:
    """With whom to ask; text that is no code is not repeated in the log."""
    reading = replace(READING, words=load_code_words(INSURANCE))
    item = CATALOGUE.item("card-made")
    assert item.query is not None
    runs = partial(query, item=item, entry=item.query, reading=reading)
    rows = found(card=({"state": "8"}, {"state": "8"}, {"state": "陈建国"}), card_making=())
    caplog.set_level(logging.WARNING)
    counter = await played(runs, [("card", LIN), ("lookup", rows), ("result", "finish")])
    page = cast(Result, counter.page("result"))
    assert page.sections[0].state == "代码 8"
    assert "服务台" in page.sections[0].meaning
    assert [record.message for record in caplog.records] == [
        "code table card_state has no words for a code: 8",
        "code table card_state has no words for a code: that is no code",
    ]


async def test_a_value_that_is_no_day_is_shown_as_it_came() -> None:
    """Central lets none through; if it did, nothing breaks and nothing is hidden."""
    odd = found("350900", contributions=({"kind": "110", "first": "20261301", "own": "much", "paid-on": "soon"},))
    script = [("card", LIN), ("insured-place", "350900"), ("lookup", odd), ("records", "finish")]
    page = cast(Table, (await played(journey("payments"), script)).page("records"))
    assert page.lines[0].cells == ("职工养老保险", "20261301起", "much", "", "soon")


# ---- Every query -----------------------------------------------------------------------------------------------------

QUERIES = [item for item in CATALOGUE.items if item.query is not None]


def to_lookup(item: Item) -> list[tuple[str, object]]:
    """A person who answers what the entry asks."""
    assert item.query is not None
    places: list[tuple[str, object]] = [("insured-place", "350900")] if item.query.place else []
    asked = [(f"ask-{ask.code}", "2026") for ask in item.query.ask if ask.first]
    return [("card", LIN), *asked, *places]


def empty(item: Item) -> Found:
    assert item.query is not None
    parts = tuple(FoundPart(service=part.code, rows=()) for part in item.query.part)
    return Found(as_of=AT, place="350900" if item.query.place else None, parts=parts)


@pytest.mark.parametrize("item", QUERIES, ids=lambda item: item.code)
async def test_nothing_found_is_no_dead_end(item: Item) -> None:
    """It says so in people's words, with one thing to do, and nobody is called uninsured."""
    counter = await played(journey(item.code), [*to_lookup(item), ("lookup", empty(item)), ("result", "finish")])
    page = cast(Result, counter.page("result"))
    assert page.actions[-1].value == "finish"
    assert re.search("请|打", page.notes[0])
    assert "未参保" not in "".join(texts_of(page))


@pytest.mark.parametrize("error", [Unavailable("offline"), Unavailable("slow"), Declined("not-granted", "x")])
@pytest.mark.parametrize("item", QUERIES, ids=lambda item: item.code)
async def test_without_central_there_is_no_result(item: Item, error: Exception) -> None:
    """Reception says why; nothing was kept that could be shown instead."""
    with pytest.raises(type(error)):
        await played(journey(item.code), [*to_lookup(item), ("lookup", error)])


@pytest.mark.parametrize("item", QUERIES, ids=lambda item: item.code)
async def test_whoever_leaves_at_any_page_has_recorded_nothing(item: Item) -> None:
    whole = [*to_lookup(item), ("lookup", empty(item)), ("result", "finish")]
    for end, (name, _answer) in enumerate(whole):
        if name != "lookup":
            with pytest.raises(Left):
                await played(journey(item.code), [*whole[:end], (name, Left("idle"))])


@pytest.mark.parametrize("item", QUERIES, ids=lambda item: item.code)
def test_a_query_takes_three_answers_from_home_at_most(item: Item) -> None:
    """Category, perhaps a group, the item, what it asks first: cards and codes are no answers."""
    assert item.query is not None
    answers = 2 + (item.group is not None) + bool(item.query.place) + sum(ask.first for ask in item.query.ask)
    assert answers <= 3


# ---- Adding one ------------------------------------------------------------------------------------------------------

ONE_MORE = """
[[item]]
code = "provident-fund"
label = "查公积金"
official = "住房公积金查询"
icon = "home-city"
journey = "query"
level = 2
offline = "never"
accepts_expired_card = true
needs = { id_card = "required", printer = "optional" }
aliases = ["公积金余额"]
[item.guide]
what = "看公积金交了多少。"
who = ["交公积金的人"]
bring = ["身份证"]
[item.query]
authority = "social"
level = 2
place = "您的公积金在哪里交？"
found = "您在{place}的公积金"
nothing = "在{place}没有查到您的公积金。请打 12329。"
[[item.query.ask]]
code = "year"
kind = "year"
ask = "哪一年的？"
first = true
years = 3
[[item.query.part]]
code = "provident-fund"
title = "公积金"
[[item.query.part.column]]
code = "month"
kind = "month"
role = "title"
paper = true
[[item.query.part.column]]
code = "count"
label = "交了"
kind = "months"
[[item.query.part.column]]
code = "amount"
label = "多少"
kind = "money"
private = true
paper = true
"""


def catalogue_with(tmp_path: Path, entry: str) -> Catalog:
    shutil.copytree(CATALOG, tmp_path / "catalog")
    with (tmp_path / "catalog" / "services" / "work.toml").open("a", encoding="utf-8") as file:
        file.write(entry)
    return load_catalog(tmp_path / "catalog")


async def test_adding_a_query_is_adding_an_entry(tmp_path: Path) -> None:
    """It stands in its list, is found, asks, looks up, shows and prints: what the entry says and no code."""
    catalog = catalogue_with(tmp_path, ONE_MORE)
    listed = catalog.list_page(catalog.category("work"), "")
    assert "provident-fund" in [option.value for option in cast("Choose[str]", listed).options]
    assert "provident-fund" in [option.value for option in catalog.search_page().options]
    runs = serving(catalog, load_station(), Site(), Services()).journeys["provident-fund"]
    rows = found("350200", provident_fund=({"month": "202610", "count": "9", "amount": "1200.00"},))
    counter = await played(
        runs,
        [
            ("card", LIN), ("ask-year", "2025"), ("insured-place", "350200"), ("lookup", rows),
            ("result", "print"), ("print", PRINTED), ("result", "finish"),
        ],
    )  # fmt: skip
    (asked,) = counter.queries
    assert (asked.authority, asked.services, asked.answers) == ("social", ("provident-fund",), {"year": "2025"})
    (section,) = cast(Result, counter.page("result")).sections
    assert section.title == "2026年10月"
    assert [(row.value, row.private) for row in section.rows] == [("9 个月", False), ("1,200.00 元", True)]
    assert counter.receipts[0].rows[-1].value == "1,200.00 元", "the entry says so"


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("level = 2\noffline", "level = 1\noffline", "query, level: is 2, and the item's is 1"),
        ('offline = "never"', 'offline = "cached"', "offline: a query is never answered"),
        ('kind = "year"', 'kind = "months"', 'ask "year": '),
        ('kind = "month"', 'kind = "moon"', 'column "month", kind'),
        ('kind = "month"', 'kind = "span"', "a span, and nothing else, needs to"),
        ('label = "交了"', 'label = ""', 'column "count"'),
        ('在{place}没有查到您的公积金。请打 12329。', "您未参保。", "未参保"),
        ('place = "您的公积金在哪里交？"\n', "", "names a place, and none is asked"),
        ("[[item.query.part]]", "[[item.query.prat]]", "query, part: "),
        ('first = true', 'change = "x"\nfirst = true', "either asked first"),
        ('title = "公积金"', 'title = "公积金"\nshow = "list"', 'part "provident-fund", show'),
        ('kind = "months"', 'kind = "months"\nby = "month"', "by belongs to a state that is a code"),
        ('kind = "months"', 'kind = "code:aac008"\nrole = "state"\nby = "kind"', "by is none of the columns"),
    ],
)  # fmt: skip
def test_a_mistake_names_file_item_and_field(tmp_path: Path, right: str, wrong: str, says: str) -> None:
    """One line, for whoever edits the tables."""
    assert right in ONE_MORE
    with pytest.raises(CatalogError) as refused:
        catalogue_with(tmp_path, ONE_MORE.replace(right, wrong, 1))
    message = str(refused.value)
    assert message.startswith('work.toml: item "provident-fund", ')
    assert says in message
    assert "\n" not in message


def test_onwards_leads_to_an_item_that_there_is(tmp_path: Path) -> None:
    onwards = '[[item.query.onwards]]\nitem = "nowhere"\nlabel = "去"\nicon = "home"\n'
    entry = ONE_MORE.replace("[[item.query.ask]]", f"{onwards}[[item.query.ask]]", 1)
    with pytest.raises(CatalogError, match='item "provident-fund", query, onwards: there is no item "nowhere"'):
        catalogue_with(tmp_path, entry)


def test_a_code_table_that_is_not_there(tmp_path: Path) -> None:
    """What `make lint` and the start of the kiosk refuse."""
    catalog = catalogue_with(tmp_path, ONE_MORE.replace('kind = "month"', 'kind = "code:moons"'))
    with pytest.raises(CatalogError) as refused:
        serving(catalog, load_station(), Site(), Services())
    assert str(refused.value) == (
        'work.toml: item "provident-fund", query, part "provident-fund", column "month", kind: '
        'there is no code table "moons"'
    )
