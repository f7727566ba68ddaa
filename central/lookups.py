"""What can be looked up of a person at an authority: the kiosks' typed query, answered through either port.

Which services there are, how an authority says them and which of them need a second factor stands in the authority's
settings (``central.authorities.services``). Nothing is kept: the answer goes to the kiosk and is forgotten.
"""

from __future__ import annotations

from fastapi import APIRouter

from central import codes
from central.errors import Refused
from central.house import House
from central.suspending import demand_few
from central.upstream import Listing, NotOffered, Wanted
from kiosk.contract.beforehand import FamilyOf, SocialCardsOf
from kiosk.contract.certificates import CertificateOf
from kiosk.contract.due import DueOf
from kiosk.contract.lookups import ROWS_AT_MOST, Authority, Found, FoundPart, Lookup, LookupQuestion
from kiosk.contract.queries import Presented


def routes(house: House) -> APIRouter:
    """``POST /v1/queries/lookup``. Raises Refused (no-service, second-factor, another-kiosk, suspended), and what
    ports raise."""
    router = APIRouter(prefix="/v1/queries", tags=["queries"])
    ports: dict[Authority, Listing] = {"social": house.upstreams.social, "medical": house.upstreams.medical}

    @router.post(f"/{Lookup.name}")
    def look_up(question: LookupQuestion) -> Found:
        """Every row that the services list of a person."""
        query = question.query
        demand_few(house, question.presented, query)
        port = ports[query.authority]
        wanted = Wanted(services=query.services, place=query.place, answers=query.answers)
        try:
            if any(port.level_of(service) == 2 for service in query.services):
                demand_second_factor(house, question.presented, query)
            looked = port.look_up(question.presented.kiosk, query.person, wanted)
        except NotOffered:
            raise Refused(404, "no-service", "The authority has no such service") from None
        return Found(
            as_of=house.now(),
            place=query.place,
            parts=tuple(
                FoundPart(service=service, rows=looked.rows[service][:ROWS_AT_MOST]) for service in query.services
            ),
            elsewhere=looked.elsewhere,
        )

    return router


def demand_second_factor(
    house: House, presented: Presented, query: Lookup | SocialCardsOf | FamilyOf | CertificateOf | DueOf
) -> None:
    """That central itself saw the person's code come back in this visit, or that a worker vouches. Raises Refused."""
    if query.witness is not None:
        return
    with house.database.reading() as connection:
        if not codes.proven_in(connection, house.references.of(query.person), presented.visit, house.now()):
            raise Refused(403, "second-factor", "This needs a second factor")
