"""What must be settled before kivy is first imported: its surroundings, its settings, and that there is a screen.

Kivy reads its settings at import, and without an X server SDL falls back silently to a screen in memory, so the program
would run and nobody would see it. Nothing here imports kivy at the top.
"""

from __future__ import annotations

import ctypes
import os
import sys
from dataclasses import dataclass
from pathlib import Path

SHORT_SIDE, LONG_SIDE = 1080, 1920
"""Pixels of the panel."""
DECORATION = 72
"""Pixels that a window manager's title bar and panel are likely to take of the screen's height."""


class NoDisplay(Exception):
    """There is no X screen to draw on. The message is one line for the person who started the program."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """The window to open: its size in pixels, and whether it has a frame."""

    width: int
    height: int
    framed: bool


def prepare_environment(
    data: Path,
    *,
    fullscreen: bool = False,
    landscape: bool = False,
    maxfps: int = 0,
    kivy_widgets: bool = False,
) -> Window:
    """Settles everything that kivy reads at import, and says which window it opens. Raises NoDisplay.

    ``data`` is the program's data folder; kivy's own files (nothing of a person) go below it. ``maxfps``: turns that
    kivy's own loop makes in a second; 0 for a program with another one (screens/loop.py). ``kivy_widgets``: whether
    there are widgets with a look of kivy's own. The kiosk has none, so it does not wait for their style.
    """
    if "kivy" in sys.modules:
        raise RuntimeError("kivy was imported before its surroundings were prepared")
    window = window_on(*screen_size(), fullscreen=fullscreen, landscape=landscape)
    home = data / "kivy"
    home.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        {
            "SDL_VIDEODRIVER": "x11",
            "KIVY_WINDOW": "sdl2",
            "KIVY_TEXT": "sdl2",
            "KIVY_CLIPBOARD": "sdl2",
            "KIVY_IMAGE": "sdl2",  # for the window's icon: Pillow takes longer to load
            "KIVY_NO_ARGS": "1",
            "KIVY_HOME": str(home),
            "KIVY_NO_CONFIG": "1",  # all is settled here: no file of settings is read or written
            "KIVY_NO_FILELOG": "1",
            "KIVY_LOG_MODE": "PYTHON",
            "KIVY_DPI": "96",
            "KIVY_METRICS_DENSITY": "1",
            "KIVY_METRICS_FONTSCALE": "1",
        }
    )
    _configure(window, fullscreen=fullscreen, maxfps=maxfps)
    if not kivy_widgets:
        _leave_style_out(home)
    return window


def window_on(width: int, height: int, *, fullscreen: bool, landscape: bool = False) -> Window:
    """The window for a screen: the whole screen, or the panel at the largest scale that fits."""
    panel = (LONG_SIDE, SHORT_SIDE) if landscape else (SHORT_SIDE, LONG_SIDE)
    if fullscreen or (width, height) == panel:
        return Window(width=width, height=height, framed=False)
    scale = min(1.0, width / panel[0], (height - DECORATION) / panel[1])
    return Window(width=round(panel[0] * scale), height=round(panel[1] * scale), framed=True)


def screen_size() -> tuple[int, int]:
    """Width and height of the X screen in pixels. Raises NoDisplay."""
    try:
        x11 = ctypes.CDLL("libX11.so.6")  # find_library would run ldconfig each time
    except OSError:
        raise NoDisplay("the X client library is missing: apt-get install libx11-6") from None
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XOpenDisplay.argtypes = [ctypes.c_char_p]
    for call in (x11.XDisplayWidth, x11.XDisplayHeight):
        call.argtypes = [ctypes.c_void_p, ctypes.c_int]
        call.restype = ctypes.c_int
    x11.XCloseDisplay.argtypes = [ctypes.c_void_p]
    display = x11.XOpenDisplay(None)
    if not display:
        where = os.environ.get("DISPLAY")
        reason = f"no X server answers at DISPLAY={where}" if where else "DISPLAY is not set"
        raise NoDisplay(f"there is no screen to draw on: {reason}")
    try:
        return x11.XDisplayWidth(display, 0), x11.XDisplayHeight(display, 0)
    finally:
        x11.XCloseDisplay(display)


def _configure(window: Window, *, fullscreen: bool, maxfps: int) -> None:
    from kivy.config import Config

    settings: dict[str, dict[str, str | int]] = {
        "graphics": {
            "width": window.width,
            "height": window.height,
            "borderless": int(not window.framed),
            "position": "auto" if window.framed else "custom",
            "left": 0,
            "top": 0,
            # Full screen is a borderless window: without a window manager, SDL's own gets no pointer events.
            "fullscreen": 0,
            "resizable": 0,
            "multisamples": 0,
            "maxfps": maxfps,
            "show_cursor": int(not fullscreen),
            "allow_screensaver": 0,
        },
        "kivy": {"exit_on_escape": 0, "log_level": "warning", "keyboard_mode": "", "desktop": 1},
    }
    for section, values in settings.items():
        for key, value in values.items():
            Config.set(section, key, str(value))
    Config.remove_section("input")
    Config.add_section("input")
    # One provider: with two, one finger is two touches.
    Config.set("input", "mouse", "mouse,disable_multitouch")


def _leave_style_out(home: Path) -> None:
    """Loads kivy's language without style.kv, the look of kivy's own widgets: reading it is a tenth of the start.

    Kivy reads it from its data folder when ``kivy.lang`` is imported, and has no switch for it.
    """
    import kivy

    (home / "style.kv").write_text("")
    theirs = kivy.kivy_data_dir
    kivy.kivy_data_dir = str(home)
    try:
        import kivy.lang
    finally:
        kivy.kivy_data_dir = theirs
