"""What becomes of one or two stars: an order, its limit, its answer, the call, the monthly sheet."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from central import evaluations, work_orders
from central.__main__ import app
from central.database import Database
from central.opening import Opening
from central.tables import evaluations as evaluations_table
from central.tables import work_orders as table
from central.work_orders import NoSuchOrder, NotSo
from kiosk.contract.acts import Rating
from kiosk.contract.ratings import ReasonedRating
from tests.central.kiosks import Clock, FakeKiosk

TELEPHONE = "13900000000"
MONDAY = date(2026, 11, 23)
"""The day of the test's clock, in Shanghai."""


def bad(words: str = "", *reasons: str, telephone: str | None = None, stars: int = 1) -> ReasonedRating:
    return ReasonedRating(service="insurance-status", stars=stars, reasons=reasons, words=words, telephone=telephone)


def give(kiosk: FakeKiosk, opening: Opening, *acts: ReasonedRating | Rating) -> None:
    records = [kiosk.write(act) for act in acts]
    kiosk.send(kiosk.records[0], *records)
    opening.work_off()


def test_one_and_two_stars_become_orders(kiosk: FakeKiosk, opening: Opening, database: Database) -> None:
    """Of both versions of the record; due in fifteen working days; more stars are nothing to look into."""
    give(
        kiosk,
        opening,
        bad("等了很久", telephone=TELEPHONE),
        bad("", "209", stars=2),
        Rating(service="insurance-status", stars=1),
        ReasonedRating(service="insurance-status", stars=3),
    )
    rows = work_orders.read(database, MONDAY)
    assert {(row["state"], row["opened_on"], row["due_on"], row["late"]) for row in rows} == {
        ("open", "2026-11-23", "2026-12-14", False)
    }
    assert sorted((row["stars"], row["reasons"], row["words"], row["telephone"]) for row in rows) == [
        (1, [], "", None),
        (1, [], "等了很久", "139＊＊＊＊0000"),
        (2, ["209"], "", None),
    ]


def test_an_order_names_no_record(kiosk: FakeKiosk, opening: Opening, database: Database) -> None:
    """Neither the record's id nor the minute stands in any row; a record that comes twice is one order."""
    record = kiosk.write(bad("慢"))
    kiosk.send()
    opening.work_off()
    kiosk.send(record)
    opening.work_off()
    with database.reading() as connection:
        rows = [*connection.execute(select(table)), *connection.execute(select(evaluations_table))]
    assert len(rows) == 2
    written = " ".join(str(value) for row in rows for value in row)
    assert record.header.id.hex not in written.replace("-", "")
    assert f"{record.header.happened_at:%H:%M}" not in written


def test_it_is_answered_called_back_and_closed(
    kiosk: FakeKiosk, opening: Opening, database: Database, clock: Clock
) -> None:
    """In this order; the telephone is whole for whoever calls, and gone when it is closed."""
    give(kiosk, opening, bad("慢", telephone=TELEPHONE))
    (row,) = work_orders.read(database, MONDAY)
    number = str(row["number"])
    with pytest.raises(NotSo, match="no answer"):
        work_orders.close(database, number, clock(), called_back=True)
    work_orders.answer(database, number, "加了一台打印机", clock())
    with pytest.raises(NotSo, match="called back"):
        work_orders.close(database, number, clock(), called_back=False)
    assert work_orders.telephone_of(database, number) == TELEPHONE
    work_orders.close(database, number, clock(), called_back=True)
    assert work_orders.telephone_of(database, number) is None
    with pytest.raises(NotSo, match="closed"):
        work_orders.answer(database, number, "再改", clock())
    (row,) = work_orders.read(database, MONDAY)
    assert (row["state"], row["answer"], row["telephone"]) == ("closed", "加了一台打印机", None)
    with pytest.raises(NoSuchOrder):
        work_orders.answer(database, "20261123-0000", "", clock())


def test_the_monthly_sheet(kiosk: FakeKiosk, opening: Opening, database: Database, clock: Clock) -> None:
    """Late is what was answered after the limit, or not yet though it is over."""
    give(kiosk, opening, bad("一"), bad("二", telephone=TELEPHONE), bad("三"))
    first, second, _third = (str(row["number"]) for row in work_orders.read(database, MONDAY))
    work_orders.answer(database, first, "改了", clock())
    clock.move(timedelta(days=30))
    work_orders.answer(database, second, "也改了", clock())
    (sheet,) = work_orders.by_month(database, MONDAY + timedelta(days=30))
    assert (sheet.month, sheet.opened, sheet.answered, sheet.late, sheet.closed) == ("2026-11", 3, 2, 2, 0)
    assert (sheet.wanted_calls, sheet.called_back) == (1, 0)
    assert [row["late"] for row in work_orders.read(database, MONDAY + timedelta(days=30))].count(True) == 1


def test_the_command_line(kiosk: FakeKiosk, opening: Opening, database: Database, url: str) -> None:
    """Lists, answers, shows whom to call, closes; what cannot be done is one line and exit code 2."""
    give(kiosk, opening, bad("慢", telephone=TELEPHONE))

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, [*arguments, "--db", url])
        return done.exit_code, done.output

    code, listed = run("work-orders", "--json")
    (row,) = json.loads(listed)
    number = row["number"]
    assert (code, TELEPHONE in listed) == (0, False)
    assert number in run("work-orders")[1]
    assert run("work-order", number, "--close", "--called")[0] == 2
    assert run("work-order", number, "--answer", "改了", "--telephone") == (0, f"{TELEPHONE}\n")
    assert (
        run("work-order", number, "--close")[1] == "central: that cannot be done: its person wants to be called back\n"
    )
    assert run("work-order", number, "--close", "--called") == (0, "")
    assert json.loads(run("work-orders", "--months", "--json")[1])[0]["closed"] == 1
    assert run("work-order", "20261123-0000", "--close")[0] == 2
    day = ("--since", "2026-11-23", "--until", "2026-11-23")
    assert json.loads(run("evaluations", *day)[1])[0]["writingEvaluation"] == "慢"


FIELDS = {
    "areaCode", "areaName", "deptCode", "taskCode", "taskHandleItem", "taskName", "subMatter", "projectNo", "proStatus",
    "proDepartCode", "proDepart", "proManager", "pf", "certkeyGOV", "userName", "userProp", "satisfaction",
    "evalDetail", "writingEvaluation", "assessTime", "assessNumber", "appStatus", "promiseTime", "acceptDate",
    "dataSource",
}  # fmt: skip
"""Of an evaluation (办件评价), as the platforms of the provinces publish them."""


def test_an_evaluation_has_every_field_of_the_platform(kiosk: FakeKiosk, opening: Opening, database: Database) -> None:
    """With the values that a terminal's have; it names nobody."""
    give(kiosk, opening, bad("等了很久", "110", "115", telephone=TELEPHONE))
    (given,) = evaluations.given(database, MONDAY, MONDAY)
    whole = evaluations.as_standard(given, evaluations.load_centre())
    assert whole.keys() == FIELDS
    assert {
        "pf": "5",
        "satisfaction": "1",
        "evalDetail": "110,115",
        "writingEvaluation": "等了很久",
        "assessNumber": "1",
        "assessTime": "2026-11-23 00:00:00",
        "userProp": "1",
        "userName": "",
        "certkeyGOV": "",
        "taskName": "参保信息查询",
        "promiseTime": "2",
        "proStatus": "3",
    }.items() <= whole.items()
    assert TELEPHONE not in whole.values()
    assert evaluations.given(database, MONDAY + timedelta(days=1), MONDAY + timedelta(days=1)) == []


def test_what_the_platform_does_not_take_is_not_handed_on(
    kiosk: FakeKiosk, opening: Opening, database: Database
) -> None:
    """One or two stars need a reason or words; three and more need none."""
    give(kiosk, opening, bad(), bad("慢"), bad("", "207", stars=2), ReasonedRating(service="x", stars=3))
    found = evaluations.given(database, MONDAY, MONDAY)
    assert sorted((one.stars, one.complete) for one in found) == [(1, False), (1, True), (2, True), (3, True)]
    assert evaluations.load_centre().matter_of("x").task_code == "x", "what is not listed goes by the catalogue's code"


def test_counted_as_often_as_given(kiosk: FakeKiosk, opening: Opening, database: Database) -> None:
    give(kiosk, opening, *(bad("慢") for _ in range(3)))
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(evaluations_table)).scalar_one() == 3
