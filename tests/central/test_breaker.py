"""An authority that is down is left alone, and found again by one call."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.authorities.breaker import Breaker
from central.upstream import NotGranted, NumberTaken, Unanswered


class Time:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def breaker(time: Time, failures: int = 3) -> Breaker:
    return Breaker("nobody", time, failures=failures, pause=10)


def state(one: Breaker) -> str:
    return one.state


def fail(one: Breaker) -> None:
    with pytest.raises(Unanswered), one.call():
        raise Unanswered("nothing")


def succeed(one: Breaker) -> None:
    with one.call():
        pass


def test_failures_in_a_row_open_it() -> None:
    """One answer among them begins the row anew; open, nobody gets through."""
    one = breaker(Time())
    fail(one)
    fail(one)
    succeed(one)
    fail(one)
    fail(one)
    assert state(one) == "closed"
    fail(one)
    assert state(one) == "open"
    reached: list[int] = []
    with pytest.raises(Unanswered, match="not asked"), one.call():
        reached.append(1)
    assert reached == []


def test_one_call_tries_when_the_pause_is_over() -> None:
    """Its failure begins the pause anew, at once; its success closes."""
    time = Time()
    one = breaker(time)
    for _ in range(3):
        fail(one)
    time.now += 9.9
    assert state(one) == "open"
    time.now += 0.1
    assert state(one) == "half-open"
    fail(one)
    assert state(one) == "open"
    time.now += 10
    succeed(one)
    assert state(one) == "closed"
    fail(one)
    assert state(one) == "closed", "the row began anew"


@pytest.mark.parametrize("answer", [NotGranted("没有"), NumberTaken()])
def test_an_authority_that_declines_is_well(answer: Exception) -> None:
    """A refusal is an answer."""
    time = Time()
    one = breaker(time, failures=1)
    for _ in range(3):
        with pytest.raises(type(answer)), one.call():
            raise answer
    assert state(one) == "closed"
    fail(one)
    time.now += 10
    with pytest.raises(type(answer)), one.call():
        raise answer
    assert state(one) == "closed"


def test_a_mistake_of_ours_says_nothing_and_keeps_nobody_out() -> None:
    """The one that tries may end in any way: another tries after it."""
    time = Time()
    one = breaker(time, failures=1)
    fail(one)
    time.now += 10
    with pytest.raises(ZeroDivisionError), one.call():
        raise ZeroDivisionError
    assert state(one) == "half-open"
    succeed(one)
    assert state(one) == "closed"


def test_of_many_that_come_at_once_one_tries() -> None:
    """The others are told at once, while it is still under way."""
    time = Time()
    one = breaker(time, failures=1)
    fail(one)
    time.now += 10
    together, release = Barrier(8), Event()

    def call() -> str:
        together.wait(10)
        try:
            with one.call():
                release.wait(10)
                return "tried"
        except Unanswered:
            return "told"

    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(call) for _ in range(8)]
        while sum(future.done() for future in calls) < 7:
            pass
        release.set()
        said = [future.result(10) for future in calls]
    assert sorted(said) == ["told"] * 7 + ["tried"]


def test_a_call_from_before_does_not_close_it() -> None:
    """What began before it opened says nothing about how the authority stands since."""
    one = breaker(Time(), failures=1)
    with one.call():
        fail(one)
    assert state(one) == "open"


@given(st.lists(st.one_of(st.booleans(), st.floats(0, 20)), max_size=60))
def test_it_never_stays_open(events: list[bool | float]) -> None:
    """Whatever happened: after a pause a call gets through, and its success closes."""
    time = Time()
    one = breaker(time)
    for event in events:
        if isinstance(event, bool):
            try:
                with one.call():
                    if event:
                        raise Unanswered("nothing")
            except Unanswered:
                pass
        else:
            time.now += event
    time.now += 10
    succeed(one)
    assert state(one) == "closed"
