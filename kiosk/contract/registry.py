"""The one registry of what records can hold: every kind and version of an act or audit event that was ever released."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.contract.acts import (
    Act,
    Genesis,
    ProxyRequest,
    Rating,
    RemoteCareFiling,
    RiderCheckIn,
    RiderCorrection,
)
from kiosk.contract.appointments import Appointment, AppointmentCancellation
from kiosk.contract.audit import EVENTS
from kiosk.contract.filings import ServiceFiling
from kiosk.contract.live import FamilyAccount, RemoteCareWithdrawal, SocialCardLoss
from kiosk.contract.papers import Papers
from kiosk.contract.ratings import ReasonedRating
from kiosk.contract.remote_care import RemoteCareFiling2, RemoteCareFiling3

if TYPE_CHECKING:
    from kiosk.contract.messages import MatterState, Sort

_DECIDED: tuple[type[Act], ...] = (
    Genesis,
    RiderCheckIn,
    RiderCorrection,
    Rating,
    ReasonedRating,
    RemoteCareFiling,
    RemoteCareFiling2,
    RemoteCareFiling3,
    ProxyRequest,
    ServiceFiling,
    SocialCardLoss,
    FamilyAccount,
    RemoteCareWithdrawal,
    Papers,
    Appointment,
    AppointmentCancellation,
)
ACTS: dict[tuple[str, int], type[Act]] = {(act.kind, act.version): act for act in (*_DECIDED, *EVENTS)}
LIVE = frozenset(act.kind for act in ACTS.values() if act.live)
"""The kinds that are carried out at once or not at all: by central's clock, however they reach it."""

_SORTS: dict[str, Sort] = {
    ProxyRequest.kind: "handed over",
    Appointment.kind: "appointment",
    AppointmentCancellation.kind: "cancelled",
    **dict.fromkeys(LIVE, "at once"),
}


def sort_of(kind: str) -> Sort:
    """Who has the matter of such a record; of any that is not named here, an authority."""
    return _SORTS.get(kind, "filing")


def told(kind: str, state: MatterState) -> MatterState:
    """The state of a matter as it is told: a live one that is ``kept`` is under way at this moment, or was cut off, and
    nobody knows whether it was carried out."""
    return "unsure" if kind in LIVE and state == "kept" else state
