"""The screens as the hall sees and hears them: with each page go its tone and the state of the status light."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from kiosk.light import Light, state_of
from kiosk.pages import Done, Head, Notice, Page, PlaceCard

if TYPE_CHECKING:
    from kiosk.manner import Manner
    from kiosk.voice import Cue, VoiceOfMachine

A = TypeVar("A")


class Screens(Protocol):
    """What is attended: the same that reception asks of the screens."""

    async def show(self, page: Page[A], head: Head, draft: A | None = None) -> A: ...

    def wipe(self) -> None: ...

    def dress(self, manner: Manner) -> None: ...

    @property
    def unused_for(self) -> float: ...


class Attended:
    """Screens in front of ``screens``."""

    def __init__(self, screens: Screens, voice: VoiceOfMachine, light: Light) -> None:
        self._screens = screens
        self._voice = voice
        self._light = light
        self._sounded: tuple[str, str] = ("", "")
        """The page whose tone was heard, and why: a page that only changes its looks does not sound again."""

    async def show(self, page: Page[A], head: Head, draft: A | None = None) -> A:
        """What is said of the page before ends. Raises what the screens raise."""
        self._voice.hush()
        self._light.show(state_of(page))
        cue, why = cue_of(page)
        if cue is not None and (page.name, why) != self._sounded:
            self._voice.cue(cue)
        self._sounded = (page.name, why)
        return await self._screens.show(page, head, draft)

    def dress(self, manner: Manner) -> None:
        self._screens.dress(manner)

    @property
    def unused_for(self) -> float:
        """Seconds for which nobody has used the page that invites everybody; 0 where another one stands there."""
        return self._screens.unused_for

    def wipe(self) -> None:
        """What was said of the visit ends with it."""
        self._voice.forget()
        self._sounded = ("", "")
        self._screens.wipe()


def cue_of(page: object) -> tuple[Cue | None, str]:
    """The tone of a page, and what it is for."""
    match page:
        case Done(mood="done" | "wait"):
            return "done", ""
        case PlaceCard(problem=problem) if problem:
            return "trouble", problem
        case Done(mood="trouble"):
            return "trouble", page.question
        case Notice(mood="trouble") if page.name != "out-of-order":  # it stands for hours
            return "trouble", page.question
        case _:
            return None, ""
