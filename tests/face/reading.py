"""Reads the questions back from the glass, as somebody with fair eyes would: by OCR (tesseract)."""

from __future__ import annotations

import asyncio
import os
import re
import unicodedata
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING

from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels
from PIL import Image, ImageOps

from kiosk.identity import STAR
from screens.text import Text

if TYPE_CHECKING:
    from screens.stage import Stage
    from tests.face.modes import Mode

MISREAD = 0.1
"""Share of the characters that may be read otherwise; one always may."""
AIR = 12
"""Pixels around the question."""
AT_ONCE = 2
LAYOUTS = ("6", "11")
"""How tesseract takes what it sees: as a block; where it stumbles over that, as words wherever they stand. People look
twice too."""
LANGUAGES = {"zh": "chi_sim", "en": "eng"}


@dataclass
class Reading:
    """Pictures of questions, each question once in each mode, and what was read in them."""

    _taken: dict[tuple[str, str], tuple[str, str, bytes]] = field(default_factory=dict)

    @property
    def questions(self) -> int:
        return len(self._taken)

    def take(self, stage: Stage, name: str, mode: Mode) -> None:
        """Takes a picture of the question that stands there; a page that has the whole glass has none in that place."""
        block = stage._panes.question
        if block is None:
            return
        title = stage._look.style("title")
        question = next(widget for widget in block.walk() if isinstance(widget, Text) and widget.style == title)
        said = (question.text, str(mode))
        if said in self._taken:
            return
        x, y = max(0, int(question.x) - AIR), max(0, int(question.y) - AIR)
        width, height = min(int(question.width) + 2 * AIR, Window.width - x), int(question.height) + 2 * AIR
        Window.dispatch("on_draw")
        pixels = glReadPixels(x, y, width, height, GL_RGB, GL_UNSIGNED_BYTE)
        picture = Image.frombytes("RGB", (width, height), pixels).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        png = BytesIO()
        grey = picture.convert("L").resize((width // 2, height // 2), Image.Resampling.LANCZOS)
        (ImageOps.invert(grey) if mode.contrast else grey).save(png, "PNG")  # the reader is at home on paper
        has_han = re.search("[\u4e00-\u9fff]", question.text) is not None
        self._taken[said] = name, LANGUAGES["zh" if has_han else mode.language], png.getvalue()

    async def misread(self) -> list[str]:
        """The questions that were not read as they are."""
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(question: str, mode: str, name: str, language: str, png: bytes) -> str:
            wanted = _letters(question)
            allowed = max(1, MISREAD * len(wanted)) + question.count(STAR)  # which covers a figure, and is no letter
            seen = ""
            for layout in LAYOUTS:
                async with turns:
                    seen = await _read(png, language, layout)
                if distance(_letters(seen), wanted) <= allowed:
                    return ""
            return f"{name} [{mode}]: {question!r} is read {seen!r}"

        reading = [one(question, mode, *taken) for (question, mode), taken in self._taken.items()]
        return [misread for misread in await asyncio.gather(*reading) if misread]


async def _read(png: bytes, language: str, layout: str) -> str:
    program = await asyncio.create_subprocess_exec(
        "tesseract", "stdin", "stdout", "-l", language, "--psm", layout,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
    )  # fmt: skip
    out, _ = await program.communicate(png)
    return " ".join(out.decode().split())


def _letters(text: str) -> str:
    """What is read: letters and digits, in one case and width."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def distance(one: str, other: str) -> int:
    """The fewest letters to put in, take out or change (Levenshtein)."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        before, row[0] = row[0], number
        for place, wanted in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != wanted))
    return row[-1]
