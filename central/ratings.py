"""好差评 as central keeps it: counted by the day, one by one to be handed on, and a work order for one or two stars.

None of it names the record: with its id or the minute one could guess whose it is (docs/decisions, 0013).
"""

from __future__ import annotations

import json
from uuid import uuid4

from sqlalchemy import Connection

from central.database import insert
from central.local_time import SHANGHAI
from central.tables import evaluations, ratings
from central.work_orders import open_order
from central.working_days import WorkingDays
from kiosk.contract.acts import Rating
from kiosk.contract.ratings import DISSATISFIED, ReasonedRating
from kiosk.contract.records import Header


def take(connection: Connection, header: Header, act: Rating | ReasonedRating, days: WorkingDays) -> None:
    """Counts a rating. Called once for each, in the commit that ends its work. The first version gave no reasons."""
    day = header.happened_at.astimezone(SHANGHAI).date()
    given = ReasonedRating(service=act.service, stars=act.stars) if isinstance(act, Rating) else act
    its = {"kiosk": header.kiosk, "service": given.service, "day": day, "stars": given.stars}
    connection.execute(
        insert(connection, ratings)
        .values(**its, given=1)
        .on_conflict_do_update(index_elements=["kiosk", "service", "day", "stars"], set_={"given": ratings.c.given + 1})
    )
    evaluation = uuid4()
    connection.execute(
        insert(connection, evaluations).values(
            **its, id=evaluation, reasons=json.dumps(given.reasons), words=given.words
        )
    )
    if given.stars <= DISSATISFIED:
        telephone = given.telephone
        open_order(connection, kiosk=header.kiosk, evaluation=evaluation, on=day, telephone=telephone, days=days)
