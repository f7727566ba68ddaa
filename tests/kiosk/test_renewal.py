"""A catalogue comes from central, over real HTTP, and the home page is another one without a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

import main
from kiosk.central import CentralClient
from kiosk.contract.audit import AuditEvent, PublishedGivenBack
from kiosk.contract.canonical import Plain
from kiosk.contract.messages import Problem
from kiosk.datasets import none_kept
from kiosk.desk import Left
from kiosk.errors import Declined, Unavailable
from kiosk.in_force import InForce
from kiosk.keep import keep
from kiosk.manner import Anew, Manner
from kiosk.pinning import pinned_keys, to_pin
from kiosk.renewal import Renewal
from kiosk.settings import check_settings
from kiosk.shelf import Shelf
from kiosk.trust import Trust
from tests.acceptance.whole import Glass
from tests.kiosk.central_double import ACKNOWLEDGEMENT_KEY, CentralDouble
from tests.kiosk.published import KEY, PUBLIC, asking, own_files, published
from tests.kiosk.shelf_steps import shelf_in
from tests.kiosk.test_sync import until

OWN, OTHER = "您好，今天想办什么？", "今天办什么？"


@pytest_asyncio.fixture
async def machine(
    tmp_path: Path, glass: Glass, central: CentralDouble, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[main.Machine]:
    """A whole kiosk without devices, at its home page, that asks for the catalogue again and again."""
    monkeypatch.setattr("kiosk.reception.QUIET", 0.05)
    monkeypatch.setattr("kiosk.reception.LOOK", 0.02)
    settings = check_settings({"central": {"url": central.url}}, "")
    machine = main.put_together(settings, tmp_path, glass)
    machine.renewal.every = 0.05
    await machine.equipment.outbox.start()
    async with asyncio.TaskGroup() as group:

        def failing(name: str | None) -> None:
            main._service_failing(machine, name)

        tasks = [group.create_task(keep(name, make, failing)) for name, make in machine.services.items()]
        await glass.see("home")
        yield machine
        for task in tasks:
            task.cancel()
    await main.close(machine)


async def home_asks(glass: Glass, question: str) -> None:
    await glass.until(lambda: glass.page is not None and glass.page.question == question, question)


def publish(central: CentralDouble, version: int, question: str = OTHER) -> None:
    central.catalog = version, published(asking(question), version)


@pytest.mark.usefixtures("machine")
async def test_a_published_catalogue_changes_the_home_page(glass: Glass, central: CentralDouble) -> None:
    """Nobody touches it and nothing is started anew."""
    assert glass.page is not None
    assert glass.page.question == OWN
    publish(central, 1)
    await home_asks(glass, OTHER)
    publish(central, 2, OWN)
    await home_asks(glass, OWN)


async def test_it_waits_until_a_visit_is_over(machine: main.Machine, glass: Glass, central: CentralDouble) -> None:
    """Lists and journeys of a visit are of one catalogue."""
    await glass.answer("home", "work")
    publish(central, 1)
    await until(lambda: machine.renewal.is_due)
    await glass.answer("items", "jobless")
    await glass.see("guide")
    assert machine.renewal.is_due
    await glass.answer("guide", "finish")
    await home_asks(glass, OTHER)


async def test_whoever_set_something_reads_on(machine: main.Machine, glass: Glass, central: CentralDouble) -> None:
    """A home page in care mode is somebody's; it changes when they have gone."""
    await glass.answer("home", Anew(Manner(care=True)))
    await glass.see("home")
    publish(central, 1)
    await until(lambda: machine.renewal.is_due)
    await asyncio.sleep(0.2)
    assert glass.page is not None
    assert glass.page.question == OWN
    await glass.answer("home", Left("idle"))
    await home_asks(glass, OTHER)


async def test_whoever_touched_it_just_now_reads_on(
    machine: main.Machine, glass: Glass, central: CentralDouble
) -> None:
    """However long the page stood before."""
    await asyncio.sleep(0.1)
    glass.unused_for = 0.0
    publish(central, 1)
    await until(lambda: machine.renewal.is_due)
    await asyncio.sleep(0.2)
    assert glass.page is not None
    assert glass.page.question == OWN
    glass.unused_for = 1.0
    await home_asks(glass, OTHER)


async def test_an_empty_hall_is_told_at_once(glass: Glass, machine: main.Machine, central: CentralDouble) -> None:
    """The still page makes way."""
    await glass.answer("home", Left("idle"))
    await glass.see("attract")
    publish(central, 1)
    await home_asks(glass, OTHER)
    assert machine.in_force.catalog.on_trial


async def test_it_is_good_after_a_while(machine: main.Machine, glass: Glass, central: CentralDouble) -> None:
    """Then it outlives what goes wrong."""
    publish(central, 1)
    await home_asks(glass, OTHER)
    assert machine.in_force.catalog.on_trial
    machine.renewal.proven_after = 0.1
    await until(lambda: not machine.in_force.catalog.on_trial)
    machine.renewal.unhealthy("something failed")
    assert not machine.renewal.is_due
    assert machine.in_force.catalog.version == 1


async def test_screens_that_fail_with_it_bring_the_last_good_one_back(
    machine: main.Machine, glass: Glass, central: CentralDouble
) -> None:
    """At once, and central's answer does not bring it again."""
    publish(central, 1)
    await home_asks(glass, OTHER)
    main._screens_failed(machine, RuntimeError("a view"))
    await home_asks(glass, OWN)
    asked = central.requests["GET /v1/catalog"]
    await until(lambda: central.requests["GET /v1/catalog"] > asked + 2)
    assert glass.page is not None
    assert glass.page.question == OWN
    publish(central, 2)
    await home_asks(glass, OTHER)


async def test_a_service_that_keeps_failing_with_it_brings_the_last_good_one_back(
    machine: main.Machine, glass: Glass, central: CentralDouble
) -> None:
    publish(central, 1)
    await home_asks(glass, OTHER)
    main._service_failing(machine, "reception")
    main._service_failing(machine, None)
    await home_asks(glass, OWN)


async def test_a_broken_one_is_named_in_the_log(
    machine: main.Machine, glass: Glass, central: CentralDouble, caplog: pytest.LogCaptureFixture
) -> None:
    """File, entry and field; the home page stays, and central is asked for newer ones only."""
    files = dict(own_files())
    files["services/work.toml"] = files["services/work.toml"].replace("level = 0", "level = 7", 1)
    central.catalog = 1, published(files, 1)
    await until(lambda: machine.in_force.catalog.version == 1)
    await until(lambda: "is not taken" in caplog.text)
    assert 'work.toml: item "jobless", level' in caplog.text
    assert glass.page is not None
    assert glass.page.question == OWN
    asked = central.requests["GET /v1/catalog"]
    await until(lambda: central.requests["GET /v1/catalog"] > asked + 2)
    assert caplog.text.count("is not taken") == 1


async def test_it_serves_after_a_start_without_central(
    tmp_path: Path, machine: main.Machine, glass: Glass, central: CentralDouble
) -> None:
    """What was taken once is on the disk, with the keys to know it by."""
    publish(central, 1)
    await home_asks(glass, OTHER)
    central.stop()
    serving = partial(main._serving, none_kept)
    keys = pinned_keys(tmp_path / "keys.json")
    offer = InForce(machine.settings, tmp_path, keys=keys, serving=serving).open()
    assert offer.catalog.home(()).question == OTHER


@pytest.mark.parametrize("healthy", [True, False])
async def test_a_correction_that_comes_during_a_trial_is_applied(
    tmp_path: Path, central: CentralDouble, healthy: bool
) -> None:
    """Somebody stands there: the one on trial goes on serving, fails perhaps, and is what is given back."""
    told: list[AuditEvent] = []
    async with renewing(tmp_path, central, told) as (shelf, renewal):
        await publish_and_serve(central, shelf, renewal, 7)
        shelf.keep()
        await publish_and_serve(central, shelf, renewal, 8)
        if not healthy:
            renewal.unhealthy("a view failed")
        central.catalog = 9, published({"services.toml": "9"}, 9)
        await until(lambda: shelf.version == 9)
        assert (shelf.current, shelf.trial) == ({"services.toml": "8"}, 8)
        if not healthy:
            renewal.unhealthy("a view failed again")
        assert renewal.is_due
        assert await renewal.next_offer() is not None
        assert (shelf.current, shelf.trial) == ({"services.toml": "9"}, 9)
        back = [event for event in told if isinstance(event, PublishedGivenBack)]
        assert back == ([] if healthy else [PublishedGivenBack(what="catalog", number=8)])
        renewal.unhealthy("a view failed")
        assert await renewal.next_offer() is not None
        assert shelf.current == {"services.toml": "7"}
        assert told[-1] == PublishedGivenBack(what="catalog", number=9)


async def test_one_that_proved_itself_meanwhile_is_not_given_back(tmp_path: Path, central: CentralDouble) -> None:
    """A failure while it is written down as good."""
    told: list[AuditEvent] = []
    async with renewing(tmp_path, central, told) as (shelf, renewal):
        await publish_and_serve(central, shelf, renewal, 7)
        renewal.unhealthy("a view failed")
        shelf.keep()
        assert await renewal.next_offer() is None
        assert shelf.current == {"services.toml": "7"}
        assert not any(isinstance(event, PublishedGivenBack) for event in told)


@asynccontextmanager
async def renewing(
    folder: Path, central: CentralDouble, told: list[AuditEvent]
) -> AsyncIterator[tuple[Shelf[Plain], Renewal]]:
    """A shelf whose catalogues are made of nothing, and its service."""
    shelf = shelf_in(folder, PUBLIC)
    shelf.open()
    renewal = Renewal(
        shelves={"catalog": shelf},
        offer=lambda: shelf.current,  # type: ignore[arg-type, return-value]
        central=CentralClient(central.url, Trust(voices=(ACKNOWLEDGEMENT_KEY,))),
        line=Met(),
        kiosk="K-001",
        note=told.append,
        every=0.02,
    )
    running = asyncio.create_task(renewal.run())
    try:
        yield shelf, renewal
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        renewal.close()


class Met:
    """A line to a central that is known."""

    welcome = True
    settings_keys = (KEY,)


async def publish_and_serve(central: CentralDouble, shelf: Shelf[Plain], renewal: Renewal, version: int) -> None:
    content = {"services.toml": str(version)}
    central.catalog = version, published(content, version)
    await until(lambda: renewal.is_due)
    assert await renewal.next_offer() is not None
    assert shelf.current == content


def test_the_client_asks_by_version(central: CentralDouble) -> None:
    """304 and "there is none" are the same to the kiosk; refusals and rubbish are errors of their own."""
    client = CentralClient(central.url, Trust(voices=(ACKNOWLEDGEMENT_KEY,)))
    assert client.published("catalog", "K-001", 0) is None
    publish(central, 7)
    signed = client.published("catalog", "K-001", 6)
    assert signed is not None
    assert signed.verified([KEY], kind="catalog", kiosk="K-001", above=6).version == 7
    assert client.published("catalog", "K-001", 7) is None
    central.refuse = lambda _path: Problem(title="no", status=403, code="unknown-kiosk")
    with pytest.raises(Declined):
        client.published("catalog", "K-001", 6)
    central.refuse = lambda _path: 500
    with pytest.raises(Unavailable):
        client.published("catalog", "K-001", 6)
    client.close()


def test_settings_keys_are_those_that_were_seen_first(central: CentralDouble) -> None:
    """A kiosk that has none takes them; whoever answers later does not bring others in."""
    offered = central.keys
    without = offered.model_copy(update={"settings": ()})
    other = KEY.model_copy(update={"id": "settings-2"})
    assert to_pin(None, offered) == offered
    assert to_pin(without, offered) == offered
    assert to_pin(offered, without) == offered
    later = offered.model_copy(update={"version": 2, "settings": (other,)})
    assert to_pin(offered, later) == later.model_copy(update={"settings": (KEY,)})
