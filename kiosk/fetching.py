"""The page of a certificate's code at work: it goes on by itself when the telephone has fetched the file, so that
nobody is asked whether it arrived.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Final

from kiosk.contract.certificates import CertificateFetchedOf
from kiosk.errors import Declined, Unavailable
from kiosk.pages import FETCHED, Done, Head
from kiosk.racing import first

if TYPE_CHECKING:
    from kiosk.counter import Counter

LOOKS_EVERY: Final = 1.5
"""Seconds: as soon as a person looks up from the telephone."""

_log = logging.getLogger(__name__)


async def fetched_by_telephone(counter: Counter, page: Done, head: Head) -> str:
    """The answer to ``page``; FETCHED: nobody pressed anything, but a telephone has the file. Raises what showing it
    raises."""
    return await first(counter.equipment.stage.show(page, head), _fetched(counter, page.fetches))


async def _fetched(counter: Counter, token: str) -> str:
    """Comes back when the file was fetched, and never where it is not."""
    gear = counter.equipment
    query = CertificateFetchedOf(token=token)
    while True:
        await asyncio.sleep(LOOKS_EVERY)
        try:
            if (await gear.asking.do(partial(gear.central.ask, query, counter.presented))).times:
                return FETCHED
        except (Unavailable, Declined) as error:
            _log.info("the certificate cannot be asked about: %s", error)
