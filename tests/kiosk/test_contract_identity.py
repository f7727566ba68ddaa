"""What stands behind an act: a worker's word has its worker and its reason, or there is no act."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from kiosk.contract.identity import Agent, Check, PersonReference, ShownBy, Vouched, Witness

WITNESS = Witness(worker="w01", reason="no-telephone")


@pytest.mark.parametrize(("shown", "check"), [("id-card", "witness"), ("worker", "code"), ("worker", "owed")])
def test_a_worker_s_word_is_no_silent_flag(shown: ShownBy, check: Check) -> None:
    """Neither the check nor the identity rests on a worker who is not named with a reason."""
    with pytest.raises(ValidationError, match="needs the worker and the reason"):
        Vouched(shown=shown, check=check)
    assert Vouched(shown=shown, check=check, witness=WITNESS).witness == WITNESS


def test_errors_say_nothing_of_the_person() -> None:
    """A worker's name, a reason that tells of an illness, whose number it was: none stands in an error."""
    with pytest.raises(ValidationError) as caught:
        Witness(worker="林芳", reason="瘫痪在床")
    with pytest.raises(ValidationError) as of_agent:
        Agent.model_validate({"person": {"number": "1", "name": "陈建国"}, "relation": "孙女", "shown": "id-card"})
    for said in (str(caught.value), str(of_agent.value)):
        assert not any(words in said for words in ("林芳", "瘫痪", "陈建国", "孙女"))


def test_who_acts_is_a_person_of_their_own() -> None:
    """The agent has a number and a name, and what they are to the person."""
    agent = Agent(person=PersonReference(number="440524188001010014", name="陈建国"), relation="child", shown="id-card")
    assert Vouched(shown="id-card", check="code", agent=agent).agent == agent
