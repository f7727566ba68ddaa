"""今天不用办 / 该办的事: one page of what is due for the person, with a way to each; asked only with their consent.

Nothing of it is recorded or printed. What could not be asked is named: silence does not mean that there is nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kiosk.contract.due import Due, DueKind, DueLine, DueOf
from kiosk.dates import day_in_words
from kiosk.desk import Desk, Left
from kiosk.pages import Choose, Option
from kiosk.regions import place_in_sentence
from kiosk.texts import _
from kiosk.visit import Journey

FINISH: Final = "finish"


async def due(desk: Desk, ways: Mapping[DueKind, Journey]) -> None:
    """Consent, card and second factor, the page; what is pressed on it is done at once. ``ways`` are the journeys that
    this centre has. Raises Left and Unavailable."""
    if await desk.ask(consent()) != "look":
        raise Left("cancelled")
    person = await desk.identify(level=2, at_once=True)
    found = await desk.query(DueOf(person=person.reference, witness=person.witness))
    chosen = await desk.ask(what_is_due(found, ways))
    way = next((way for kind, way in ways.items() if kind == chosen), None)
    if way is not None:
        await way(desk)


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


def what_is_due(found: Due, ways: Mapping[DueKind, Journey]) -> Choose[str]:
    """Each thing that is due is one to press; below the question what is in order, and what could not be asked."""
    lines = tuple(line for line in found.lines if line.due)
    kinds: tuple[DueKind, ...] = tuple(dict.fromkeys(line.kind for line in lines))
    in_order = tuple(_in_order(line) for line in found.lines if not line.due)
    missing = tuple(_not_asked(kind) for kind in found.unanswered)
    if lines:
        question = _("今天该办的事")
    elif found.unanswered:
        question = _("查到的，今天都不用办")
    else:
        question = _("今天没有要办的事")
    return Choose(
        name="due",
        question=question,
        hint=_("点一件，接着就办。") if lines else "",
        body=(*in_order, *missing),
        options=(
            *(_to_do(kind, [line for line in lines if line.kind == kind], can=kind in ways) for kind in kinds),
            *(() if lines else (Option(value=FINISH, label=_("看好了"), icon="check", primary=True),)),
        ),
        aside=Option(value=FINISH, label=_("看好了"), icon="check") if lines else None,
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
            return _("{day}以前要补，登记号 {number}").format(day=day, number=line.number) if day else _(
                "登记号 {number}"
            ).format(number=line.number)


def _in_order(line: DueLine) -> str:
    day = day_in_words(line.until) if line.until is not None else ""
    match line.kind:
        case "certification":
            return _("养老金认证：到{day}，今天不用办。").format(day=day) if day else _("养老金认证：今天不用办。")
        case "contributions":
            who = _("家里人 {year} 年的居民医保：交了。") if line.family else _("您 {year} 年的居民医保：交了。")
            return who.format(year=line.year or "")
        case "filing":
            place = place_in_sentence(line.place or "")
            words = _("异地就医备案：{place}，到{day}。") if day else _("异地就医备案：{place}，长期。")
            return words.format(place=place, day=day)
        case "papers":
            return ""


def _not_asked(kind: DueKind) -> str:
    what = {
        "certification": _("养老金认证"),
        "contributions": _("居民医保交费"),
        "filing": _("异地就医备案"),
        "papers": _("要补的材料"),
    }[kind]
    return _("{what}：现在没有查到，可以打电话问：{hotlines}。").format(
        what=what, hotlines=_("社保 12333，医保 12393")
    )
