"""What installs the house: the locks say all that pyproject.toml asks for, each apt package says why it is there, and
setup installs what is missing, and only that."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatchcase
from importlib.metadata import packages_distributions
from importlib.util import cache_from_source
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.test_architecture import imports

ROOT = Path(__file__).parents[1]
PACKAGING = ROOT / "packaging"
PIN = re.compile(
    r"^([a-z0-9][a-z0-9.-]*)==(\S+)[^\\\n]*\\\n(?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+",
    re.MULTILINE,
)


def pins(lock: str) -> dict[str, str]:
    return dict(PIN.findall((PACKAGING / lock).read_text()))


@pytest.mark.parametrize("lock", sorted(path.name for path in PACKAGING.glob("*.lock")))
def test_a_lock_is_pins_with_hashes_and_nothing_else(lock: str) -> None:
    """No index, no address, no option: where packages come from is the machine's matter."""
    assert pins(lock)
    rest = PIN.sub("", (PACKAGING / lock).read_text())
    assert [line for line in rest.splitlines() if line.strip() and not line.lstrip().startswith("#")] == []


@pytest.mark.parametrize(
    ("lock", "group"),
    [
        ("requirements.lock", None),
        ("requirements-build.lock", "build"),
        ("requirements-test.lock", "test"),
        ("requirements-bench.lock", "bench"),
        ("requirements-printer.lock", "printer"),
    ],
)
def test_a_lock_holds_what_pyproject_asks_for(lock: str, group: str | None) -> None:
    """A dependency that was added or moved without `make lock` is noticed here."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = project["dependency-groups"][group] if group else project["project"]["dependencies"]
    locked = pins(lock)
    for requirement in map(Requirement, asked):
        assert requirement.specifier.contains(locked[canonical(requirement.name)], prereleases=True), requirement


CARRIED = {
    "persistqueue": "persist-queue",
    "pydantic_core": "pydantic",
    "starlette": "fastapi",
    "urllib3": "requests",
}
"""Modules that belong to what carries them, under another name: one cannot be had without the other."""


@pytest.mark.parametrize("groups", [(), ("test", "bench")], ids=["the house", "its tests"])
def test_what_is_imported_is_asked_for(groups: tuple[str, ...]) -> None:
    """A package that happens to be installed here, or to come with another, is not there on the next machine."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = sum((project["dependency-groups"][group] for group in groups), project["project"]["dependencies"])
    declared = {canonical(Requirement(requirement).name) for requirement in asked}
    comes_with = packages_distributions()
    folders = ["tests", "packaging"] if groups else ["kiosk", "screens", "devices", "central"]
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    imported = {name.partition(".")[0] for file in [ROOT / "main.py", *files] for name in imports(file)}
    for module in imported - sys.stdlib_module_names - {"main", "kiosk", "screens", "devices", "central", "tests"}:
        module = CARRIED.get(module, module)
        assert declared & {canonical(name) for name in comes_with.get(module, [module])}, module


def canonical(name: str) -> str:
    """A package's name as the index writes it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_locks_agree() -> None:
    """They are installed into one environment."""
    agreed: dict[str, str] = {}
    for lock in PACKAGING.glob("*.lock"):
        for name, version in pins(lock.name).items():
            assert agreed.setdefault(name, version) == version


@pytest.mark.parametrize("packages", ["packages.run", "packages.test", "packages.faults"])
def test_every_debian_package_says_why(packages: str) -> None:
    """Setup shows the reason before it installs."""
    assert listed(packages)
    for line in listed(packages):
        assert re.fullmatch(r"[a-z0-9][a-z0-9.+-]+ +# \S.+", line)


def listed(packages: str) -> list[str]:
    return [line for line in (PACKAGING / packages).read_text().splitlines() if line and not line.startswith("#")]


class Machine:
    """A machine as setup sees it: everything is installed but what the test takes away; apt only takes notes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notes = folder / "notes"
        self.missing: list[str] = []
        self.provided: dict[str, str] = {}
        self.user = 0

    def setup(self, scope: str) -> subprocess.CompletedProcess[str]:
        names = {line.split()[0] for packages in ("packages.run", "packages.test") for line in listed(packages)}
        rows = [f"installed {name} " for name in names.difference(self.missing, self.provided)]
        rows += [f"config-files {name} " for name in self.missing]
        rows += [f"installed {other} something, {name} (= 1.0)" for name, other in self.provided.items()]
        self._program("dpkg-query", "cat <<'END'\n" + "\n".join(rows) + "\nEND")
        self._program("apt-get", f'echo "apt-get $*" >>{self.notes}')
        self._program("sudo", f'echo "as root:" >>{self.notes}; exec "$@"')
        self._program("id", f"echo {self.user}")
        return subprocess.run(
            [PACKAGING / "setup.sh", scope],
            env={**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def noted(self) -> str:
        return self.notes.read_text() if self.notes.exists() else ""

    def _program(self, name: str, script: str) -> None:
        path = self.folder / name
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_setup_with_nothing_missing_is_silent(machine: Machine) -> None:
    """The second `make run` goes straight on."""
    done = machine.setup("test")
    assert (done.returncode, done.stdout, done.stderr, machine.noted()) == (0, "", "", "")


def test_setup_compiles(machine: Machine) -> None:
    """The first start of a fresh clone does not compile the kiosk, nor does any where Python may not write."""
    compiled = Path(cache_from_source(str(ROOT / "kiosk" / "tour.py")))
    compiled.unlink(missing_ok=True)
    assert machine.setup("run").returncode == 0
    assert compiled.exists()


def test_setup_installs_what_is_missing_and_says_why(machine: Machine) -> None:
    """One apt-get for what is not there, and its reason before."""
    machine.missing = ["xvfb", "xdotool"]
    done = machine.setup("test")
    assert done.returncode == 0
    assert "xvfb                    # a screen in memory" in done.stderr
    assert machine.noted().splitlines()[-1].endswith("--no-install-recommends xdotool xvfb")


def test_setup_knows_a_package_that_stands_for_another(machine: Machine) -> None:
    """Ubuntu 24.04 and later Debians renamed libraries, each providing its old name."""
    machine.provided = {"libmtdev1": "libmtdev1t64"}
    done = machine.setup("run")
    assert (done.returncode, done.stderr, machine.noted()) == (0, "", "")


def test_setup_for_running_leaves_the_tests_packages_alone(machine: Machine) -> None:
    """`make run` on a kiosk brings no tools of ours."""
    machine.missing = ["xdotool"]
    assert machine.setup("run").returncode == 0
    assert machine.noted() == ""


def test_setup_asks_sudo_when_it_is_not_root(machine: Machine) -> None:
    """Only apt runs as root, the environment belongs to whoever runs setup."""
    machine.missing, machine.user = ["xvfb"], 1000
    assert machine.setup("run").returncode == 0
    assert machine.noted().count("as root:") == machine.noted().count("apt-get ") == 2


def test_setup_explains_its_use(machine: Machine) -> None:
    """A wrong scope is a mistake in usage: exit 2, one line."""
    done = machine.setup("everything")
    assert (done.returncode, done.stderr) == (2, "setup: usage: packaging/setup.sh run|test|bench|faults\n")


def test_help_lists_every_command() -> None:
    """Each command of the Makefile's first list is explained by `make help`."""
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30).stdout
    assert re.findall(r"^  make (\S+)", shown, re.MULTILINE) == phony[1].split()


@pytest.mark.parametrize(
    ("vendor", "product", "interfaces", "group"),
    [
        ("0400", "c35a", ":ff0000:", "dialout"),
        ("0416", "5011", ":070102:", "lp"),
        ("04b8", "0e15", ":ffffff:070101:", "lp"),
        ("0781", "5581", ":080650:", None),
        ("0400", "c35b", ":ff0000:", None),
    ],
)
def test_the_kiosk_may_open_its_devices_and_no_others(
    vendor: str, product: str, interfaces: str, group: str | None
) -> None:
    """The rules for udev, as far as they use its language; ID_USB_INTERFACES is what its usb_id makes of a device."""
    device = {
        "SUBSYSTEM": "usb",
        "ENV{DEVTYPE}": "usb_device",
        "ATTR{idVendor}": vendor,
        "ATTR{idProduct}": product,
        "ENV{ID_USB_INTERFACES}": interfaces,
    }
    given: dict[str, str] = {}
    for line in (PACKAGING / "udev/60-kiosk-devices.rules").read_text().splitlines():
        if line and not line.startswith("#"):
            assert re.fullmatch(r'([A-Z]+(\{\w+\})?==?"[^"]+", )+[A-Z]+="[^"]+"', line), line
            rule = re.findall(r'([A-Z]+(?:\{\w+\})?)(==?)"([^"]+)"', line)
            if all(fnmatchcase(device[key], value) for key, how, value in rule if how == "=="):
                given |= {key: value for key, how, value in rule if how == "="}
    assert given == ({"GROUP": group, "MODE": "0660"} if group else {})
