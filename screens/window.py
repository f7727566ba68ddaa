"""The window's program: kivy's App around the stage, run inside asyncio until the window is closed."""

from __future__ import annotations

import logging
from collections.abc import Callable

from kivy.app import App
from kivy.base import EventLoop, ExceptionHandler, ExceptionManager
from kivy.core.window import Window

from devices.discreet import where_of
from screens.loop import Loop
from screens.stage import Stage

_log = logging.getLogger(__name__)


class KioskApp(App):
    """Shows ``stage`` until the window is closed. ``failed`` hears of an exception in a callback; the window stays."""

    def __init__(self, stage: Stage, failed: Callable[[Exception], None]) -> None:
        super().__init__()
        self.stage = stage
        self.handler = _Handler(failed)

    def build(self) -> Stage:
        self.title = self.stage.centre
        return self.stage

    def open_settings(self, *_args: object) -> bool:
        """Kivy's own settings, which F1 opens, have no place here: a scanner that types may press it."""
        return False

    async def run_until_closed(self) -> None:
        """Returns when the window was closed; cancelling closes it. No traceback either way."""
        ExceptionManager.add_handler(self.handler)
        EventLoop.async_mainloop = Loop().run
        try:
            await self.async_run("asyncio")
        finally:
            ExceptionManager.remove_handler(self.handler)
            self.stage.close()
            Window.close()


def hear_keys(typed: Callable[[str], None]) -> None:
    """Hands over what is typed in the window, from here on and for good: characters as they come, Enter as "\\r".

    For scanners that type what they see; what a person types is told apart in ``screens.keys``.
    """

    def key(_window: object, key: int, *_more: object) -> None:
        if key in _ENTER:
            typed("\r")

    Window.bind(on_textinput=lambda _window, text: typed(text), on_key_down=key)


_ENTER = (13, 271)
"""Kivy's codes of Enter and of the number pad's."""


class _Handler(ExceptionHandler):
    """An exception in a callback of kivy's is logged and told, and the loop goes on, so that the glass can say so."""

    def __init__(self, failed: Callable[[Exception], None]) -> None:
        super().__init__()
        self.failed = failed

    def handle_exception(self, inst: BaseException) -> int:
        """Kivy's answer for "go on" or "raise"."""
        if not isinstance(inst, Exception):
            return int(ExceptionManager.RAISE)
        _log.error("a callback of the screens failed: %s", where_of(inst))
        self.failed(inst)
        return int(ExceptionManager.PASS)
