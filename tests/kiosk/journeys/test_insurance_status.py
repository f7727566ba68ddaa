"""社保 参保信息查询 as its script says."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial
from typing import Literal

import pytest

from kiosk import printing
from kiosk.contract.queries import Insurance, InsuranceStatus
from kiosk.equipment import PaperKind
from kiosk.errors import Unavailable
from kiosk.insurance_words import load_insurance_words
from kiosk.journeys.insurance_status import insurance_status
from kiosk.manner import Back
from kiosk.pages import ReceiptPreview, Result
from kiosk.settings import Site
from tests.kiosk.people import LIN
from tests.kiosk.scripted import ENGLISH, PRINTED, played

WORDS = load_insurance_words()
JOURNEY = partial(insurance_status, words=WORDS, places=WORDS.insured_places)
NOW = datetime(2026, 11, 22, tzinfo=UTC)
NINGDE = InsuranceStatus(
    place="350900",
    as_of=NOW,
    rows=(
        Insurance(scheme="pension", insutype="110", status="1", unit="宁德示例公司", begin=date(2001, 7, 1)),
        Insurance(scheme="medical", insutype="310", status="2", begin=date(2001, 7, 1), end=date(2024, 5, 31)),
        Insurance(scheme="medical", insutype="390", status="1", begin=date(2024, 6, 1)),
    ),
)
NOTHING = InsuranceStatus(place="350200", as_of=NOW, rows=())


async def test_every_row_is_shown_with_what_it_means() -> None:
    """Two rows of one scheme are two cards: nobody picks the first."""
    counter = await played(
        JOURNEY, [("card", LIN), ("insured-place", "350900"), ("insurance-status", NINGDE), ("result", "finish")]
    )
    shown = counter.page("result")
    assert isinstance(shown, Result)
    assert len(shown.sections) == 3
    assert shown.sections[1].state == "暂停缴费"
    assert "换单位时常见" in shown.sections[1].meaning
    assert shown.sections[0].rows[0].value == "宁德示例公司"
    assert counter.acts == []


@pytest.mark.parametrize(
    ("scheme", "insutype", "status", "leads_to"),
    [
        ("pension", "110", "2", "灵活就业参保登记"),
        ("medical", "310", "2", "灵活就业参保登记"),
        ("medical", "390", "2", "交居民医保"),
        ("pension", "170", "2", "12333"),
        ("pension", "110", "3", "12333"),
        ("medical", "310", "3", "12393"),
        ("medical", "390", "0", "12393"),
    ],
)
async def test_whoever_can_do_something_about_it_is_named(
    scheme: Literal["pension", "medical"], insutype: str, status: str, leads_to: str
) -> None:
    """Who has no employer is not sent to a matter of those who change theirs; medical insurance has its own hotline."""
    found = NINGDE.model_copy(update={"rows": (Insurance(scheme=scheme, insutype=insutype, status=status),)})
    counter = await played(
        JOURNEY, [("card", LIN), ("insured-place", "350900"), ("insurance-status", found), ("result", "finish")]
    )
    shown = counter.page("result")
    assert isinstance(shown, Result)
    every = {"灵活就业参保登记", "交居民医保", "12333", "12393"}
    assert [words for words in every if words in shown.sections[0].meaning] == [leads_to]


async def test_nothing_found_is_never_called_uninsured() -> None:
    counter = await played(
        JOURNEY,
        [
            ("card", LIN),
            ("insured-place", "350200"),
            ("insurance-status", NOTHING),
            ("result", "elsewhere"),
            ("insured-place", "350900"),
            ("insurance-status", NINGDE),
            ("result", "finish"),
        ],
    )
    first = next(page for page in counter.pages if page.name == "result")
    assert isinstance(first, Result)
    assert first.question == "在福建省厦门市没有查到您的参保记录"
    assert "未参保" not in repr(first)
    assert "12333" in first.notes[0]


async def test_not_here_leads_to_where_there_is_something() -> None:
    """Without the question for a place; nothing found has no slip."""
    elsewhere = NOTHING.model_copy(update={"elsewhere": ("350900",)})
    counter = await played(
        JOURNEY,
        [
            ("card", LIN),
            ("insured-place", "350200"),
            ("insurance-status", elsewhere),
            ("result", "there:350900"),
            ("insurance-status", NINGDE),
            ("result", "finish"),
        ],
    )
    first = next(page for page in counter.pages if page.name == "result")
    assert isinstance(first, Result)
    assert first.notes == ("您在宁德市有记录，可以换到那里看。",)
    assert [option.value for option in first.actions] == ["there:350900", "elsewhere", "finish"]


async def test_the_receipt_on_request_masks_name_and_number() -> None:
    counter = await played(
        JOURNEY,
        [
            ("card", LIN),
            ("insured-place", "350900"),
            ("insurance-status", NINGDE),
            ("result", "print"),
            ("print", PRINTED),
            ("result", "finish"),
        ],
    )
    (slip,) = counter.receipts
    assert slip.rows[0].value == "林＊＊  尾号 002X"
    assert LIN.name not in repr(slip)
    assert LIN.number not in repr(slip)
    assert "这是查询结果，不是证明" in slip.closing


async def test_the_receipt_can_be_looked_at_first() -> None:
    """A side way: what it shows is what the paper will say, and it costs nobody an answer who does not take it."""
    counter = await played(
        JOURNEY,
        [
            ("card", LIN),
            ("insured-place", "350900"),
            ("insurance-status", NINGDE),
            ("result", "look"),
            ("preview", "no"),
            ("result", "look"),
            ("preview", Back()),
            ("result", "look"),
            ("preview", "print"),
            ("print", PRINTED),
            ("result", "finish"),
        ],
    )
    preview = counter.page("preview")
    assert isinstance(preview, ReceiptPreview)
    (slip,) = counter.receipts
    assert preview.sheet.blocks == tuple(printing.blocks(slip, Site(), printing.Style(paper=PaperKind())))
    assert counter.copies == [0]
    offered = [[action.value for action in page.actions] for page in counter.pages if isinstance(page, Result)]
    assert offered[0] == ["elsewhere", "print", "look", "finish"]
    assert offered[-1] == ["elsewhere", "copy", "finish"]


async def test_in_another_language_nothing_is_printed_again() -> None:
    """The replay prints a receipt of another language on its way, which must be the one that was printed."""
    counter = await played(
        JOURNEY,
        [
            ("card", LIN),
            ("insured-place", "350900"),
            ("insurance-status", NINGDE),
            ("result", "print"),
            ("print", PRINTED),
            ("result", ENGLISH),
            ("result", "copy"),
            ("preview", "print"),
            ("print", PRINTED),
            ("result", "elsewhere"),
            ("insured-place", ENGLISH),
            ("insured-place", Back()),
            ("result", "finish"),
        ],
    )
    assert counter.copies == [0, 1]
    assert [receipt.service for receipt in counter.receipts] == ["参保信息查询"] * 2
    first, copy = counter.receipts
    assert first.beside is None
    assert copy.beside is not None
    assert copy.beside.service == "Insurance status"


async def test_offline_there_is_no_result() -> None:
    """No stale data: reception says that the network is away."""
    with pytest.raises(Unavailable):
        await played(
            JOURNEY, [("card", LIN), ("insured-place", "350900"), ("insurance-status", Unavailable("offline"))]
        )
