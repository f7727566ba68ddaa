"""The dock's program: its window and what goes on in it, side by side on one loop, until one of them is ended."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from kivy.app import App
from kivy.core.window import Window

from screens.dock.face import DockFace, look_for
from screens.dock.life import Life


async def run(control: str, central: str | None) -> None:
    """Until the window is closed, a signal comes or a piped stdin ends."""
    life = Life(control, central)
    face = DockFace(life)
    life.changed = face.show
    face.show(life.board)
    with _ends_with(asyncio.current_task()):
        try:
            async with asyncio.TaskGroup() as group:
                living = group.create_task(life.run())
                await DockApp(face).run_until_closed()
                living.cancel()
        except asyncio.CancelledError:
            pass  # asked to end from outside, which is a good end


class DockApp(App):
    """Kivy's App around the face."""

    def __init__(self, face: DockFace) -> None:
        super().__init__()
        self.face = face

    def build(self) -> DockFace:
        self.title = "演示台"
        Window.clearcolor = look_for(*Window.size).colour("paper")
        Window.bind(on_resize=self._resized, on_flip=self._flipped)
        self.face.fill(*Window.size)
        return self.face

    async def run_until_closed(self) -> None:
        """Returns when the window was closed; cancelling closes it."""
        try:
            await self.async_run("asyncio")
        finally:
            Window.close()

    def _resized(self, _window: object, width: int, height: int) -> None:
        self.face.fill(width, height)

    def _flipped(self, _window: object) -> None:
        if self.face.is_drawn:
            Window.unbind(on_flip=self._flipped)
            print(json.dumps({"dock": "open"}), flush=True)  # noqa: T201


@contextmanager
def _ends_with(task: asyncio.Task[None] | None) -> Iterator[None]:
    """Cancel the task on SIGTERM and SIGINT, and when a piped stdin ends with whoever held its other end."""
    assert task is not None
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    piped = _stdin_is_piped()

    def on_stdin() -> None:
        if not os.read(0, 4096):
            loop.remove_reader(0)
            task.cancel()

    if piped:
        loop.add_reader(0, on_stdin)
    try:
        yield
    finally:
        if piped:
            loop.remove_reader(0)


def _stdin_is_piped() -> bool:
    """A terminal or a file says nothing about whoever started the program."""
    try:
        kind = os.fstat(0).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind)
