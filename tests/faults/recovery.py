"""What befalls a machine before a life that is ended by force, so that its recovery is what is interrupted: central
published something, the database was damaged, the disk went back, central was restored from its backup."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from central.auditing import BEGUN
from tests.faults.carried import salvage
from tests.faults.damages import overwritten_index, zeroed_head
from tests.faults.lane import Lane
from tests.faults.oracle import Verdict, compare, marked_early, reading
from tests.faults.scenes import settle

DAMAGED: Final = "a damaged database"
ROLLED_BACK: Final = "the disk rolled back"
RESTORED: Final = "central restored from its backup"

LIVES: Final[dict[str, tuple[str, ...]]] = {
    DAMAGED: ("contact", "visit rider-check-in", "visit complaint", "drain"),
    ROLLED_BACK: ("contact", "visit complaint", "wait 0.3", "visit rider-check-in", "drain"),
    RESTORED: ("contact", "wait 0.3", "visit complaint", "drain"),
}
"""The lives that follow."""
SELDOM: Final = {RESTORED: 0.2}
"""How often, beside the others: central is started twice for it."""


@dataclass
class Recovery:
    """What befell the kiosks of one lane."""

    lane: Lane
    rng: random.Random
    damaged: Counter[str] = field(default_factory=Counter)
    """How often each kiosk's database was."""
    restored: set[str] = field(default_factory=set)
    """Kiosks of which central had less than they know until they heard of it."""

    def choose(self, names: list[str]) -> str:
        """One of them, seldom one that takes long."""
        return self.rng.choices(names, [SELDOM.get(name, 1.0) for name in names])[0]

    def prepare(self, name: str, kiosk: str, data: Path) -> None:
        """What comes before a life of that name."""
        if name == "catalogue and settings":
            self.lane.publish()
        elif name == "central's keys are exchanged":
            self.lane.exchange_keys()
        elif name == DAMAGED:
            self._live(kiosk, data, "contact", "line down", "visit complaint", "line up")
            self.rng.choice((zeroed_head, overwritten_index))(data / "outbox.db", self.rng)
            self.damaged[kiosk] += 1
        elif name == ROLLED_BACK:
            self._roll_back(kiosk, data)
        elif name == RESTORED:
            self._restore(kiosk, data)

    def marked_early(self, kiosk: str, data: Path) -> list[str]:
        """See ``oracle``; after any life. Nothing counts in a database that is damaged and that no life was long enough
        to set aside, nor while the kiosk may not have heard that central was restored."""
        lies_damaged = self.damaged[kiosk] > len(_set_aside(data))
        return [] if lies_damaged or kiosk in self.restored else marked_early(kiosk, self.lane.rows, data / "outbox.db")

    def judge(self, kiosk: str, data: Path) -> Verdict:
        """What was promised, when all was delivered: what lies in a database that was set aside is carried to central
        first, and each has a ledger that began after it."""
        verdict = Verdict()
        asides = _set_aside(data)
        if self.damaged[kiosk]:
            salvage(self.lane, data, verdict)
            settle(self.lane)
            if (begun := self._begun_after_damage(kiosk)) != len(asides):
                verdict.findings.append(f"{kiosk}: {begun} ledgers follow {len(asides)} damaged databases")
        verdict.add(compare(kiosk, self.lane.heard(kiosk), self.lane.rows, self.lane.printer, data / "outbox.db"))
        if len(asides) != self.damaged[kiosk]:
            names = ", ".join(sorted(aside.name for aside in asides))
            verdict.findings.append(f"{kiosk}: {self.damaged[kiosk]} damaged, and set aside are: {names or 'none'}")
        return verdict

    def _live(self, kiosk: str, data: Path, *steps: str) -> None:
        """A life that nobody disturbs."""
        self.lane.line.set("up")
        status = self.lane.live(self.lane.plan(*steps, kiosk=kiosk, data=data)).end()
        if status:
            self.lane.findings.append(f"{kiosk}: an undisturbed life ended with {status} ({' · '.join(steps)})")

    def _roll_back(self, kiosk: str, data: Path) -> None:
        self._live(kiosk, data, "contact", "visit complaint", "drain")
        earlier = data.with_name("earlier")
        shutil.copytree(data, earlier)
        self._live(kiosk, data, "contact", "visit complaint", "visit rider-check-in", "drain")
        shutil.rmtree(data)
        earlier.rename(data)
        for place in (*data.rglob("*"), data, data.parent):  # not the copy is what is cut off
            descriptor = os.open(place, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)

    def _restore(self, kiosk: str, data: Path) -> None:
        lane, backup = self.lane, self.lane.folder / "backup.db"
        self._live(kiosk, data, "contact", "visit complaint", "drain")
        settle(lane)
        lane.stop_central()
        shutil.copy(lane.database, backup)
        lane.start_central()
        self._live(kiosk, data, "contact", "visit complaint", "visit rider-check-in", "drain")
        settle(lane)
        lane.stop_central()
        for file in lane.folder.glob("central.db*"):
            file.unlink()
        shutil.copy(backup, lane.database)
        lane.start_central()
        self.restored.add(kiosk)

    def _begun_after_damage(self, kiosk: str) -> int:
        with reading(self.lane.database) as db:
            rows = db.execute("SELECT details FROM audit_events WHERE kiosk = ? AND event = ?", [kiosk, BEGUN])
            return sum(json.loads(details)["why"] == "database damaged" for (details,) in rows)


def _set_aside(data: Path) -> list[Path]:
    """A database that is on its way there has both names."""
    outbox = data / "outbox.db"
    return [each for each in data.glob("outbox-damaged-*.db") if not (outbox.exists() and each.samefile(outbox))]
