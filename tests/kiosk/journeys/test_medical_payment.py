"""居民医保缴费 as its script says: who has paid and who has not, and where it is paid. The terminal takes no money."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from kiosk.catalog import load_catalog
from kiosk.contract.lookups import Found, FoundPart
from kiosk.errors import Unavailable
from kiosk.journeys.medical_payment import medical_payment
from kiosk.medical_payment import load_medical_payment
from kiosk.pages import Done, Result
from kiosk.tables import CATALOG, CatalogError
from tests.kiosk.people import LIN
from tests.kiosk.scripted import PRINTED, ScriptedCounter, played

ITEM = load_catalog().item("medical-payment")
RULES = load_medical_payment()
JOURNEY = partial(medical_payment, item=ITEM, rules=RULES)
OWN = {"name": LIN.name, "number": "002X", "own": "1", "year": "2027", "state": "0", "amount": "400.00"}
EARLIER = OWN | {"year": "2026", "state": "1", "paid-on": "2025-11-20"}
CHILD = {"name": "沈念一", "number": "0027", "own": "0", "year": "2027", "state": "1", "amount": "400.00"}
CHILD_DUE = CHILD | {"state": "0"}
LONG_AGO = OWN | {"year": "2023"}
UNKNOWN = OWN | {"year": "2026", "state": "9"}


def found(*rows: dict[str, str]) -> Found:
    part = FoundPart(service="resident-payments", rows=rows)
    return Found(as_of=datetime(2026, 11, 22, tzinfo=UTC), place=None, parts=(part,))


async def asked(answer: object, *more: tuple[str, object]) -> ScriptedCounter:
    return await played(JOURNEY, [("card", LIN), ("lookup", answer), *(more or (("payments", "finish"),))])


async def test_who_has_paid_and_who_has_not() -> None:
    """Oneself first, what is due before what is paid; amounts are covered, others are masked."""
    page = cast(Result, (await asked(found(EARLIER, CHILD, OWN))).page("payments"))
    assert page.question == "还有没交的居民医保"
    assert [(section.title, section.state, section.mood) for section in page.sections] == [
        ("您自己", "未缴", "wait"), ("您自己", "已缴", "done"), ("沈＊＊  尾号 0027", "已缴", "done"),
    ]  # fmt: skip
    assert [row.label for section in page.sections for row in section.rows if row.private] == ["多少钱"] * 3
    assert RULES.warning in page.notes
    assert [action.value for action in page.actions if action.primary] == ["pay"]


@pytest.mark.parametrize(
    ("rows", "question", "primary"),
    [
        ((EARLIER, CHILD), "居民医保都交了", "finish"),
        ((EARLIER, CHILD_DUE), "还有没交的居民医保", "pay"),
        ((), "没有查到要交的居民医保", "finish"),
        ((EARLIER, LONG_AGO), "没有查到现在要交的居民医保", "finish"),
        ((OWN | {"year": "2026"}, LONG_AGO), "还有没交的居民医保", "pay"),
        ((EARLIER, UNKNOWN), "查到了，有的看不明白", "finish"),
        ((UNKNOWN, CHILD_DUE), "还有没交的居民医保", "pay"),
    ],
    ids=["all paid", "a child's is due", "nothing known", "past", "this year's", "not understood", "one of them due"],
)
async def test_each_answer_of_the_authority(rows: tuple[dict[str, str], ...], question: str, primary: str) -> None:
    """Nothing found is said as what it is: never that somebody is not insured."""
    page = cast(Result, (await asked(found(*rows))).page("payments"))
    assert page.question == question
    assert [action.value for action in page.actions if action.primary] == [primary]
    assert not any("未参保" in note for note in page.notes)


async def test_a_year_that_is_past_is_no_debt() -> None:
    """It stands after what is due, and is for the hotline: where it is paid is no answer to it."""
    page = cast(Result, (await asked(found(LONG_AGO, EARLIER, OWN))).page("payments"))
    assert [section.rows[0].value for section in page.sections] == ["2027 年", "2026 年", "2023 年"]
    past = page.sections[-1]
    assert (past.state, past.mood) == ("未缴", "plain")
    assert past.meaning == "过去的年份还能不能补交，请打 12393 问一下。"


async def test_a_code_that_nobody_knows_is_shown_as_one() -> None:
    page = cast(Result, (await asked(found(OWN | {"state": "8"}))).page("payments"))
    assert page.sections[0].state == "代码 8"
    assert "12393" in page.sections[0].meaning


async def test_the_way_to_pay_is_shown_to_whoever_cannot_be_answered() -> None:
    """Without network too: the code is the tax authority's, and nothing in it is of the person."""
    script: list[tuple[str, object]] = [("payments", "pay"), ("how-to-pay", "back"), ("payments", "pay")]
    counter = await asked(Unavailable("offline"), *script, ("how-to-pay", "finish"))
    first = cast(Result, counter.page("payments"))
    assert (first.question, first.hint) == ("现在查不到交了没有", "连不上医保那边。怎么交，可以先看。")
    page = cast(Done, counter.page("how-to-pay"))
    assert page.qr == RULES.phone.qr
    assert RULES.warning in page.lines


async def test_it_can_be_taken_home_and_names_nobody() -> None:
    script: list[tuple[str, object]] = [("payments", "pay"), ("how-to-pay", "print"), ("print", PRINTED)]
    counter = await asked(found(OWN, CHILD_DUE), *script, ("how-to-pay", "finish"))
    (paper,) = counter.receipts
    assert (paper.sort, paper.qr, paper.rows) == ("办事指南", RULES.phone.qr, ())
    assert "沈" not in repr(paper.parts)
    assert counter.acts == []


async def test_at_most_three_answers() -> None:
    """From the list of services to what was asked."""
    counter = await asked(found(OWN))
    assert len(counter.pages) <= 3


def test_a_mistake_in_the_table_is_one_line(tmp_path: Path) -> None:
    text = (CATALOG / "medical_payment.toml").read_text(encoding="utf-8")
    file = tmp_path / "medical_payment.toml"
    file.write_text(text.replace('qr = "https://', 'qr = "http://'), encoding="utf-8")
    with pytest.raises(CatalogError, match=r"medical_payment\.toml: phone, qr"):
        load_medical_payment(file)
