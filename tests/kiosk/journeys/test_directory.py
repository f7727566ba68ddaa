"""定点机构与药品目录 as its scripts say."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from central.datasets import DatasetFolder
from kiosk.code_words import load_code_words
from kiosk.contract.datasets import Dataset
from kiosk.datasets import NAMES
from kiosk.desk import Left
from kiosk.directories import load_directories
from kiosk.finding import Finder
from kiosk.insurance_words import load_insurance_words
from kiosk.journeys.directory import search_directories
from kiosk.pages import Choose, Notice, Result, Search
from kiosk.pinyin import dictionary
from kiosk.tables import CATALOG, CatalogError
from tests.kiosk.scripted import ScriptedCounter, played

WORDS = load_code_words(load_insurance_words())
DIRECTORIES = load_directories(WORDS)


def kept(name: str) -> Dataset:
    served = DatasetFolder().find(name)
    assert served is not None
    return Dataset.model_validate_json(served.content)


async def found(*script: tuple[str, object]) -> ScriptedCounter:
    return await played(partial(search_directories, directories=DIRECTORIES, current=kept, words=WORDS), script)


async def test_a_hospital_is_found_and_nobody_is_asked_who_they_are() -> None:
    counter = await found(
        ("list", "hospitals"), ("place-of-list", "350900"), ("search", "H35090007"), ("entry", "finish")
    )
    page = cast(Result, counter.page("entry"))
    (section,) = page.sections
    assert (section.title, section.state) == ("环城路社区卫生服务中心", "外地医保要先垫钱")
    assert [(row.label, row.value) for row in section.rows] == [
        ("等级", "一级"), ("能报哪些", "门诊、慢特病"), ("地址", "宁德市蕉城区环城路 12 号"),
    ]  # fmt: skip
    assert not page.personal
    assert counter.levels == []
    assert counter.acts == []


async def test_the_page_says_of_what_day_the_data_is_and_what_it_is() -> None:
    counter = await found(("list", "drugs"), ("search", "X0012"), ("entry", "finish"))
    assert cast(Search, counter.page("search")).hint == "这份目录是 2026年11月1日的。"
    assert cast(Result, counter.page("entry")).notes[:2] == ("这份目录是 2026年11月1日的。", "演示数据，不是真的目录。")


async def test_the_place_is_asked_where_there_are_several() -> None:
    """And only what is there is searched; the same drugs hold everywhere."""
    counter = await found(
        ("list", "hospitals"), ("place-of-list", "350200"), ("search", "H35020001"), ("entry", "other-list"),
        ("list", "drugs"), ("search", "X0001"), ("entry", "again"), ("search", "X0002"), ("entry", "finish"),
    )  # fmt: skip
    places = cast("Choose[str]", counter.page("place-of-list"))
    assert [option.value for option in places.options] == ["350900", "350200", "350100"]
    hospitals = next(page for page in counter.pages if isinstance(page, Search))
    assert {option.value[:7] for option in hospitals.options} == {"H350200"}
    assert hospitals.hint == "只找福建省 厦门市的。这份目录是 2026年11月1日的。"


@pytest.mark.parametrize(
    ("name", "written", "letters", "code"),
    [
        ("drugs", "", "ejsg", "X0012"),
        ("drugs", "二甲双胍", "", "X0012"),
        ("drugs", "", "jyy", "X0004"),
        ("hospitals", "", "sdyy", "H35090001"),
        ("hospitals", "海岸", "", "H35090002"),
        ("pharmacies", "", "hcl", "P35090002"),
    ],
)
def test_rows_are_found_as_services_are(name: str, written: str, letters: str, code: str) -> None:
    """By first letters, pinyin, characters, and by what people call them or where they are."""
    directory = next(one for one in DIRECTORIES if one.code == name)
    from kiosk.journeys.directory import _search

    dataset = kept(name)
    finder = Finder(_search(directory, dataset, list(dataset.rows), "").options, dictionary())
    assert code in [option.value for option in finder.find(written, letters)[:5]]


@pytest.mark.parametrize("nothing", [None, Dataset(name="drugs", as_of=date(2026, 11, 1), rows=())])
async def test_before_a_list_has_come_it_says_so(nothing: Dataset | None) -> None:
    """And whom to ask instead; another list may be there."""
    lists = partial(search_directories, directories=DIRECTORIES, words=WORDS)
    journey = partial(lists, current=lambda name: nothing if name == "drugs" else kept(name))
    counter = await played(
        journey,
        [
            ("list", "drugs"), ("no-list", "other-list"), ("list", "pharmacies"), ("place-of-list", "350900"),
            ("search", "P35090004"), ("entry", "finish"),
        ],
    )  # fmt: skip
    page = cast(Notice, counter.page("no-list"))
    assert "12393" in page.lines[0]
    await played(journey, [("list", "drugs"), ("no-list", "finish")])


async def test_a_row_that_went_with_a_renewal_is_looked_for_again() -> None:
    await found(("list", "drugs"), ("search", "X9999"), ("search", "X0001"), ("entry", "finish"))


async def test_whoever_leaves_at_any_page_has_left() -> None:
    whole: list[tuple[str, object]] = [("list", "drugs"), ("search", "X0001"), ("entry", "finish")]
    for end in range(len(whole)):
        with pytest.raises(Left):
            await found(*whole[:end], (whole[end][0], Left("idle")))


def test_the_lists_that_are_kept_are_those_of_the_table() -> None:
    assert tuple(directory.code for directory in DIRECTORIES) == NAMES


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ('kind = "code:drug_class"', 'kind = "code:moons"', 'directory "drugs", column "class", kind: there is no'),
        ('label = "等级"', 'label = ""', 'directory "hospitals", column "grade"'),
        ('icon = "medical-bag"', 'icon = ""', 'directory "pharmacies", icon'),
    ],
)
def test_a_mistake_names_file_entry_and_field(tmp_path: Path, right: str, wrong: str, says: str) -> None:
    text = (CATALOG / "directories.toml").read_text(encoding="utf-8")
    assert right in text
    file = tmp_path / "directories.toml"
    file.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(CatalogError) as refused:
        load_directories(WORDS, file)
    assert str(refused.value).startswith("directories.toml: ")
    assert says in str(refused.value)
