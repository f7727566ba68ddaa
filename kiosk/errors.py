"""What can go wrong between a kiosk, its disk and central: one class per decision that a caller takes."""

from __future__ import annotations

from typing import Final, Literal


class CentralError(Exception):
    """Central did not do what it was asked."""


class Unavailable(CentralError):
    """Central cannot be asked now: no connection, no answer in time, or an answer of 5xx. Worth trying again.

    ``after`` are the seconds that the answer asks to wait before that.
    """

    def __init__(self, reason: Literal["offline", "slow", "server"], after: float = 0.0) -> None:
        super().__init__(reason)
        self.reason: Literal["offline", "slow", "server"] = reason
        self.after = after


NO_TRUST: Final = "no trust in its certificate"


class NotCentral(Unavailable):
    """Something answers in central's place: a captive portal, another server, rubbish. Counts as unreachable."""

    def __init__(self, detail: str) -> None:
        super().__init__("offline")
        self.detail = detail


class Declined(CentralError):
    """Central refused the request. ``code`` is the problem document's, ``status`` the answer's; ``after`` as there."""

    def __init__(self, code: str, title: str, status: int = 400, after: float = 0.0) -> None:
        super().__init__(code)
        self.after = after
        self.code = code
        self.title = title
        self.status = status


class Suspended(Declined):
    """Central has suspended this kiosk: out of order until staff act."""


class Unusable(Exception):
    """A table or a settings file cannot be used. The message is one line: file, place, what is wrong."""


class NotKept(Exception):
    """The outbox could not keep a record; nothing of it was stored, except perhaps where the reason is ``unsure``.

    ``full``: no room on the disk. ``broken``: the disk or the database fails. ``busy``: another program holds the
    database. ``no keys``: there was no first contact with central yet. ``unsure``: it is not known whether it was kept.
    """

    def __init__(self, reason: Literal["full", "broken", "busy", "no keys", "unsure"], detail: str = "") -> None:
        super().__init__(reason)
        self.reason: Literal["full", "broken", "busy", "no keys", "unsure"] = reason
        self.detail = detail


class CannotKeep(NotKept):
    """The same, found out before the person decided anything: nothing was to be kept yet."""
