"""Papers that a person photographs with their own telephone: what a kiosk asks of central, and which matters want some.

A kiosk opens an upload for its visit and shows the address as a QR code; the telephone sends the pictures to central,
which keeps them sealed. Whatever record names the pictures' ids takes them along; those that none names are deleted.
It asks for all of this as it asks queries (``OpenUpload``, ``UploadStep``).
"""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from kiosk.contract.base import Message
from kiosk.contract.papers import MOST_PICTURES
from kiosk.contract.queries import Inquiry, Presented, Query

PaperCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=64)]
"""Which paper it is: the catalogue's code, never what is on it."""


class WantedPaper(Message):
    """A paper that is asked for, in the words that kiosk and telephone show alike."""

    code: PaperCode
    label: str = Field(min_length=1, max_length=40)
    help: str = Field(default="", max_length=120)


class Arrived(Message):
    """A picture that central keeps."""

    id: UUID
    paper: PaperCode


class UploadState(Message):
    """How far an upload is. What stands in ``arrived`` once it is ``closed`` is what a record may name.

    ``telephone``: whether one has opened the address. No second one can. ``finished``: it said that this is all.
    ``news`` grows with each sign of life of the telephone.
    """

    id: UUID
    seconds: int = Field(ge=0)
    """For how long it is open."""
    telephone: bool
    finished: bool
    closed: bool
    news: int = Field(ge=0)
    arrived: tuple[Arrived, ...] = Field(max_length=MOST_PICTURES)


class UploadOpened(Message):
    """The address for the telephone: whoever opens it first may send. Nothing of a person stands in it."""

    url: str
    upload: UploadState


class OpenUpload(Inquiry[UploadOpened]):
    """A telephone is to send these papers, for ten minutes."""

    name = "upload-open"
    answer = UploadOpened
    wanted: tuple[WantedPaper, ...] = Field(min_length=1, max_length=8)


class OpenUploadQuestion(Message):
    """The body of ``POST /v1/queries/upload-open``."""

    presented: Presented
    query: OpenUpload


class UploadStep(Inquiry[UploadState]):
    """What a kiosk does with an upload of its visit, and how far it is then.

    look · again: ten more minutes, and open again · close: no more comes · drop: the same, and what came is deleted.
    """

    name = "upload-step"
    answer = UploadState
    upload: UUID
    step: Literal["look", "again", "close", "drop"]


class UploadStepQuestion(Message):
    """The body of ``POST /v1/queries/upload-step``."""

    presented: Presented
    query: UploadStep


class PapersWanted(Message):
    """A matter that waits for papers: its record, our number (登记号), and what the authority says that it wants."""

    record: UUID
    number: str
    text: str | None = None


class MattersInWant(Message):
    """The person's matters that wait for papers, the newest first."""

    lines: tuple[PapersWanted, ...]


class MattersInWantOf(Query[MattersInWant]):
    """Which of a person's matters wait for papers."""

    name = "papers-wanted"
    answer = MattersInWant


class MattersInWantQuestion(Message):
    """The body of ``POST /v1/queries/papers-wanted``."""

    presented: Presented
    query: MattersInWantOf
