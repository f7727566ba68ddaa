"""The life of the machine: home → service → home; idle, wipe, out of order; another catalogue between two visits.

A wipe resets everything: the person, answers, language, care mode, and all that screens hold. Every return to the home
page forgets the person; what was set about the screen stays until the person is gone or done.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from kiosk import texts, trouble_pages
from kiosk.catalog import ALL, AT_DESK, CHANGED, HOME, SEARCH, Catalog, at_desk_page
from kiosk.contract import acts
from kiosk.desk import Left, Onward
from kiosk.equipment import Equipment, Guest, Stage, show_help
from kiosk.errors import CannotKeep, Declined, NotKept, Unavailable
from kiosk.items import Category, Group, Item
from kiosk.manner import Anew, Back, HelpAsked, Manner
from kiosk.pages import Attract, Head, Notice, Page
from kiosk.racing import first
from kiosk.rating import how_it_was
from kiosk.station import Station
from kiosk.texts import _
from kiosk.visit import Visit

if TYPE_CHECKING:
    from kiosk.counter import Counter
    from kiosk.in_force import Offer
    from kiosk.serving import Serving
    from kiosk.settings import Settings

A = TypeVar("A")

QUIET = 20.0
"""Seconds without a touch after which nobody stands before the home page who would miss it."""
LOOK = 1.0
"""Seconds between two looks at whether somebody still does, once there is another catalogue."""

_log = logging.getLogger(__name__)


class Screens(Stage, Protocol):
    """What reception asks of the screens beyond showing a page."""

    def wipe(self) -> None: ...

    def dress(self, manner: Manner) -> None: ...

    @property
    def unused_for(self) -> float:
        """Seconds for which nobody has used the page that invites everybody; 0 where another one stands there."""


class Renewal(Protocol):
    """Where another catalogue and other settings come from (``renewal.Renewal``)."""

    @property
    def is_due(self) -> bool: ...

    async def due(self) -> None: ...

    async def next_offer(self) -> Offer | None: ...


@dataclass
class Reception:
    """Receives one guest after the other, for ever. ``troubles`` are the reasons why the machine is out of order."""

    equipment: Equipment
    screens: Screens
    catalog: Catalog
    station: Station
    serving: Callable[[], Serving]
    clock: Callable[[], datetime]
    renewal: Renewal | None = None
    apply: Callable[[Settings], None] = lambda _settings: None
    """Has the machine go by other settings."""
    manner: Manner = field(default_factory=Manner)
    troubles: dict[str, Callable[[], str]] = field(default_factory=dict)
    hall_is_empty: bool = False
    """Whether nobody stands at the machine, as far as can be told."""
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _broken: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Never returns."""
        while True:
            await self._renew()
            if self.troubles:
                await self._out_of_order()
                continue
            self._broken.clear()
            try:
                await first(self._one_guest(), self._broken.wait())
            except _TroubleCame:
                _log.warning("out of order: %s", ", ".join(self.troubles))
            except _CatalogCame:
                continue

    def get_ready(self) -> None:
        """Loads what serving a person takes: the first page does not wait for it. Raises CatalogError."""
        _counter()
        self.serving()

    def start_over(self) -> None:
        """Ends the visit under way as if the person had left: the screens cannot be trusted."""
        self._broken.set()

    def trouble(self, name: str, words: Callable[[], str] | None) -> None:
        """Reports a reason to be out of order, or (None) that it has gone. A service under way is finished first."""
        if words is None:
            self.troubles.pop(name, None)
        else:
            self.troubles[name] = words
        self._changed.set()

    async def _one_guest(self) -> None:
        """From the home page to the wipe."""
        try:
            await self._serve_until_gone(Guest())
        finally:
            self._wipe()

    async def _serve_until_gone(self, guest: Guest) -> None:
        while True:
            try:
                chosen = await self._home()
            except Left as left:
                if left.reason != "idle" or self.manner != Manner():
                    return
                # The hall is empty. What a guest was is forgotten before it rests, so that a touch leads home at once.
                self._wipe()
                await self._rest()
                guest = Guest()
                continue
            if chosen is None:
                continue
            try:
                chosen = await self._serve_on(chosen, guest)
            except Left as left:
                if left.reason != "cancelled":
                    return
                guest = Guest()
            else:
                await self._rate(chosen)
                return

    async def _serve_on(self, item: Item, guest: Guest) -> Item:
        """Serves one item after the other, as a journey leads from one to the next; the last of them."""
        while True:
            try:
                await self._serve(item, guest)
            except Onward as onward:
                item = self._items[onward.item]
            else:
                return item

    async def _serve(self, item: Item, guest: Guest) -> None:
        """Runs the item's journey, and what can be said when it cannot go on."""
        counter = _counter()(self.equipment, item, guest, lambda: self.manner, self._change)
        try:
            await self._go_on(item, counter)
        finally:
            counter.forget_upload()

    async def _go_on(self, item: Item, counter: Counter) -> None:
        visit = Visit(counter, now=self.clock(), change=self._change)
        site = self.equipment.site
        journey, guided = self.serving().journeys[item.code], False
        while True:
            try:
                return await visit.run(journey)
            except Unavailable as error:
                _log.info("%s: central is unavailable: %s", item.code, error.reason)
                page: Callable[[], Notice] = partial(trouble_pages.unavailable, site, error.reason, item)
            except Declined as error:
                _log.warning("%s: declined: %s", item.code, error.code)
                page = partial(trouble_pages.declined, site, item)
            except CannotKeep as error:
                _log.error("%s: nothing can be recorded now: %s %s", item.code, error, error.detail)
                page = partial(trouble_pages.cannot_record, site, item)
            except NotKept as error:
                _log.error("%s: not recorded: %s %s", item.code, error, error.detail)
                unsure = error.reason == "unsure"
                page = partial(trouble_pages.perhaps_recorded if unsure else trouble_pages.not_recorded, site)
            answer = await self._show(partial(trouble_pages.beside_guide, page) if guided else page, item)
            if answer == "guide":
                visit = Visit(counter, now=self.clock(), change=self._change)
                journey, guided = self.serving().guides[item.code], True
            elif answer == "again":
                visit.try_again()
            else:
                raise Left("cancelled")

    async def _rate(self, item: Item) -> None:
        """好差评, once, when paper and card are taken. Nobody has to, and nobody waits for what becomes of it."""
        if not item.rated:
            return
        rating = await how_it_was(partial(self._show, item=item), item.code)
        if rating is None:
            return
        try:
            await self.equipment.outbox.commit(rating)
        except NotKept as error:
            _log.error("a rating is not recorded: %s", error)

    # -- home and the lists under it -----------------------------------------------------------------------------------

    async def _home(self) -> Item | None:
        """What the person wants to do; None when they looked and came back."""
        today = await self._visitors_today()
        home = lambda: self.catalog.home(self.station.welcome(today))  # noqa: E731 - remade in each language
        chosen = await first(self._show(home), self._interruption(after=QUIET))
        lists: list[str] = []
        while chosen not in self._items:
            make = self._list_for(chosen, lists)
            if make is None:
                return None
            answer = await self._list(make)
            if answer is not None:
                lists.append(chosen)
                chosen = answer
            elif lists:
                chosen = lists.pop()
            else:
                return None
        return self._items[chosen]

    def _list_for(self, chosen: str, lists: Sequence[str]) -> Callable[[], Page[str]] | None:
        """The page that an answer leads to; ``lists`` are the answers before it. None: the home page."""
        if chosen == SEARCH:
            return self.catalog.search_page
        if chosen == ALL:
            return partial(self.catalog.all_page, self.clock().date())
        if chosen == CHANGED:
            return partial(self.catalog.changed_page, self.clock().date())
        if chosen in self._categories:
            return partial(self.catalog.list_page, self._categories[chosen], self.equipment.site.phone)
        if chosen in self._groups:
            return partial(self.catalog.group_page, self._groups[chosen])
        if chosen == AT_DESK:
            last = next((self._categories[code] for code in reversed(lists) if code in self._categories), None)
            return partial(at_desk_page, last, self.equipment.site.phone)
        return None

    async def _rest(self) -> None:
        """The still page of an empty hall, until somebody touches it or the machine goes out of order."""
        head = Head(title=self.equipment.site.name)
        self.hall_is_empty = True
        try:
            await first(self.equipment.stage.show(self._attract(), head), self._interruption())
        except Anew as anew:  # by a key: somebody who listens has come
            self._change(anew)
        finally:
            self.hall_is_empty = False

    def _attract(self) -> Attract:
        return Attract(
            name="attract",
            question=_begin(),
            place=self.equipment.site.name,
            offers=self.catalog.offers(),
            also=tuple(_begin_in(other) for other in texts.LANGUAGES if other != texts.language()),
        )

    async def _visitors_today(self) -> int | None:
        """How many riders checked in here today; None where the outbox does not say."""
        try:
            return await self.equipment.outbox.count_since(acts.RiderCheckIn.kind, _midnight(self.clock()))
        except NotKept as error:
            _log.error("the outbox does not answer: %s", error)
            return None

    @property
    def _items(self) -> dict[str, Item]:
        return {item.code: item for item in self.catalog.items}

    @property
    def _categories(self) -> dict[str, Category]:
        return {category.code: category for category in self.catalog.categories}

    @property
    def _groups(self) -> dict[str, Group]:
        return {group.code: group for group, _category in self.catalog.groups}

    async def _list(self, make: Callable[[], Page[str]]) -> str | None:
        """A page between home and a service. None: back to the page before; 首页 leads home from each."""
        try:
            return await self._show(make, can_go_back=True)
        except Back:
            return None
        except Left as left:
            if left.reason == "cancelled":
                return HOME
            raise

    async def _show(
        self,
        make: Callable[[], Page[A]],
        item: Item | None = None,
        *,
        can_go_back: bool = False,
        can_leave: bool = True,
    ) -> A:
        """Shows what ``make`` makes, anew in each manner; help comes and goes in between."""

        def head() -> Head:
            title = _(item.official) if item else self.equipment.site.name
            return Head(title=title, can_go_back=can_go_back, can_leave=can_leave)

        while True:
            try:
                return await self.equipment.stage.show(make(), head())
            except Anew as anew:
                self._change(anew)
            except HelpAsked:
                await self._help(head)

    async def _help(self, head: Callable[[], Head]) -> None:
        while True:
            try:
                return await show_help(self.equipment, head())
            except Anew as anew:
                self._change(anew)

    # -- out of order --------------------------------------------------------------------------------------------------

    async def _out_of_order(self) -> None:
        self._changed.clear()
        await first(self._stay_out_of_order(), self._changed.wait())

    async def _stay_out_of_order(self) -> None:
        while True:
            try:
                with suppress(Back):
                    await self._show(self._closed, can_leave=False)
            except Left:  # whoever set something about the screens, or asked for help, has gone
                self._wipe()

    def _closed(self) -> Notice:
        return trouble_pages.out_of_order(self.equipment.site, next(iter(self.troubles.values()))())

    # -- between visits ------------------------------------------------------------------------------------------------

    async def _renew(self) -> None:
        """Serves from another catalogue and by other settings from here on, if there are any."""
        if self.renewal is not None and self.renewal.is_due:
            offer = await self.renewal.next_offer()
            if offer is not None:
                self.catalog, self.serving = offer.catalog, offer.serving
                self.apply(offer.settings)

    async def _interruption(self, *, after: float = 0.0) -> str:
        """Ends a page that nobody uses: the machine goes out of order, or there is another catalogue."""
        return await first(self._trouble(), self._catalog_comes(after))

    async def _catalog_comes(self, after: float) -> str:
        if self.renewal is None:
            await asyncio.get_running_loop().create_future()
        else:
            await self.renewal.due()
        # Whoever set something about this page, or touched it just now, reads it.
        while self.manner != Manner() or self.screens.unused_for < after:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(LOOK)
        raise _CatalogCame

    async def _trouble(self) -> str:
        """Ends the home page when the machine goes out of order."""
        while not self.troubles:
            self._changed.clear()
            await self._changed.wait()
        raise _TroubleCame

    # -- manner and wipe -----------------------------------------------------------------------------------------------

    def _change(self, anew: Anew) -> None:
        self.manner = anew.manner
        texts.speak(anew.manner.language)
        self.screens.dress(anew.manner)

    def _wipe(self) -> None:
        self.manner = Manner()
        texts.speak(self.manner.language)
        self.screens.wipe()
        gc.collect()


def _counter() -> type[Counter]:
    from kiosk.counter import Counter

    return Counter


class _TroubleCame(Exception):
    """The machine went out of order while nobody was being served."""


class _CatalogCame(Exception):
    """There is another catalogue, and nobody stands there."""


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _begin() -> str:
    return _("碰一下屏幕，就开始")


def _begin_in(language: texts.Language) -> str:
    with texts.spoken(language):
        return _begin()
