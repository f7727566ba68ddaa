"""The staff read Chinese, the person of a visit in English reads that too: one receipt says everything in both."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest

from devices.paper import Block, Pair, Qr, Text, TextLine, layout
from kiosk import printing
from kiosk.contract.messages import Matter
from kiosk.journeys.rider_check_in import rider_check_in
from kiosk.receipts import Receipt
from kiosk.settings import Site
from kiosk.station import load_station
from kiosk.texts import Language, spoken
from kiosk.visit import Journey
from tests.kiosk.journeys import test_insurance_status as insurance
from tests.kiosk.journeys import test_remote_care_filing as remote_care
from tests.kiosk.people import CHEN, LIN
from tests.kiosk.receipts import PAPERS
from tests.kiosk.scripted import NOW, PRINTED, played
from tests.paper import letters, mistakes, printed, words_on

HAN = re.compile("[〇㐀-鿿]")
Script = list[tuple[str, object]]
DECIDED = Matter(state="decided", number="YD20261122000123", at=NOW)
PLAYS: dict[str, tuple[Journey, Script]] = {
    "kept": (remote_care.JOURNEY, remote_care.OFFLINE),
    "sent": (remote_care.JOURNEY, [*remote_care.TO_CONFIRM, ("submit", remote_care.SENT), ("done", "finish")]),
    "decided": (remote_care.JOURNEY, [*remote_care.TO_CONFIRM, ("submit", DECIDED), ("done", "finish")]),
    "looked up": (
        insurance.JOURNEY,
        [
            ("card", LIN), ("insured-place", "350900"), ("insurance-status", insurance.NINGDE),
            ("result", "print"), ("print", PRINTED), ("result", "finish"),
        ],
    ),
    "checked in": (
        partial(rider_check_in, station=load_station()),
        [
            ("category", "by-card"), ("card", CHEN), ("last-check-in", None), ("services", ("hot-meal", "charging")),
            ("submit", None), ("done", "print"), ("print", PRINTED), ("done", "finish"),
        ],
    ),
}  # fmt: skip


async def receipt_of(play: str, language: Language) -> Receipt:
    journey, script = PLAYS[play]
    return (await played(journey, script, language=language)).receipts[0]


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("play", PLAYS)
async def test_everything_stands_in_chinese_and_in_the_language_of_the_visit(play: str, paper: str) -> None:
    """In the order of the Chinese receipt, and nothing besides."""
    style = PAPERS[paper]
    receipt = await receipt_of(play, "en")
    with spoken("en"):
        both = said(printing.blocks(receipt, Site(), style))
        assert receipt.beside is not None
        english = said(printing.blocks(receipt.beside, Site(), style))
    chinese = said(printing.blocks(await receipt_of(play, "zh"), Site(), style))
    assert in_order(chinese, both)
    assert in_order(english, both)
    assert set(both) == {*chinese, *english}


@pytest.mark.parametrize("play", PLAYS)
async def test_what_is_the_same_in_both_is_said_once(play: str) -> None:
    receipt = await receipt_of(play, "en")
    with spoken("en"):
        both = printing.blocks(receipt, Site(), PAPERS["80 mm"])
    labels = [block.label for block in both if isinstance(block, Pair)]
    assert [label for label in labels if "时间" in label or "Time" in label] == ["时间 Time"]
    assert both.count(Text(Site().name, align="center")) == 1
    assert sum(isinstance(block, Qr) for block in both) == bool(receipt.qr)


@pytest.mark.parametrize("play", PLAYS)
async def test_a_visit_in_chinese_has_chinese_paper(play: str) -> None:
    receipt = await receipt_of(play, "zh")
    assert receipt.beside is None
    words = said(printing.blocks(receipt, Site(), PAPERS["80 mm"]))
    assert [text for text in words if re.search("[a-z]{3}", text)] == []


async def test_a_copy_says_in_both_that_it_is_one() -> None:
    receipt = await receipt_of("sent", "en")
    with spoken("en"):
        words = said(printing.blocks(receipt, Site(), PAPERS["80 mm"], copy=2))
    assert "提交回执（补打第 2 次）" in words
    assert [text for text in words if "reprint 2" in text]


@pytest.mark.parametrize("play", ["kept", "sent", "checked in"])
async def test_the_record_is_the_same_in_every_language(play: str) -> None:
    journey, script = PLAYS[play]
    chinese, english = [(await played(journey, script, language=language)).acts for language in ("zh", "en")]
    assert chinese == english != []


@pytest.mark.parametrize("paper", ["80 mm", "58 mm"])
@pytest.mark.parametrize("play", ["kept", "looked up"])
async def test_the_words_on_the_paper_are_those_that_were_meant(play: str, paper: str, tmp_path: Path) -> None:
    """Read by a stranger from what the printer makes of the bytes: at most one letter in ten is misread."""
    style = PAPERS[paper]
    receipt = await receipt_of(play, "en")
    with spoken("en"):
        blocks = printing.blocks(receipt, Site(), style)
    ticket = printed(printing.job(blocks, style), style.paper.columns, cutter=style.paper.columns >= 48)
    lines = [line.text for line in layout(blocks, style.paper.columns) if isinstance(line, TextLine)]
    meant, read = letters("".join(lines)), words_on(ticket, tmp_path, enlarged=2, language="chi_sim+eng")
    assert mistakes(meant, read) <= 0.1 * len(meant), f"read {read} for {meant}"


def said(blocks: list[Block]) -> list[str]:
    """The texts of some blocks, in order; labels apart from each other where they share a value."""
    texts: list[str] = []
    for block in blocks:
        match block:
            case Text():
                texts.append(block.text)
            case Pair():
                chinese, _, other = block.label.partition(" ")
                shared = HAN.search(chinese) and other and not HAN.search(other)
                texts += [chinese, other] if shared else [block.label]
                texts.append(block.value)
            case Qr():
                texts += [block.data, *block.caption.split("\n")]
            case _:
                pass
    return texts


def in_order(few: list[str], many: list[str]) -> bool:
    """Whether all of the few stand among the many, in their order."""
    rest = iter(many)
    return all(text in rest for text in few)
