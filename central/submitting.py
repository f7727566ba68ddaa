"""What goes to an authority, whatever it is: to whom, whose check it is, and what central keeps of it to tell it by."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from central.upstream import Fate, MedicalInsurance, SocialSecurity, TakesPapers, Upstreams
from kiosk.contract.acts import ProxyRequest, RemoteCareFiling
from kiosk.contract.appointments import Appointment
from kiosk.contract.filings import Authority, ServiceFiling
from kiosk.contract.identity import PersonReference
from kiosk.contract.messages import Matter
from kiosk.contract.remote_care import RemoteCareFiling2, RemoteCareFiling3

Submitted = RemoteCareFiling | RemoteCareFiling2 | ServiceFiling

WITH_ITEM: Final = (ProxyRequest.kind, ServiceFiling.kind, Appointment.kind)
"""The kinds of record that are one item of the catalogue or another: their summary is its code."""


def submit(upstreams: Upstreams, kiosk: str, ours: str, act: Submitted) -> Fate:
    """Sends it under our number. Raises Unanswered, NotGranted, NumberTaken, NotOffered."""
    match act:
        case RemoteCareFiling2(changes=str(number)):
            return upstreams.medical.change(kiosk, ours, act, number)
        case RemoteCareFiling() | RemoteCareFiling2():
            return upstreams.medical.file(kiosk, ours, act)
        case ServiceFiling():
            return desk_of(upstreams, act).file_service(kiosk, ours, act)


def fate_of(upstreams: Upstreams, kiosk: str, ours: str, act: Submitted) -> Fate | None:
    """What became of it; None: nothing ever came under our number. Raises Unanswered, NotGranted, NotOffered."""
    match act:
        case RemoteCareFiling() | RemoteCareFiling2():
            return upstreams.medical.fate(kiosk, ours, act)
        case ServiceFiling():
            return desk_of(upstreams, act).service_fate(kiosk, ours, act)


def desk_of(upstreams: Upstreams, act: ServiceFiling) -> MedicalInsurance | SocialSecurity:
    """The authority that decides."""
    return upstreams.medical if act.authority == "medical" else upstreams.social


def office_of(upstreams: Upstreams, act: Submitted) -> TakesPapers:
    """Who takes papers for it."""
    return desk_of(upstreams, act) if isinstance(act, ServiceFiling) else upstreams.medical


def papers_of(act: Submitted) -> tuple[UUID, ...]:
    """The pictures that it names."""
    return act.papers if isinstance(act, RemoteCareFiling3 | ServiceFiling) else ()


def summary_of(act: Submitted) -> str:
    """What it is, in codes: nothing of the person."""
    return act.item if isinstance(act, ServiceFiling) else f"{act.filing.value} {act.place}"


def item_of(act: Submitted) -> str | None:
    """The catalogue's item, where the insured place's time limits go by it."""
    return act.item if isinstance(act, ServiceFiling) else None


def applicant_of(act: Submitted) -> PersonReference:
    """Whose check stands behind it, and whose telephone is asked where that is owed."""
    return act.applicant if isinstance(act, ServiceFiling) else act.person


def authority_of(act: Submitted) -> Authority:
    """Who decides."""
    return act.authority if isinstance(act, ServiceFiling) else "medical"


OFFICES: Final[dict[Authority, str]] = {"medical": "医保", "social": "社保"}


def question_to(act: Submitted, days: int) -> str:
    """What the telephone on record is asked. It may be read over a shoulder, so it does not name
    the item, which can tell of an illness."""
    office, what = OFFICES[authority_of(act)], in_words(act)
    if for_another(act):
        return (
            f"【{office}】有人在自助终端替您登记了{what}，还没有提交。是您让办的，请在 {days} 天内点开链接确认。"
            "不是您让办的，不用理会。"
        )
    return (
        f"【{office}】您在自助终端登记了{what}，还没有提交。是您本人办的，请在 {days} 天内点开链接确认。"
        "不是您办的，不用理会。"
    )


def for_another(act: Submitted) -> bool:
    """Whether whoever stood at the kiosk acted for the person whose check it is."""
    return not isinstance(act, RemoteCareFiling) and act.agent is not None and applicant_of(act) == act.person


def in_words(act: Submitted) -> str:
    """What it is, as a message may say it: which item, can tell of an illness."""
    return f"一件{OFFICES[authority_of(act)]}的事" if isinstance(act, ServiceFiling) else "异地就医备案"


def no_telephone(now: datetime) -> Matter:
    """What becomes of a matter whose check is owed by somebody without a telephone on record: nobody can be asked, and
    nothing was sent."""
    text = "没有您留的手机号，没法问您本人，这件事没有提交。请再办一次，办的时候请工作人员作证。"
    return Matter(state="declined", code="not-confirmed", text=text, at=now)
