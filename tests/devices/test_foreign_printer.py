"""Printed on a printer that is not ours: emupos (Apache-2.0) simulates one from Epson's reference, in a process of its
own with Python 3.13. Our driver prints on it over TCP; what it makes of the bytes is read back.

It knows no Chinese: each byte of a character is a cell of twelve dots, which together are as wide as the character, and
stands in its text as that byte does in code page 437, which has a character for each.
"""

from __future__ import annotations

import io
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from PIL import Image, ImageChops, ImageOps

from devices import ReceiptPrinter, open_driver, wrapping
from devices.paper import USUAL, Barcode, BarcodeLine, Block, Pair, QrLine, Text, TextLine, layout, to_escpos
from devices.printer import NotPrinted, Outcome, Printed
from devices.simulated.paper_roll import MARGIN, PrintedLine
from tests.devices.receipts import FILING, RARE_NAME
from tests.paper import printed

EMUPOS = Path(sys.prefix, "emupos", "bin", "emupos")
"""Where packaging/setup.sh puts it, if there is a Python that it runs on."""
WITHIN = 20.0
PAPERS = {80: 48, 58: 32}
RECEIPTS: dict[str, list[Block]] = {
    "a filing": FILING,
    "a rare name": [*FILING[:3], Pair("姓名", RARE_NAME[:7]), Pair("登记号", "K001-26-000317-7Q4X", bold=True)],
    "a bar code": [Pair("时间", "2026-11-22 09:46"), Barcode("K-{317}")],
}


@dataclass(frozen=True, kw_only=True)
class Emupos:
    """The running program: a printer for each width of paper, and its control API."""

    ports: dict[int, int]
    api: str

    def receipt(self, width: int) -> tuple[list[str], Image.Image]:
        """Its last receipt: the text, a line a line, and the picture."""
        text, picture = (self._get(width, f"receipts/latest/{what}") for what in ("text", "image"))
        lines = text.decode().encode("cp437").decode("gb18030").splitlines()
        return [re.sub(r"^\[image \d+x\d+\]$", "[image]", line) for line in lines], Image.open(io.BytesIO(picture))

    def fault(self, width: int, name: str, *, stands: bool) -> None:
        do = requests.put if stands else requests.delete
        do(f"{self.api}/devices/mm{width}/faults/{name}", timeout=WITHIN).raise_for_status()

    def _get(self, width: int, what: str) -> bytes:
        answer = requests.get(f"{self.api}/devices/mm{width}/{what}", timeout=WITHIN)
        answer.raise_for_status()
        return answer.content


@pytest.fixture(scope="module")
def emupos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emupos]:
    if not EMUPOS.exists():
        pytest.skip("emupos is not here: packaging/setup.sh installs it where there is Python 3.13 or later")
    folder = tmp_path_factory.mktemp("emupos")
    control, *ports = free_ports(1 + len(PAPERS))
    devices = ""
    for (width, columns), port in zip(PAPERS.items(), ports, strict=True):
        (folder / f"mm{width}.yaml").write_text(PROFILE.format(width=width, dots=columns * 12))
        devices += DEVICE.format(width=width, folder=folder, port=port)
    (folder / "emupos.yaml").write_text(SETTINGS.format(control=control, devices=devices))
    command = [str(EMUPOS), "run", "--config", str(folder / "emupos.yaml")]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as program:
        try:
            running = Emupos(ports=dict(zip(PAPERS, ports, strict=True)), api=f"http://127.0.0.1:{control}/api/v1")
            wait_for(f"{running.api}/health")
            warm_up(running)
            yield running
        finally:
            program.terminate()


@pytest.mark.parametrize(("width", "large_print"), [(80, False), (80, True), (58, False)])
@pytest.mark.parametrize("receipt", RECEIPTS)
def test_what_it_prints_is_what_was_meant(emupos: Emupos, width: int, receipt: str, large_print: bool) -> None:
    """Each line of the layout, word for word and in its order; and each at the dots where our simulator has it."""
    blocks, columns = RECEIPTS[receipt], PAPERS[width]
    job = to_escpos(blocks, columns, large_print=large_print)
    with printer(emupos, width) as ready:
        assert ready.print(job) == Printed()
    text, paper = emupos.receipt(width)
    assert text == in_words(blocks, columns, large_print=large_print)
    ours = printed(job, columns)
    assert paper.width == ours.picture.width
    for line in ours.lines:
        assert stands_alike(line, paper, ours.picture.crop((0, MARGIN, paper.width, MARGIN + paper.height))), line


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("paper-out", NotPrinted("no paper")),
        ("cover-open", NotPrinted("cover open")),
        ("offline", NotPrinted("offline")),
        ("paper-near-end", Printed()),
    ],
)
def test_what_it_says_of_itself_is_understood(emupos: Emupos, fault: str, outcome: Outcome) -> None:
    job = to_escpos([Text("完")], 48)
    with printer(emupos, 80) as ready:
        emupos.fault(80, fault, stands=True)
        try:
            assert ready.print(job) == outcome
        finally:
            emupos.fault(80, fault, stands=False)
        assert ready.print(job) == Printed()


@contextmanager
def printer(emupos: Emupos, width: int) -> Iterator[ReceiptPrinter]:
    opened = open_driver(
        "printer", "escpos", f"tcp://127.0.0.1:{emupos.ports[width]}", columns=PAPERS[width], model="hprt-tp809"
    )
    try:
        yield opened
    finally:
        opened.close()


def in_words(blocks: list[Block], columns: int, *, large_print: bool) -> list[str]:
    """The layout as emupos puts paper into words; a line of ours that is a bitmap goes out in strips."""
    words: list[str] = []
    for line in layout(blocks, columns, large_print=large_print):
        match line:
            case TextLine() if wrapping.in_rom(line.text, USUAL.repertoire):
                words.append(line.text.rstrip())
            case TextLine():
                words += ["[image]"] * line.size
            case QrLine():
                words.append(f"[qr {line.data}]")
            case BarcodeLine():
                words.append(f"[barcode CODE128 {line.data}]")
    return words


def stands_alike(line: PrintedLine, theirs: Image.Image, ours: Image.Image) -> bool:
    """Codes and bitmaps are the same dots, as far down as the lowest of them. Letters are of another font, so that a
    line may differ by less than a cell at its ends, and in its height by a few dots."""
    high = 24 * line.size[1] if line.kind == "text" else 24
    one, other = (
        ImageOps.invert(paper.convert("L").crop((0, line.top, paper.width, line.top + high))).point(
            lambda level: 255 if level > 127 else 0
        )
        for paper in (theirs, ours)
    )
    here, there = one.getbbox(), other.getbbox()
    if line.kind != "text" or here is None or there is None:
        return ImageChops.difference(one, other).getbbox() is None
    cell = 24 * line.size[0]
    return abs(here[0] - there[0]) < cell and abs(here[2] - there[2]) < cell and abs(here[3] - there[3]) < high / 2


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on; they are all held until each is known."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def wait_for(url: str) -> None:
    until = time.monotonic() + WITHIN
    while time.monotonic() < until:
        with suppress(requests.ConnectionError):
            requests.get(url, timeout=WITHIN).raise_for_status()
            return
        time.sleep(0.05)
    raise TimeoutError("emupos did not start")


def warm_up(emupos: Emupos) -> None:
    """On a busy machine its first receipt, with all that it imports for one, takes longer than our driver waits."""
    job, until = to_escpos(FILING, PAPERS[80]), time.monotonic() + WITHIN
    while time.monotonic() < until:
        with printer(emupos, 80) as ready:
            if ready.print(job) == Printed():
                return
    raise TimeoutError("emupos does not print")


SETTINGS = """\
schema: 1
api: {{ host: 127.0.0.1, port: {control} }}
devices:
{devices}"""
DEVICE = """\
  - id: mm{width}
    type: printer
    profile: ./mm{width}.yaml
    receipts_dir: {folder}/receipts
    connections: [{{ tcp: {{ host: 127.0.0.1, port: {port} }} }}]
"""
PROFILE = """\
type: printer
name: A printer of {width} mm
dpi: 203
width_dots: {dots}
font_a: {{ width: 12, height: 24 }}
font_b: {{ width: 9, height: 17 }}
code_pages: {{ 0: PC437 }}
default_code_page: 0
drawer_sensor_open_level: high
serial: {{ baud: 9600, data_bits: 8, parity: none, stop_bits: 1 }}
"""
