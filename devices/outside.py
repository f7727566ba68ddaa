"""Drivers from outside: a class that somebody else wrote and settings name as `package.module:ClassName`.

It is imported as any module is (installed, or on PYTHONPATH), and says of itself what the tables of devices/__init__.py
say of ours: LINES, the kinds of line that it talks over, and OPTIONS, what it wants to be told beside its line. Whose
settings may name one is decided where settings are read. docs/write-a-driver.md shows a whole one.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Final

from devices.errors import NoDriver
from devices.lines import SCHEMES, check_line_url, open_line

FORM: Final = "package.module:ClassName"
_FORM: Final = re.compile(r"[a-z_]\w*(\.[a-z_]\w*)*:[a-z_]\w*", re.ASCII | re.IGNORECASE)


def is_outside(driver: str) -> bool:
    """Whether this names a class rather than a row of the table; ValueError when it tries to."""
    if ":" in driver and not _FORM.fullmatch(driver):
        raise ValueError(f"a driver from outside is written {FORM}")
    return ":" in driver


def open_outside(driver: str, kind: type, line_url: str, options: Mapping[str, int | str]) -> object:
    """Open the line and put that class on it, which then has all that `kind`, a Protocol, names.

    NoDriver, with what is wrong, when there is no such class, or it is none for this kind, line or these options;
    NotFound when there is no such line.
    """
    make = _load(driver)
    lines, wanted = (_names(driver, make, name) for name in ("LINES", "OPTIONS"))
    if not lines or not set(lines) <= set(SCHEMES):
        raise NoDriver(f"driver {driver} does not say what it talks over: LINES, some of {', '.join(SCHEMES)}")
    try:
        check_line_url(line_url, lines)
    except ValueError as error:
        raise NoDriver(f"driver {driver} does not talk over that line: {error}") from None
    if unknown := set(wanted) - set(options):
        raise NoDriver(f"driver {driver} wants {', '.join(sorted(unknown))}, which nobody tells it")
    line = open_line(line_url)
    try:
        device = make(line, **{name: options[name] for name in wanted})
        missing = [name for name in vars(kind) if not name.startswith("_") and not _has(device, name)]
        if missing:
            raise NoDriver(f"driver {driver} is no {kind.__name__}: it lacks {', '.join(missing)}")
    except BaseException:
        line.close()
        raise
    return device


def _load(driver: str) -> Callable[..., object]:
    module, _, name = driver.partition(":")
    try:
        found = importlib.import_module(module).__dict__.get(name)
    except Exception as error:  # whatever its import does is the loss of this device alone
        raise NoDriver(f"driver {driver} cannot be imported: {type(error).__name__}: {error}") from error
    if not isinstance(found, type):
        raise NoDriver(f"driver {driver} is not there: {module} has no class {name}")
    return found


def _names(driver: str, make: object, attribute: str) -> tuple[str, ...]:
    names = inspect.getattr_static(make, attribute, ())
    if not isinstance(names, tuple) or not all(isinstance(name, str) for name in names):
        raise NoDriver(f"driver {driver}: {attribute} is a tuple of names")
    return names


def _has(device: object, name: str) -> bool:
    return inspect.getattr_static(device, name, None) is not None
