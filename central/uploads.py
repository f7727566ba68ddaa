"""Uploads: the papers that a person's telephone sends for a visit, kept sealed until a record names them.

An upload is opened by a kiosk, found by the token in its address (whose hash alone is kept) and bound to the telephone
that opens it first: that one holds a private key in a cookie, and central the public half. Each picture is sealed to
the opener's key, bound to its row, and its thumbnail to the telephone's, so that it alone can look at what it sent.
What no record claims within a day is deleted; where the kiosk has closed the upload, its record may be on its way for
as long as an outbox is away from the network, and the pictures wait for it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from fastapi import APIRouter
from sqlalchemy import ColumnElement, Connection, delete, select, update

from central.database import Database, insert
from central.errors import Refused
from central.house import House
from central.pictures import Picture
from central.signatures import demand_speaker
from central.tables import papers, sealing_keys, uploads
from central.tokens import fresh, hashed
from kiosk.contract.errors import BadPayload
from kiosk.contract.papers import MOST_PICTURES
from kiosk.contract.records import new_id
from kiosk.contract.sealing import NEWEST, suite
from kiosk.contract.uploads import (
    Arrived,
    OpenUpload,
    OpenUploadQuestion,
    UploadOpened,
    UploadState,
    UploadStep,
    UploadStepQuestion,
    WantedPaper,
)

OPEN_FOR: Final = timedelta(minutes=10)
UNCLAIMED_KEPT: Final = timedelta(days=1)
AWAITED: Final = timedelta(days=35)
"""Unclaimed, of an upload that its kiosk has closed: the longest that a kiosk is reckoned to be without a network."""
HANDED_KEPT: Final = timedelta(days=30)
"""After the authority has it, for the case that it asks again."""
KEPT_AT_MOST: Final = timedelta(days=60)
"""Of a matter that never went out: it was declined, its person never said yes, or its record came late."""

OPENINGS: Final = 12
"""Of one visit: whoever opens more is no person with papers."""

LABEL: Final = b"central paper 1"


def routes(house: House) -> APIRouter:
    """What kiosks ask. Raises Refused (another-kiosk, no-upload, too-many-uploads)."""
    router = APIRouter(prefix="/v1/queries", tags=["uploads"])
    database = house.database

    @router.post(f"/{OpenUpload.name}")
    def open_upload(question: OpenUploadQuestion) -> UploadOpened:
        """Opens an upload for ten minutes, and says where."""
        demand_speaker(question.presented.kiosk)
        token = fresh()
        with database.writing() as connection:
            state = opened(connection, question, token, house.now())
        return UploadOpened(url=f"{house.public_url.rstrip('/')}/u/{token}", upload=state)

    @router.post(f"/{UploadStep.name}")
    def upload_step(question: UploadStepQuestion) -> UploadState:
        """Lets it be, opens it again, closes it, or closes it and deletes what came."""
        presented, query, now = question.presented, question.query, house.now()
        demand_speaker(presented.kiosk)
        its = (uploads.c.kiosk == presented.kiosk) & (uploads.c.visit == presented.visit)
        if query.step == "look":
            with database.reading() as connection:
                return state_of(connection, query.upload, its, now)
        with database.writing() as connection:
            again = query.step == "again"
            values = {"until": now + OPEN_FOR, "closed": False, "finished": False} if again else {"closed": True}
            connection.execute(update(uploads).where(its, uploads.c.id == query.upload).values(**values))
            state = state_of(connection, query.upload, its, now)
            if query.step != "drop":
                return state
            connection.execute(delete(papers).where(papers.c.upload == query.upload, papers.c.record.is_(None)))
            return state.model_copy(update={"arrived": ()})

    return router


# -- for the kiosk -----------------------------------------------------------------------------------------------------


def opened(connection: Connection, question: OpenUploadQuestion, token: str, now: datetime) -> UploadState:
    """A new upload. Raises Refused (too-many-uploads)."""
    presented = question.presented
    of_visit = (uploads.c.kiosk == presented.kiosk) & (uploads.c.visit == presented.visit)
    if len(connection.execute(select(uploads.c.id).where(of_visit)).all()) >= OPENINGS:
        raise Refused(429, "too-many-uploads", "This visit has opened too many uploads")
    upload = uuid4()
    connection.execute(
        insert(connection, uploads).values(
            kiosk=presented.kiosk,
            id=upload,
            visit=presented.visit,
            token=hashed(token),
            wanted=json.dumps([paper.model_dump() for paper in question.query.wanted], ensure_ascii=False),
            opened_at=now,
            until=now + OPEN_FOR,
            finished=False,
            closed=False,
            news=0,
        )
    )
    return state_of(connection, upload, of_visit, now)


def state_of(connection: Connection, upload: UUID, whose: ColumnElement[bool], now: datetime) -> UploadState:
    """What a kiosk is told. Raises Refused (no-upload)."""
    row = connection.execute(select(uploads).where(whose, uploads.c.id == upload)).one_or_none()
    if row is None:
        raise Refused(404, "no-upload", "There is no such upload")
    return UploadState(
        id=upload,
        seconds=max(0, int((row.until - now).total_seconds())),
        telephone=row.phone is not None,
        finished=row.finished,
        closed=row.closed,
        news=row.news,
        arrived=tuple(pictures_of(connection, upload)),
    )


# -- for the telephone -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Upload:
    """An upload as its telephone sees it. ``phone`` is the public key of the one that it is bound to."""

    kiosk: str
    id: UUID
    wanted: tuple[WantedPaper, ...]
    until: datetime
    phone: bytes | None
    finished: bool
    closed: bool


class Full(Exception):
    """So many pictures are more than anybody looks at."""


class Closed(Exception):
    """The kiosk goes on already."""


def found(connection: Connection, token: str, *, lock: bool = False) -> Upload | None:
    """The upload that an address leads to."""
    query = select(uploads).where(uploads.c.token == hashed(token))
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        return None
    return Upload(
        kiosk=row.kiosk,
        id=row.id,
        wanted=tuple(WantedPaper.model_validate(paper) for paper in json.loads(row.wanted)),
        until=row.until,
        phone=row.phone,
        finished=row.finished,
        closed=row.closed,
    )


def bind(connection: Connection, upload: Upload, public: bytes) -> bool:
    """The telephone that comes first has it; False: another one was first."""
    here = (uploads.c.kiosk == upload.kiosk) & (uploads.c.id == upload.id) & uploads.c.phone.is_(None)
    return connection.execute(update(uploads).where(here).values(phone=public, news=uploads.c.news + 1)).rowcount > 0


def finish(connection: Connection, upload: Upload, *, finished: bool) -> None:
    """The telephone says that this is all, or that it is not."""
    here = (uploads.c.kiosk == upload.kiosk) & (uploads.c.id == upload.id)
    connection.execute(update(uploads).where(here).values(finished=finished, news=uploads.c.news + 1))


def keep(database: Database, token: str, paper: str, file: bytes, picture: Picture, now: datetime) -> None:
    """Keeps a picture, sealed; the same file twice is one picture. Raises Full, Closed."""
    with database.writing() as connection:
        upload = found(connection, token, lock=True)
        if upload is None or upload.closed or upload.phone is None:
            raise Closed
        if len(pictures_of(connection, upload.id)) >= MOST_PICTURES:
            raise Full
        thumbnail = suite(NEWEST).seal(picture.thumbnail, upload.phone, LABEL)
        came_with = CameWith(kiosk=upload.kiosk, upload=upload.id, paper=paper)
        store(connection, came_with, file, picture, now, thumbnail=thumbnail)
        finish(connection, upload, finished=False)


def remove(connection: Connection, upload: Upload, picture: UUID) -> None:
    """Deletes a picture, unless a record has it already."""
    its = (papers.c.kiosk == upload.kiosk) & (papers.c.id == picture) & (papers.c.upload == upload.id)
    connection.execute(delete(papers).where(its, papers.c.record.is_(None)))
    finish(connection, upload, finished=False)


def thumbnail_of(connection: Connection, upload: Upload, picture: UUID, private: bytes) -> bytes | None:
    """What the telephone sent, small: only with its key."""
    its = (papers.c.kiosk == upload.kiosk) & (papers.c.id == picture) & (papers.c.upload == upload.id)
    sealed = connection.execute(select(papers.c.thumbnail).where(its)).scalar()
    try:
        return None if sealed is None else suite(NEWEST).open(sealed, private, LABEL)
    except BadPayload:
        return None


# -- pictures ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class CameWith:
    """Where a picture came from. From a desk's scanner it comes with the record itself: ``upload`` is its id."""

    kiosk: str
    upload: UUID
    paper: str


def store(
    connection: Connection,
    came_with: CameWith,
    file: bytes,
    picture: Picture,
    now: datetime,
    *,
    thumbnail: bytes | None = None,
    record: UUID | None = None,
) -> UUID | None:
    """Seals a picture to the newest key and stores it; None: this file is there already. ``record`` claims it at once.

    Raises Refused (no-keys).
    """
    key = connection.execute(select(sealing_keys).order_by(sealing_keys.c.version.desc()).limit(1)).one_or_none()
    if key is None:
        raise Refused(503, "no-keys", "No sealing key has been published yet", retry_after=1)
    id_ = new_id(now)
    sealed = suite(key.suite).seal(picture.content, key.public, bound_to(came_with.kiosk, id_))
    return connection.execute(
        insert(connection, papers)
        .values(
            kiosk=came_with.kiosk,
            id=id_,
            upload=came_with.upload,
            paper=came_with.paper,
            at=now,
            file=hashlib.sha256(file).digest(),
            sha256=hashlib.sha256(picture.content).hexdigest(),
            sealing_key=key.id,
            sealed=sealed,
            thumbnail=thumbnail,
            record=record,
            claimed_by=record,
        )
        .on_conflict_do_nothing()
        .returning(papers.c.id)
    ).scalar()


def pictures_of(connection: Connection, upload: UUID) -> list[Arrived]:
    """The pictures of an upload in the order in which they came."""
    its = select(papers.c.id, papers.c.paper).where(papers.c.upload == upload).order_by(papers.c.at, papers.c.id)
    return [Arrived(id=row.id, paper=row.paper) for row in connection.execute(its).all()]


def bound_to(kiosk: str, picture: UUID) -> bytes:
    """What a picture's seal is bound to: it opens in its own row alone."""
    return LABEL + b"\0" + kiosk.encode() + b"\0" + picture.bytes


def forget(connection: Connection, now: datetime) -> None:
    """Deletes what no record claimed or will, what the authority has for long, and what never went to one. A telephone
    looks at what it sent for a day."""
    old = papers.c.at < now - UNCLAIMED_KEPT
    its_upload = (uploads.c.kiosk == papers.c.kiosk) & (uploads.c.id == papers.c.upload)
    awaited = select(uploads.c.id).where(its_upload, uploads.c.closed).exists() & (papers.c.at >= now - AWAITED)
    unclaimed = papers.c.record.is_(None)
    never_went = papers.c.handed_at.is_(None) & (papers.c.at < now - KEPT_AT_MOST)
    over = (papers.c.handed_at < now - HANDED_KEPT) | never_went
    connection.execute(delete(papers).where((unclaimed & old & ~awaited) | over))
    connection.execute(update(papers).where(unclaimed, old, papers.c.thumbnail.is_not(None)).values(thumbnail=None))
    waited_for = select(papers.c.id).where(its_upload, unclaimed).exists()
    connection.execute(delete(uploads).where(uploads.c.until < now - UNCLAIMED_KEPT, ~waited_for))
