"""The services on offer, from ``assets/catalog``: what the home page, the lists and the search are made of.

``services.toml`` has the home page and the order of the categories, ``services/<category>.toml`` each category with its
items. A centre may switch items off; a category without any still stands on the home page and leads to an honest page:
such a matter is handled at the service desk. The pages are answered by codes of categories, groups and items, which
share one name space, and by the constants below.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from kiosk import filing_rules
from kiosk.dates import day_in_words
from kiosk.items import APPOINTMENT, CERTIFICATE, FILING, QUERY, Category, Code, Group, Guide, Item, Text
from kiosk.pages import Banner, Choose, Home, Notice, Option, Row, Search
from kiosk.tables import CATALOG, CatalogError, Table, parse_table, read_table
from kiosk.texts import _

if TYPE_CHECKING:
    from kiosk.contract.catalog import Files

T = TypeVar("T")

ALL: Final = "all"
"""Answer of the home page: 全部事项."""
SEARCH: Final = "search"
"""Answer of the home page and the lists: look for it by what people call it."""
AT_DESK: Final = "at-desk"
"""Answer of a list: none of these; the matter is handled at the service desk."""
CHANGED: Final = "changed"
"""Answer of 全部事项: what is otherwise than people knew it."""
HOME: Final = "home"
"""Answer of the honest page: back to the home page."""
CHANGED_WITHIN: Final = 60
"""Days for which a change is recent: whoever comes once a month meets it."""
LONGEST_LIST: Final = 7
"""Lines of a list; what is more has to be grouped."""


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """All categories and items, in the order of the files: most used first."""

    categories: tuple[Category, ...]
    groups: tuple[tuple[Group, Category], ...] = ()
    items: tuple[Item, ...]
    front: Front

    def item(self, code: str) -> Item:
        """The item with this code. Raises KeyError."""
        return {item.code: item for item in self.items}[code]

    def category(self, code: str) -> Category:
        """The category with this code. Raises KeyError."""
        return {category.code: category for category in self.categories}[code]

    def items_of(self, category: str) -> tuple[Item, ...]:
        """The items of a category; none: this machine does not run any."""
        return tuple(item for item in self.items if item.category == category)

    def guide(self, item: Item) -> Guide:
        """The item's guide with what its category says. Raises KeyError where it has none."""
        if item.guide is None or item.category is None:
            raise KeyError(item.code)
        category, own = self.category(item.category), item.guide
        return replace(
            own, where=own.where or category.where, when=own.when or category.when, law=own.law or category.law
        )

    def without(self, off: Collection[str], where: str = "services.off") -> Catalog:
        """The catalogue of a centre that switches these items off. Raises CatalogError where there is no such item."""
        for code in off:
            if code not in {item.code for item in self.items}:
                raise CatalogError(f'{where}: there is no item "{code}"')
        front = self.front
        banner = None if front.banner is not None and front.banner.item in off else front.banner
        foot = tuple(place for place in front.foot if place.item not in off)
        care = tuple(place for place in front.care if place.of not in off)
        items = tuple(item for item in self.items if item.code not in off)
        return replace(self, items=items, front=replace(front, banner=banner, foot=foot, care=care))

    # -- the pages -----------------------------------------------------------------------------------------------------

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
            banner=None
            if front.banner is None
            else Banner(
                value=front.banner.item,
                title=_(front.banner.title),
                lines=banner_lines,
                action=_(front.banner.action),
                icon=front.banner.icon,
            ),
            foot=tuple(
                Option(value=place.item, label=_(self.item(place.item).label), icon=place.icon) for place in front.foot
            ),
            care=tuple(map(self._care_option, front.care)),
        )

    def _care_option(self, place: CarePlace) -> Option[str]:
        options = {category.code: category.option for category in self.categories}
        option = options[place.of] if place.of in options else self.item(place.of).option
        return replace(option, label=_(place.label)) if place.label else option

    def offers(self) -> tuple[Row, ...]:
        """What can be done here, in a few words: for the page of an empty hall."""
        return tuple(
            Row(label=_(category.label), value=_(category.subtitle))
            for category in self.categories
            if category.tile == "large"
        )

    def list_page(self, category: Category, phone: str) -> Choose[str] | Notice:
        """What there is in a category, or that the desk handles it.

        Answered by the code of an item or a group, AT_DESK or HOME.
        """
        items = self.items_of(category.code)
        if not items:
            return at_desk_page(category, phone)
        ungrouped = tuple(item.option for item in items if item.group is None)
        groups = tuple(self._group_option(group) for group, its in self.groups if its is category and self._in(group))
        return Choose(
            name="items",
            question=_("{category}：要办哪一件？").format(category=_(category.label)),
            options=(*ungrouped, *groups),
            aside=Option(value=AT_DESK, label=_("要办别的"), icon="dots-horizontal"),
        )

    def group_page(self, group: Group) -> Choose[str]:
        """What there is in a group. Answered by an item's code or AT_DESK."""
        return Choose(
            name="group",
            question=_("{category}：要办哪一件？").format(category=_(group.label)),
            options=tuple(item.option for item in self._in(group)),
            aside=Option(value=AT_DESK, label=_("要办别的"), icon="dots-horizontal"),
        )

    def all_page(self, today: date) -> Choose[str]:
        """全部事项: the categories, which lead to everything, and what changed.

        Answered by a category's code, CHANGED or SEARCH.
        """
        changed = Option(value=CHANGED, label=_("最近有变化的"), icon="update")
        return Choose(
            name="categories",
            question=_("要办哪一类？"),
            hint=_("一共 {count} 件事，分在这几类里。").format(
                count=sum(item.category is not None for item in self.items)
            ),
            layout="grid",
            options=(
                *(replace(category.option, note="") for category in self.categories),
                *((changed,) if self.recent(today) else ()),
            ),
            aside=Option(value=SEARCH, label=_("写一写来找"), icon="magnify"),
        )

    def recent(self, today: date) -> tuple[Item, ...]:
        """What changed lately, the newest first; as many as one list holds."""
        since = today - timedelta(days=CHANGED_WITHIN)
        known = [item for item in self.items if item.changed is not None and since <= item.changed <= today]
        return tuple(sorted(known, key=lambda item: item.changed or today, reverse=True)[:LONGEST_LIST])

    def changed_page(self, today: date) -> Choose[str]:
        """最近有变化的, each with its day. Answered by an item's code or AT_DESK."""
        return Choose(
            name="changed",
            question=_("最近有变化的，看哪一件？"),
            options=tuple(
                replace(item.option, note=_("{day}起有变化").format(day=day_in_words(item.changed)))
                for item in self.recent(today)
                if item.changed is not None
            ),
            aside=Option(value=AT_DESK, label=_("要办别的"), icon="dots-horizontal"),
        )

    def search_page(self) -> Search:
        """Looks for a service. Answered by the code of an item or a category."""
        found: tuple[Item | Category, ...] = (*self.items, *self.categories)
        return Search(
            name="search",
            question=_("要办什么？写一写"),
            hint=_("例如“卡丢了”，按 K D L，或写 kadiule。"),
            options=tuple(entry.option for entry in found),
            nothing=_("没有找到。请到服务台问一下，工作人员会帮您。"),
        )

    def _in(self, group: Group) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.group == group.code)

    def _group_option(self, group: Group) -> Option[str]:
        inside = _("、").join(_(item.label) for item in self._in(group))
        return Option(value=group.code, label=_(group.label), note=inside, icon=group.icon)


def at_desk_page(category: Category | None, phone: str) -> Notice:
    """Says that such a matter is handled at the service desk. ``phone`` is the desk's. Answered by HOME."""
    if category is None:
        question = _("这件事请到服务台办")
    else:
        question = _("{category}的事，请到服务台办").format(category=_(category.label))
    return Notice(
        name="at-desk",
        icon=category.icon if category else "face-agent",
        mood="plain",
        question=question,
        hint=_("这台机器现在还不能办，工作人员会帮您。"),
        lines=(_("服务台电话：{phone}").format(phone=phone),),
        actions=(Option(value=HOME, label=_("知道了"), icon="home", primary=True),),
    )


# -- reading -------------------------------------------------------------------------------------------------------


class _Reads(Protocol):
    def __call__(self, name: str, shape: type[T]) -> T:
        """The table in the file of this name."""


def load_catalog(folder: Path = CATALOG) -> Catalog:
    """The catalogue in ``folder``. Raises CatalogError, which names file, entry and field."""
    there = {file.stem for file in (folder / "services").glob("*.toml")}
    return _put_together(lambda name, shape: read_table(folder / name, shape), there)


def catalog_of(files: Files) -> Catalog:
    """The catalogue in files that central published. Raises CatalogError, which names file, entry and field."""

    def read(name: str, shape: type[T]) -> T:
        if name not in files:
            raise CatalogError(f"{name}: cannot be read: it is not there")
        return parse_table(name.removeprefix("services/"), files[name], shape)

    return _put_together(read, {Path(name).stem for name in files if name.startswith("services/")})


def _put_together(read: _Reads, there: Collection[str]) -> Catalog:
    """The catalogue of these tables; ``there`` are the categories that have a file."""
    front = read("services.toml", _Services)
    files = [(code, read(f"services/{code}.toml", _CategoryFile)) for code in front.categories]
    for stray in sorted({*there} - {*front.categories}):
        raise CatalogError(f'services.toml: categories: "{stray}" is missing, services/{stray}.toml is there')
    for code, file in files:
        if file.category.code != code:
            raise CatalogError(f'{code}.toml: category, code: has to be the file\'s name, not "{file.category.code}"')
    catalog = Catalog(
        categories=tuple(file.category for _code, file in files),
        groups=tuple((group, file.category) for _code, file in files for group in file.group),
        items=(*front.item, *(replace(item, category=code) for code, file in files for item in file.item)),
        front=front.home,
    )
    for fault in _faults(catalog):
        raise CatalogError(fault)
    return catalog


def _faults(catalog: Catalog) -> Iterator[str]:
    """What does not hold between entries."""
    seen = {ALL, SEARCH, AT_DESK, CHANGED, HOME}
    for where, kind, code in (
        *((category.code, "category", category.code) for category in catalog.categories),
        *((its.code, "group", group.code) for group, its in catalog.groups),
        *((item.category, "item", item.code) for item in catalog.items),
    ):
        if code in seen:
            yield f'{_file(where)}: {kind} "{code}", code: is taken already'
        seen.add(code)
    for item in catalog.items:
        for field, says in _faults_of(item, {group.code for group, its in catalog.groups if its.code == item.category}):
            yield f'{_file(item.category)}: item "{item.code}", {field}: {says}'
    for category in catalog.categories:
        lines = sum(item.group is None for item in catalog.items_of(category.code))
        lines += sum(its is category for _group, its in catalog.groups)
        if lines > LONGEST_LIST:
            yield f"{category.code}.toml: {lines} lines in a list, at most {LONGEST_LIST}: put items into a group"
    for group, its in catalog.groups:
        if not 1 < sum(item.group == group.code for item in catalog.items) <= LONGEST_LIST:
            yield f'{its.code}.toml: group "{group.code}": has to have two to {LONGEST_LIST} items'
    items = {item.code for item in catalog.items}
    for item in catalog.items:
        for onward in item.query.onwards if item.query is not None else ():
            if onward.item not in items:
                yield f'{_file(item.category)}: item "{item.code}", query, onwards: there is no item "{onward.item}"'
    banner = catalog.front.banner
    for name, code in (
        *((("banner", banner.item),) if banner is not None else ()),
        *(("foot", place.item) for place in catalog.front.foot),
    ):
        if code not in items:
            yield f'services.toml: home, {name}, item: there is no item "{code}"'
    for place in catalog.front.care:
        if place.of not in items | {category.code for category in catalog.categories}:
            yield f'services.toml: home, care, of: there is no item and no category "{place.of}"'


def _faults_of(item: Item, groups: Collection[str]) -> Iterator[tuple[str, str]]:
    """Field and what is wrong with it."""
    if item.group is not None and item.group not in groups:
        yield "group", f'there is no group "{item.group}" in this file'
    if item.level > 0 and item.needs.id_card != "required":
        yield "needs", f"level {item.level} requires id_card"
    if item.category is not None and item.guide is None:
        yield "guide", "is missing"
    if item.category is None and item.guide is not None:
        yield "guide", "stands in the file of a category, which completes it"
    if item.field and item.filing is None and (item.guide is None or not item.guide.proxy):
        yield "field", "nobody asks for it: the item is neither filed nor handed to a worker"
    if (item.journey == FILING) != (item.filing is not None):
        yield "filing", f'belongs to journey "{FILING}", and that to it'
    if (item.journey == APPOINTMENT) != (item.appointment is not None):
        yield "appointment", f'belongs to journey "{APPOINTMENT}", and that to it'
    for field in item.field:
        yield from filing_rules.faults_of_when("field", field.code, field.when, item)
    yield from filing_rules.faults(item)
    yield from _faults_of_query(item)
    yield from _faults_of_certificate(item)
    codes = [field.code for field in item.field]
    if len(set(codes)) != len(codes):
        yield "field", "two fields have one code"


def _faults_of_query(item: Item) -> Iterator[tuple[str, str]]:
    entry = item.query
    if entry is None:
        if item.journey == QUERY:
            yield "query", "is missing"
        return
    alone = item.journey == QUERY
    if alone and entry.level != item.level:
        yield "query, level", f"is {entry.level}, and the item's is {item.level}"
    if alone and item.offline != "never":
        yield "offline", "a query is never answered from what is kept here"
    if alone == bool(entry.label and entry.otherwise):
        yield "query, label", "label and otherwise stand where the item does something else besides"
    if item.discreet and entry.on_paper:
        yield "query, part", "a name that tells of an illness has no slip"


def _faults_of_certificate(item: Item) -> Iterator[tuple[str, str]]:
    if (item.journey == CERTIFICATE) != (item.certificate is not None):
        yield "certificate", "is missing" if item.certificate is None else f"belongs to the journey {CERTIFICATE}"
    elif item.certificate is not None:
        if item.level != 2:
            yield "level", "a certificate is given to nobody but the person: 2"
        if item.offline != "never":
            yield "offline", "a certificate is never given without the authority"
        if item.discreet:
            yield "discreet", "its slip names the certificate"


def _file(category: str | None) -> str:
    return "services.toml" if category is None else f"{category}.toml"


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
class CarePlace(Table):
    """A category or an item that is one of the first tiles in care mode."""

    of: Code
    label: Text | None = None
    """Without it, its own."""


@dataclass(frozen=True, kw_only=True)
class Front(Table):
    """The words of the home page, and the items that have a place of their own on it."""

    question: Text
    hint: str
    search: Text
    banner: BannerPlace | None = None
    foot: tuple[FootPlace, ...] = ()
    care: tuple[CarePlace, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Services(Table):
    categories: tuple[Code, ...]
    home: Front
    item: tuple[Item, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _CategoryFile(Table):
    category: Category
    group: tuple[Group, ...] = ()
    item: tuple[Item, ...] = ()
