"""The kiosks' API. Paths and bodies are those of ``kiosk.contract``; every refusal is a problem document.

Processes that serve it keep no state: what must be remembered is in the database, what must stay secret with the
opener.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi_offline import FastAPIOffline
from sqlalchemy import Connection, func, select

from central import (
    appointments,
    at_once,
    codes,
    contiguity,
    credentials,
    datasets,
    documents,
    due,
    filing_basis,
    intake,
    lookups,
    papers,
    problems,
    publications,
    queries,
    roots,
    signatures,
    status,
    suspending,
    uploads,
)
from central.demonstration.credentials import DemonstrationCredentials, phones
from central.demonstration.screens import screens
from central.errors import Refused
from central.house import House
from central.limits import AccessLog, Limits
from central.outcome import WAITS_AT_MOST, settled_within
from central.signatures import Signatures
from central.tables import openers, sealing_keys
from kiosk.contract.credentials import CredentialCheck, CredentialHolder
from kiosk.contract.messages import (
    Batch,
    BatchAnswer,
    CodeCheck,
    CodeChecked,
    CodeRequest,
    CodeSent,
    Health,
    Heartbeat,
    HeartbeatAnswer,
    Keys,
    Problem,
    RecordStatus,
    SealingKey,
)
from kiosk.contract.times import TimeAnswer, tell

SILENT_AFTER: Final = timedelta(seconds=30)
KEYS_SHOWN: Final = 3


def create_app(house: House, wake: Callable[[], None], closing: Callable[[], bool]) -> FastAPI:
    """The application. ``wake`` tells the opener that there is work; ``closing`` ends those who wait."""
    app = FastAPIOffline(
        title="Central",
        version="1",
        redoc_url=None,
        responses={"4XX": {"model": Problem, "description": "Refused, with a code"}},
    )
    problems.install(app)
    app.include_router(about_central(house))
    app.include_router(about_records(house, wake, closing))
    app.include_router(publications.routes(house.database))
    app.include_router(at_once.routes(house, wake, closing))
    app.include_router(queries.routes(house))
    app.include_router(lookups.routes(house))
    app.include_router(due.routes(house))
    app.include_router(datasets.routes(house.datasets))
    app.include_router(filing_basis.routes(house))
    app.include_router(documents.routes(house))
    app.include_router(about_codes(house))
    app.include_router(about_credentials(house))
    app.include_router(status.kiosk_routes(house))
    app.include_router(appointments.routes(house, appointments.Desks()))
    app.include_router(uploads.routes(house))
    app.include_router(papers.routes(house))
    if house.upstreams.mode == "demo":
        app.include_router(screens(house.database, wake, house.now))
    if isinstance(house.upstreams.credentials, DemonstrationCredentials):
        app.include_router(phones(house.upstreams.credentials))
    app.add_middleware(Signatures, house=house)
    app.add_middleware(Limits)
    app.add_middleware(AccessLog)
    return app


def about_central(house: House) -> APIRouter:
    router = APIRouter(tags=["central"])

    @router.get("/v1/health")
    def health() -> Health:
        """Whether central answers, its time, and whether somebody opens what is sealed."""
        now = house.now()
        with house.database.reading() as connection:
            return Health(service="kiosk-central", time=now, opener=opener_is(connection, now))

    @router.get("/v1/time")
    def tell_time(nonce: Annotated[str, Query(pattern=r"^[0-9a-f]{32}$")]) -> TimeAnswer:
        """The time, signed for this question."""
        return tell(nonce, house.now(), house.voice.key, house.voice.sign)

    @router.post("/v1/heartbeat")
    def heartbeat(beat: Heartbeat) -> HeartbeatAnswer:
        """As health; and up to where the kiosk's ledger is here, which is nothing where it is not known, or who asks is
        not. Raises Refused (another-kiosk, suspended)."""
        now, stranger = house.now(), signatures.is_stranger()
        if not stranger:
            signatures.demand_speaker(beat.kiosk)
        with house.database.reading() as connection:
            opener = opener_is(connection, now)
            nothing = (contiguity.NOTHING, None)
            last, heard_at = nothing if stranger else contiguity.heard(connection, beat.kiosk, beat.ledger or "")
            is_suspended = not stranger and suspending.is_suspended(connection, beat.kiosk)
        if beat.ledger is not None and heard_at is not None and now - heard_at >= contiguity.HEARD_EVERY:
            with house.database.writing() as connection:
                contiguity.note_heard(connection, beat.kiosk, beat.ledger, now)
        if is_suspended:
            raise signatures.suspended()
        said = None if beat.ledger is None else house.voice.acknowledge(beat.kiosk, beat.ledger, last, now)
        return HeartbeatAnswer(service="kiosk-central", time=now, opener=opener, acknowledgement=said)

    @router.get("/v1/keys")
    def keys() -> Keys:
        """The public keys to seal to, the newest first."""
        newest = select(sealing_keys).order_by(sealing_keys.c.version.desc()).limit(KEYS_SHOWN)
        with house.database.reading() as connection:
            rows = connection.execute(newest).all()
        if not rows:
            raise Refused(503, "no-keys", "No sealing key has been published yet", retry_after=1)
        sealing = (SealingKey(id=row.id, suite=row.suite, public=row.public, not_after=row.not_after) for row in rows)
        rooted = roots.newest(house.database)
        return Keys(
            version=rows[0].version,
            sealing=tuple(sealing),
            settings=publications.signing_keys(house.database),
            acknowledgement=(house.voice.key,),
            rooted=None if rooted is None else rooted.rooted,
        )

    return router


def opener_is(connection: Connection, now: datetime) -> Literal["awake", "silent"]:
    """Whether an opener said something of late."""
    last = connection.execute(select(func.max(openers.c.at, type_=openers.c.at.type))).scalar()
    return "awake" if last is not None and now - last < SILENT_AFTER else "silent"


def about_records(house: House, wake: Callable[[], None], closing: Callable[[], bool]) -> APIRouter:
    router = APIRouter(tags=["records"])

    @router.post("/v1/records")
    def send_records(batch: Batch) -> BatchAnswer:
        """Takes a batch of records, each once however often it is sent."""
        answer = intake.take(house.database, house.voice, batch, house.now())
        wake()
        return answer

    @router.get("/v1/records/{record}")
    async def record_status(
        request: Request, record: UUID, within: Annotated[float, Query(ge=0, le=WAITS_AT_MOST)] = 0
    ) -> RecordStatus:
        """What became of a record's matter; waits up to ``within`` seconds for it to leave ``kept``."""
        return await settled_within(house.database, record, within, request, closing)

    return router


def about_codes(house: House) -> APIRouter:
    router = APIRouter(prefix="/v1/codes", tags=["codes"])

    @router.post("")
    def send_code(request: CodeRequest) -> CodeSent:
        """Sends a code to the telephone on record, never to one that was typed."""
        signatures.demand_speaker(request.kiosk)
        suspending.demand_few_people(house, request.kiosk, request.visit, (request.person,))
        return codes.send(house.database, house.upstreams.telephones, house.references, request, house.now())

    @router.post("/check")
    def check_code(check: CodeCheck) -> CodeChecked:
        """Whether a code is the one last sent for the visit."""
        signatures.demand_speaker(check.kiosk)
        return codes.check(house.database, house.references, check, house.now())

    return router


def about_credentials(house: House) -> APIRouter:
    router = APIRouter(tags=["credentials"])

    @router.post("/v1/credentials")
    def verify_credential(check: CredentialCheck) -> CredentialHolder:
        """Whose electronic credential (电子凭证) was scanned."""
        signatures.demand_speaker(check.kiosk)
        return credentials.holder_of(house.upstreams.credentials, check)

    return router
