"""Codes to the telephone on record: the second factor of level 2.

A code belongs to a visit, holds five minutes and five tries, is kept as a keyed hash, and goes only to the number on
record. Who asks too often is refused. A filing counts as checked only when central itself saw the code come back.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, func, insert, select, update

from central.database import Database
from central.errors import Refused
from central.people import References, masked_telephone
from central.tables import codes
from central.upstream import Telephones
from kiosk.contract.messages import CodeCheck, CodeChecked, CodeRequest, CodeSent

DIGITS: Final = 6
HOLDS: Final = timedelta(minutes=5)
TRIES: Final = 5
PER_VISIT: Final = 3
PER_HOUR: Final = 10
PROVES_FOR: Final = timedelta(hours=24)
"""A code proves filings that happened this close to it: the kiosk's clock may be off, and a visit is minutes long."""


def send(
    database: Database, telephones: Telephones, references: References, request: CodeRequest, now: datetime
) -> CodeSent:
    """Sends a code. Raises Refused (no-telephone, too-many-codes), Unanswered."""
    telephone = telephones.on_record(request.person)
    if telephone is None:
        raise Refused(409, "no-telephone", "No telephone is on record")
    person = references.of(request.person)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    with database.writing() as connection:
        database.alone(connection, f"codes of {person}")
        sent = count_within_limits(connection, person, request, now)
        connection.execute(
            insert(codes).values(
                person=person,
                visit=request.visit,
                sent=sent + 1,
                kiosk=request.kiosk,
                code=references.of_code(request.visit.bytes, code),
                sent_at=now,
                expires_at=now + HOLDS,
                tries=0,
            )
        )
    minutes = HOLDS // timedelta(minutes=1)
    who = (
        "有人在自助终端上替您办事。您同意，才把验证码告诉他；不认识的人来要，请不要给。"
        if request.by_another
        else "您正在自助终端上办事。不是您本人在办，请不要告诉别人。"
    )
    text = f"【医保】验证码 {code}，{minutes} 分钟内有效。{who}"
    telephones.send(f"code:{request.visit}:{person[:12]}:{sent + 1}", telephone, text)
    return CodeSent(telephone=masked_telephone(telephone), seconds=int(HOLDS.total_seconds()), digits=DIGITS)


def check(database: Database, references: References, question: CodeCheck, now: datetime) -> CodeChecked:
    """Whether the code is the one last sent for this visit. Raises Refused (no-code).

    An expired code, or one tried too often, is wrong with no tries left. A right answer stays right until the code
    expires, so that a lost answer can be asked for again.
    """
    of_visit = (codes.c.visit == question.visit) & (codes.c.kiosk == question.kiosk)
    with database.writing() as connection:
        row = connection.execute(
            select(codes)
            .where(of_visit)
            .order_by(codes.c.sent_at.desc(), codes.c.sent.desc())
            .limit(1)
            .with_for_update()
        ).one_or_none()
        if row is None:
            raise Refused(404, "no-code", "No code was sent for this visit")
        if row.expires_at <= now or row.tries >= TRIES:
            return CodeChecked(right=False, tries_left=0)
        right = hmac.compare_digest(row.code, references.of_code(question.visit.bytes, question.code))
        tries = row.tries if right else row.tries + 1
        connection.execute(
            update(codes)
            .where(codes.c.person == row.person, codes.c.visit == row.visit, codes.c.sent == row.sent)
            .values(tries=tries, right_at=row.right_at or (now if right else None))
        )
    return CodeChecked(right=right, tries_left=TRIES - tries)


def proven(connection: Connection, person: str, kiosk: str, happened_at: datetime) -> bool:
    """Whether central saw a right code of this person at this kiosk, about when the act happened."""
    near = codes.c.right_at.between(happened_at - PROVES_FOR, happened_at + PROVES_FOR)
    found = select(func.count()).select_from(codes).where(codes.c.person == person, codes.c.kiosk == kiosk, near)
    return connection.execute(found).scalar_one() > 0


def proven_in(connection: Connection, person: str, visit: UUID, now: datetime) -> bool:
    """Whether central saw a right code of this person in this visit, which is minutes long."""
    recent = codes.c.right_at > now - PROVES_FOR
    found = select(func.count()).select_from(codes).where(codes.c.person == person, codes.c.visit == visit, recent)
    return connection.execute(found).scalar_one() > 0


def count_within_limits(connection: Connection, person: str, request: CodeRequest, now: datetime) -> int:
    """How many codes this visit has had for this person. Raises Refused (too-many-codes)."""
    of_visit = func.count().filter(codes.c.visit == request.visit)
    of_hour = func.count().filter(codes.c.sent_at > now - timedelta(hours=1))
    counts = connection.execute(select(of_visit, of_hour).where(codes.c.person == person)).one()
    if counts[0] >= PER_VISIT or counts[1] >= PER_HOUR:
        raise Refused(429, "too-many-codes", "Too many codes were asked for", retry_after=3600)
    return int(counts[0])
