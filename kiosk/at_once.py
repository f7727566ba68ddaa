"""Live acts at the counter: carried out at once or not at all, while the person stands there.

Where central cannot be reached nothing is recorded. Else the record is committed like any other, in the same chain, and
sent by itself to be carried out. The answer says what became of the matter, and nothing of the record: that central has
it is believed where central signs it, with the next batch, in which the record is a duplicate. An answer that does not
come leaves the matter ``unsure``: central is asked by the record's id, in a moment, at the person's wish, and later
without them; never is a second act made of it.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar
from uuid import UUID

from kiosk.contract.messages import LiveRequest, Matter, MatterState, WireRecord
from kiosk.contract.records import new_id
from kiosk.desk import Filed
from kiosk.errors import Declined, NotKept, Unavailable
from kiosk.outbox import COMMIT_WITHIN
from kiosk.texts import _

if TYPE_CHECKING:
    from kiosk.contract.acts import Act
    from kiosk.counter import Counter
    from kiosk.equipment import Equipment
    from kiosk.ledger import Waiting

WITHIN: Final = 10.0
"""Seconds that central waits at most before it answers what became of a live act."""

ASKED_AGAIN_WITHIN: Final = 10.0
"""Seconds for which it is asked again before the person is told that it is not known."""

OPEN: Final = frozenset({"kept", "unsure"})

T = TypeVar("T")

_log = logging.getLogger(__name__)


async def carry_out(counter: Counter, act: Act, *, printing: bool) -> Filed:
    """What became of ``act``: decided, declined or unsure. Raises Unavailable (nothing was recorded) and NotKept."""
    gear = counter.equipment
    await _demand_central(counter)
    at = datetime.now(UTC)
    with gear.sync.apart(new_id(at)) as id_:
        kept = await gear.outbox.commit(
            act,
            happened_at=at,
            printing=printing,
            sam=counter.guest.person.sam if counter.guest.person else None,
            id=id_,
        )
        matter = await counter.unhurried(_send(gear, id_), _("正在办，请稍等"))
    if not _is_settled(matter):
        matter = await counter.unhurried(
            gear.sync.deliver(id_, within=ASKED_AGAIN_WITHIN, sent=True), _("还没有等到回音，正在再问")
        )
    filed = Filed(id=id_, number=kept.number, at=at, state="unsure", matter=None)
    return await _known(gear, filed, matter)


async def ask_again(counter: Counter, filed: Filed) -> Filed:
    """What central knows of it by now. Nothing is done again."""
    gear = counter.equipment
    asked = gear.sync.deliver(filed.id, within=ASKED_AGAIN_WITHIN, sent=True)
    matter = await counter.unhurried(asked, _("正在再问一次，请稍等"))
    return await _known(gear, filed, matter)


async def _demand_central(counter: Counter) -> None:
    """Raises Unavailable where it could not be carried out now: then nothing is to be recorded."""
    gear = counter.equipment
    if not gear.sync.online:
        raise Unavailable("offline")
    try:
        health = await counter.unhurried(gear.asking.do(gear.central.health), _("正在办，请稍等"))
    except Declined as error:
        raise Unavailable("server") from error
    if health.opener == "silent":
        raise Unavailable("server")


async def _send(gear: Equipment, id_: UUID) -> Matter | None:
    """What central answers; None: it is not known what became of the record."""
    try:
        waiting = await _soon(gear.outbox.waiting(id_))
    except NotKept as error:  # the record is there: what becomes of it is not known
        _log.error("the outbox does not give record %s: %s", id_, error.reason)
        return None
    if waiting is None:
        return None
    try:
        item = await gear.asking.do(partial(gear.central.carry_out, _request(waiting)))
    except (Unavailable, Declined) as error:
        _log.warning("what became of record %s is not known: %s", id_, type(error).__name__)
        return None
    if item.id != id_:
        _log.warning("what became of record %s is not known: central's answer does not fit", id_)
        return None
    return item.matter


async def _known(gear: Equipment, filed: Filed, matter: Matter | None) -> Filed:
    """The filing with what is known of it, which the outbox is told too: it is asked about until it is over."""
    state: MatterState = matter.state if matter is not None and _is_settled(matter) else "unsure"
    if state == "unsure":
        matter = None
    try:
        await _soon(gear.outbox.matter(filed.id, matter or Matter(state="unsure", at=filed.at)))
    except NotKept as error:
        _log.error("the outbox does not take what became of record %s: %s", filed.id, error.reason)
    return replace(filed, state=state, matter=matter)


async def _soon(work: Awaitable[T]) -> T:
    """Somebody waits: a disk that hangs after the commit keeps nobody. Raises NotKept."""
    try:
        async with asyncio.timeout(COMMIT_WITHIN):
            return await work
    except TimeoutError:
        raise NotKept("unsure", "the disk does not answer") from None


def _is_settled(matter: Matter | None) -> bool:
    return matter is not None and matter.state not in OPEN


def _request(waiting: Waiting) -> LiveRequest:
    return LiveRequest(
        nonce=secrets.token_hex(16),
        kiosk=waiting.kiosk,
        ledger=waiting.ledger.hex(),
        record=WireRecord(header=waiting.header, sealed=waiting.sealed),
        within=WITHIN,
    )
