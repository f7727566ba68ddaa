"""How the screens speak to the person in front of them, and the asks of the foot that every page may be left by.

``show`` of a page ends with an answer or with one of these exceptions, so that no journey has to know of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.texts import Language


@dataclass(frozen=True, kw_only=True)
class Manner:
    """What a visit may change about the screens. The wipe sets it back to ``Manner()``."""

    language: Language = "zh"
    care: bool = False
    """关怀模式: larger type and targets, fewer choices at a time, more time, no motion."""
    larger: bool = False
    """The larger of the two text sizes that there are with and without care mode: four together."""
    contrast: bool = False
    """高对比: white on black."""
    low: bool = False
    """低位操作: everything that is pressed stands in the lower half. A panel that lies across is low as it is."""
    listen: bool = False
    """听读: what is touched first is read aloud, the second touch chooses."""


class Back(Exception):
    """返回: the question before, with its answer as the draft."""


class Anew(Exception):
    """The same page again in another manner."""

    def __init__(self, manner: Manner) -> None:
        super().__init__()
        self.manner = manner


class HelpAsked(Exception):
    """找人帮忙: whoever is on duty is asked to come; the same page is shown again after."""
