"""The question for a place, asked the same way in every journey, and the way to another where nothing was found."""

from __future__ import annotations

from typing import Final

from kiosk.pages import ChoosePlace, Option, Province
from kiosk.regions import UnknownPlace, city_name, provinces
from kiosk.texts import _

ELSEWHERE: Final = "elsewhere"
"""Answer of a result: another place, which is asked for."""
THERE: Final = "there:"
"""Begins the answer of a result that leads to a place which knows the person; its code follows."""


def choose_place(name: str, question: str, hint: str, common: tuple[str, ...]) -> ChoosePlace:
    """``common``: six-digit codes of the places that the centre sees most, shown first."""
    return ChoosePlace(
        name=name,
        question=question,
        hint=hint,
        common=tuple(Option(value=code, label=city_name(code)) for code in common),
        provinces=tuple(
            Province(
                name=province.name,
                cities=tuple(
                    Option(value=place.code, label=place.name, words=place.words) for place in province.cities
                ),
                words=province.words,
            )
            for province in provinces()
        ),
    )


def known_elsewhere(places: tuple[str, ...]) -> str:
    """Nothing here, but there: never that somebody is insured nowhere."""
    names = _("、").join(_short(code) for code in places)
    return _("您在{places}有记录，可以换到那里看。").format(places=names)


def to_places(places: tuple[str, ...]) -> tuple[Option[str], ...]:
    """The ways to the first two of them."""
    return tuple(
        Option(
            value=f"{THERE}{code}", label=_("看{place}的").format(place=_short(code)), icon="map-marker-check-outline"
        )
        for code in places[:2]
    )


def _short(code: str) -> str:
    try:
        return city_name(code)
    except UnknownPlace:
        return code
