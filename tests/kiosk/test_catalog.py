"""The tables of services: what stands in them, and that each mistake names file, entry and field."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fonticon_mdi7 import MDI7

from kiosk.catalog import ALL, AT_DESK, HOME, SEARCH, Catalog, at_desk_page, load_catalog
from kiosk.finding import Finder
from kiosk.pages import Choose, Notice
from kiosk.pinyin import dictionary, initials
from kiosk.tables import CATALOG, CatalogError
from kiosk.texts import spoken

PHONE = "000-00000000"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def test_nine_categories_stand_in_the_order_of_the_home_page(catalog: Catalog) -> None:
    """services.md section 7; the first two are the large tiles."""
    names = [category.label for category in catalog.categories]
    assert names == [
        "社保", "医保", "就业创业", "民政救助", "养老助残", "卫生健康", "住房城建", "党员服务", "便民服务",
    ]  # fmt: skip
    assert [category.label for category in catalog.categories if category.tile == "large"] == ["社保", "医保"]
    assert catalog.category("medical-insurance").official == "医疗保障"


def test_the_items_of_this_machine(catalog: Catalog) -> None:
    """Which journey runs an item, whom it asks for, and what becomes of it without a network."""
    assert [(item.code, item.journey, item.level, item.offline, item.needs.id_card) for item in catalog.items] == [
        ("rider-check-in", "rider-check-in", 0, "queue", "optional"),
        ("insurance-status", "insurance-status", 1, "never", "required"),
        ("remote-care-filing", "remote-care-filing", 2, "queue", "required"),
        ("my-matters", "my-matters", 1, "never", "required"),
    ]
    assert [item.code for item in catalog.items_of("medical-insurance")] == ["remote-care-filing"]
    assert catalog.items_of("housing") == ()
    assert [item.code for item in catalog.items if not item.accepts_expired_card] == ["remote-care-filing"]
    assert {item.needs.printer for item in catalog.items} == {"none", "optional"}


def test_home_is_as_drawn(catalog: Catalog) -> None:
    """Two large tiles, eight small ones with 全部事项 last, the search line, the banner, 我的办件 in the foot."""
    home = catalog.home(("十一项服务，都免费", "今天来过 37 位小哥"))
    assert [option.label for option in home.large] == ["社保", "医保"]
    assert [option.note for option in home.large] == ["养老金、开证明、社保卡", "报销、外地就医、慢特病"]
    assert len(home.small) == 8
    assert (home.small[-1].label, home.small[-1].value) == ("全部事项", ALL)
    assert home.search is not None
    assert home.search.value == SEARCH
    assert home.banner is not None
    assert (home.banner.value, home.banner.action) == ("rider-check-in", "小哥点这里")
    assert [option.value for option in home.foot] == ["my-matters"]


def test_every_tile_leads_to_items_or_to_an_honest_page(catalog: Catalog) -> None:
    """No tile is dead: a category without items says who handles it, and how to reach them."""
    for category in catalog.categories:
        page = catalog.list_page(category, PHONE)
        if isinstance(page, Choose):
            assert [option.value for option in page.options] == [item.code for item in catalog.items_of(category.code)]
            assert len(page.options) <= 7
            assert page.aside is not None
            assert page.aside.value == AT_DESK
        else:
            assert category.label in page.question
            assert any(PHONE in line for line in page.lines)
            assert [option.value for option in page.actions] == [HOME]
    assert isinstance(catalog.list_page(catalog.category("work"), PHONE), Notice)
    assert [option.value for option in catalog.all_page().options] == [item.code for item in catalog.items]


@pytest.fixture(scope="module")
def finder(catalog: Catalog) -> Finder[str]:
    return Finder(catalog.search_page().options, dictionary())


@pytest.mark.parametrize("how", ["characters", "first letters", "pinyin", "half of the pinyin"])
def test_what_people_say_finds_its_service_first_or_second(catalog: Catalog, finder: Finder[str], how: str) -> None:
    """All that stands in the tables: everyday names, official names and whatever else people call it."""
    page = catalog.search_page()
    spelled = dictionary().spell(word for option in page.options for word in option.words)
    lost: list[str] = []
    for option in page.options:
        for word in dict.fromkeys(option.words):
            read = "".join(readings[0] for readings in spelled[word])
            letters = {"first letters": initials(spelled[word]), "pinyin": read}.get(how, "")
            half = len(word) // 2
            if how == "characters":
                found = finder.find(word)
            elif how == "half of the pinyin":
                found = finder.find(word[:half], "".join(readings[0] for readings in spelled[word][half:]))
            else:
                found = finder.find("", letters)
            if option.value not in [one.value for one in found[:2]]:
                lost.append(f"{word} {letters}: {[one.value for one in found[:4]]} instead of {option.value}")
    assert lost == []


@pytest.mark.parametrize(
    ("written", "letters", "found"),
    [
        ("", "kdl", "card-lost"),
        ("卡丢了", "", "card-lost"),
        ("我的社保卡丢了", "", "card-lost"),
        ("社保卡不见了怎么办", "", "card-lost"),
        ("卡", "diu", "card-lost"),
        ("", "ydjyba", "remote-care-filing"),
        ("", "waidikanbing", "remote-care-filing"),
        ("", "db", "minimum"),
        ("", "yz", "rider-check-in"),
    ],
)
def test_what_people_write_is_found(finder: Finder[str], written: str, letters: str, found: str) -> None:
    """«卡丢了» is the example on the home page; whole sentences find what they share most with."""
    assert found in [option.value for option in finder.find(written, letters)[:2]]


def test_in_english_services_are_found_by_their_english_names(catalog: Catalog) -> None:
    """By the beginning of any of their words; pinyin goes on to work."""
    with spoken("en"):
        finder = Finder(catalog.search_page().options, dictionary())
    assert "medical-insurance" in [option.value for option in finder.find("", "medical")]
    assert finder.find("", "kdl")[0].value == "card-lost"


def test_what_the_desk_does_leads_to_an_honest_page(catalog: Catalog) -> None:
    """With its official name, the telephone, and what cannot wait."""
    for entry in catalog.desk:
        page = at_desk_page(entry, PHONE)
        assert entry.official in page.lines
        assert any(PHONE in line for line in page.lines)
        assert [option.value for option in page.actions] == [HOME]
    lost = at_desk_page(next(entry for entry in catalog.desk if entry.code == "card-lost"), PHONE)
    assert "12333" in lost.lines[1]


def test_every_icon_of_the_tables_is_in_the_icon_font() -> None:
    """Names as Material Design Icons has them, with hyphens."""
    drawn = set(vars(MDI7))
    for file in CATALOG.glob("*.toml"):
        for icon in re.findall(r'icon = "([^"]*)"', file.read_text(encoding="utf-8")):
            assert icon.replace("-", "_") in drawn, f"{file.name}: {icon}"


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("level = 1\n", "level = 3\n", ("item \"insurance-status\", level", "0, 1 or 2")),
        ("level = 1\n", "level = 1\nlevle = 2\n", ("item \"insurance-status\", levle",)),
        ('offline = "never"', 'offline = "maybe"', ("item \"insurance-status\", offline", "'never'")),
        ('category = "social-insurance"', 'category = "sports"', ('item "insurance-status", category', '"sports"')),
        ('code = "work"', 'code = "relief"', ('category "relief", code', "taken")),
        ('code = "my-matters"\njourney', 'code = "search"\njourney', ('item "search", code', "taken")),
        ('code = "my-matters"\njourney', 'code = "my matters"\njourney', ('item "my matters", code',)),
        ('item = "rider-check-in"', 'item = "riders"', ("home, banner, item", '"riders"')),
        ('["卡丢了", ', '["", ', ('desk "card-lost", aliases',)),
        ('"jobless"\ncategory = "work"', '"jobless"\ncategory = "sport"', ('desk "jobless", category', '"sport"')),
        ('code = "jobless"', 'code = "work"', ('desk "work", code', "taken")),
        ('id_card = "required", printer', 'id_card = "optional", printer', ("needs", "level 1")),
        ('icon = "briefcase"\n', "", ('category "work", icon',)),
        ("accepts_expired_card = true\n", "", ('item "rider-check-in", accepts_expired_card',)),
        ('label = "就业创业"', 'label = ""', ('category "work", label',)),
        ("[home]", "[home", ("TOML", "line")),
        ("[home]", "[front]", ("home",)),
    ],
)  # fmt: skip
def test_a_mistake_names_file_entry_and_field(tmp_path: Path, right: str, wrong: str, says: tuple[str, ...]) -> None:
    """One line, for whoever edits the tables."""
    text = (CATALOG / "services.toml").read_text(encoding="utf-8")
    assert right in text
    file = tmp_path / "services.toml"
    file.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(CatalogError) as refused:
        load_catalog(file)
    message = str(refused.value)
    assert "\n" not in message
    for part in ("services.toml", *says):
        assert part in message


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    """The two ways in which there is nothing to read."""
    with pytest.raises(CatalogError, match=r"absent\.toml: cannot be read"):
        load_catalog(tmp_path / "absent.toml")
    (tmp_path / "latin.toml").write_bytes(b"label = '\xff'")
    with pytest.raises(CatalogError, match=r"latin\.toml: is not UTF-8 text \(byte 9\)"):
        load_catalog(tmp_path / "latin.toml")
