"""How long a page waits for somebody who does not touch it."""

from __future__ import annotations

from typing import Protocol, TypeVar

from kiosk.pages import Choose, Done, Notice, Page, Rating, Result, SendPapers, Table

A = TypeVar("A")

RESULT_CLOSES, CARE_RESULT_CLOSES = 30.0, 60.0
"""Seconds without a touch after which a result or a list of records is closed, the last of them under a warning."""
UNTIL_STAFF_COMES = 300.0
"""Seconds that a page waits before the warning which a member of staff has to come to: the help page says so."""
AT_THE_TELEPHONE = 3
"""Times as long: hands and eyes are at the telephone. Whatever comes from there begins the time anew."""


class IdleTimes(Protocol):
    """Seconds without a touch until the warning, and from the warning to the wipe; on the home page, to its rest."""

    @property
    def warn_after(self) -> float: ...
    @property
    def wipe_after(self) -> float: ...
    @property
    def care_warn_after(self) -> float: ...
    @property
    def care_wipe_after(self) -> float: ...
    @property
    def attract_after(self) -> float: ...


def closes_itself(page: Page[A]) -> tuple[float, object] | None:
    """Seconds without a touch after which a page ends by itself, and with which answer; None: it does not."""
    if isinstance(page, Rating):
        return page.closes_after, page.skip.value
    if isinstance(page, Done) and page.closes_after is not None and page.actions:
        return page.closes_after, page.actions[-1].value
    return None


def patience(page: Page[A], times: IdleTimes, *, care: bool) -> tuple[float, float]:
    """Seconds until the warning, and from the warning until the page is left."""
    warn, wipe, closes = times.warn_after, times.wipe_after, RESULT_CLOSES
    if care:
        warn, wipe, closes = times.care_warn_after, times.care_wipe_after, CARE_RESULT_CLOSES
    if isinstance(page, Choose | Notice | Result | Table) and page.personal:
        wipe = min(wipe, closes / 2)
        warn = min(warn, closes - wipe)
    if isinstance(page, SendPapers) or (isinstance(page, Done) and page.fetches):
        warn *= AT_THE_TELEPHONE
    if page.awaits_staff:
        warn = max(warn, UNTIL_STAFF_COMES)
    return warn, wipe
