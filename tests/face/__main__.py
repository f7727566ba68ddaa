"""The face by machine: ``make face``. Every page × normal and care mode × Chinese and English × three sizes of panel is
held against the table of the face (``rules``), and the question of each is read back from the glass by OCR.

The last line counts; anything that is wrong stands above it, and is exit 1. ``--pictures DIR`` saves each page that
was asked for by a part of its name, in the mode of each.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from itertools import product
from pathlib import Path

from kiosk.texts import LANGUAGES
from screens.environment import prepare_environment
from tests.screens.glass import open_glass


async def run(options: argparse.Namespace, data: Path) -> int:
    """The exit code."""
    from tests.face.reading import Reading
    from tests.face.sweep import DIAGONALS, Mode, Report, pages_in, sweep

    report, reading = Report(), Reading()
    modes = [
        Mode(language=language, care=care, diagonal=diagonal)
        for diagonal, language, care in product(DIAGONALS, LANGUAGES, (False, True))
    ]
    if options.only_narrow:
        modes = [mode for mode in modes if mode.diagonal == DIAGONALS[0]]
    every = {language: await pages_in(language, data / language) for language in LANGUAGES}
    async with open_glass() as glass:
        for mode in modes:
            pages = [(name, sample) for name, sample in every[mode.language].items() if options.page in name]
            async for name in sweep(glass, mode, pages, report):
                if mode.diagonal == DIAGONALS[0] and not options.no_reading:
                    reading.take(glass.stage, name, mode)
                if options.pictures:
                    options.pictures.mkdir(parents=True, exist_ok=True)
                    file = f"{name} {mode}".translate({ord(" "): "-", ord("/"): "-", ord("″"): None})
                    glass.stage.picture(options.pictures / f"{file}.png")
            print(f"{mode}: {len(report.violations)} violations so far", file=sys.stderr, flush=True)
    misread = await reading.misread()
    wrong = [*report.violations, *misread]
    print(*wrong, sep="\n" if wrong else "")
    print(f"questions read: {reading.questions}, misread: {len(misread)}")
    print(
        f"pages={len(report.pages)} modes={len(modes)} texts={report.texts} targets={report.targets}"
        f" violations={len(wrong)}"
    )
    return 1 if wrong else 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="The face by machine.")
    parser.add_argument("--page", default="", help="only pages with this in their name")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="save a picture of each page")
    parser.add_argument("--only-narrow", action="store_true", help="the smallest panel alone, where room is least")
    parser.add_argument("--no-reading", action="store_true", help="without OCR")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="face-") as folder:
        prepare_environment(Path(folder))
        return asyncio.run(run(options, Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
