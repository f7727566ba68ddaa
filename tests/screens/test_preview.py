"""The receipt on the screen says what the paper will say."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

from devices.paper import Pair, Qr
from devices.paper import Text as PaperText
from kiosk.manner import Manner
from screens.gallery.outcomes import COPY_PREVIEW
from screens.gallery.samples import SAMPLES
from screens.text import Text
from screens.widgets import NEXT_PAGE
from tests.screens.glass import Glass

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("care", [False, True], ids=["normal", "care"])
async def test_every_word_of_the_paper_can_be_read(glass: Glass, care: bool) -> None:
    """On one page of it or the next, in order."""
    await glass.sample("preview-copy", care=care)
    seen = ""
    while True:
        texts = [text for text in glass.stage._panes.body.walk() if isinstance(text, Text)]
        seen += "".join(text.text for text in texts).replace(" ", "")
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
            at = seen.index(word.replace(" ", ""), at)


@pytest.mark.parametrize("contrast", [False, True], ids=["paper", "high contrast"])
async def test_a_telephone_reads_the_code(glass: Glass, contrast: bool, tmp_path: Path) -> None:
    """In high contrast too, where all else is white on black."""
    glass.stage.dress(Manner(contrast=contrast))
    await glass.show(*SAMPLES["preview-copy"])
    glass.stage.picture(tmp_path / "glass.png")
    # QR alone: a line of words may look like a bar code.
    command = ["zbarimg", "--quiet", "--raw", "-S*.disable", "-Sqrcode.enable", str(tmp_path / "glass.png")]
    read = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True, timeout=60)
    assert str(read.stdout).strip() == "K001-26-000317-7Q4X"
