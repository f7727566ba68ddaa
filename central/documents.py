"""Certificates on their way: asked of the authority, kept sealed for minutes, fetched by telephone and by printer.

Nothing of a person is readable in the database. A file is sealed to a key that is made of the secret in its address,
and that secret is kept as a hash alone: whoever has the database has neither. Telephones may fetch it five times, and
after ten minutes the row is deleted. What stays is that somebody (by central's reference) was given a certificate of a
kind, at which place, when, and the hash of the file.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

import cbor2
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import Connection, delete, func, select, update

from central.database import Database, insert
from central.errors import Refused
from central.house import House
from central.local_time import SHANGHAI
from central.lookups import demand_second_factor
from central.phone_page import Told, Trouble, page
from central.signatures import demand_speaker
from central.suspending import demand_few
from central.tables import certificates, documents
from central.upstream import CertificateWanted, Document, MedicalInsurance, NotGranted, NotInsured, SocialSecurity
from kiosk.contract.certificates import (
    Authority,
    CertificateAnswer,
    CertificateFetched,
    CertificateFetchedOf,
    CertificateFile,
    CertificateFileOf,
    CertificateOf,
    CertificateQuestion,
    IssuedCertificate,
)
from kiosk.contract.queries import Presented
from kiosk.contract.sealing import NEWEST, suite

KEPT_FOR: Final = timedelta(minutes=10)
DOWNLOADS: Final = 5
"""A phone may need a second browser, and a family a second phone."""

NOT_YET: Final = b""
"""In the place of a file's hash, while the authority is asked."""
PLACE_HELD: Final = timedelta(minutes=1)
"""Longer than the authority has for its answer: after that central was cut off while it asked."""

_INFO: Final = b"kiosk certificate 1\0"


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A file that was opened: what its page says, and its bytes."""

    title: str
    content: bytes = field(repr=False)
    expires_at: datetime
    downloads: int
    """What is left."""


# -- for kiosks --------------------------------------------------------------------------------------------------------


def routes(house: House) -> APIRouter:
    """``POST /v1/queries/certificate…``. Raises Refused (another-kiosk, suspended, second-factor, no-document),
    Unanswered."""
    router = APIRouter(prefix="/v1/queries", tags=["certificates"])

    @router.post(f"/{CertificateOf.name}")
    def certificate(question: CertificateQuestion[CertificateOf]) -> CertificateAnswer:
        """A certificate from the authority, to be fetched within minutes."""
        demand_few(house, question.presented, question.query)
        demand_second_factor(house, question.presented, question.query)
        return issue(house, question.presented, question.query)

    @router.post(f"/{CertificateFileOf.name}")
    def file(question: CertificateQuestion[CertificateFileOf]) -> CertificateFile:
        """Its bytes, for the printer of the kiosk that asked for it."""
        demand_speaker(question.presented.kiosk)
        kept = opened(house.database, question.query.token, house.now(), kiosk=question.presented.kiosk)
        if kept is None:
            raise Refused(404, "no-document", "There is no such document any more")
        return CertificateFile(content=kept.content)

    @router.post(f"/{CertificateFetchedOf.name}")
    def fetched(question: CertificateQuestion[CertificateFetchedOf]) -> CertificateFetched:
        """How often the telephone fetched it."""
        demand_speaker(question.presented.kiosk)
        kept = opened(house.database, question.query.token, house.now(), kiosk=question.presented.kiosk)
        return CertificateFetched(times=None if kept is None else DOWNLOADS - kept.downloads)

    return router


def issue(house: House, presented: Presented, query: CertificateOf) -> CertificateAnswer:
    """Asks the authority and keeps what it gives. Raises Unanswered.

    Its place in the month is taken before the authority is asked, so that two kiosks in one moment are not both within
    the limit.
    """
    now, person = house.now(), house.references.of(query.person)
    request = request_of(presented, query)
    limit = house.places.certificates(query.place)
    with house.database.writing() as connection:
        house.database.alone(connection, f"certificates of {person}")
        before = given_before(connection, person, request, query, now)
        if limit is not None and before >= limit.a_month:
            return CertificateAnswer(outcome="too many", text=limit.words)
        take_place(connection, person, request, presented, query, now)
    answer: CertificateAnswer | None = None
    try:
        answer = asked_for(house, presented, query, request, before)
    finally:
        if answer is None or answer.issued is None:
            give_place_back(house.database, person, request)
    return answer


def asked_for(
    house: House, presented: Presented, query: CertificateOf, request: UUID, before: int
) -> CertificateAnswer:
    """What the authority answers; its file is kept. Raises Unanswered."""
    now, person = house.now(), house.references.of(query.person)
    ports: dict[Authority, MedicalInsurance | SocialSecurity] = {
        "medical": house.upstreams.medical,
        "social": house.upstreams.social,
    }
    wanted = CertificateWanted(
        request=request, kind=query.kind, place=query.place, months=query.months, year=query.year
    )
    try:
        document = ports[query.authority].certificate(presented.kiosk, query.person, wanted)
    except NotInsured as refusal:
        return CertificateAnswer(outcome="not insured", text=refusal.text)
    except NotGranted as refusal:
        return CertificateAnswer(outcome="refused", text=refusal.text)
    token = new_token()
    digest = hashlib.sha256(document.content)
    with house.database.writing() as connection:
        note(connection, person, request, presented, query, digest.digest(), now)
        keep(connection, token, request, presented.kiosk, document, now)
    return CertificateAnswer(
        outcome="issued",
        issued=IssuedCertificate(
            title=document.title,
            number=document.number,
            pages=document.pages,
            size=len(document.content),
            sha256=digest.hexdigest(),
            token=token,
            url=f"{house.public_url}/d/{token}",
            until=now + KEPT_FOR,
            this_month=before + 1,
        ),
    )


def request_of(presented: Presented, query: CertificateOf) -> UUID:
    """The same for whatever is asked again in one visit, whose answer may have been lost."""
    asked = query.model_dump_json(include={"authority", "kind", "place", "months", "year"})
    return uuid5(presented.visit, f"{query.person.number.upper()} {asked}")


def given_before(connection: Connection, person: str, request: UUID, query: CertificateOf, now: datetime) -> int:
    """How many of this kind the person was given this month (Asia/Shanghai) at this place, besides this one."""
    month = now.astimezone(SHANGHAI).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    alike = (certificates.c.kind == query.kind) & (certificates.c.place == query.place)
    of_person = (certificates.c.person == person) & (certificates.c.request != request)
    counts = (certificates.c.digest != NOT_YET) | (certificates.c.at > now - PLACE_HELD)
    count = select(func.count()).select_from(certificates).where(of_person, alike, counts, certificates.c.at >= month)
    return connection.execute(count).scalar_one()


def take_place(
    connection: Connection, person: str, request: UUID, presented: Presented, query: CertificateOf, now: datetime
) -> None:
    """Counts it while the authority is asked; one that was given before stays as it is."""
    values = values_of(presented, query, NOT_YET, now)
    statement = insert(connection, certificates).values(person=person, request=request, **values)
    connection.execute(statement.on_conflict_do_nothing(index_elements=["person", "request"]))


def give_place_back(database: Database, person: str, request: UUID) -> None:
    """Nothing was given."""
    its = (certificates.c.person == person) & (certificates.c.request == request) & (certificates.c.digest == NOT_YET)
    with database.writing() as connection:
        connection.execute(delete(certificates).where(its))


def note(
    connection: Connection,
    person: str,
    request: UUID,
    presented: Presented,
    query: CertificateOf,
    digest: bytes,
    now: datetime,
) -> None:
    """What stays of it."""
    values = values_of(presented, query, digest, now)
    connection.execute(
        insert(connection, certificates)
        .values(person=person, request=request, **values)
        .on_conflict_do_update(index_elements=["person", "request"], set_=values)
    )


def values_of(presented: Presented, query: CertificateOf, digest: bytes, now: datetime) -> dict[str, object]:
    return {
        "kiosk": presented.kiosk,
        "authority": query.authority,
        "kind": query.kind,
        "place": query.place,
        "worker": query.witness.worker if query.witness is not None else None,
        "reason": query.witness.reason if query.witness is not None else None,
        "digest": digest,
        "at": now,
    }


# -- for telephones ----------------------------------------------------------------------------------------------------


def pages(house: House) -> APIRouter:
    """``/d/TOKEN``: what it is, and the file. Raises Told."""
    router = APIRouter(tags=["documents"])

    @router.get("/d/{token}")
    def about(token: str) -> HTMLResponse:
        """The page that a code leads to; looking at it takes nothing away."""
        kept = opened(house.database, token, house.now())
        if kept is None or kept.downloads == 0:
            raise Told(GONE)
        return page(
            "document.html",
            title=kept.title,
            until=f"{kept.expires_at.astimezone(SHANGHAI):%H:%M}",
            downloads=kept.downloads,
            check=in_groups(hashlib.sha256(kept.content).hexdigest()),
            file=f"/d/{token}/file.pdf",
        )

    @router.get("/d/{token}/file.pdf")
    def file(token: str) -> Response:
        """The authority's bytes."""
        kept = fetched(house.database, token, house.now())
        if kept is None:
            raise Told(GONE)
        named = f"attachment; filename=\"certificate.pdf\"; filename*=UTF-8''{quoted(kept.title)}.pdf"
        headers = {"Content-Disposition": named, "Accept-Ranges": "none"}
        return Response(kept.content, media_type="application/pdf", headers=headers)

    return router


GONE: Final = Trouble(
    410,
    "这份证明不能再取了",
    ("它只保存十分钟，手机最多取五次。", "还要的话，请在自助机上再开一次，或者请服务台帮您。"),
)
"""There is nothing behind this address, or not any more: which of the two is nobody's business."""


def in_groups(digest: str) -> str:
    """The first digits of a hash, as a person compares them: the kiosk shows the same."""
    return f"{digest[:4]} {digest[4:8]}"


def quoted(title: str) -> str:
    """A title as a header may carry it (RFC 8187)."""
    return "".join(f"%{octet:02X}" for octet in title.encode())


# -- kept for minutes --------------------------------------------------------------------------------------------------


def new_token() -> str:
    """A secret of 256 bits, as addresses can carry it."""
    return urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode("ascii")


def name_of(token: str) -> bytes:
    """What the database knows a token by."""
    return suite(NEWEST).hash(b"kiosk certificate's name\0" + token.encode())


def key_of(token: str, number: int) -> bytes:
    """The private key that only whoever has the token can make."""
    return suite(number).hash(b"kiosk certificate's key\0" + token.encode())


def keep(connection: Connection, token: str, request: UUID, kiosk: str, document: Document, now: datetime) -> None:
    """Seals a file; one that came before for the same request is gone."""
    name = name_of(token)
    plain = cbor2.dumps({"title": document.title, "content": document.content})
    public = suite(NEWEST).public(key_of(token, NEWEST))
    connection.execute(delete(documents).where(documents.c.request == request))
    connection.execute(
        insert(connection, documents).values(
            name=name,
            request=request,
            kiosk=kiosk,
            suite=NEWEST,
            sealed=suite(NEWEST).seal(plain, public, _INFO + name),
            expires_at=now + KEPT_FOR,
            downloads=DOWNLOADS,
        )
    )


def opened(database: Database, token: str, now: datetime, *, kiosk: str | None = None) -> Kept | None:
    """The file behind a token; None: there is none, or it is not this kiosk's."""
    its = (documents.c.name == name_of(token)) & (documents.c.expires_at > now)
    with database.reading() as connection:
        row = connection.execute(select(documents).where(its)).one_or_none()
    if row is None or kiosk not in (None, row.kiosk):
        return None
    plain: dict[str, object] = cbor2.loads(
        suite(row.suite).open(row.sealed, key_of(token, row.suite), _INFO + row.name)
    )
    title, content = plain["title"], plain["content"]
    assert isinstance(title, str)
    assert isinstance(content, bytes)
    return Kept(title=title, content=content, expires_at=row.expires_at, downloads=row.downloads)


def fetched(database: Database, token: str, now: datetime) -> Kept | None:
    """The file, for a telephone: one time less is left, and none of two phones that ask at once gets one too many."""
    its = (documents.c.name == name_of(token)) & (documents.c.expires_at > now)
    one_less = update(documents).where(its, documents.c.downloads > 0).values(downloads=documents.c.downloads - 1)
    with database.writing() as connection:
        if connection.execute(one_less.returning(documents.c.name)).first() is None:
            return None
    return opened(database, token, now)


def sweep(database: Database, now: Callable[[], datetime]) -> int:
    """Deletes what is past its time; how many there were."""
    with database.writing() as connection:
        gone = connection.execute(delete(documents).where(documents.c.expires_at <= now()))
    return gone.rowcount
