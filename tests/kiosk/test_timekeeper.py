"""What time it is: central's, carried on by a clock that nobody sets; a floor that never goes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiosk.contract.records import ClockFlags
from kiosk.release import BUILT
from kiosk.timekeeper import Timekeeper

TRUE = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)


class Machine:
    """Two clocks: one that may be set, one that may not."""

    def __init__(self, wall: datetime = TRUE) -> None:
        self.wall = wall
        self.boot = 100.0

    def go(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.boot += seconds

    def keeper(self, file: Path | None = None) -> Timekeeper:
        return Timekeeper(file, wall=lambda: self.wall, boot=lambda: self.boot)


def test_before_central_was_heard() -> None:
    """The wall clock's, and it is said that nobody measured it; but nothing that lies before the build."""
    machine = Machine()
    assert machine.keeper().now() == TRUE
    assert machine.keeper().reading().flags == ClockFlags.UNMEASURED
    machine.wall = datetime(1970, 1, 1, tzinfo=UTC)
    keeper = machine.keeper()
    assert keeper.now() == BUILT
    assert keeper.reading().flags == ClockFlags.UNMEASURED | ClockFlags.BELOW_FLOOR
    assert keeper.astray


def test_an_exchange_measures_the_offset() -> None:
    """To half of the time that it took; central's time goes on by itself, whatever the wall clock is set to."""
    for wall in (TRUE + timedelta(seconds=90), datetime(1970, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)):
        machine = Machine(wall)
        keeper, asked_at = machine.keeper(), machine.boot
        machine.go(4)
        keeper.heard(TRUE, asked_at)
        assert keeper.now() == TRUE + timedelta(seconds=2)
        assert keeper.reading().offset == (machine.wall - keeper.now()) // timedelta(milliseconds=1)
        machine.go(3600)
        machine.wall -= timedelta(days=400)
        assert keeper.now() == TRUE + timedelta(seconds=3602)


def test_a_jump_is_noticed_and_forgotten_at_the_next_exchange() -> None:
    """However it is set, to and fro; drift and slewing are no jump. The offset is the last that was measured."""
    for by, jumped in ((2.5, True), (-86400, True), (86400, True), (1.5, False), (0, False)):
        machine = Machine()
        keeper = machine.keeper()
        keeper.heard(TRUE, machine.boot)
        machine.go(500)
        assert keeper.reading().flags == ClockFlags(0)
        machine.wall += timedelta(seconds=by)
        assert (ClockFlags.JUMPED in keeper.reading().flags) == jumped
        assert keeper.reading().offset == 0
        keeper.heard(TRUE + timedelta(seconds=500), machine.boot)
        assert keeper.reading().flags & ~ClockFlags.BELOW_FLOOR == ClockFlags(0)
        assert keeper.reading().offset == by * 1000


def test_of_two_words_at_once_the_later_one_counts() -> None:
    """Another thread hears more between the look and the step."""
    keeper = Machine().keeper()
    assert keeper.floor < TRUE
    hours = [timedelta(hours=hour) for hour in (1, 3)]

    class Overtaken:
        """The lock, before which another thread is through first."""

        def __enter__(self) -> None:
            if hours:
                keeper._lock = lock
                keeper.passed(TRUE + hours.pop(0))
                keeper._lock = self  # type: ignore[assignment]
            lock.acquire()

        def __exit__(self, *_error: object) -> None:
            lock.release()

    lock = keeper._lock
    keeper._lock = Overtaken()  # type: ignore[assignment] # as much of a lock as is used
    keeper.passed(TRUE + timedelta(hours=2))
    assert keeper.floor == TRUE + timedelta(hours=3)


def test_the_floor_rises_and_stays(tmp_path: Path) -> None:
    """Over a restart in another century; an older word of central's does not lower it."""
    file, machine = tmp_path / "clock.json", Machine()
    keeper = machine.keeper(file)
    keeper.passed(TRUE)
    keeper.passed(TRUE - timedelta(days=30))
    assert keeper.floor == TRUE
    machine.wall = datetime(1970, 1, 1, tzinfo=UTC)
    again = machine.keeper(file)
    assert again.floor == TRUE
    assert again.now() == TRUE
    assert ClockFlags.BELOW_FLOOR in again.reading().flags


def test_the_floor_is_not_written_at_each_word(tmp_path: Path) -> None:
    """Once an hour is enough: the disk has other things to do."""
    file = tmp_path / "clock.json"
    keeper = Machine().keeper(file)
    written = set()
    for minute in range(180):
        keeper.passed(TRUE + timedelta(minutes=minute))
        written.add(file.read_bytes())
    assert len(written) == 3
    assert keeper.floor == TRUE + timedelta(minutes=179)


def test_a_damaged_floor_is_the_build(tmp_path: Path) -> None:
    """Nobody is kept waiting for it."""
    file = tmp_path / "clock.json"
    for content in (b"", b"{}", b'{"floor": "yesterday"}', b"\xff"):
        file.write_bytes(content)
        assert Machine().keeper(file).floor == BUILT


def test_a_disk_that_takes_nothing(tmp_path: Path) -> None:
    """The floor holds as long as the program runs."""
    (tmp_path / "file").touch()
    keeper = Machine().keeper(tmp_path / "file" / "clock.json")
    keeper.passed(TRUE)
    assert keeper.floor == TRUE
