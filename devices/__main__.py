"""`python -m devices`: one device, one question, without the kiosk. For technicians, scripts and tests.

Exit codes: 0 done · 2 usage · 3 nothing came in time · 4 the device failed. What went wrong is one line on stderr.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar, cast

import typer

from devices import LINES, QUEUE, IdCardReader, QrScanner, open_driver, open_line_of
from devices.card_text import UNKNOWN_TYPE, IdCard
from devices.child import ChildLine
from devices.discreet import keep_to_itself
from devices.errors import DeviceError, Garbled, Refused, Silent
from devices.light import LightState, ModbusLight
from devices.lines import Line
from devices.models import MODELS, model_named
from devices.office_printer import OfficePrinter
from devices.outside import FORM, is_outside, open_outside
from devices.pcsc_reader import READER_REFUSALS, PcscReader
from devices.samv import NoCard, SamV
from devices.scanner import NoScan, Scan, Scanner
from devices.social_card import NO_NUMBER, NOT_SOCIAL, SocialCard
from devices.sound import Speaker

if TYPE_CHECKING:
    from devices.supervisor import Device

USAGE, NOTHING_CAME, FAILED = 2, 3, 4
EVERY = 0.3
"""Seconds between two looks for a card."""
ATTEMPTS = 3
"""Failures in a row that may be a card that moved, or noise."""

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)
read = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Read a card or a code.")
app.add_typer(read, name="read")

T = TypeVar("T")
DriverOption = Annotated[str, typer.Option("--driver", metavar="NAME", help=f"Another driver, or {FORM}.")]
LineOption = Annotated[
    str, typer.Option("--line", metavar="URL", help="serial:///dev/…, tcp://HOST:PORT, usb://0400:c35a, …")
]


@read.command("id-card")
def read_id_card(
    line: LineOption,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object: dates in ISO form, null for 长期.")] = False,
    timeout: Annotated[float, typer.Option(min=0, max=3600, help="Seconds to wait for a card.")] = 30.0,
    photo: Annotated[str, typer.Option(metavar="FILE", help="Write the photo there, as PNG.")] = "",
    decoder: Annotated[str, typer.Option(metavar="MODULE", help="What decodes photos (devices/photo.py).")] = "",
    driver: DriverOption = "samv",
) -> None:
    """Wait for an identity card and print what it says."""
    if decoder and not photo:
        _fail(USAGE, "--decoder is for --photo")
    with closing(_opened(lambda: open_driver("id_card", driver, line))) as reader:
        card = _next_card(reader, time.monotonic() + timeout)
    if photo:
        _write_photo(card, photo, decoder)
    fields = _id_card_fields(card)
    if as_json:
        print(json.dumps(fields, ensure_ascii=False))
    else:
        for key, value in fields.items():
            print(f"{key}: {'长期' if value is None else value}")


@read.command("social-card")
def read_social_card(
    line: LineOption,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object: dates in ISO form, null for none.")] = False,
    timeout: Annotated[float, typer.Option(min=0, max=3600, help="Seconds to wait for a card.")] = 30.0,
    driver: DriverOption = "pcsc",
) -> None:
    """Wait for a social security card and print what it says, and why it does not say the rest."""
    with closing(_opened(lambda: open_driver("social_card", driver, line))) as reader:
        card = _next_chip(reader.read, time.monotonic() + timeout)
    fields = _social_card_fields(card)
    if as_json:
        print(json.dumps(fields | {"missing": dict(card.missing), "warnings": card.warnings}, ensure_ascii=False))
    else:
        for key, value in fields.items():
            if value is not None:
                print(f"{key}: {value}")
        for key, why in card.missing:
            print(f"{key}: - ({why})")


@read.command("uid")
def read_uid(
    line: LineOption,
    timeout: Annotated[float, typer.Option(min=0, max=3600, help="Seconds to wait for a card.")] = 30.0,
    driver: DriverOption = "pcsc",
) -> None:
    """Wait for a contactless card and print the number of its chip, in hexadecimal digits. It is no identity."""
    with closing(_opened(lambda: open_driver("social_card", driver, line))) as reader:
        print(_next_chip(reader.uid, time.monotonic() + timeout))


@read.command("qr")
def read_qr(
    line: LineOption,
    timeout: Annotated[float, typer.Option(min=0, max=3600, help="Seconds to wait for a code.")] = 30.0,
    driver: DriverOption = "scanner",
) -> None:
    """Wait for a code before the scanner and print what it says. A code that is no text is waited out."""
    if line == "keyboard://":
        _fail(USAGE, "what a keyboard wedge types goes to the window in front: try it in any text field")
    with closing(_opened(lambda: open_driver("scanner", driver, line))) as scanner:
        print(_next_code(scanner, time.monotonic() + timeout).text)


@app.command("print")
def print_file(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="UTF-8 text; - reads stdin.")],
    line: LineOption,
    columns: Annotated[int, typer.Option(min=32, max=64, help="The paper's width: 48 on 80 mm, 32 on 58 mm.")] = 48,
    model: Annotated[str, typer.Option(metavar="NAME", help=f"One of: {', '.join(MODELS)}.")] = "",
    raw: Annotated[bool, typer.Option("--raw", help="Send the file's bytes as they are.")] = False,
    driver: DriverOption = "escpos",
) -> None:
    """Print a text on a receipt printer."""
    from devices.glyphs import FontMissing
    from devices.paper import from_text, to_escpos
    from devices.printer import NotPrinted, Printed, Unknown

    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        row = model_named(model, columns)
        job = content if raw else to_escpos(from_text(content.decode("utf-8")), columns, model=row)
    except FontMissing as error:
        _fail(USAGE, str(error))
    except OSError as error:
        _fail(USAGE, f"{file}: {error.strerror}")
    except UnicodeDecodeError:
        _fail(USAGE, f"{file}: not UTF-8; --raw sends bytes as they are")
    except ValueError as error:
        _fail(USAGE, str(error))
    with closing(_opened(lambda: open_driver("printer", driver, line, columns=columns, model=model))) as printer:
        try:
            outcome = printer.print(job)
        except DeviceError as error:
            _fail(FAILED, f"printer failed: {error}")
    match outcome:
        case Printed() | Unknown(reason="no status on this line"):
            return
        case NotPrinted(reason=reason):
            _fail(FAILED, f"not printed: {reason}")
        case Unknown(reason=reason):
            _fail(FAILED, f"perhaps printed, perhaps not: {reason}")


@app.command("print-document")
def print_document(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A PDF file; - reads stdin.")],
    line: LineOption = "tcp://127.0.0.1:631",
    queue: Annotated[str, typer.Option(help="A queue of CUPS, or the path of a printer that speaks IPP.")] = QUEUE,
    driver: DriverOption = "cups",
) -> None:
    """Print a PDF file on an A4 printer, and say what became of it."""
    from devices.office_printer import NotPrinted
    from devices.printer import Printed

    try:
        document = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        _fail(USAGE, f"{file}: {error.strerror}")
    if not document.startswith(b"%PDF-"):
        _fail(USAGE, f"{file}: is no PDF file")
    with closing(_opened(lambda: open_driver("office_printer", driver, line, queue=queue))) as printer:
        outcome = printer.print(document)
    match outcome:
        case Printed():
            return
        case NotPrinted(reason=reason):
            _fail(FAILED, f"not printed: {reason}")
        case _:
            _fail(FAILED, f"perhaps printed, perhaps not: {outcome.reason}")


@app.command("play")
def play(
    line: LineOption,
    file: Annotated[str, typer.Argument(metavar="[FILE]", help="A WAV file; without it, two tones.")] = "",
    volume: Annotated[int, typer.Option(min=0, max=100, help="Per cent.")] = 60,
    driver: DriverOption = "speaker",
) -> None:
    """Play a sound on a loudspeaker or an earphone."""
    from devices.wav import Wav, tone

    try:
        sound = Wav.read(Path(file).read_bytes()) if file else tone((660, 0.4), (880, 0.6))
    except OSError as error:
        _fail(USAGE, f"{file}: {error.strerror}")
    except Garbled as error:
        _fail(USAGE, f"{file}: {error}")
    with closing(_opened(lambda: open_driver("sound", driver, line))) as output:
        _done(lambda: output.play(sound, volume), "sound failed")


@app.command("light")
def light(
    state: Annotated[LightState, typer.Argument(metavar="free|busy|help|off", help="Which lamp.")],
    line: LineOption,
    unit: Annotated[int, typer.Option(min=1, max=247, help="The board's number on the line.")] = 1,
    driver: DriverOption = "modbus",
) -> None:
    """Light one lamp of a status light: free is green, busy amber, help red."""
    with closing(_opened(lambda: open_driver("light", driver, line, unit=unit))) as lamp:
        _done(lambda: lamp.show(state), "light failed")


@app.command("status")
def status(
    line: LineOption,
    driver: Annotated[str, typer.Option(metavar="NAME", help=f"One of: {', '.join(LINES)}; or {FORM}.")],
) -> None:
    """Ask a device whether it is there and well."""
    if driver in LINES:
        opened = _opened(lambda: open_line_of(driver, line))
        _tell(driver, opened, lambda: _STATUS_OF[driver](opened))
    else:
        device = _opened(lambda: _outsider(driver, line))
        _tell(driver, device, lambda: device.hello() or "ready")


def _next_card(reader: IdCardReader, until: float) -> IdCard:
    """The first card that comes. A moved card or a garbled answer is tried again, a dead reader is not waited for."""
    failures = 0
    while True:
        problem = ""
        try:
            found = reader.read()
        except (Refused, Garbled, Silent) as error:
            problem = f"card not read: {error}"
            failures += 1
            if failures == ATTEMPTS or (isinstance(error, Refused) and error.reason == UNKNOWN_TYPE):
                _fail(FAILED, problem)
        except DeviceError as error:
            _fail(FAILED, f"reader failed: {error}")
        else:
            if isinstance(found, IdCard):
                return found
            failures = 0
        if time.monotonic() + EVERY > until:
            _fail(FAILED if problem else NOTHING_CAME, problem or "no card came in time")
        time.sleep(EVERY)


def _write_photo(card: IdCard, file: str, module: str) -> None:
    """Whatever there is to see; a silhouette is said to be one."""
    from devices.photo import ModuleDecoder, NoDecoder, Photo

    decoder = ModuleDecoder(module) if module else NoDecoder()
    picture = decoder.decode(card.photo)
    try:
        Path(file).write_bytes(picture.png() if isinstance(picture, Photo) else picture.drawing())
    except OSError as error:
        _fail(USAGE, f"{file}: {error.strerror}")
    if not isinstance(picture, Photo):
        print(f"{file} is only a silhouette: {picture.why}", file=sys.stderr)


def _next_chip(read_within: Callable[[float], T | NoCard], until: float) -> T:
    """What is read of the first card that comes; one that was put in badly may be put in again."""
    failures = 0
    while True:
        problem = ""
        try:
            found = read_within(max(0.0, until - time.monotonic()))
        except Refused as error:
            problem = f"card not read: {error}"
            failures += 1
            if failures == ATTEMPTS or error.reason in (NOT_SOCIAL, NO_NUMBER, *READER_REFUSALS):
                _fail(FAILED, problem)
        except DeviceError as error:
            _fail(FAILED, f"reader failed: {error}")
        else:
            if not isinstance(found, NoCard):
                return found
        if time.monotonic() >= until:
            _fail(FAILED if problem else NOTHING_CAME, problem or "no card came in time")


def _next_code(scanner: QrScanner, until: float) -> Scan:
    """The first code that can be read. A line that says nothing else but rubbish is not waited for."""
    failures = 0
    while True:
        try:
            found = scanner.read(max(0.0, until - time.monotonic()))
        except Garbled as error:
            failures += 1
            if failures == ATTEMPTS or time.monotonic() > until:
                _fail(FAILED, f"code not read: {error}")
        except DeviceError as error:
            _fail(FAILED, f"scanner failed: {error}")
        else:
            if isinstance(found, NoScan):
                _fail(NOTHING_CAME, "no code came in time")
            return found


def _id_card_fields(card: IdCard) -> dict[str, str | None]:
    fields: dict[str, str | None] = {
        "kind": card.kind,
        "name": card.name,
        "sex": card.sex,
        "ethnicity": card.ethnicity,
        "birth": _iso(card.birth),
        "address": card.address,
        "number": card.number,
        "issuer": card.issuer,
        "valid_from": _iso(card.valid_from),
        "valid_to": _iso(card.valid_to),
    }
    others = {
        "latin_name": card.latin_name,
        "nationality": card.nationality,
        "permit_number": card.permit_number,
    }
    return fields | {key: value for key, value in others.items() if value}


def _social_card_fields(card: SocialCard) -> dict[str, str | int | None]:
    return {
        "number": card.number,
        "name": card.name,
        "sex": card.sex,
        "ethnicity": card.ethnicity,
        "birth_place": card.birth_place,
        "birth": _iso(card.birth),
        "card_number": card.card_number,
        "card_id": card.card_id,
        "generation": card.generation,
        "issuer": card.issuer,
        "issued": _iso(card.issued),
        "valid_to": _iso(card.valid_to),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _samv_status(line: Line) -> str:
    reader = SamV(line)
    reader.hello()
    return f"ready, SAM {reader.sam or 'unknown'}"


def _escpos_status(line: Line) -> str:
    from devices.printer import EscposPrinter

    return str(EscposPrinter(line, 48).status())


def _scanner_status(line: Line) -> str:
    Scanner(line).hello()
    return "ready, as far as a scanner can be asked: its line stands"


def _pcsc_status(line: Line) -> str:
    assert isinstance(line, ChildLine)
    return PcscReader(line).hello() or "ready"


def _speaker_status(line: Line) -> str:
    Speaker(line).hello()
    return "ready, as far as a sound card can be asked: it takes a sound"


def _cups_status(line: Line) -> str:
    return OfficePrinter(line, queue=QUEUE).hello() or "ready"


def _modbus_status(line: Line) -> str:
    ModbusLight(line).hello()
    return "ready"


_STATUS_OF: dict[str, Callable[[Line], str]] = {
    "samv": _samv_status,
    "escpos": _escpos_status,
    "pcsc": _pcsc_status,
    "scanner": _scanner_status,
    "speaker": _speaker_status,
    "modbus": _modbus_status,
    "cups": _cups_status,
}


def _outsider(driver: str, line: str) -> Device:
    from devices.supervisor import Device

    if not is_outside(driver):
        raise ValueError(f"no driver {driver!r}; there are: {', '.join(LINES)}")
    return cast("Device", open_outside(driver, Device, line, {"columns": 48, "model": ""}))


def _tell(driver: str, opened: Line | Device, ask: Callable[[], str]) -> None:
    try:
        print(ask())
    except DeviceError as error:
        _fail(FAILED, f"{driver} failed: {error}")
    finally:
        opened.close()


def _done(work: Callable[[], None], failed: str) -> None:
    try:
        work()
    except DeviceError as error:
        _fail(FAILED, f"{failed}: {error}")


def _opened(connect: Callable[[], T]) -> T:
    try:
        return connect()
    except ValueError as error:
        _fail(USAGE, str(error))
    except DeviceError as error:
        _fail(FAILED, str(error))


def _fail(code: int, why: str) -> NoReturn:
    print(" ".join(why.split()), file=sys.stderr)
    raise typer.Exit(code)


if __name__ == "__main__":
    keep_to_itself()
    app(prog_name="python -m devices")
