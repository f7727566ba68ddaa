"""Papers on their way to an authority: claimed by the record that names them, handed over once, and then let go.

Each picture goes out under a number of ours that is on the disk before its first byte leaves, so that what is sent
again is known as the same. Whoever looks after a filing (``opening``) hands over what waits for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import Connection, select, update

from central import filings
from central.database import Database
from central.house import House
from central.keys import SealingPair
from central.matter_rows import NUMBER_COLUMNS, registration_number, same_record
from central.suspending import demand_few
from central.tables import filings as filings_table
from central.tables import matters, papers, records
from central.uploads import HANDED_KEPT, bound_to
from central.upstream import NotGranted, NumberTaken, PaperSent, TakesPapers
from kiosk.contract.identity import PersonReference
from kiosk.contract.messages import Matter
from kiosk.contract.sealing import suite
from kiosk.contract.uploads import MattersInWant, MattersInWantOf, MattersInWantQuestion, PapersWanted

log = logging.getLogger("central.opener")

HANDED: Final = "材料已经交上去了"
NOT_TAKEN: Final = "有一张没有收，请重新拍了再交："
LOST: Final = "照片没有留住，请在“我的办件”里再传一次。"
ENDED: Final = "这件事没有办成，材料没有交上去。还要办的，请到服务台问一问。"
SOME_LOST: Final = "有 {n} 张照片没有留住，请把材料交到服务台。"
SOME_LOST_AND_WANTED: Final = "有 {n} 张照片没有留住，请在“我的办件”里再传一次。"
NO_MATTER: Final = "没有找到要补材料的事，请到服务台问一问。"


def routes(house: House) -> APIRouter:
    """``POST /v1/queries/papers-wanted``. Raises Refused (another-kiosk, suspended)."""
    router = APIRouter(prefix="/v1/queries", tags=["queries"])

    @router.post(f"/{MattersInWantOf.name}")
    def papers_wanted(question: MattersInWantQuestion) -> MattersInWant:
        """Which of a person's matters wait for papers at an authority."""
        demand_few(house, question.presented, question.query)
        wanting = (
            select(*NUMBER_COLUMNS, matters.c.text)
            .select_from(matters.join(records, same_record(matters)).join(filings_table, same_record(filings_table)))
            .where(
                matters.c.person == house.references.of(question.query.person),
                matters.c.state == "papers wanted",
                filings_table.c.state == "papers wanted",
            )
            .order_by(records.c.happened_at.desc())
            .limit(LINES)
        )
        with house.database.reading() as connection:
            rows = connection.execute(wanting).all()
        return MattersInWant(
            lines=tuple(PapersWanted(record=row.id, number=registration_number(row), text=row.text) for row in rows)
        )

    return router


LINES: Final = 5


# -- claiming ----------------------------------------------------------------------------------------------------------


def claim(
    connection: Connection, *, kiosk: str, pictures: Iterable[UUID], record: UUID, claimed_by: UUID | None = None
) -> int:
    """Pictures that a kiosk's telephones sent now belong to a matter; how many of them are there.

    ``claimed_by``: the record that names them, where it is not the one that began the matter.
    """
    named = tuple(pictures)
    if not named:
        return 0
    by = claimed_by or record
    these = (papers.c.kiosk == kiosk) & papers.c.id.in_(named)
    free = these & papers.c.record.is_(None)
    connection.execute(update(papers).where(free).values(record=record, claimed_by=by, thumbnail=None))
    found = connection.execute(select(papers.c.id).where(these, papers.c.claimed_by == by)).all()
    if len(found) < len(named):
        log.warning("record %s names %d pictures, %d are here", by, len(named), len(found))
    return len(found)


def lost(connection: Connection, *, kiosk: str, pictures: Collection[UUID], record: UUID, now: datetime) -> int:
    """How many of the pictures that a record named were not here when it came, and are missed since. When those that
    the authority has may have been let go, that cannot be told any more, and nobody waits for them."""
    if not pictures:
        return 0
    its_record = (records.c.kiosk == kiosk) & (records.c.id == record)
    came_at = connection.execute(select(records.c.stored_at).where(its_record)).scalar_one()
    here = set(connection.execute(select(papers.c.id).where(papers.c.record == record)).scalars())
    brought_since = bool(here.difference(pictures))
    return 0 if brought_since or now - came_at >= HANDED_KEPT else len(pictures) - len(here)


def with_lost(matter: Matter, count: int) -> Matter:
    """What is said of a matter, where so many of its pictures are missed."""
    wanted = {"sent": SOME_LOST, "papers wanted": SOME_LOST_AND_WANTED}.get(matter.state)
    if not count or wanted is None:
        return matter
    said = matter.text.rstrip("。") + "。" if matter.text else ""
    return matter.model_copy(update={"text": said + wanted.format(n=count)})


@dataclass(frozen=True, kw_only=True)
class InWant:
    """Where the record of a matter is, as kiosk, ledger and seq; and whether the authority has declined it."""

    place: tuple[str, str, int]
    declined: bool


def matter_in_want(connection: Connection, record: UUID, person: str) -> InWant | None:
    """A person's matter, if it went to an authority."""
    row = connection.execute(
        select(records.c.kiosk, records.c.ledger, records.c.seq)
        .select_from(matters.join(records, same_record(matters)))
        .where(matters.c.id == record, matters.c.person == person)
    ).one_or_none()
    state = None if row is None else filings.state_of(connection, row.kiosk, record)
    if row is None or state is None:
        return None
    return InWant(place=(row.kiosk, row.ledger, row.seq), declined=state == "declined")


# -- handing over ------------------------------------------------------------------------------------------------------


def tell(connection: Connection, record: UUID, now: datetime, *, declined: bool = False) -> None:
    """What becomes of the records that brought papers for a matter later: theirs are all there, or go out no more,
    because the matter was ``declined``."""
    brought = select(papers.c.claimed_by).where(papers.c.record == record, papers.c.claimed_by != record)
    ids = set(connection.execute(brought).scalars())
    left = set(connection.execute(brought.where(papers.c.handed_at.is_(None))).scalars())
    there = Matter(state="sent", text=HANDED, at=now)
    told = [(ids - left, there), (left, ended(now))] if declined else [(ids - left, there)]
    for whose, matter in told:
        connection.execute(
            update(matters)
            .where(matters.c.id.in_(whose), matters.c.state == "kept")
            .values(state=matter.state, code=matter.code, text=matter.text, at=matter.at)
        )


def ended(now: datetime) -> Matter:
    """What becomes of papers for a matter that was declined."""
    return Matter(state="declined", code="no-matter", text=ENDED, at=now)


def waiting(connection: Connection, record: UUID) -> bool:
    """Whether papers wait to be handed over for a matter."""
    its = (papers.c.record == record) & papers.c.handed_at.is_(None)
    return connection.execute(select(papers.c.id).where(its).limit(1)).first() is not None


AT_A_TIME: Final = 3
"""Pictures of one matter before other work has its turn: they do not outlast an opener's hold (``filings.CLAIM``)."""


@dataclass(frozen=True, kw_only=True)
class Handing:
    """Hands over what waits. One thread; another opener that does the same does no harm.

    ``between`` is called before each picture but the first: what cannot wait for all of them.
    """

    database: Database
    pairs: Mapping[str, SealingPair]
    institution: str
    now: Callable[[], datetime]
    between: Callable[[], None]

    def hand_over(
        self, desk: TakesPapers, terminal: str, record: UUID, filed: str, person: PersonReference
    ) -> Literal["all", "some"]:
        """Hands papers of a matter to the authority: all that wait, or some of many. Raises Unanswered: the rest waits
        on."""
        its = (papers.c.record == record) & papers.c.handed_at.is_(None)
        wait = select(papers.c.kiosk, papers.c.id).where(its).order_by(papers.c.at, papers.c.id).limit(AT_A_TIME + 1)
        with self.database.reading() as connection:
            rows = connection.execute(wait).all()
        for count, row in enumerate(rows[:AT_A_TIME]):
            if count:
                self.between()
            self._hand_one(desk, terminal, row.kiosk, row.id, filed, person)
        if len(rows) > AT_A_TIME:
            return "some"
        with self.database.writing() as connection:
            tell(connection, record, self.now())
        return "all"

    def _hand_one(
        self, desk: TakesPapers, terminal: str, kiosk: str, picture: UUID, filed: str, person: PersonReference
    ) -> None:
        here = (papers.c.kiosk == kiosk) & (papers.c.id == picture)
        with self.database.writing() as connection:
            row = connection.execute(select(papers).where(here).with_for_update()).one_or_none()
            if row is None or row.handed_at is not None:
                return
            ours: str = row.ours or filings.new_number(connection, kiosk, picture, self.institution, self.now())
            connection.execute(update(papers).where(here).values(ours=ours))
        pair = self.pairs[row.sealing_key]
        content = suite(pair.suite).open(row.sealed, pair.private, bound_to(kiosk, picture))
        sent = PaperSent(ours=ours, filed=filed, person=person, paper=row.paper, content=content)
        refusal: NotGranted | None = None
        try:
            desk.add_paper(terminal, sent)
        except NumberTaken:
            pass  # it is there
        except NotGranted as error:
            log.warning("an authority does not take picture %s", picture)
            refusal = error
        with self.database.writing() as connection:
            connection.execute(update(papers).where(here).values(handed_at=self.now()))
            if refusal is not None and row.claimed_by != row.record:
                self._tell_of_refusal(connection, row.claimed_by, refusal)

    def _tell_of_refusal(self, connection: Connection, brought: UUID, refusal: NotGranted) -> None:
        """What is refused has to be brought once more, in the authority's words; what else came with it is there."""
        connection.execute(
            update(matters)
            .where(matters.c.id == brought, matters.c.state.in_(("kept", "declined")))
            .values(state="declined", code="authority", text=f"{NOT_TAKEN}{refusal.text}", at=self.now())
        )
