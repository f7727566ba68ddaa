"""``POST /v1/live``: a record whose act is carried out while the person stands there; its answer is what became of it.

The record takes its place in the ledger as any other does, and the opener carries it out (``live``). What differs is
that it is waited for, and that a request is taken once: its nonce is kept for ten minutes. Beside it the questions that
come before such an act.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from central import intake
from central.database import insert
from central.errors import Refused
from central.house import House
from central.lookups import demand_second_factor
from central.outcome import is_settled, settled_within
from central.signatures import demand_speaker
from central.suspending import demand_few
from central.tables import nonces
from kiosk.contract.beforehand import Family, FamilyOf, FamilyQuestion, SocialCards, SocialCardsOf, SocialCardsQuestion
from kiosk.contract.messages import ItemAnswer, LiveRequest
from kiosk.contract.queries import Presented
from kiosk.contract.registry import LIVE


def routes(house: House, wake: Callable[[], None], closing: Callable[[], bool]) -> APIRouter:
    router = APIRouter(tags=["records"])

    @router.post("/v1/live", responses={202: {"model": ItemAnswer, "description": "Not known yet: ask by its id"}})
    async def live(request: Request, response: Response, asked: LiveRequest) -> ItemAnswer:
        """Takes one live record, once, and waits for what becomes of it."""
        answer = await run_in_threadpool(take, house, asked)
        wake()
        if answer.id is None or answer.outcome not in ("stored", "duplicate"):
            return answer
        status = await settled_within(house.database, answer.id, asked.within, request, closing)
        if not is_settled(status.matter):
            response.status_code = 202
        return answer.model_copy(update={"matter": status.matter})

    @router.post(f"/v1/queries/{SocialCardsOf.name}")
    def social_cards(question: SocialCardsQuestion) -> SocialCards:
        """A person's social security cards (社保卡) and whether they are in use."""
        kiosk = demand(house, question.presented, question.query)
        return SocialCards(cards=house.upstreams.social.cards_of(kiosk, question.query.person))

    @router.post(f"/v1/queries/{FamilyOf.name}")
    def family(question: FamilyQuestion) -> Family:
        """Who shares a person's personal account (家庭共济)."""
        kiosk = demand(house, question.presented, question.query)
        return house.upstreams.medical.family_of(kiosk, question.query.person)

    return router


def demand(house: House, presented: Presented, query: SocialCardsOf | FamilyOf) -> str:
    """The kiosk that asks. Raises Refused (another-kiosk, suspended, second-factor)."""
    demand_few(house, presented, query)
    demand_second_factor(house, presented, query)
    return presented.kiosk


def take(house: House, asked: LiveRequest) -> ItemAnswer:
    """Stores the record. Raises Refused (another-kiosk, not-live, replayed, and as ``intake``)."""
    record = intake.read_record(asked.record)
    if record is None or record.header.kind not in LIVE:
        raise Refused(422, "not-live", "This is no live transaction")
    demand_speaker(asked.kiosk)
    now = house.now()
    with house.database.writing() as connection:
        fresh = connection.execute(
            insert(connection, nonces)
            .values(kiosk=asked.kiosk, nonce=asked.nonce, at=now)
            .on_conflict_do_nothing()
            .returning(nonces.c.nonce)
        ).first()
    if fresh is None:
        raise Refused(409, "replayed", "This request came before")
    return intake.take(house.database, house.voice, asked.as_batch(), now).answers[0]
