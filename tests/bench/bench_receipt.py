"""How many bytes a receipt is for the printer: a filing's, on 80 mm paper, as text with the printer's own QR code.

At 9,600 baud, which some printers still come with, a second is 960 bytes. The peers are what the same receipt costs
otherwise: as one picture, on narrow paper, in large print, and with a name that no printer has (a line of it is a
bitmap).
"""

from __future__ import annotations

import asyncio

from devices.paper import to_picture
from kiosk import printing
from kiosk.receipts import Receipt
from kiosk.settings import Site
from tests.bench.result import Bench, Result
from tests.kiosk.receipts import PAPERS, kept, kept_for_a_rare_name

BAR = 1500.0
RASTER, QR = b"\x1dv0", b"\x1d(k"


def measure() -> Result:
    """The bytes; no bar is kept with a bitmap line or without the printer's own code."""
    receipt, rare = asyncio.run(kept()), asyncio.run(kept_for_a_rare_name())
    usual = job(receipt, "80 mm")
    return {
        "value": len(usual),
        "bar": BAR,
        "ok": len(usual) <= BAR and RASTER not in usual and QR in usual,
        "peers": {
            "one picture": as_one_picture(receipt, "80 mm"),
            **{paper: len(job(receipt, paper)) for paper in PAPERS if paper != "80 mm"},
            "rare name": len(job(rare, "80 mm")),
        },
    }


BENCHES: dict[str, Bench] = {"receipt_bytes": measure}


def job(receipt: Receipt, paper: str) -> bytes:
    return printing.job(printing.blocks(receipt, Site(), PAPERS[paper]), PAPERS[paper])


def as_one_picture(receipt: Receipt, paper: str) -> int:
    """Eight dots a byte, in one GS v 0."""
    picture = to_picture(printing.blocks(receipt, Site(), PAPERS[paper]), PAPERS[paper].paper.columns)
    return 8 + picture.width // 8 * picture.height
