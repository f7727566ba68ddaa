"""Tier 3: the block log. Every write and flush of a real ext4 under a living kiosk is recorded (qemu-storage-daemon,
blklogwrites); states of the disk in which the power may have failed are made from it: all before the last flush, of
what came after it a part, some of that torn. Each is mounted and checked. Needs root and packaging/packages.faults.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

from kiosk import soundness
from kiosk.contract.errors import ContractError
from tests.faults import disk
from tests.faults.lane import Lane
from tests.faults.oracle import Verdict, kept_in
from tests.faults.small_files import FILES, held

SECTOR: Final = 512
FLUSH, FUA, DISCARD = 1, 2, 4
DISK_OCTETS, LOG_OCTETS = 32 << 20, 900 << 20
TORN: Final = 8
"""Sectors that a disk writes whole: a page of 4 KiB."""
STEPS: Final = (
    "contact",
    "visit rider-check-in",
    "visit self-paid",
    "line down",
    "visit complaint",
    "visit rider-check-in",
    "few files",
    "line up",
    "drain",
    "visit rider-check-in",
)


def why_not() -> str:
    """Why there can be no block log here; "" where there can."""
    if reason := disk.why_not():
        return reason
    missing = [name for name in ("qemu-storage-daemon", "fusermount3") if shutil.which(name) is None]
    missing += [] if Path("/dev/fuse").exists() else ["/dev/fuse"]
    return f"there is no {missing[0]}" if missing else ""


@dataclass(frozen=True, kw_only=True)
class Block:
    """One operation: where, how many sectors, which flags, and where its bytes are in the log."""

    sector: int
    count: int
    flags: int
    at: int


@dataclass(frozen=True, kw_only=True)
class Promises:
    """What had been promised when the log had so many operations."""

    after: int
    ids: frozenset[UUID]
    files: dict[str, int]


class BlockLog:
    """The log that the daemon writes; ``read`` takes in what is new."""

    def __init__(self, file: Path) -> None:
        self._log = file.open("rb", buffering=0)
        self._at = SECTOR
        self.blocks: list[Block] = []

    def read(self) -> int:
        """How many operations there are."""
        while True:
            self._log.seek(self._at)
            sector, count, flags, _ = struct.unpack("<QQQQ", self._log.read(32))
            if not count and not flags:
                return len(self.blocks)
            start = self._at + SECTOR
            self.blocks.append(Block(sector=sector, count=count, flags=flags, at=start))
            end = start + (0 if flags & DISCARD else count * SECTOR)
            self._at = -(-end // SECTOR) * SECTOR

    def put(self, image: bytearray, block: Block, count: int | None = None) -> None:
        """Lays an operation, or its first sectors, over an image."""
        if block.flags & DISCARD:
            return
        octets = (block.count if count is None else count) * SECTOR
        self._log.seek(block.at)
        image[block.sector * SECTOR : block.sector * SECTOR + octets] = self._log.read(octets)

    def close(self) -> None:
        """Lets go of the file."""
        self._log.close()


@dataclass
class Blocks:
    """What tier 3 did in one lane."""

    lane: Lane
    folder: Path
    rng: random.Random
    states: int = 0
    verdict: Verdict = field(default_factory=Verdict)

    def run(self, states: int, until: float = float("inf")) -> None:
        """One recorded life, and so many states of its disk."""
        self.folder.mkdir(parents=True)
        with recorded_disk(self.folder) as (root, log):
            promises = self._live(root, log)
        try:
            self._check_states(log, promises, states, until)
        finally:
            log.close()

    def _live(self, root: Path, log: BlockLog) -> list[Promises]:
        plan = self.lane.plan(*STEPS, data=root / "kiosk")
        kiosk, promises = plan.kiosk, [Promises(after=log.read(), ids=frozenset(), files={})]

        def note(who: str, _event: dict[str, object]) -> None:
            heard = self.lane.heard(who)
            promises.append(Promises(after=log.read(), ids=frozenset(heard.promised), files=dict(heard.holds)))

        self.lane.line.set("up")
        life = self.lane.bear(plan)
        self.lane.ear.on_event = note
        life.go()
        life.end()
        self.lane.ear.on_event = lambda _kiosk, _event: None
        log.read()
        if len(self.lane.heard(kiosk).promised) < 4:
            self.verdict.findings.append(f"{kiosk} promised too little under the block log")
        self.verdict.promised += len(self.lane.heard(kiosk).promised)
        self.verdict.central += len(self.lane.heard(kiosk).promised)
        return promises

    def _check_states(self, log: BlockLog, promises: list[Promises], states: int, until: float) -> None:
        image, applied = bytearray((self.folder / "base").read_bytes()), 0
        moments = sorted(self.rng.randrange(promises[0].after, len(log.blocks) + 1) for _ in range(states))
        for moment in moments:
            if time.monotonic() > until or self.verdict.bad:
                return
            flushed = max((i for i in range(moment) if log.blocks[i].flags & FLUSH), default=-1)
            while applied <= flushed:
                log.put(image, log.blocks[applied])
                applied += 1
            state = bytearray(image)
            for block in log.blocks[flushed + 1 : moment]:
                chance = self.rng.random()
                if block.flags & FUA or chance < 0.5:
                    log.put(state, block)
                elif block.count > TORN and chance < 0.65:
                    log.put(state, block, self.rng.randrange(TORN, block.count) // TORN * TORN)
            wanted = next(each for each in reversed(promises) if each.after <= moment)
            self._check(state, moment, wanted)
            self.states += 1

    def _check(self, state: bytearray, moment: int, wanted: Promises) -> None:
        file, root = self.folder / "state", self.folder / "mounted"
        file.write_bytes(state)
        root.mkdir(exist_ok=True)
        try:
            disk.run("mount", "-o", "loop", str(file), str(root))
        except subprocess.CalledProcessError:
            self.verdict.findings.append(f"state {moment}: cannot be mounted")
            return
        try:
            self._look(root / "kiosk", moment, wanted)
        finally:
            disk.unmount(root)

    def _look(self, data: Path, moment: int, wanted: Promises) -> None:
        outbox, there = data / "outbox.db", dict[UUID, str]()
        if outbox.exists():
            try:
                if (damage := soundness.examine(outbox)) is not None:
                    self.verdict.findings.append(f"state {moment}: the start finds damage, {damage.what}")
                    return
                there = kept_in(outbox)
            except (sqlite3.OperationalError, ContractError) as error:
                if wanted.ids:
                    self.verdict.findings.append(f"state {moment}: the outbox cannot be read, {error}")
        for id_ in sorted(wanted.ids - there.keys(), key=str):
            self.verdict.lost += 1
            self.verdict.findings.append(f"state {moment}: {id_} was promised and is not there")
        for name in FILES:
            said, holds = wanted.files.get(name, 0), held(data, name)
            if holds < said:
                self.verdict.lost += 1
                self.verdict.findings.append(f"state {moment}: {name} was to hold {said} and holds {holds}")


@contextmanager
def recorded_disk(folder: Path) -> Iterator[tuple[Path, BlockLog]]:
    """A mounted ext4, and the log of what reaches its disk. ``base`` keeps the disk as it was."""
    image, file, fuse, root = (folder / name for name in ("disk.img", "log", "fuse", "disk"))
    for name, octets in ((image, DISK_OCTETS), (file, LOG_OCTETS)):
        with name.open("wb") as made:
            made.truncate(octets)
    fuse.touch()
    root.mkdir()
    disk.run("mkfs.ext4", "-q", "-E", "lazy_itable_init=0,nodiscard", str(image))
    shutil.copy(image, folder / "base")
    daemon = subprocess.Popen(["qemu-storage-daemon", *_options(image, file, fuse, folder / "pid")])
    loop = ""
    try:
        until = time.monotonic() + 20
        while not (folder / "pid").exists() or not fuse.stat().st_size:
            assert daemon.poll() is None and time.monotonic() < until, "the storage daemon does not start"  # noqa: PT018
            time.sleep(0.05)
        loop = disk.run("losetup", "-f", "--show", str(fuse))
        disk.run("mount", loop, str(root))
        yield root, BlockLog(file)
    finally:
        if root.is_mount():
            disk.unmount(root)
        if loop:
            disk.run("losetup", "-d", loop)
        daemon.terminate()
        daemon.wait()


def _options(image: Path, log: Path, fuse: Path, pid: Path) -> list[str]:
    nodes = (
        f"driver=file,node-name=file,filename={image},discard=ignore",
        "driver=raw,node-name=raw,file=file",
        f"driver=file,node-name=log,filename={log}",
        f"driver=blklogwrites,node-name=recorded,file=raw,log=log,log-sector-size={SECTOR}",
    )
    export = f"type=fuse,id=export,node-name=recorded,mountpoint={fuse},writable=on"
    return [*(word for node in nodes for word in ("--blockdev", node)), "--export", export, "--pidfile", str(pid)]
