"""Papers from a telephone: who may send, what is kept of it, and for how long."""

from __future__ import annotations

import asyncio
import logging
import re
import tempfile
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2 as httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from central import upload_forms, upload_page, uploads
from central.database import Database
from central.house import House
from central.keys import KeyFolder
from central.opening import Opening
from central.papers import claim
from central.pictures import Picture, made_anew
from central.public import create_public
from central.tables import papers
from central.upload_forms import BUSY, STILL_COMING, TOO_OFTEN
from central.upload_page import SAID
from central.uploads import AWAITED, LABEL, OPENINGS, bound_to
from kiosk.contract.papers import MOST_PICTURES
from kiosk.contract.sealing import suite
from kiosk.contract.uploads import UploadOpened, UploadState
from tests.central.kiosks import Clock, FakeKiosk
from tests.central.photographs import NO_PICTURES, SAID_TO_BE, SECRET, photograph, sheet

WANTED = [
    {"code": "residence", "label": "居住证或者房产证", "help": "有名字和地址的那一页"},
    {"code": "other", "label": "别的材料", "help": ""},
]


@dataclass
class Telephone:
    """A browser without a script: it keeps its cookies and follows where it is sent."""

    http: httpx.Client
    url: str

    def look(self) -> str:
        answer = self.http.get(self.url)
        return answer.text

    def begin(self) -> str:
        return self.http.post(f"{self.url}/begin").text

    def send(self, *files: bytes, paper: str = "residence", name: str = "IMG_0001.jpg") -> httpx.Response:
        parts = [("picture", (name, file, "image/jpeg")) for file in files]
        return self.http.post(f"{self.url}/papers/{paper}", files=parts)

    def remove(self, picture: UUID) -> httpx.Response:
        return self.http.post(f"{self.url}/pictures/{picture}/remove")

    def done(self) -> str:
        return self.http.post(f"{self.url}/done").text


made_once = cache(made_anew)


@pytest.fixture(autouse=True)
def each_picture_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same file makes the same picture (``test_pictures``): a process for each test would take most of the time."""
    monkeypatch.setattr(upload_page, "made_anew", made_once)


@pytest.fixture
def phones(house: House) -> Iterator[list[httpx.Client]]:
    """Two telephones, which know nothing of each other."""
    application = create_public(house, wake=lambda: None)
    clients = [TestClient(application, base_url="http://public", raise_server_exceptions=False) for _ in range(2)]
    yield list(clients)
    for client in clients:
        client.close()


@pytest.fixture
def opened(kiosk: FakeKiosk) -> UploadOpened:
    kiosk.send()
    return open_upload(kiosk)


@pytest.fixture
def phone(phones: list[httpx.Client], opened: UploadOpened) -> Telephone:
    """The one that opens the address first."""
    telephone = Telephone(phones[0], opened.url)
    telephone.begin()
    return telephone


def open_upload(kiosk: FakeKiosk) -> UploadOpened:
    answer = ask_to_open(kiosk)
    assert answer.status_code == 200, answer.text
    return UploadOpened.model_validate_json(answer.content)


def ask_to_open(kiosk: FakeKiosk, name: str | None = None) -> httpx.Response:
    question = {"presented": presented(kiosk, name), "query": {"wanted": WANTED}}
    return kiosk.http.post("/v1/queries/upload-open", json=question)


def presented(kiosk: FakeKiosk, name: str | None = None) -> dict[str, str]:
    return {"visit": str(kiosk.visit), "kiosk": name or kiosk.name, "card": "resident"}


def ask_to(kiosk: FakeKiosk, opened: UploadOpened, step: str) -> httpx.Response:
    query = {"upload": str(opened.upload.id), "step": step}
    return kiosk.http.post("/v1/queries/upload-step", json={"presented": presented(kiosk), "query": query})


def state(kiosk: FakeKiosk, opened: UploadOpened) -> UploadState:
    return say(kiosk, opened, "look")


def say(kiosk: FakeKiosk, opened: UploadOpened, step: str) -> UploadState:
    answer = ask_to(kiosk, opened, step)
    assert answer.status_code == 200, answer.text
    return UploadState.model_validate_json(answer.content)


def count(database: Database) -> int:
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(papers)).scalar_one()


def test_what_is_sent_arrives_under_its_paper(phone: Telephone, kiosk: FakeKiosk, opened: UploadOpened) -> None:
    """Several of one paper at once, one of another; the kiosk hears how many, and of what."""
    page = phone.send(photograph(1), photograph(2)).text
    assert "已传 2 张" in page
    assert page.count("data:image/jpeg;base64,") == 2
    phone.send(photograph(3), paper="other")
    heard = state(kiosk, opened)
    assert sorted(picture.paper for picture in heard.arrived) == ["other", "residence", "residence"]
    assert heard.telephone
    assert not heard.finished
    assert "一共传了 3 张" in phone.done()
    assert state(kiosk, opened).finished


def test_the_first_page_says_what_for_and_takes_nothing_away(
    phones: list[httpx.Client], kiosk: FakeKiosk, opened: UploadOpened
) -> None:
    """A messenger's preview opens the address too: only a press binds the telephone."""
    page = Telephone(phones[0], opened.url).look()
    assert "居住证或者房产证" in page
    assert f"最多留 {AWAITED.days} 天" in page
    assert not state(kiosk, opened).telephone
    assert "拍一张" in Telephone(phones[1], opened.url).begin()
    assert state(kiosk, opened).telephone


def test_a_second_telephone_is_told_so(
    phone: Telephone, phones: list[httpx.Client], kiosk: FakeKiosk, opened: UploadOpened
) -> None:
    """It sees nothing of what the first one sent, and can send, delete and end nothing."""
    phone.send(photograph(1))
    picture = state(kiosk, opened).arrived[0].id
    second = Telephone(phones[1], opened.url)
    for tried in (second.look(), second.begin(), second.send(photograph(2)).text, second.remove(picture).text):
        assert "已经有一部手机打开了" in tried
        assert "data:image" not in tried
    second.done()
    heard = state(kiosk, opened)
    assert [picture.id for picture in heard.arrived] == [picture]
    assert not heard.finished


def test_a_cookie_that_was_made_up_is_another_telephone(phone: Telephone, phones: list[httpx.Client]) -> None:
    for value in ("", "x", "A" * 43 + "=", "é".encode().hex()):
        phones[1].cookies.set("papers", value, domain="public")
        assert "已经有一部手机打开了" in Telephone(phones[1], phone.url).look(), value


@pytest.mark.parametrize("what", ["a PDF", "a HEIC", "a web page"])
def test_what_is_no_picture_is_said_kindly(phone: Telephone, kiosk: FakeKiosk, opened: UploadOpened, what: str) -> None:
    """Whatever it is called, and what to do instead where people send it in good faith; the pictures beside it are
    kept."""
    page = phone.send(photograph(1), NO_PICTURES[what], photograph(2)).text
    assert SAID[SAID_TO_BE.get(what, "no-picture")] in page
    assert len(state(kiosk, opened).arrived) == 2


def test_nothing_chosen_is_said_too(phone: Telephone) -> None:
    assert SAID["nothing"] in phone.send(b"").text


def test_the_same_file_twice_is_one_picture(phone: Telephone, kiosk: FakeKiosk, opened: UploadOpened) -> None:
    """The answer was lost and the telephone sends again; of another paper it is another picture."""
    for _ in range(3):
        phone.send(photograph(1))
    phone.send(photograph(1), paper="other")
    assert sorted(picture.paper for picture in state(kiosk, opened).arrived) == ["other", "residence"]


def test_twenty_pictures_arrive_in_their_order(phone: Telephone, kiosk: FakeKiosk, opened: UploadOpened) -> None:
    small = [photograph(number) for number in range(20)]
    page = phone.send(*small).text
    assert "已传 20 张" in page
    assert len(state(kiosk, opened).arrived) == 20


def test_more_than_anybody_looks_at_is_refused(
    database: Database, phone: Telephone, clock: Clock, opened: UploadOpened
) -> None:
    token = opened.url.rpartition("/")[2]
    for number in range(MOST_PICTURES):
        picture = Picture(content=b"large %d" % number, thumbnail=b"small")
        uploads.keep(database, token, "residence", b"%d" % number, picture, clock())
    assert SAID["full"] in phone.send(photograph(1)).text
    assert count(database) == MOST_PICTURES


def test_a_picture_can_be_deleted(phone: Telephone, kiosk: FakeKiosk, opened: UploadOpened) -> None:
    phone.send(photograph(1), photograph(2))
    first, second = (picture.id for picture in state(kiosk, opened).arrived)
    assert "已传 1 张" in phone.remove(first).text
    assert [picture.id for picture in state(kiosk, opened).arrived] == [second]


def test_each_sign_of_life_is_news(phone: Telephone, kiosk: FakeKiosk, opened: UploadOpened) -> None:
    """Whoever waits at the kiosk hears that somebody is there."""
    seen = [state(kiosk, opened).news]
    phone.send(photograph(1))
    seen.append(state(kiosk, opened).news)
    phone.remove(state(kiosk, opened).arrived[0].id)
    seen.append(state(kiosk, opened).news)
    phone.done()
    seen.append(state(kiosk, opened).news)
    assert seen == sorted(set(seen))


def test_after_ten_minutes_it_is_over_and_the_kiosk_can_open_it_again(
    phone: Telephone, kiosk: FakeKiosk, opened: UploadOpened, clock: Clock
) -> None:
    """What came is kept; the telephone needs no other address."""
    phone.send(photograph(1))
    clock.move(timedelta(minutes=10))
    assert state(kiosk, opened).seconds == 0
    assert "时间到了" in phone.look()
    assert phone.send(photograph(2)).status_code == 410
    again = say(kiosk, opened, "again")
    assert again.seconds == 600
    phone.send(photograph(2))
    assert len(state(kiosk, opened).arrived) == 2


def test_when_the_kiosk_goes_on_no_more_comes(
    phone: Telephone, kiosk: FakeKiosk, opened: UploadOpened, database: Database
) -> None:
    """What a record names is what the answer to ``close`` said: a picture on its way comes too late, and is told so."""
    phone.send(photograph(1))
    closed = say(kiosk, opened, "close")
    assert closed.closed
    assert "自助机上已经往下办了" in phone.send(photograph(2)).text
    phone.remove(closed.arrived[0].id)
    assert state(kiosk, opened).arrived == closed.arrived
    assert say(kiosk, opened, "again").arrived == closed.arrived
    phone.send(photograph(2))
    assert count(database) == 2


def test_what_is_not_wanted_any_more_is_deleted(
    phone: Telephone, kiosk: FakeKiosk, opened: UploadOpened, database: Database
) -> None:
    phone.send(photograph(1))
    assert say(kiosk, opened, "drop").arrived == ()
    assert count(database) == 0


def test_what_nobody_claims_is_gone_after_a_day(
    phone: Telephone, opening: Opening, clock: Clock, database: Database, kiosk: FakeKiosk, opened: UploadOpened
) -> None:
    phone.send(photograph(1))
    clock.move(timedelta(hours=23))
    opening.say_awake()
    assert count(database) == 1
    clock.move(timedelta(hours=2))
    opening.say_awake()
    assert count(database) == 0
    assert ask_to(kiosk, opened, "look").status_code == 404


def test_what_a_kiosk_counted_waits_for_its_record(
    phone: Telephone, opening: Opening, clock: Clock, database: Database, kiosk: FakeKiosk, opened: UploadOpened
) -> None:
    """It closed the upload, and its line has been down since: the pictures are there when it is back. The telephone
    looks at them for a day."""
    phone.send(photograph(1))
    closed = say(kiosk, opened, "close")
    clock.move(timedelta(days=34))
    opening.say_awake()
    assert "这个页面打不开" in phone.look()
    with database.reading() as connection:
        assert [tuple(row) for row in connection.execute(select(papers.c.id, papers.c.thumbnail)).all()] == [
            (closed.arrived[0].id, None)
        ]
    with database.writing() as connection:
        assert claim(connection, kiosk=kiosk.name, pictures=[closed.arrived[0].id], record=uuid4()) == 1


def test_but_not_for_ever(
    phone: Telephone, opening: Opening, clock: Clock, database: Database, kiosk: FakeKiosk, opened: UploadOpened
) -> None:
    phone.send(photograph(1))
    say(kiosk, opened, "close")
    clock.move(AWAITED + timedelta(minutes=1))
    opening.say_awake()
    assert count(database) == 0
    assert ask_to(kiosk, opened, "look").status_code == 404


def test_only_the_opener_reads_it_and_only_as_its_own(
    phone: Telephone, database: Database, tmp_path: Path, clock: Clock, opening: Opening
) -> None:
    """Neither the picture nor its like stands in the database; under another id it does not open."""
    phone.send(photograph(1))
    with database.reading() as connection:
        row = connection.execute(select(papers)).one()
    assert not any(SECRET in bytes(value) or b"JFIF" in bytes(value) for value in (row.sealed, row.thumbnail))
    pair = next(pair for pair in KeyFolder(tmp_path / "keys").sealing_pairs(clock()) if pair.id == row.sealing_key)
    assert b"JFIF" in suite(pair.suite).open(row.sealed, pair.private, bound_to(row.kiosk, row.id))
    for wrong in (bound_to("K002", row.id), bound_to(row.kiosk, uuid4()), LABEL):
        with pytest.raises(ValueError, match="does not open"):
            suite(pair.suite).open(row.sealed, pair.private, wrong)


def test_nothing_touches_the_disk_unsealed(phone: Telephone, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture of four megabytes where no temporary file can be made."""
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")
    large = photograph(1, (3000, 2400)) + bytes(4 * 1024 * 1024)
    assert "已传 1 张" in phone.send(large).text


def test_the_token_is_kept_and_logged_nowhere(
    phone: Telephone, database: Database, opened: UploadOpened, caplog: pytest.LogCaptureFixture
) -> None:
    """Its hash is; the log has the route."""
    token = opened.url.rpartition("/")[2]
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", token)
    with caplog.at_level(logging.DEBUG, "central"):
        phone.send(photograph(1))
        phone.look()
    assert token not in caplog.text
    assert "/u/{token}" in caplog.text
    with database.reading() as connection:
        for table in ("uploads", "papers"):
            assert token not in str(connection.exec_driver_sql(f"SELECT * FROM {table}").all())


def test_an_address_that_nobody_made_leads_nowhere(phones: list[httpx.Client]) -> None:
    for path in ("", "/begin", "/papers/residence", "/done", f"/pictures/{uuid4()}/remove"):
        answer = phones[0].request("GET" if not path else "POST", f"http://public/u/{'x' * 32}{path}")
        assert answer.status_code == 404, path
        assert "这个页面打不开" in answer.text


def test_a_paper_that_was_not_asked_for_is_not_taken(phone: Telephone, database: Database) -> None:
    assert phone.send(photograph(1), paper="passport").status_code == 404
    assert count(database) == 0


def test_a_body_that_is_no_form_is_refused(phone: Telephone, database: Database) -> None:
    """Nor one that ends in the middle of a picture."""
    address = f"{phone.url}/papers/residence"
    for kind, body in (
        ("application/json", b"{}"),
        ("multipart/form-data", b"--x"),
        ("multipart/form-data; boundary=x", b"rubbish"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="picture"\r\n\r\nabc'),
    ):
        assert phone.http.post(address, content=body, headers={"content-type": kind}).status_code == 404, body
    assert count(database) == 0


def test_a_visit_opens_only_so_many(kiosk: FakeKiosk, opened: UploadOpened) -> None:
    for _ in range(OPENINGS - 1):
        open_upload(kiosk)
    assert ask_to_open(kiosk).status_code == 429


def test_a_kiosk_that_is_not_known_opens_none(kiosk: FakeKiosk) -> None:
    assert ask_to_open(kiosk, "K-999").status_code == 401


def test_another_visit_s_upload_is_nobody_s(kiosk: FakeKiosk, opened: UploadOpened) -> None:
    """Whoever stands there next can neither look at it nor delete it."""
    kiosk.visit = uuid4()
    for step in ("look", "again", "close", "drop"):
        assert ask_to(kiosk, opened, step).status_code == 404


# -- many at a time ----------------------------------------------------------------------------------------------------


FORM = "multipart/form-data; boundary=x"


class Form:
    """A form on its way, as slow as the test wants. ``reading``: central takes it in."""

    def __init__(self, application: FastAPI, telephone: Telephone) -> None:
        self.reading = asyncio.Event()
        self.status = 0
        self.text = ""
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        cookie = f"papers={telephone.http.cookies['papers']}"
        self._scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": f"/u/{telephone.url.rpartition('/')[2]}/papers/residence",
            "query_string": b"",
            "headers": [(b"host", b"public"), (b"cookie", cookie.encode()), (b"content-type", FORM.encode())],
            "client": ("127.0.0.1", 1),
            "server": ("public", 80),
        }
        self.answer = asyncio.create_task(application(self._scope, self._receive, self._send))

    def send(self, file: bytes) -> None:
        part = [("picture", ("IMG.jpg", file, "image/jpeg"))]
        self._pieces.put_nowait(httpx.Request("POST", "http://-/", files=part, headers={"Content-Type": FORM}).read())

    def hang_up(self) -> None:
        self._pieces.put_nowait(None)

    async def _receive(self) -> dict[str, object]:
        self.reading.set()
        piece = await self._pieces.get()
        return {"type": "http.disconnect"} if piece is None else {"type": "http.request", "body": piece}

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        self.status = message.get("status", self.status)
        self.text += message.get("body", b"").decode()


@pytest.fixture
def application(house: House) -> FastAPI:
    return create_public(house, wake=lambda: None)


def test_one_upload_sends_one_form_at_a_time(phone: Telephone, application: FastAPI, database: Database) -> None:
    """The second waits until the first is there, or gone; a third is told to wait."""

    async def three() -> tuple[Form, Form]:
        first = Form(application, phone)
        await first.reading.wait()
        others = {form.answer: form for form in (Form(application, phone), Form(application, phone))}
        (refused,), (waiting,) = await asyncio.wait(others, return_when=asyncio.FIRST_COMPLETED)
        assert not others[waiting].reading.is_set()
        first.hang_up()
        others[waiting].send(photograph(2))
        await asyncio.gather(first.answer, waiting)
        return others[refused], others[waiting]

    refused, taken = asyncio.run(three())
    assert (refused.status, STILL_COMING.question in refused.text) == (409, True)
    assert taken.status == 303
    assert count(database) == 1


def test_the_second_form_does_not_wait_for_ever(
    phone: Telephone, application: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_forms, "WAITS", 0.01)

    async def two() -> Form:
        first = Form(application, phone)
        await first.reading.wait()
        second = Form(application, phone)
        await second.answer
        first.hang_up()
        await first.answer
        return second

    assert asyncio.run(two()).status == 409


def test_a_process_takes_in_so_many_forms_and_no_more(
    phone: Telephone,
    application: FastAPI,
    kiosk: FakeKiosk,
    phones: list[httpx.Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever comes then is told to wait a moment, and may come when another one is done."""
    monkeypatch.setattr(upload_forms, "AT_ONCE", 1)
    other = Telephone(phones[1], open_upload(kiosk).url)
    other.begin()

    async def two() -> tuple[Form, Form]:
        first = Form(application, phone)
        await first.reading.wait()
        refused = Form(application, other)
        await refused.answer
        first.send(photograph(1))
        await first.answer
        again = Form(application, other)
        again.send(photograph(2))
        await again.answer
        return refused, again

    refused, taken = asyncio.run(two())
    assert (refused.status, BUSY.question in refused.text) == (503, True)
    assert taken.status == 303


def test_tries_of_an_upload_end_whatever_was_sent(
    phone: Telephone, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is no picture costs as much as one that is."""
    monkeypatch.setattr(upload_forms, "TRIES", 3)
    phone.send(b"no picture", b"nor this")
    assert SAID["too-often"] in phone.send(photograph(1), photograph(2)).text
    assert count(database) == 1
    over = phone.send(photograph(2))
    assert (over.status_code, TOO_OFTEN.question in over.text) == (429, True)


def test_the_sheet_of_these_tests_is_what_it_says() -> None:
    """Pictures of different numbers are different pictures."""
    assert len({sheet(number, (320, 240)).tobytes() for number in range(20)}) == 20
