"""Goes over pages in a mode and judges each as it came, and after whatever changes it in place: the next page of a
list, provinces and cities, the calendar, digits that are entered, letters that find nothing, the idle warning; and as
it comes back to whoever answered it before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from kiosk.identity import Unreadable
from kiosk.pages import (
    Choose,
    ChooseDay,
    ChoosePlace,
    Digits,
    Done,
    EnterNumber,
    Head,
    Home,
    Option,
    Page,
    PlaceCard,
    Province,
    Search,
    Tick,
    Wait,
    Words,
)
from screens import candidates, choose_day, choose_place, home
from screens.aids import DONE
from screens.foot import AIDS
from screens.frame import PrinterState
from screens.gallery.plates import PLATES, Plate
from screens.gallery.questions import CENTRE
from screens.gallery.samples import SAMPLES, AnyPage
from screens.records import Records
from screens.stage import Stage
from screens.touch import Target
from screens.widgets import NEXT_PAGE, PAGE_BEFORE
from tests.face.modes import Mode, Spoken, speaking
from tests.face.pages import real_pages
from tests.face.rules import judge
from tests.screens.glass import Glass

LONGEST_NUMBER = "K001-26-000317-7Q4X7"
"""A registration number."""

EVERYWHERE = {
    "aids", "all ticked", "answered", "answered city", "calendar", "cities", "composing", "entered", "full", "held",
    "provinces", "rare", "slow", "warned", "write",
}  # fmt: skip
"""States that some page of the kiosk has in every mode."""


@dataclass
class Report:
    """What was seen. ``violations`` are named by page and mode."""

    pages: set[str] = field(default_factory=set)
    texts: int = 0
    targets: int = 0
    violations: list[str] = field(default_factory=list)

    @property
    def states_missed(self) -> set[str]:
        """Which of those that are in every mode no page was brought into: then they were not looked at."""
        return EVERYWHERE - {page.partition(" ")[2] for page in self.pages}


async def pages_in(language: Spoken, data: Path, samples: bool = True) -> dict[str, tuple[Page[object], Head]]:
    """The kiosk's pages in a language, and the samples, which are Chinese on whatever glass."""
    with speaking(language):
        pages = await real_pages(data)
    if samples:
        pages |= {f"sample/{name}": (cast("Page[object]", page), head) for name, (page, head) in SAMPLES.items()}
        plates = {f"sample/widget-{name}": cast("Page[object]", plate) for name, plate in PLATES.items()}
        pages |= {name: (plate, Head(title=CENTRE)) for name, plate in plates.items()}
    return pages


async def sweep(
    glass: Glass, mode: Mode, pages: Iterable[tuple[str, tuple[Page[object], Head]]], report: Report
) -> AsyncIterator[str]:
    """Judges the pages one after the other; yields the name of each, and of its state, while it stands there."""
    stage, with_step = glass.stage, False
    with speaking(mode.language):
        glass.on_panel(mode.diagonal, landscape=mode.landscape)
        stage.dress(mode.manner)
        for name, (page, head) in pages:
            await glass.show(cast("AnyPage", page), head)
            for state in _states(stage, page, head):
                yield _judged(stage, mode, report, f"{name} {state}".rstrip())
            if isinstance(page, PlaceCard) and head.step and not with_step:
                with_step = True
                for state in _heads(stage):
                    yield _judged(stage, mode, report, f"{name} {state}".rstrip())
            answer = _longest_answer(page)
            if answer is not None:
                await glass.show(cast("AnyPage", page), head, answer)
                for state in _answered_before(stage, page, answer):
                    yield _judged(stage, mode, report, f"{name} {state}".rstrip())
        await glass.leave()


def _judged(stage: Stage, mode: Mode, report: Report, name: str) -> str:
    seen = judge(stage)
    report.pages.add(name)
    report.texts += seen.texts
    report.targets += seen.targets
    report.violations += [f"{name} [{mode}]: {violation}" for violation in seen.violations]
    return name


def _states(stage: Stage, page: Page[object], head: Head) -> Iterable[str]:
    """Brings the page from one state to the next; their names, "" for the page as it came."""
    yield ""
    if isinstance(page, Plate):  # its widgets lead nowhere
        return
    yield from _turned(stage, "")
    if isinstance(stage._view, Records) and stage._view.private:
        stage._view.uncovered = True
        stage._lay_out()
        yield "held "
        yield from _turned_back(stage, "held ")
        stage._view.uncovered = False
        stage._lay_out()
    match page:
        case Home():
            while press(stage, home.MORE) and stage._view is not None and stage._view.group < 3:  # type: ignore[attr-defined]
                yield "more "
            yield from _heads(stage)
            if press(stage, AIDS):
                yield "aids "
                yield from _turned(stage, "aids ")
                press(stage, DONE)
        case ChoosePlace():
            if press(stage, choose_place.OTHER):
                yield "provinces "
                yield from _turned(stage, "provinces ")
            crowded = max(page.provinces, key=lambda province: max(len(city.label) for city in province.cities))
            while not press(stage, choose_place.province_means(crowded.name)) and press(stage, PAGE_BEFORE):
                pass
            yield "cities "
            yield from _turned(stage, "cities ")
            while stage._view is not None and stage._view.back():
                stage._lay_out()
            yield from _written_place(stage)
        case ChooseDay() if press(stage, choose_day.OTHER):
            yield "calendar "
            if press(stage, choose_day.NEXT_MONTH):
                yield "next month "
        case Digits():
            for _digit in range(page.length):
                press(stage, "key:8")
            yield "entered "
        case EnterNumber() if stage._view is not None:
            stage._view.resume(LONGEST_NUMBER)
            stage._lay_out()
            yield "entered "
        case Search():
            for letter in "sbx":
                press(stage, f"key:{letter}")
                yield f"{letter} "
            yield from _candidates(stage)
        case Words():
            yield from _words(stage, page)
        case Tick():
            for means in [target.means for target in _targets(stage) if not target.ticked and target.enabled]:
                if means in {option.value for option in page.options}:
                    press(stage, means)
            yield "all ticked "
        case Wait() if stage._view is not None:
            stage._view.passed(60)
            yield "slow "
        case _:
            pass
    if head.can_leave and not isinstance(page, Home) and not (isinstance(page, Done) and page.closes_after):
        stage._warn(30)
        yield "warned "
        stage._stay()


def _words(stage: Stage, page: Words) -> Iterable[str]:
    """Composing, all candidates, a text as long as may be with rare characters, figures and Latin letters."""
    yield from _layers(stage)
    for letter in "yi":
        press(stage, f"key:{letter}")
    yield "composing "
    yield from _candidates(stage)
    composer = stage._view.writing.composer  # type: ignore[union-attr]
    composer.written, composer.letters, composer.candidates = "", "", []
    composer.put("\U00020bb7䶮㐂\U000312b0\U0003134a"[: page.longest])
    stage._lay_out()
    yield "rare "
    composer.put("环城路街道12号" * page.longest)
    stage._lay_out()
    yield "full "


def _layers(stage: Stage) -> Iterable[str]:
    for number in range(3):
        if press(stage, "key:switch"):
            yield f"layer {number + 1} "
    while stage._view is not None and stage._view.writing.layer != "pinyin":  # type: ignore[attr-defined]
        press(stage, "key:switch")


def _written_place(stage: Stage) -> Iterable[str]:
    """Nothing written, something found, nothing found."""
    if not press(stage, choose_place.WRITE) and press(stage, choose_place.OTHER):
        press(stage, choose_place.WRITE)
    yield "write "
    for letters, what in (("x", "many"), ("sbn", "one"), ("q", "nothing")):
        for letter in letters:
            press(stage, f"key:{letter}")
        yield f"{what} found "


def _candidates(stage: Stage) -> Iterable[str]:
    if press(stage, candidates.MORE):
        yield "more "
        if press(stage, candidates.NEXT):
            yield "more, next "
        press(stage, candidates.LESS)


def _turned(stage: Stage, where: str) -> Iterable[str]:
    number = 1
    while press(stage, NEXT_PAGE):
        number += 1
        yield f"{where}page {number} "


def _turned_back(stage: Stage, where: str) -> Iterable[str]:
    number = 0
    while press(stage, PAGE_BEFORE):
        number += 1
        yield f"{where}{number} back "


def _longest_answer(page: Page[object]) -> object:
    """The answer with the longest words, of a page that shows the earlier one when somebody comes back; else None."""
    match page:
        case Choose():
            return max(page.options, key=lambda option: len(option.label)).value
        case ChoosePlace():
            return _longest_city(page)[1].value
        case ChooseDay() if page.likely:
            return page.likely[-1].value
        case Digits() if not (page.problem or page.secret):
            return "8" * page.length
        case Words():
            return ("环城路街道12号" * page.longest)[: page.longest]
        case _:
            return None


def _longest_city(page: ChoosePlace) -> tuple[Province, Option[str]]:
    cities = ((province, city) for province in page.provinces for city in province.cities)
    return max(cities, key=lambda found: len(found[1].label))


def _answered_before(stage: Stage, page: Page[object], answer: object) -> Iterable[str]:
    """What the page looks like where its answer is marked: on each page of a list, and among a province's cities."""
    yield "answered "
    if not isinstance(page, ChoosePlace):
        yield from _turned(stage, "answered ")
        return
    province, _city = _longest_city(page)
    press(stage, choose_place.OTHER)
    while not press(stage, choose_place.province_means(province.name)) and press(stage, NEXT_PAGE):
        pass
    yield "answered city "
    yield from _turned(stage, "answered city ")


def _heads(stage: Stage) -> Iterable[str]:
    """Whatever the head can say of the machine."""
    printers: tuple[PrinterState, ...] = ("ready", "lost")
    readers: tuple[Unreadable | None, ...] = (None, "id-card", "social-card", "code", "several")
    for network in (True, False):
        for printer in printers:
            for unreadable in readers:
                stage.update_status(network=network, printer=printer, unreadable=unreadable)
                yield f"head {network} {printer} {unreadable} "
    stage.update_status(network=True, printer="ready")


def press(stage: Stage, means: object) -> bool:
    """Does what a press of that target does; False where there is none."""
    for target in _targets(stage):
        if target.means == means and target.enabled:
            target.press()
            return True
    return False


def _targets(stage: Stage) -> list[Target]:
    return [widget for widget in stage.walk() if isinstance(widget, Target)]
