"""我的办件 as its script says."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest

from kiosk.contract.messages import Matter
from kiosk.contract.queries import MatterLine, Matters
from kiosk.errors import Unavailable
from kiosk.journeys.my_matters import my_matters
from kiosk.pages import Table
from tests.kiosk.people import LIN
from tests.kiosk.scripted import played

LATE = datetime(2026, 11, 21, 17, 30, tzinfo=UTC)
LINE = MatterLine(
    kind="medical.remote-care-filing",
    at=LATE,
    number="K001-26-000317-7Q4XM",
    matter=Matter(state="sent", number="YD20261122000123", text="等医保部门审核", at=LATE),
)


async def test_each_matter_with_its_state_and_both_numbers() -> None:
    counter = await played(my_matters, [("card", LIN), ("matters", Matters(lines=(LINE,))), ("matters", "finish")])
    shown = counter.page("matters")
    assert isinstance(shown, Table)
    (line,) = shown.lines
    assert line.cells == (
        "异地就医备案",
        "已提交，等审核",
        "2026年11月22日",
        "K001-26-000317-7Q4XM",
        "YD20261122000123",
    ), "the day is Shanghai's"
    assert line.note == "等医保部门审核"


async def test_what_was_handed_over_is_called_by_its_item() -> None:
    """By the catalogue's name; an item that this terminal does not know is some other matter."""
    sent = Matter(state="sent", at=LATE)
    lines = tuple(
        MatterLine(kind="service.proxy-request", item=item, at=LATE, number="K001-26-000318-7Q4XM", matter=sent)
        for item in ("minimum", "unheard-of")
    )
    journey = partial(my_matters, names={"minimum": "最低生活保障"})
    counter = await played(journey, [("card", LIN), ("matters", Matters(lines=lines)), ("matters", "finish")])
    shown = counter.page("matters")
    assert isinstance(shown, Table)
    assert [row.cells[:2] for row in shown.lines] == [
        ("最低生活保障（请人代办）", "已转给工作人员"),
        ("其他事项", "已转给工作人员"),
    ]


async def test_none_found_says_so() -> None:
    counter = await played(my_matters, [("card", LIN), ("matters", Matters(lines=())), ("matters", "finish")])
    shown = counter.page("matters")
    assert isinstance(shown, Table)
    assert (shown.question, shown.lines) == ("没有找到您的办件", ())
    assert shown.nothing


async def test_offline_it_cannot_be_answered() -> None:
    with pytest.raises(Unavailable):
        await played(my_matters, [("card", LIN), ("matters", Unavailable("offline"))])
