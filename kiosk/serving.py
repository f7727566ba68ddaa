"""Which journey runs an item: the table of journeys that have code of their own, each with its tables."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, TypeVar

from kiosk.catalog import Catalog
from kiosk.code_words import CodeWords, load_code_words
from kiosk.contract.due import DueKind
from kiosk.datasets import Lists, none_kept
from kiosk.directories import load_directories
from kiosk.family_account import load_family_rules
from kiosk.insurance_words import load_insurance_words
from kiosk.items import APPOINTMENT, CERTIFICATE, FILING, GUIDE, QUERY, Item
from kiosk.journeys.appointment import appointment
from kiosk.journeys.card_lost import card_lost
from kiosk.journeys.certificate import certificate
from kiosk.journeys.directory import search_directories
from kiosk.journeys.due import Way, due
from kiosk.journeys.family_account import family_account
from kiosk.journeys.filing import filing
from kiosk.journeys.guide import guide
from kiosk.journeys.insurance_status import insurance_status
from kiosk.journeys.medical_payment import medical_payment
from kiosk.journeys.my_matters import Here, my_matter, my_matters
from kiosk.journeys.pension_certification import pension_certification
from kiosk.journeys.proxy_request import Centre
from kiosk.journeys.query import Reading, query, query_or
from kiosk.journeys.remote_care_filing import remote_care_filing
from kiosk.journeys.rider_check_in import rider_check_in
from kiosk.medical_payment import load_medical_payment
from kiosk.pension_certification import load_pension_certification
from kiosk.query_entry import QueryEntry
from kiosk.remote_care import load_remote_care
from kiosk.settings import Services, Site
from kiosk.station import Station
from kiosk.tables import CatalogError
from kiosk.visit import Journey
from kiosk.witness import load_reasons

J = TypeVar("J")

PENSION_CERTIFICATION: Final = "pension-certification"
MEDICAL_PAYMENT: Final = "medical-payment"


@dataclass(frozen=True, kw_only=True)
class Serving:
    """Item's code → the journey that runs it, and → the guide to it where there is one."""

    journeys: Mapping[str, Journey]
    guides: Mapping[str, Journey]


def serving(catalog: Catalog, station: Station, site: Site, services: Services, lists: Lists = none_kept) -> Serving:
    """The journeys with their tables, read here. Raises CatalogError."""
    words, rules = load_insurance_words(), load_remote_care()
    load_reasons()
    codes = load_code_words(words)
    names = {item.code: item.official for item in catalog.items}
    own: dict[str, Journey] = {
        "rider-check-in": partial(rider_check_in, station=station),
        "insurance-status": partial(insurance_status, words=words, places=words.insured_places),
        "remote-care-filing": partial(remote_care_filing, rules=rules),
        "directory": partial(search_directories, directories=load_directories(codes), current=lists, words=codes),
        **_live(catalog),
    }
    centre = Centre(phone=site.phone, places=words.insured_places, call_back_days=services.call_back_days)
    bookable = {item.code: item for item in catalog.items if item.appointment is not None}
    appointments: dict[str, Journey] = {
        code: partial(
            appointment, item=item, diary=item.appointment, about=catalog.guide(item), centre=centre, name=site.name
        )
        for code, item in bookable.items()
        if item.appointment is not None
    }
    guides: dict[str, Journey] = {
        item.code: partial(guide, item=item, about=catalog.guide(item), centre=centre)
        for item in catalog.items
        if item.guide is not None
    }
    filings: dict[str, Journey] = {
        item.code: partial(filing, item=item, rules=item.filing, places=words.insured_places)
        for item in catalog.items
        if item.filing is not None
    }
    queries = _queries(catalog, Reading(words=codes, places=words.insured_places))
    certifications: dict[str, Callable[..., Awaitable[None]]] = {
        item.code: partial(
            pension_certification, item=item, rules=load_pension_certification(), words=codes, centre=centre
        )
        for item in catalog.items
        if item.journey == PENSION_CERTIFICATION
    }
    certificates: dict[str, Journey] = {
        item.code: partial(certificate, item=item, entry=item.certificate, centre=centre)
        for item in catalog.items
        if item.certificate is not None
    }
    of_entries: dict[str, Mapping[str, Journey]] = {
        GUIDE: guides,
        APPOINTMENT: appointments,
        QUERY: queries,
        PENSION_CERTIFICATION: certifications,
        FILING: filings,
        CERTIFICATE: certificates,
    }
    paid = load_medical_payment()
    payments: dict[str, Journey] = {
        item.code: partial(medical_payment, item=item, rules=paid)
        for item in catalog.items
        if item.journey == MEDICAL_PAYMENT
    }
    of_entries[MEDICAL_PAYMENT] = payments
    ways: dict[DueKind, Way] = {}
    own["due"] = partial(due, ways=ways)
    has_due = any(item.journey == "due" for item in catalog.items)
    discreet = {item.code: item.discreet for item in catalog.items if item.discreet}
    here = Here(
        names=names,
        discreet=discreet,
        bookable=bookable,
        centre=centre,
        kiosk=site.kiosk,
        due=own["due"] if has_due else None,
    )
    own["my-matters"] = partial(my_matters, here=here)
    journeys: dict[str, Journey] = {}
    for item in catalog.items:
        runs = of_entries[item.journey].get(item.code) if item.journey in of_entries else own.get(item.journey)
        if runs is None:
            known = ", ".join([*own, *of_entries])
            raise CatalogError(f'item "{item.code}", journey: there is no journey "{item.journey}"; there are {known}')
        if item.query is not None and item.journey != QUERY:
            runs = partial(query_or, item=item, entry=item.query, look=queries[item.code], otherwise=runs)
        journeys[item.code] = runs
    leads: dict[str, tuple[DueKind, Way]] = {
        PENSION_CERTIFICATION: (
            "certification",
            lambda desk, line: _one_of(certifications)(desk, place=line.place or ""),
        ),
        MEDICAL_PAYMENT: ("contributions", lambda desk, _line: _one_of(payments)(desk)),
        "remote-care-filing": ("filing", lambda desk, _line: remote_care_filing(desk, rules, own=True)),
        "my-matters": ("papers", lambda desk, line: my_matter(desk, here, line.number or "")),
    }
    for item in catalog.items:
        if item.journey in leads:
            kind, way = leads[item.journey]
            ways[kind] = way
    return Serving(journeys=journeys, guides=guides)


def _one_of(journeys: Mapping[str, J]) -> J:
    """The journey of a kind that has one item."""
    return next(iter(journeys.values()))


def _live(catalog: Catalog) -> dict[str, Journey]:
    """What is carried out at once: each is an item's own journey, whose entry says who can be asked instead."""
    runs: dict[str, Callable[[Item], Journey]] = {
        "card-lost": lambda item: partial(card_lost, item=item),
        "family-account": lambda item: partial(family_account, item=item, rules=load_family_rules()),
    }
    return {item.journey: runs[item.journey](item) for item in catalog.items if item.journey in runs}


def _queries(catalog: Catalog, reading: Reading) -> dict[str, Journey]:
    """Raises CatalogError where a code table is missing."""
    here = {item.code for item in catalog.items}
    queries: dict[str, Journey] = {}
    for item in catalog.items:
        if item.query is not None:
            _check_code_tables(item, item.query, reading.words)
            onwards = tuple(onward for onward in item.query.onwards if onward.item in here)
            queries[item.code] = partial(query, item=item, entry=replace(item.query, onwards=onwards), reading=reading)
    return queries


def _check_code_tables(item: Item, entry: QueryEntry, words: CodeWords) -> None:
    for part, column, table in entry.code_tables():
        if table not in words.tables:
            raise CatalogError(
                f'{item.category}.toml: item "{item.code}", query, part "{part}", column "{column}", kind: '
                f'there is no code table "{table}"'
            )
