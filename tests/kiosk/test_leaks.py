"""The search of `make leaks`, in seconds: what is planted is found in each form, and one visit leaves nothing."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from kiosk.identity import Person
from kiosk.private import KEPT, place_in_memory, private_folder
from kiosk.remembered import Remembered
from tests.kiosk.hall import Walk, open_hall
from tests.kiosk.people import CHEN, LIN
from tests.leaks.central_rows import clear_in
from tests.leaks.controls import Control, controls, delete_half, missed, plant
from tests.leaks.disk import folder_in_memory, mounted, why_not
from tests.leaks.forms import needles
from tests.leaks.image import search, written
from tests.leaks.thief import thefts

NOISE = 20_000


def disk_with(planted: list[Control]) -> bytes:
    lot = random.Random(4)
    pieces = [lot.randbytes(lot.randrange(100)) + control.data for control in planted]
    return b"".join(pieces) + lot.randbytes(NOISE)


def texts(planted: list[Control]) -> Iterator[str]:
    return (control.text for control in planted)


def test_what_is_planted_is_found_in_each_form() -> None:
    planted = [control for control in controls(1) if control.key is None]
    found = {hit.needle.text for hit in search(disk_with(planted), needles({*texts(planted)}))}
    assert [control.kind for control in missed(planted, found, [])] == []


def test_a_thief_finds_what_is_keyed_by_the_same_disk() -> None:
    planted = [control for control in controls(2) if control.key is not None]
    stolen = thefts(disk_with(planted)[:-NOISE], (planted[0].text,))
    assert [control.kind for control in missed(planted, set(), stolen)] == []


@pytest.mark.skipif(place_in_memory({}) is None, reason="needs a tmpfs: /run or /dev/shm")
def test_what_a_machine_remembers_would_be_stolen_from_a_disk(tmp_path: Path) -> None:
    """That it lies in memory is what hides it: its key lies beside it."""
    with private_folder(tmp_path, {}) as private:
        Remembered(private).note("rider.check-in", CHEN.number, UUID(int=1))
        kept = (private / KEPT).read_bytes()
    assert {theft.by for theft in thefts(kept, (CHEN.number,))} == {"what is remembered"}
    assert thefts(kept, (LIN.number,)) == []


def test_nothing_is_found_where_nothing_was_planted() -> None:
    """Neither by chance in random bytes, nor a part of a number in somebody's hash."""
    lot = random.Random(6)
    planted = controls(3)
    data = lot.randbytes(NOISE) + b"".join(lot.randbytes(16).hex().encode() for _ in range(500))
    data += b"0a" + planted[0].text[3:9].encode() + b"ff"
    assert search(data, needles({*texts(planted)})) == []
    assert thefts(data[:1000], (planted[0].text,)) == []


def test_the_date_of_today_tells_nobody() -> None:
    """Nor with the byte before it; more of a number does."""
    number = "33990220261101122X"
    wanted = needles({number}, "20261127")
    assert search(b"\xad220261127-cf3f8072v", wanted) == []
    assert {hit.needle.text for hit in search(b"\xad0220261103-cf3f8072v", wanted)} == {number}
    assert search(b"\xad220261127-cf3f8072v", needles({number})) != []


@pytest.mark.skipif(why_not() != "", reason=why_not())
async def test_a_visit_leaves_nothing_on_the_disk_and_at_central_what_it_may(tmp_path: Path) -> None:
    """Data folder and log on a disk of their own, central beside it. Who files by card, code and telephone stands
    nowhere, whole or in part; what is planted there, deleted or not, is found."""
    planted = [control for control in controls(7) if control.kind in ("UTF-8 1 of 1", "name in gb18030", "a part")]
    beside = tmp_path / "beside"
    beside.mkdir()
    with folder_in_memory() as folder:
        with mounted(folder / "disk.img", tmp_path / "disk") as disk:
            walk, person = await one_visit(disk, beside, planted)
            delete_half(disk / "controls")
        data = written(folder / "disk.img")
    assert walk.states == {"sent"}
    told = {person.name, person.number, "13800000002"}
    found = {hit.needle.text for hit in search(data, needles({*told, *texts(planted)}), inflate=False)}
    assert found == {*texts(planted)}
    assert list(clear_in(beside / "central" / "central.db", told)) == []


async def one_visit(disk: Path, beside: Path, planted: list[Control]) -> tuple[Walk, Person]:
    """The machine's folder and its log lie on the disk, central beside it."""
    plant(disk / "controls", planted)
    (disk / "kiosk").mkdir(mode=0o700)
    (beside / "kiosk").symlink_to(disk / "kiosk")
    log = logging.FileHandler(disk / "log")
    logging.getLogger().addHandler(log)
    try:
        with private_folder(disk / "kiosk"):
            async with open_hall(beside) as hall:
                return await hall.walk("remote-care-filing"), hall.visitor.person
    finally:
        logging.getLogger().removeHandler(log)
        log.close()
