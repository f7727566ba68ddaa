"""Back and a change of manner are replays; what was done is never done twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import pytest

from kiosk import texts
from kiosk.contract.acts import RiderCategory, RiderCheckIn
from kiosk.contract.base import Message
from kiosk.contract.messages import Matter
from kiosk.contract.queries import Inquiry, LastCheckIn, LastCheckInOf
from kiosk.desk import Desk, Left
from kiosk.errors import Unavailable
from kiosk.manner import Back
from kiosk.pages import Choose, Option
from kiosk.visit import Visit
from tests.kiosk.acts import card_loss
from tests.kiosk.people import LIN
from tests.kiosk.scripted import ENGLISH, NOW, ScriptedCounter, played

M = TypeVar("M", bound=Message)
ME = LIN
ACT = RiderCheckIn(method="picture", category=RiderCategory.FOOD)


def question(name: str) -> Choose[str]:
    return Choose(name=name, question=name, options=(Option(value="a", label="a"), Option(value="b", label="b")))


async def filing(desk: Desk) -> None:
    person = await desk.identify()
    await desk.ask(question("kind"))
    await desk.query(LastCheckInOf(person=person.reference))
    await desk.ask(question("place"))
    await desk.ask(question("confirm"))
    await desk.submit(ACT)
    await desk.ask(question("done"))


KNOWN = LastCheckIn(services=())
STOPPED = Matter(state="decided", number="JS1", text="停用了", at=NOW)


async def test_back_over_a_query_asks_for_no_second_card_and_offers_the_drafts() -> None:
    """Back from place shows kind again with its earlier answer; the card and what central said before it stay."""
    counter = await played(
        filing,
        [
            ("card", ME),
            ("kind", "a"),
            ("last-check-in", KNOWN),
            ("place", "b"),
            ("confirm", Back()),
            ("place", Back()),
            ("kind", "b"),
            ("last-check-in", KNOWN),
            ("place", "b"),
            ("confirm", "a"),
            ("submit", None),
            ("done", "a"),
        ],
    )
    assert counter.drafts == [
        ("kind", None),
        ("place", None),
        ("confirm", None),
        ("place", "b"),
        ("kind", "a"),
        ("place", "b"),
        ("confirm", None),
        ("done", None),
    ]


async def test_questions_are_numbered_as_the_person_meets_them() -> None:
    """Who shows a card takes a step by it; Back counts back. What only tells something (the guide) is no step."""
    script: list[tuple[str, object]] = [("card", ME), ("kind", "a"), ("last-check-in", KNOWN), ("place", Back())]
    script += [("kind", "b"), ("last-check-in", KNOWN), ("place", "b"), ("confirm", "a")]
    counter = await played(filing, [*script, ("submit", None), ("done", "a")])
    assert counter.numbered == [2, 3, 2, 3, 4, 5]


async def test_a_change_of_language_on_the_last_page_submits_nothing_twice() -> None:
    counter = await played(
        filing,
        [
            ("card", ME),
            ("kind", "a"),
            ("last-check-in", KNOWN),
            ("place", "b"),
            ("confirm", "a"),
            ("submit", None),
            ("done", ENGLISH),
            ("done", "a"),
        ],
    )
    assert counter.acts == [ACT]


async def test_another_language_while_something_is_awaited_asks_nothing_twice() -> None:
    """What is made of texts from before the wait is made again: no page is half in the one and half in the other."""

    @dataclass
    class Hurried(ScriptedCounter):
        """Somebody presses English while central is asked."""

        async def query(self, query: Inquiry[M]) -> M:
            answer = await super().query(query)
            texts.speak("en")
            return answer

    async def journey(desk: Desk) -> None:
        before = f"before {texts.language()}"
        await desk.query(LastCheckInOf(person=ME.reference))
        await desk.ask(question(before))

    counter = Hurried([("last-check-in", KNOWN), ("before en", "a")])
    with texts.spoken("zh"):
        await Visit(counter, now=NOW, change=lambda _anew: None).run(journey)
    assert counter.script == []


async def test_back_stops_at_what_was_done() -> None:
    """After submit the page says that there is no way back, and a Back all the same leaves the journey."""
    script = [
        ("card", ME),
        ("kind", "a"),
        ("last-check-in", KNOWN),
        ("place", "b"),
        ("confirm", "a"),
        ("submit", None),
        ("done", Back()),
    ]
    with pytest.raises(Left):
        await played(filing, script)
    counter = await played(filing, [*script[:-1], ("done", "a")])
    assert counter.backs == [True, True, True, False]


async def test_back_on_the_first_question_leaves() -> None:
    with pytest.raises(Left) as left:
        await played(filing, [("card", ME), ("kind", Back())])
    assert left.value.reason == "cancelled"


async def test_what_failed_can_be_tried_again_without_asking_anew() -> None:
    """After 再试一次 the query is put once more; the card and the answer before it are kept."""
    counter = ScriptedCounter(
        [
            ("card", ME),
            ("kind", "a"),
            ("last-check-in", Unavailable("offline")),
            ("last-check-in", KNOWN),
            ("place", "a"),
            ("confirm", "a"),
            ("submit", None),
            ("done", "a"),
        ]
    )
    visit = Visit(counter, now=NOW, change=lambda _anew: None)
    with pytest.raises(Unavailable):
        await visit.run(filing)
    visit.try_again()
    await visit.run(filing)
    assert counter.script == []


async def test_find_says_none_where_central_cannot_be_asked() -> None:
    found: list[object] = []

    async def journey(desk: Desk) -> None:
        found.append(await desk.find(LastCheckInOf(person=ME.reference)))

    await played(journey, [("last-check-in", Unavailable("slow"))])
    assert found == [None]


async def test_a_journey_that_turns_elsewhere_over_what_was_recorded_is_stopped() -> None:
    """A journey must be a function of its answers: a replay that goes another way over a record is a fault."""
    turns = iter([True, False])

    async def journey(desk: Desk) -> None:
        if next(turns):
            await desk.submit(ACT)
        await desk.ask(question("done"))

    with pytest.raises(RuntimeError, match="the journey asks for ask done"):
        await played(journey, [("submit", None), ("done", ENGLISH)])


LOSS = card_loss()


async def stopping(desk: Desk) -> None:
    await desk.ask(question("confirm"))
    filed = await desk.submit(LOSS, live=True)
    while filed.state == "unsure" and await desk.ask(question("unsure")) == "a":
        filed = await desk.ask_again(filed)
    await desk.ask(question("done"))


async def test_a_live_act_that_was_not_recorded_can_be_tried_again() -> None:
    """Central was away: what the person confirmed stands, and nothing happened that Back would have to stop at."""
    counter = ScriptedCounter(
        [("confirm", "a"), ("submit", Unavailable("offline")), ("submit", STOPPED), ("done", "a")]
    )
    visit = Visit(counter, now=NOW, change=lambda _anew: None)
    with pytest.raises(Unavailable):
        await visit.run(stopping)
    assert counter.acts == []
    visit.try_again()
    await visit.run(stopping)
    assert (counter.script, counter.acts, counter.backs) == ([], [LOSS], [True, False])


async def test_what_became_of_a_live_act_is_asked_and_never_done_again() -> None:
    """A change of language after that replays the answers."""
    script = [("confirm", "a"), ("submit", None), ("unsure", "a"), ("ask again", None), ("unsure", "a")]
    counter = await played(stopping, [*script, ("ask again", STOPPED), ("done", ENGLISH), ("done", "a")])
    assert counter.acts == [LOSS]


async def test_what_is_live_is_said_twice() -> None:
    """By the act's kind and by the journey: neither is queued by mistake."""

    async def journey(desk: Desk) -> None:
        await desk.submit(LOSS)

    async def another(desk: Desk) -> None:
        await desk.submit(ACT, live=True)

    for wrong in (journey, another):
        with pytest.raises(ValueError, match="live"):
            await played(wrong, [])
