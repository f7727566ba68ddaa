"""What stands in the foot: 返回 · 看和听 · 找人帮忙 · 首页 on every page, and what the home page has in their place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from kiosk.desk import Left
from kiosk.manner import Anew, HelpAsked
from kiosk.pages import Home, Option
from kiosk.texts import _
from screens.frame import FootButton, foot_holds
from screens.theme import ColourName, Theme
from screens.touch import Gate

T = TypeVar("T")

AIDS, HELP = "foot:aids", "foot:help"
AIDS_ICON = "eye-outline"


@dataclass(frozen=True, kw_only=True)
class Ways:
    """How a press of the foot ends the page: with an answer, by an exception made when it is pressed, or going back.
    ``aids`` opens the page of aids over it."""

    answer: Callable[[object], None]
    leave: Callable[[Callable[[], Exception]], None]
    back: Callable[[], None]
    aids: Callable[[], None]


def usual_foot(ways: Ways, *, can_go_back: bool, can_leave: bool, can_change: bool) -> list[FootButton]:
    """The foot of every page but home. ``can_change``: the page can come again in another manner."""
    foot = [_aids(ways), _help(ways)] if can_change else [_help(ways)]
    if can_go_back:
        foot.insert(0, FootButton(means="foot:back", label=_("返回"), icon="arrow-left", press=ways.back))
    if can_leave:
        home = _way(ways, lambda: Left("cancelled"))
        foot.append(FootButton(means="foot:home", label=_("首页"), icon="home", press=home))
    return foot


def home_foot(ways: Ways, page: Home, look: Theme, gate: Gate) -> list[FootButton]:
    """The home page's own (in care mode among the tiles), 关怀模式, 看和听, the other language, 找人帮忙.

    Where large words leave no room, what is on the page of aids too is left out: the other language, and in another
    language than Chinese 关怀模式, so that whoever comes next finds the way back.
    """
    manner = look.manner
    other = replace(manner, language="en" if manner.language == "zh" else "zh")
    care = replace(manner, care=not manner.care, larger=False)
    own = [] if manner.care else [_own(ways, option) for option in page.foot]
    size = FootButton(
        means="foot:care", label=_("小字") if manner.care else _("关怀模式"), icon="format-size",
        press=_way(ways, lambda: Anew(care)),
    )  # fmt: skip
    language = FootButton(
        means="foot:language", label="EN" if manner.language == "zh" else "中文", icon="translate",
        press=_way(ways, lambda: Anew(other)),
    )  # fmt: skip
    whole = [*own, size, _aids(ways), language, _help(ways, red=True)]
    if foot_holds(look, gate, whole):
        return whole
    spared = language if manner.language == "zh" else size
    return [button for button in whole if button is not spared]


def foot_button(option: Option[T], press: Callable[[], None]) -> FootButton:
    """An action of a page as a button of the foot."""
    return FootButton(
        means=option.value, label=option.label, icon=option.icon, fill="red" if option.primary else "sand", press=press
    )


def _own(ways: Ways, option: Option[str]) -> FootButton:
    return FootButton(
        means=option.value, label=option.label, icon=option.icon, press=lambda: ways.answer(option.value)
    )  # fmt: skip


def _help(ways: Ways, *, red: bool = False) -> FootButton:
    fill: ColourName = "red" if red else "sand"
    return FootButton(
        means=HELP, label=_("找人帮忙"), icon="face-agent", fill=fill, press=_way(ways, HelpAsked)
    )  # fmt: skip


def _aids(ways: Ways) -> FootButton:
    return FootButton(means=AIDS, label=_("看和听"), icon=AIDS_ICON, press=ways.aids)


def _way(ways: Ways, make: Callable[[], Exception]) -> Callable[[], None]:
    return lambda: ways.leave(make)
