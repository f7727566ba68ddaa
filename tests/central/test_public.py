"""The public pages: what every answer carries, what goes wrong in people's words, and how often one may ask."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from jinja2 import UndefinedError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from typer.testing import CliRunner

from central.__main__ import app as program
from central.house import House
from central.phone_page import HEADERS, TEMPLATES, Told, Trouble, page
from central.public import BODY_LIMIT, create_public
from central.throttle import A_MINUTE, Throttle, origin
from central.upstream import Unanswered
from tests.central.programs import Central, central


class Watch:
    """A monotonic clock that stands until it is told to move."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def application(house: House, watch: Watch) -> FastAPI:
    return create_public(house, wake=lambda: None, now=watch)


@pytest.fixture
def phone(application: FastAPI) -> Iterator[TestClient]:
    with TestClient(application, base_url="http://public", raise_server_exceptions=False) as client:
        yield client


def failing(application: FastAPI, error: Exception) -> None:
    @application.get("/fails")
    def fails() -> None:
        raise error


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (Told(Trouble(410, "这份证明取走了", ("请在自助机上再办一次。",))), 410, "这份证明取走了"),
        (RuntimeError("林秀英"), 500, "这个页面出了问题"),
        (OperationalError("SELECT 林秀英", {}, Exception("x")), 503, "系统正忙"),
        (PoolTimeout("林秀英"), 503, "系统正忙"),
        (Unanswered("no answer"), 503, "系统正忙"),
    ],
)
def test_whatever_fails_is_a_page(
    application: FastAPI,
    phone: TestClient,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    status: int,
    words: str,
) -> None:
    """In people's words, with every header, and without a word of the error."""
    failing(application, error)
    answer = phone.get("/fails")
    assert answer.status_code == status
    assert f'<h1 class="trouble">{words}</h1>' in answer.text
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "林秀英" not in answer.text + caplog.text


@pytest.mark.parametrize("path", ["/", "/style.css", "/robots.txt", "/nothing", "/%00", "/openapi.json", "/docs"])
def test_every_answer_carries_the_headers(phone: TestClient, path: str) -> None:
    """Also what is not found; only the style sheet may be kept."""
    answer = phone.get(path)
    kept = {"Cache-Control"} if path == "/style.css" else set()
    assert {name: answer.headers[name] for name in HEADERS if name not in kept} == {
        name: value for name, value in HEADERS.items() if name not in kept
    }
    assert answer.status_code == (200 if path in ("/", "/style.css", "/robots.txt") else 404)
    assert "strict-transport-security" not in answer.headers


def test_who_came_by_https_stays_there(house: House) -> None:
    """The address of the pages says whether there is TLS before them."""
    client = TestClient(create_public(replace(house, public_url="https://zj.example.com"), wake=lambda: None))
    assert client.get("/").headers["strict-transport-security"]


def test_an_unknown_address_and_a_wrong_method(phone: TestClient) -> None:
    """A page, not a word of programs."""
    for answer in (phone.get("/nobody/林秀英"), phone.post("/"), phone.get("/style.css/..%2f")):
        assert answer.status_code in (404, 405)
        assert "这个页面打不开" in answer.text
        assert "林秀英" not in answer.text


def test_what_is_too_large_is_told(phone: TestClient) -> None:
    """413, as a page."""
    answer = phone.post("/", content=b"x" * (BODY_LIMIT + 1))
    assert answer.status_code == 413
    assert "太大了" in answer.text


def test_an_address_that_asks_too_often(phone: TestClient, watch: Watch) -> None:
    """It is refused with a page, and a minute later it is served again."""
    assert [phone.get("/robots.txt").status_code for _ in range(A_MINUTE)] == [200] * A_MINUTE
    answer = phone.get("/robots.txt")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "请等一分钟" in answer.text
    assert answer.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]
    watch.time += 60
    assert phone.get("/robots.txt").status_code == 200


def test_what_is_remembered_of_addresses_does_not_grow(watch: Watch) -> None:
    """Those that were silent longest are forgotten; a network of IPv6 counts as one."""
    throttle = Throttle(FastAPI(), now=watch, refuse=lambda *_: FastAPI(), remembered=10)
    for number in range(100):
        assert throttle.grants(f"10.0.0.{number}")
    assert len(throttle.allowances) == 10
    first, second = ({"type": "http", "client": (f"2001:db8::{end}", 1)} for end in ("1", "ffff"))
    assert origin(first) == origin(second) == "2001:db8::"
    assert origin({"client": ("::ffff:10.0.0.1", 1)}) == "10.0.0.1"


def test_the_log_has_routes_and_no_secrets(
    application: FastAPI, phone: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    """What stands in an address opens something: it is in no log."""

    def something(token: str) -> str:
        return "here"

    application.add_api_route("/opens/{token}", something)
    with caplog.at_level(logging.INFO):
        phone.get("/opens/T0psecret?also=T0psecret")
        phone.get("/elsewhere/T0psecret")
    said = [record.getMessage() for record in caplog.records if record.name == "central.access"]
    assert [line.rsplit(" ", 2)[0] for line in said] == ["GET /opens/{token} 200", "GET (no route) 404"]


def test_a_page_escapes_what_is_put_into_it() -> None:
    """And a value that is missing is an error, not an empty place."""
    shown = page("problem.html", question="<script>", lines=("<img src=x>",)).body
    assert b"<script>" not in bytes(shown)
    assert b"<img" not in bytes(shown)
    with pytest.raises(UndefinedError):
        page("problem.html", question="x")


class Tags(HTMLParser):
    """What would need a script, or something from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.forbidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "iframe", "object"):
            self.forbidden.append(tag)
        self.forbidden += [f"{name}={value}" for name, value in attrs if name == "style" or name.startswith("on")]
        self.forbidden += [value for name, value in attrs if name in ("src", "href") and value and "//" in value]


def test_no_page_needs_a_script_or_a_stranger() -> None:
    """The policy that every answer carries would refuse it."""
    files = sorted(TEMPLATES.glob("*.html"))
    assert files
    for file in files:
        tags = Tags()
        tags.feed(file.read_text(encoding="utf-8"))
        assert tags.forbidden == [], file.name
    assert "url(" not in (TEMPLATES / "style.css").read_text(encoding="utf-8")


@pytest.mark.parametrize("url", ["zj.example.com", "https://", "https://a@b", "https://a?b", "ftp://a", "https://a/b"])
def test_an_address_that_no_phone_could_open(url: str) -> None:
    """Exit code 2 and one line."""
    ended = CliRunner().invoke(program, ["serve", "--db", "sqlite:////nowhere/x.db", "--public-url", url])
    assert (ended.exit_code, ended.stderr.count("\n")) == (2, 1)
    assert "--public-url" in ended.stderr


def test_the_program_serves_both(tmp_path: object) -> None:
    """Two applications on two ports: neither answers for the other."""
    with central("--db", f"sqlite:///{tmp_path}/central.db") as server:
        assert shown(server, "/") == 200
        assert shown(server, "/v1/keys") == 404
        assert server.http.get("/style.css").status_code == 404


def shown(server: Central, path: str) -> int:
    return server.http.get(f"{server.public_url}{path}").status_code
