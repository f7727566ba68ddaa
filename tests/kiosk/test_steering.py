"""Settings that central published: each field is said by its owner, and a machine takes them between two guests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import BaseModel
from typer.testing import CliRunner

import main
from kiosk.contract.audit import PublishedGivenBack, PublishedRefused, PublishedTaken
from kiosk.contract.sealing import NEWEST
from kiosk.contract.signed import Signed, Statement
from kiosk.datasets import none_kept
from kiosk.files import write_durably
from kiosk.in_force import InForce
from kiosk.keep import keep
from kiosk.settings import Owner, Section, Settings, SettingsError, StaffEntry, check_settings
from kiosk.shelf import STARTS_ON_TRIAL
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


def test_how_long_records_stay_is_proposed_too() -> None:
    """Never for less than the age that a backup of central may have."""
    text = "[outbox]\nkeep_days = 90\n"
    assert laid_over(own(), text).outbox.keep_days == 90
    assert laid_over(own(outbox={"keep_days": 40}), text).outbox.keep_days == 40
    with pytest.raises(SettingsError, match=r"outbox\.keep_days: Input should be greater than or equal to 7"):
        laid_over(own(), "[outbox]\nkeep_days = 6\n")


VALUES: dict[str, str] = {
    "Site.phone": 'site.phone = "222"',
    "Central.answer_within": "central.answer_within = 3.5",
    "Services.off": 'services.off = ["lift"]',
    "Services.call_back_days": "services.call_back_days = 4",
    "Outbox.keep_days": "outbox.keep_days = 90",
    **{
        f"Idle.{key}": f"idle.{key} = 31"
        for key in ("warn_after", "wipe_after", "care_warn_after", "care_wipe_after", "attract_after")
    },
}


def test_whatever_is_not_the_machine_s_can_be_said() -> None:
    """A field that names another owner, and that no text of central's reaches, is nobody's to change from there."""
    steerable = [
        f"{kind.__name__}.{key}"
        for kind in sections()
        for key in kind.model_fields
        if kind.owner_of(key) is not Owner.MACHINE and kind is not StaffEntry
    ]
    assert sorted(steerable) == sorted(VALUES)
    for said in VALUES.values():
        assert laid_over(own(), said) != own(), said


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


@pytest_asyncio.fixture
async def machine(
    tmp_path: Path, central: CentralDouble, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[main.Machine]:
    async with running(tmp_path, central, monkeypatch) as machine:
        yield machine


@asynccontextmanager
async def running(
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


async def test_what_a_start_gave_back_the_ledger_tells(
    tmp_path: Path, central: CentralDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Restarts within the trial: nobody else hears of it, and the version never comes again."""
    settings = check_settings({"central": {"url": central.url}}, "")
    shelf = InForce(settings, tmp_path, keys=[KEY], serving=partial(main._serving, none_kept)).settings
    shelf.take(signed(1, '[site]\nphone = "222"'))
    write_durably(tmp_path / "keys.json", central.keys.model_dump_json().encode())
    for _ in range(STARTS_ON_TRIAL):
        await main.close(main.put_together(settings, tmp_path, Glass()))
    async with running(tmp_path, central, monkeypatch) as machine:
        assert machine.equipment.site.phone == "000-00000000"
        await until(lambda: PublishedGivenBack(what="settings", number=1) in central.acts)


async def test_settings_that_nobody_trusted_signed_are_refused(machine: main.Machine, central: CentralDouble) -> None:
    central.settings = 1, signed(1, '[site]\nphone = "222"').model_copy(update={"signature": bytes(64)})
    await until(lambda: PublishedRefused(what="settings", why="signature") in central.acts)
    assert machine.equipment.site.phone == "000-00000000"
