"""The plug is pulled while a telephone sends: what was answered is there, what was not is there once or not at all."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx2 as httpx

from kiosk.contract.uploads import UploadOpened
from tests.central.kiosks import FakeKiosk
from tests.central.photographs import photograph
from tests.central.programs import Central, central
from tests.central.test_uploads import Telephone, open_upload, state


def form(number: int) -> httpx.Request:
    part = ("picture", ("IMG.jpg", photograph(number), "image/jpeg"))
    return httpx.Request("POST", "http://phone/", files=[part])


def begin_to_send(address: str, cookie: str, request: httpx.Request, part: float) -> socket.socket:
    """A connection over which so much of a form went, and no more."""
    where = urlsplit(address)
    body = request.read()
    head = (
        f"POST {where.path} HTTP/1.1\r\nHost: {where.netloc}\r\nCookie: papers={cookie}\r\n"
        f"Content-Type: {request.headers['content-type']}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    connection = socket.create_connection((where.hostname or "", where.port or 80), timeout=10)
    connection.sendall(head.encode() + body[: int(len(body) * part)])
    return connection


def at(server: Central, opened: UploadOpened) -> str:
    """The same address at a server that was started again."""
    return server.public_url + urlsplit(opened.url).path


def test_what_was_answered_is_there_and_nothing_twice(tmp_path: Path) -> None:
    """Half a picture and gone; a whole one whose answer never came, because central was killed; then both once more."""
    db = f"sqlite:///{tmp_path}/central.db"
    with httpx.Client(follow_redirects=True, timeout=15) as http:
        with central("--db", db) as server:
            kiosk = FakeKiosk(server.http)
            kiosk.send()
            opened = open_upload(kiosk)
            phone = Telephone(http, opened.url)
            phone.begin()
            assert phone.send(photograph(1)).status_code == 200
            cookie = http.cookies["papers"]
            address = f"{opened.url}/papers/residence"
            begin_to_send(address, cookie, form(2), 0.5).close()
            assert len(state(kiosk, opened).arrived) == 1
            with begin_to_send(address, cookie, form(3), 1.0):
                server.process.kill()
                server.process.wait()
        with central("--db", db) as server:
            kiosk.http = server.http
            assert len(state(kiosk, opened).arrived) in (1, 2)
            phone.url = at(server, opened)
            for number in (2, 3, 3):
                assert phone.send(photograph(number)).status_code == 200
            assert len(state(kiosk, opened).arrived) == 3
