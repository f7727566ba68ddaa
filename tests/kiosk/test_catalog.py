"""The tables of services: what stands in them, how it is found, and that each mistake names file, entry and field."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from fonticon_mdi7 import MDI7

from kiosk.catalog import ALL, AT_DESK, CHANGED, HOME, LONGEST_LIST, SEARCH, Catalog, at_desk_page, load_catalog
from kiosk.finding import Finder
from kiosk.items import Category, Item
from kiosk.pages import Choose, Notice
from kiosk.pinyin import dictionary, initials
from kiosk.tables import CATALOG, CatalogError, read_table
from kiosk.texts import spoken

PHONE = "000-00000000"
TODAY = date(2026, 11, 26)
OFFICIAL = {
    "社保": "参保信息查询 缴费记录查询 领取养老待遇资格认证 养老金发放查询 参保证明 社保卡临时挂失与解挂 个人权益记录单"
    " 灵活就业人员参保登记 城乡居民养老保险登记 社保卡信息与制卡进度",
    "医保": "异地就医备案 零星报销 门诊慢特病 居民医保缴费 个人账户查询 参保与缴费查询 医保参保凭证 居民医保参保登记"
    " 家庭共济 定点机构与药品目录",
    "就业创业": "失业登记 失业保险金申领 就业困难人员认定 创业担保贷款 招聘信息",
    "民政救助": "最低生活保障 临时救助 特困人员救助供养 残疾人两项补贴 高龄津贴 困境儿童保障",
    "养老助残": "老年优待证 孝老食堂用餐 居家养老服务预约 残疾人证 辅具申请",
    "卫生健康": "生育登记 托育与假期托管报名 预防接种预约 家庭医生签约",
    "住房城建": "公租房申请 法律援助预约 物业星级评价 加装电梯意见",
    "党员服务": "双报到 认领岗位 党员积分 组织关系转接",
    "便民服务": "诉求上报 我的网格 功能室与活动预约",
}
"""services.md section 7: nine categories, 51 items."""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def test_the_nine_categories_and_fifty_one_items_are_whole(catalog: Catalog) -> None:
    """In the order of the home page; the first two are the large tiles."""
    assert [category.label for category in catalog.categories] == [*OFFICIAL]
    for category in catalog.categories:
        assert [item.official for item in catalog.items_of(category.code)] == OFFICIAL[category.label].split()
    assert sum(item.category is not None for item in catalog.items) == 51
    assert [category.label for category in catalog.categories if category.tile == "large"] == ["社保", "医保"]
    assert catalog.category("medical-insurance").official == "医疗保障"


def test_the_items_with_a_journey_of_their_own(catalog: Catalog) -> None:
    """Which journey runs an item, whom it asks for, and what becomes of it without a network. All others are filed or
    booked as their entry says, or guides."""
    filed = [item for item in catalog.items if item.journey == "filing"]
    assert [item.code for item in filed] == ["self-paid", "rural-pension", "chronic", "resident-enrolment"]
    booked = [item for item in catalog.items if item.journey == "appointment"]
    assert [item.code for item in booked] == [
        "home-care", "childcare", "vaccine", "family-doctor", "legal-aid", "rooms",
    ]  # fmt: skip
    assert {(item.level, item.offline, item.needs.id_card) for item in booked} == {(0, "queue", "optional")}
    own = [item for item in catalog.items if item.journey not in ("guide", "filing", "appointment")]
    assert [(item.code, item.journey, item.level, item.offline, item.needs.id_card) for item in own] == [
        ("rider-check-in", "rider-check-in", 0, "queue", "optional"),
        ("my-matters", "my-matters", 0, "cached", "optional"),
        ("due", "due", 2, "never", "required"),
        ("insurance-status", "insurance-status", 1, "never", "required"),
        ("payments", "query", 1, "never", "required"),
        ("pension-check", "pension-certification", 1, "never", "required"),
        ("pension-paid", "query", 2, "never", "required"),
        ("insured-proof", "certificate", 2, "never", "required"),
        ("card-lost", "card-lost", 2, "never", "required"),
        ("rights-statement", "certificate", 2, "never", "required"),
        ("card-made", "query", 1, "never", "required"),
        ("remote-care-filing", "remote-care-filing", 2, "queue", "required"),
        ("medical-payment", "medical-payment", 1, "cached", "required"),
        ("medical-account", "query", 2, "never", "required"),
        ("medical-status", "query", 1, "never", "required"),
        ("medical-proof", "certificate", 2, "never", "required"),
        ("family-account", "family-account", 2, "never", "required"),
        ("hospitals-and-drugs", "directory", 0, "cached", "none"),
    ]
    not_expired = {item.code for item in catalog.items if not item.accepts_expired_card}
    assert not_expired == {"remote-care-filing", "family-account", *(item.code for item in filed)}
    guides = [item for item in catalog.items if item.journey == "guide"]
    assert {item.level for item in guides} == {0}
    for item in guides:
        assert item.offline == ("queue" if catalog.guide(item).proxy else "cached"), item.code


def test_a_lost_card_is_never_queued(catalog: Catalog) -> None:
    """journeys.md: live only; what helps at once is the telephone, which stands where it cannot be done here."""
    item = catalog.item("card-lost")
    assert not catalog.guide(item).proxy
    assert "12333" in item.way_out[0]
    assert "银行" in item.way_out[1]
    assert {item.code for item in catalog.items if item.way_out} == {"card-lost", "family-account"}


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
    first = [(option.value, option.label) for option in home.care]
    assert first == [
        ("social-insurance", "养老金和社保"), ("medical-insurance", "医保看病"), ("insured-proof", "开参保证明"),
        ("my-matters", "我的办件"), ("canteen", "老人食堂"),
    ]  # fmt: skip
    assert all(option.icon for option in home.care)


def test_every_item_stands_in_a_list_of_seven_lines_at_most(catalog: Catalog) -> None:
    """Directly below its category, or one group further."""
    reached: list[str] = []
    for category in catalog.categories:
        page = catalog.list_page(category, PHONE)
        assert isinstance(page, Choose)
        lists = [page]
        groups = {group.code: group for group, _category in catalog.groups}
        lists += [catalog.group_page(groups[option.value]) for option in page.options if option.value in groups]
        for each in lists:
            assert 0 < len(each.options) <= LONGEST_LIST
            assert each.aside is not None
            assert each.aside.value == AT_DESK
            reached += [option.value for option in each.options if option.value not in groups]
    assert sorted(reached) == sorted(item.code for item in catalog.items if item.category is not None)
    options = catalog.all_page(TODAY).options
    assert [option.value for option in options] == [category.code for category in catalog.categories]


def test_what_changed_lately_is_offered_the_newest_first(catalog: Catalog) -> None:
    """Its day beside it; neither what changed long ago nor what changes only tomorrow; no more than a list holds."""
    days = {
        "lift": TODAY,
        "jobless": TODAY - timedelta(60),
        "minimum": TODAY - timedelta(61),
        "jobs": TODAY + timedelta(1),
    }
    changed = replace(catalog, items=tuple(replace(item, changed=days.get(item.code)) for item in catalog.items))
    assert changed.all_page(TODAY).options[-1].value == CHANGED
    page = changed.changed_page(TODAY)
    assert [(option.value, option.note) for option in page.options] == [
        ("lift", "2026年11月26日起有变化"),
        ("jobless", "2026年9月27日起有变化"),
    ]
    everything = replace(catalog, items=tuple(replace(item, changed=TODAY) for item in catalog.items))
    assert len(everything.changed_page(TODAY).options) == LONGEST_LIST
    assert CHANGED not in [option.value for option in changed.without(["lift"]).all_page(TODAY + timedelta(61)).options]


def test_a_centre_can_switch_items_off(catalog: Catalog) -> None:
    """They stand in no list, are not found, and leave no empty group; a place on the home page goes with its item."""
    off = ["lift", "payments", "rights-statement", "rider-check-in", "my-matters"]
    less = catalog.without(off)
    assert not {*off} & {item.code for item in less.items}
    assert not {*off} & {option.value for option in less.search_page().options}
    page = less.list_page(less.category("social-insurance"), PHONE)
    assert isinstance(page, Choose)
    assert "social-insurance-records" not in [option.value for option in page.options]
    home = less.home(())
    assert (home.banner, home.foot) == (None, ())
    assert "my-matters" not in {option.value for option in home.care}
    with pytest.raises(CatalogError, match=r'services\.off: there is no item "elevator"'):
        catalog.without(["elevator"])


def test_a_category_without_items_leads_to_an_honest_page(catalog: Catalog) -> None:
    """No tile is dead: it says who handles it, and how to reach them."""
    everyday = catalog.category("everyday")
    page = catalog.without([item.code for item in catalog.items_of("everyday")]).list_page(everyday, PHONE)
    assert isinstance(page, Notice)
    assert page == at_desk_page(everyday, PHONE)
    assert everyday.label in page.question
    assert any(PHONE in line for line in page.lines)
    assert [option.value for option in page.actions] == [HOME]


def test_every_guide_is_complete(catalog: Catalog) -> None:
    """Where, when and the law come from the category where the item says nothing."""
    for item in catalog.items:
        if item.category is None:
            continue
        guide = catalog.guide(item)
        for said in (guide.what, guide.where, guide.when, *guide.who, *guide.bring, *guide.law):
            assert said.strip(), item.code
    assert catalog.guide(catalog.item("remote-care-filing")).law == ("医保发〔2022〕22号",)
    assert catalog.guide(catalog.item("reimbursement")).law == catalog.category("medical-insurance").law


# ---- Finding ---------------------------------------------------------------------------------------------------------


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
        ("装电梯", "", "lift"),
        ("", "gaoxueya", "chronic"),
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


def test_no_two_entries_are_called_the_same(catalog: Catalog) -> None:
    """What people say leads to one place."""
    called: dict[str, str] = {}
    entries: tuple[Item | Category, ...] = (*catalog.items, *catalog.categories)
    for entry in entries:
        for word in {*entry.option.words}:
            assert called.setdefault(word, entry.code) == entry.code, word


# ---- Mistakes --------------------------------------------------------------------------------------------------------


def test_every_icon_of_the_tables_is_in_the_icon_font() -> None:
    """Names as Material Design Icons has them, with hyphens."""
    drawn = set(vars(MDI7))
    for file in CATALOG.rglob("*.toml"):
        for icon in re.findall(r'icon = "([^"]*)"', file.read_text(encoding="utf-8")):
            assert icon.replace("-", "_") in drawn, f"{file.name}: {icon}"


HOME_FILE, SOCIAL, WORK, RELIEF = "services", "social-insurance", "work", "relief"


@pytest.mark.parametrize(
    ("file", "right", "wrong", "says"),
    [
        (SOCIAL, "level = 1\n", "level = 3\n", ('item "insurance-status", level', "0, 1 or 2")),
        (SOCIAL, "level = 1\n", "level = 1\nlevle = 2\n", ('item "insurance-status", levle',)),
        (SOCIAL, 'offline = "never"', 'offline = "maybe"', ('item "insurance-status", offline', "'never'")),
        (RELIEF, 'code = "minimum"', 'code = "jobless"', ('item "jobless", code', "taken")),
        (HOME_FILE, 'code = "my-matters"\njourney', 'code = "search"\njourney', ('item "search", code', "taken")),
        (HOME_FILE, 'code = "my-matters"\njourney', 'code = "my matters"\njourney', ('item "my matters", code',)),
        (HOME_FILE, 'item = "rider-check-in"', 'item = "riders"', ("home, banner, item", '"riders"')),
        (HOME_FILE, 'of = "canteen"', 'of = "mess"', ("home, care, of", '"mess"')),
        (HOME_FILE, '  "relief",\n', "", ("categories", '"relief" is missing')),
        (HOME_FILE, '  "relief",\n', '  "relief",\n  "sports",\n', ("sports.toml", "cannot be read")),
        (WORK, 'code = "work"', 'code = "labour"', ("category, code", '"labour"')),
        (SOCIAL, '["卡丢了", ', '["", ', ('item "card-lost", aliases',)),
        (SOCIAL, 'id_card = "required", printer', 'id_card = "optional", printer', ("needs", "level 1")),
        (WORK, 'icon = "briefcase"\n', "", ("category, icon",)),
        (WORK, "accepts_expired_card = true\n", "", ('item "jobless", accepts_expired_card',)),
        (WORK, 'label = "就业创业"', 'label = ""', ("category, label",)),
        (WORK, "[category]", "[category", ("TOML", "line")),
        (HOME_FILE, "[home]", "[front]", ("home",)),
        (SOCIAL, 'group = "social-insurance-join"\n', "", ("8 lines in a list",)),
        (SOCIAL, 'group = "social-insurance-join"', 'group = "joining"', ("group", '"joining"')),
        (SOCIAL, "months = [12, 24, 36]", "", ('item "payments", query, ask "months"', "a months needs months")),
        (SOCIAL, "months = [12, 24, 36]", "months = [0]", ('item "payments", query, ask "months", months',)),
        (SOCIAL, 'kind = "code:aae140"', 'kind = "aae140"', ('part "contributions", column "kind", kind',)),
        (SOCIAL, "proxy = false", "proxy = 7", ('item "card-lost", guide, proxy',)),
        (WORK, "most = 9999999", "most = 9999999\nlongest = 5", ('item "startup-loan"', "longest belongs to a text")),
        (WORK, 'bring = ["身份证或社保卡", "其他材料以服务台为准"]', "bring = []", ("guide, bring",)),
    ],
)  # fmt: skip
def test_a_mistake_names_file_entry_and_field(
    tmp_path: Path, file: str, right: str, wrong: str, says: tuple[str, ...]
) -> None:
    """One line, for whoever edits the tables."""
    shutil.copytree(CATALOG, tmp_path / "catalog")
    (edited,) = (tmp_path / "catalog").rglob(f"{file}.toml")
    text = edited.read_text(encoding="utf-8")
    assert right in text
    edited.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(CatalogError) as refused:
        load_catalog(tmp_path / "catalog")
    message = str(refused.value)
    assert "\n" not in message
    assert message.startswith((f"{file}.toml: ", "sports.toml: "))
    for part in says:
        assert part in message


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    """The two ways in which there is nothing to read."""
    with pytest.raises(CatalogError, match=r"absent\.toml: cannot be read"):
        read_table(tmp_path / "absent.toml", Item)
    (tmp_path / "latin.toml").write_bytes(b"label = '\xff'")
    with pytest.raises(CatalogError, match=r"latin\.toml: is not UTF-8 text \(byte 9\)"):
        read_table(tmp_path / "latin.toml", Item)
