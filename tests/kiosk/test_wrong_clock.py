"""A machine that starts in 1970 or 2099 asks central for the time, over TLS, and then works with every check."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme

from kiosk.central import CentralClient
from kiosk.contract.times import TimeAnswer, tell
from kiosk.errors import NO_TRUST, NotCentral
from kiosk.timekeeper import Timekeeper
from kiosk.trust import Trust
from tests.central.kiosks import new_device
from tests.kiosk.central_double import ACKNOWLEDGEMENT_KEY, HEALTHY, raw_server, read_request, reply, speak

TRUE = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
VOICES = (ACKNOWLEDGEMENT_KEY,)
WRONG = [datetime(1970, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)]

Says = Callable[[str], TimeAnswer]


def honest(nonce: str) -> TimeAnswer:
    return tell(nonce, TRUE, ACKNOWLEDGEMENT_KEY, speak)


@contextmanager
def central(folder: Path, begins: datetime, ends: datetime, says: Says = honest) -> Iterator[tuple[str, Path]]:
    """A central over TLS whose certificate holds from ``begins`` to ``ends``; its address, and its authority."""
    authority = trustme.CA()
    file = folder / "ca.pem"
    authority.cert_pem.write_to_path(file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", not_before=begins, not_after=ends).configure_cert(context)

    def serve(connection: socket.socket) -> None:
        with suppress(ssl.SSLError), context.wrap_socket(connection, server_side=True) as secure:
            while request := read_request(secure):
                target = urlsplit(request.split(b" ")[1].decode())
                nonce = parse_qs(target.query).get("nonce", [""])[0]
                secure.sendall(reply("200 OK", says(nonce).model_dump_json().encode() if nonce else HEALTHY))

    with raw_server(serve) as url:
        yield url.replace("http:", "https:"), file


def trust(wall: datetime, ca: Path) -> Trust:
    boot = iter(range(10_000))
    keeper = Timekeeper(wall=lambda: wall, boot=lambda: float(next(boot)))
    return Trust(device=new_device(), voices=VOICES, ca=ca, time=keeper)


@pytest.mark.parametrize("wall", WRONG)
def test_a_wrong_clock_is_put_right(tmp_path: Path, wall: datetime) -> None:
    """The question for the time alone overlooks the certificate's; everything else is judged by what it answers."""
    with central(tmp_path, TRUE - timedelta(days=1), TRUE + timedelta(days=1)) as (url, ca):
        believes = trust(wall, ca)
        client = CentralClient(url, believes)
        with pytest.raises(NotCentral) as before:
            client.health()
        assert before.value.detail == NO_TRUST
        client.time()
        assert abs(believes.now() - TRUE) < timedelta(minutes=1)
        assert client.health().service == "kiosk-central"
        client.close()


@pytest.mark.parametrize("wall", [*WRONG, TRUE])
def test_an_expired_certificate_is_no_trust(tmp_path: Path, wall: datetime) -> None:
    """By central's time, however wrong or right the wall clock is."""
    with central(tmp_path, TRUE - timedelta(days=9), TRUE - timedelta(days=8)) as (url, ca):
        client = CentralClient(url, trust(wall, ca))
        client.time()
        with pytest.raises(NotCentral) as caught:
            client.health()
        assert caught.value.detail == NO_TRUST
        client.close()


def test_another_authority_is_not_asked_for_the_time(tmp_path: Path) -> None:
    """Only the certificate's time is overlooked: not whose it is, nor whom it names."""
    (tmp_path / "other").mkdir()
    other = tmp_path / "other" / "ca.pem"
    trustme.CA().cert_pem.write_to_path(other)
    with central(tmp_path, TRUE - timedelta(days=1), TRUE + timedelta(days=1)) as (url, ca):
        for address, authority in ((url, other), (url.replace("127.0.0.1", "localhost"), ca)):
            client = CentralClient(address, trust(WRONG[0], authority))
            with pytest.raises(NotCentral) as caught:
                client.time()
            assert caught.value.detail == NO_TRUST
            client.close()


def old(_nonce: str) -> TimeAnswer:
    return honest("0" * 32)


def altered(nonce: str) -> TimeAnswer:
    return honest(nonce).model_copy(update={"time": TRUE + timedelta(hours=1)})


def strange(nonce: str) -> TimeAnswer:
    return tell(nonce, TRUE, ACKNOWLEDGEMENT_KEY, new_device().sign)


@pytest.mark.parametrize("says", [old, altered, strange])
def test_what_is_not_signed_for_this_question_is_not_believed(tmp_path: Path, says: Says) -> None:
    """An old answer, another time, another key: the clock stays unmeasured."""
    with central(tmp_path, TRUE - timedelta(days=1), TRUE + timedelta(days=1), says) as (url, ca):
        believes = trust(WRONG[0], ca)
        client = CentralClient(url, believes)
        with pytest.raises(NotCentral, match="offline"):
            client.time()
        assert not believes.time.measured
        client.close()


def test_before_the_first_contact_there_is_nobody_to_check_it_by(tmp_path: Path) -> None:
    """It is taken as the first keys are; the floor holds."""
    with central(tmp_path, TRUE - timedelta(days=1), TRUE + timedelta(days=1), strange) as (url, ca):
        believes = replace(trust(WRONG[0], ca), voices=())
        client = CentralClient(url, believes)
        client.time()
        assert believes.time.measured
        assert client.health().service == "kiosk-central"
        client.close()
