"""好差评: what is asked, and what counts when somebody walks away in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar, cast

import pytest
from pydantic import ValidationError

from kiosk.contract.ratings import ReasonedRating
from kiosk.desk import Left
from kiosk.manner import Back
from kiosk.pages import Choose, Digits, Done, Page, Rating
from kiosk.rating import NO_REASON, NO_TELEPHONE, OWN_WORDS, SKIPPED, how_it_was, load_reasons

A = TypeVar("A")
IDLE = Left("idle")


@dataclass
class Script:
    """Answers page after page; keeps what was shown."""

    answers: list[tuple[str, object]]
    shown: list[Page[object]] = field(default_factory=list)

    async def show(self, make: Callable[[], Page[A]]) -> A:
        page = make()
        name, answer = self.answers.pop(0)
        assert page.name == name
        self.shown.append(cast("Page[object]", page))
        if isinstance(answer, Exception):
            raise answer
        return cast(A, answer)


async def rated(*answers: tuple[str, object]) -> tuple[ReasonedRating | None, Script]:
    script = Script(list(answers))
    rating = await how_it_was(script.show, "insurance-status")
    assert not script.answers, f"it ended before {script.answers[0][0]}"
    return rating, script


def given(stars: int, *reasons: str, words: str = "", telephone: str | None = None) -> ReasonedRating:
    return ReasonedRating(service="insurance-status", stars=stars, reasons=reasons, words=words, telephone=telephone)


async def test_whoever_is_satisfied_is_asked_nothing_more() -> None:
    for stars in (3, 4, 5):
        rating, script = await rated(("rating", stars))
        assert rating == given(stars)
        (page,) = script.shown
        assert isinstance(page, Rating)


@pytest.mark.parametrize("answer", [SKIPPED, IDLE, Left("cancelled"), Back()])
async def test_nobody_has_to_say_anything(answer: object) -> None:
    assert (await rated(("rating", answer)))[0] is None


async def test_a_reason_of_the_standard_list_for_so_many_stars() -> None:
    """The standard's words, all of them, and its code is what is recorded."""
    rating, script = await rated(
        ("rating", 2), ("rating-reason", "209"), ("rating-call-back", False), ("rating-heard", "finish")
    )
    assert rating == given(2, "209")
    reasons = script.shown[1]
    assert isinstance(reasons, Choose)
    assert [option.value for option in reasons.options] == [*map(str, range(207, 215)), OWN_WORDS]
    heard = script.shown[-1]
    assert isinstance(heard, Done)
    assert heard.closes_after is not None, "nobody has to press anything more"
    assert heard.lines == ("15 个工作日内，会有人来查、来改。",)


async def test_words_of_ones_own_and_a_telephone_by_choice() -> None:
    rating, script = await rated(
        ("rating", 1),
        ("rating-reason", OWN_WORDS),
        ("rating-words", "等了很久"),
        ("rating-call-back", True),
        ("rating-telephone", "12345678901"),
        ("rating-telephone", "13900000000"),
        ("rating-heard", "finish"),
    )
    assert rating == given(1, words="等了很久", telephone="13900000000")
    again, heard = script.shown[-2], script.shown[-1]
    assert isinstance(again, Digits)
    assert again.problem, "no telephone has such a number"
    assert isinstance(heard, Done)
    assert "改好了给您回电话。" in heard.lines


async def test_neither_a_reason_nor_a_telephone() -> None:
    rating, _script = await rated(
        ("rating", 1),
        ("rating-reason", NO_REASON),
        ("rating-call-back", True),
        ("rating-telephone", NO_TELEPHONE),
        ("rating-heard", IDLE),
    )
    assert rating == given(1)


@pytest.mark.parametrize("gone", [IDLE, Left("cancelled"), Back()])
async def test_what_was_said_counts_when_somebody_walks_away(gone: Exception) -> None:
    """The stars without a reason, the reason without a telephone."""
    assert (await rated(("rating", 1), ("rating-reason", gone)))[0] == given(1)
    assert (await rated(("rating", 1), ("rating-reason", OWN_WORDS), ("rating-words", gone)))[0] == given(1)
    reason = ("rating-reason", "110")
    said = await rated(("rating", 1), reason, ("rating-call-back", gone), ("rating-heard", gone))
    assert said[0] == given(1, "110")


def test_only_the_dissatisfied_give_reasons() -> None:
    for more in ({"reasons": ("207",)}, {"words": "好"}, {"telephone": "13900000000"}):
        with pytest.raises(ValidationError):
            ReasonedRating.model_validate({"service": "x", "stars": 3, **more})


def test_the_list_is_the_standards() -> None:
    """GB/T 39734—2020, annex A: 108 to 115 for one star, 207 to 214 for two."""
    assert [(reason.stars, int(reason.code)) for reason in load_reasons()] == [
        *((1, code) for code in range(108, 116)),
        *((2, code) for code in range(207, 215)),
    ]
