"""What is put down for a moment lies in memory, under this user's eyes alone, and is gone afterwards."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest

from kiosk.files import file_system
from kiosk.private import KEPT, PLACES, place_in_memory, private_folder

needs_memory = pytest.mark.skipif(place_in_memory({}) is None, reason="needs a tmpfs: /run or /dev/shm")


@needs_memory
def test_temporary_files_lie_in_memory_and_are_gone(tmp_path: Path) -> None:
    before = tempfile.gettempdir()
    with private_folder(tmp_path, {}) as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert file_system(folder) == "tmpfs"
        with tempfile.NamedTemporaryFile(delete=False) as left:
            left.write("陈建国".encode())
        assert folder in Path(left.name).parents
        assert Path(os.environ["TMPDIR"]).parent == folder, "what the kiosk starts writes there too"
    assert not folder.exists()
    assert tempfile.gettempdir() == before


@needs_memory
def test_a_killed_kiosk_leaves_nothing_to_the_next_but_what_it_remembers(tmp_path: Path) -> None:
    with private_folder(tmp_path, {}) as folder:
        (folder / KEPT).mkdir()
        (folder / "tmp" / "card").write_text("陈建国")
        with private_folder(tmp_path, {}) as again:  # as after a SIGKILL: nobody tidied
            assert again == folder
            assert sorted(path.name for path in again.iterdir()) == [KEPT, "tmp"]
            assert list((again / "tmp").iterdir()) == []
    assert not folder.exists()


@needs_memory
def test_two_kiosks_have_two(tmp_path: Path) -> None:
    with private_folder(tmp_path / "a", {}) as one, private_folder(tmp_path / "b", {}) as other:
        assert one != other


@needs_memory
def test_a_folder_that_somebody_laid_is_not_taken(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A link under its name would lead what is written wherever somebody likes."""
    with private_folder(tmp_path, {}) as folder:
        pass
    folder.symlink_to(tmp_path)
    try:
        with private_folder(tmp_path, {}) as other:
            assert other.resolve() != tmp_path
            assert other != folder
        assert "temporary files go to the disk" in caplog.text
    finally:
        folder.unlink()


def test_a_place_on_disk_is_not_memory(tmp_path: Path) -> None:
    if file_system(tmp_path) == "tmpfs":
        pytest.skip("needs a disk")
    assert place_in_memory({"RUNTIME_DIRECTORY": str(tmp_path), "XDG_RUNTIME_DIR": "/nowhere"}, ()) is None
    assert place_in_memory({"RUNTIME_DIRECTORY": str(tmp_path)}, PLACES) != tmp_path
