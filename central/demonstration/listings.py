"""What the demonstration's authorities list of a person, service by service, out of the register."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Final

from central.authorities.services import flattened
from central.demonstration.register import PensionEntry, Resident
from central.upstream import Looked, NotOffered, Row, Wanted

MEDICAL_SCHEME: Final = "medical"

Lines = Iterator[Mapping[str, object]]
List = Callable[[Resident, Wanted, date], Lines]


def look_up(services: Mapping[str, List], resident: Resident | None, wanted: Wanted, today: date) -> Looked:
    """Every row of each service. Raises NotOffered."""
    unknown = [name for name in wanted.services if name not in services]
    if unknown:
        raise NotOffered(unknown[0])
    if resident is None:
        return Looked(rows=dict.fromkeys(wanted.services, ()))
    return Looked(
        rows={name: tuple(map(row, services[name](resident, wanted, today))) for name in wanted.services},
    )


def row(line: Mapping[str, object]) -> Row:
    """Days, amounts and numbers as texts; what is not there is left out."""
    said = {name: value.isoformat() if isinstance(value, date) else str(value) for name, value in line.items() if value}
    return {name: text for name, text in said.items() if text}


# ---- Medical insurance -----------------------------------------------------------------------------------------------


def insured(resident: Resident, wanted: Wanted, today: date) -> Lines:
    for held in resident.insurances:
        if held.scheme == MEDICAL_SCHEME:
            yield {
                "kind": held.insutype,
                "person-kind": "11" if held.unit else "15",
                "status": held.status,
                "place": held.place,
                "unit": held.unit,
                "begin": held.begin,
                "end": held.end,
                "civil-servant": "0",
            }


def standings(resident: Resident, wanted: Wanted, today: date) -> Lines:
    for held in resident.standings:
        yield held.model_dump()


def medical_contributions(resident: Resident, wanted: Wanted, today: date) -> Lines:
    """Of the last twelve months, the newest first."""
    since = (today.year - 1) * 100 + today.month
    for held in resident.insurances:
        if held.scheme == MEDICAL_SCHEME:
            for months in sorted(held.paid, key=lambda months: months.first, reverse=True):
                if months.last >= since:
                    yield {
                        "kind": held.insutype,
                        "type": "10",
                        "arrived": "1" if months.arrived else "0",
                        "first": max(months.first, since),
                        "last": months.last,
                        "paid-on": on_day(months.last, 25) if months.arrived else None,
                    }


def account(resident: Resident, wanted: Wanted, today: date) -> Lines:
    for held in resident.insurances:
        if held.balance is not None:
            line = {"kind": held.insutype, "status": held.status, "place": held.place}
            yield line | {"balance": f"{held.balance:.2f}"}


def totals(resident: Resident, wanted: Wanted, today: date) -> Lines:
    for total in resident.totals:
        if str(total.year) == wanted.answers.get("year"):
            line = {"kind": total.insutype, "year": total.year, "what": total.code}
            yield line | {"amount": f"{total.amount:.2f}"}


def chronic(resident: Resident, wanted: Wanted, today: date) -> Lines:
    for disease in sorted(resident.chronic, key=lambda disease: disease.begin, reverse=True):
        yield {"code": disease.code, "disease": disease.name, "begin": disease.begin, "end": disease.end}


def reimbursements(resident: Resident, wanted: Wanted, today: date) -> Lines:
    for claim in sorted(resident.reimbursements, key=lambda claim: claim.received, reverse=True):
        line = claim.model_dump(include={"number", "received", "state", "words"})
        yield line | {"amount": claim.amount and f"{claim.amount:.2f}", "paid-on": claim.paid_on}


def resident_payments(resident: Resident, wanted: Wanted, today: date) -> Lines:
    """Of the person and of those whom the person registered, the newest year first."""
    for held in sorted(resident.payments, key=lambda held: held.year, reverse=True):
        yield {
            "name": held.name,
            "number": held.number[-4:],
            "own": "1" if held.number == resident.number else "0",
            "year": held.year,
            "state": "1" if held.paid_on else "0",
            "amount": f"{held.amount:.2f}",
            "paid-on": held.paid_on,
        }


MEDICAL: Final[Mapping[str, List]] = {
    "resident-payments": resident_payments,
    "insured": insured,
    "standings": standings,
    "contributions": medical_contributions,
    "account": account,
    "totals": totals,
    "chronic": chronic,
    "reimbursements": reimbursements,
}


# ---- Social security -------------------------------------------------------------------------------------------------


def social_contributions(resident: Resident, wanted: Wanted, today: date) -> Lines:
    asked = flattened(wanted.answers)
    first, last = int(asked.get("months.first") or 0), int(asked.get("months.last") or 999_999)
    due = [
        (held.insutype, months)
        for held in resident.insurances
        if held.scheme != MEDICAL_SCHEME and held.place == wanted.place
        if (asked.get("kind") or held.insutype) == held.insutype
        for months in held.paid
        if months.first <= last and months.last >= first
    ]
    for kind, months in sorted(due, key=lambda pair: pair[1].first, reverse=True):
        ends = min(months.last, last)
        yield {
            "kind": kind,
            "type": "10",
            "first": max(months.first, first),
            "last": ends,
            "own": months.own and f"{months.own:.2f}",
            "employer": months.employer and f"{months.employer:.2f}",
            "paid-on": on_day(ends, 25) if months.arrived else None,
        }


def pension(resident: Resident, wanted: Wanted, today: date) -> Lines:
    here = [paid for paid in resident.pension if paid.place == wanted.place]
    months = [(month, paid) for paid in here for month in months_of(paid)]
    for month, paid in sorted(months, key=lambda pair: pair[0], reverse=True):
        if str(month)[:4] == wanted.answers.get("year"):
            yield {
                "month": month,
                "amount": f"{paid.amount:.2f}",
                "state": paid.state,
                "paid-on": on_day(month, paid.day) if paid.state == "1" else None,
                "bank": paid.bank,
                "account": paid.account[-4:],
            }


def certification(resident: Resident, wanted: Wanted, today: date) -> Lines:
    for held in resident.certification:
        if held.place == wanted.place:
            yield held.model_dump(exclude={"place"})


def card(resident: Resident, wanted: Wanted, today: date) -> Lines:
    for held in resident.cards:
        yield held.model_dump() | {"number": held.number[-4:]}


def card_making(resident: Resident, wanted: Wanted, today: date) -> Lines:
    for step in sorted(resident.making, key=lambda step: step.since, reverse=True):
        yield step.model_dump()


SOCIAL: Final[Mapping[str, List]] = {
    "contributions": social_contributions,
    "pension": pension,
    "certification": certification,
    "card": card,
    "card-making": card_making,
}


def months_of(paid: PensionEntry) -> Iterator[int]:
    month = paid.first
    while month <= paid.last:
        yield month
        month = month + 1 if month % 100 < 12 else month + 89


def on_day(month: int, day: int) -> date:
    return date(month // 100, month % 100, day)
