"""What the root names beside keys comes into force: authorities above central's certificate, over real TLS, and the
oldest program that may serve people."""

from __future__ import annotations

import ssl
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest
import trustme

from kiosk.contract.audit import PublishedRefused, PublishedTaken
from kiosk.contract.messages import Keys
from kiosk.contract.records import ClockFlags
from kiosk.files import write_durably
from kiosk.release import VERSION
from kiosk.timekeeper import wall_clock
from tests.kiosk.central_double import CentralDouble
from tests.kiosk.test_pinning import KNOWN, SPEAKS, by_root
from tests.kiosk.test_sync import FAST, House, open_house, until

OFTEN = replace(FAST, keys=0.05)
REFUSED = PublishedRefused(what="keys", why="cannot be used")
PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


class Place:
    """A central over TLS, of an authority that can be exchanged, and the files of authorities."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.first, self.second = trustme.CA(), trustme.CA()
        self.central = CentralDouble(server_of(self.first))
        self.central.hang_up = True
        self.own = self.central.keys
        self.told = folder / "ca.pem"
        self.first.cert_pem.write_to_path(self.told)

    def publish(self, version: int, *authorities: trustme.CA, minimum: tuple[int, int, int] = (0, 0, 0)) -> Keys:
        """What the root names from here on."""
        names = {"version": version, "authorities": tuple(map(der, authorities)), "minimum": minimum}
        self.central.keys = by_root(self.own.model_copy(update=names))
        return self.central.keys

    def go_over_to(self, authority: trustme.CA) -> None:
        """Central has a certificate of another authority."""
        self.central.tls = server_of(authority)


def server_of(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def der(authority: trustme.CA) -> bytes:
    return ssl.PEM_cert_to_DER_cert(authority.cert_pem.bytes().decode())


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.central.stop()


@contextmanager
def says_no_more(house: House) -> Iterator[None]:
    """Nothing is said of keys meanwhile."""
    before = len(house.told)
    yield
    assert house.told[before:] == []


async def test_an_authority_is_exchanged_for_another(tmp_path: Path, place: Place) -> None:
    """Both are named, central goes over, the old one is named no more; what the machine was told counts no more."""
    place.publish(1)
    async with open_house(tmp_path, place.central, OFTEN, ca=place.told, root=KNOWN) as house:
        both = place.publish(2, place.first, place.second)
        await until(lambda: house.pinned() == both)
        place.go_over_to(place.second)
        await house.commit()
        assert await house.sync.drain(5)
        one = place.publish(3, place.second)
        await until(lambda: house.pinned() == one)
        place.go_over_to(place.first)
        await until(lambda: not house.sync.online)
        place.go_over_to(place.second)
        await until(lambda: house.sync.online)
    assert [event for event in house.told if isinstance(event, PublishedTaken)] == [
        PublishedTaken(what="keys", number=number) for number in (1, 2, 3)
    ]


async def test_an_authority_that_is_not_above_central_shuts_nobody_out(tmp_path: Path, place: Place) -> None:
    """A slip of the root's: the keys before stay in force, and it is said. The next version is taken."""
    before = place.publish(1)
    async with open_house(tmp_path, place.central, OFTEN, ca=place.told, root=KNOWN) as house:
        place.publish(2, place.second)
        await until(lambda: REFUSED in house.told)
        await house.commit()
        assert await house.sync.drain(5)
        assert (house.sync.online, house.pinned()) == (True, before)
        mended = place.publish(3, place.first)
        await until(lambda: house.pinned() == mended)


async def test_the_authority_that_the_machine_was_told_is_tried_too(tmp_path: Path, place: Place) -> None:
    """Where the root names none any more, and central has gone over meanwhile."""
    place.publish(1, place.first, place.second)
    async with open_house(tmp_path, place.central, OFTEN, ca=place.told, root=KNOWN) as house:
        place.go_over_to(place.second)
        named = house.pinned()
        place.publish(2)
        await until(lambda: REFUSED in house.told)
        assert (house.sync.online, house.pinned()) == (True, named)
        place.go_over_to(place.first)
        place.publish(3)
        await until(lambda: house.sync.online and house.pinned() == place.central.keys)


@pytest.mark.parametrize("wall", [wall_clock, lambda: datetime(2099, 1, 1, tzinfo=UTC)])
@pytest.mark.parametrize("voice", ["the same voice", "another voice"])
async def test_a_machine_that_was_off_while_central_went_over_comes_back(
    tmp_path: Path, place: Place, wall: Callable[[], datetime], voice: str
) -> None:
    """What the root signed is taken from whoever brings it; then the line is checked again. With a wrong clock too."""
    changed = {} if voice == "the same voice" else {"acknowledgement": (SPEAKS,)}
    before = by_root(place.own.model_copy(update={"authorities": (der(place.first),), **changed}))
    write_durably(tmp_path / "keys.json", before.model_dump_json().encode())
    place.go_over_to(place.second)
    async with open_house(tmp_path, place.central, OFTEN, met=False, ca=place.told, root=KNOWN, wall=wall) as house:
        place.central.keys = before
        await until(lambda: place.central.requests["GET /v1/keys"] > 1)
        assert (house.sync.online, house.pinned()) == (False, before)
        place.publish(3, place.second)
        await until(lambda: house.sync.online)
        await house.commit()
        assert await house.sync.drain(5)


async def test_without_a_root_nobody_is_asked_past_the_certificate(tmp_path: Path, place: Place) -> None:
    async with open_house(tmp_path, place.central, OFTEN, ca=place.told):
        pass
    place.go_over_to(place.second)
    asked = place.central.requests.total()
    async with open_house(tmp_path, place.central, OFTEN, met=False, ca=place.told) as house:
        await until(lambda: house.sync.known)
        assert (house.sync.online, place.central.requests.total()) == (False, asked)


async def test_a_full_disk_keeps_nobody_from_central(tmp_path: Path, place: Place) -> None:
    """Newer keys wait; what is recorded goes up by those that are here."""
    before = place.publish(1)
    async with open_house(tmp_path, place.central, OFTEN, ca=place.told, root=KNOWN) as house:
        with mock.patch("kiosk.keyring.write_durably", side_effect=OSError(28, "No space left on device")) as full:
            after = place.publish(2, place.first)
            await until(lambda: full.call_count > 1)
            await house.commit()
            assert await house.sync.drain(5)
            assert (house.sync.online, house.pinned()) == (True, before)
        await until(lambda: house.pinned() == after)


async def test_what_is_no_certificate_is_not_taken(tmp_path: Path, place: Place) -> None:
    place.publish(1)
    async with open_house(tmp_path, place.central, OFTEN, ca=place.told, root=KNOWN) as house:
        rubbish = place.own.model_copy(update={"version": 2, "authorities": (b"no certificate",)})
        place.central.keys = by_root(rubbish)
        await until(lambda: REFUSED in house.told)
        assert house.sync.online


async def test_at_the_first_contact_central_stands_under_the_authorities_or_is_none(
    tmp_path: Path, place: Place
) -> None:
    """The one that the machine was told leads there; without keys before there is nothing to go on with."""
    place.publish(1, place.second)
    async with open_house(tmp_path, place.central, OFTEN, met=False, ca=place.told, root=KNOWN) as house:
        await until(lambda: REFUSED in house.told)
        assert (house.sync.online, house.pinned()) == (False, None)
        place.publish(2, place.second, place.first)
        await until(lambda: house.sync.first_contact_done)


async def test_after_a_restart_the_named_authorities_count(tmp_path: Path, place: Place) -> None:
    """From the first question on, whatever the machine was told."""
    place.publish(1, place.first, place.second)
    async with open_house(tmp_path, place.central, OFTEN, ca=place.told, root=KNOWN):
        pass
    place.go_over_to(place.second)
    async with open_house(tmp_path, place.central, OFTEN, ca=place.told, root=KNOWN) as house:
        with says_no_more(house):
            await house.commit()
            assert await house.sync.drain(5)


@pytest.mark.parametrize("wrong", [None, datetime(1970, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)])
@pytest.mark.parametrize("expired", [True, False])
async def test_a_record_says_that_its_key_has_expired(
    tmp_path: Path, place: Place, expired: bool, wrong: datetime | None
) -> None:
    """By central's time, whatever the wall clock says; it is sealed and taken all the same."""
    key = place.own.sealing[0]
    until_then = datetime.now(UTC) + timedelta(days=-1 if expired else 1)
    place.own = place.own.model_copy(update={"sealing": (key.model_copy(update={"not_after": until_then}),)})
    place.publish(1)
    wall = wall_clock if wrong is None else (lambda: wrong)
    async with open_house(tmp_path, place.central, OFTEN, wall=wall, ca=place.told, root=KNOWN) as house:
        (kept,) = await house.commit()
        assert await house.sync.drain(5)
    header = place.central.records[kept.id].header
    assert (ClockFlags.KEY_EXPIRED in header.clock_flags, header.sealing_key) == (expired, key.id)
    assert len(place.central.acts) == 2


async def test_a_program_that_is_too_old_says_so(tmp_path: Path, place: Place) -> None:
    """While it runs, after a restart without central, and no more when the root takes it back."""
    newer = (VERSION[0], VERSION[1], VERSION[2] + 1)
    place.publish(1, minimum=VERSION)
    async with open_house(tmp_path, place.central, OFTEN, ca=place.told, root=KNOWN) as house:
        assert not house.sync.outdated
        heard: list[bool] = []
        house.sync.on_change(lambda: heard.append(house.sync.outdated))
        too_new = place.publish(2, minimum=newer)
        await until(lambda: house.pinned() == too_new and True in heard)
        await house.commit()
        assert await house.sync.drain(5), "what was recorded before goes up all the same"
    place.central.stop()
    async with open_house(tmp_path, place.central, OFTEN, met=False, ca=place.told, root=KNOWN) as house:
        await until(lambda: house.sync.outdated)
        place.central.start()
        place.publish(3)
        await until(lambda: not house.sync.outdated)


def test_the_program_knows_its_version() -> None:
    project = tomllib.loads(PYPROJECT.read_text())["project"]
    assert ".".join(map(str, VERSION)) == project["version"]
