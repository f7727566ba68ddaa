"""A catalogue as central publishes it: the files of ``assets/catalog`` that say which services there are.

Kind ``catalog`` of ``signed``; its content is a map of file name to text. Tables that belong to a journey come with the
program that has the journey.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from kiosk.contract.canonical import Plain
from kiosk.contract.errors import ContractError

KIND: Final = "catalog"
FILES_AT_MOST: Final = 100
OCTETS_AT_MOST: Final = 512 * 1024
"""Of all files together, UTF-8."""

_NAME: Final = re.compile(r"services\.toml|services/[a-z][a-z0-9-]{0,63}\.toml")

Files = Mapping[str, str]
"""File name, as within ``assets/catalog``, → its text."""


def files_of(content: Plain) -> Files:
    """The files in a published catalogue. Raises ContractError."""
    if not isinstance(content, Mapping):
        raise ContractError("a catalogue is a map of files")
    files = {name: text for name, text in content.items() if isinstance(name, str) and isinstance(text, str)}
    if len(files) != len(content):
        raise ContractError("a catalogue's files are texts")
    return checked(files)


def checked(files: Files) -> Files:
    """The same, if they may travel. Raises ContractError, which names the file."""
    for name in files:
        if _NAME.fullmatch(name) is None:
            raise ContractError(f"{name[:80]!r} is no file of a catalogue")
    if len(files) > FILES_AT_MOST:
        raise ContractError(f"{len(files)} files, at most {FILES_AT_MOST}")
    size = sum(len(text.encode()) for text in files.values())
    if size > OCTETS_AT_MOST:
        raise ContractError(f"{size} bytes, at most {OCTETS_AT_MOST}")
    return files


def read_files(folder: Path) -> Files:
    """The catalogue's files in ``folder``. Raises OSError, and UnicodeDecodeError where one is no text."""
    paths = [path for path in (folder / "services.toml", *sorted(folder.glob("services/*.toml"))) if path.exists()]
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in paths}
