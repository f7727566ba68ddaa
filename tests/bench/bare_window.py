"""What a kivy window costs that does nothing: one label, and nothing of the kiosk's code.

Its size and how it is drawn are the kiosk's (screens/environment.py), so that both draw as many pixels as often; all
else is as kivy comes. The peer of the benches of the whole machine:
`python -m tests.bench.bare_window FOLDER [--under-asyncio]`, FOLDER for kivy's own files. Says "drawn" on stdout when
its first frame stands on the screen, and ends with its stdin.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

PANEL = {"width": 1080, "height": 1920, "borderless": 1, "position": "custom", "left": 0, "top": 0}
DRAWING = {"fullscreen": 0, "multisamples": 0, "maxfps": 60}


def main(folder: Path, *, under_asyncio: bool) -> None:
    os.environ.update(
        {
            "SDL_VIDEODRIVER": "x11",
            "KIVY_WINDOW": "sdl2",
            "KIVY_NO_ARGS": "1",
            "KIVY_HOME": str(folder),
        }
    )
    from kivy.config import Config

    for key, value in (PANEL | DRAWING).items():
        Config.set("graphics", key, str(value))

    from kivy.app import App
    from kivy.clock import Clock
    from kivy.core.window import Window
    from kivy.uix.label import Label

    def say(_seconds: float) -> None:
        os.write(1, b"drawn\n")

    def flipped(_window: object) -> None:
        """Comes just before the buffers are swapped, so it is said at the next turn."""
        Window.unbind(on_flip=flipped)
        Clock.schedule_once(say, -1)

    Window.bind(on_flip=flipped)
    app = App()
    app.root = Label(text="Hello")
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    if under_asyncio:
        import asyncio

        asyncio.run(app.async_run("asyncio"))
    else:
        app.run()


def _end_with_stdin() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    if len(sys.argv) < 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("usage: python -m tests.bench.bare_window FOLDER [--under-asyncio]")
    main(Path(sys.argv[1]), under_asyncio="--under-asyncio" in sys.argv)
