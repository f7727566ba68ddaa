"""Where the parts of a page stand on the panel."""

from __future__ import annotations

import pytest

from kiosk.manner import Manner
from screens.layout import Space
from screens.theme import Rect, Theme
from screens.zones import zones

UPRIGHT = Rect(x=0, y=0, width=1080, height=1920)


@pytest.mark.parametrize("high", [200, 800, 1000])
@pytest.mark.parametrize("low", [False, True], ids=["upright", "low"])
def test_answers_begin_below_the_question(low: bool, high: int) -> None:
    """However high it is: in low position too, where the answers have the lower half at most."""
    places = zones(Theme(UPRIGHT, 21.5, Manner(low=low)), Space(high))
    assert places.question.top <= places.head.y
    assert places.answer.top < places.question.y
    if low:
        assert places.answer.top <= UPRIGHT.height / 2
