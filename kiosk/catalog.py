"""The services on offer, from ``services.toml``: what the home page, the lists and the search are made of.

A category whose items this machine does not run still stands on the home page and leads to an honest page: such a
matter is handled at the service desk. The pages are answered by codes of categories and items, which share one name
space, and by the constants below.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from kiosk.pages import Banner, Choose, Home, Notice, Option, Row, Search
from kiosk.tables import CATALOG, CatalogError, Table, read_table
from kiosk.texts import _

ALL: Final = "all"
"""Answer of the home page: 全部事项."""
SEARCH: Final = "search"
"""Answer of the home page and the lists: look for it by its first letters."""
AT_DESK: Final = "at-desk"
"""Answer of a list: none of these; the matter is handled at the service desk."""
HOME: Final = "home"
"""Answer of the honest page: back to the home page."""

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
Text = Annotated[str, Field(min_length=1)]
Aliases = tuple[Text, ...]
"""What people say, by which an entry is found besides its label and its official name."""


@dataclass(frozen=True, kw_only=True)
class Needs(Table):
    """The devices without which an item cannot run, and those that it uses when they are there."""

    id_card: Literal["none", "optional", "required"] = "none"
    printer: Literal["none", "optional", "required"] = "none"


@dataclass(frozen=True, kw_only=True)
class Item(Table):
    """One service that this machine runs. Texts are the Chinese originals, for ``_()`` at use."""

    code: Code
    journey: Code
    category: Code | None = None
    label: Text
    """What people say (查参保情况)."""
    official: Text
    """The name in the authority's list (参保信息查询)."""
    icon: Text
    level: Literal[0, 1, 2]
    """Who is asked for: 0 nobody, 1 a card, 2 a card and a second factor."""
    offline: Literal["never", "queue", "cached"]
    accepts_expired_card: bool
    rated: bool = True
    """Whether the person is asked at the end how it was (好差评)."""
    needs: Needs
    aliases: Aliases = ()

    @property
    def option(self) -> Option[str]:
        """The item to press in a list: everyday name large, official name beneath."""
        return _option(self)


@dataclass(frozen=True, kw_only=True)
class Category(Table):
    """One of the tiles of the home page."""

    code: Code
    label: Text
    official: str = ""
    icon: Text
    subtitle: str = ""
    tile: Literal["large", "small"] = "small"
    aliases: Aliases = ()

    @property
    def option(self) -> Option[str]:
        """The category's tile."""
        words = (self.label, *((self.official,) if self.official else ()), *self.aliases)
        return Option(value=self.code, label=_(self.label), note=_(self.subtitle), icon=self.icon, words=words)


@dataclass(frozen=True, kw_only=True)
class AtDesk(Table):
    """A service that this machine does not run: the service desk does. ``advice`` is what cannot wait until then."""

    code: Code
    category: Code
    label: Text
    official: Text
    icon: Text
    advice: str = ""
    aliases: Aliases = ()

    @property
    def option(self) -> Option[str]:
        """What is found in a search."""
        return _option(self)


def _option(entry: Item | AtDesk) -> Option[str]:
    official = "" if entry.official == entry.label else _(entry.official)
    words = (entry.label, entry.official, *entry.aliases)
    return Option(value=entry.code, label=_(entry.label), note=official, icon=entry.icon, words=words)


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """All categories and items, in the order of the file."""

    categories: tuple[Category, ...]
    items: tuple[Item, ...]
    front: Front
    desk: tuple[AtDesk, ...] = ()

    def item(self, code: str) -> Item:
        """The item with this code. Raises KeyError."""
        return {item.code: item for item in self.items}[code]

    def category(self, code: str) -> Category:
        """The category with this code. Raises KeyError."""
        return {category.code: category for category in self.categories}[code]

    def items_of(self, category: str) -> tuple[Item, ...]:
        """The items of a category; none: this machine does not run any yet."""
        return tuple(item for item in self.items if item.category == category)

    def home(self, banner_lines: tuple[str, ...]) -> Home:
        """The home page. ``banner_lines`` are final texts (``Station.welcome``).

        Answered by the code of a category or item, ALL or SEARCH.
        """
        front = self.front
        everything = Option(value=ALL, label=_("全部事项"), icon="view-grid")
        return Home(
            name="home",
            question=_(front.question),
            hint=_(front.hint),
            large=tuple(category.option for category in self.categories if category.tile == "large"),
            small=(*(category.option for category in self.categories if category.tile == "small"), everything),
            search=Option(value=SEARCH, label=_(front.search), icon="magnify"),
            banner=Banner(
                value=front.banner.item,
                title=_(front.banner.title),
                lines=banner_lines,
                action=_(front.banner.action),
                icon=front.banner.icon,
            ),
            foot=tuple(
                Option(value=place.item, label=_(self.item(place.item).label), icon=place.icon) for place in front.foot
            ),
        )

    def offers(self) -> tuple[Row, ...]:
        """What can be done here, in a few words: for the page of an empty hall."""
        return tuple(
            Row(label=_(category.label), value=_(category.subtitle))
            for category in self.categories
            if category.tile == "large"
        )

    def list_page(self, category: Category, phone: str) -> Choose[str] | Notice:
        """What there is in a category, or that the desk handles it. Answered by an item's code, AT_DESK or HOME."""
        items = self.items_of(category.code)
        if not items:
            return at_desk_page(category, phone)
        return Choose(
            name="items",
            question=_("{category}：要办哪一件？").format(category=_(category.label)),
            options=tuple(item.option for item in items),
            aside=Option(value=AT_DESK, label=_("要办别的"), icon="face-agent"),
        )

    def all_page(self) -> Choose[str]:
        """全部事项: all that this machine runs. Answered by an item's code, AT_DESK or SEARCH."""
        return Choose(
            name="items",
            question=_("这台机器能办这些事"),
            hint=_("别的事，请到服务台办。"),
            options=tuple(item.option for item in self.items),
            aside=Option(value=SEARCH, label=_("写一写来找"), icon="magnify"),
        )

    def search_page(self) -> Search:
        """Looks for a service. Answered by the code of an item, a category, or what the desk does (``at_desk``)."""
        found: tuple[Item | AtDesk | Category, ...] = (*self.items, *self.desk, *self.categories)
        return Search(
            name="search",
            question=_("要办什么？写一写"),
            hint=_("例如“卡丢了”，按 K D L，或写 kadiule。"),
            options=tuple(entry.option for entry in found),
            nothing=_("没有找到。请到服务台问一下，工作人员会帮您。"),
        )


def at_desk_page(entry: Category | AtDesk | None, phone: str) -> Notice:
    """Says that such a matter is handled at the service desk. ``phone`` is the desk's. Answered by HOME."""
    question, said = _("这件事请到服务台办"), []
    if isinstance(entry, Category):
        question = _("{category}的事，请到服务台办").format(category=_(entry.label))
    elif entry is not None:
        said = [_(text) for text in (entry.official, entry.advice) if text]
    return Notice(
        name="at-desk",
        icon=entry.icon if entry else "face-agent",
        mood="plain",
        question=question,
        hint=_("这台机器现在还不能办，工作人员会帮您。"),
        lines=(*said, _("服务台电话：{phone}").format(phone=phone)),
        actions=(Option(value=HOME, label=_("知道了"), icon="home", primary=True),),
    )


def load_catalog(file: Path = CATALOG / "services.toml") -> Catalog:
    """The catalogue in ``file``. Raises CatalogError, which names file, entry and field."""
    services = read_table(file, _Services)
    catalog = Catalog(categories=services.category, items=services.item, front=services.home, desk=services.desk)
    _check(catalog, file.name)
    return catalog


def _check(catalog: Catalog, where: str) -> None:
    """What holds between entries."""
    categories = {category.code for category in catalog.categories}
    items = {item.code for item in catalog.items}
    seen = {ALL, SEARCH, AT_DESK, HOME}
    for kind, codes in (
        ("category", [category.code for category in catalog.categories]),
        ("item", [item.code for item in catalog.items]),
        ("desk", [entry.code for entry in catalog.desk]),
    ):
        for code in codes:
            if code in seen:
                raise CatalogError(f'{where}: {kind} "{code}", code: is taken already')
            seen.add(code)
    for kind, entries in (("item", catalog.items), ("desk", catalog.desk)):
        for entry in entries:
            if entry.category is not None and entry.category not in categories:
                raise CatalogError(f'{where}: {kind} "{entry.code}", category: there is no category "{entry.category}"')
    for item in catalog.items:
        if item.level > 0 and item.needs.id_card != "required":
            raise CatalogError(f'{where}: item "{item.code}", needs: level {item.level} requires id_card')
    for field_name, code in (
        ("banner", catalog.front.banner.item),
        *(("foot", place.item) for place in catalog.front.foot),
    ):
        if code not in items:
            raise CatalogError(f'{where}: home, {field_name}, item: there is no item "{code}"')


@dataclass(frozen=True, kw_only=True)
class BannerPlace(Table):
    """The broad tile at the foot of the home page."""

    item: Code
    title: Text
    action: Text
    icon: Text


@dataclass(frozen=True, kw_only=True)
class FootPlace(Table):
    """An item that stands in the foot of the home page."""

    item: Code
    icon: Text


@dataclass(frozen=True, kw_only=True)
class Front(Table):
    """The words of the home page, and the items that have a place of their own on it."""

    question: Text
    hint: str
    search: Text
    banner: BannerPlace
    foot: tuple[FootPlace, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Services(Table):
    home: Front
    category: tuple[Category, ...] = ()
    item: tuple[Item, ...] = ()
    desk: tuple[AtDesk, ...] = ()
