"""The simulator dock (演示台): a window and a process of its own over the simulators' control port.

For demonstrations and for developers: fictitious people hold out their cards and the codes on their telephones, devices
fail, the telephones receive messages, and the paper can be seen as it is printed. It steers the simulators and reads
the telephones of the demonstration's central, and knows nothing of the kiosk beside it.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from urllib.parse import urlsplit

from devices.lines import check_line_url
from screens.environment import NoDisplay, prepare_environment, screen_size

WIDTH, HEIGHT = 620, 960
"""The window at its start, in pixels: fits beside the kiosk's on a screen of 1920×1080."""
MARGIN = 16
"""Pixels between the window and the right edge of the screen."""

_log = logging.getLogger(__name__)


def run_dock(control: str, central: str | None, data: Path) -> int:
    """Show the dock until its window is closed, SIGTERM or SIGINT comes, or a piped stdin ends; the exit code.

    `control` is the simulators' control port (tcp://HOST:PORT), `central` the demonstration's central
    (http://HOST:PORT), None where there is no telephone to show. Says {"dock": "open"} on stdout once the window is
    up. 0 when it was ended; 2 for a wrong address, or without a screen to draw on.
    """
    try:
        check_line_url(control, ("tcp",))
        if central is not None:
            _check_http_url(central)
        prepare_environment(data, kivy_widgets=True)  # its lists scroll with kivy's bars
        across, up = screen_size()
    except (ValueError, NoDisplay) as error:
        _log.error("dock: %s", error)
        return 2
    _configure(across, up)
    from screens.dock.window import run

    asyncio.run(run(control, central))
    return 0


def _check_http_url(url: str) -> None:
    """ValueError when it is none."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is no address of a central; allowed: http://127.0.0.1:8080")


def _configure(across: int, up: int) -> None:
    """Beside the kiosk: at the right edge of the screen."""
    from kivy.config import Config

    width, height = min(WIDTH, across), min(HEIGHT, up)
    settings = {
        "width": width,
        "height": height,
        "minimum_width": 420,
        "minimum_height": 480,
        "borderless": 0,
        "resizable": 1,
        "position": "custom",
        "left": max(0, across - width - MARGIN),
        "top": max(0, (up - height) // 3),
        "show_cursor": 1,
        "allow_screensaver": 1,
        "maxfps": 30,
    }
    for key, value in settings.items():
        Config.set("graphics", key, str(value))
