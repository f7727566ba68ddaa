"""What an entry of the catalogue says that is a certificate: whom to ask, what for, and which kind that needs.

The shape of ``[item.certificate]``; ``kiosk.journeys.certificate`` runs it. Texts are the Chinese originals, for
``_()`` at use.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from kiosk.tables import Table

Text = Annotated[str, Field(min_length=1)]
KindCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]
"""As ``kiosk.contract.certificates`` has it, which no page before the first question needs."""


@dataclass(frozen=True, kw_only=True)
class Kind(Table):
    """A certificate that the authority gives. Of the last ``months`` (the usual one first), of one of the last
    ``years`` that are over, or neither."""

    code: KindCode
    name: Text
    """What the authority calls it (参保证明)."""
    months: tuple[Annotated[int, Field(ge=1, le=600)], ...] = ()
    years: Annotated[int, Field(ge=1, le=7)] | None = None

    def __post_init__(self) -> None:
        """Raises ValueError where it is of months and of a year."""
        if self.months and self.years is not None:
            raise ValueError("is of months or of a year, not of both")
        if len(self.months) > 7:
            raise ValueError("months: at most seven in a list")


@dataclass(frozen=True, kw_only=True)
class Purpose(Table):
    """What somebody needs it for (买房、落户), and which kind that takes."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]
    label: Text
    icon: Text
    kind: KindCode


@dataclass(frozen=True, kw_only=True)
class CertificateEntry(Table):
    """The certificates of one item. With one purpose nobody is asked for it.

    ``ask_place`` is how the insured place is asked for; ``not_insured`` the kind that says that somebody is not insured
    there, offered where the authority finds nothing.
    """

    authority: Literal["social", "medical"]
    ask_place: Text
    hotline: Annotated[str, Field(pattern=r"^\d{3,12}$")]
    kind: Annotated[tuple[Kind, ...], Field(min_length=1)]
    purpose: Annotated[tuple[Purpose, ...], Field(min_length=1, max_length=7)]
    not_insured: KindCode | None = None

    def __post_init__(self) -> None:
        """Raises ValueError where a kind is named that is not there."""
        known = [kind.code for kind in self.kind]
        if len(set(known)) != len(known):
            raise ValueError("two kinds have one code")
        for wanted in (*(purpose.kind for purpose in self.purpose), *((self.not_insured,) if self.not_insured else ())):
            if wanted not in known:
                raise ValueError(f'there is no kind "{wanted}"')

    def kind_of(self, code: str) -> Kind:
        """The kind with this code. Raises KeyError."""
        return {kind.code: kind for kind in self.kind}[code]
