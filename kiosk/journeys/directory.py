"""定点机构与药品目录: which list, which place, written and found. Nobody is asked for, no network is needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kiosk.code_words import CodeWords
from kiosk.contract.datasets import Dataset
from kiosk.dates import day_in_words
from kiosk.desk import Desk
from kiosk.directories import Directory
from kiosk.journeys.found import sections
from kiosk.pages import Choose, Notice, Option, Result, Search
from kiosk.regions import place_name
from kiosk.texts import _, sentences

AGAIN, OTHER, FINISH = "again", "other-list", "finish"

Line = Mapping[str, str]


async def search_directories(
    desk: Desk, directories: tuple[Directory, ...], current: Callable[[str], Dataset | None], words: CodeWords
) -> None:
    """One list after the other, until the person has found what they looked for."""
    while True:
        code = await desk.ask(_which(directories))
        directory = next(one for one in directories if one.code == code)
        dataset = current(code)
        if dataset is None or not dataset.rows:
            if await desk.ask(_none_yet(directory)) == FINISH:
                return
        elif await _look(desk, directory, dataset, words) == FINISH:
            return


async def _look(desk: Desk, directory: Directory, dataset: Dataset, words: CodeWords) -> str:
    """Searches one list; OTHER or FINISH."""
    place = await _ask_place(desk, directory, dataset)
    rows = [row for row in dataset.rows if not place or row.get("place", "") == place]
    while True:
        code = await desk.ask(_search(directory, dataset, rows, place))
        row = next((row for row in rows if row["code"] == code), None)
        if row is None:
            continue  # the list was renewed meanwhile, and an earlier answer came back as a draft
        wish = await desk.ask(_entry(directory, dataset, row, words))
        if wish != AGAIN:
            return wish


async def _ask_place(desk: Desk, directory: Directory, dataset: Dataset) -> str:
    """One of the places in the list; it is asked wherever there are several, and never guessed. "": it has none."""
    if not directory.place:
        return ""
    places = list(dict.fromkeys(row["place"] for row in dataset.rows if "place" in row))
    if len(places) < 2:
        return places[0] if places else ""
    options = tuple(Option(value=place, label=place_name(place)) for place in places)
    return await desk.ask(Choose(name="place-of-list", question=_(directory.place), options=options))


def _which(directories: tuple[Directory, ...]) -> Choose[str]:
    options = tuple(Option(value=one.code, label=_(one.label), icon=one.icon) for one in directories)
    return Choose(name="list", question=_("要找什么？"), options=options)


def _search(directory: Directory, dataset: Dataset, rows: list[Line], place: str) -> Search:
    where = _("只找{place}的。").format(place=place_name(place)) if place else ""
    return Search(
        name="search",
        question=_(directory.ask),
        hint=sentences((where, _of_the_day(dataset))),
        options=tuple(Option(value=row["code"], label=row["name"], words=_found_by(directory, row)) for row in rows),
        nothing=_(directory.nothing),
        example=_(directory.example),
    )


def _found_by(directory: Directory, row: Line) -> tuple[str, ...]:
    others = [part for column in directory.by for part in row.get(column, "").split("、")]
    return tuple(dict.fromkeys(text for text in (row["name"], *others) if text))


def _entry(directory: Directory, dataset: Dataset, row: Line, words: CodeWords) -> Result:
    return Result(
        name="entry",
        question=_(directory.label),
        sections=sections(directory.part, (row,), words),
        notes=(_of_the_day(dataset), *((dataset.note,) if dataset.note else ()), _("拿不准的，打 12393 问。")),
        actions=(
            Option(value=OTHER, label=_("找别的"), icon="format-list-bulleted"),
            Option(value=AGAIN, label=_("再找一个"), icon="magnify"),
            Option(value=FINISH, label=_("看好了"), icon="check", primary=True),
        ),
        personal=False,
    )


def _none_yet(directory: Directory) -> Notice:
    return Notice(
        name="no-list",
        icon="database-off-outline",
        mood="plain",
        question=_("这台机器还没有拿到这份目录"),
        hint=_("连上网以后会自己去拿，请过一会儿再来。"),
        lines=(_("着急的，打 12393 问。"),),
        actions=(
            Option(value=OTHER, label=_("找别的"), icon="format-list-bulleted"),
            Option(value=FINISH, label=_("知道了"), icon="check", primary=True),
        ),
    )


def _of_the_day(dataset: Dataset) -> str:
    return _("这份目录是 {day}的。").format(day=day_in_words(dataset.as_of))
