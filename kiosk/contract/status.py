"""What became of a matter, asked by its registration number (登记号) alone: nobody is named in question or answer.

``POST /v1/queries/status`` from a kiosk; the public page that a receipt's code opens says the same.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field

from kiosk.contract.base import Message
from kiosk.contract.messages import DeclineCode, MatterState, Sort
from kiosk.contract.queries import Inquiry, Presented

STATUS_PATH: Final = "/s/"
"""Before the number, in the address of the public page."""


class MatterStatus(Message):
    """What is known of a number: nothing (``unknown``), nothing for now because it was tried too often (``refused``),
    or the matter's state, why it was declined, the authority's number (受理号) and when it was recorded."""

    outcome: Literal["known", "unknown", "refused"]
    sort: Sort = "filing"
    recorded_at: datetime | None = None
    state: MatterState = "kept"
    code: DeclineCode | None = None
    theirs: str | None = None


class StatusOf(Inquiry[MatterStatus]):
    """The state of one matter, by its number."""

    name = "status"
    answer = MatterStatus
    number: Annotated[str, Field(min_length=12, max_length=40)]


class StatusQuestion(Message):
    """The body of ``POST /v1/queries/status``."""

    presented: Presented
    query: StatusOf
