"""What a person reads when something cannot be done here: whose fault it is not, whom to ask, what to press."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from kiosk.pages import Notice, Option
from kiosk.texts import _

if TYPE_CHECKING:
    from kiosk.items import Item
    from kiosk.settings import Site


def unavailable(site: Site, reason: Literal["offline", "slow", "server"], item: Item) -> Notice:
    offline = reason == "offline"
    return Notice(
        name="unavailable",
        icon="wifi-off" if offline else "server-off",
        question=_not_now(item, offline=offline),
        hint=_("不是您的问题。等一会儿再试，或者打电话问。"),
        lines=(*_hotlines(item), _desk_phone(site)),
        actions=(
            Option(value="home", label=_("先不办了"), icon="home"),
            *_to_guide(item),
            Option(value="again", label=_("再试一次"), icon="refresh", primary=True),
        ),
    )


def declined(site: Site, item: Item) -> Notice:
    return Notice(
        name="declined",
        icon="alert-circle-outline",
        question=_("这件事现在办不了"),
        hint=_("对方系统没有接受。请到服务台，工作人员帮您看一下。"),
        lines=(_desk_phone(site),),
        actions=(
            *_to_guide(item),
            Option(value="home", label=_("知道了"), icon="home", primary=True),
        ),
    )


def cannot_record(site: Site, item: Item) -> Notice:
    return Notice(
        name="cannot-record",
        icon="alert-circle-outline",
        question=_("现在登记不了"),
        hint=_("这台机器暂时记不下来，您的事还没有办。等一会儿再试，或者到服务台办。"),
        lines=(_desk_phone(site),),
        actions=(
            Option(value="home", label=_("先不办了"), icon="home"),
            *_to_guide(item),
            Option(value="again", label=_("再试一次"), icon="refresh", primary=True),
        ),
    )


def not_recorded(site: Site) -> Notice:
    return Notice(
        name="not-recorded",
        icon="alert-circle-outline",
        question=_("刚才没有登记上"),
        hint=_("这台机器记不下来了，您的事还没有办。请到服务台办。"),
        lines=(_desk_phone(site),),
        actions=(Option(value="home", label=_("知道了"), icon="home", primary=True),),
    )


def perhaps_recorded(site: Site) -> Notice:
    return Notice(
        name="perhaps-recorded",
        icon="alert-circle-outline",
        question=_("不确定有没有登记上"),
        hint=_("这台机器刚才出了问题。请到服务台问一下，先不要重新办。"),
        lines=(_desk_phone(site),),
        actions=(Option(value="home", label=_("知道了"), icon="home", primary=True),),
    )


def out_of_order(site: Site, why: str) -> Notice:
    return Notice(
        name="out-of-order",
        icon="wrench-clock",
        question=_("这台机器暂停服务"),
        hint=why,
        lines=(
            _("要办事请到服务台，电话：{phone}").format(phone=site.phone),
            _("终端 {kiosk}").format(kiosk=site.kiosk),
        ),
    )


def beside_guide(make: Callable[[], Notice]) -> Notice:
    """The page without the way to the guide, which is where the person comes from."""
    page = make()
    return replace(page, actions=tuple(action for action in page.actions if action.value != "guide"))


def _desk_phone(site: Site) -> str:
    return _("服务台电话：{phone}").format(phone=site.phone)


def _not_now(item: Item, *, offline: bool) -> str:
    """What cannot be done; of what is carried out at once that nothing was done, and not that nothing was found."""
    if item.way_out or item.journey not in LOOKS_UP:
        return _("现在没有网络，这里办不了") if offline else _("对方系统没有回应，这里办不了")
    return _("现在没有网络，查不了") if offline else _("对方系统没有回应，现在查不了")


LOOKS_UP: Final = frozenset({"query", "insurance-status", "pension-certification", "directory", "my-matters", "due"})
"""Journeys by which something is looked up; by all others something is done."""


def _hotlines(item: Item) -> tuple[str, ...]:
    """Who can be asked by telephone at once."""
    return tuple(_(line) for line in item.way_out) or (_("社保 12333，医保 12393"),)


def _to_guide(item: Item) -> tuple[Option[str], ...]:
    """What can be known without central, and handed to a worker."""
    if item.guide is None:
        return ()
    return (Option(value="guide", label=_("看怎么办"), icon="text-box-outline"),)
