"""The rider station's board: eleven services, what rests by the month, what a keeper has set."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.contract.acts import RiderCategory
from kiosk.station import Station, load_station
from kiosk.tables import CATALOG, CatalogError

SERVICES = ["饮水", "手机充电", "热饭", "歇脚", "取暖", "雨具", "如厕", "应急药品", "免费 Wi-Fi", "看书", "纳凉"]


@pytest.fixture(scope="module")
def station() -> Station:
    return load_station()


def test_eleven_services_in_the_order_of_the_board(station: Station) -> None:
    """As drawn; each has its place in the room, and two are looked after."""
    assert [service.label for service in station.services] == SERVICES
    assert all(service.where for service in station.services)
    assert {service.label: service.tracked for service in station.services if service.tracked} == {
        "雨具": "comes-back",
        "应急药品": "runs-out",
    }
    assert "十一项" in station.welcome(None)[0]


def test_five_categories_cover_what_a_check_in_can_say(station: Station) -> None:
    """外卖 快递 网约车 环卫 其他."""
    assert [category.label for category in station.categories] == ["外卖", "快递", "网约车", "环卫", "其他"]
    assert {category.code for category in station.categories} == set(RiderCategory)


@pytest.mark.parametrize("month", range(1, 13))
def test_cooling_rests_in_winter_and_warming_in_summer(station: Station, month: int) -> None:
    """What rests says why; everything else is there and says nothing."""
    resting = {entry.label: entry.note for entry in station.board(month) if not entry.available}
    expected = {"纳凉": "冬季停用"} if month in (11, 12, 1, 2, 3) else {}
    if month in (5, 6, 7, 8, 9):
        expected = {"取暖": "夏季停用"}
    assert resting == expected
    assert all(entry.note == "" for entry in station.board(month) if entry.available)


def test_the_banner_counts_only_who_came(station: Station) -> None:
    """A number that nobody has, or a sad one, is not shown."""
    assert station.welcome(37) == ("十一项服务，都免费", "今天来过 37 位小哥")
    assert station.welcome(0) == station.welcome(None) == ("十一项服务，都免费",)


def test_a_keeper_s_word_stands_on_the_board(tmp_path: Path) -> None:
    """An umbrella stand that is empty says so, in the keeper's words."""
    file = _edited(tmp_path, 'label = "雨具"', 'label = "雨具"\nstate = "out"\nreason = "借完了"')
    umbrella = next(entry for entry in load_station(file).board(7) if entry.label == "雨具")
    assert (umbrella.available, umbrella.note) == (False, "借完了")


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ('label = "雨具"', 'label = "雨具"\nstate = "out"', 'service "rain-gear", reason'),
        ('label = "雨具"', 'label = "雨具"\nstate = "gone"', 'service "rain-gear", state'),
        ("months = [5", "months = [13", 'service "warming", closed, months'),
        ('code = "food"', 'code = "flowers"', 'category "flowers", code'),
        ('code = "food"', 'code = "parcels"', 'category "parcels", code: stands twice'),
        ('code = "wifi"', 'code = "toilet"', 'service "toilet", code: stands twice'),
    ],
)
def test_a_mistake_names_file_entry_and_field(tmp_path: Path, right: str, wrong: str, says: str) -> None:
    """One line, for whoever edits the tables."""
    with pytest.raises(CatalogError) as refused:
        load_station(_edited(tmp_path, right, wrong))
    assert str(refused.value).startswith("rider_station.toml: ")
    assert says in str(refused.value)


def _edited(folder: Path, right: str, wrong: str) -> Path:
    text = (CATALOG / "rider_station.toml").read_text(encoding="utf-8")
    assert right in text
    file = folder / "rider_station.toml"
    file.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    return file
