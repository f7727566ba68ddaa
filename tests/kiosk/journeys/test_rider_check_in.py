"""小哥驿站签到 as its script says."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import pytest

from kiosk.contract.acts import RiderCategory, RiderCheckIn, RiderCorrection
from kiosk.contract.queries import LastCheckIn
from kiosk.errors import Unavailable
from kiosk.journeys.rider_check_in import rider_check_in
from kiosk.pages import Done, Table, Tick
from kiosk.station import load_station
from tests.kiosk.people import CHEN
from tests.kiosk.scripted import PRINTED, played

JOURNEY = partial(rider_check_in, station=load_station())


async def test_one_tap_on_a_picture_counts_the_visit() -> None:
    counter = await played(JOURNEY, [("category", "food"), ("submit", None), ("done", "finish")])
    assert counter.acts == [RiderCheckIn(method="picture", category=RiderCategory.FOOD)]
    assert counter.receipts == []


async def test_the_board_says_what_there_is_and_where() -> None:
    """A side way of the first page: whoever looks is not counted for it; what rests says why, and no number stands."""
    counter = await played(
        JOURNEY, [("category", "board"), ("board", "back"), ("category", "food"), ("submit", None), ("done", "finish")]
    )
    board = counter.page("board")
    assert isinstance(board, Table)
    there = {line.cells[0]: line.cells[1] for line in board.lines}
    assert len(there) == 11
    assert there["热饭"] == "右手第二个柜子"
    assert there["纳凉"] == "冬季停用", "it is November"
    assert not any(character.isdigit() for where in there.values() for character in where)
    assert len(counter.acts) == 1


async def test_by_card_last_times_choice_is_set() -> None:
    counter = await played(
        JOURNEY,
        [
            ("category", "by-card"),
            ("card", CHEN),
            ("last-check-in", LastCheckIn(services=("water", "charging", "no-longer-there"))),
            ("services", ("water",)),
            ("submit", None),
            ("done", "finish"),
        ],
    )
    board = counter.page("services")
    assert isinstance(board, Tick)
    assert board.question == "陈师傅，您好。要用点什么？"
    assert board.chosen == ("water", "charging")
    assert counter.acts == [RiderCheckIn(method="id-card", person=CHEN.reference, services=("water",))]


async def test_it_works_offline() -> None:
    counter = await played(
        JOURNEY,
        [
            ("category", "by-card"),
            ("card", CHEN),
            ("last-check-in", Unavailable("offline")),
            ("services", ()),
            ("submit", None),
            ("done", "finish"),
        ],
    )
    assert counter.acts == [RiderCheckIn(method="id-card", person=CHEN.reference)]


async def test_the_receipt_comes_on_request_and_names_nobody() -> None:
    counter = await played(
        JOURNEY,
        [("category", "parcels"), ("submit", None), ("done", "print"), ("print", PRINTED), ("done", "finish")],
    )
    (slip,) = counter.receipts
    assert [(row.label, row.value) for row in slip.rows] == [("签到", "已记上"), ("行业", "快递")]
    done = counter.page("done")
    assert isinstance(done, Done)
    assert done.paper == "请取走凭条"
    assert "print" not in [action.value for action in done.actions]


async def test_a_wrong_tap_is_corrected_by_a_record_of_its_own() -> None:
    counter = await played(
        JOURNEY,
        [
            ("category", "food"),
            ("submit", None),
            ("done", "change"),
            ("category", "parcels"),
            ("submit", None),
            ("done", "finish"),
        ],
    )
    assert counter.acts == [
        RiderCheckIn(method="picture", category=RiderCategory.FOOD),
        RiderCorrection(corrects=UUID(int=1), check_in=RiderCheckIn(method="picture", category=RiderCategory.PARCELS)),
    ]


async def test_done_goes_home_by_itself() -> None:
    counter = await played(JOURNEY, [("category", "other"), ("submit", None), ("done", "finish")])
    done = counter.page("done")
    assert isinstance(done, Done)
    assert done.closes_after == 3.0
    assert done.actions[-1].value == "finish"


async def done_with(*services: str) -> Done:
    by_card: list[tuple[str, object]] = [
        ("category", "by-card"), ("card", CHEN), ("last-check-in", Unavailable("offline")),
        ("services", services), ("submit", None), ("done", "finish"),
    ]  # fmt: skip
    done = (await played(JOURNEY, by_card)).page("done")
    assert isinstance(done, Done)
    return done


async def test_what_says_more_stays_longer() -> None:
    """One line is read in three seconds; each further character has its time, up to twenty seconds."""
    everything = [service.code for service in load_station().services if service.where]
    times = [(await done_with(*everything[:count])).closes_after or 0 for count in range(1, len(everything) + 1)]
    assert times[0] == 3.0
    assert times == sorted(times)
    two = await done_with(*everything[:2])
    assert times[1] == pytest.approx(3 + len(two.lines[1]) / 6)
    assert 10 < times[-1] <= 20


async def test_a_second_check_in_within_half_an_hour_is_the_same_visit() -> None:
    """It rewrites the first: what the rider uses in the end is what is counted, once."""
    counter = await played(
        JOURNEY,
        [
            ("category", "by-card"),
            ("card", CHEN),
            ("last-check-in", Unavailable("offline")),
            ("services", ("charging",)),
            ("submit", None),
            ("done", "finish"),
        ],
        made_lately=UUID(int=77),
    )
    check_in = RiderCheckIn(method="id-card", person=CHEN.reference, services=("charging",))
    assert counter.acts == [RiderCorrection(corrects=UUID(int=77), check_in=check_in)]
    assert counter.asked_lately == [("rider.check-in", CHEN.number)]


async def test_a_picture_asks_nobody_who_was_there() -> None:
    counter = await played(
        JOURNEY, [("category", "food"), ("submit", None), ("done", "finish")], made_lately=UUID(int=77)
    )
    assert counter.acts == [RiderCheckIn(method="picture", category=RiderCategory.FOOD)]
    assert counter.asked_lately == []


async def test_who_corrects_twice_is_counted_once() -> None:
    """Each correction names the record that is counted, not the correction before it."""
    again = [("done", "change"), ("category", "parcels"), ("submit", None)]
    counter = await played(JOURNEY, [("category", "food"), ("submit", None), *again, *again, ("done", "finish")])
    corrections = [act for act in counter.acts if isinstance(act, RiderCorrection)]
    assert [act.corrects for act in corrections] == [UUID(int=1), UUID(int=1)]
