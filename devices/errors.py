"""What can go wrong between a driver and its device; each class is one decision for the caller.

Conditions that belong to the day (no card, no paper, cover open) are values of the drivers, not errors.
"""

from __future__ import annotations


class DeviceError(Exception):
    """Any failure of a device. The text is for the log; it never holds personal data."""


class NotFound(DeviceError):
    """There is no such line: no port of this name, nobody listens there, or it is in use. Decision: search again."""


class NoDriver(NotFound):
    """There is no such driver: a class from outside is missing, or not what it should be. Decision: the same, for
    somebody may mend it."""


class Lost(DeviceError):
    """The device was there and is not any more: the line ended or was cancelled. Decision: open a new line."""


class NotAtHand(Lost):
    """The supervisor has no device at the moment, so nothing was asked of one or sent to it; no driver raises this.
    Decision: as for Lost, but that whatever was wanted may be tried again."""


class Silent(Lost):
    """The line stands, but the device did not answer (or take its bytes) in time. Decision: ask again, a few times."""


class Garbled(DeviceError):
    """Bytes came that no working device sends: noise, a wrong checksum, an impossible length. Decision: ask again."""


class Refused(DeviceError):
    """The device understood and said no. `reason` is one of the strings that the driver documents, and what decides;
    `what` names what was refused, for the log: "unknown card type 'K'"."""

    def __init__(self, reason: str, what: str = "") -> None:
        super().__init__(f"{reason} {what}".rstrip())
        self.reason = reason
