"""A stolen key is no oracle: two people a visit, so many an hour; above it the kiosk is answered nothing until staff
resume it, and what it recorded goes on."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, func, select

from central import serving, suspending
from central.__main__ import app
from central.api import create_app
from central.database import Database
from central.errors import Refused
from central.house import House
from central.opening import Opening
from central.signatures import GOES_ON, OPEN, PAPERS_ON_THEIR_WAY, goes_on
from central.tables import asked, kiosks, ledgers
from kiosk.contract.acts import PersonReference
from kiosk.contract.messages import Keys, Problem
from kiosk.contract.refusals import Asked, demand_signed
from tests.central.kiosks import (
    CHEN,
    INSURED_LONG_NAME,
    LIN,
    OUYANG,
    PEOPLE,
    Clock,
    FakeKiosk,
    SignedBy,
    device_of,
    loss,
    outcomes,
    tap,
)
from tests.central.programs import run
from tests.central.standing import Standing

AN_HOUR = 4
"""About so many people a kiosk may ask here."""

ONE_MORE = PEOPLE[AN_HOUR]


@pytest.fixture
def house(house: House) -> House:
    return replace(house, persons_an_hour=AN_HOUR)


@pytest.fixture
def api(house: House, opening: Opening) -> Iterator[TestClient]:
    """An application of its own, for its house is another."""
    opening.publish_keys()
    app = create_app(house, wake=lambda: None, closing=lambda: False)
    with TestClient(app, base_url="http://central", raise_server_exceptions=False) as client:
        client.auth = SignedBy(device_of("K001"), house.now)
        yield client


@pytest.fixture
def known(kiosk: FakeKiosk) -> FakeKiosk:
    kiosk.send()
    return kiosk


def ask(kiosk: FakeKiosk, person: PersonReference, *, anew: bool = False) -> int | str:
    """What comes of a question about this person: 200, or why it is refused. ``anew``: in another visit."""
    if anew:
        kiosk.visit = uuid4()
    answer = kiosk.ask("filings", person)
    return answer.status_code if answer.status_code == 200 else answer.json()["code"]


def reach_the_hour_s_limit(kiosk: FakeKiosk) -> None:
    assert [ask(kiosk, person, anew=True) for person in PEOPLE[:AN_HOUR]] == [200] * AN_HOUR


def suspend(kiosk: FakeKiosk) -> None:
    """By the third person of a visit."""
    assert [ask(kiosk, person) for person in (CHEN, LIN, OUYANG)] == [200, 200, "suspended"]


def listed(database: Database, capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[str | None, str | None]]:
    """Kiosk → since when it is suspended, and why, as the command lists it."""
    rows = json.loads(central_says(database, capsys, "--json")[1])
    return {row["kiosk"]: (row["suspended"], row["why"]) for row in rows}


def central_says(database: Database, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    url = database.url.render_as_string(hide_password=False)
    with pytest.raises(SystemExit) as ended:
        app(["kiosks", "--db", url, *arguments])
    said = capsys.readouterr()
    return int(str(ended.value.code)), (said.out + said.err).strip()


# -- in a visit --------------------------------------------------------------------------------------------------------


def test_two_people_of_a_visit_are_told_of(known: FakeKiosk, clock: Clock) -> None:
    """However much is asked of them, and whichever of the questions."""
    for person in (CHEN, LIN):
        known.prove(person)
        clock.move(timedelta(seconds=1))
    for person in (CHEN, LIN, CHEN, LIN):
        for name in ("filings", "matters", "bookings", "papers-wanted", "last-check-in", "due", "social-cards"):
            assert known.ask(name, person).status_code == 200
    known.visit = uuid4()
    assert ask(known, OUYANG) == 200


def test_the_third_is_not(known: FakeKiosk, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor is anybody from then on, in no visit; staff see it."""
    suspend(known)
    assert [ask(known, person, anew=True) for person in (CHEN, OUYANG)] == ["suspended"] * 2
    since, why = listed(database, capsys)["K001"]
    assert since is not None
    assert datetime.fromisoformat(since) == known.now()
    assert why == "persons-a-visit"
    assert central_says(database, capsys)[1].endswith("SUSPENDED 2026-11-23 10:00, persons-a-visit")


def test_a_code_asks_about_its_person_too(known: FakeKiosk) -> None:
    """It says whether there is a telephone on record, and how it ends."""
    assert [known.ask_code(person).status_code for person in (CHEN, LIN, OUYANG)] == [200, 200, 403]
    assert known.telephone()[-1]["to"].endswith("0002"), "nobody else was written to"


def test_a_child_and_its_guardian_are_two(known: FakeKiosk) -> None:
    """A filing's basis tells of both."""
    for child, refused in ((LIN, False), (OUYANG, True)):
        query = {"item": "resident-enrolment", "authority": "medical", "place": "350900", "person": child.model_dump()}
        question = {
            "presented": {"visit": str(known.visit), "kiosk": "K001", "card": "resident"},
            "query": {**query, "applicant": CHEN.model_dump()},
        }
        assert (known.http.post("/v1/queries/filing-basis", json=question).status_code == 403) is refused


def test_what_tells_of_nobody_is_not_counted(known: FakeKiosk, database: Database) -> None:
    """A state by its number, free times, papers of the visit."""
    presented = {"visit": str(known.visit), "kiosk": "K001", "card": "none"}
    for name, query in (
        ("status", {"number": "K001-26-000001-AAAA2"}),
        ("free-slots", {"item": "chronic", "centre": "中心"}),
        ("upload-open", {"wanted": [{"code": "proof", "label": "证明", "help": ""}]}),
    ):
        answer = known.http.post(f"/v1/queries/{name}", json={"presented": presented, "query": query})
        assert answer.status_code == 200, answer.text
    assert rows(database) == 0


# -- in an hour --------------------------------------------------------------------------------------------------------


def test_more_than_so_many_in_an_hour_are_not_told_of(
    known: FakeKiosk, database: Database, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """One a visit, each visit another: the log has the kiosk and why, and nobody's name."""
    reach_the_hour_s_limit(known)
    assert ask(known, ONE_MORE, anew=True) == "suspended"
    assert listed(database, capsys)["K001"][1] == "persons-an-hour"
    (ring,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert ring.getMessage().startswith("kiosk K001 is suspended, persons-an-hour")


def test_the_same_person_counts_once(known: FakeKiosk) -> None:
    """In one visit and in several: whoever does four things in a morning is one."""
    reach_the_hour_s_limit(known)
    assert [ask(known, PEOPLE[AN_HOUR - 1]) for _ in range(3)] == [200] * 3
    assert [ask(known, person, anew=True) for person in PEOPLE[:AN_HOUR]] == [200] * AN_HOUR
    assert ask(known, ONE_MORE, anew=True) == "suspended"


def test_the_next_hour_is_another(known: FakeKiosk, clock: Clock) -> None:
    """It slides: who was asked about an hour ago counts no more."""
    assert ask(known, CHEN, anew=True) == 200
    clock.move(timedelta(minutes=59))
    assert [ask(known, person, anew=True) for person in PEOPLE[1:AN_HOUR]] == [200] * (AN_HOUR - 1)
    clock.move(timedelta(minutes=1))
    assert ask(known, CHEN, anew=True) == 200
    assert ask(known, ONE_MORE, anew=True) == "suspended"


def test_a_question_at_the_limit_that_is_about_two(known: FakeKiosk) -> None:
    """Both or none."""
    assert [ask(known, person, anew=True) for person in PEOPLE[: AN_HOUR - 1]] == [200] * (AN_HOUR - 1)
    query = {"item": "resident-enrolment", "authority": "medical", "place": "350900", "person": ONE_MORE.model_dump()}
    question = {
        "presented": {"visit": str(uuid4()), "kiosk": "K001", "card": "resident"},
        "query": {**query, "applicant": PEOPLE[AN_HOUR - 1].model_dump()},
    }
    assert known.http.post("/v1/queries/filing-basis", json=question).json()["code"] == "suspended"


def test_kiosks_are_counted_apart(known: FakeKiosk, api: TestClient, clock: Clock) -> None:
    """One that is suspended costs the next one nothing, though it names the same visit."""
    other = FakeKiosk(api, clock, "K002")
    other.send()
    suspend(known)
    other.visit = known.visit
    assert [ask(other, person) for person in (OUYANG, CHEN)] == [200, 200]


def test_two_questions_in_one_moment_are_within_the_limit(known: FakeKiosk, house: House, database: Database) -> None:
    """Each looks before the other has counted, and one of them waits."""
    visits = [(uuid4(), person) for person in (*PEOPLE, INSURED_LONG_NAME)]

    def told(place: int) -> bool:
        visit, person = visits[place]
        try:
            suspending.demand_few_people(house, "K001", visit, (person,))
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(told, range(len(visits))))
    assert sum(answers) == AN_HOUR
    assert rows(database) == AN_HOUR


# -- what is refused, and what goes on ---------------------------------------------------------------------------------


def test_the_refusal_is_central_s(known: FakeKiosk, api: TestClient) -> None:
    """Whoever stands in the line could shut the machine down else; of a heartbeat too."""
    suspend(known)
    keys = Keys.model_validate_json(api.get("/v1/keys").content).acknowledgement
    heartbeat = {"kiosk": "K001", "ledger": known.ledger.hex()}
    for answer in (known.ask("matters", CHEN), known.http.post("/v1/heartbeat", json=heartbeat)):
        assert (answer.status_code, answer.json()["code"]) == (403, "suspended")
        asked = Asked(
            method="POST", target=answer.request.url.path, signature=str(answer.request.headers.get("signature"))
        )
        demand_signed(Problem.model_validate_json(answer.content), asked, keys)


def test_no_question_is_answered_but_what_is_listed(known: FakeKiosk, api: TestClient) -> None:
    """Each path of the kiosks' API, whatever is said there."""
    suspend(known)
    for path, methods in api.get("/openapi.json").json()["paths"].items():
        for method in methods:
            answer = known.http.request(method, path.replace("{", "").replace("}", ""), json={})
            refused = answer.status_code == 403 and answer.json()["code"] == "suspended"
            open_to_all = path in OPEN or path.startswith("/v1/demonstration/")
            assert refused is not (open_to_all or goes_on(path)), path


def test_what_goes_on_is_a_short_list() -> None:
    """Whoever adds a path to it says here why a stolen key may ask it."""
    steering = {"/v1/catalog", "/v1/settings", "/v1/datasets/"}
    assert {*GOES_ON} - steering == {"/v1/records", "/v1/live", "/v1/heartbeat"}
    assert PAPERS_ON_THEIR_WAY == "/v1/queries/upload-step"


def test_what_was_recorded_goes_on(
    known: FakeKiosk, opening: Opening, api: TestClient, database: Database, clock: Clock
) -> None:
    """Batches, live acts, what became of them, keys and time; that the machine is there is known."""
    known.prove(CHEN)
    suspend(known)
    record = known.write(tap())
    assert outcomes(known.send(record)) == ["stored"]
    assert known.at_once(known.write(loss())).status_code == 202
    opening.work_off()
    assert known.matter(known.records[-1]) is not None
    assert api.get("/v1/time", params={"nonce": "0" * 32}).status_code == 200
    clock.move(timedelta(minutes=10))
    known.http.post("/v1/heartbeat", json={"kiosk": "K001", "ledger": known.ledger.hex()})
    with database.reading() as connection:
        heard = connection.execute(select(ledgers.c.heard_at).where(ledgers.c.kiosk == "K001")).scalar_one()
    assert heard == clock()


# -- until staff resume it ---------------------------------------------------------------------------------------------


def test_staff_resume_it(known: FakeKiosk, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    """What was asked before counts no more, in the visit and in the hour."""
    reach_the_hour_s_limit(known)
    assert ask(known, ONE_MORE, anew=True) == "suspended"
    assert central_says(database, capsys, "--resume", "K001") == (0, "resumed, was suspended for persons-an-hour")
    assert listed(database, capsys) == {"K001": (None, None)}
    reach_the_hour_s_limit(known)
    heartbeat = known.http.post("/v1/heartbeat", json={"kiosk": "K001", "ledger": known.ledger.hex()})
    assert heartbeat.status_code == 200


@pytest.mark.parametrize(("name", "why"), [("K009", "there is no kiosk K009"), ("K001", "kiosk K001 is not suspended")])
def test_what_is_not_suspended_is_not_resumed(
    known: FakeKiosk, database: Database, capsys: pytest.CaptureFixture[str], name: str, why: str
) -> None:
    """Said in one line; who was asked about goes on to count."""
    reach_the_hour_s_limit(known)
    assert central_says(database, capsys, "--resume", name) == (2, f"central: {why}")
    assert ask(known, ONE_MORE, anew=True) == "suspended"


def test_it_stays_so_over_a_restart(known: FakeKiosk, house: House, database: Database) -> None:
    """Of central: the database has it, and how many were asked about."""
    reach_the_hour_s_limit(known)
    for _ in range(2):
        again = create_app(house, wake=lambda: None, closing=lambda: False)
        with TestClient(again, base_url="http://central", raise_server_exceptions=False) as client:
            known.http = client
            assert ask(known, ONE_MORE, anew=True) == "suspended"
        with database.writing() as connection:
            connection.execute(delete(asked))


def test_another_key_of_the_kiosk_is_no_way_round_it(known: FakeKiosk, database: Database) -> None:
    """A kiosk whose key was forgotten is the same one when it comes back."""
    suspend(known)
    with database.writing() as connection:
        connection.execute(kiosks.update().values(key_id=None, key_suite=None, key_public=None))
    known.send()
    assert ask(known, CHEN, anew=True) == "suspended"


def test_who_was_asked_about_is_forgotten_after_an_hour(known: FakeKiosk, database: Database, clock: Clock) -> None:
    """Neither number nor name is in it as long as it is there."""
    assert ask(known, CHEN) == 200
    with database.reading() as connection:
        kept = repr(connection.execute(select(asked)).all())
    assert CHEN.number not in kept
    clock.move(timedelta(minutes=59))
    suspending.sweep(database, clock())
    assert rows(database) == 1
    clock.move(timedelta(minutes=1))
    suspending.sweep(database, clock())
    assert rows(database) == 0


async def test_a_server_forgets_by_itself(
    known: FakeKiosk, house: House, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether anybody asks or not."""
    assert ask(known, CHEN) == 200
    clock.move(timedelta(hours=1))
    monkeypatch.setattr(serving, "SWEEPS_EVERY", 0)
    sweeping = asyncio.create_task(serving.sweep(house))
    async with asyncio.timeout(30):
        while rows(database):  # noqa: ASYNC110 - nobody tells that it is done
            await asyncio.sleep(0.01)
    sweeping.cancel()


def test_sixty_where_nobody_says_otherwise(standing: Standing, database: Database) -> None:
    """And whoever runs central may."""
    assert standing.house(database).persons_an_hour == 60
    assert "CENTRAL_PERSONS_AN_HOUR" in run("serve", "--help", COLUMNS="200", TERM="dumb").stdout


def rows(database: Database) -> int:
    with database.reading() as connection:
        found: int = connection.execute(select(func.count()).select_from(asked)).scalar_one()
    return found
