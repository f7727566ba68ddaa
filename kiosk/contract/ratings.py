"""好差评 with its reason: the second version of what somebody thought of a service just used (GB/T 39734)."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from kiosk.contract.acts import Act, Telephone
from kiosk.contract.privacy import Personal

DISSATISFIED: Final = 2
"""Stars at and below which a reason is asked for, and somebody looks into it."""

ReasonCode = Annotated[str, Field(pattern=r"^\d{3}$")]
"""evalDetail of the standard list (附录 A), whose words are data: ``assets/catalog/rating.toml``."""


class ReasonedRating(Act):
    """Stars, and of one or two why: reasons of the standard list, words of one's own, or neither.

    It names nobody and no other record, as the first version did. ``telephone`` stands there only where somebody who
    was not satisfied wants to be called back and leaves one for that.
    """

    kind = "service.rating"
    version = 2
    has_matter = False
    service: str = Field(pattern=r"^[a-z0-9-]{1,64}$")
    """Catalogue code."""
    stars: int = Field(ge=1, le=5)
    reasons: Annotated[tuple[ReasonCode, ...], Field(max_length=8)] = ()
    words: Annotated[str, Personal.SENSITIVE, Field(max_length=100)] = ""
    telephone: Telephone | None = None

    @model_validator(mode="after")
    def _only_of_the_dissatisfied(self) -> Self:
        if self.stars > DISSATISFIED and (self.reasons or self.words or self.telephone is not None):
            raise ValueError("reasons, words and a telephone belong to one or two stars")
        return self
