"""What stands in the foot: 返回 · 找人帮忙 · 首页 on every page, and what the home page has in their place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.desk import Left
from kiosk.manner import Anew, HelpAsked, Manner
from kiosk.pages import Home, Option
from kiosk.texts import _
from screens.frame import FootButton
from screens.theme import ColourName


@dataclass(frozen=True, kw_only=True)
class Ways:
    """How a press of the foot ends the page: with an answer, by an exception made when it is pressed, or going back."""

    answer: Callable[[object], None]
    leave: Callable[[Callable[[], Exception]], None]
    back: Callable[[], None]


def usual_foot(ways: Ways, *, can_go_back: bool, can_leave: bool) -> list[FootButton]:
    """The foot of every page but home."""
    foot = [_help(ways)]
    if can_go_back:
        foot.insert(0, FootButton(means="foot:back", label=_("返回"), icon="arrow-left", press=ways.back))
    if can_leave:
        home = _way(ways, lambda: Left("cancelled"))
        foot.append(FootButton(means="foot:home", label=_("首页"), icon="home", press=home))
    return foot


def home_foot(ways: Ways, page: Home, manner: Manner) -> list[FootButton]:
    """The home page's own, 关怀模式, the other language, 找人帮忙. In care mode its own are among the tiles."""
    other = Manner(language="en" if manner.language == "zh" else "zh", care=manner.care)
    care = Manner(language=manner.language, care=not manner.care)
    return [
        *([] if manner.care else [_own(ways, option) for option in page.foot]),
        FootButton(
            means="foot:care", label=_("小字") if manner.care else _("关怀模式"), icon="format-size",
            press=_way(ways, lambda: Anew(care)),
        ),
        FootButton(
            means="foot:language", label="EN" if manner.language == "zh" else "中文", icon="translate",
            press=_way(ways, lambda: Anew(other)),
        ),
        _help(ways, red=True),
    ]  # fmt: skip


def _own(ways: Ways, option: Option[str]) -> FootButton:
    return FootButton(
        means=option.value, label=option.label, icon=option.icon, press=lambda: ways.answer(option.value)
    )  # fmt: skip


def _help(ways: Ways, *, red: bool = False) -> FootButton:
    fill: ColourName = "red" if red else "sand"
    return FootButton(
        means="foot:help", label=_("找人帮忙"), icon="face-agent", fill=fill, press=_way(ways, HelpAsked)
    )  # fmt: skip


def _way(ways: Ways, make: Callable[[], Exception]) -> Callable[[], None]:
    return lambda: ways.leave(make)
