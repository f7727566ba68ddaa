"""Writes docs/devices.md, the list of supported devices, from what the house knows of them.

    python packaging/device_list.py            rewrites docs/devices.md
    python packaging/device_list.py --check    writes nothing; exit 1 when the list is out of date

The house has to be importable (PYTHONPATH=.). A driver counts as tried with a device when bytes of that device were
recorded: a file under tests/data/recorded/DRIVER/, named by it.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path

from devices import DRIVERS, LINES
from devices.models import MODELS

HOUSE = Path(__file__).parent.parent
LIST = HOUSE / "docs" / "devices.md"
RECORDED = HOUSE / "tests" / "data" / "recorded"
KINDS = {
    "id_card": "ID card reader (身份证读卡器)",
    "printer": "receipt printer (凭条打印机)",
    "social_card": "social security card reader (社保卡读卡器)",
    "scanner": "QR scanner (扫码器)",
    "sound": "loudspeaker, earphone (喇叭、耳机)",
    "light": "status light (指示灯)",
    "office_printer": "A4 printer (A4 打印机)",
}


PAGE = """\
# Supported devices

<!-- `make devices-list` writes this from devices/__init__.py, devices/models.py and tests/data/recorded/. -->

Settings name a driver and a line. How each device is plugged in and tried stands in the [manual](manual.zh-CN.md); a
device that is not here is [one class away](write-a-driver.md).

{drivers}

*Simulated only*: no byte of a real device was recorded yet. The driver was tried against programs that speak the
published bytes (`python -m devices.simulated`), or with a real service and a virtual card.

## Receipt printers

What families of ESC/POS printers differ in. A row has what its source states, and otherwise what works everywhere.

{models}
"""


def main() -> int:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--check", action="store_true", help="write nothing, only say whether it is up to date")
    only_check: bool = arguments.parse_args().check
    text = PAGE.format(drivers=drivers(), models=models())
    if LIST.exists() and LIST.read_text(encoding="utf-8") == text:
        return 0
    if only_check:
        sys.stderr.write("docs/devices.md is out of date: make devices-list\n")
        return 1
    LIST.write_text(text, encoding="utf-8")
    return 0


def drivers() -> str:
    return table(
        ("device", "driver", "lines", "tried with", "what it is"),
        (
            (KINDS[kind], f"`{name}`", ", ".join(f"`{line}`" for line in LINES[name]), tried(name), about(place))
            for kind, named in DRIVERS.items()
            for name, place in named.items()
        ),
    )


def models() -> str:
    return table(
        ("model", "columns", "QR code", "bar code", "cutter", "end of a job", "source"),
        (
            (f"`{name}`", str(model.columns), model.qr, model.barcode, model.cut, model.finish, model.source)
            for name, model in MODELS.items()
        ),
    )


def tried(driver: str) -> str:
    names = sorted({file.stem for file in (RECORDED / driver).glob("*") if file.is_file()})
    return ", ".join(names) or "*simulated only*"


def about(place: str) -> str:
    """The first sentence of the module that the driver lives in."""
    found = find_spec(place.partition(":")[0])
    if found is None or found.origin is None:
        raise SystemExit(f"{place} is not there")
    words = ast.get_docstring(ast.parse(Path(found.origin).read_text(encoding="utf-8"))) or ""
    return " ".join(words.partition("\n\n")[0].split()).partition(". ")[0].rstrip(".")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


if __name__ == "__main__":
    sys.exit(main())
