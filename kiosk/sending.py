"""The page of a telephone's upload at work: it is shown anew with each sign of life of the telephone, so that nobody
who photographs is taken for gone, and goes on by itself when the telephone says that this is all.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Final, Literal

from kiosk.contract.uploads import UploadState, UploadStep
from kiosk.errors import Declined, Unavailable
from kiosk.journeys.papers import AGAIN, FINISH, as_it_is
from kiosk.pages import Head, SendPapers
from kiosk.racing import first

if TYPE_CHECKING:
    from kiosk.counter import Counter

LOOKS_EVERY: Final = 1.5
"""Seconds: as soon as a person looks up from the telephone."""

_log = logging.getLogger(__name__)


async def sent_by_telephone(counter: Counter, page: SendPapers, head: Head) -> str:
    """The answer to ``page``. Raises what showing it raises."""
    state = await _step(counter, page, "look")
    if state is None or state.closed or state.finished or state.seconds == 0:
        state = await _step(counter, page, "again")  # somebody came back to it
    while True:
        match await first(counter.equipment.stage.show(as_it_is(page, state), head), _news(counter, page, state)):
            case UploadState() as news:
                state = news
                if state.finished and state.arrived:
                    return FINISH
            case None:
                state = None
            case str() as answer if answer == AGAIN:
                state = await _step(counter, page, "again")
            case str() as answer:
                return answer


async def _news(counter: Counter, page: SendPapers, shown: UploadState | None) -> UploadState | None:
    """How the upload is, as soon as that is something else than is shown; None: central does not say any more."""
    while True:
        await asyncio.sleep(LOOKS_EVERY)
        state = await _step(counter, page, "look")
        if _to_be_seen(state) != _to_be_seen(shown):
            return state


def _to_be_seen(state: UploadState | None) -> object:
    return state and (state.news, state.telephone, state.finished, state.seconds == 0, state.arrived)


async def _step(counter: Counter, page: SendPapers, step: Literal["look", "again"]) -> UploadState | None:
    gear = counter.equipment
    try:
        query = UploadStep(upload=page.upload, step=step)
        return await gear.asking.do(partial(gear.central.ask, query, counter.presented))
    except (Unavailable, Declined) as error:
        _log.info("the upload cannot be asked about: %s", error)
        return None
