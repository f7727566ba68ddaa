"""Small durable files: old or new, whole; synced before and after the rename."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.files import read_if_there, write_durably


def test_content_is_replaced_and_private(tmp_path: Path) -> None:
    """The folder is made, nobody else may read, nothing is left beside it."""
    path = tmp_path / "new" / "keys.json"
    write_durably(path, b"one")
    write_durably(path, b"two")
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_leftover_of_a_crash_is_written_over(tmp_path: Path) -> None:
    """A longer ``.part`` of an earlier attempt leaves no tail."""
    path = tmp_path / "keys.json"
    path.with_name("keys.json.part").write_bytes(b"x" * 100)
    write_durably(path, b"short")
    assert path.read_bytes() == b"short"


def test_failure_keeps_the_old_content(tmp_path: Path) -> None:
    """An error is told, the old bytes stay, no part is left."""
    path = tmp_path / "keys.json"
    path.mkdir()
    (path / "inside").touch()
    with pytest.raises(OSError, match=re.escape(os.fspath(path))):
        write_durably(path, b"new")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["keys.json"]


def test_a_link_in_the_place_of_a_part_is_not_followed(tmp_path: Path) -> None:
    """Whoever owns the folder may put one there, and root may write."""
    (tmp_path / "another").write_bytes(b"theirs")
    (tmp_path / "keys.json.part").symlink_to(tmp_path / "another")
    with pytest.raises(OSError, match=r"keys\.json\.part"):
        write_durably(tmp_path / "keys.json", b"new")
    assert (tmp_path / "another").read_bytes() == b"theirs"


def test_missing_file_is_none(tmp_path: Path) -> None:
    """No file is no error."""
    assert read_if_there(tmp_path / "keys.json") is None


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_file_is_synced_before_the_rename_and_its_folder_after(tmp_path: Path) -> None:
    """Without the last step the old content comes back after a power cut."""
    trace = tmp_path / "trace"
    target = f"Path({str(tmp_path)!r}, 'keys')"
    program = f"from pathlib import Path; from kiosk.files import write_durably; write_durably({target}, b'x')"
    subprocess.run(
        ["strace", "-f", "-qq", "-y", "-e", "trace=fsync,rename", "-o", str(trace), sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        check=True,
        timeout=30,
    )
    calls = re.findall(r"(fsync|rename)\(([^)]*)\)", trace.read_text())
    assert [name for name, _ in calls] == ["fsync", "rename", "fsync"]
    assert calls[0][1].endswith("keys.part>")
    assert calls[2][1].endswith(f"{tmp_path.name}>")
