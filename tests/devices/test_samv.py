from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from devices import IdCardReader
from devices.card_text import IdCard
from devices.control import SimulatorControl
from devices.errors import DeviceError, Garbled, Refused, Silent
from devices.lines import open_line
from devices.samv import REFUSALS, NoCard, SamV, frame, is_there
from tests.devices.id_card_contract import IdCardReaderContract
from tests.devices.programs import Simulators

FIND_OK = bytes.fromhex("AAAAAA9669 0008 00009F 00000000 97")
NO_CARD = bytes.fromhex("AAAAAA9669 0004 000080 84")
SELECT_OK = bytes.fromhex("AAAAAA9669 000C 000090 0000000000000000 9C")
NO_SUCH_ITEM = bytes.fromhex("AAAAAA9669 0004 000091 95")
SAM_ID = bytes.fromhex("AAAAAA9669 0014 000090 05000100A53A340187D61200B168DE3A 54")
OK = bytes.fromhex("AAAAAA9669 0004 000090 94")
SAMPLE_TEXT = bytes.fromhex(
    "205f094e" + "2000" * 13 + "3200" "30003100" "31003900340039003100320033003100"
    "1753ac4e025e1d6733963a533a798b4fef8d3100f753" + "2000" * 24
    + "310031003000310030003500310039003400390031003200330031003000300032005800"
    "1753ac4e025e6c51895b405c1d673396065240" "5c" + "2000" * 5
    + "32003000320030003000310030003100" "7f951f67" + "2000" * 6 + "2000" * 18
)  # fmt: skip


class OverSimulatedLine(IdCardReaderContract):
    """The driver over a simulated reader, in order and empty for each test."""

    @pytest.fixture
    def running(self) -> Simulators:
        raise NotImplementedError

    @pytest.fixture
    def desk(self, running: Simulators) -> Iterator[SimulatorControl]:
        control = running.control
        control.sticky(True)
        yield control
        control.clear("id_card")
        control.plug("id_card")
        control.lift()

    @pytest.fixture
    def reader(self, running: Simulators, desk: SimulatorControl) -> Iterator[IdCardReader]:
        driver = SamV(open_line(running.id_card))
        yield driver
        driver.close()


class TestSamVOverTcp(OverSimulatedLine):
    @pytest.fixture
    def running(self, reader_over_tcp: Simulators) -> Simulators:
        return reader_over_tcp


class TestSamVOverPty(OverSimulatedLine):
    @pytest.fixture
    def running(self, reader_over_pty: Simulators) -> Simulators:
        return reader_over_pty


class RecordedLine:
    """Answers each request with the bytes that are written down for it; silence and the clock cost nothing.

    `drip` is how many bytes come at a time.
    """

    def __init__(self, *answers: bytes, before: bytes = b"", drip: int = 4096) -> None:
        self.requests: list[bytes] = []
        self.reads = 0
        self._answers = list(answers)
        self._waiting = before
        self._drip = drip

    def write(self, data: bytes, within: float) -> None:
        self.requests.append(data)
        self._waiting += self._answers.pop(0) if self._answers else b""

    def read(self, size: int, within: float) -> bytes:
        self.reads += 1
        size = min(size, self._drip)
        data, self._waiting = self._waiting[:size], self._waiting[size:]
        return data

    def cancel(self) -> None:
        raise AssertionError

    def close(self) -> None:
        raise AssertionError


def base_answer(text: bytes = SAMPLE_TEXT, sizes: str = "01000400") -> bytes:
    return frame(bytes.fromhex("000090" + sizes) + text + bytes(1024))


def answer(sw3: int) -> bytes:
    return frame(bytes([0, 0, sw3]))


def test_the_published_requests_are_sent() -> None:
    line = RecordedLine(OK, SAM_ID, FIND_OK, SELECT_OK, base_answer(), NO_SUCH_ITEM, OK)
    reader = SamV(line)
    reader.hello()
    reader.read()
    reader.hello()
    assert [request.hex().upper() for request in line.requests] == [
        "AAAAAA9669000311FFED",
        "AAAAAA9669000312FFEE",
        "AAAAAA966900032001" + "22",
        "AAAAAA966900032002" + "21",
        "AAAAAA966900033001" + "32",
        "AAAAAA966900033003" + "30",
        "AAAAAA9669000311FFED",
    ]


def test_the_test_vector_is_the_published_frame_and_is_read() -> None:
    whole = base_answer()
    assert len(whole) == 1295
    assert whole[-1] == 0xCD
    assert hashlib.sha256(whole).hexdigest() == "43a3e036078591c3fa3a6aee69fc106e88719eeee3a3936c24e5ca28fff0f83f"
    card = SamV(RecordedLine(FIND_OK, SELECT_OK, whole, NO_SUCH_ITEM)).read()
    assert isinstance(card, IdCard)
    assert card.name == "张三"
    assert card.number == "11010519491231002X"
    assert card.valid_to is None


def test_a_card_is_looked_for_twice() -> None:
    line = RecordedLine(NO_CARD, FIND_OK, SELECT_OK, base_answer(), NO_SUCH_ITEM)
    assert isinstance(SamV(line).read(), IdCard)
    line = RecordedLine(NO_CARD, NO_CARD)
    assert SamV(line).read() == NoCard()
    assert len(line.requests) == 2


def test_a_new_card_that_fails_is_not_the_one_that_was_read() -> None:
    """After a found card nobody may say any more that the one read before still lies there."""
    line = RecordedLine(FIND_OK, SELECT_OK, base_answer(), NO_SUCH_ITEM, FIND_OK, answer(0x81), NO_CARD, NO_CARD)
    reader = SamV(line)
    assert isinstance(reader.read(), IdCard)
    with pytest.raises(Refused):
        reader.read()
    assert reader.read() == NoCard(after_read=False)


def test_a_sticky_card_whose_address_failed_may_still_lie_there() -> None:
    reader = SamV(RecordedLine(FIND_OK, SELECT_OK, base_answer(), answer(0x41), NO_CARD, NO_CARD))
    with pytest.raises(Refused):
        reader.read()
    assert reader.read() == NoCard(after_read=True)


def test_the_records_of_an_appended_address_join_and_blank_ones_do_not_count() -> None:
    records = ["示例省示例市示例区示例路", "2号 3室", "", ""]
    data = b"".join(record.ljust(35).encode("utf-16-le") for record in records)
    card = SamV(RecordedLine(FIND_OK, SELECT_OK, base_answer(), frame(b"\0\0\x90" + data))).read()
    assert isinstance(card, IdCard)
    assert card.address == "示例省示例市示例区示例路2号 3室"


@pytest.mark.parametrize("sw3", [0x91, 0x21])
def test_without_an_appended_address_the_printed_one_counts(sw3: int) -> None:
    card = SamV(RecordedLine(FIND_OK, SELECT_OK, base_answer(), answer(sw3))).read()
    assert isinstance(card, IdCard)
    assert card.address == "北京市朝阳区示例路1号"


def test_the_sam_id_reads_as_it_is_printed() -> None:
    assert SamV(RecordedLine(SAM_ID)).sam_id() == "05.01-20200101-0001234567-0987654321"


def test_a_card_carries_the_number_of_the_module_that_read_it() -> None:
    reader = SamV(RecordedLine(OK, SAM_ID, FIND_OK, SELECT_OK, base_answer(), NO_SUCH_ITEM))
    reader.hello()
    card = reader.read()
    assert isinstance(card, IdCard)
    assert card.sam == "05.01-20200101-0001234567-0987654321"


@pytest.mark.parametrize("told", [answer(0x21), b""], ids=["bad command", "silence"])
def test_a_reader_that_does_not_tell_its_number_reads_all_the_same(told: bytes) -> None:
    reader = SamV(RecordedLine(OK, told, FIND_OK, SELECT_OK, base_answer(), NO_SUCH_ITEM))
    reader.hello()
    card = reader.read()
    assert isinstance(card, IdCard)
    assert card.sam == ""


@pytest.mark.parametrize("sw3", [*range(0x9F), *range(0xA0, 0x100)])
def test_every_status_is_an_answer_or_a_typed_error(sw3: int) -> None:
    """As answer to "select", where 90 has no data here and 9F is no answer at all."""
    with pytest.raises(DeviceError) as caught:
        SamV(RecordedLine(FIND_OK, answer(sw3))).read()
    if sw3 in REFUSALS:
        assert isinstance(caught.value, Refused)
        assert caught.value.reason == REFUSALS[sw3]
    else:
        assert isinstance(caught.value, Garbled)


def test_the_documented_statuses_have_a_reason() -> None:
    assert set(REFUSALS) | {0x10, 0x11, 0x90, 0x9F} == {
        0x90, 0x9F, 0x10, 0x11, 0x21, 0x23, 0x24, 0x31, 0x32, 0x33, 0x37, 0x3F, 0x40, 0x41, 0x47, 0x60, 0x66, 0x80,
        0x81, 0x91,
    }  # fmt: skip


@pytest.mark.parametrize(("sw3", "reason"), [(0x60, "self-test failed"), (0x66, "not authorised")])
def test_a_reader_out_of_order_says_so_when_greeted(sw3: int, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        SamV(RecordedLine(answer(sw3))).hello()
    assert caught.value.reason == reason


@pytest.mark.parametrize("sizes", ["01000200", "00FF0401", "00000500", "FFFFFFFF", "010004000200", "01000400FFFF"])
def test_other_sizes_inside_the_card_are_garbled(sizes: str) -> None:
    with pytest.raises(Garbled):
        SamV(RecordedLine(FIND_OK, SELECT_OK, base_answer(sizes=sizes), NO_SUCH_ITEM)).read()


@pytest.mark.parametrize(("fingers", "whole"), [(0, 1297), (512, 1809), (1024, 2321)])
def test_a_frame_with_fingerprints_is_the_same_card(fingers: int, whole: int) -> None:
    """ReadBaseFPMsg's frame in place of ReadBaseMsg's; nothing of the fingerprints stays."""
    sizes = f"01000400{fingers:04X}"
    reply = frame(bytes.fromhex("000090" + sizes) + SAMPLE_TEXT + b"P" * 1024 + b"F" * fingers)
    assert len(reply) == whole
    card = SamV(RecordedLine(FIND_OK, SELECT_OK, reply, NO_SUCH_ITEM)).read()
    assert isinstance(card, IdCard)
    assert card.name == "张三"
    assert card.photo == b"P" * 1024


@pytest.mark.parametrize("fingers", [1, 256, 511, 1023, 1025])
def test_fingerprints_of_another_size_are_garbled(fingers: int) -> None:
    reply = base_answer(sizes=f"01000400{fingers:04X}")[:-1] + b"F" * fingers
    with pytest.raises(Garbled):
        SamV(RecordedLine(FIND_OK, SELECT_OK, frame(reply[7:]), NO_SUCH_ITEM)).read()


def test_an_unknown_kind_of_card_is_refused_by_name() -> None:
    text = SAMPLE_TEXT[:248] + b"K\0" + SAMPLE_TEXT[250:]
    with pytest.raises(Refused, match=r"^unknown card type 'K'$") as caught:
        SamV(RecordedLine(FIND_OK, SELECT_OK, base_answer(text), NO_SUCH_ITEM)).read()
    assert caught.value.reason == "unknown card type"


@pytest.mark.parametrize(
    "late",
    [FIND_OK, SELECT_OK, OK, base_answer(), frame(b"\0\0\x90" + bytes(16)), frame(b"\0\0\x90" + bytes(70))],
)
def test_an_answer_to_another_request_is_garbled(late: bytes) -> None:
    """Answers carry no number: one that comes too late must not be taken for the next."""
    requests: list[Callable[[], object]] = [
        SamV(RecordedLine(late)).hello,
        SamV(RecordedLine(late)).sam_id,
        SamV(RecordedLine(late)).read,
        SamV(RecordedLine(FIND_OK, late)).read,
        SamV(RecordedLine(FIND_OK, SELECT_OK, late)).read,
    ]
    rightful = {OK: 0, frame(b"\0\0\x90" + bytes(16)): 1, FIND_OK: 2, SELECT_OK: 3, base_answer(): 4}
    for number, request in enumerate(requests):
        if rightful.get(late) != number:
            with pytest.raises(Garbled):
                request()


def test_what_is_left_on_the_line_is_thrown_away_first() -> None:
    SamV(RecordedLine(OK, SAM_ID, before=FIND_OK + b"rubbish" + answer(0x60))).hello()


@pytest.mark.parametrize("length", ["0000", "0003", "0005", "0509", "FFFF"])
def test_an_impossible_length_is_not_waited_for(length: str) -> None:
    """The length is refused before any of the bytes that it promises is read."""

    class NothingBehindTheHeader(RecordedLine):
        def read(self, size: int, within: float) -> bytes:
            data = super().read(size, within)
            assert data or within == 0
            return data

    with pytest.raises(Garbled):
        SamV(NothingBehindTheHeader(bytes.fromhex("AAAAAA9669" + length))).hello()


@pytest.mark.parametrize(
    "noise", [b"\0", b"\xaa", b"\xaa" * 7, b"\xaa\xaa\xaa\x96", b"\xaa\xaa\xaa\x96\xaa", b"noise" * 99]
)
def test_the_preamble_is_found_behind_noise(noise: bytes) -> None:
    SamV(RecordedLine(noise + OK, SAM_ID)).hello()


def test_endless_noise_ends() -> None:
    class Endless(RecordedLine):
        def read(self, size: int, within: float) -> bytes:
            return b"\x55" * size if within > 0 else b""

    with pytest.raises(Garbled):
        SamV(Endless()).hello()

    class NeverQuiet(RecordedLine):
        def read(self, size: int, within: float) -> bytes:
            return b"\x55" * size

    with pytest.raises(Garbled):
        SamV(NeverQuiet()).hello()


def test_nothing_at_all_is_silence() -> None:
    with pytest.raises(Silent):
        SamV(RecordedLine()).hello()


def test_a_card_does_not_show_itself_in_a_log() -> None:
    card = SamV(RecordedLine(FIND_OK, SELECT_OK, base_answer(), NO_SUCH_ITEM)).read()
    assert repr(card) == "IdCard(kind='resident')"


@st.composite
def near_fingers(draw: st.DrawFn) -> bytes:
    """A card with fingerprints, one byte of whose sizes may be another, and some of whose bytes may be missing."""
    fingers = draw(st.sampled_from([0, 512, 1024]))
    sizes = bytearray.fromhex(f"01000400{fingers:04X}")
    if draw(st.booleans()):
        sizes[draw(st.integers(0, 5))] = draw(st.integers(0, 255))
    missing = draw(st.sampled_from([0, 0, 1, 2, 512]))
    return frame(b"\0\0\x90" + sizes + SAMPLE_TEXT + bytes(1024 + fingers - missing))


any_bytes = st.binary(max_size=64)
any_frame = st.binary(min_size=3, max_size=80).map(frame)
any_status = st.integers(0, 255).map(answer)
near_card = st.binary(max_size=256).map(lambda text: base_answer(text + SAMPLE_TEXT[len(text) :]))
near_address = st.binary(max_size=284).map(lambda data: frame(b"\0\0\x90" + data))
anything = st.one_of(
    any_bytes,
    any_frame,
    any_status,
    near_card,
    near_fingers(),
    near_address,
    st.sampled_from([FIND_OK, SELECT_OK, NO_SUCH_ITEM, NO_CARD]),
    st.tuples(any_bytes, any_frame).map(b"".join),
)


def attempt(line: RecordedLine, answers: Iterable[bytes]) -> IdCard | NoCard | None:
    """One reading, which has a result or a typed error, and reads no more often than there are bytes to read, with a
    few looks more for each request."""
    try:
        return SamV(line).read()
    except (Garbled, Refused, Silent):  # and not Lost: the line did not end
        return None
    finally:
        assert line.reads <= sum(map(len, answers)) + 6 * len(line.requests)


@given(st.lists(anything, max_size=6), st.sampled_from([1, 7, 4096]))
@example([FIND_OK, SELECT_OK, FIND_OK[:-1]], 1)  # breaks off in the checksum
@example([FIND_OK, SELECT_OK, base_answer() + OK, NO_SUCH_ITEM], 7)  # more than was asked for
def test_any_bytes_give_a_result_or_a_typed_error(answers: list[bytes], drip: int) -> None:
    attempt(RecordedLine(*answers, drip=drip), answers)


@given(st.lists(anything, max_size=2), st.sampled_from([1, 4096]))
@example([OK, frame(b"\0\0\x90" + b"\xff" * 16)], 4096)  # a number with more digits than it is printed with
def test_any_bytes_greet_or_give_a_typed_error(answers: list[bytes], drip: int) -> None:
    """And never make a reader of what is none."""
    there = is_there(RecordedLine(*answers, drip=drip))
    try:
        SamV(RecordedLine(*answers, drip=drip)).hello()
    except (Garbled, Silent):
        return
    except Refused:
        pass
    assert there


@given(
    st.one_of(near_card, near_fingers(), any_frame, any_bytes),
    st.one_of(near_address, any_status, any_bytes),
    st.sampled_from([1, 7, 4096]),
)
@example(base_answer(sizes="010004000400")[:-1] + b"F" * 1024, NO_SUCH_ITEM, 1)  # whose length no longer fits
@example(base_answer(), frame(b"\0\0\x90" + b"\x42\xd8" * 35), 4096)  # an address of halves of characters
def test_any_card_gives_a_result_or_a_typed_error(base: bytes, newer: bytes, drip: int) -> None:
    answers = [FIND_OK, SELECT_OK, base, newer]
    card = attempt(RecordedLine(*answers, drip=drip), answers)
    assert card is None or isinstance(card, IdCard)
    assert card is None or len(card.photo) == 1024
