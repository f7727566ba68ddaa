"""How one authority writes the filings of the catalogue's items (登记、申请): which transaction, and what it calls each
answer. One table for each authority, out of its settings: an item that it does not name cannot be filed there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from central.upstream import NotOffered
from kiosk.contract.filings import ServiceFiling


@dataclass(frozen=True, kw_only=True)
class ServiceForm:
    """One item. ``file``: its transaction. ``fields``: answer → the authority's name of it, where that differs;
    ``values``: answer → code of a choice → the authority's code of it."""

    file: str
    fields: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def content(self, filing: ServiceFiling) -> dict[str, str]:
        """What was answered, in the authority's names and codes."""
        return {
            self.fields.get(answer.field, answer.field): self.values.get(answer.field, {}).get(
                answer.value, answer.value
            )
            for answer in filing.answers
        }

    def answers(self, content: Mapping[str, str]) -> dict[str, str]:
        """The way back, for whoever plays the authority: the names that the form lists."""
        ours = {theirs: name for name, theirs in self.fields.items()}
        return {
            ours[name]: {theirs: code for code, theirs in self.values.get(ours[name], {}).items()}.get(value, value)
            for name, value in content.items()
            if name in ours
        }


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
