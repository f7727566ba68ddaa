"""What can go wrong between a kiosk and central, one class per decision that a caller takes."""

from __future__ import annotations

from typing import Literal


class CentralError(Exception):
    """Central did not do what it was asked."""


class Unavailable(CentralError):
    """Central cannot be asked now: no connection, no answer in time, or an answer of 5xx. Worth trying again."""

    def __init__(self, reason: Literal["offline", "slow", "server"]) -> None:
        super().__init__(reason)
        self.reason: Literal["offline", "slow", "server"] = reason


class NotCentral(Unavailable):
    """Something answers in central's place: a captive portal, another server, rubbish. Counts as unreachable."""

    def __init__(self, detail: str) -> None:
        super().__init__("offline")
        self.detail = detail


class Declined(CentralError):
    """Central refused the request. ``code`` is the problem document's."""

    def __init__(self, code: str, title: str) -> None:
        super().__init__(code)
        self.code = code
        self.title = title


class Suspended(Declined):
    """Central has suspended this kiosk: out of order until staff act."""
