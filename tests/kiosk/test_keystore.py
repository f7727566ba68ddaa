"""The machine's own key: made once, kept whole, for its owner alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kiosk.contract.batches import key_id
from kiosk.contract.sealing import suite
from kiosk.keystore import FileKeyStore, KeyUnusable


def test_a_key_is_made_once(tmp_path: Path) -> None:
    """At the first start; every later one has the same."""
    first = FileKeyStore(tmp_path / "data").device_key()
    again = FileKeyStore(tmp_path / "data").device_key()
    assert (again.id, again.public, again.suite) == (first.id, first.public, first.suite)
    assert first.id == key_id(first.suite, first.public)
    suite(first.suite).verify(again.sign(b"said"), b"said", first.public)


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    """The file is its owner's from its first byte on, and one that is open to others is not used."""
    FileKeyStore(tmp_path).device_key()
    file = tmp_path / "device.key"
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o640)
    with pytest.raises(KeyUnusable, match=r"device\.key: others may read it; chmod 600"):
        FileKeyStore(tmp_path).device_key()


def test_nothing_of_it_is_printed(tmp_path: Path) -> None:
    """A key in a message of an error is a key in a log."""
    key = FileKeyStore(tmp_path).device_key()
    secret = json.loads((tmp_path / "device.key").read_bytes())["private"]
    assert secret not in repr(key)
    assert "signs" not in repr(key)


@pytest.mark.parametrize("content", [b"", b"{}", b"\0" * 100, b'{"suite":9,"private":"","public":""}'])
def test_a_damaged_key_is_named(tmp_path: Path, content: bytes) -> None:
    """It is not replaced: central knows the machine by the old one, and staff may have a copy."""
    file = tmp_path / "device.key"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(KeyUnusable, match=r"device\.key: is not a key file"):
        FileKeyStore(tmp_path).device_key()
    assert file.read_bytes() == content


def test_halves_that_do_not_belong_together(tmp_path: Path) -> None:
    """A flipped bit is found here, not as a refusal of central's."""
    FileKeyStore(tmp_path).device_key()
    FileKeyStore(tmp_path / "other").device_key()
    file = tmp_path / "device.key"
    other = json.loads((tmp_path / "other" / "device.key").read_bytes())
    file.write_text(json.dumps(json.loads(file.read_bytes()) | {"public": other["public"]}))
    with pytest.raises(KeyUnusable, match="is not a key file"):
        FileKeyStore(tmp_path).device_key()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """The message says which file, and why."""
    (tmp_path / "file").touch()
    with pytest.raises(KeyUnusable, match=r"device\.key: Not a directory"):
        FileKeyStore(tmp_path / "file").device_key()
