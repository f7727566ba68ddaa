"""Remote-care filing (异地就医备案) from version 2 on: for oneself or for another, new or in the place of one that the
authority has already."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from kiosk.contract.acts import RemoteCareMatter
from kiosk.contract.identity import Vouched
from kiosk.contract.papers import PictureIds

AuthorityNumber = Annotated[str, Field(min_length=1, max_length=64)]
"""The authority's number of a filing (受理号)."""


class RemoteCareFiling2(Vouched, RemoteCareMatter):
    """A filing with what stands behind it. ``changes``: the filing that ends where this one begins (变更)."""

    kind = "medical.remote-care-filing"
    version = 2
    changes: AuthorityNumber | None = None

    @model_validator(mode="after")
    def _nobody_promises_for_another(self) -> Self:
        if self.agent is not None and self.promise is not None and self.witness is None:
            raise ValueError("a promise is the person's own: whoever acts for them needs a witness of it")
        return self


class RemoteCareFiling3(RemoteCareFiling2):
    """A filing whose papers may be pictures: ``papers`` that a telephone sent stand for what would be brought to the
    desk."""

    version = 3
    papers: PictureIds = ()

    @model_validator(mode="after")
    def _pictures_are_papers(self) -> Self:
        if self.papers and self.proof != "desk":
            raise ValueError("pictures are papers, which neither a promise nor nothing is")
        return self
