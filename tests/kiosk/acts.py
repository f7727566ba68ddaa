"""Acts and headers of fictitious people, for every test of what travels."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from hypothesis import strategies as st

from kiosk.contract.acts import (
    Act,
    FieldAnswer,
    FilingKind,
    Genesis,
    PersonReference,
    Promise,
    ProxyRequest,
    Rating,
    RemoteCareFiling,
    RiderCategory,
    RiderCheckIn,
    RiderCorrection,
)
from kiosk.contract.filings import ServiceFiling
from kiosk.contract.identity import Agent, Witness
from kiosk.contract.live import FamilyAccount, RemoteCareWithdrawal, SocialCardLoss
from kiosk.contract.papers import Papers
from kiosk.contract.ratings import ReasonedRating
from kiosk.contract.records import ClockFlags, Header
from kiosk.contract.remote_care import RemoteCareFiling2, RemoteCareFiling3

SOMEBODY = PersonReference(number="350902195803151123", name="欧阳𠮷䶮")


def check_in(category: RiderCategory = RiderCategory.FOOD) -> RiderCheckIn:
    """A check-in by picture, about nobody."""
    return RiderCheckIn(method="picture", category=category)


def filing() -> RemoteCareFiling:
    """A filing with everything that it can have."""
    return RemoteCareFiling(
        person=SOMEBODY,
        filing=FilingKind.LONG_STAY,
        place="350200",
        begin=date(2026, 11, 22),
        proof="promise",
        promise=Promise(version="3509-2025-1", sha256="ab" * 32),
        telephone="13800000000",
        check="code",
        intent="019ab000-0000-7000-8000-000000000001",
    )


def filing_for_another() -> RemoteCareFiling2:
    """The second version with everything that it can have: by a son, promised before a worker, in another's place."""
    return RemoteCareFiling2(
        person=SOMEBODY,
        filing=FilingKind.LONG_STAY,
        place="350200",
        begin=date(2026, 11, 22),
        end=date(2027, 5, 22),
        proof="promise",
        promise=Promise(version="3509-2025-1", sha256="ab" * 32),
        telephone="13800000000",
        shown="worker",
        check="witness",
        witness=Witness(worker="w01", reason="visited-at-home"),
        agent=Agent(
            person=PersonReference(number="440524188001010014", name="陈建国"), relation="child", shown="id-card"
        ),
        changes="YD350900202503010017",
        intent="2026-11-22 long-stay 350200",
    )


def filing_with_pictures() -> RemoteCareFiling3:
    """The third version, for oneself: what would be brought to the desk was photographed."""
    return RemoteCareFiling3(
        person=SOMEBODY,
        filing=FilingKind.REFERRED,
        place="350200",
        begin=date(2026, 11, 22),
        end=date(2027, 5, 22),
        proof="desk",
        shown="id-card",
        check="code",
        intent="2026-11-22 referred 350200",
        papers=(UUID(int=7), UUID(int=8)),
    )


def papers_brought() -> Papers:
    """Two pictures for a matter that began earlier."""
    record = UUID("019ab000-1234-7abc-8def-0123456789ab")
    return Papers(person=SOMEBODY, record=record, pictures=(UUID(int=7), UUID(int=8)))


def handed_over() -> ProxyRequest:
    """A matter for a worker with everything that it can have."""
    return ProxyRequest(
        person=SOMEBODY,
        item="complaint",
        wish="home-visit",
        call="morning",
        telephone="13800000000",
        answers=(
            FieldAnswer(field="what", field_kind="text", value="楼道灯不亮"),
            FieldAnswer(field="day", field_kind="date", value="2026-12-01"),
        ),
        intent="2026-11-22 complaint",
    )


def promised() -> ServiceFiling:
    """A filing of an item, for oneself, with a promise."""
    return ServiceFiling(
        person=SOMEBODY,
        item="self-paid",
        authority="social",
        insured_place="350900",
        answers=(FieldAnswer(field="scheme", field_kind="choice", value="both"),),
        shown="id-card",
        check="code",
        backing="promise",
        promise=Promise(version="sandbox-2026-1", sha256="ab" * 32),
        intent="2026-11-22 self-paid",
    )


def for_a_child() -> ServiceFiling:
    """A filing with everything that it can have."""
    return ServiceFiling(
        person=PersonReference(number="33990220261101122X", name="沈小满"),
        item="resident-enrolment",
        authority="medical",
        insured_place="350900",
        answers=(FieldAnswer(field="who", field_kind="choice", value="newborn"),),
        telephone="13800000000",
        shown="papers",
        check="witness",
        witness=Witness(worker="w01", reason="no-telephone"),
        agent=Agent(person=SOMEBODY, relation="parent", shown="id-card"),
        backing="upload",
        papers=(UUID("019ab000-0000-7000-8000-000000000001"), UUID("019ab000-0000-7000-8000-000000000002")),
        intent="2026-11-22 resident-enrolment",
    )


def header(act: Act, **changes: object) -> Header:
    """The header of a first record of ``act``."""
    fields: dict[str, object] = {
        "suite": 1,
        "kiosk": "K-001",
        "ledger": bytes(range(16)),
        "seq": 1,
        "id": UUID("019ab000-1234-7abc-8def-0123456789ab"),
        "previous": bytes(32),
        "kind": act.kind,
        "version": act.version,
        "happened_at": datetime(2026, 11, 22, 1, 46, 7, 123456, tzinfo=UTC),
        "clock_offset": -1500,
        "clock_flags": ClockFlags(0),
        "sealing_key": "2026-1",
        "mode": "demo",
        "sam": "05.03-20170918-0003219512-1234567890",
        "notice": "2026-1",
        "payload_hash": bytes(32),
    }
    return Header(**{**fields, **changes})  # type: ignore[arg-type] # any field may be replaced, wrong ones on purpose


def family_account() -> FamilyAccount:
    """Somebody of the family who may use an account."""
    return FamilyAccount(
        person=SOMEBODY,
        wish="add",
        member=PersonReference(number="350902198803151121", name="欧阳小禾"),
        relation="child",
        shown="id-card",
        check="code",
        intent="2026-11-22 family-account",
    )


def card_loss() -> SocialCardLoss:
    """A card that is stopped."""
    return SocialCardLoss(person=SOMEBODY, wish="report", shown="code", check="code", intent="2026-11-22 card-lost")


def withdrawal() -> RemoteCareWithdrawal:
    """A filing that is withdrawn, on a worker's word."""
    return RemoteCareWithdrawal(
        person=SOMEBODY,
        entry="YD350900202503010017",
        why="不去了",
        shown="id-card",
        check="witness",
        witness=Witness(worker="w-1", reason="no-telephone"),
        intent="2026-11-22 withdrawal",
    )


persons = st.builds(
    PersonReference,
    number=st.from_regex(r"[0-9]{17}[0-9X]", fullmatch=True),
    name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
)
check_ins = st.builds(
    RiderCheckIn,
    method=st.sampled_from(["picture", "id-card", "social-card", "code"]),
    category=st.none() | st.sampled_from(RiderCategory),
    person=st.none() | persons,
    services=st.lists(st.text(max_size=12)).map(tuple),
)
geneses = st.builds(
    Genesis,
    why=st.sampled_from(["enrolled", "database damaged", "behind central", "conflict"]),
    previous_ledger=st.none() | st.binary(min_size=16, max_size=16),
    previous_seq=st.none() | st.integers(0, 2**63 - 1),
    previous_hash=st.none() | st.binary(min_size=32, max_size=32),
    acknowledged_seq=st.none() | st.integers(0, 2**63 - 1),
)
filings = st.builds(
    RemoteCareFiling,
    person=persons,
    filing=st.sampled_from([kind for kind in FilingKind if kind is not FilingKind.REFERRED]),
    place=st.from_regex(r"[0-9]{6}", fullmatch=True),
    begin=st.dates(max_value=date(2100, 1, 1)),
    end=st.none() | st.dates(min_value=date(2100, 1, 2)),
    proof=st.just("desk"),
    telephone=st.none() | st.just("13800000000"),
    check=st.sampled_from(["code", "owed"]),
    intent=st.uuids().map(str),
)
witnesses = st.builds(Witness, worker=st.just("w01"), reason=st.sampled_from(["child", "no-telephone"]))
filings_2 = st.builds(
    RemoteCareFiling2,
    person=persons,
    filing=st.sampled_from(FilingKind),
    place=st.from_regex(r"[0-9]{6}", fullmatch=True),
    begin=st.dates(max_value=date(2100, 1, 1)),
    proof=st.sampled_from(["desk", "none"]),
    shown=st.sampled_from(["id-card", "social-card", "code", "worker"]),
    check=st.sampled_from(["code", "witness", "owed"]),
    witness=witnesses,
    agent=st.none() | st.builds(Agent, person=persons, relation=st.just("child"), shown=st.just("id-card")),
    changes=st.none() | st.just("YD350900202503010017"),
    intent=st.uuids().map(str),
)
requests = st.builds(
    ProxyRequest,
    person=persons,
    item=st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True),
    wish=st.sampled_from(["explain", "hand-in", "home-visit"]),
    call=st.sampled_from(["morning", "afternoon", "any"]),
    telephone=st.none() | st.just("13800000000"),
    answers=st.lists(
        st.builds(
            FieldAnswer,
            field=st.from_regex(r"[a-z]{1,8}", fullmatch=True),
            field_kind=st.sampled_from(["date", "region", "text", "yes-no"]),
            value=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
        ),
        max_size=3,
    ).map(tuple),
    intent=st.uuids().map(str),
)
services = st.builds(
    ServiceFiling,
    person=persons,
    item=st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True),
    authority=st.sampled_from(["medical", "social"]),
    insured_place=st.from_regex(r"[0-9]{6}", fullmatch=True),
    shown=st.sampled_from(["id-card", "social-card", "code"]),
    check=st.sampled_from(["code", "owed"]),
    agent=st.none() | st.builds(Agent, person=persons, relation=st.just("parent"), shown=st.just("id-card")),
    backing=st.sampled_from(["desk", "none"]),
    telephone=st.none() | st.just("13800000000"),
    intent=st.uuids().map(str),
)
live_acts = st.one_of(
    st.builds(
        SocialCardLoss,
        person=persons,
        wish=st.sampled_from(["report", "lift"]),
        shown=st.sampled_from(["id-card", "social-card", "code"]),
        check=st.just("code"),
        witness=st.none(),
        agent=st.none(),
        intent=st.uuids().map(str),
    ),
    st.builds(
        FamilyAccount,
        person=persons,
        wish=st.just("add"),
        member=persons,
        relation=st.sampled_from(["spouse", "child", "parent"]),
        entry=st.none(),
        shown=st.just("id-card"),
        check=st.just("code"),
        witness=st.none(),
        agent=st.none(),
        intent=st.uuids().map(str),
    ),
)
corrections = st.builds(RiderCorrection, corrects=st.uuids(), check_in=check_ins)
ratings = st.builds(Rating, service=st.from_regex(r"[a-z0-9-]{1,64}", fullmatch=True), stars=st.integers(1, 5))
reasoned_ratings = st.builds(
    ReasonedRating,
    service=st.from_regex(r"[a-z0-9-]{1,64}", fullmatch=True),
    stars=st.integers(1, 2),
    reasons=st.lists(st.from_regex(r"[0-9]{3}", fullmatch=True), max_size=3).map(tuple),
    words=st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    telephone=st.none() | st.just("13800000000"),
)
pictures = st.lists(st.uuids(), min_size=1, max_size=5).map(tuple)
brought = st.builds(Papers, person=persons, record=st.uuids(), pictures=pictures)
filed = st.one_of(filings, filings_2, services, live_acts, brought)
acts = st.one_of(check_ins, corrections, geneses, filed, ratings, reasoned_ratings, requests)

words = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=64)


@st.composite
def headers(draw: st.DrawFn) -> Header:
    """Any header of format 1."""
    seq = draw(st.integers(1, 2**63 - 1))
    previous = bytes(32) if seq == 1 else b"\x01" + draw(st.binary(min_size=31, max_size=31))
    return header(
        draw(acts),
        kiosk=draw(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9-]{0,15}", fullmatch=True)),
        ledger=draw(st.binary(min_size=16, max_size=16)),
        seq=seq,
        previous=previous,
        id=UUID(int=draw(st.integers(0, 2**128 - 1)) & ~(0xF << 76 | 3 << 62) | 7 << 76 | 2 << 62),
        happened_at=draw(st.datetimes(datetime(1970, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC))),  # noqa: DTZ001
        clock_offset=draw(st.none() | st.integers(-(2**53) + 1, 2**53 - 1)),
        clock_flags=ClockFlags(draw(st.integers(0, 15))),
        sealing_key=draw(words),
        mode=draw(st.sampled_from(["live", "demo", "practice"])),
        sam=draw(st.none() | words),
        notice=draw(st.none() | words),
        payload_hash=draw(st.binary(min_size=32, max_size=32)),
    )
