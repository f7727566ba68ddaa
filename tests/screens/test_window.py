"""The window's program begins and ends cleanly, and says at once when there is no screen."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from screens.environment import window_on

ROOT = Path(__file__).parent.parent.parent

PROGRAM = """
import asyncio, sys
from datetime import datetime
from pathlib import Path
from screens.environment import prepare_environment
prepare_environment(Path(sys.argv[1]))
from screens.stage import Stage
from screens.window import KioskApp
from kivy.base import EventLoop
from tests.screens.glass import Times
from screens.gallery.questions import CENTRE
from screens.gallery.samples import SAMPLES

async def main():
    stage = Stage(centre=CENTRE, kiosk="K-001", diagonal_inches=21.5, idle=Times())
    app = KioskApp(stage, lambda error: print(error, file=sys.stderr))
    async with asyncio.TaskGroup() as group:
        page = group.create_task(stage.show(*SAMPLES["home"]))
        running = group.create_task(app.run_until_closed())
        await stage.drawn()
        print("drawn", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        match sys.argv[2]:
            case "stop": app.stop()
            case "close": EventLoop.quit = True  # what kivy does when the window manager asks to close
            case "cancel": running.cancel()
        await asyncio.wait([running])
        page.cancel()

asyncio.run(main())
"""


@pytest.mark.parametrize("way", ["stop", "close", "cancel"])
def test_it_ends_cleanly(tmp_path: Path, way: str) -> None:
    """However the window ends, the program is gone within two seconds, without a traceback."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path), way],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "drawn\n"
    began = time.monotonic()
    _output, errors = process.communicate("\n", timeout=60)
    assert time.monotonic() - began < 2
    assert "Traceback" not in errors
    assert process.returncode == 0


@pytest.mark.parametrize("display", [None, ":987"], ids=["none", "dead"])
def test_without_a_screen_it_fails_at_once(tmp_path: Path, display: str | None) -> None:
    """Without an X server there is one clear line, not a program that draws where nobody looks."""
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    if display is not None:
        environment["DISPLAY"] = display
    program = (
        "import sys\nfrom pathlib import Path\nfrom screens.environment import NoDisplay, prepare_environment\n"
        "try:\n    prepare_environment(Path(sys.argv[1]))\nexcept NoDisplay as error:\n    sys.exit(str(error))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("there is no screen to draw on")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("screen", "fullscreen", "window"),
    [
        ((1080, 1920), False, (1080, 1920)),
        ((1080, 1920), True, (1080, 1920)),
        ((1920, 1080), False, (567, 1008)),
        ((1920, 1080), True, (1920, 1080)),
        ((1366, 768), False, (392, 696)),
    ],
)
def test_the_panel_fits_the_screen(screen: tuple[int, int], fullscreen: bool, window: tuple[int, int]) -> None:
    """The window is the panel at the largest scale that fits, or the whole screen."""
    opened = window_on(*screen, fullscreen=fullscreen)
    assert (opened.width, opened.height) == window
    assert opened.framed == (not fullscreen and screen != (1080, 1920))


TYPING = """
import asyncio, sys
from pathlib import Path
from screens.environment import prepare_environment
prepare_environment(Path(sys.argv[1]))
from devices import open_driver
from devices.keyboard import KEYBOARD
from screens.stage import Stage
from screens.window import KioskApp, hear_keys
from tests.screens.glass import Times
from screens.gallery.questions import CENTRE
from screens.gallery.samples import SAMPLES

async def main():
    stage = Stage(centre=CENTRE, kiosk="K-001", diagonal_inches=21.5, idle=Times())
    app = KioskApp(stage, lambda error: print(error, file=sys.stderr))
    hear_keys(KEYBOARD.typed)
    scanner = open_driver("scanner", "scanner", "keyboard://")
    page = asyncio.create_task(stage.show(*SAMPLES["home"]))
    running = asyncio.create_task(app.run_until_closed())
    await stage.drawn()
    print("drawn", flush=True)
    for _ in range(2):
        scan = await asyncio.to_thread(scanner.read, 15)
        print(scan.text, flush=True)
    page.cancel()
    running.cancel()
    await asyncio.wait([running, page])

asyncio.run(main())
"""


def test_what_a_keyboard_wedge_types_is_scanned(tmp_path: Path) -> None:
    """Keys pressed on the X server, as fast as a wedge presses them: digits, capitals and signs, ended by Enter."""
    process = subprocess.Popen(
        [sys.executable, "-c", TYPING, str(tmp_path)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "drawn\n"
    for code, enter in (("4243669509084040896099330000", "Return"), ("aB-9+/=Zz", "KP_Enter")):
        keys = [{"-": "minus", "+": "plus", "/": "slash", "=": "equal"}.get(sign, sign) for sign in code]
        subprocess.run(["xdotool", "key", "--delay", "4", *keys, enter], check=True, timeout=60)
        assert process.stdout.readline() == f"{code}\n"
    _output, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors
    assert process.returncode == 0


KEYS_FROM_OUTSIDE = """
import asyncio, sys
from pathlib import Path
from screens.environment import prepare_environment
prepare_environment(Path(sys.argv[1]))
from tests.screens.glass import open_glass
from screens.window import hear_keys
from devices.keyboard import KEYBOARD
from devices import open_driver

async def main():
    async with open_glass() as glass:
        hear_keys(KEYBOARD.typed)
        scanner = open_driver("scanner", "scanner", "keyboard://")
        await glass.sample("choose-list")
        print("drawn", flush=True)
        scan = await asyncio.to_thread(scanner.read, 20)
        print(scan.text, glass.stage.focus.lit.means, glass.answered, flush=True)
        async with asyncio.timeout(20):
            print(await glass.showing, flush=True)

asyncio.run(main())
"""


def test_keys_of_the_x_server_press_and_a_scan_between_them_does_not(tmp_path: Path) -> None:
    """Tab, a code as a wedge types it, then Tab and Enter: the scanner has the code, the person the answer."""
    process = subprocess.Popen(
        [sys.executable, "-c", KEYS_FROM_OUTSIDE, str(tmp_path)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "drawn\n"
    keys("Tab")
    keys(*"4243669509084040", "Return", delay="4")
    assert process.stdout.readline() == "4243669509084040 retired False\n"
    keys("Shift_L", "Tab", "Return", delay="400")  # a while after the scan
    assert process.stdout.readline() == "long-stay\n"
    _output, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors


def keys(*names: str, delay: str = "50") -> None:
    subprocess.run(["xdotool", "key", "--delay", delay, *names], check=True, timeout=60)
