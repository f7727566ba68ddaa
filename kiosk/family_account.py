"""Who may use whose personal account (家庭共济), and what is said where the city has no interface for it.

From ``family_account.toml``: who counts as family is the insured place's rule, so it is data; whether these two people
may, is the authority's answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from kiosk.contract.live import FamilyRelation
from kiosk.tables import CATALOG, CatalogError, Table, read_table

Text = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, kw_only=True)
class Kin(Table):
    """What somebody of the family is to the owner. Texts are the Chinese originals, for ``_()`` at use."""

    code: FamilyRelation
    label: Text
    icon: Text


@dataclass(frozen=True, kw_only=True)
class ByApp(Table):
    """Where it is done in a city that has no interface: in words, and the address that a telephone opens."""

    steps: Annotated[tuple[Text, ...], Field(min_length=1)]
    address: Annotated[str, Field(pattern=r"^https://[^\s]+$")]


@dataclass(frozen=True, kw_only=True)
class FamilyRules(Table):
    """The whole table. ``gives`` and ``receives`` say who may, before it is done."""

    gives: Text
    receives: Text
    relation: Annotated[tuple[Kin, ...], Field(min_length=1, max_length=7)]
    app: ByApp

    def label(self, code: FamilyRelation) -> str:
        """The relation's word; its own code where this place does not count it as family."""
        return next((kin.label for kin in self.relation if kin.code == code), code)


def load_family_rules(file: Path = CATALOG / "family_account.toml") -> FamilyRules:
    """The rules in ``file``. Raises CatalogError, which names file, entry and field."""
    rules = read_table(file, FamilyRules)
    codes = [kin.code for kin in rules.relation]
    for code in codes:
        if codes.count(code) != 1:
            raise CatalogError(f'{file.name}: relation "{code}": stands there {codes.count(code)} times')
    return rules
