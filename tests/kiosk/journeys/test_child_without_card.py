"""A child whose number is typed: its papers go through a worker's hands, or a worker vouches before they are sent."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from kiosk.contract.filings import ServiceFiling
from kiosk.contract.identity import Witness
from kiosk.contract.records import decode_act, encode_act
from kiosk.errors import Unavailable
from kiosk.identity import Person
from kiosk.journeys.papers import DESK, FINISH
from kiosk.manner import Back
from kiosk.pages import Choose
from kiosk.witness import says
from tests.kiosk.journeys.test_filing import CHILD, FOR_A_CHILD, Script, journey, texts_of
from tests.kiosk.journeys.test_papers import CLOSED, opened
from tests.kiosk.people import LIN, LIN_OWED
from tests.kiosk.scripted import ScriptedCounter, played

ENROLMENT = journey("resident-enrolment")
WORD = Witness(worker="w01", reason="child")
OF_THE_GUARDIAN = Witness(worker="w01", reason="telephone-changed")
SENT: Script = [("upload-open", opened()), ("send-papers", FINISH), ("upload-step", CLOSED)]


def for_a_child(*backed: tuple[str, object], guardian: Person = LIN) -> Script:
    """A whole filing, with these steps for the papers."""
    at = FOR_A_CHILD.index(("backing", "desk"))
    return [FOR_A_CHILD[0], ("card", guardian), *FOR_A_CHILD[2:at], *backed, *FOR_A_CHILD[at + 1 :]]


def act_of(counter: ScriptedCounter) -> ServiceFiling:
    (act,) = counter.acts
    assert isinstance(act, ServiceFiling)
    assert decode_act(act.kind, act.version, encode_act(act)) == act
    return act


def choices(counter: ScriptedCounter) -> list[Choose[str]]:
    """The page of the papers, each time that it was shown."""
    return [cast("Choose[str]", page) for page in counter.pages if page.name == "backing"]


async def test_a_worker_vouches_before_papers_are_sent_by_telephone() -> None:
    """The code is the guardian's own, the word the child's; the page says beforehand that one is needed, and why."""
    counter = await played(ENROLMENT, for_a_child(("backing", "upload"), ("witness", WORD), *SENT))
    act = act_of(counter)
    assert (act.shown, act.backing, act.check, act.witness) == ("papers", "upload", "code", WORD)
    assert counter.vouched_for == [CHILD]
    assert says(WORD.reason, "identity")
    (page,) = choices(counter)
    assert page.hint == "孩子的号码是输进来的，要请工作人员对一下户口本。"
    assert [(option.value, option.note) for option in page.options if option.primary] == [
        ("upload", "先请工作人员作证，再传")
    ]


async def test_papers_that_are_handed_to_a_worker_need_no_further_word() -> None:
    counter = await played(ENROLMENT, FOR_A_CHILD)
    assert (act_of(counter).backing, act_of(counter).witness) == ("desk", None)
    assert counter.vouched_for == []


async def test_the_word_stays_where_nothing_came_by_telephone() -> None:
    given_up: Script = [SENT[0], ("send-papers", DESK), ("upload-step", CLOSED)]
    counter = await played(ENROLMENT, for_a_child(("backing", "upload"), ("witness", WORD), *given_up))
    assert (act_of(counter).backing, act_of(counter).papers, act_of(counter).witness) == ("desk", (), WORD)


async def test_where_nobody_vouches_the_papers_go_to_the_desk() -> None:
    """No worker is near, or one does not vouch: nothing is sent by telephone, and the way that helps comes first."""
    counter = await played(ENROLMENT, for_a_child(("backing", "upload"), ("witness", None), ("backing", "desk")))
    assert (act_of(counter).backing, act_of(counter).witness) == ("desk", None)
    _first, again = choices(counter)
    assert again.hint == "没有人作证也不要紧，材料交到服务台一样办。"
    assert [option.value for option in again.options if option.primary] == ["desk"]


async def test_a_worker_who_comes_later_may_vouch_then() -> None:
    twice: Script = [("backing", "upload"), ("witness", None), ("backing", "upload"), ("witness", WORD), *SENT]
    assert act_of(await played(ENROLMENT, for_a_child(*twice))).witness == WORD


@pytest.mark.parametrize("word", [None, OF_THE_GUARDIAN])
async def test_where_no_word_can_be_had_for_the_child_nothing_is_sent(word: Witness | None) -> None:
    """The machine knows no worker; or the one word that a filing carries is the guardian's own. No page speaks of a
    word then."""
    guardian = LIN if word is None else replace(LIN, check="witness", witness=word)
    script = for_a_child(("backing", "desk"), guardian=guardian)
    counter = await played(ENROLMENT, script, can_vouch=word is not None)
    assert (act_of(counter).backing, act_of(counter).check, act_of(counter).witness) == ("desk", guardian.check, word)
    (page,) = choices(counter)
    assert [option.value for option in page.options] == ["desk"]
    assert page.hint == "孩子的号码是输进来的，要在服务台请工作人员对一下户口本。"
    assert "作证" not in "".join(texts_of(page))


async def test_without_network_the_papers_are_brought_as_anybody_s() -> None:
    at = FOR_A_CHILD.index(("backing", "desk"))
    start: Script = [FOR_A_CHILD[0], ("card", LIN_OWED), *FOR_A_CHILD[2 : at - 1]]
    script: Script = [*start, ("filing-basis", Unavailable("offline")), ("backing", "desk")]
    script += [("telephone", "13800000000"), ("confirm", None), ("submit", None), ("done", "finish")]
    counter = await played(ENROLMENT, script)
    assert act_of(counter).check == "owed"
    (page,) = choices(counter)
    assert ([option.value for option in page.options], page.hint) == (["desk"], "")


async def test_another_child_needs_another_word() -> None:
    """Whoever goes back and types another number is vouched for anew."""
    at = FOR_A_CHILD.index(("backing", "desk"))
    to_the_code: Script = [*FOR_A_CHILD[:at], ("backing", "upload"), ("witness", WORD), SENT[0]]
    back: Script = [("send-papers", Back()), ("backing", Back()), ("insured-place", Back()), ("child-name", Back())]
    other = "339902201704080027"
    again = for_a_child(("backing", "upload"), ("witness", WORD), *SENT)[2:]
    again[0] = ("child-number", other)
    counter = await played(ENROLMENT, [*to_the_code, *back, *again])
    assert [person.number for person in counter.vouched_for] == [CHILD.number, other]
    assert act_of(counter).person.number == other
