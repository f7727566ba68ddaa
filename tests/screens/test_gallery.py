"""The gallery hangs every kind of page and every widget, in every manner, and needs nothing from outside."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk import pages
from screens import banner, countdown, qr_code, receipt_preview, stepper, table, widgets
from screens.gallery import hall, plates
from screens.layout import Block
from tests.screens.glass import Glass

HOUSE = Path(__file__).parents[2]


def gallery(*options: str, data: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "main.py", "--data", str(data), "gallery", *options],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_saves_a_picture_in_every_manner_and_an_index(tmp_path: Path) -> None:
    """The index shows all of them, and only what lies beside it."""
    done = gallery("--out", str(tmp_path / "g"), "--only", "widget-key", data=tmp_path / "data")
    assert done.returncode == 0, done.stderr
    index = (tmp_path / "g" / "index.html").read_text("utf-8")
    named = set(re.findall(r'(?:src|href)="([^"#]+)"', index))
    assert named == {file.name for file in (tmp_path / "g").glob("*.png")}
    assert len(named) == len(hall.MODES)
    assert "//" not in index
    pictures = {file.read_bytes() for file in (tmp_path / "g").glob("*.png")}
    assert len(pictures) > len(named) / 2, "the manners can be told from each other"


def test_a_name_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = gallery("--out", str(tmp_path / "g"), "--only", "no-such-page", data=tmp_path / "data")
    assert done.returncode == 2
    assert "no-such-page" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_kind_of_page_hangs_there() -> None:
    kinds = {kind for kind in vars(pages).values() if isinstance(kind, type) and issubclass(kind, pages.Page)}
    shown = {type(exhibit.page) for exhibit in hall.exhibits()}
    assert kinds - shown == {pages.Page}


@pytest.mark.asyncio(loop_scope="session")
async def test_every_widget_hangs_there(glass: Glass) -> None:
    """Each class that draws one, on a plate; what others are made of draws nothing itself."""
    drawn: set[str] = set()
    for plate in plates.PLATES.values():
        await glass.show(plate)
        drawn |= {type(widget).__name__ for widget in glass.stage.walk()}
    missing = {
        kind.__name__
        for home in (widgets, banner, countdown, qr_code, receipt_preview, stepper, table)
        for kind in vars(home).values()
        if inspect.isclass(kind) and issubclass(kind, Block) and kind.__module__ == home.__name__
        if not kind.__subclasses__()
    } - drawn
    assert missing == set()
