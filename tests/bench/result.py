"""What a bench gives back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict


class Result(TypedDict):
    """One measurement against its bar; the unit stands in the bench's name (`_ms`, `_ratio`, `_share`)."""

    value: float
    bar: float
    ok: bool
    peers: dict[str, float]
    """What others reach in the same run, by name."""


Bench = Callable[[], Result]
