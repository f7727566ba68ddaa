"""Papers as a record names them: pictures that central keeps, for a matter of its own or for an earlier one."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from kiosk.contract.acts import Act
from kiosk.contract.identity import PersonReference

MOST_PICTURES = 50
"""Of one upload, whatever papers they show."""

PictureIds = Annotated[tuple[UUID, ...], Field(max_length=MOST_PICTURES)]
"""What a record names: the pictures that belong to it, in the order in which they came."""


class Papers(Act):
    """Papers for a matter that an earlier record began, because the authority wants some (补材料)."""

    kind = "service.papers"
    version = 1
    person: PersonReference
    record: UUID
    """Whose matter it is, from whichever kiosk."""
    pictures: Annotated[PictureIds, Field(min_length=1)]
