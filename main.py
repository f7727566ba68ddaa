"""The kiosk: the one place where its parts are put together, and the command line.

    python main.py                    opens the kiosk
    python main.py tour --out DIR     walks through the services on the real screens and saves pictures
    python main.py outbox status      what is kept here and what central has
    python main.py outbox export F    what central does not have, in a file that somebody carries there
    python main.py audit verify       whether what was recorded here is whole
    python main.py catalog            the services on offer
    python main.py settings FILE      whether a centre may have its kiosks told this
    python main.py staff pin          a worker's new PIN, as the settings keep it
    python main.py doctor             whether devices, central, clock, disk and fonts are well, and what to do
    python main.py dock               the window over the simulated devices
    python main.py gallery --out DIR  pictures of every page and widget in every manner; without --out, in a window

Without ``--settings`` it is the demonstration: simulated devices and a central of its own are started beside it and
ended with it. Exit codes: 0 done · 1 not finished · 2 settings or usage · 3 nothing came in time · 4 a device failed ·
5 central unreachable.
"""

from __future__ import annotations

import gc
import os
import signal

if __name__ == "__main__":
    gc.disable()  # what is made at the start stays: the collector would only look through it, again and again
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: os._exit(0))  # as long as it only imports, there is nothing to clean up

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol, TypeVar

import typer

from devices.discreet import keep_to_itself, where_of
from devices.escpos import warm_up
from devices.glyphs import FontMissing
from devices.keyboard import KEYBOARD
from devices.supervisor import Device as Supervisable
from devices.supervisor import State as PrinterState
from devices.supervisor import Supervisor
from devices.worker import Worker
from kiosk import (
    audit_commands,
    catalog_commands,
    doctor_commands,
    outbox_commands,
    settings_commands,
    staff_commands,
)
from kiosk.alone import InUse, alone_in
from kiosk.attended import Attended
from kiosk.audit import Audit
from kiosk.catalog import Catalog, load_catalog
from kiosk.central import CentralClient
from kiosk.command_line import SHANGHAI, Where, fail, log_to_stderr
from kiosk.companions import CompanionFailed, Companions, demonstrate
from kiosk.contract.audit import ScreensFailed, ServiceFailing
from kiosk.datasets import Datasets, Lists
from kiosk.equipment import Equipment, PaperKind
from kiosk.errors import NotKept
from kiosk.identity import Unreadable
from kiosk.in_force import InForce, apply, members_of
from kiosk.inspecting import INSPECTED, Inspecting
from kiosk.keep import keep
from kiosk.keystore import FileKeyStore, KeyStore, KeyUnusable
from kiosk.life import Life
from kiosk.light import Lamp, NoLight, put_out
from kiosk.outbox import Outbox, outbox_status
from kiosk.pages import Home
from kiosk.pinning import pinned_keys
from kiosk.private import private_folder
from kiosk.reception import Reception
from kiosk.reception import Screens as ReceptionScreens
from kiosk.remembered import Remembered
from kiosk.renewal import Renewal
from kiosk.reserve import Reserve
from kiosk.settings import Settings, SettingsError, read_settings
from kiosk.staff import PinLock, Staff
from kiosk.station import load_station
from kiosk.sync import Sync
from kiosk.tables import CatalogError
from kiosk.texts import _
from kiosk.tidying import Tidying
from kiosk.timekeeper import Timekeeper
from kiosk.tour import TOURED, Tour
from kiosk.trust import Trust
from kiosk.voice import Silent, VoiceOfMachine, make_voice
from kiosk.watching import Watching

if TYPE_CHECKING:
    from kiosk.contract.audit import Device
    from kiosk.serving import Serving
    from screens.stage import Stage

D = TypeVar("D", bound=Supervisable)
D_co = TypeVar("D_co", bound=Supervisable, covariant=True)

OUTBOX_AGAIN = 5.0
"""Seconds between two tries to open the outbox."""
HOTLINES = ("12333", "12393", "12345", "12348", "110", "119", "120")
"""Telephones of offices, which stand in many texts."""
FIRST_PAGE_WITHIN = 1.0
"""Seconds that the window waits for a first page before it stands there empty."""
_log = logging.getLogger("kiosk")

# \b keeps click from making one paragraph of the examples.
HELP = (__doc__ or "").replace("\n\n    ", "\n\n\b\n    ")
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=HELP, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def common(
    context: typer.Context,
    settings: Annotated[
        Path | None, typer.Option(help="kiosk.toml; without it, the demonstration with simulated devices.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder of the outbox and the keys; $XDG_STATE_HOME/kiosk without it.")
    ] = None,
) -> None:
    """Open the kiosk, or do what the command says."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    context.obj = Where(settings=settings, data=data or state / "kiosk")
    if context.invoked_subcommand is None:
        raise typer.Exit(_on_stage(context.obj, _receive_guests, dock=True))


@app.command()
def tour(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="Folder for the pictures.")],
    journeys: Annotated[list[str] | None, typer.Argument(help="Catalogue codes; a few without.")] = None,
    drain: Annotated[float, typer.Option(min=0, help="Seconds to wait for the outbox to drain.")] = 10.0,
    person: Annotated[str | None, typer.Option(help="Whose simulated card is presented.")] = None,
    whole: Annotated[bool, typer.Option("--all", help="Every item of the catalogue.")] = False,
) -> None:
    """Walk through the services on the real screens as a person would, and save a picture of each page and receipt."""
    known = [item.code for item in load_catalog().items]
    chosen = tuple(journeys or (known if whole else TOURED))
    if unknown := [name for name in chosen if name not in known]:
        fail(2, f"there is no journey {unknown[0]}; there are {', '.join(known)}")
    take = partial(_take_tour, Tour(journeys=chosen, out=out, drain=drain, person=person), context.obj)
    raise typer.Exit(_on_stage(context.obj, take, dock=False))


@app.command()
def dock(
    context: typer.Context,
    control: Annotated[str, typer.Option(help="The simulators' control port, tcp://127.0.0.1:PORT.")],
    central: Annotated[str | None, typer.Option(help="Central's address, for the telephone.")] = None,
) -> None:
    """Open the window over the simulated devices."""
    gc.enable()
    from screens.dock import run_dock

    log_to_stderr()
    raise typer.Exit(run_dock(control, central, context.obj.data / "dock"))


@app.command()
def gallery(
    context: typer.Context,
    out: Annotated[Path | None, typer.Option(help="Folder for pictures and index; without it, in a window.")] = None,
    only: Annotated[str, typer.Option(help="Only what has this in its name.")] = "",
) -> None:
    """Show every page and widget in every manner, with fictitious people. Keys: PgUp, PgDn, M for the manner."""
    gc.enable()
    from screens.gallery import run_gallery

    log_to_stderr()
    raise typer.Exit(run_gallery(out, only, context.obj.data / "gallery"))


# ---- The machine -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Machine:
    """All parts of a kiosk, put together. ``services`` run as long as it does."""

    settings: Settings
    equipment: Equipment
    reception: Reception
    in_force: InForce
    renewal: Renewal
    datasets: Datasets
    voice: VoiceOfMachine
    lamp: Lamp | None
    life: Life
    services: dict[str, Callable[[], Awaitable[None]]]


Act = Callable[[Machine, "Stage"], Awaitable[int]]


def _on_stage(where: Where, act: Act, *, dock: bool) -> int:
    """Runs ``act`` on a kiosk with its window, until it returns or the window is closed. The exit code."""
    log_to_stderr()
    keep_to_itself()
    from screens.environment import NoDisplay, prepare_environment

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # during the start it ends as Ctrl-C does
    try:
        with ExitStack() as held, Companions() as beside:
            try:
                where.data.mkdir(parents=True, exist_ok=True, mode=0o700)
                held.enter_context(alone_in(where.data))
            except OSError as error:
                fail(2, f"{where.data}: cannot be the data folder: {error.strerror}")
            private = held.enter_context(private_folder(where.data))
            file = where.settings
            settings = read_settings(file) if file else demonstrate(where.data, beside, dock=dock)
            panel = settings.panel
            prepare_environment(private, fullscreen=panel.fullscreen, landscape=panel.orientation == "landscape")
            return asyncio.run(_run(settings, where, private, act, closing=beside.ask_to_end))
    except (SettingsError, CatalogError, FontMissing, NoDisplay, CompanionFailed, InUse, KeyUnusable) as error:
        fail(2, str(error))
    except KeyboardInterrupt:
        return 0


async def _run(settings: Settings, where: Where, private: Path, act: Act, closing: Callable[[], None]) -> int:
    """The machine's life: one task group, in which window, reception and services live and end together."""
    from screens.stage import Stage
    from screens.window import KioskApp, hear_keys

    asyncio.get_running_loop().set_exception_handler(_unheard)
    stage = Stage(
        centre=settings.site.name,
        kiosk=settings.site.kiosk,
        diagonal_inches=settings.panel.diagonal_inches,
        idle=settings.idle,
        voice=(voice := _voice(settings, where.data)),
    )
    machine = put_together(settings, where.data, stage, voice, where.settings, private)
    reception = machine.reception

    def apply_to_screens(settings: Settings) -> None:
        apply(settings, machine.equipment)
        stage.idle_times = settings.idle

    reception.apply = apply_to_screens
    stage.idle_times = machine.in_force.settings.current.idle
    window = KioskApp(stage, failed=partial(_screens_failed, machine))
    if settings.devices.scanner is not None and settings.devices.scanner.line == "keyboard://":
        hear_keys(KEYBOARD.typed)
    code = 0
    bad_table: BaseException | None = None

    async def acting() -> None:
        nonlocal code
        code = await act(machine, stage)
        window.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, window.stop)
    await _open_outbox(machine)
    with suppress(NotKept, OSError):  # the service tries again, and tells
        await machine.equipment.sync.start()
    try:
        async with asyncio.TaskGroup() as group:

            def serve(name: str) -> None:
                group.create_task(keep(name, machine.services[name], partial(_service_failing, machine)), name=name)

            async def open_up() -> None:
                """The first page does not wait for what nobody needs yet."""
                await stage.drawn()
                reception.get_ready()
                _rest_the_collector()
                for name in machine.services.keys() - {"reception"}:
                    serve(name)
                machine.equipment.pressing.post(warm_up)

            serve("reception")
            group.create_task(acting(), name="acting")
            group.create_task(_say_when_open(stage), name="say when open")
            group.create_task(open_up(), name="opening")
            with suppress(TimeoutError):
                async with asyncio.timeout(FIRST_PAGE_WITHIN):
                    await stage.has_page()
            await window.run_until_closed()
            closing()
            raise _Closed
    except* _Closed:
        pass
    except* CatalogError as wrong:
        bad_table = wrong.exceptions[0]
    finally:
        await close(machine)
    if bad_table is not None:
        raise bad_table
    return code


async def _open_outbox(machine: Machine) -> None:
    """Opens the outbox; a disk that does not let it is a reason to be out of order."""
    try:
        await machine.equipment.outbox.start()
    except NotKept as error:
        _log.error("the outbox does not open: %s %s", error.reason, error.detail)
        machine.reception.trouble("outbox", lambda: _("这台机器现在记不了东西，正在自动恢复。"))
    else:
        machine.reception.trouble("outbox", None)


async def _keep_outbox_open(machine: Machine) -> None:
    """Tries again until the outbox opens. A database that fails later opens itself anew."""
    while "outbox" in machine.reception.troubles:
        await asyncio.sleep(OUTBOX_AGAIN)
        await _open_outbox(machine)
    await asyncio.get_running_loop().create_future()


async def _say_when_open(stage: Stage) -> None:
    """A line in the log for who starts the kiosk and waits for it."""
    shown = await stage.drawn()
    while not isinstance(shown.page, Home):
        shown = await stage.drawn(shown.serial)
    _log.info("the home page stands")


async def close(machine: Machine) -> None:
    """Ends what the machine's parts hold: exchanges under way are cut off, the database is closed."""
    gear = machine.equipment
    await machine.life.end()
    await gear.audit.close()
    gear.sync.close()
    machine.renewal.close()
    machine.datasets.close()
    gear.central.close()
    gear.asking.close()
    gear.pressing.close()
    machine.voice.close()
    if (board := machine.settings.devices.light) and machine.lamp is not None and machine.lamp.lit:
        await put_out(board.open)
    await gear.outbox.close()


class Part(Protocol[D_co]):
    """A device as the settings name it."""

    def open(self) -> D_co: ...


class Screens(ReceptionScreens, Protocol):
    """What the machine asks of its screens."""

    def update_status(self, *, network: bool | None, printer: PrinterState, unreadable: Unreadable | None) -> None: ...


def put_together(
    settings: Settings,
    data: Path,
    screens: Screens,
    voice: VoiceOfMachine | None = None,
    file: Path | None = None,
    private: Path | None = None,
) -> Machine:
    """The parts of the machine, and what each tells the others. ``file``: where its own settings stand;
    ``private``: its folder in memory.

    Raises CatalogError, KeyUnusable.
    """
    voice, where = voice or Silent(), Where(settings=file, data=data)
    site, devices, url = settings.site, settings.devices, str(settings.central.url)
    # A kiosk that is named by its settings alone is a demonstration's; enrolment makes it a live one.
    outbox = Outbox(where.outbox, kiosk=site.kiosk, mode="demo", reserve=Reserve(data / "reserve"))
    keys: KeyStore = FileKeyStore(data)
    trust = Trust(device=keys.device_key(), ca=settings.central.ca, time=Timekeeper(data / "clock.json"))
    audit = Audit(outbox, where.notes)
    root = settings.central.root
    sync = Sync(outbox, CentralClient(url, trust), where.keys, root=root, note=audit.note)
    id_card = _supervised("id card reader", devices.id_card)
    social_card = _supervised("social card reader", devices.social_card)
    scanner = _supervised("scanner", devices.scanner)
    printer = _supervised("receipt printer", devices.printer)
    office_printer = _supervised("office printer", devices.office_printer)
    light = _supervised("status light", devices.light)
    lamp = None if light is None else Lamp(light)
    attended = Attended(screens, voice, lamp or NoLight())
    equipment = Equipment(
        stage=attended,
        site=site,
        central=CentralClient(url, trust),
        asking=Worker("asking"),
        pressing=Worker("pressing"),
        outbox=outbox,
        audit=audit,
        sync=sync,
        id_card=id_card,
        social_card=social_card,
        scanner=scanner,
        printer=printer,
        office_printer=office_printer,
        paper=PaperKind(columns=paper.columns, model=paper.model) if (paper := devices.printer) else PaperKind(),
        remembered=Remembered(private),
        answer_within=settings.central.answer_within,
        staff=_staff(settings, data),
        public_url=str(settings.central.public_url or "").rstrip("/"),
        voice=voice,
    )
    datasets = Datasets(data / "datasets", CentralClient(url, trust), sync)
    serving = partial(_serving, datasets.current)
    in_force = InForce(settings, data, keys=pinned_keys(where.keys, root), serving=serving)
    offer = in_force.open()
    apply(offer.settings, equipment)
    renewal = Renewal(in_force.shelves, in_force.offer, CentralClient(url, trust), sync, site.kiosk, audit.note)
    reception = Reception(
        equipment=equipment,
        screens=attended,
        catalog=offer.catalog,
        station=_station(),
        serving=offer.serving,
        clock=lambda: datetime.now(SHANGHAI),
        renewal=renewal,
        apply=partial(apply, equipment=equipment),
    )

    life = Life(data / "life.json", file, audit.note)
    all_devices: dict[Device, Supervisor[Any] | None] = {
        "id-card": id_card,
        "social-card": social_card,
        "scanner": scanner,
        "printer": printer,
        "office-printer": office_printer,
        "light": light,
    }
    here = {name: device for name, device in all_devices.items() if device is not None}
    watching = Watching(here, audit.note)

    def tell(*_change: object) -> None:
        watching.look()
        lost = [way for way, reader in equipment.readers.items() if reader.health == "lost"]
        screens.update_status(
            network=sync.online if sync.known else None,
            printer="absent" if printer is None else printer.health,
            unreadable=None if not lost else lost[0] if len(lost) == 1 else "several",
        )
        reception.trouble("first contact", None if sync.first_contact_done else _no_contact_yet)
        reception.trouble("release", _too_old if sync.outdated else None)
        reception.trouble("suspended", _suspended if sync.suspended else None)

    sync.on_change(tell)
    tidying = Tidying(
        outbox=outbox,
        keep=lambda: timedelta(days=in_force.settings.current.outbox.keep_days),
        hall_is_empty=lambda: reception.hall_is_empty,
    )
    services: dict[str, Callable[[], Awaitable[None]]] = {
        "reception": partial(_receive, reception, renewal),
        "sync": sync.run,
        "renewal": renewal.run,
        "datasets": datasets.run,
        "tidying": tidying.run,
        "inspecting": Inspecting(outbox, data / INSPECTED, audit.note, trust.time.now).run,
        "audit": audit.run,
        "life": life.run,
    }
    for device in here.values():
        device.on_change = tell
        services[device.name] = device.run
    if light is not None and lamp is not None:
        light.on_change = partial(_both, lamp.changed, tell)
        services["light"] = lamp.run
    tell()
    machine = Machine(
        settings=settings,
        equipment=equipment,
        reception=reception,
        in_force=in_force,
        renewal=renewal,
        datasets=datasets,
        voice=voice,
        lamp=lamp,
        life=life,
        services=services,
    )
    services["outbox"] = partial(_keep_outbox_open, machine)
    return machine


def _supervised(name: str, part: Part[D] | None) -> Supervisor[D] | None:
    """What keeps a device at hand; None where this machine has none."""
    return None if part is None else Supervisor(name, part.open)


def _both(one: Callable[[PrinterState], None], other: Callable[[PrinterState], None], state: PrinterState) -> None:
    one(state)
    other(state)


def _staff(settings: Settings, data: Path) -> Staff:
    """Who may vouch for somebody at this machine, and how often a PIN was wrong."""
    return Staff(members=members_of(settings), lock=PinLock(data / "wrong-pins.json"))


def _voice(settings: Settings, data: Path) -> VoiceOfMachine:
    """What staff recorded is in the data folder. The centre's name and the telephones of offices everybody may hear."""
    site = settings.site
    return make_voice(settings.devices.sound, data / "recordings", [site.name, site.phone, site.kiosk, *HOTLINES])


_station = cache(load_station)


def _serving(lists: Lists, catalog: Catalog, settings: Settings) -> Serving:
    """The journeys with their tables, loaded behind the first page. Raises CatalogError."""
    from kiosk.serving import serving

    return serving(catalog, _station(), settings.site, settings.services, lists)


async def _receive(reception: Reception, renewal: Renewal) -> None:
    """Reception; where it fails, what it serves from may be the reason."""
    try:
        await reception.run()
    except Exception:
        renewal.unhealthy("reception failed")
        raise


async def _receive_guests(_machine: Machine, _stage: Stage) -> int:
    """The kiosk as it stands in the hall: it ends when its window is closed."""
    await asyncio.get_running_loop().create_future()
    return 0


async def _take_tour(tour: Tour, where: Where, machine: Machine, stage: Stage) -> int:
    """The tour; its last line on stdout is one JSON object."""
    from screens.guide import take_tour

    guide = await take_tour(tour, machine.settings, machine.equipment, stage)
    print(guide.report(outbox_status(where.outbox)), flush=True)
    return 1 if guide.unfinished else 0


def _service_failing(machine: Machine, name: str | None) -> None:
    if name is not None:
        machine.equipment.audit.note(ServiceFailing(service=name))
        machine.renewal.unhealthy(f"{name} keeps failing")
    machine.reception.trouble("services", None if name is None else lambda: _("机器出了点问题，正在自动恢复。"))


def _no_contact_yet() -> str:
    return _("这台机器还没有和中心连上，连上后会自动恢复。")


def _too_old() -> str:
    return _("这台机器的程序要先更新，更新好了就能用。")


def _suspended() -> str:
    return _("中心暂时停用了这台机器，工作人员查看以后会恢复。")


def _unheard(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """An error that nobody waits for: asyncio would quote it, and what it concerns, in words that may be personal."""
    error = context.get("exception")
    what = str(context["message"]).partition(" in callback ")[0]  # what follows is the callback, with its arguments
    _log.error("%s: %s", what, where_of(error) if isinstance(error, BaseException) else "no error")


def _screens_failed(machine: Machine, error: Exception) -> None:
    """A callback of the screens failed: what is on the glass cannot be trusted. It begins anew, at home."""
    _log.error("the screens failed: %s", type(error).__name__)
    machine.equipment.audit.note(ScreensFailed())
    machine.renewal.unhealthy("the screens failed")
    machine.reception.start_over()


def _rest_the_collector() -> None:
    """What stands after the start stays; the rest is collected between visits, never while a page is drawn."""
    gc.collect()
    gc.freeze()
    gc.disable()


class _Closed(Exception):
    """The window was closed: everything else ends with it."""


for commands in (
    outbox_commands, audit_commands, catalog_commands, settings_commands, staff_commands, doctor_commands
):  # fmt: skip
    commands.add_to(app)

if __name__ == "__main__":
    app()
