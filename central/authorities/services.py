"""What can be looked up of a person at an authority: tables of services, each with its fields and how they are read.

``services.toml`` beside this file has those that the sandbox answers; a city's settings put their own in their place or
add to them (``[medical.services.NAME]``, ``[social.services.NAME]``). A row that comes back holds one form of each
value (``kiosk.contract.lookups``): what an authority says in another way is put into it here, and what cannot be is no
answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from central.authorities.transactions import Infno
from central.authorities.wire import as_day
from central.toml_files import Part, read_toml
from central.upstream import Row, Unanswered
from kiosk.contract.lookups import Name

BUILT_IN: Final = Path(__file__).with_name("services.toml")
SLOT: Final = re.compile(r"\{([a-z][a-z0-9-]*(?:\.(?:first|last))?)\}")

UpstreamField = Annotated[str, Field(min_length=1, max_length=40)]
ColumnKind = Literal["text", "day", "month", "money", "tail"]


class Column(Part):
    """One value of a row: which ``field`` of the authority's holds it and of what ``kind`` it is.

    ``tail`` lets only the last four characters out of central. Without a value that is ``needed`` a row is none of this
    service: the account of somebody who has none.
    """

    field: UpstreamField
    kind: ColumnKind = "text"
    needed: bool = False


class Service(Part):
    """A service of any authority.

    ``level`` 2: only for whom a second factor was given. ``asks``: the authority's field → what stands in it, where
    {year} is the answer to the question ``year``, {months.first} and {months.last} the ends of a range. ``newest``: the
    column by which rows are put in order, the newest first.
    """

    level: Literal[1, 2] = 1
    asks: dict[UpstreamField, str] = Field(default_factory=dict)
    columns: dict[Name, Column] = Field(min_length=1)
    newest: Name | None = None

    def asked(self, answers: Mapping[str, str]) -> dict[str, str]:
        """The fields of the question; a question that the person was not asked leaves its field empty."""
        said = flattened(answers)
        return {
            field: SLOT.sub(lambda slot: said.get(slot.group(1), ""), template) for field, template in self.asks.items()
        }

    def rows(self, listed: Iterable[Mapping[str, object]]) -> tuple[Row, ...]:
        """What the authority lists, in our form. Raises Unanswered."""
        rows = [self._row(line) for line in listed]
        kept = [row for row in rows if all(name in row for name, column in self.columns.items() if column.needed)]
        if self.newest is not None:
            newest = self.newest
            kept.sort(key=lambda row: row.get(newest, ""), reverse=True)
        return tuple(kept)

    def _row(self, line: Mapping[str, object]) -> Row:
        read = {name: in_our_form(line.get(column.field), column.kind) for name, column in self.columns.items()}
        return {name: value for name, value in read.items() if value}


class MedicalService(Service):
    """A service of medical insurance: the transaction and the node of its output that lists the rows. The transaction
    that says who a person is (1101) is asked once, however many services read it."""

    infno: Infno
    node: UpstreamField


class SocialService(Service):
    """A service of social security: where its questions are posted (below the gateway's address), and by what the
    person is meant: the personal numbers at a place (two steps), or the identity number."""

    path: str = Field(pattern=r"^[a-z][a-z0-9/-]{0,60}$")
    by: Literal["personal-number", "identity-number"] = "personal-number"


class Services(Part):
    """The whole of ``services.toml``."""

    medical: dict[Name, MedicalService]
    social: dict[Name, SocialService]


@cache
def built_in() -> Services:
    """The services that the sandbox answers."""
    return read_toml(BUILT_IN, Services, ValueError)


def flattened(answers: Mapping[str, str]) -> dict[str, str]:
    """Answers by the names that ``asks`` has for them; months as authorities write them."""
    said: dict[str, str] = {}
    for name, answer in answers.items():
        first, slash, last = answer.partition("/")
        if slash:
            said |= {f"{name}.first": first.replace("-", ""), f"{name}.last": last.replace("-", "")}
        else:
            said[name] = answer
    return said


def in_our_form(value: object, kind: ColumnKind) -> str:
    """A value as it travels to the kiosk; "": it is not there. Raises Unanswered where it is not of its kind."""
    if value is None or isinstance(value, bool | list | dict):
        return ""
    text = str(value).strip()[:500]
    if text == "":
        return ""
    match kind:
        case "text":
            return text
        case "tail":
            return text[-4:]
        case "day":
            day = str(as_day(text))
            return _if_it_looks(r"\d{4}-[01]\d-[0-3]\d", day, kind)
        case "month":
            return _if_it_looks(r"\d{4}[01]\d", text.replace("-", "")[:6], kind)
        case "money":
            try:
                amount = Decimal(text)
            except InvalidOperation:
                raise Unanswered("a value is no money") from None
            if not amount.is_finite():
                raise Unanswered("a value is no money")
            return f"{amount:.2f}"


def _if_it_looks(like: str, text: str, kind: ColumnKind) -> str:
    if re.fullmatch(like, text) is None:
        raise Unanswered(f"a value is no {kind}")
    return text
