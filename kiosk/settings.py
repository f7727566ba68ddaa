"""``kiosk.toml`` as typed settings, or one line that names the file, the key and what is allowed.

An absent device section means that this machine has no such device. ``Settings`` is what the rest of the kiosk sees;
nothing else reads the file. A driver from outside (``package.module:ClassName``) is code that runs here: only a file
that root alone can write may name one; all other settings choose among names.
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Collection
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import ErrorDetails

from devices import (
    DRIVERS,
    LINES,
    QUEUE,
    DocumentPrinter,
    IdCardReader,
    QrScanner,
    ReceiptPrinter,
    SocialCardReader,
    SoundOutput,
    StatusLight,
    open_driver,
)
from devices.jack import card_of
from devices.lines import SCHEMES, check_line_url
from devices.models import MODELS, model_named
from devices.outside import is_outside
from kiosk.acknowledging import KEEP_DAYS
from kiosk.contract.acknowledgements import BACKED_UP_WITHIN
from kiosk.errors import Unusable
from kiosk.staff import is_sealed

ROOT: Final = 0
NAMES_ONLY: Final = "these settings choose among names"
"""Why settings may name no driver from outside, unless they come from a file that is trusted."""


class SettingsError(Unusable):
    """The settings cannot be used. The message is one line: file, key, what is allowed."""


def read_settings(file: Path, owners: Collection[int] = (ROOT,)) -> Settings:
    """The settings in ``file`` (TOML 1.0, UTF-8). Raises SettingsError.

    ``owners`` are the users whose file, in folders of theirs, may name drivers from outside.
    """
    try:
        with file.open("rb") as opened:
            text = opened.read().decode("utf-8-sig")  # editors on Windows set a mark before it
            distrust = _who_else_writes(file, os.fstat(opened.fileno()), owners)
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file}: is not UTF-8 text (byte {error.start})") from error
    return check_settings(parse_toml(text, str(file)), str(file), distrust)


def parse_toml(text: str, where: str) -> dict[str, object]:
    """The tables of ``text`` (TOML 1.0). Raises SettingsError."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise SettingsError(f"{where}: is not TOML: tables or lists too deep in each other") from None
    except ValueError as error:  # also what is TOML and no number that there can be
        raise SettingsError(f"{where}: is not TOML: {error}") from error


def check_settings(tables: dict[str, object], where: str, distrust: str = NAMES_ONLY) -> Settings:
    """Settings from parsed TOML. ``where`` names the source in an error. Raises SettingsError.

    ``distrust`` is why they may name no driver from outside; "": they may.
    """
    try:
        return Settings.model_validate(tables, context=distrust)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise SettingsError(f"{where}: {_in_words(first)}") from error


def _who_else_writes(file: Path, opened: os.stat_result, owners: Collection[int]) -> str:
    """Who beside ``owners`` may change what the file says, or put another in its place; "": nobody.

    Where the name is a link, that holds for both its places: who writes the link chooses what is read. In a sticky
    folder (/tmp) everybody may put files, and take away none but their own.
    """
    named, real = file.absolute(), file.resolve()
    folders = dict.fromkeys((*real.parents, *named.parents))
    for path, found in [(real, opened), (named, named.lstat()), *((folder, folder.stat()) for folder in folders)]:
        open_to_all = stat.S_ISLNK(found.st_mode) or (stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX)
        if found.st_uid not in owners:
            return f"{path} belongs to user {found.st_uid}"
        if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not open_to_all:
            return f"{path} can be written by others"
    return ""


class Owner(Enum):
    """Who says what a field is: see ``steering``."""

    MACHINE = "machine"
    """Its own file alone: what is connected to it, what it is called, whom it trusts."""
    KEEPER = "keeper"
    """Whoever looks after it, in its own file; central may propose."""
    CENTRE = "centre"
    """The centre that it stands in, through central."""


class Section(BaseModel):
    """A table of the settings. Its fields are its owner's, but for those that name another."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)
    owner: ClassVar[Owner] = Owner.MACHINE

    @classmethod
    def owner_of(cls, key: str) -> Owner:
        """Whose that field is."""
        named = (each for each in cls.model_fields[key].metadata if isinstance(each, Owner))
        return next(named, cls.owner)


class Site(Section):
    """Where the machine stands. ``kiosk`` is set here in the demonstration only; enrolment gives it otherwise."""

    name: str = Field(default="环城路社区党群服务中心", min_length=1, max_length=40)
    kiosk: str = Field(default="K-001", pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,15}$")
    phone: Annotated[str, Owner.CENTRE] = Field(default="000-00000000", min_length=3, max_length=20)


class Panel(Section):
    """The glass: 1080×1920, upright or lying across. Sizes on it are millimetres, computed from the diagonal."""

    orientation: Literal["portrait", "landscape"] = "portrait"
    diagonal_inches: float = Field(default=21.5, ge=15, le=65)
    fullscreen: bool = False


def _root(url: HttpUrl) -> HttpUrl:
    if url.path not in (None, "/") or url.query or url.fragment:
        raise ValueError("an address of the web without a path: central's pages stand at its root")
    return url


class Central(Section):
    """Central's address, and how long a person waits for its answer before the receipt is printed (seconds).

    ``public_url``: where phones reach central's public pages; codes on receipts lead there. Without it they hold the
    number alone. ``root``: the hash of the root key, as `python -m central keys root` says it: only keys that it signed
    are believed then. Without it those that are seen first are. ``ca``: a file with the certificate authority that
    central's certificate has to be from; without it any that the system knows will do.
    """

    url: HttpUrl
    public_url: Annotated[HttpUrl, AfterValidator(_root)] | None = None
    root: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    ca: Annotated[Path, Field(strict=False)] | None = None
    answer_within: Annotated[float, Owner.CENTRE] = Field(default=2.0, gt=0, le=10)


def _driver(kind: str) -> AfterValidator:
    def known(name: str, info: ValidationInfo) -> str:
        if is_outside(name):
            distrust = info.context if isinstance(info.context, str) else NAMES_ONLY
            if distrust:
                names = ", ".join(sorted(DRIVERS[kind]))
                raise ValueError(f"drivers are {names}; from outside only in a file that root alone writes: {distrust}")
        elif name not in DRIVERS[kind]:
            raise ValueError(f"drivers are {', '.join(sorted(DRIVERS[kind]))}")
        return name

    return AfterValidator(known)


def _line_of_driver(url: str, info: ValidationInfo) -> str:
    """What a driver from outside talks over is known when it is opened."""
    return check_line_url(url, LINES.get(str(info.data.get("driver")), SCHEMES))


DriverLine = Annotated[str, AfterValidator(_line_of_driver)]


def _known_model(name: str) -> str:
    if name not in MODELS:
        raise ValueError(f"models are {', '.join(MODELS)}")
    return name


class IdCardDevice(Section):
    """The resident ID card reader."""

    driver: Annotated[str, _driver("id_card")] = "samv"
    line: DriverLine

    def open(self) -> IdCardReader:
        """See devices.open_driver."""
        return open_driver("id_card", self.driver, self.line)


class PrinterDevice(Section):
    """The receipt printer. 48 columns are 80 mm paper, 32 are 58 mm; without a model, the usual one."""

    driver: Annotated[str, _driver("printer")] = "escpos"
    line: DriverLine
    columns: Literal[32, 48] = 48
    model: Annotated[str, AfterValidator(_known_model)] = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        model_named(self.model, self.columns)
        return self

    def open(self) -> ReceiptPrinter:
        """See devices.open_driver."""
        return open_driver("printer", self.driver, self.line, columns=self.columns, model=self.model)


class SocialCardDevice(Section):
    """The social security card reader (PC/SC)."""

    driver: Annotated[str, _driver("social_card")] = "pcsc"
    line: DriverLine = "pcsc://"

    def open(self) -> SocialCardReader:
        """See devices.open_driver."""
        return open_driver("social_card", self.driver, self.line)


class ScannerDevice(Section):
    """The QR scanner."""

    driver: Annotated[str, _driver("scanner")] = "scanner"
    line: DriverLine

    def open(self) -> QrScanner:
        """See devices.open_driver."""
        return open_driver("scanner", self.driver, self.line)


class SoundDevice(Section):
    """The loudspeaker, and the earphone if there is one; volumes are per cent.

    ``earphone_by``: how it is known that somebody has an earphone: by the card's socket ("jack"), or, for a handset or
    headset on USB, because the card itself is there ("card").
    """

    driver: Annotated[str, _driver("sound")] = "speaker"
    line: DriverLine = "alsa://default"
    earphone: Annotated[str, AfterValidator(lambda url: check_line_url(url, ("alsa", "wav")))] | None = None
    earphone_by: Literal["jack", "card"] = "jack"
    volume: int = Field(default=60, ge=10, le=100)

    @model_validator(mode="after")
    def _can_be_noticed(self) -> Self:
        if self.earphone is not None and self.earphone.startswith("alsa:") and card_of(self.earphone) is None:
            raise ValueError("earphone names its card, as in alsa://plughw:CARD=PCH,DEV=0, so that it can be noticed")
        return self

    def open(self) -> SoundOutput:
        """See devices.open_driver."""
        return open_driver("sound", self.driver, self.line)

    def open_earphone(self) -> SoundOutput | None:
        """The same for the earphone; None where there is none."""
        return None if self.earphone is None else open_driver("sound", self.driver, self.earphone)


class LightDevice(Section):
    """The status light; ``unit`` is the number of its board on the line."""

    driver: Annotated[str, _driver("light")] = "modbus"
    line: DriverLine
    unit: int = Field(default=1, ge=1, le=247)

    def open(self) -> StatusLight:
        """See devices.open_driver."""
        return open_driver("light", self.driver, self.line, unit=self.unit)


class OfficePrinterDevice(Section):
    """The A4 printer for certificates: a ``queue`` of CUPS, or the path at which a printer speaks IPP itself."""

    driver: Annotated[str, _driver("office_printer")] = "cups"
    line: DriverLine = "tcp://127.0.0.1:631"
    queue: str = Field(default=QUEUE, pattern=r"^(/[A-Za-z0-9._/-]{1,100}|[A-Za-z0-9._-]{1,127})$")

    def open(self) -> DocumentPrinter:
        """See devices.open_driver."""
        return open_driver("office_printer", self.driver, self.line, queue=self.queue)


Device = (
    IdCardDevice | SocialCardDevice | PrinterDevice | ScannerDevice | SoundDevice | LightDevice | OfficePrinterDevice
)


class Devices(Section):
    """The devices of this machine; None: there is none."""

    id_card: IdCardDevice | None = None
    social_card: SocialCardDevice | None = None
    printer: PrinterDevice | None = None
    scanner: ScannerDevice | None = None
    sound: SoundDevice | None = None
    light: LightDevice | None = None
    office_printer: OfficePrinterDevice | None = None

    def named(self) -> dict[str, Device]:
        """Kind → the device of that kind, where there is one."""
        sections: dict[str, Device | None] = {
            "id_card": self.id_card,
            "social_card": self.social_card,
            "printer": self.printer,
            "scanner": self.scanner,
            "sound": self.sound,
            "light": self.light,
            "office_printer": self.office_printer,
        }
        return {kind: section for kind, section in sections.items() if section is not None}


class Idle(Section):
    """Seconds without a touch until the warning, and from the warning to the wipe.

    ``attract_after``: until the home page makes way for the still page of an empty hall.
    """

    owner = Owner.KEEPER
    warn_after: float = Field(default=60, ge=5, le=600)
    wipe_after: float = Field(default=15, ge=5, le=120)
    care_warn_after: float = Field(default=120, ge=5, le=600)
    care_wipe_after: float = Field(default=30, ge=5, le=120)
    attract_after: float = Field(default=180, ge=30, le=3600)


class Services(Section):
    """What this centre offers. ``off``: items of the catalogue that it does not.

    ``call_back_days``: working days within which a worker calls whoever handed a matter over; without it no page and no
    receipt names a time.
    """

    owner = Owner.CENTRE
    off: Annotated[tuple[str, ...], Field(strict=False)] = ()
    call_back_days: int | None = Field(default=None, ge=1, le=30)


class Outbox(Section):
    """What is kept on the machine. ``keep_days``: how long central has to have had a record before it is dropped here;
    never less than the age that a backup of central may have."""

    owner = Owner.KEEPER
    keep_days: int = Field(default=KEEP_DAYS, ge=BACKED_UP_WITHIN.days, le=400)


def _sealed(pin: str) -> str:
    if not is_sealed(pin):
        raise ValueError("is what `python main.py staff` prints, never the PIN or the number itself")
    return pin


class StaffEntry(Section):
    """A worker who may vouch for somebody at the machine."""

    owner = Owner.CENTRE
    code: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,31}$")
    name: str = Field(min_length=1, max_length=20)
    pin: Annotated[str, AfterValidator(_sealed)]
    card: Annotated[str | None, AfterValidator(lambda card: None if card is None else _sealed(card))] = None


class Simulators(Section):
    """Where the simulator programs are steered. Present in demonstrations and tests only."""

    control: Annotated[str, AfterValidator(lambda url: check_line_url(url, ("tcp",)))]


class Settings(Section):
    """All of ``kiosk.toml``."""

    site: Site = Site()
    panel: Panel = Panel()
    central: Central
    devices: Devices = Devices()
    idle: Idle = Idle()
    services: Services = Services()
    outbox: Outbox = Outbox()
    staff: Annotated[tuple[StaffEntry, ...], Field(strict=False)] = ()
    simulators: Simulators | None = None

    @model_validator(mode="after")
    def _one_code_one_worker(self) -> Self:
        codes = [entry.code for entry in self.staff]
        if len(set(codes)) != len(codes):
            raise ValueError("staff: two workers have one code")
        return self


def _in_words(error: ErrorDetails) -> str:
    key = ".".join(_one_line(str(part)) for part in error["loc"])
    match error["type"]:
        case "extra_forbidden":
            return f"{key}: there is no such key; {_allowed_beside(error['loc'])}"
        case "missing":
            return f"{key}: is missing"
        case "model_type":
            return f"{key}: is a table, written [{key}]; {_allowed_beside((*error['loc'], ''))}"
        case _:
            return f"{key}: {error['msg'].removeprefix('Value error, ')}"


def _one_line(key: str) -> str:
    """A key in quotes may hold anything, line ends too."""
    return key if key.isprintable() else repr(key)


def _allowed_beside(location: tuple[int | str, ...]) -> str:
    section: type[BaseModel] = Settings
    for part in location[:-1]:
        field = section.model_fields[str(part)]
        section = next(kind for kind in _models(field.annotation))
    return f"allowed here: {', '.join(section.model_fields)}"


def _models(annotation: object) -> list[type[BaseModel]]:
    parts = annotation.__args__ if isinstance(annotation, UnionType) else (annotation,)
    return [part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)]
