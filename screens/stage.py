"""The stage: shows a page, returns its answer. All of a visit's touching and idling happens here.

One page is shown at a time. ``show`` ends with the answer, or with the exceptions of ``kiosk.manner`` and
``kiosk.desk`` when the person takes another way out. When it is cancelled (a card has answered the page), what is drawn
stays until the next page stands there, so the glass is never empty.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from math import ceil
from pathlib import Path
from typing import TypeVar, cast

from kivy.clock import Clock
from kivy.core.window import Window
from kivy.input.motionevent import MotionEvent
from kivy.lang import Builder
from kivy.uix.widget import Widget

from kiosk.desk import Left
from kiosk.identity import Unreadable
from kiosk.manner import Anew, Back, Manner
from kiosk.pages import Attract, Head, Home, Page, Wait
from kiosk.voice import Silent, Voice
from screens.aids import AidsView, aids_page
from screens.focus import Around, Focus
from screens.foot import Ways, home_foot, usual_foot
from screens.frame import FootButton, HeadWords, PrinterState, Status
from screens.idle import IdleTimes, closes_itself, patience
from screens.panes import Panes
from screens.pictures import save_picture
from screens.slide import Trail
from screens.text import warm
from screens.theme import Rect, Theme, panel_in
from screens.touch import Gate, Target
from screens.view import Setting, View
from screens.views import make_view
from screens.zones import zones

A = TypeVar("A")

SHANGHAI = timezone(timedelta(hours=8))
CLIPBOARD = "kivy.core.clipboard"
"""Only what has imported it can have copied something; importing it takes 15 ms of the start."""
TICK = 0.25
"""Seconds between two looks at the clocks."""
LISTENING_STAYS = 30.0
"""Seconds at least that a page stands which closes by itself, where it is read aloud."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class ShownPage:
    """A page that stands on the glass. ``serial`` counts the pages shown since the start."""

    serial: int
    page: Page[object]
    head: Head


class Stage(Widget):
    """Everything that is drawn. One for the life of the program; the root widget of the window."""

    def __init__(
        self,
        *,
        centre: str,
        kiosk: str,
        diagonal_inches: float,
        idle: IdleTimes,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        voice: Voice | None = None,
        views: Callable[[Setting, Page[object], object], View] = make_view,
    ) -> None:
        super().__init__(size_hint=(None, None))
        self.voice = voice or Silent()
        self.centre = centre
        self.kiosk = kiosk
        self.diagonal_inches = diagonal_inches
        self.idle_times = idle
        self.manner = Manner()
        self._monotonic, self._wall, self._views = monotonic, wall, views
        self.gate = Gate(monotonic)
        self._status = Status()
        self._shown: ShownPage | None = None
        self._view: View | None = None
        self._answer: asyncio.Future[object] | None = None
        self._serial = self._drawn_serial = 0
        self._waiting: list[tuple[int, asyncio.Future[ShownPage]]] = []
        self._has_page = asyncio.Event()
        self._touched_at = self._began_at = monotonic()
        self._by_touch = False
        self._aids: AidsView | None = None
        self._back_to_aids = False
        self._unfinished: dict[str, object] = {}
        self._panes, self._trail = Panes(monotonic), Trail()
        self.add_widget(self._panes)
        around = Around(parts=self._panes.parts, present=self._present, leave=self._touch_leave)
        self.focus = Focus(self.gate, self.voice, around)
        self.canvas.after.add(self.focus.drawing)
        self._look = self._new_look()
        Window.bind(on_flip=self._flipped, on_resize=self._resized)
        other = Theme(self._look.panel, diagonal_inches, Manner(care=True))
        self._warming = itertools.chain(warm(self._look), warm(other))
        self._ticking = Clock.schedule_interval(lambda _dt: self.tick(), TICK)

    # What the kiosk calls

    async def show(self, page: Page[A], head: Head, draft: A | None = None) -> A:
        """Shows ``page`` and returns its answer. Raises Back, Left, Anew and HelpAsked."""
        if self._answer is not None and not self._answer.done():
            raise RuntimeError("a page is shown already")
        answer: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._answer = answer
        self._serial += 1
        # What changes by itself does not take the aids away from over it.
        aids_stay = self._aids is not None and self._shown is not None and self._shown.page.name == page.name
        self._shown = ShownPage(serial=self._serial, page=cast("Page[object]", page), head=head)
        self.gate.page = self._serial
        if self._by_touch:
            self.gate.shut()
        self._by_touch = False
        self._began_at = self._touched_at = self._monotonic()
        self._view = self._make_view(self._shown, draft)
        if isinstance(page, Home):
            self._unfinished.clear()
        self._view.resume(self._unfinished.pop(page.name, None))
        self._aids = self._make_aids(self._shown) if self._back_to_aids or aids_stay else None
        self._back_to_aids = False
        self._lay_out()
        self._has_page.set()
        way = self._trail.lead_to(self._shown.page)
        if self.parent is not None:
            self._panes.slide.put_aside(0 if self.manner.care else way * self._look.size("margin"))
            self._draw_now()
            self._panes.slide.come_in()
        try:
            return cast(A, await answer)
        finally:
            answer.cancel()

    def dress(self, manner: Manner) -> None:
        """Draws the pages that follow in another manner."""
        if manner != self.manner:
            self.manner = manner
            self._look = self._new_look()
            self._panes.forget_looks()

    def on_panel(self, diagonal_inches: float) -> None:
        """The same window as a panel of another size: its millimetres are other pixels."""
        self.diagonal_inches = diagonal_inches
        self._resized(None, *Window.size)

    def update_status(
        self, *, network: bool | None, printer: PrinterState, unreadable: Unreadable | None = None
    ) -> None:
        """What the head says of network (None: not known yet), printer and readers."""
        self._status = Status(network=network, printer=printer, unreadable=unreadable)
        if self._has_page.is_set():
            self._draw_head()

    def wipe(self) -> None:
        """Forgets the visit: manner, clipboard, widgets, what was touched."""
        self.dress(Manner())
        self.gate.forget()
        self.focus.forget()
        self._by_touch = False
        self._view = self._aids = None
        self._back_to_aids = False
        self._unfinished.clear()
        self._shown = None
        self._trail.forget()
        self._panes.clear()
        self._panes.forget_looks()
        if CLIPBOARD in sys.modules:
            sys.modules[CLIPBOARD].Clipboard.put(b"")

    async def has_page(self) -> None:
        """Waits until there is a first page, so that the window's first frame need not be an empty one."""
        await self._has_page.wait()

    async def drawn(self, after: int = 0) -> ShownPage:
        """Waits until a page with a serial above ``after`` stands on the glass as it is, and returns it.

        That is from its first frame on: the whole page is there to be read and pressed while it still comes in.
        """
        if self._shown is not None and not self._panes.dirty and self._drawn_serial == self._serial > after:
            return self._shown
        waiting: asyncio.Future[ShownPage] = asyncio.get_running_loop().create_future()
        self._waiting.append((after, waiting))
        return await waiting

    def targets(self) -> list[tuple[object, Rect]]:
        """What can be pressed: what it means, and where in the window. In reading order."""
        found = [
            (target.means, Rect(x=target.x, y=target.y, width=target.width, height=target.height))
            for target in self.walk()
            if isinstance(target, Target) and target.enabled
        ]
        return sorted(found, key=lambda pair: (-round(pair[1].top), round(pair[1].x)))

    def ticked(self) -> list[object]:
        """What the tiles mean that have a tick."""
        return [target.means for target in self.walk() if isinstance(target, Target) and target.ticked]

    @property
    def shown(self) -> ShownPage | None:
        """The page that stands there, or that stood there last; None after a wipe."""
        return self._shown

    def picture(self, path: Path) -> None:
        """Saves the page as it comes to rest as a PNG; call after ``drawn``. OSError when it cannot be written."""
        self.settle()
        save_picture(path)

    def settle(self) -> None:
        """Ends the motion of the page that came last: it is where it comes to rest."""
        self._panes.slide.settle()

    def tick(self) -> None:
        """Looks at the clocks: the minute in the head, idleness, pages that close by themselves."""
        self._draw_head()
        if self._drawn_serial and not self._panes.slide.moves:
            next(self._warming, None)
        if self._shown is None or self._answer is None or self._answer.done():
            return
        page, now = self._shown.page, self._monotonic()
        closes = closes_itself(page) if self._aids is None else None
        if closes is not None:
            after, answer = closes
            stays = after * (2 if self.manner.care else 1)
            if self.manner.listen:
                stays = max(stays, LISTENING_STAYS)
            if now - max(self._began_at, self._touched_at, self.focus.speaks_until) >= stays:
                self._end(answer)
            return
        quiet = self._quiet
        warn, wipe = patience(page, self.idle_times, care=self.manner.care or self.manner.listen)
        if isinstance(page, Home):
            # Nobody is warned here; but what one person set about the screens is not left to the next.
            if quiet >= (self.idle_times.attract_after if self.manner == Manner() else warn + wipe):
                self._fail(Left("idle"))
            return
        with self.focus.unasked():
            if self._view is not None:
                self._view.passed(now - self._began_at)
            if isinstance(page, Attract):
                return
            if quiet >= warn + wipe:
                if self._shown.head.can_leave or self._changed_by_somebody(page):
                    self._fail(Left("idle"))
            elif quiet >= warn and self._shown.head.can_leave:
                self._warn(ceil(warn + wipe - quiet))

    def _changed_by_somebody(self, page: Page[object]) -> bool:
        """Whether what stands there is what somebody made of a page that nobody can leave (out of order)."""
        return not isinstance(page, Wait) and (self._aids is not None or page.awaits_staff or self.manner != Manner())

    @property
    def _quiet(self) -> float:
        """Seconds since somebody touched something, or listened to what they asked for."""
        return self._monotonic() - max(self._touched_at, self.focus.speaks_until)

    @property
    def unused_for(self) -> float:
        """Seconds for which nobody has used the page that invites everybody; 0 where another one stands there."""
        if self._shown is None or self._aids is not None or not isinstance(self._shown.page, Home | Attract):
            return 0.0
        return self._quiet

    def close(self) -> None:
        """Lets go of the window and of the clocks. May be called twice."""
        self._ticking.cancel()
        self.focus.close()
        Window.unbind(on_flip=self._flipped, on_resize=self._resized)

    # Touches

    def on_touch_down(self, touch: MotionEvent) -> bool:
        if touch.is_mouse_scrolling:  # a wheel is no finger
            return True
        self._touched_at = self._monotonic()
        if self.focus.takes(touch):
            return True
        super().on_touch_down(touch)
        self._stay()
        return True

    def on_touch_up(self, touch: MotionEvent) -> bool:
        self.focus.lifted()
        return bool(super().on_touch_up(touch))

    def _present(self) -> bool:
        """Somebody is there; whether that lifted the idle warning."""
        warned = self._panes.warning is not None
        self._stay()
        return warned

    # How a page ends

    @property
    def _is_open(self) -> bool:
        """Whether the page still waits for its answer: it stands on the glass until the next one comes."""
        return self._answer is not None and not self._answer.done()

    def _end(self, value: object) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(value)

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)

    def _touch_answer(self, value: object) -> None:
        self._by_touch = True
        self._end(value)

    def _touch_leave(self, make: Callable[[], Exception]) -> None:
        """For help, home, or another manner: where the page comes back, so does what was entered in it."""
        if not self._is_open:
            return
        self._by_touch = True
        if self._view is not None and self._shown is not None:
            self._unfinished[self._shown.page.name] = self._view.unfinished()
        self._fail(make())

    def _back(self) -> None:
        if self._aids is not None:
            self._close_aids()
        elif self._view is not None and self._view.back():
            self._refresh()
        elif self._is_open:
            self._by_touch = self._trail.goes_back = True
            self._fail(Back())

    # 看和听

    def _open_aids(self) -> None:
        if self._shown is not None:
            self._aids = self._make_aids(self._shown)
            self._refresh()

    def _close_aids(self) -> None:
        self._aids = None
        self._refresh()

    def _change(self, manner: object) -> None:
        """A press on the page of aids: what stands below it comes again in that manner, and the aids over it."""
        if isinstance(manner, Manner) and self._is_open:
            self._back_to_aids = True
            self._touch_leave(lambda: Anew(manner))

    def _make_aids(self, shown: ShownPage) -> AidsView:
        setting = Setting(
            look=self._look, gate=self.gate, head=Head(title=shown.head.title), answer=self._change,
            refresh=self._refresh, now=self._now, status=lambda: self._status,
        )  # fmt: skip
        page = aids_page(self.manner, landscape=self._look.landscape)
        return AidsView(setting, page, self._close_aids, self.voice)

    # Drawing

    def _new_look(self) -> Theme:
        width, height = Window.size
        panel = panel_in(width, height)
        self.pos, self.size = (0, 0), (width, height)
        look = Theme(panel, self.diagonal_inches, self.manner)
        Window.clearcolor = look.colour("paper")
        self.focus.dress(look)
        return look

    def _make_view(self, shown: ShownPage, draft: object) -> View:
        setting: Setting = Setting(
            look=self._look, gate=self.gate, head=shown.head, answer=self._touch_answer, refresh=self._refresh,
            aids=self._open_aids,
            now=self._now, status=lambda: self._status,
        )  # fmt: skip
        return self._views(setting, shown.page, draft)

    def _now(self) -> datetime:
        return self._wall().astimezone(SHANGHAI)

    def _refresh(self) -> None:
        """The page changed in place. The second tap of two presses nothing that has just come under the finger."""
        before = self._standing()
        self._lay_out()
        if self._standing() != before:
            self.gate.shut()

    def _standing(self) -> list[tuple[object, int, int]]:
        return [(each.means, round(each.x), round(each.y)) for each in self.walk() if isinstance(each, Target)]

    def _lay_out(self) -> None:
        view = self._aids or self._view
        if view is None:
            return
        look = self._look
        if view.whole:
            self._panes.lay_out_whole(look.panel, view.answer(look.panel))
            self.focus.settle(view)
            return
        self._draw_head()
        self._panes.draw_foot(look, self.gate, view.foot(self._usual_foot(view)))
        question = self.focus.captioned(view, view.question())
        places = zones(look, question, alone=view.alone)
        answer = view.answer(places.answer)
        if self.focus.listens and not places.hold(answer):
            question = self.focus.without_caption(view.question())
            places = zones(look, question, alone=view.alone)
            answer = view.answer(places.answer)
        self._panes.lay_out(places, question, answer)
        self.focus.settle(view)

    def _draw_head(self) -> None:
        shown = self._shown
        if self._view is not None and self._view.whole:
            return
        head = shown.head if shown is not None else Head(title=self.centre)
        if head.step:
            below = head.step
        elif shown is None or isinstance(shown.page, Home):
            below = self.kiosk
        else:
            below = self.centre
        words = HeadWords(
            title=head.title,
            clock=self._now().strftime("%H:%M"),
            below_clock="" if below == head.title else below,
            status=self._status,
        )
        self._panes.draw_head(self._look, words)

    def _usual_foot(self, view: View) -> list[FootButton]:
        page = self._shown.page if self._shown is not None else None
        ways = Ways(answer=self._touch_answer, leave=self._touch_leave, back=self._back, aids=self._open_aids)
        if isinstance(page, Home) and self._aids is None:
            return home_foot(ways, page, self._look, self.gate)
        can_leave = self._shown is None or self._shown.head.can_leave
        # What has been decided is carried through in the manner in which it was decided.
        can_change = can_leave or not isinstance(page, Wait)
        return usual_foot(ways, can_go_back=view.can_go_back, can_leave=can_leave, can_change=can_change)

    def _draw_now(self) -> None:
        """The first frame of a page does not wait for the next turn of kivy's loop: up to 16 ms sooner after a card."""
        Builder.sync()
        Clock.tick_draw()
        Window.dispatch("on_draw")
        Window.dispatch("on_flip")

    def _flipped(self, _window: object) -> None:
        self._panes.dirty = False
        self._drawn_serial = self._serial
        if not self._waiting or self._shown is None:
            return
        shown = self._shown
        ready = [future for after, future in self._waiting if self._serial > after and not future.done()]
        self._waiting = [(after, f) for after, f in self._waiting if f not in ready and not f.done()]
        for future in ready:
            future.set_result(shown)

    def _resized(self, _window: object, _width: int, _height: int) -> None:
        self._look = self._new_look()
        self._panes.forget_looks()
        if self._shown is not None:
            unfinished = self._view.unfinished() if self._view is not None else None
            self._view = self._make_view(self._shown, None)
            self._view.resume(unfinished)
            self._aids = None
            self._lay_out()

    # Idleness

    def _warn(self, seconds: int) -> None:
        if self._panes.warn(self._look, self.gate, seconds, self._stay):
            self.focus.warned()

    def _stay(self) -> None:
        self._touched_at = self._monotonic()
        self._panes.lift_warning()
