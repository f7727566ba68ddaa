"""``docs/keys.md`` is what the code does: every place that makes a key, every file, and its mode."""

from __future__ import annotations

import ast
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path

import pytest

from central import keys as central_keys
from central import roots
from central.keys import BadKeys, KeyFolder, private_bytes
from kiosk.keystore import FileKeyStore, KeyUnusable

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 11, 26, tzinfo=UTC)
NO_KEYS = {
    "kiosk/staff.py",  # salts
    "kiosk/pen.py",  # names of ledgers
    "central/documents.py",  # tokens of documents
    "kiosk/contract/sealing.py",  # the suites themselves
}
MAKES = {"generate", "generate_signing", "token_bytes"}


def table() -> list[list[str]]:
    lines = (ROOT / "docs" / "keys.md").read_text("utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return rows[2:]


def makers() -> Iterator[str]:
    for folder in ("kiosk", "central"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MAKES:
                    yield file.relative_to(ROOT).as_posix()


def test_every_place_that_makes_a_key_is_named() -> None:
    """And none that does not."""
    named = {row[3].strip("`") for row in table() if row[3].startswith("`")}
    assert set(makers()) - NO_KEYS == named


def test_every_row_is_filled() -> None:
    assert len(table()) >= 12
    for row in table():
        assert len(row) == 8, row[0]
        assert all(row), row[0]


def made(folder: Path) -> Iterator[Path]:
    """Every key file that the programs make, made."""
    FileKeyStore(folder / "kiosk").device_key()
    keys = KeyFolder(folder / "central")
    keys.reference_key()
    keys.sandbox_key()
    keys.sealing_pairs(NOW)
    keys.settings_pair(NOW)
    keys.acknowledgement_pair(NOW)
    roots.make_root(folder / "root.json", NOW)
    yield from (file for file in folder.rglob("*") if file.is_file())


def test_every_file_is_in_the_table_with_its_mode(tmp_path: Path) -> None:
    """Made by the code itself, in a folder of its owner's alone."""
    files = list(made(tmp_path))
    assert len(files) == 7
    for file in files:
        rows = [row for row in table() if fnmatch(file.name, row[1].split("`")[1] if "`" in row[1] else "")]
        assert len(rows) == 1, file.name
        assert f"{stat.S_IMODE(file.stat().st_mode):o}" == rows[0][2]
    assert stat.S_IMODE((tmp_path / "central").stat().st_mode) == 0o700


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """By whoever would use it, and with what to do."""
    for file in made(tmp_path):
        file.chmod(0o604)
    with pytest.raises(KeyUnusable, match="chmod 600"):
        FileKeyStore(tmp_path / "kiosk").device_key()
    keys = KeyFolder(tmp_path / "central")
    for use in (
        keys.reference_key,
        keys.sandbox_key,
        lambda: keys.sealing_pairs(NOW),
        lambda: keys.settings_pair(NOW),
        lambda: keys.acknowledgement_pair(NOW),
        lambda: private_bytes(tmp_path / "root.json"),
    ):
        with pytest.raises(BadKeys, match="chmod 600"):
            use()


def test_renewal_is_what_the_table_says() -> None:
    """A year, and 60 days before its end."""
    assert (central_keys.HOLDS.days, central_keys.RENEWED.days) == (365, 60)
