"""Certificates on their way: the authority's bytes to telephone and printer, sealed, for minutes, counted."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from central import documents
from central.api import create_app
from central.database import Database
from central.demonstration.certificates import certificate
from central.demonstration.register import Register
from central.documents import DOWNLOADS, KEPT_FOR
from central.house import House
from central.opening import Opening
from central.public import create_public
from central.tables import certificates
from central.tables import documents as kept
from central.upstream import CertificateWanted, Document, Unanswered
from kiosk.contract.acts import PersonReference
from kiosk.contract.certificates import CertificateAnswer, CertificateFile, IssuedCertificate
from tests.central.kiosks import CHEN, LIN, LONG_NAME, RARE, Clock, FakeKiosk


@pytest.fixture
def proven(kiosk: FakeKiosk) -> FakeKiosk:
    """A kiosk at which Chen proved who he is."""
    kiosk.send()
    kiosk.prove(CHEN)
    return kiosk


@pytest.fixture
def phone(house: House) -> Iterator[TestClient]:
    with TestClient(
        create_public(house, wake=lambda: None), base_url="http://public", raise_server_exceptions=False
    ) as client:
        yield client


def ask(kiosk: FakeKiosk, person: PersonReference = CHEN, **more: object) -> httpx.Response:
    question = {"authority": "social", "kind": "insured-proof", "place": "350900", "months": 24} | more
    presented = {"visit": str(kiosk.visit), "kiosk": kiosk.name, "card": "resident"}
    query = {"person": person.model_dump(), **question}
    return kiosk.http.post("/v1/queries/certificate", json={"presented": presented, "query": query})


def answered(response: httpx.Response) -> CertificateAnswer:
    assert response.status_code == 200, response.text
    return CertificateAnswer.model_validate_json(response.content)


def issued(kiosk: FakeKiosk, **more: object) -> IssuedCertificate:
    answer = answered(ask(kiosk, CHEN, **more))
    assert answer.issued is not None, answer.text
    return answer.issued


def file_of(kiosk: FakeKiosk, token: str) -> httpx.Response:
    return about(kiosk, "certificate-file", token)


def about(kiosk: FakeKiosk, name: str, token: str) -> httpx.Response:
    presented = {"visit": str(kiosk.visit), "kiosk": kiosk.name, "card": "resident"}
    return kiosk.http.post(f"/v1/queries/{name}", json={"presented": presented, "query": {"token": token}})


def path(certificate: IssuedCertificate) -> str:
    return urlsplit(certificate.url).path


def test_the_same_bytes_everywhere(
    proven: FakeKiosk, phone: TestClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The authority's, the telephone's and the printer's: one hash, which the kiosk is told too."""
    gave: list[Document] = []
    inner = house.upstreams.social.certificate

    def watched(*asked: object) -> Document:
        gave.append(inner(*asked))  # type: ignore[arg-type]
        return gave[-1]

    monkeypatch.setattr(house.upstreams.social, "certificate", watched)
    told = issued(proven)
    page = phone.get(path(told))
    link = re.search(r'href="(/d/[^"]+/file.pdf)"', page.text)
    assert link is not None
    fetched = phone.get(link[1])
    printed = CertificateFile.model_validate_json(file_of(proven, told.token).content).content
    assert fetched.content == printed == gave[0].content
    assert told.sha256 == hashlib.sha256(gave[0].content).hexdigest()
    assert (told.size, told.pages, told.number) == (len(printed), 1, gave[0].number)
    assert f"{told.sha256[:4]} {told.sha256[4:8]}" in page.text
    assert fetched.headers["content-type"] == "application/pdf"
    assert "%E5%8F%82%E4%BF%9D%E8%AF%81%E6%98%8E.pdf" in fetched.headers["content-disposition"]
    assert fetched.headers["cache-control"] == "no-store"


def test_looking_takes_nothing_and_fetching_is_counted(proven: FakeKiosk, phone: TestClient) -> None:
    """A messenger that looks at a link before its reader does no harm; the printer takes nothing from the telephone."""
    told = issued(proven)
    for _ in range(DOWNLOADS + 2):
        assert phone.get(path(told)).status_code == 200
    for left in range(DOWNLOADS, 0, -1):
        assert f"{left} 次" in phone.get(path(told)).text
        assert about(proven, "certificate-fetched", told.token).json() == {"times": DOWNLOADS - left}
        assert phone.get(f"{path(told)}/file.pdf").status_code == 200
        assert file_of(proven, told.token).status_code == 200
    for address in (path(told), f"{path(told)}/file.pdf"):
        answer = phone.get(address)
        assert (answer.status_code, "不能再取了" in answer.text) == (410, True)


def test_phones_that_ask_at_once_get_no_more(proven: FakeKiosk, phone: TestClient) -> None:
    """The count is taken down in the database, once for each."""
    told = issued(proven)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: phone.get(f"{path(told)}/file.pdf").status_code, range(12)))
    assert sorted(answers) == [200] * DOWNLOADS + [410] * (12 - DOWNLOADS)


def test_after_ten_minutes_it_is_gone(proven: FakeKiosk, phone: TestClient, house: House, clock: Clock) -> None:
    """For whoever asks at once, and out of the database whether anybody asks or not."""
    told = issued(proven)
    assert told.until == clock() + KEPT_FOR
    clock.move(KEPT_FOR)
    assert phone.get(path(told)).status_code == 410
    assert phone.get(f"{path(told)}/file.pdf").status_code == 410
    assert file_of(proven, told.token).json()["code"] == "no-document"
    assert about(proven, "certificate-fetched", told.token).json() == {"times": None}
    assert documents.sweep(house.database, clock) == 1
    assert documents.sweep(house.database, clock) == 0
    with house.database.reading() as connection:
        assert connection.execute(select(kept)).all() == []
        stays = connection.execute(select(certificates)).one()
    assert (stays.person, stays.kind, stays.place) == (house.references.of(CHEN), "insured-proof", "350900")
    assert stays.digest.hex() == told.sha256


def test_nothing_of_a_person_is_readable_in_the_database(proven: FakeKiosk, house: House) -> None:
    """Not the name, the number, a line of the file, nor the secret that opens it."""
    told = issued(proven)
    with house.database.reading() as connection:
        rows = [*connection.execute(select(kept)).all(), *connection.execute(select(certificates)).all()]
    everything = repr(rows).encode() + b"".join(
        bytes(value) for row in rows for value in row if isinstance(value, bytes)
    )
    for secret in (CHEN.name, CHEN.number, told.number, told.token, "%PDF-", "ReportLab", "参保证明"):
        assert secret.encode() not in everything
        assert repr(secret.encode())[2:-1].encode() not in everything


def test_another_kiosk_and_a_guess_get_nothing(proven: FakeKiosk, phone: TestClient) -> None:
    """A token is good at the kiosk that asked; one that differs in a character is none."""
    told = issued(proven)
    other = FakeKiosk(proven.http, proven._clock, name="K002")
    other.send()
    assert file_of(other, told.token).json()["code"] == "no-document"
    wrong = ("A" if told.token[0] != "A" else "B") + told.token[1:]
    for token in (wrong, told.token[:-1], "x", "%00"):
        assert phone.get(f"/d/{token}").status_code in (404, 410)


def test_level_two_is_asked_of_whoever_asks(kiosk: FakeKiosk, clock: Clock) -> None:
    """A card alone is none; nor is another visit's code, nor another person's, nor yesterday's."""
    kiosk.send()
    assert ask(kiosk).json()["code"] == "second-factor"
    kiosk.prove(LIN)
    assert ask(kiosk).json()["code"] == "second-factor"
    clock.move(timedelta(seconds=1))
    kiosk.prove(CHEN)
    assert answered(ask(kiosk)).outcome == "issued"
    kiosk.visit = uuid4()
    assert ask(kiosk).json()["code"] == "second-factor"
    witness = {"worker": "W07", "reason": "no-phone"}
    assert answered(ask(kiosk, witness=witness)).outcome == "issued"


def test_a_worker_s_word_is_kept_with_it(proven: FakeKiosk, house: House) -> None:
    """Who vouched and why."""
    issued(proven, witness={"worker": "W07", "reason": "no-phone"})
    with house.database.reading() as connection:
        row = connection.execute(select(certificates)).one()
    assert (row.worker, row.reason, row.kiosk) == ("W07", "no-phone", "K001")


def test_three_a_month_and_no_more(proven: FakeKiosk, clock: Clock) -> None:
    """Of one kind at one place, by the month of the wall clock in Shanghai; the words are the place's."""
    for number in (1, 2, 3):
        proven.visit = uuid4()
        proven.prove(CHEN)
        assert issued(proven).this_month == number
    proven.visit = uuid4()
    proven.prove(CHEN)
    answer = answered(ask(proven))
    assert (answer.outcome, answer.issued) == ("too many", None)
    assert answer.text is not None
    assert "本月已开过三次" in answer.text
    assert issued(proven, kind="transfer-proof", months=None).this_month == 1
    clock.time = datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC)
    proven.visit = uuid4()
    proven.prove(CHEN)
    assert answered(ask(proven)).outcome == "too many"
    clock.move(timedelta(seconds=1))
    assert issued(proven).this_month == 1


def test_asked_again_in_a_visit_it_is_the_same_request(proven: FakeKiosk, phone: TestClient) -> None:
    """An answer that was lost costs nobody one of three; the earlier address is good no more."""
    first, second = issued(proven), issued(proven)
    assert (first.this_month, second.this_month) == (1, 1)
    assert first.number == second.number
    assert phone.get(path(first)).status_code == 410
    assert phone.get(path(second)).status_code == 200
    assert issued(proven, months=12).this_month == 2


@pytest.mark.parametrize(
    ("person", "more", "outcome", "words"),
    [
        (LONG_NAME, {}, "not insured", "没有查到"),
        (RARE, {}, "not insured", "宁德市"),
        (CHEN, {"kind": "not-insured", "months": None}, "refused", "有参保记录"),
        (CHEN, {"kind": "unheard-of"}, "refused", "没有这种证明"),
        (CHEN, {"authority": "medical"}, "refused", "没有这种证明"),
    ],
    ids=["nobody", "elsewhere", "insured", "no such kind", "the other authority"],
)
def test_what_is_not_given_is_said_in_the_authority_s_words(
    proven: FakeKiosk, person: PersonReference, more: dict[str, object], outcome: str, words: str
) -> None:
    """And costs nobody one of three."""
    witness = {"worker": "W07", "reason": "no-phone"}
    answer = answered(ask(proven, person, witness=witness, **more))
    assert (answer.outcome, answer.issued) == (outcome, None)
    assert answer.text is not None
    assert words in answer.text
    assert issued(proven).this_month == 1


def test_visits_in_one_moment_share_the_limit(proven: FakeKiosk) -> None:
    """Each takes its place before the authority is asked; who is turned away takes none."""
    witness = {"worker": "W07", "reason": "no-phone"}
    query = {"person": CHEN.model_dump(), "authority": "social", "kind": "insured-proof", "place": "350900"}

    def visit(_: int) -> str:
        presented = {"visit": str(uuid4()), "kiosk": proven.name, "card": "resident"}
        question = {"presented": presented, "query": query | {"months": 24, "witness": witness}}
        return answered(proven.http.post("/v1/queries/certificate", json=question)).outcome

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(visit, range(6))) == ["issued"] * 3 + ["too many"] * 3
    assert visit(0) == "too many"


def test_a_place_that_was_taken_when_central_was_cut_off_is_free_again(
    proven: FakeKiosk, house: House, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a minute: nobody knows whether the authority gave anything, and the person has nothing."""
    monkeypatch.setattr("central.documents.give_place_back", lambda *_: None)
    with monkeypatch.context() as cut:
        cut.setattr(house.upstreams.social, "certificate", lambda *_: 1 / 0)
        assert ask(proven).status_code == 500
    proven.visit = uuid4()
    proven.prove(CHEN)
    assert issued(proven).this_month == 2
    clock.move(timedelta(minutes=2))
    assert issued(proven).this_month == 1


def test_a_place_without_a_limit(proven: FakeKiosk, house: House, opening: Opening) -> None:
    """Where nothing is known of one, central counts and stops nobody."""
    unlimited = house.places.model_copy(update={"place": ()})
    app = create_app(replace(house, places=unlimited), wake=lambda: None, closing=lambda: False)
    with TestClient(app, base_url="http://central") as client:
        proven.http = client
        for number in range(1, 6):
            proven.visit = uuid4()
            proven.prove(CHEN)
            assert issued(proven).this_month == number


def test_an_authority_that_does_not_answer(proven: FakeKiosk, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unavailable, and nothing is kept or counted."""

    def silent(*_: object) -> Document:
        raise Unanswered("no answer within 8 s", "slow")

    with monkeypatch.context() as patched:
        patched.setattr(house.upstreams.social, "certificate", silent)
        answer = ask(proven)
    assert (answer.status_code, answer.json()["code"]) == (504, "authority-slow")
    assert issued(proven).this_month == 1


def test_an_unknown_kiosk_gets_nothing(kiosk: FakeKiosk) -> None:
    """As with every query."""
    assert ask(kiosk).json()["code"] == "unknown-key"


def test_a_long_certificate_has_several_pages(register: Register) -> None:
    """样张 across each of them, and the number below each."""
    chen = register.find(CHEN.number)
    assert chen is not None
    many = chen.model_copy(update={"insurances": chen.insurances * 15})
    people = tuple(many if person is chen else person for person in register.people)
    wanted = CertificateWanted(request=uuid4(), kind="insured-proof", place="350900", months=24)
    whole = register.model_copy(update={"people": people})
    document = certificate(whole, "social", CHEN, wanted, datetime(2026, 11, 23, tzinfo=UTC))
    assert document.pages == 3
    assert document.content.count(b"/Type /Page\n") == 3


def test_the_database_forgets_with_the_seal(database: Database) -> None:
    """A token that nobody made opens nothing, whatever the database holds."""
    assert documents.opened(database, documents.new_token(), datetime(2026, 11, 23, tzinfo=UTC)) is None
