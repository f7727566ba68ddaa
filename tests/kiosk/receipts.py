"""Receipts as real journeys write them, of people who do not exist, and the papers that they are printed on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from kiosk.equipment import PaperKind
from kiosk.printing import Style
from kiosk.receipts import Receipt
from tests.kiosk.journeys import test_guide as guide
from tests.kiosk.journeys import test_insurance_status as insurance
from tests.kiosk.journeys import test_remote_care_filing as remote_care
from tests.kiosk.people import LIN, LIN_OWED
from tests.kiosk.scripted import PRINTED, played

RARE_SURNAME = "𫞩"
"""In Unicode since 2010 and in no printer's font: its line goes out as a bitmap."""


async def kept() -> Receipt:
    return (await played(remote_care.JOURNEY, remote_care.OFFLINE)).receipts[0]


async def kept_for_a_rare_name() -> Receipt:
    person = replace(LIN_OWED, name=RARE_SURNAME + LIN.name[1:])
    return (await played(remote_care.JOURNEY, [("card", person), *remote_care.OFFLINE[1:]])).receipts[0]


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


async def leaflet() -> Receipt:
    return (await guide.looked_at("resident-enrolment", ("guide", "print"), ("print", PRINTED))).receipts[0]


Play = Callable[[], Awaitable[Receipt]]
PAPERS = {
    "80 mm": Style(paper=PaperKind(columns=48)),
    "80 mm, large print": Style(paper=PaperKind(columns=48), large_print=True),
    "58 mm": Style(paper=PaperKind(columns=32)),
    "58 mm, large print": Style(paper=PaperKind(columns=32), large_print=True),
}
