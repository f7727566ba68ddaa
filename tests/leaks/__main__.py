"""`make leaks [VISITS=n]`: a day of visits with crashes on a disk of its own, whose raw image a thief then has.

Data folder, HOME, TMPDIR and the log of the kiosk lie on one ext4 image; central, simulators and pictures elsewhere.
Visits are of two kinds: the hall's, through every service, with people who tell all they are asked for, and the tour's,
with the real window and the simulated devices. Programs are killed in the middle of both. Then the image is searched
for every word that was told, and its parts, in each form; what the image of an unvisited kiosk holds too is no leak
(a region's code stands in the tables of everybody). A control, planted in each form and half of it deleted, must be
found, and so must what is keyed by a value of the same disk. Last line: ``forms=… controls_found=all hits=0``; a
program that ends by itself fails the run too, for its visits were not looked at.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from kiosk.command_line import SHANGHAI
from tests.acceptance.whole import ROOT, surroundings
from tests.leaks.central_rows import clear_in
from tests.leaks.controls import KEYED, PACKED, controls, delete_half, missed, plant
from tests.leaks.day import told
from tests.leaks.disk import folder_in_memory, mounted, why_not
from tests.leaks.forms import FORMS, Needle, needles
from tests.leaks.image import Hit, search, written
from tests.leaks.thief import Theft, thefts
from tests.toml import toml

ROUND: Final = 9
"""Visits, at most, before a kill."""
STARTS_WITHIN: Final = 120.0
TOUR: Final = ("remote-care-filing", "insured-proof", "insurance-status", "family-account", "card-lost", "legal-aid")
TOURISTS: Final = ("lin-xiuying", "chen-jianguo", "ouyang")
ROBBED: Final = ("339902199203180011", "339901195509260028", "33990219260101122X")
"""Whose numbers the thief tries: each takes its time."""


@dataclass
class Day:
    """What happened so far."""

    visits: int = 0
    kills: int = 0
    tours: int = 0
    failures: int = 0
    """Programs that ended by themselves before their time: what they would have done was not looked at."""


def environment(disk: Path) -> dict[str, str]:
    """As if HOME, TMPDIR and the caches of all libraries were on the disk."""
    kept = {
        name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "DISPLAY", "XAUTHORITY") if name in os.environ
    }
    folders = {"HOME": disk / "home", "TMPDIR": disk / "tmp"}
    for folder in folders.values():
        folder.mkdir(exist_ok=True)
    return kept | {name: str(folder) for name, folder in folders.items()}


@contextmanager
def started(disk: Path, *command: str) -> Iterator[subprocess.Popen[str]]:
    """A program of the kiosk's; its log lies on the disk as a journal does. Killed at the end."""
    with (disk / "log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment(disk), stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            yield process
        finally:
            with suppress(OSError):
                process.kill()
            process.communicate()


def hall_day(disk: Path, central: Path, day: Day, visits: int, lot: random.Random) -> None:
    """Visits of the hall, with a kill after every few, in the middle of the next."""
    folder = central / "hall"
    folder.mkdir(exist_ok=True)
    with suppress(FileExistsError):
        (folder / "kiosk").symlink_to(disk / "kiosk")
    (disk / "kiosk").mkdir(exist_ok=True, mode=0o700)
    until, nothing = day.visits + visits, 0
    while day.visits < until:
        wanted = min(lot.randrange(2, ROUND), until - day.visits)
        seed = str(lot.randrange(1 << 30))
        before = day.visits
        with started(
            disk, "-m", "tests.leaks.day", str(folder), "--visits", str(wanted + 1), "--seed", seed
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith(f"{wanted} "):
                    time.sleep(lot.random())  # somewhere in that visit
                    process.send_signal(signal.SIGKILL)
                    day.kills += 1
                    break
                day.visits += 1
            else:
                day.failures += 1
                say(f"it ended by itself, with {process.wait()}; the end of its log:\n{tail(disk / 'log')}")
        nothing = nothing + 1 if day.visits == before else 0
        if nothing == 3:
            raise SystemExit(f"the kiosk does not open: see the end of its log\n{tail(disk / 'log')}")


def tour_day(disk: Path, elsewhere: Path, day: Day, tours: int, lot: random.Random) -> None:
    """The real window, with cards on simulated readers. Every other tour is killed on its way."""
    with surroundings(elsewhere / "tour-central") as around:
        tables = around.tables("L-001")
        settings = elsewhere / "kiosk.toml"
        settings.write_text(toml(tables), encoding="utf-8")
        settings.chmod(0o600)
        for number in range(tours):
            around.put_in_order()
            services = [TOUR[(number + more) % len(TOUR)] for more in range(2)]
            command = ["main.py", "--settings", str(settings), "--data", str(disk / "tour"), "tour"]
            command += ["--out", str(elsewhere / "pictures"), "--person", TOURISTS[number % len(TOURISTS)], *services]
            with started(disk, *command) as process:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(lot.uniform(8, 25) if number % 2 else STARTS_WITHIN)
                day.kills += process.poll() is None
                if process.poll() is not None and '"journeys"' not in _told(process):
                    day.failures += 1
                    say(f"the tour failed, with {process.returncode}; the end of its log:\n{tail(disk / 'log')}")
            day.tours += 1


def _told(process: subprocess.Popen[str]) -> str:
    """What a program that has ended said. A tour tells of its journeys also where somebody's came to another end."""
    assert process.stdout is not None
    return process.stdout.read()


def tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-60:])


def innocent(folder: Path, wanted: list[Needle]) -> set[bytes]:
    """What the disk of a kiosk holds whom nobody visited."""
    image = folder / "unvisited.img"
    with mounted(image, folder / "unvisited") as disk:
        elsewhere = folder / "unvisited-central"
        elsewhere.mkdir()
        (elsewhere / "kiosk").symlink_to(disk / "kiosk")
        (disk / "kiosk").mkdir(mode=0o700)
        with started(disk, "-m", "tests.leaks.day", str(elsewhere), "--visits", "0", "--seed", "0") as process:
            out, _nothing = process.communicate(timeout=STARTS_WITHIN)
            if "closed" not in out:
                raise SystemExit(f"an unvisited kiosk does not open\n{tail(disk / 'log')}")
    hits = search(written(image), wanted, inflate=False)
    if whole := [hit for hit in hits if not hit.needle.part]:
        raise SystemExit(f"a kiosk whom nobody visited knows {whole[0].needle.text}")
    return {hit.needle.bytes for hit in hits}


def judge(
    image: Path, wanted: list[Needle], excused: set[bytes], seed: int
) -> tuple[list[Hit], list[Theft], list[str]]:
    """Hits of people, thefts of people, and the controls that were not found."""
    planted = controls(seed)
    data = written(image)
    say(f"{len(data) >> 10} kB were written to the disk; looking for {len(wanted)} sequences of bytes")
    of_controls = needles({control.text for control in planted if control.key is None})
    hits = search(data, [*wanted, *of_controls])
    ours = {control.text for control in planted}
    say("trying every value on the disk as a key")
    keyed = {control.text for control in planted if control.key is not None}
    stolen = thefts(data, (*ROBBED, *keyed))
    lost = [control.kind for control in missed(planted, {hit.needle.text for hit in hits}, stolen)]
    people = [hit for hit in hits if hit.needle.text not in ours and hit.needle.bytes not in excused]
    return people, [theft for theft in stolen if theft.number not in ours], lost


def say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make leaks")
    parser.add_argument("--visits", type=int, default=60)
    parser.add_argument("--tours", type=int, default=4 if os.environ.get("DISPLAY") else 0)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    given = parser.parse_args()
    if reason := why_not():
        say(reason)
        return 0
    say(f"seed {given.seed}")
    lot, day = random.Random(given.seed), Day()
    with folder_in_memory() as folder:
        wanted = needles(told(), f"{datetime.now(SHANGHAI):%Y%m%d}")
        excused = innocent(folder, wanted)
        image, elsewhere = folder / "disk.img", folder / "elsewhere"
        elsewhere.mkdir()
        with mounted(image, folder / "disk") as disk:
            plant(disk / "controls", controls(given.seed))
            hall_day(disk, elsewhere, day, given.visits, lot)
            say(f"{day.visits} visits, {day.kills} kills; now with the window")
            tour_day(disk, elsewhere, day, given.tours, lot) if given.tours else say("no display: no tours")
            delete_half(disk / "controls")
        say(f"{day.visits} visits, {day.tours} tours, {day.kills} kills")
        hits, stolen, lost = judge(image, wanted, excused, given.seed)
        at_central = [each for file in sorted(elsewhere.rglob("central.db")) for each in clear_in(file, told())]
    for hit in hits:
        say(f"HIT {hit.needle.text!r} as {hit.needle.form} in {hit.where}: {hit.around!r}")
    for theft in stolen:
        say(f"HIT {theft.number} by {theft.by}, key at {theft.at}")
    for row in at_central:
        say(f"HIT central keeps {row} in the clear, which its list does not allow")
    for kind in lost:
        say(f"NOT FOUND: the control in {kind}")
    total = len(hits) + len(stolen) + len(at_central)
    forms = len(FORMS) + len(PACKED) + len(KEYED)
    say(f"visits={day.visits} tours={day.tours} kills={day.kills} failures={day.failures} excused={len(excused)}")
    say(f"forms={forms} controls_found={'all' if not lost else f'all but {len(lost)}'} hits={total}")
    return 1 if lost or total or day.failures else 0


if __name__ == "__main__":
    sys.exit(main())
