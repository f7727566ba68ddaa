"""The receipt on the screen says what the paper will say."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

from devices.paper import Pair, Qr
from devices.paper import Text as PaperText
from kiosk import printing
from kiosk.manner import Manner
from kiosk.pages import Head, ReceiptPreview
from kiosk.settings import Site
from kiosk.texts import spoken
from screens.gallery.outcomes import COPY_PREVIEW
from screens.gallery.samples import SAMPLES
from screens.qr_code import QrCode
from screens.receipt_preview import PAGES, in_one_language, lines_on_paper
from screens.text import Text
from screens.widgets import NEXT_PAGE
from tests.kiosk.receipts import PAPERS
from tests.kiosk.test_bilingual_receipts import PLAYS, receipt_of
from tests.screens.glass import Glass

pytestmark = pytest.mark.asyncio(loop_scope="session")

BLANKS = dict.fromkeys(map(ord, " \n"))


@pytest.mark.parametrize("care", [False, True], ids=["normal", "care"])
async def test_every_word_of_the_paper_can_be_read(glass: Glass, care: bool) -> None:
    """On one page of it or the next, in order."""
    await glass.sample("preview-copy", care=care)
    seen = ""
    while True:
        texts = [text for text in glass.stage._panes.body.walk() if isinstance(text, Text)]
        seen += "".join(text.text for text in texts).translate(BLANKS)
        if NEXT_PAGE not in glass.finger.offered():
            break
        glass.clock.ahead += 0.31
        await glass.finger.press(NEXT_PAGE)
    at = 0
    for block in COPY_PREVIEW.sheet.blocks:
        match block:
            case PaperText():
                words = [block.text]
            case Pair():
                words = [block.label, block.value]
            case Qr():
                words = [block.caption]
            case _:
                words = []
        for word in words:
            at = seen.index(word.translate(BLANKS), at)


async def seen_of(glass: Glass, page: ReceiptPreview, manner: Manner) -> list[list[str]]:
    """What stands on each page of it."""
    glass.stage.dress(manner)
    await glass.show(page, Head(title="异地就医备案"))
    pages: list[list[str]] = []
    while True:
        pages.append([text.text for text in glass.stage._panes.body.walk() if isinstance(text, Text)])
        if NEXT_PAGE not in glass.finger.offered():
            return pages
        glass.clock.ahead += 0.31
        await glass.finger.press(NEXT_PAGE)


async def test_a_long_one_in_large_words_is_shown_in_short(glass: Glass) -> None:
    """Nobody turns twenty pages: what it is about, its state and number, how long it is; and it can be printed."""
    pages = await seen_of(glass, COPY_PREVIEW, Manner(care=True, larger=True, low=True))
    assert len(pages) <= PAGES
    words = " ".join(text for page in pages for text in page)
    sheet = COPY_PREVIEW.sheet
    lines = lines_on_paper(sheet)
    assert lines > 20
    for said in ("异地就医备案", "已登记", "登记号", "K001-26-000317-7Q4X7", f"{lines}"):
        assert said in words.replace("\n", ""), said
    assert "就医地" not in words
    assert "print" in glass.finger.offered()


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("play", PLAYS)
async def test_the_screen_says_in_one_language_what_the_paper_says_in_two(play: str, paper: str) -> None:
    receipt = await receipt_of(play, "en")
    assert receipt.beside is not None
    with spoken("en"):
        both = printing.blocks(receipt, Site(), PAPERS[paper], copy=1)
        assert in_one_language(both) == printing.blocks(receipt.beside, Site(), PAPERS[paper], copy=1)


@pytest.mark.parametrize("play", PLAYS)
async def test_a_receipt_in_one_language_stands_there_as_it_is(play: str) -> None:
    blocks = printing.blocks(await receipt_of(play, "zh"), Site(), PAPERS["80 mm"])
    assert in_one_language(blocks) == blocks


@pytest.mark.parametrize("contrast", [False, True], ids=["paper", "high contrast"])
async def test_a_telephone_reads_the_code(glass: Glass, contrast: bool, tmp_path: Path) -> None:
    """In high contrast too, where all else is white on black."""
    glass.stage.dress(Manner(contrast=contrast))
    await glass.show(*SAMPLES["preview-copy"])
    while not any(isinstance(widget, QrCode) for widget in glass.stage.walk()):
        glass.clock.ahead += 0.31
        await glass.finger.press(NEXT_PAGE)
    glass.stage.picture(tmp_path / "glass.png")
    # QR alone: a line of words may look like a bar code.
    command = ["zbarimg", "--quiet", "--raw", "-S*.disable", "-Sqrcode.enable", str(tmp_path / "glass.png")]
    read = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True, timeout=60)
    assert str(read.stdout).strip() == "K001-26-000317-7Q4X7"
