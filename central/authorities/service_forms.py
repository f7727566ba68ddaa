"""How one authority writes the filings of the catalogue's items (登记、申请): which transaction, and what it calls each
answer. One table for each authority, out of its settings: an item that it does not name cannot be filed there.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from central.toml_files import Part
from central.upstream import NotOffered
from kiosk.contract.filings import ServiceFiling

Transaction = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,39}$")]


class ServiceForm(Part):
    """One item. ``file``: its transaction. ``files``: answer → choice → the transaction instead, where one is two.
    ``fields``: answer → the authority's name of it, where that differs. ``values``: answer → choice → its code."""

    file: Transaction
    files: dict[str, dict[str, Transaction]] = Field(default_factory=dict)
    fields: dict[str, Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]] = Field(default_factory=dict)
    values: dict[str, dict[str, Annotated[str, Field(min_length=1, max_length=40)]]] = Field(default_factory=dict)

    def transaction(self, filing: ServiceFiling) -> str:
        """Under which it goes out."""
        chosen = (self.files.get(answer.field, {}).get(answer.value) for answer in filing.answers)
        return next((file for file in chosen if file is not None), self.file)

    def content(self, filing: ServiceFiling) -> dict[str, str]:
        """What was answered, in the authority's names and codes."""
        return {
            self.fields.get(answer.field, answer.field): self.values.get(answer.field, {}).get(
                answer.value, answer.value
            )
            for answer in filing.answers
        }

    def answers(self, content: Mapping[str, str]) -> dict[str, str]:
        """The way back, for whoever plays the authority: the fields that the form lists."""
        said: dict[str, str] = {}
        for name, theirs in self.fields.items():
            choices = {code: choice for choice, code in self.values.get(name, {}).items()}
            if theirs in content and (not choices or content[theirs] in choices):
                said[name] = choices.get(content[theirs], content[theirs])
        return said


Forms = Mapping[str, ServiceForm]
NO_FORMS: Forms = MappingProxyType({})


def form_of(forms: Forms, item: str) -> ServiceForm:
    """Raises NotOffered."""
    try:
        return forms[item]
    except KeyError:
        raise NotOffered(item) from None


def backing_in_words(filing: ServiceFiling) -> str:
    """What stands behind it, for the authority's remarks (memo, AAE013)."""
    match filing.backing:
        case "promise" if filing.promise is not None:
            return f"承诺书 {filing.promise.version} {filing.promise.sha256}"
        case "desk":
            return "材料交到服务台"
        case "upload":
            return f"材料 {len(filing.papers)} 份"
        case _:
            return ""
