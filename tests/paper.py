"""Paper as it comes out of the printer, and readers of it who know nothing of how it was made: tesseract reads the
words, zbar the codes."""

from __future__ import annotations

import os
import subprocess
import unicodedata
from pathlib import Path

from PIL import Image, ImageOps

from devices.simulated.paper_roll import MARGIN, Ticket
from devices.simulated.printer import SimulatedPrinter


def printed(job: bytes, columns: int = 48, *, cutter: bool = True) -> Ticket:
    """The paper that an independent reading of the bytes gives; every byte of them is known to it."""
    tickets: list[Ticket] = []
    printer = SimulatedPrinter(columns, tickets.append, lambda: None, kind="usual" if cutter else "simple")
    assert list(printer.receive(job)) == []
    assert printer.state()["problems"] == []
    assert len(tickets) == 1
    return tickets[0]


def words_on(ticket: Ticket, folder: Path, *, enlarged: int, language: str = "chi_sim") -> str:
    """What tesseract reads: letters, digits and characters. Codes are covered before, it would read words in them.

    Characters of 48 dots are what it reads best; `enlarged` brings the smallest of this paper there.
    """
    paper = ticket.picture.copy()
    ends = [line.top for line in ticket.lines[1:]] + [paper.height]
    for line, end in zip(ticket.lines, ends, strict=True):
        if line.kind in ("qr", "bars"):
            paper.paste(255, (0, MARGIN + line.top, paper.width, MARGIN + end))
    paper = ImageOps.expand(paper, MARGIN, 255)  # letters at the very edge get lost
    file = folder / "words.png"
    paper.resize((paper.width * enlarged, paper.height * enlarged), Image.Resampling.LANCZOS).save(file)
    one_block = ["-l", language, "--psm", "6"]
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    read = subprocess.run(
        ["tesseract", file, "-", *one_block], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    return letters(read.stdout)


def codes_on(ticket: Ticket, folder: Path) -> list[tuple[str, str]]:
    """What zbar finds on the paper, from the top: the kind of code and what it says."""
    file = folder / "codes.png"
    ImageOps.expand(ticket.picture, MARGIN, 255).save(file)
    scan = subprocess.run(["zbarimg", "--quiet", file], capture_output=True, text=True, check=False, timeout=60)
    assert scan.returncode in (0, NO_CODE), scan.stderr
    return [(kind, what) for kind, _, what in (line.partition(":") for line in scan.stdout.splitlines())]


NO_CODE = 4
"""zbarimg's exit status when the picture holds no code."""


def letters(text: str) -> str:
    """Without spaces and punctuation, which nobody reads aloud."""
    return "".join(character for character in unicodedata.normalize("NFKC", text) if character.isalnum())


def mistakes(meant: str, read: str) -> int:
    """The fewest letters to put in, take out or change that make what was read out of what was meant (Levenshtein)."""
    row = list(range(len(read) + 1))
    for place, wanted in enumerate(meant, 1):
        above, row[0] = row[0], place
        for column, found in enumerate(read, 1):
            above, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, above + (wanted != found))
    return row[-1]
