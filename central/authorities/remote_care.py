"""How authorities write remote-care filings (异地就医备案): the names of the platform's table of them, and code values.

The names are those of the platform's own table (OUT_APPY_EVT_C): trt_dcla_detl_sn the authority's number, rloc_admdvs
the place of treatment, rloc_rea the reason, rchk_flag the review, vali_flag whether it holds. Code values differ
between provinces; those here are the sandbox's, and a city's stand in its settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from central.authorities.wire import Area, Day, Number, Wire, Words
from central.upstream import Fate, FateState, Unanswered
from kiosk.contract.acts import FilingKind, RemoteCareMatter
from kiosk.contract.identity import Agent
from kiosk.contract.queries import Filing
from kiosk.contract.remote_care import RemoteCareFiling2, RemoteCareFiling3


@dataclass(frozen=True, kw_only=True)
class RemoteCareCodes:
    """What one authority writes for what is meant."""

    kinds: Mapping[str, FilingKind] = field(
        default_factory=lambda: {str(at): kind for at, kind in enumerate(FilingKind, start=1)}
    )
    """rloc_rea."""
    reviews: Mapping[str, FateState] = field(
        default_factory=lambda: {"0": "accepted", "1": "decided", "2": "declined", "3": "papers wanted"}
    )
    """rchk_flag."""
    ends: Mapping[str, FateState] = field(default_factory=lambda: {"0": "withdrawn", "2": "changed"})
    """vali_flag, where the filing does not hold any more."""

    def kind(self, kind: FilingKind) -> str:
        """The code of a kind."""
        return next(code for code, meant in self.kinds.items() if meant is kind)

    def fate(self, entry: RemoteCareEntry) -> Fate:
        """What became of a filing. Raises Unanswered for codes that nobody told us of."""
        state = self.ends.get(entry.vali_flag) or self.reviews.get(entry.rchk_flag)
        if state is None:
            raise Unanswered(f"rchk_flag {entry.rchk_flag} is not known")
        return Fate(
            state=state, number=entry.trt_dcla_detl_sn or None, text=entry.memo or None, place=entry.insu_admdvs or None
        )

    def filing(self, entry: RemoteCareEntry, today: date) -> Filing:
        """The same as a line for the person. Raises Unanswered for codes that nobody told us of."""
        kind = self.kinds.get(entry.rloc_rea)
        if kind is None or entry.begndate is None or not entry.rloc_admdvs:
            raise Unanswered("a filing without its kind, its place or its begin")
        state = self.fate(entry).state
        over = entry.enddate is not None and entry.enddate < today
        return Filing(
            number=entry.trt_dcla_detl_sn,
            filing=kind,
            place=entry.rloc_admdvs,
            begin=entry.begndate,
            end=entry.enddate,
            state="under review"
            if state in ("accepted", "papers wanted")
            else "in force"
            if state == "decided" and not over
            else "ended",
        )


def agent_of(filing: RemoteCareMatter) -> Agent | None:
    """Who acts for the person (代办人)."""
    return filing.agent if isinstance(filing, RemoteCareFiling2) else None


def pictures_of(filing: RemoteCareMatter) -> int:
    """att_cnt: how many pictures of papers belong to it."""
    return len(filing.papers) if isinstance(filing, RemoteCareFiling3) else 0


class RemoteCareEntry(Wire):
    """A filing as the authority lists it; what answers a submission has the first four and the words alone."""

    trt_dcla_detl_sn: Number
    rchk_flag: str
    vali_flag: str = "1"
    insu_admdvs: Area | Literal[""] = ""
    memo: Words = ""
    omsgid: str = ""
    """The msgid under which it came, as the platform's reversal (2601) names it."""
    rloc_admdvs: Area | Literal[""] = ""
    rloc_rea: str = ""
    begndate: Day = None
    enddate: Day = None


class RemoteCareResult(Wire):
    """Output of a submission or a withdrawal."""

    result: RemoteCareEntry


class RemoteCareList(Wire):
    """Output of the query."""

    outinfo: tuple[RemoteCareEntry, ...]
