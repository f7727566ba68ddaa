"""The pictures of README and manual (``make shots``): pages as a resident meets them, at a fixed time, of people who
do not exist. The receipt's picture comes from the tour, whose printer prints it.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from screens.environment import prepare_environment
from tests.face.modes import CARE, CONTRAST_LANDSCAPE, NORMAL, Mode, speaking
from tests.face.pictures import few_colours, picture

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SHORT_SIDE = 540
"""Pixels of a picture: half the panel's."""


@dataclass(frozen=True, kw_only=True)
class Shot:
    """A page in a mode; ``press`` is what is pressed on it before the picture is taken."""

    page: str
    mode: Mode = NORMAL
    press: str = ""
    network: bool = True


SHOTS: Mapping[str, Shot] = {
    "home": Shot(page="home/home"),
    "card": Shot(page="sample/card"),
    "services": Shot(page="sample/tick"),
    "confirm": Shot(page="sample/confirm"),
    "done": Shot(page="sample/done", network=False),
    "result": Shot(page="sample/result"),
    "aids": Shot(page="home/home", press="foot:aids"),
    "home-care": Shot(page="home/home", mode=CARE),
    "home-contrast": Shot(page="home/home", mode=Mode(contrast=True)),
    "home-low": Shot(page="home/home", mode=Mode(low=True)),
    "home-english": Shot(page="home/home", mode=Mode(language="en")),
    "home-landscape": Shot(page="home/home", mode=Mode(landscape=True)),
    "confirm-landscape": Shot(page="sample/confirm", mode=CONTRAST_LANDSCAPE),
}
"""By the name of the file."""


async def take(data: Path) -> None:
    """Takes them all."""
    from screens.gallery.samples import AnyPage
    from tests.face.sweep import pages_in, press
    from tests.screens.glass import open_glass

    async with open_glass() as glass:
        for name, shot in SHOTS.items():
            pages = await pages_in(shot.mode.language, data / name)
            page, head = pages[shot.page]
            with speaking(shot.mode.language):
                glass.on_panel(shot.mode.diagonal, landscape=shot.mode.landscape)
                glass.stage.dress(shot.mode.manner)
                glass.stage.update_status(network=shot.network, printer="ready")
                await glass.show(cast("AnyPage", page), head)
                if shot.press:
                    press(glass.stage, shot.press)
                few_colours(picture(SHORT_SIDE)).save(PICTURES / f"{name}.png", optimize=True)
        await glass.leave()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="shots-") as folder:
        prepare_environment(Path(folder))
        asyncio.run(take(Path(folder)))
