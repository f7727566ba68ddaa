"""The numbers of medical insurance's transactions (``[medical.transactions]``): the nation's, and those of a city."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from central.toml_files import Part

Infno = Annotated[str, Field(pattern=r"^\d{4,6}[A-Z]?$")]


class Transactions(Part):
    """infno of each transaction. The regional ones have five digits, whatever the specification says of four."""

    person: Infno = "1101"
    file: Infno = "90501"
    filings: Infno = "90502"
    withdraw: Infno = "90503"
    change: Infno = "90504"
    items: Infno = "90511"
    """What became of filings of the catalogue's items; each item has a transaction of its own (``forms``)."""
    certificate: Infno = "90505"
    family: Infno | Literal[""] = "90611"
    """Who uses the account (家庭共济); none: the city has no interface for it, and people are shown its app."""
    family_add: Infno = "90612"
    family_remove: Infno = "90613"
    settled: Infno = "90619"
    """What became of one that is carried out at once, by its msgid."""
    upload: Infno = "9101"
    papers: Infno = "90506"
    """That a file which was uploaded belongs to a filing."""
