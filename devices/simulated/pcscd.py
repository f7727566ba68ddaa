"""A real PC/SC service of our own: pcscd with the virtual reader of vsmartcard-vpcd, in namespaces of its own.

vpcd listens on every interface and asks nobody who they are, so it is never installed: `make setup` only unpacks it
below .venv, and it runs where no network is. Clients find the service by `Pcscd.address` in PCSCLITE_CSOCK_NAME. Only
readers of ours are in it, whatever hangs on this machine's USB.

`python -m devices.simulated.pcscd` is the first process in the namespaces. It is told `start`, `start-empty` (without a
reader) and `kill`, answers "ok" or what went wrong, and to `card` hands out a connection to the reader: a socket works
wherever it is brought. With it, all in the namespaces ends.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Final

PCSCD: Final = Path("/usr/sbin/pcscd")
DRIVER: Final = Path(sys.prefix, "vsmartcard-vpcd/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
READERS: Final = ("Virtual PCD 00 00", "Virtual PCD 00 01")
"""A reader with two slots, as PC/SC names them."""


class Unavailable(OSError):
    """There can be no such service here; the text says what it needs."""


class Pcscd:
    """The service, from its start to `close`. Blocking, for a second at worst; may be used from several threads. A card
    is what holds a connection of `card`."""

    def __init__(self) -> None:
        for needed, package in ((PCSCD, "pcscd"), (DRIVER, "vsmartcard-vpcd")):
            if not needed.exists():
                raise Unavailable(f"needs {package}: make setup")
        if shutil.which("unshare") is None:
            raise Unavailable("needs unshare, of util-linux")
        self._folder = Path(tempfile.mkdtemp(prefix="pcscd-"))
        self._ours, its = socket.socketpair()
        self._ours.settimeout(_WITHIN)
        self._asking = threading.Lock()
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        apart = ["unshare", *user, "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
        inside = [sys.executable, "-m", "devices.simulated.pcscd", os.fspath(self._folder), os.fspath(DRIVER)]
        said = self._folder / "said"
        with its, said.open("wb") as log:
            self._process = subprocess.Popen([*apart, *inside], stdin=its.fileno(), stdout=log, stderr=log, cwd=_HOUSE)
        try:
            self.start()
        except OSError:
            why = " ".join(said.read_text(errors="replace").split()) or "they do not start"
            self.close()
            raise Unavailable(f"needs namespaces and pcscd: {why}") from None

    @property
    def address(self) -> str:
        return os.fspath(self._folder / "pcscd.comm")

    @classmethod
    def why_not(cls) -> str | None:
        """What is missing for such a service here; None when there can be one."""
        try:
            cls().close()
        except Unavailable as error:
            return str(error)
        return None

    def start(self, *, with_reader: bool = True) -> None:
        """Start it, again if it runs. OSError when it does not start."""
        self._tell(b"start" if with_reader else b"start-empty")

    def kill(self) -> None:
        self._tell(b"kill")

    def card(self, slot: int = 0) -> socket.socket:
        """A connection as a virtual card has it: made is inserted, closed is removed."""
        with self._asking:
            self._ours.send(b"card %d" % slot)
            answer, descriptors, _flags, _address = socket.recv_fds(self._ours, 256, 1)
        if not descriptors:
            raise OSError(answer.decode())
        return socket.socket(fileno=descriptors[0])

    def close(self) -> None:
        self._ours.close()
        try:
            self._process.wait(_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _tell(self, what: bytes) -> None:
        with self._asking:
            self._ours.send(what)
            answer = self._ours.recv(256)
        if answer != b"ok":
            raise OSError(answer.decode() or "pcscd has gone")


class _Inside:
    """In the namespaces: nothing is there yet but loopback, and it is down."""

    def __init__(self, folder: str, driver: str) -> None:
        self._service: subprocess.Popen[bytes] | None = None
        with socket.socket() as any_socket:
            fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))
        _mount("-t", "tmpfs", "tmpfs", "/run")
        Path("/run/pcscd").mkdir()
        _mount("--bind", folder, "/run/pcscd")
        if _USB_DRIVERS.is_dir():
            _mount("-t", "tmpfs", "tmpfs", os.fspath(_USB_DRIVERS))
        for name, content in (("with", _READER.format(driver=driver, port=_PORT)), ("without", "")):
            Path("/run", name).mkdir()
            Path("/run", name, "vpcd").write_text(content)
        said = subprocess.run([PCSCD, "--help"], capture_output=True, text=True, check=False).stdout
        self._options = [option for option in ("--disable-polkit",) if option in said]

    def obey(self, what: bytes) -> bytes | socket.socket:
        match what.split():
            case [b"start"]:
                return self._start("with")
            case [b"start-empty"]:
                return self._start("without")
            case [b"kill"]:
                self._kill()
                return b"ok"
            case [b"card", slot]:
                return socket.create_connection(("127.0.0.1", _PORT + int(slot)), _WITHIN)
            case _:
                return b"what?"

    def _start(self, readers: str) -> bytes:
        self._kill()
        for left in ("pcscd.pid", "pcscd.comm"):
            Path("/run/pcscd", left).unlink(missing_ok=True)
        command = [os.fspath(PCSCD), "--foreground", "--config", f"/run/{readers}", *self._options]
        self._service = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        until = time.monotonic() + _WITHIN
        while not (Path("/run/pcscd/pcscd.comm").exists() and (readers == "without" or _listens(_PORT + 1))):
            if self._service.poll() is not None or time.monotonic() > until:
                return b"pcscd does not start"
            time.sleep(0.01)
        return b"ok"

    def _kill(self) -> None:
        if self._service is not None:
            self._service.kill()
            self._service.wait()
            self._service = None


def main(folder: str, driver: str) -> None:
    inside = _Inside(folder, driver)
    with socket.socket(fileno=0) as outside:
        while what := outside.recv(256):
            try:
                answer = inside.obey(what)
            except OSError as error:
                answer = str(error).encode()
            if isinstance(answer, bytes):
                outside.send(answer)
            else:
                with answer:
                    answer.setblocking(True)
                    socket.send_fds(outside, [b"ok"], [answer.fileno()])


def _listens(port: int) -> bool:
    """Whether somebody listens, without knocking: to vpcd that would be a card."""
    listening = "0A"
    rows = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return any(row.split()[1].endswith(f":{port:04X}") and row.split()[3] == listening for row in rows)


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


_PORT: Final = 0x8C7B
_READER: Final = 'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:{port:#X}\nLIBPATH {driver}\nCHANNELID {port:#X}\n'
_WITHIN: Final = 10.0
_SIOCSIFFLAGS: Final = 0x8914
_IFF_UP: Final = 0x1
_USB_DRIVERS: Final = Path("/usr/lib/pcsc/drivers")
_HOUSE: Final = Path(__file__).parents[2]

if __name__ == "__main__":
    main(*sys.argv[1:])
