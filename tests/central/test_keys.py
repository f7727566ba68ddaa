"""Key files: private, whole, renewed in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from central.keys import HOLDS, RENEWED, BadKeys, KeyFolder
from kiosk.contract.sealing import suite

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_keys_are_made_once(tmp_path: Path) -> None:
    """The next start finds the same ones."""
    folder = KeyFolder(tmp_path / "keys")
    pair = folder.sealing_pairs(NOW)
    assert KeyFolder(tmp_path / "keys").sealing_pairs(NOW) == pair
    assert folder.reference_key() == KeyFolder(tmp_path / "keys").reference_key()
    assert suite(pair[0].suite).public(pair[0].private) == pair[0].public


def test_nobody_else_may_read_them(tmp_path: Path) -> None:
    """0700 and 0600; a file that others may read is refused, with what to do."""
    folder = KeyFolder(tmp_path / "keys")
    folder.sealing_pairs(NOW)
    folder.reference_key()
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    files = list((tmp_path / "keys").iterdir())
    assert len(files) == 2
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    for file in files:
        file.chmod(0o640)
    with pytest.raises(BadKeys, match="chmod 600"):
        folder.reference_key()
    with pytest.raises(BadKeys, match="chmod 600"):
        folder.sealing_pairs(NOW)


def test_the_next_key_comes_before_the_last_expires(tmp_path: Path) -> None:
    """Two months before its end there is another, and it is the first; the old one stays to open with."""
    folder = KeyFolder(tmp_path / "keys")
    first = folder.sealing_pairs(NOW)[0]
    assert folder.sealing_pairs(NOW + HOLDS - RENEWED) == [first]
    later = NOW + HOLDS - RENEWED + timedelta(seconds=1)
    pairs = folder.sealing_pairs(later)
    assert len(pairs) == 2
    assert pairs[1] == first
    assert pairs[0].not_after == later + HOLDS


@pytest.mark.parametrize("name", ["references.key", "sealing-1.json"])
def test_a_damaged_key_file_is_named(tmp_path: Path, name: str) -> None:
    """Rather than a fresh key in its place, which would hide the loss."""
    folder = KeyFolder(tmp_path)
    (tmp_path / name).write_bytes(b"half")
    (tmp_path / name).chmod(0o600)
    with pytest.raises(BadKeys, match=name):
        _ = folder.reference_key() if name == "references.key" else folder.sealing_pairs(NOW)


def test_a_cut_while_a_key_was_written(tmp_path: Path) -> None:
    """What was begun is made anew."""
    (tmp_path / "references.key.part").write_bytes(b"ha")
    assert len(KeyFolder(tmp_path).reference_key()) == 32
