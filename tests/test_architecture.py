"""The house keeps its own rules: what the linters cannot see of ARCHITECTURE's contracts, and what no file may say."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

CONTRACTS = [
    "Screens above the kiosk above devices",
    "Only screens draw",
    "Only drivers touch a wire",
    "A page is only data, a journey only pages",
    "Central knows only the contract",
    "Simulators stay out of the kiosk",
]

# None of these patterns matches its own text.
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.*])/(?:work|root|home/\w+)/"),
    "where packages were fetched": re.compile(
        r"pypi\.org|python[h]osted|npmjs\.|deb\.debian|-[-]index-url|\"resolved\" *:"
    ),
}


def test_every_contract_of_the_architecture_is_enforced() -> None:
    """Each sentence of the architecture stands in pyproject.toml as a contract of that name."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert [contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]] == CONTRACTS


def test_main_only_composes() -> None:
    """main.py is no package, so import-linter does not see it: drawing, wires and simulators stay in their rooms."""
    imported = set(imports(ROOT / "main.py"))
    roots = {name.partition(".")[0] for name in imported}
    assert not roots & {"kivy", "serial", "smartcard", "escpos", "usb"}
    assert not {name for name in imported if name.startswith("devices.simulated")}, "simulators are run as programs"
    assert not {name for name in imported if name.startswith("tests")}


def test_the_first_page_waits_for_nothing_that_it_does_not_show() -> None:
    """What serves, asks and prints is loaded behind it."""
    later = {
        "kiosk.counter", "kiosk.journeys", "kiosk.receipts", "kiosk.contract.queries",
        "devices.paper", "devices.printer", "devices.samv", "escpos", "requests", "PIL", "kivy",
    }  # fmt: skip
    program = [sys.executable, "-c", "import sys, main; print(*sys.modules)"]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True, timeout=30)
    assert not later.intersection(done.stdout.split())


def test_the_contract_stands_alone() -> None:
    """What travels depends on nothing else of the house, or central would come to know the kiosk through it."""
    for file in (ROOT / "kiosk/contract").rglob("*.py"):
        for name in imports(file):
            assert name.partition(".")[0] not in {"screens", "devices", "central"}, f"{file.name} imports {name}"
            assert name.partition(".")[0] != "kiosk" or f"{name}.".startswith("kiosk.contract."), f"{file.name}: {name}"


@pytest.mark.parametrize("room", ["kiosk", "kiosk/contract", "kiosk/journeys", "screens", "devices", "central"])
def test_a_room_is_a_package(room: str) -> None:
    """import-linter reads packages; a folder without __init__.py would escape the contracts."""
    assert (ROOT / room / "__init__.py").is_file()


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_says(what: str) -> None:
    """What is true of one machine only does not stand in the repository."""
    said = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path in tracked()
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if FORBIDDEN[what].search(line)
    ]
    assert not said, "\n".join(said)


def imports(file: Path) -> Iterator[str]:
    """The dotted names that a file imports, anywhere in it; `from a import b` gives a and a.b."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30)
    return [path for path in listed.stdout.split("\0") if path]


def text_of(path: str) -> str:
    """A file's text; a picture or another file of bytes has none, a file deleted but not yet committed neither."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except (UnicodeDecodeError, FileNotFoundError):
        return ""
