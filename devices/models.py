"""What differs between receipt printers, as data: a row for each family, by the name that settings use.

A row states what a manual states, and names it; where none says anything, it has the way that works on every printer
(a bitmap instead of a code of the printer's own, no question that it may not know). None of the rows has been tried on
hardware here: `python -m pytest --hardware` tries one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from devices.wrapping import Repertoire


@dataclass(frozen=True, kw_only=True)
class Model:
    """One family of printers."""

    columns: int = 48
    """Of the widest paper that it takes: 48 on 80 mm, 32 on 58 mm."""
    repertoire: Repertoire = "gbk"
    """What its font ROM holds; a line with any other character goes out as a bitmap."""
    qr: Literal["native", "bitmap"] = "native"
    barcode: Literal["native", "bitmap"] = "native"
    cut: Literal["partial", "full", "none"] = "partial"
    """A partial cut leaves the receipt hanging, so that it does not fall to the floor."""
    feed: int = 6
    """Lines of 4 mm from the head to the cutter, or to the edge where the paper is torn off."""
    finish: Literal["process id", "GS r", "perhaps GS r"] = "perhaps GS r"
    """How it says that it has come to the end of a job. A process id comes when the printing is completed, GS r when
    its turn comes; a printer that may not know GS r is given a few seconds instead."""
    clears: bool = False
    """Whether DLE DC4 with fn 8 makes it forget what was sent and is not printed."""
    source: str


MODELS: Final[dict[str, Model]] = {
    "generic-80": Model(
        source="What clones of 80 mm share: 25 of the 35 printers in python-escpos' table have GS ( k.",
    ),
    "generic-58": Model(
        columns=32,
        qr="bitmap",
        cut="none",
        feed=4,
        source="What clones of 58 mm share: no cutter, and few have GS ( k.",
    ),
    "epson-tm": Model(
        finish="process id",
        clears=True,
        source="ESC/POS Command Reference: GS ( H fn 48, DLE DC4 fn 8 and GS ( k name TM-T20II/III, T82II/III and m30. "
        "For those that print 576 dots; the ones of 180 dpi (TM-T81, T88) have 42 columns and fit no layout here.",
    ),
    "hprt-tp809": Model(
        finish="GS r",
        source="TP809 Programming Manual 1.2: chapter 6 (GS r, DLE EOT 1-4), GS ( k fn 180 and 181, FS &.",
    ),
    "pos-58-qr": Model(
        columns=32,
        cut="partial",
        finish="GS r",
        source="58mm Programming Manual 1.0.0: GS r, GS V, GS k, and GS ( k in functions 167, 169, 180 and 181.",
    ),
    "sureprint-sp91": Model(
        qr="bitmap",
        source="SP91 User Manual, p. 66: FS & takes GB 18030 of two bytes, areas 1 to 5 only.",
    ),
}


def usual_model(columns: int) -> str:
    """The name of the model that is assumed on paper of so many columns when nobody says which it is."""
    return "generic-80" if columns >= MODELS["generic-80"].columns else "generic-58"


def model_named(name: str, columns: int) -> Model:
    """The row of that name ("": the usual one), if its paper can be so wide; ValueError with what there is."""
    model = MODELS.get(name or usual_model(columns))
    if model is None:
        raise ValueError(f"models are {', '.join(MODELS)}")
    if columns > model.columns:
        raise ValueError(f"{name} has {model.columns} columns at most")
    return model
