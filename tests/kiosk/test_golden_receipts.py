"""Receipts look as they looked when somebody held them in the hand and found them good.

``make golden`` takes their pictures anew where they look otherwise (``tests/kiosk/golden``); what differs is written to
``out/golden`` as a sheet: before, after, difference. Look at it, then mend the receipt, or take its picture anew and
commit it with what changed it. That the words on them can be read is ``test_printing``'s business.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from PIL import Image

from devices.paper import to_picture
from kiosk import printing
from kiosk.settings import Site
from tests.face.golden import SHEETS, compare
from tests.kiosk.receipts import PAPERS, PLAYS

GOLDEN = Path(__file__).parent / "golden"
GREYS = 16
"""Of a golden picture, which has half of the paper's dots each way."""


async def taken(play: str, paper: str) -> Image.Image:
    """The receipt's picture, small and in few greys."""
    style = PAPERS[paper]
    blocks = printing.blocks(await PLAYS[play](), Site(), style)
    picture = to_picture(blocks, style.paper.columns, large_print=style.large_print)
    return picture.convert("L").reduce(2).quantize(GREYS, dither=Image.Dither.NONE)


def file_of(play: str, paper: str) -> Path:
    return GOLDEN / paper.replace(", ", "-").replace(" ", "-") / f"{play}.png"


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("play", PLAYS)
async def test_a_receipt_looks_as_it_did(play: str, paper: str) -> None:
    """On both widths, in the usual and in large print."""
    kept = file_of(play, paper)
    assert kept.is_file(), f"{play} on {paper} has no golden picture: make golden"
    difference = compare(Image.open(kept).convert("RGB"), (await taken(play, paper)).convert("RGB"))
    if difference.is_seen:
        sheet = SHEETS / "receipts" / kept.relative_to(GOLDEN)
        sheet.parent.mkdir(parents=True, exist_ok=True)
        difference.sheet().save(sheet)
    assert not difference.is_seen, f"{play} on {paper} looks otherwise ({difference}): out/golden/receipts"


def test_golden_pictures_are_of_receipts_and_small() -> None:
    """None is left of a receipt that is gone, and all come with every clone."""
    files = set(GOLDEN.rglob("*.png"))
    assert files == {file_of(play, paper) for play in PLAYS for paper in PAPERS}
    assert sum(file.stat().st_size for file in files) < 2_500_000


async def test_another_word_on_a_receipt_is_seen() -> None:
    """Two characters in the smallest type, and a line that is missing."""
    before = (await taken("guide.leaflet", "58 mm")).convert("RGB")
    other = before.copy()
    other.paste("white", (0, before.height // 2, 40, before.height // 2 + 14))
    assert compare(before, other).is_seen
    assert not compare(before, before.copy()).is_seen


async def take_all() -> None:
    """Takes all anew that look otherwise."""
    wanted, new = set(), 0
    for play in PLAYS:
        for paper in PAPERS:
            kept, picture = file_of(play, paper), await taken(play, paper)
            wanted.add(kept)
            old = Image.open(kept).convert("RGB") if kept.is_file() else None
            if old is None or compare(old, picture.convert("RGB")).is_seen:
                kept.parent.mkdir(parents=True, exist_ok=True)
                picture.save(kept, optimize=True)
                new += 1
    for stale in set(GOLDEN.rglob("*.png")) - wanted:
        stale.unlink()
    sys.stdout.write(f"receipts: {new} taken anew\n")


if __name__ == "__main__":
    asyncio.run(take_all())
