"""A disk whose power can be cut: an ext4 in a file, mounted over a loop device. Needs root.

FS_IOC_SHUTDOWN without flushing the log stops the file system as it stands: what was not made durable is gone at the
next mount. (SIGKILL does not show that: the page cache outlives a process.)
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import struct
import subprocess
import time
from pathlib import Path
from typing import Final

SHUTDOWN: Final = 0x8004587D
NO_LOG_FLUSH: Final = 2
OCTETS: Final = 96 << 20
NEW_MOUNTS: Final = 0x00020000
"""CLONE_NEWNS."""


def why_not() -> str:
    """Why there can be no such disk here; "" where there can."""
    if os.geteuid() != 0:
        return "needs root"
    missing = [name for name in ("/dev/loop-control", "/sbin/mkfs.ext4") if not Path(name).exists()]
    return f"there is no {missing[0]}" if missing else ""


def keep_mounts_apart() -> None:
    """From here on this thread, and whatever it starts, has mounts of its own: whoever copies those of the machine in
    the meantime (another namespace) would keep a disk alive whose power has failed. Raises OSError."""
    if ctypes.CDLL(None, use_errno=True).unshare(NEW_MOUNTS):
        raise OSError(ctypes.get_errno(), "no mounts of one's own")
    run("mount", "--make-rprivate", "/")


class Disk:
    """One disk, mounted at ``root``."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._image = folder / "image"
        self.root = folder / "disk"
        self.root.mkdir()
        with self._image.open("wb") as file:
            file.truncate(OCTETS)
        run("mkfs.ext4", "-q", "-E", "lazy_itable_init=0,nodiscard", str(self._image))
        self.mount()

    def mount(self) -> None:
        """As at a start of the machine: the file system puts itself in order."""
        run("mount", "-o", "loop", str(self._image), str(self.root))

    def cut(self) -> None:
        """The power fails."""
        descriptor = os.open(self.root, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(descriptor)

    def unmount(self) -> None:
        """Once nobody has a file open on it."""
        unmount(self.root)

    def close(self) -> None:
        """Unmounted for good."""
        if os.path.ismount(self.root):
            self.unmount()


def unmount(root: Path) -> None:
    """A process that was killed may take a moment to let go. Raises CalledProcessError."""
    until = time.monotonic() + 10.0
    while subprocess.run(["umount", str(root)], capture_output=True, check=False).returncode:
        if time.monotonic() > until:
            run("umount", str(root))
        time.sleep(0.02)


def run(*command: str) -> str:
    """A command that has to succeed. Raises CalledProcessError."""
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()
