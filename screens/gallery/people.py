"""Whom and what the gallery's pages are about: people who do not exist, what became of their matters, and the paper."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from kiosk.catalog import load_catalog
from kiosk.contract.messages import MatterState
from kiosk.desk import NO_PAPER, Filed, Paper
from kiosk.identity import Person
from kiosk.journeys import paper as offered
from kiosk.pages import Option
from kiosk.settings import Site

CATALOG: Final = load_catalog()
SITE: Final = Site()
NOON: Final = datetime(2026, 3, 5, 1, 41, tzinfo=UTC)
NUMBER: Final = "K001-26-000317-7Q4X7"


def somebody(name: str) -> Person:
    """Of this name, known by card and code."""
    return Person(
        name=name,
        number="35090119550307112X",
        sex="female",
        birth=date(1955, 3, 7),
        card="resident",
        valid_to=None,
        level=2,
        check="code",
    )


def filed(state: MatterState, paper: Paper | None = None, page: str = "") -> Filed:
    """What became of a matter."""
    return Filed(id=UUID(int=1), number=NUMBER, at=NOON, state=state, paper=paper, page=page)


PRINTED: Final = Paper(outcome="printed")
OUT_OF_PAPER: Final = Paper(outcome="not printed", reason=NO_PAPER)
PERHAPS: Final = Paper(outcome="unknown", reason="jam")

# What ``kiosk.journeys.paper`` offers in the state that a page is in.
FIRST: Final = Option(value=offered.PRINT, label="打一张凭条", icon="printer-outline")
ONCE_MORE: Final = Option(value=offered.PRINT, label="再打一次凭条", icon="printer-outline")
COPY: Final = Option(value=offered.COPY, label="补打一张", icon="printer-outline")
TO_FAMILY: Final = Option(value=offered.FAMILY, label="给家里人打一张", icon="home-heart")
