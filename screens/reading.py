"""What can be read on the glass, in the order in which it is read: for the keyboard's focus and for the voice.

The tree of the widgets is in reading order, as everything is made in that order; a test holds it against the places.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kivy.uix.widget import Widget

from kiosk.texts import _
from screens.digits import Places
from screens.text import Text
from screens.touch import Target
from screens.widgets import FactRow, Key

TURNS = ("page:", "month:")
"""How the meanings begin of what turns the pages of a list and the months of a calendar."""


@dataclass(frozen=True, kw_only=True)
class Passage:
    """What is read in one go. Of what is ``covered`` only that it is."""

    widget: Widget
    texts: tuple[str, ...]
    covered: bool = False

    @property
    def target(self) -> Target | None:
        """What can be pressed here, or could at another time."""
        return self.widget if isinstance(self.widget, Target) else None


def passages(widgets: Iterable[Widget]) -> Iterator[Passage]:
    """Everything to be read on these parts of the glass. Digits that were typed are not: who typed them knows them."""
    for widget in widgets:
        yield from _passages(widget)


def _passages(widget: Widget) -> Iterator[Passage]:
    match widget:
        case Widget(opacity=0) | Places():
            return
        case Target():
            yield Passage(widget=widget, texts=tuple(_texts_on(widget)))
        case FactRow():
            value = _("按住看") if widget.covered else widget.value.text
            yield Passage(widget=widget, texts=(widget.label.text, value), covered=widget.covered)
        case Text():
            if widget.text:
                yield Passage(widget=widget, texts=(widget.text,))
        case _:
            yield from passages(reversed(widget.children))


def _texts_on(target: Target) -> Iterator[str]:
    for widget in target.walk(restrict=True):
        if isinstance(widget, Text) and widget.text:
            yield widget.text


def targets(found: Iterable[Passage]) -> list[Target]:
    """What can be pressed."""
    return [passage.target for passage in found if passage.target is not None and passage.target.enabled]


def is_choice(target: Target) -> bool:
    """Whether it is an answer: neither a key of a pad nor what turns a page."""
    return not isinstance(target, Key) and not str(target.means).startswith(TURNS)
