"""今天不用办 / 该办的事: one page of what is due for the person, with a way to each; asked only with their consent.

Nothing of it is recorded or printed. What could not be asked is named: silence does not mean that there is nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from kiosk.contract.due import Due, DueKind, DueLine, DueOf
from kiosk.dates import day_in_words
from kiosk.desk import Desk, Left
from kiosk.pages import Choose, Option, Result, Row, Section
from kiosk.regions import place_in_sentence
from kiosk.texts import _

FINISH: Final = "finish"

Way = Callable[[Desk, DueLine], Awaitable[None]]
"""What is done about a thing that is due: a journey that asks nothing which the line says."""


async def due(desk: Desk, ways: Mapping[DueKind, Way]) -> None:
    """Consent, card and second factor, the page; what is pressed on it is done at once. ``ways`` are the journeys that
    this centre has. Raises Left and Unavailable."""
    if await desk.ask(consent()) != "look":
        raise Left("cancelled")
    person = await desk.identify(level=2, at_once=True)
    found = await desk.query(DueOf(person=person.reference, witness=person.witness))
    chosen = await desk.ask(what_is_due(found, ways))
    line = next((line for line in found.lines if line.due and line.kind == chosen), None)
    if line is not None:
        await ways[line.kind](desk, line)


# -- the pages -----------------------------------------------------------------------------------------------------


def consent() -> Choose[str]:
    return Choose(
        name="consent",
        question=_("看看今天有没有该办的事？"),
        hint=_("您同意了才查。"),
        body=(
            _("会去社保、医保那边查：养老金认证到哪天，居民医保交了没有，异地就医备案到哪天。"),
            _("还会看您在这里办的事，有没有要补材料的。"),
            _("只在屏幕上给您看，看完就没了，不留下来，也不打印。"),
        ),
        options=(
            Option(value="look", label=_("同意，查一查"), icon="check", primary=True),
            Option(value="leave", label=_("不查了"), icon="close"),
        ),
    )


def what_is_due(found: Due, ways: Mapping[DueKind, Way]) -> Choose[str] | Result:
    """Each thing that is due is one to press, the rest in a line; where nothing is due, all that was looked at."""
    lines = tuple(line for line in found.lines if line.due)
    finish = Option(value=FINISH, label=_("看好了"), icon="check", primary=not lines)
    if not lines:
        return Result(
            name="due",
            question=_("查到的，今天都不用办") if found.unanswered else _("今天没有要办的事"),
            sections=(*map(_in_order, found.lines), *map(_not_asked, found.unanswered)),
            actions=(finish,),
        )
    kinds: tuple[DueKind, ...] = tuple(dict.fromkeys(line.kind for line in lines))
    others = dict.fromkeys(_names()[line.kind] for line in found.lines if line.kind not in kinds)
    missing = dict.fromkeys(_names()[kind] for kind in found.unanswered)
    return Choose(
        name="due",
        question=_("今天该办的事"),
        hint=_("点一件，接着就办。"),
        body=(
            *((_("不用办的：{what}。").format(what=_("、").join(others)),) if others else ()),
            *((_("没有查到的：{what}。{ask}").format(what=_("、").join(missing), ask=_ask()),) if missing else ()),
        ),
        options=tuple(_to_do(kind, [line for line in lines if line.kind == kind], can=kind in ways) for kind in kinds),
        aside=finish,
        personal=True,
    )


def _to_do(kind: DueKind, lines: list[DueLine], *, can: bool) -> Option[str]:
    """One thing to do, however many there are of its kind; the most urgent says until when."""
    label, icon = {
        "certification": (_("养老金认证"), "account-check"),
        "contributions": (_("交居民医保"), "cash"),
        "filing": (_("异地就医备案快到期了"), "map-marker-outline"),
        "papers": (_("补材料"), "file-document-outline"),
    }[kind]
    return Option(value=str(kind), label=label, icon=icon, note=_why(lines[0]), enabled=can)


def _why(line: DueLine) -> str:
    day = day_in_words(line.until) if line.until is not None else ""
    match line.kind:
        case "certification" if line.stopped:
            return _("养老金停发了，认证了再发")
        case "certification":
            return _("{day}以前要认证").format(day=day) if day else _("还没有认证")
        case "contributions":
            who = _("家里人 {year} 年的还没交") if line.family else _("您 {year} 年的还没交")
            return who.format(year=line.year or "")
        case "filing":
            return _("{place}，到{day}").format(place=place_in_sentence(line.place or ""), day=day)
        case "papers":
            return (
                _("{day}以前要补，登记号 {number}").format(day=day, number=line.number)
                if day
                else _("登记号 {number}").format(number=line.number)
            )


def _in_order(line: DueLine) -> Section:
    """What holds, and until when."""
    until = Row(label=_("到哪天"), value=_("长期") if line.until is None else day_in_words(line.until))
    rows = {
        "certification": (until,) if line.until is not None else (),
        "contributions": (
            Row(label=_("谁的"), value=_("家里人") if line.family else _("您自己")),
            Row(label=_("哪一年的"), value=_("{year} 年").format(year=line.year or "")),
        ),
        "filing": (Row(label=_("就医地"), value=place_in_sentence(line.place or "")), until),
        "papers": (),
    }[line.kind]
    state = _("交了") if line.kind == "contributions" else _("今天不用办")
    return Section(title=_names()[line.kind], state=state, mood="done", rows=rows)


def _not_asked(kind: DueKind) -> Section:
    return Section(title=_names()[kind], state=_("没有查到"), mood="wait", meaning=_ask())


def _ask() -> str:
    return _("对方现在没有回答，可以打电话问：{hotlines}。").format(hotlines=_("社保 12333，医保 12393"))


def _names() -> dict[DueKind, str]:
    return {
        "certification": _("养老金认证"),
        "contributions": _("居民医保交费"),
        "filing": _("异地就医备案"),
        "papers": _("要补的材料"),
    }
