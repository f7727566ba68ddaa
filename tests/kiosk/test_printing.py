"""The receipts of real journeys on paper, from the printer's bytes, read by strangers: the words are those meant."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import ImageChops

from devices.paper import INK, TextLine, layout, to_picture
from kiosk import printing
from kiosk.settings import Site
from tests.kiosk.receipts import PAPERS, PLAYS, RARE_SURNAME, Play, kept, kept_for_a_rare_name
from tests.paper import codes_on, letters, mistakes, printed, words_on

BOTH_EXTREMES = ("80 mm", "58 mm, large print")
OTHERS = [play for play in PLAYS.values() if play not in (kept, kept_for_a_rare_name)]
READ = OTHERS if os.environ.get("READ") == "all" else OTHERS[::5]
"""A reader takes a second each: all are read when their pictures are taken (``make golden``), which are compared each
time; some are read each time."""


@pytest.mark.parametrize(
    ("play", "paper"),
    [
        *((kept, paper) for paper in PAPERS),
        *((kept_for_a_rare_name, paper) for paper in BOTH_EXTREMES),
        *((play, BOTH_EXTREMES[number % 2]) for number, play in enumerate(READ)),
    ],
)
async def test_the_words_on_the_paper_are_the_words_that_were_meant(play: Play, paper: str, tmp_path: Path) -> None:
    """At most one letter in ten is misread; the rare character is not held against a reader who never learned it."""
    receipt, style = await play(), PAPERS[paper]
    blocks = printing.blocks(receipt, Site(), style)
    ticket = printed(printing.job(blocks, style), style.paper.columns, cutter=style.paper.columns >= 48)
    lines = layout(blocks, style.paper.columns, large_print=style.large_print)
    meant = letters("".join(line.text for line in lines if isinstance(line, TextLine))).replace(RARE_SURNAME, "")
    read = words_on(ticket, tmp_path, enlarged=1 if style.large_print else 2)
    assert mistakes(meant, read) <= 0.1 * len(meant), f"read {read} for {meant}"
    assert codes_on(ticket, tmp_path) == ([("QR-Code", receipt.qr)] if receipt.qr else [])


@pytest.mark.parametrize("paper", BOTH_EXTREMES)
@pytest.mark.parametrize("play", PLAYS.values())
async def test_the_picture_is_the_paper_dot_by_dot(play: Play, paper: str) -> None:
    """A dot is black or it is not: the picture's grey edges count as the bitmap lines count them."""
    style = PAPERS[paper]
    blocks = printing.blocks(await play(), Site(), style)
    picture = to_picture(blocks, style.paper.columns, large_print=style.large_print)
    columns = style.paper.columns
    torn = printed(printing.job(blocks, style), columns, cutter=columns >= 48).picture.crop((0, 0, *picture.size))
    one, other = (image.point(lambda level: 255 if level < INK else 0) for image in (picture, torn))
    assert ImageChops.difference(one, other).getbbox() is None


async def test_a_usual_receipt_is_text_and_small() -> None:
    style = PAPERS["80 mm"]
    job = printing.job(printing.blocks(await kept(), Site(), style), style)
    assert len(job) <= 1500
    assert b"\x1dv0" not in job
    assert b"\x1d(k" in job
