"""What every line that goes both ways does, whatever lies between.

Another line joins with a subclass of LineContract that opens it, and says what its far end says, hears and ends.
"""

from __future__ import annotations

import os
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable

import pytest

from devices.errors import Lost, Silent
from devices.lines import Line


class LineContract(ABC):
    line: Line
    opened: int
    """How many descriptors the line has."""

    @abstractmethod
    def say(self, data: bytes) -> None: ...

    @abstractmethod
    def hear(self) -> bytes: ...

    @abstractmethod
    def hang_up(self) -> None: ...

    def test_reads_what_has_come_without_waiting_for_all(self) -> None:
        self.say(b"abc")
        started = time.monotonic()
        assert self.line.read(100, 5.0) == b"abc"
        assert time.monotonic() - started < 1.0

    def test_reads_no_more_than_asked_for(self) -> None:
        self.say(b"abcdef")
        assert self.line.read(4, 5.0) == b"abcd"
        assert self.line.read(4, 5.0) == b"ef"

    def test_silence_is_no_bytes_after_the_limit(self) -> None:
        started = time.monotonic()
        assert self.line.read(1, 0.1) == b""
        assert 0.09 < time.monotonic() - started < 1.0

    def test_looking_does_not_wait(self) -> None:
        started = time.monotonic()
        assert self.line.read(1, 0) == b""
        assert time.monotonic() - started < 0.5

    def test_carries_every_byte_value_out_and_in(self) -> None:
        every = bytes(range(256))
        self.line.write(every, 1.0)
        heard = b""
        while len(heard) < 256:
            heard += self.hear()
        assert heard == every
        self.say(every)
        read = b""
        while len(read) < 256:
            more = self.line.read(256, 1.0)
            assert more
            read += more
        assert read == every

    def test_the_end_of_the_line_is_a_loss_at_once(self) -> None:
        threading.Timer(0.05, self.hang_up).start()
        started = time.monotonic()
        with pytest.raises(Lost) as caught:
            self.line.read(1, 10.0)
        assert time.monotonic() - started < 1.0
        assert not isinstance(caught.value, Silent)

    def test_bytes_that_are_not_taken_are_silence(self) -> None:
        started = time.monotonic()
        with pytest.raises(Silent):
            self.line.write(bytes(32 * 1024 * 1024), 0.2)
        assert time.monotonic() - started < 2.0

    def test_cancel_wakes_a_reader_within_milliseconds(self) -> None:
        self._woken_by_cancel(lambda: self.line.read(1, 10.0))

    def test_cancel_wakes_a_writer_within_milliseconds(self) -> None:
        self._woken_by_cancel(lambda: self.line.write(bytes(32 * 1024 * 1024), 10.0))

    def test_after_a_cancel_every_call_is_lost(self) -> None:
        self.line.cancel()
        self.line.cancel()
        with pytest.raises(Lost):
            self.line.read(1, 10.0)
        with pytest.raises(Lost):
            self.line.write(b"a", 10.0)

    def test_gives_everything_back_however_often_it_is_closed(self) -> None:
        before = descriptors()
        self.line.close()
        self.line.close()
        self.line.cancel()
        assert descriptors() == before - self.opened
        with pytest.raises(Lost):
            self.line.read(1, 1.0)

    def _woken_by_cancel(self, work: Callable[[], object]) -> None:
        woken: list[float] = []
        begun = threading.Event()

        def wait() -> None:
            begun.set()
            with pytest.raises(Lost):
                work()
            woken.append(time.monotonic())

        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
        begun.wait(5)
        time.sleep(0.05)  # into the wait; a cancel before it would wake it just as well
        cancelled = time.monotonic()
        self.line.cancel()
        thread.join(5)
        assert woken
        assert woken[0] - cancelled < 0.5


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))
