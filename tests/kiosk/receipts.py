"""Receipts as real journeys write them, of people who do not exist, and the papers that they are printed on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from kiosk.equipment import PaperKind
from kiosk.printing import Style
from kiosk.receipts import Receipt
from tests.kiosk.journeys import test_appointment as appointment
from tests.kiosk.journeys import test_card_lost as card_lost
from tests.kiosk.journeys import test_certificate as certificate
from tests.kiosk.journeys import test_family as family
from tests.kiosk.journeys import test_family_account as family_account
from tests.kiosk.journeys import test_filing as filing
from tests.kiosk.journeys import test_guide as guide
from tests.kiosk.journeys import test_insurance_status as insurance
from tests.kiosk.journeys import test_medical_payment as payment
from tests.kiosk.journeys import test_pension_certification as pension
from tests.kiosk.journeys import test_query as query
from tests.kiosk.journeys import test_remote_care_filing as remote_care
from tests.kiosk.journeys import test_rider_check_in as rider
from tests.kiosk.people import CHEN, LIN, LIN_OWED
from tests.kiosk.scripted import PRINTED, played

RARE_SURNAME = "𫞩"
"""In Unicode since 2010 and in no printer's font: its line goes out as a bitmap."""


async def kept() -> Receipt:
    return (await played(remote_care.JOURNEY, remote_care.OFFLINE)).receipts[0]


async def kept_for_a_rare_name() -> Receipt:
    person = replace(LIN_OWED, name=RARE_SURNAME + LIN.name[1:])
    script = [(name, person if name == "card" else answer) for name, answer in remote_care.OFFLINE]
    return (await played(remote_care.JOURNEY, script)).receipts[0]


async def sent() -> Receipt:
    script = [*remote_care.TO_CONFIRM, ("submit", remote_care.SENT), ("done", "finish")]
    return (await played(remote_care.JOURNEY, script)).receipts[0]


async def looked_up() -> Receipt:
    status = [("insured-place", "350900"), ("insurance-status", insurance.NINGDE)]
    to_print = [("result", "print"), ("print", PRINTED), ("result", "finish")]
    return (await played(insurance.JOURNEY, [("card", LIN), *status, *to_print])).receipts[0]


async def handed_over() -> Receipt:
    script = [*guide.script_of(guide.CATALOGUE.item("minimum"), "offline"), ("done", "finish")]
    return (await played(guide.journey("minimum"), script)).receipts[0]


async def booked() -> Receipt:
    return (await appointment.booked()).receipts[0]


async def wished_for() -> Receipt:
    return (await appointment.wished_for()).receipts[0]


async def booked_for_family() -> Receipt:
    return (await appointment.booked(("done", "family"), ("print", PRINTED))).receipts[-1]


async def given_back() -> Receipt:
    return (await appointment.given_back()).receipts[0]


async def for_family() -> Receipt:
    return await family.family_of_a_filing()


async def leaflet() -> Receipt:
    return (await guide.looked_at("resident-enrolment", ("guide", "print"), ("print", PRINTED))).receipts[0]


async def checked_in() -> Receipt:
    script = [
        ("category", "by-card"), ("card", CHEN), ("last-check-in", None), ("services", ("hot-meal", "charging")),
        ("submit", None), ("done", "print"), ("print", PRINTED), ("done", "finish"),
    ]  # fmt: skip
    return (await played(rider.JOURNEY, script)).receipts[0]


async def records() -> Receipt:
    script = [*query.TO_PAID, ("records", "print"), ("print", PRINTED), ("records", "finish")]
    return (await played(query.journey("payments"), script)).receipts[0]


async def applied_for() -> Receipt:
    script = [*filing.to_confirm("chronic"), ("submit", filing.SENT), ("done", "finish")]
    return (await played(filing.journey("chronic"), script)).receipts[0]


async def enrolled_by_a_guardian() -> Receipt:
    script = [(name, None if name == "submit" else answer) for name, answer in filing.FOR_A_CHILD]
    return (await played(filing.journey("resident-enrolment"), script)).receipts[0]


async def certify_by_phone() -> Receipt:
    to_print = [("ways", "phone"), ("by-phone", "print"), ("print", PRINTED), ("by-phone", "finish")]
    return (await pension.shown(pension.DUE, *to_print)).receipts[0]


async def carried_out_for_family() -> Receipt:
    script = [*card_lost.ONLINE[:-1], ("done", "family"), ("print", PRINTED), ("done", "finish")]
    return (await played(card_lost.JOURNEY, script)).receipts[-1]


async def carried_out() -> Receipt:
    return (await played(card_lost.JOURNEY, card_lost.ONLINE)).receipts[0]


async def not_carried_out() -> Receipt:
    script = [*card_lost.TO_CONFIRM, ("submit", card_lost.LATE), ("done", "finish")]
    return (await played(card_lost.JOURNEY, script)).receipts[0]


async def perhaps_carried_out() -> Receipt:
    return (await played(card_lost.JOURNEY, card_lost.UNSURE)).receipts[0]


async def shared() -> Receipt:
    script = [*family_account.ADDING, ("submit", family_account.ADDED), ("done", "finish")]
    return (await played(family_account.JOURNEY, script)).receipts[0]


async def given() -> Receipt:
    to_print = [("certificate", "print"), ("certificate-fetched", certificate.FETCHED), ("print", PRINTED)]
    script = [*certificate.TO_HOUSE, ("certificate", certificate.given()), *to_print, ("certificate", "finish")]
    return (await played(certificate.journey(), script)).receipts[0]


async def given_to_move() -> Receipt:
    to_print = [("certificate", "print"), ("certificate-fetched", certificate.NOT_YET), ("print", PRINTED)]
    script = [*certificate.BEGIN, ("purpose", "transfer"), ("certificate", certificate.given()), *to_print]
    return (await played(certificate.journey(), [*script, ("certificate", "finish")])).receipts[0]


async def how_to_pay() -> Receipt:
    to_print = [("payments", "pay"), ("how-to-pay", "print"), ("print", PRINTED), ("how-to-pay", "finish")]
    return (await payment.asked(payment.found(payment.OWN), *to_print)).receipts[0]


Play = Callable[[], Awaitable[Receipt]]
PLAYS: dict[str, Play] = {
    "remote-care-filing.kept": kept,
    "remote-care-filing.kept-rare-name": kept_for_a_rare_name,
    "remote-care-filing.sent": sent,
    "insurance-status.found": looked_up,
    "guide.handed-over": handed_over,
    "guide.leaflet": leaflet,
    "rider-check-in.done": checked_in,
    "query.records": records,
    "medical-payment.how-to-pay": how_to_pay,
    "filing.sent": applied_for,
    "filing.kept-for-a-child": enrolled_by_a_guardian,
    "card-lost.decided": carried_out,
    "card-lost.declined": not_carried_out,
    "card-lost.unsure": perhaps_carried_out,
    "card-lost.for-the-family": carried_out_for_family,
    "family-account.decided": shared,
    "pension-certification.by-phone": certify_by_phone,
    "remote-care-filing.for-the-family": for_family,
    "certificate.on-the-phone": given,
    "certificate.to-be-fetched": given_to_move,
    "appointment.booked": booked,
    "appointment.wished": wished_for,
    "appointment.for-the-family": booked_for_family,
    "appointment.cancelled": given_back,
}
"""One of each kind: journey, and what became of it."""
PAPERS = {
    "80 mm": Style(paper=PaperKind(columns=48)),
    "80 mm, large print": Style(paper=PaperKind(columns=48), large_print=True),
    "58 mm": Style(paper=PaperKind(columns=32)),
    "58 mm, large print": Style(paper=PaperKind(columns=32), large_print=True),
}
