"""The client of central against servers that answer well, badly, slowly, never, or are somebody else."""

from __future__ import annotations

import gzip
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from kiosk import central as module
from kiosk.central import CentralClient
from kiosk.contract.acts import PersonReference
from kiosk.contract.base import SigningKey
from kiosk.contract.credentials import CredentialCheck, CredentialHolder
from kiosk.contract.messages import Batch, CodeCheck, CodeRequest, Problem, WireRecord
from kiosk.contract.queries import FilingsOf, Presented
from kiosk.contract.refusals import Asked, signed
from kiosk.contract.signed_requests import Received, verify
from kiosk.errors import CentralError, Declined, NotCentral, Suspended, Unavailable
from kiosk.timekeeper import Timekeeper
from kiosk.trust import Trust
from tests.central.kiosks import new_device
from tests.kiosk.central_double import (
    ACKNOWLEDGEMENT_KEY,
    HEALTHY,
    CentralDouble,
    raw_server,
    read_request,
    reply,
    speak,
)

VOICE = ACKNOWLEDGEMENT_KEY
PERSON = PersonReference(number="350902195803151123", name="欧阳𠮷䶮")
PRESENTED = Presented(visit=uuid4(), kiosk="K-001", card="id-card", sam="05.03")
CREDENTIAL = CredentialCheck(visit=uuid4(), kiosk="K-001", kind="medical", code="4243669509084040896099330000")
DEADLINE = 0.6


@pytest.fixture(autouse=True)
def _short_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEALTH_WITHIN", "ASK_WITHIN", "CODE_WITHIN", "CREDENTIAL_WITHIN"):
        monkeypatch.setattr(module, name, DEADLINE)


def health_of(serve: Callable[[socket.socket], None], trust: Trust | None = None) -> CentralError | None:
    """What the client makes of a server, and how long it took at most."""
    with raw_server(serve) as url:
        client = CentralClient(url, trust)
        began = time.monotonic()
        try:
            client.health()
        except CentralError as error:
            return error
        else:
            return None
        finally:
            assert time.monotonic() - began < DEADLINE + 1
            client.close()


def says(data: bytes) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(data)

    return serve


def drips(data: bytes, at_once: bytes = b"") -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(at_once)
        for octet in data * 100:
            connection.sendall(bytes([octet]))
            time.sleep(0.02)  # faster than any timeout of one read

    return serve


def read_whole(connection: socket.socket) -> Received | None:
    """A request as central has it; None where the other side has left."""
    head, _, body = read_request(connection).partition(b"\r\n\r\n")
    if not head:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _version = first.split(" ")
    pairs = [line.split(": ", 1) for line in lines]
    fields = tuple((name.lower(), value) for name, value in pairs)
    return Received(method=method, url=f"http://{dict(fields)['host']}{target}", fields=fields, body=body)


def says_nothing(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


def never_ends(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        connection.sendall(b" " * 65536)


PORTAL = b"<html><script>location='http://portal.example/login'</script></html>"
NO_ZONE = b'{"service": "kiosk-central", "time": "2026-11-22T01:46:00", "opener": "awake"}'
OTHER = b'{"service": "kiosk-printer", "time": "2026-11-22T01:46:00Z", "opener": "awake"}'
EXTRA = HEALTHY[:-1] + b', "extra": 1}'


@pytest.mark.parametrize(
    "data",
    [
        reply("200 OK", PORTAL, "text/html"),
        reply("200 OK", PORTAL),
        reply("200 OK", OTHER),
        reply("200 OK", NO_ZONE),
        reply("200 OK", EXTRA),
        reply("200 OK", b""),
        reply("204 No Content", b""),
        reply("200 OK", HEALTHY, "text/plain"),
        reply("302 Found", b"", "text/html", "Location: http://portal.example/"),
        reply("307 Temporary Redirect", b"", "text/html", "Location: /elsewhere"),
        reply("511 Network Authentication Required", PORTAL, "text/html"),
        reply("403 Forbidden", PORTAL, "text/html"),
        reply("401 Unauthorized", b'{"detail": "who are you"}'),
        b"SSH-2.0-OpenSSH_9.2\r\n",
        bytes(range(256)) * 4,
    ],
    ids=[
        "HTML", "HTML as JSON", "another service", "a time without zone", "a field too many", "empty", "no content",
        "text", "redirect", "redirect within", "captive portal", "403 of a stranger", "401 of a stranger",
        "another protocol", "rubbish",
    ],
)  # fmt: skip
def test_what_answers_in_centrals_place_is_recognised(data: bytes) -> None:
    """Counts as unreachable, whatever its status claims."""
    error = health_of(says(data))
    assert isinstance(error, NotCentral)
    assert error.reason == "offline"


@pytest.mark.parametrize("status", ["500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable"])
@pytest.mark.parametrize("kind", ["text/html", "application/problem+json"])
def test_central_that_fails(status: str, kind: str) -> None:
    """5xx: central, or what stands before it, fails; worth trying again."""
    error = health_of(says(reply(status, PORTAL, kind)))
    assert isinstance(error, Unavailable)
    assert error.reason == "server"


@pytest.mark.parametrize(
    ("serve", "reason"),
    [
        (says(b""), "offline"),
        (says(reply("200 OK", HEALTHY)[:-10]), "offline"),
        (says(b"HTTP/1.1 200 OK\r\nContent-Ty"), "offline"),
        (says_nothing, "slow"),
        (drips(b"HTTP/1.1 200 OK\r\nX-Slow: yes"), "slow"),
        (drips(reply("200 OK", HEALTHY)), "slow"),
        (drips(b" ", b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999\r\n\r\n"), "slow"),
    ],
    ids=["closes", "cut in the body", "cut in the head", "is silent", "drips a head", "drips", "drips a body"],
)  # fmt: skip
def test_no_whole_answer_in_time(serve: Callable[[socket.socket], None], reason: str) -> None:
    """The deadline holds for the whole exchange, not for each read."""
    error = health_of(serve)
    assert isinstance(error, Unavailable)
    assert error.reason == reason


def test_answer_that_does_not_end_is_cut_off() -> None:
    """What comes in is limited."""
    assert isinstance(health_of(never_ends), CentralError)


def test_nobody_listens() -> None:
    """A refused connection is answered at once."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    client = CentralClient(url)
    with pytest.raises(Unavailable) as caught:
        client.health()
    assert caught.value.reason == "offline"
    client.close()


@pytest.mark.parametrize(
    ("code", "kind"), [("suspended", Suspended), ("no-telephone", Declined)], ids=["suspended", "declined"]
)
def test_refusal_of_central_is_told_by_its_code(code: str, kind: type[Declined]) -> None:
    """A problem document that central signed is its own word."""
    problem = Problem(title="no", status=403, code=code)
    asked = Asked(method="GET", target="/v1/health", signature="")
    document = signed(problem, asked, VOICE, speak).model_dump_json().encode()
    error = health_of(says(reply("403 Forbidden", document, "application/problem+json")), Trust(voices=(VOICE,)))
    assert type(error) is kind
    assert isinstance(error, Declined)
    assert (error.code, error.status) == (code, 403)


@pytest.mark.parametrize(("status", "code"), [(401, "unknown-key"), (403, "unknown-kiosk"), (409, "suspended")])
def test_refusal_of_a_stranger_is_not_believed(status: int, code: str) -> None:
    """Unsigned, signed by somebody else, or for another request; and nobody is believed before there are keys."""
    problem = Problem(title="no", status=status, code=code)
    here, there = (Asked(method="GET", target=f"/v1/{path}", signature="") for path in ("health", "keys"))
    stranger = new_device().sign
    for said, voices in (
        (problem, (VOICE,)),
        (signed(problem, here, VOICE, stranger), (VOICE,)),
        (signed(problem, there, VOICE, speak), (VOICE,)),
        (signed(problem, here, VOICE, speak), ()),
        (signed(problem, here, VOICE, speak).model_copy(update={"status": 404, "code": "no-record"}), (VOICE,)),
    ):
        answer = reply(f"{status} No", said.model_dump_json().encode(), "application/problem+json")
        assert isinstance(health_of(says(answer), Trust(voices=voices)), NotCentral)


def test_what_is_asked_is_signed_and_packed() -> None:
    """Each request by the machine's key, at central's time; a batch is packed, a question is not worth it."""
    seen: list[Received] = []

    def serve(connection: socket.socket) -> None:
        while (request := read_whole(connection)) is not None:
            seen.append(request)
            connection.sendall(reply("200 OK", HEALTHY))

    now = datetime(2031, 1, 1, tzinfo=UTC)
    device = new_device()
    with raw_server(serve) as url:
        client = CentralClient(url, Trust(device=device, time=Timekeeper(wall=lambda: now)))
        client.health()
        with pytest.raises(NotCentral):
            client.send(Batch(kiosk="K-001", ledger="0" * 32, records=(WireRecord(header=b"h", sealed=b"s" * 9000),)))
        with pytest.raises(NotCentral):
            client.check_code(CodeCheck(visit=uuid4(), kiosk="K-001", code="123456"))
        client.close()
    key = SigningKey(id=device.id, suite=device.suite, public=device.public)
    verified = [verify(request, {device.id: key}.get, now) for request in seen]
    assert [(request.method, request.body[:2]) for request in seen] == [
        ("GET", b""),
        ("POST", b"\x1f\x8b"),
        ("POST", b'{"'),
    ]
    assert [said.nonce is None for said in verified] == [True, False, False]
    batch = Batch.model_validate_json(gzip.decompress(seen[1].body))
    assert batch.signature is not None
    octets = [(wire.header, wire.sealed) for wire in batch.records]
    batch.signature.verified(key, kiosk="K-001", ledger=bytes(16), records=octets)


def test_a_batch_that_was_made_ready_goes_once_as_it_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sent again, over another connection, or too late, it is signed anew: central takes no request twice."""
    seen: list[Received] = []
    clock = [datetime(2031, 1, 1, tzinfo=UTC)]

    def serve(connection: socket.socket) -> None:
        """Closes each connection under its second request."""
        while (request := read_whole(connection)) is not None:
            seen.append(request)
            if len(seen) % 2 == 0:
                return
            connection.sendall(reply("200 OK", HEALTHY))

    batch = Batch(kiosk="K-001", ledger="0" * 32, records=(WireRecord(header=b"h", sealed=b"s"),))
    device = new_device()
    key = SigningKey(id=device.id, suite=device.suite, public=device.public)
    with raw_server(serve) as url:
        client = CentralClient(url, Trust(device=device, time=Timekeeper(wall=lambda: clock[0])))

        def sent(batch: Batch) -> list[Received]:
            before = len(seen)
            clock[0] += timedelta(seconds=400)
            with pytest.raises(NotCentral):
                client.send(batch)
            return seen[before:]

        ready = client.ready(batch)
        (made,) = sent(ready)
        lost, again = sent(ready)
        monkeypatch.setattr(module, "READY_FOR", -1.0)
        lost_too, late = sent(client.ready(batch))
        client.close()
    assert len({verify(one, {device.id: key}.get, at(one)).nonce for one in (made, lost, again, lost_too, late)}) == 5
    assert [(at(one) - at(made)).total_seconds() for one in (lost, again, lost_too, late)] == [800, 800, 1200, 1200]


def at(request: Received) -> datetime:
    """When it says that it was signed."""
    (inputs,) = (value for name, value in request.fields if name == "signature-input")
    return datetime.fromtimestamp(int(inputs.partition("created=")[2].partition(";")[0]), UTC)


@pytest.mark.parametrize(
    ("field", "seconds"), [("7", 7), ("0", 0), ("-3", 0), ("soon", 0), ("Wed, 21 Oct 2026 07:28:00 GMT", 0)]
)
def test_central_may_ask_for_patience(field: str, seconds: float) -> None:
    """In seconds; anything else asks for nothing."""
    for status in ("503 Service Unavailable", "429 Too Many Requests"):
        error = health_of(says(reply(status, b"", "text/html", f"Retry-After: {field}")))
        assert isinstance(error, Unavailable)
        assert (error.reason, error.after) == ("server", seconds)
    document = Problem(title="no", status=429, code="too-many").model_dump_json().encode()
    refused = health_of(says(reply("429 No", document, "application/problem+json", f"Retry-After: {field}")))
    assert isinstance(refused, Declined)
    assert refused.after == seconds


def test_good_answer() -> None:
    """The control: over the same raw server a good answer is taken."""
    assert health_of(says(reply("200 OK", HEALTHY))) is None


def test_kept_connection_is_used_again() -> None:
    """Two calls, one connection."""
    connections: list[int] = []

    def serve(connection: socket.socket) -> None:
        connections.append(1)
        while read_request(connection):
            connection.sendall(reply("200 OK", HEALTHY))

    with raw_server(serve) as url:
        client = CentralClient(url)
        client.health()
        client.health()
        client.close()
    assert len(connections) == 1


def answers_once_a_connection(seen: list[bytes]) -> Callable[[socket.socket], None]:
    """Answers the first request of each connection, and closes under the second."""

    def serve(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(reply("200 OK", HEALTHY))
        seen.append(read_request(connection))

    return serve


def test_connection_closed_under_a_question_is_tried_once_more() -> None:
    """A kept connection may close just when it is used: harmless questions are put again."""
    seen: list[bytes] = []
    with raw_server(answers_once_a_connection(seen)) as url:
        client = CentralClient(url)
        client.health()
        client.health()
        client.close()
    assert len([request for request in seen if request]) == 3


def test_code_is_never_asked_for_twice_by_itself() -> None:
    """A lost answer to a request for a code is the person's to decide on."""
    seen: list[bytes] = []
    with raw_server(answers_once_a_connection(seen)) as url:
        client = CentralClient(url)
        client.health()
        with pytest.raises(Unavailable):
            client.send_code(CodeRequest(visit=uuid4(), kiosk="K-001", person=PERSON))
        client.close()
    assert len([request for request in seen if b"/v1/codes" in request]) == 1


def test_a_credential_is_never_asked_about_twice_by_itself() -> None:
    """A code may be good for one question."""
    seen: list[bytes] = []
    with raw_server(answers_once_a_connection(seen)) as url:
        client = CentralClient(url)
        client.health()
        with pytest.raises(Unavailable):
            client.verify_credential(CREDENTIAL)
        client.close()
    assert len([request for request in seen if b"/v1/credentials" in request]) == 1


def test_a_credential_is_in_the_body_alone_and_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    """Neither in the address nor in a log; whose it is comes back."""
    caplog.set_level(logging.DEBUG)
    seen: list[bytes] = []
    holder = CredentialHolder(person=PERSON, shown="欧阳＊＊ 尾号 1123", sex="male", birth=date(1958, 3, 15))

    def serve(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(reply("200 OK", holder.model_dump_json().encode()))

    with raw_server(serve) as url:
        client = CentralClient(url)
        assert client.verify_credential(CREDENTIAL) == holder
        client.close()
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/credentials HTTP/1.1")
    assert CREDENTIAL.code.encode() in body
    assert CREDENTIAL.code.encode() not in head
    assert CREDENTIAL.code not in caplog.text + repr(CREDENTIAL)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("403 Forbidden", "not-authorised"),
        ("410 Gone", "expired"),
        ("404 Not Found", "unknown"),
        ("409 No", "wrong-kind"),
    ],
)
def test_central_says_why_it_does_not_say_whose_it_is(status: str, code: str) -> None:
    """The page has words for each."""
    asked = Asked(method="POST", target="/v1/credentials", signature="")
    problem = signed(Problem(title="no", status=int(status[:3]), code=code), asked, VOICE, speak)
    with raw_server(says(reply(status, problem.model_dump_json().encode(), "application/problem+json"))) as url:
        client = CentralClient(url, Trust(voices=(VOICE,)))
        with pytest.raises(Declined) as caught:
            client.verify_credential(CREDENTIAL)
        client.close()
    assert caught.value.code == code


def test_person_is_never_in_an_address() -> None:
    """A question carries the person in its body, and nowhere else."""
    seen: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(reply("200 OK", b'{"insured_place": "350900", "status": "1", "filings": []}'))

    with raw_server(serve) as url:
        client = CentralClient(url)
        assert client.ask(FilingsOf(person=PERSON), PRESENTED).insured_place == "350900"
        client.close()
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/queries/filings HTTP/1.1")
    assert PERSON.number.encode() in body
    assert PERSON.name.encode() in body
    assert PERSON.number.encode() not in head


def test_environment_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies and certificates of the environment do not reach the kiosk."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent")
    assert health_of(says(reply("200 OK", HEALTHY))) is None


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody signed, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "somebody")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(plain + made.public_bytes(Encoding.PEM))
    return path


def over_tls(certificate: Path, data: Callable[[ssl.SSLSocket], None]) -> Callable[[socket.socket], None]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            data(secure)

    return serve


def secure_health(serve: Callable[[socket.socket], None], trusted: Path | None) -> None:
    with raw_server(serve) as url:
        client = CentralClient(url.replace("http:", "https:"))
        if trusted is not None:
            client.exchanges.session.verify = str(trusted)
        try:
            client.health()
        finally:
            client.close()


def test_certificate_of_a_stranger_is_not_central(certificate: Path) -> None:
    """Who cannot prove to be central is not asked anything."""
    seen: list[bytes] = []
    with pytest.raises(NotCentral):
        secure_health(over_tls(certificate, lambda secure: seen.append(secure.recv(100))), None)
    assert seen in ([], [b""])


def test_deadline_holds_over_tls(certificate: Path) -> None:
    """In the middle of an answer, and in the middle of the handshake; a good answer comes through."""

    def answers(secure: ssl.SSLSocket) -> None:
        read_request(secure)
        secure.sendall(reply("200 OK", HEALTHY))

    def drips_handshake(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"\x16\x03\x03\x40\x00")
        while True:
            connection.sendall(b"\x02")
            time.sleep(0.02)

    secure_health(over_tls(certificate, answers), certificate)
    for serve in (over_tls(certificate, drips(reply("200 OK", HEALTHY))), drips_handshake, says_nothing):
        began = time.monotonic()
        with pytest.raises(Unavailable):
            secure_health(serve, certificate)
        assert time.monotonic() - began < DEADLINE + 1


def test_closing_ends_a_call_under_way() -> None:
    """Whoever ends the kiosk does not wait for central."""
    begun = threading.Event()
    ended: list[object] = []

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        begun.set()
        says_nothing(connection)

    with raw_server(serve) as url:
        client = CentralClient(url)

        def call() -> None:
            try:
                client.status(UUID(int=0), within=9.0)
            except Unavailable as error:
                ended.append(error.reason)

        thread = threading.Thread(target=call, daemon=True)
        thread.start()
        assert begun.wait(5)
        client.close()
        thread.join(2)
        assert ended == ["offline"]
        with pytest.raises(Unavailable):
            client.health()


def test_status_waits_no_longer_than_asked() -> None:
    """The seconds that central may wait travel in the question."""
    double = CentralDouble()
    client = CentralClient(double.url)
    with pytest.raises(Declined) as caught:
        client.status(uuid4(), within=0.2)
    assert caught.value.code == "unknown-record"
    client.close()
    double.stop()
