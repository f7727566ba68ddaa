"""The question for a place, asked the same way in every journey."""

from __future__ import annotations

from kiosk.pages import ChoosePlace, Option, Province
from kiosk.regions import city_name, provinces


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
