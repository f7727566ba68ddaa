"""Settings that central published: each field is said by its owner, and a machine takes them between two guests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import BaseModel
from typer.testing import CliRunner

import main
from kiosk.contract.audit import PublishedGivenBack, PublishedRefused, PublishedTaken
from kiosk.contract.sealing import NEWEST
from kiosk.contract.signed import Signed, Statement
from kiosk.keep import keep
from kiosk.settings import Owner, Section, Settings, SettingsError, check_settings
from kiosk.staff import sealed_pin
from kiosk.steering import laid_over
from tests.acceptance.whole import Glass
from tests.kiosk.central_double import CentralDouble
from tests.kiosk.published import ISSUED, KEY, PRIVATE
from tests.kiosk.test_sync import until

SEALED = sealed_pin("240517")
STAFF = f'[[staff]]\ncode = "w01"\nname = "林芳"\npin = "{SEALED}"\n'


def own(**tables: object) -> Settings:
    return check_settings({"central": {"url": "http://127.0.0.1:1"}} | tables, "kiosk.toml")


# -- who says what -----------------------------------------------------------------------------------------------------


def sections(model: type[BaseModel] = Settings) -> Iterator[type[Section]]:
    for kind in Section.__subclasses__():
        if kind is not Settings:
            yield kind


def test_what_is_connected_and_whom_it_trusts_is_the_machine_s() -> None:
    """Of all fields these alone are not: whoever adds one of another owner sees it here."""
    others = {
        (kind.__name__, key): kind.owner_of(key)
        for kind in sections()
        for key in kind.model_fields
        if kind.owner_of(key) is not Owner.MACHINE
    }
    assert {name for name, owner in others.items() if owner is Owner.CENTRE} == {
        ("Site", "phone"), ("Central", "answer_within"), ("Services", "off"), ("Services", "call_back_days"),
        ("StaffEntry", "code"), ("StaffEntry", "name"), ("StaffEntry", "pin"), ("StaffEntry", "card"),
    }  # fmt: skip
    assert {name for name, owner in others.items() if owner is Owner.KEEPER} == {
        ("Outbox", "keep_days"),
        *(("Idle", key) for key in ("warn_after", "wipe_after", "care_warn_after", "care_wipe_after", "attract_after")),
    }


def test_the_centre_s_is_said_by_central() -> None:
    """Whatever the machine's own file says; what central is silent about stays."""
    mine = own(site={"kiosk": "K-7", "phone": "111"}, services={"off": ["lift"], "call_back_days": 3})
    settings = laid_over(
        mine, f'[site]\nphone = "222"\n[services]\noff = ["canteen"]\n[central]\nanswer_within = 4.5\n{STAFF}'
    )
    assert (settings.site.kiosk, settings.site.phone) == ("K-7", "222")
    assert (settings.services.off, settings.services.call_back_days) == (("canteen",), 3)
    assert (str(settings.central.url), settings.central.answer_within) == ("http://127.0.0.1:1/", 4.5)
    assert [entry.name for entry in settings.staff] == ["林芳"]


def test_the_keeper_s_is_proposed() -> None:
    """It holds where the machine's own file is silent."""
    settings = laid_over(own(idle={"warn_after": 90.0}), "[idle]\nwarn_after = 30\nwipe_after = 20\n")
    assert (settings.idle.warn_after, settings.idle.wipe_after) == (90, 20)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[devices.printer]\ndriver = "my.module:Printer"\nline = "pcsc://"', "devices.printer.driver: drivers are"),
        ('[devices.printer]\nline = "tcp://1.2.3.4:9100"', "devices: only the machine's own file says that"),
        ("[devices]", "devices: only the machine's own file says that"),
        ('[site]\nkiosk = "K-9"', "site.kiosk: only the machine's own file says that"),
        ('[central]\nurl = "http://elsewhere"', "central.url: only the machine's own file says that"),
        ('[central]\npublic_url = "http://elsewhere"', "central.public_url: only the machine's own file says that"),
        ("[panel]\nfullscreen = true", "panel.fullscreen: only the machine's own file says that"),
        ('[simulators]\ncontrol = "tcp://127.0.0.1:1"', "simulators: only the machine's own file says that"),
        ("[idle]\nwarn_after = 1", "idle.warn_after: Input should be greater than or equal to 5"),
        ("[services]\nof = []", "services.of: there is no such key"),
        ("central = 1", "central: is a table"),
        ("[services", "is not TOML"),
    ],
)  # fmt: skip
def test_what_is_not_central_s_to_say_is_refused_by_name(text: str, says: str) -> None:
    """Whole: nothing of it is taken."""
    with pytest.raises(SettingsError) as refused:
        laid_over(own(), text)
    assert f"central's settings: {says}" in str(refused.value)


def test_the_command_says_it_before_anything_is_published(tmp_path: Path) -> None:
    file = tmp_path / "centre.toml"
    file.write_text('[site]\nphone = "0593-1234567"\n', encoding="utf-8")
    assert CliRunner().invoke(main.app, ["settings", str(file)]).exit_code == 0
    file.write_text('[site]\nkiosk = "K-9"\n')
    done = CliRunner().invoke(main.app, ["settings", str(file)])
    assert (done.exit_code, "site.kiosk" in done.output) == (2, True)


# -- over real HTTP, between two guests --------------------------------------------------------------------------------


@pytest.fixture
def central() -> Iterator[CentralDouble]:
    double = CentralDouble()
    yield double
    double.stop()


@pytest_asyncio.fixture
async def machine(
    tmp_path: Path, central: CentralDouble, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[main.Machine]:
    """A whole kiosk without devices that asks again and again."""
    monkeypatch.setattr("kiosk.reception.QUIET", 0.02)
    glass = Glass()
    machine = main.put_together(check_settings({"central": {"url": central.url}}, ""), tmp_path, glass)
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


def publish(central: CentralDouble, version: int, text: str) -> None:
    central.settings = version, signed(version, text)


def signed(version: int, text: str, key: str = KEY.id) -> Signed:
    statement = Statement(suite=NEWEST, kind="settings", target="*", version=version, issued=ISSUED, content=text)
    return statement.signed(key, PRIVATE)


async def test_they_are_taken_between_two_guests_and_given_back(machine: main.Machine, central: CentralDouble) -> None:
    """Telephone, staff and what is offered change without a restart; wrong PINs stay counted. When the machine is not
    well with them, the ones before come back, and the ledger tells all of it."""
    gear, lock = machine.equipment, machine.equipment.staff.lock
    publish(central, 1, f'[site]\nphone = "222"\n[services]\noff = ["lift"]\n{STAFF}')
    await until(lambda: gear.site.phone == "222")
    assert [member.name for member in gear.staff.members] == ["林芳"]
    assert gear.staff.lock is lock
    assert "lift" not in {item.code for item in machine.reception.catalog.items}
    main._service_failing(machine, "reception")
    main._service_failing(machine, None)
    await until(lambda: gear.site.phone == "000-00000000")
    assert "lift" in {item.code for item in machine.reception.catalog.items}
    publish(central, 2, '[site]\nkiosk = "K-9"')
    keys = PublishedTaken(what="keys", number=1)
    events = [keys, PublishedTaken(what="settings", number=1), PublishedGivenBack(what="settings", number=1)]
    await until(lambda: PublishedRefused(what="settings", why="cannot be used") in central.acts)
    assert [act for act in central.acts if isinstance(act, PublishedTaken | PublishedGivenBack)] == events


async def test_they_hold_after_a_start_without_central(
    tmp_path: Path, machine: main.Machine, central: CentralDouble
) -> None:
    publish(central, 1, '[site]\nphone = "222"')
    await until(lambda: machine.equipment.site.phone == "222")
    central.stop()
    again = main.put_together(machine.settings, tmp_path, Glass())
    assert again.equipment.site.phone == "222"
    await main.close(again)


async def test_settings_that_nobody_trusted_signed_are_refused(machine: main.Machine, central: CentralDouble) -> None:
    central.settings = 1, signed(1, '[site]\nphone = "222"').model_copy(update={"signature": bytes(64)})
    await until(lambda: PublishedRefused(what="settings", why="signature") in central.acts)
    assert machine.equipment.site.phone == "000-00000000"
