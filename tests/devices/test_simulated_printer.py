from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from devices.paper import Qr, Text, to_escpos
from devices.simulated.paper_roll import MARGIN, Ticket
from devices.simulated.printer import FAULTS, Kind, SimulatedPrinter
from devices.simulated.wire import HangUp, Pause
from tests.devices.receipts import FILING

CUT = b"\x1dV\x00"
ONLINE, OFFLINE_CAUSE, ERROR_CAUSE, PAPER = (b"\x10\x04" + bytes([n]) for n in (1, 2, 3, 4))


class Bench:
    """A printer on the bench, and all that came out of it."""

    def __init__(self, columns: int = 32) -> None:
        self.tickets: list[Ticket] = []
        self.changes = 0
        self.printer = SimulatedPrinter(columns, self.tickets.append, self._changed)

    def feed(self, *pieces: bytes) -> bytes:
        """Give it these bytes; its answers."""
        return b"".join(move for piece in pieces for move in self.printer.receive(piece) if isinstance(move, bytes))

    def lines(self) -> list[str]:
        return [line.text for ticket in self.tickets for line in ticket.lines]

    def _changed(self) -> None:
        self.changes += 1


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_reads_text_sizes_weights_and_places(bench: Bench) -> None:
    bench.feed(b"\x1b@\x1c&\x1ba\x01\x1d!\x21\x1bE\x01" + "您".encode("gbk") + b"\x1bE\x00A\n" + CUT)
    [line] = bench.tickets[0].lines
    assert (line.text, line.align, line.size, line.bold) == ("您A", "center", (3, 2), "您")


def test_a_reset_forgets_what_was_set(bench: Bench) -> None:
    bench.feed(b"\x1ba\x02\x1d!\x11\x1bE\x01\x1b3\x50lost\x1b@A\nB\n" + CUT)
    assert [(line.text, line.align, line.size, line.bold, line.top) for line in bench.tickets[0].lines] == [
        ("A", "left", (1, 1), "", 0),
        ("B", "left", (1, 1), "", 30),
    ]


def test_a_line_that_is_too_long_goes_on_below(bench: Bench) -> None:
    bench.feed(b"A" * 33 + b"\n" + CUT)
    assert bench.lines() == ["A" * 32, "A"]


def test_text_without_chinese_mode_has_no_chinese(bench: Bench) -> None:
    bench.feed("您".encode("gbk") + b"\n" + CUT)
    assert bench.lines() == ["??"]
    assert bench.printer.state()["problems"] == ["character c4 without a code page", "character fa without a code page"]


@pytest.mark.parametrize("character", ["𠮷", "✓", "¥"])
def test_four_bytes_are_not_in_the_font_rom(bench: Bench, character: str) -> None:
    code = character.encode("gb18030")
    bench.feed(b"\x1c&" + code + b"A\n" + CUT)
    assert bench.lines() == ["?A"]
    assert bench.printer.state()["problems"] == [f"character {code.hex(' ')} is not in the font ROM"]


@pytest.mark.parametrize("command", [b"\x1bZ", b"\x1c!", b"\x1d\xff", b"\x10\x14", b"\x1d(L\x02\x0002"])
def test_an_unknown_command_is_reported(bench: Bench, command: bytes) -> None:
    bench.feed(command + b"\n" + CUT)
    assert bench.printer.state()["problems"][0].startswith("unknown command " + command[:2].hex(" "))


def test_a_bitmap_is_printed_dot_by_dot(bench: Bench) -> None:
    bench.feed(b"\x1dv0\x00\x01\x00\x02\x00\x80\x01" + CUT)
    [ticket] = bench.tickets
    assert ticket.text == "[bitmap 8x2]"
    dark = [
        (x, y - MARGIN)
        for x in range(ticket.picture.width)
        for y in range(ticket.picture.height)
        if ticket.picture.getpixel((x, y)) == 0
    ]
    assert dark == [(0, 0), (7, 1)]


def test_a_qr_code_is_named_by_what_it_holds(bench: Bench) -> None:
    bench.feed(to_escpos([Qr("K001-26-000317", caption="扫码")], 32))
    assert bench.lines() == ["[QR K001-26-000317]", "扫码"]


def test_questions_are_answered_in_the_middle_of_other_bytes(bench: Bench) -> None:
    """Real-time commands work inside a bitmap too, where they are also dots."""
    bitmap = b"\x1dv0\x00\x03\x00\x01\x00" + PAPER
    assert bench.feed(bitmap[:4]) == b""
    assert bench.feed(bitmap[4:-1]) == b""
    assert bench.feed(bitmap[-1:]) == b"\x12"
    bench.feed(CUT)
    assert bench.lines() == ["[bitmap 24x1]"]


def test_a_question_in_its_turn_waits_for_the_paper(bench: Bench) -> None:
    bench.printer.set_paper("out")
    assert bench.feed(b"A\n\x1dr\x01") == b""
    assert bench.feed(PAPER) == b"\x7e"
    bench.printer.set_paper("ok")
    assert bench.feed(b"\x1dr\x01") == b"\0"


@pytest.mark.parametrize(
    ("spoil", "answers"),
    [
        (lambda printer: None, b"\x12\x12\x12\x12"),
        (lambda printer: printer.set_paper("near-end"), b"\x12\x12\x12\x1e"),
        (lambda printer: printer.set_paper("out"), b"\x1a\x32\x12\x7e"),
        (lambda printer: printer.set_cover(True), b"\x1a\x16\x12\x12"),
        (lambda printer: printer.faults.add("offline", None), b"\x1a\x12\x12\x12"),
        (lambda printer: printer.faults.add("error", None), b"\x1a\x52\x32\x12"),
        (lambda printer: printer.faults.add("jam", None), b"\x1a\x52\x1a\x12"),
        (lambda printer: printer.faults.add("overheated", None), b"\x1a\x52\x52\x12"),
        (lambda printer: printer.faults.add("silence", None), b""),
        (lambda printer: printer.faults.add("silence", 3), b"\x12"),
        (lambda printer: printer.faults.add("silence-after:1", None), b"\x12"),
        (lambda printer: printer.set_power(False), b""),
    ],
)
def test_says_how_it_is(bench: Bench, spoil: Callable[[SimulatedPrinter], None], answers: bytes) -> None:
    spoil(bench.printer)
    assert bench.feed(ONLINE, OFFLINE_CAUSE, ERROR_CAUSE, PAPER) == answers
    bench.printer.set_power(True)
    bench.printer.set_paper("ok")
    bench.printer.set_cover(False)
    bench.printer.faults.clear()
    assert bench.feed(ONLINE, OFFLINE_CAUSE, ERROR_CAUSE, PAPER) == b"\x12\x12\x12\x12"


def test_paper_that_runs_out_is_torn_off_and_the_rest_comes_on_the_next_roll(bench: Bench) -> None:
    bench.printer.faults.add("paper-out-after:2", None)
    bench.feed(b"1\n2\n3\n" + CUT)
    assert [ticket.text for ticket in bench.tickets] == ["1\n2"]
    assert bench.printer.state()["paper"] == "out"
    bench.printer.set_paper("ok")
    assert [ticket.text for ticket in bench.tickets] == ["1\n2", "3"]


def test_what_was_sent_waits_for_a_closed_cover(bench: Bench) -> None:
    bench.printer.set_cover(True)
    bench.feed(b"1\n" + CUT)
    assert bench.tickets == []
    bench.printer.set_cover(False)
    assert bench.lines() == ["1"]


def test_the_line_ends_after_so_many_bytes(bench: Bench) -> None:
    bench.printer.faults.add("disconnect:5", 1)
    assert list(bench.printer.receive(b"12\n")) == []
    assert list(bench.printer.receive(b"34\n" + CUT)) == [HangUp()]
    bench.printer.connected()
    bench.feed(b"5\n" + CUT)
    assert bench.lines() == ["12", "345"], "what came on the line before waits"
    assert bench.printer.faults.names() == []


def test_switched_off_it_forgets(bench: Bench) -> None:
    bench.feed(b"12\n34")
    bench.printer.set_power(False)
    assert bench.lines() == ["12"], "what was printed is torn off"
    bench.printer.set_power(True)
    bench.feed(b"5\n" + CUT)
    assert bench.lines()[1:] == ["5"]


def test_takes_no_more_bytes_until_that_is_over(bench: Bench) -> None:
    bench.printer.faults.add("stops-reading", None)
    moves = bench.printer.receive(b"1\n" + CUT)
    assert list(islice(moves, 3)) == [Pause(0.05)] * 3
    assert bench.tickets == []
    bench.printer.faults.clear()
    assert list(moves) == []
    assert bench.lines() == ["1"]


def test_takes_so_many_bytes_and_no_more(bench: Bench) -> None:
    bench.printer.faults.add("stops-reading:4", None)
    assert list(bench.printer.receive(b"1\n")) == []
    assert list(islice(bench.printer.receive(b"2\n3\n" + CUT), 2)) == [Pause(0.05)] * 2
    bench.printer.faults.clear()
    bench.feed(CUT)
    assert bench.lines() == ["1", "2"]


@pytest.mark.parametrize(
    ("fault", "answers"),
    [
        ("near-end-after:2", b"\x12\x12\x12\x1e"),
        ("cover-after:2", b"\x1a\x16\x12\x12"),
        ("overheats-after:2", b"\x1a\x52\x52\x12"),
        ("paper-out-after:2", b"\x1a\x32\x12\x7e"),
    ],
)
def test_changes_in_the_middle_of_a_job(bench: Bench, fault: str, answers: bytes) -> None:
    bench.printer.faults.add(fault, None)
    bench.feed(b"1\n")
    assert bench.feed(ONLINE, OFFLINE_CAUSE, ERROR_CAUSE, PAPER) == b"\x12" * 4
    bench.feed(b"2\n")
    assert bench.feed(ONLINE, OFFLINE_CAUSE, ERROR_CAUSE, PAPER) == answers


# ---- What some kinds know and others do not


def bench_of(kind: Kind) -> Bench:
    bench = Bench()
    bench.printer = SimulatedPrinter(32, bench.tickets.append, lambda: None, kind=kind)
    return bench


def test_a_process_id_comes_back_when_its_turn_comes() -> None:
    name = b"\x1d(H\x06\x0000AbC1"
    bench = bench_of("epson")
    bench.printer.set_paper("out")
    assert bench.feed(b"A\n" + name) == b""
    bench.printer.set_paper("ok")
    assert bench.feed(name) == b"7\x22AbC1\0"
    other = bench_of("usual")
    assert other.feed(name) == b""
    assert other.printer.state()["problems"] != []


def test_clearing_forgets_what_waits_and_nothing_that_follows() -> None:
    clear = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
    bench = bench_of("epson")
    bench.printer.set_paper("out")
    assert bench.feed(b"old\n\x1dv0\x00\x30\x00\x18" + clear[:4], clear[4:] + b"new\n" + CUT) == b"7\x25\0"
    bench.printer.set_paper("ok")
    assert bench.lines() == ["new"]


def test_an_error_that_can_be_removed_is_over_when_it_is_told_so() -> None:
    bench = bench_of("usual")
    bench.feed(b"\x10\x05\x02")
    bench.printer.faults.add("jam", 2)
    bench.feed(b"A\n")
    assert bench.feed(b"\x10\x05\x01", ERROR_CAUSE) == b"\x1a"
    assert bench.feed(b"\x10\x05\x01", ERROR_CAUSE) == b"\x12"
    bench.feed(CUT)
    assert bench.lines() == ["A"]
    bench.printer.faults.add("jam", 1)
    bench.feed(b"B\n" + b"\x10\x05\x02" + b"\x1b@C\n" + CUT)
    assert bench.lines()[1:] == ["C"]


def test_without_a_cutter_paper_is_torn_where_enough_is_fed() -> None:
    bench = bench_of("simple")
    bench.feed(b"A\n\x1bd\x01B\n\x1bd\x04")
    assert [ticket.text for ticket in bench.tickets] == ["A\nB"]
    assert bench.feed(b"\x1dr\x01") == b"", "nor does it know GS r"
    bench.feed(CUT)
    assert bench.printer.state()["problems"] == ["cut without a cutter"]


def test_bars_are_printed_as_high_and_wide_as_asked(bench: Bench) -> None:
    bench.feed(b"\x1dh\x10\x1dw\x02\x1dH\x00\x1dkI\x05{BK01" + CUT)
    [ticket] = bench.tickets
    assert ticket.text == "[bars K01]"
    assert ticket.picture.height == 16 + 2 * MARGIN
    dark = [x for x in range(ticket.picture.width) if ticket.picture.getpixel((x, MARGIN + 8)) == 0]
    assert (dark[0], dark[-1] + 1) == (0, 2 * (11 * 5 + 13))


@pytest.mark.parametrize("data", [b"K01", b"{AK01", b"{BK\x01", b"{BK{C01"])
def test_bars_that_are_not_understood_are_reported(bench: Bench, data: bytes) -> None:
    bench.feed(b"\x1dkI" + bytes([len(data)]) + data + b"\n" + CUT)
    assert bench.printer.state()["problems"][0].startswith("bar code ")


def test_takes_its_time(bench: Bench) -> None:
    bench.printer.faults.add("slow:0.2", None)
    assert list(bench.printer.receive(PAPER)) == [Pause(0.2), b"\x12"]


def test_noise_comes_before_answers(bench: Bench) -> None:
    bench.printer.faults.add("noise", 1)
    noisy, clean = bench.feed(PAPER), bench.feed(PAPER)
    assert noisy.endswith(b"\x12")
    assert len(noisy) > 1
    assert clean == b"\x12"


@pytest.mark.parametrize(
    "name", ["", "fire", "silence:3", "disconnect", "paper-out-after:x", "slow:", "disconnect:1.5", "noise@find"]
)
def test_a_fault_that_does_not_exist_is_refused(bench: Bench, name: str) -> None:
    with pytest.raises(ValueError, match=r"fault|takes|moment"):
        bench.printer.faults.add(name, None)
    assert bench.printer.faults.names() == []


def test_every_fault_is_explained() -> None:
    from devices.simulated import faults, printer

    explained = f"{printer.__doc__}{faults.__doc__}"
    assert [kind.name for kind in FAULTS if kind.name not in explained] == []


def test_changes_are_told(bench: Bench) -> None:
    bench.printer.set_paper("near-end")
    bench.printer.set_cover(True)
    bench.printer.faults.add("silence", None)
    assert bench.changes == 3
    assert bench.printer.state()["cover_open"]
    assert bench.printer.faults.names() == ["silence"]


def test_a_ticket_is_a_picture_and_a_text(bench: Bench) -> None:
    bench = Bench(48)
    bench.feed(to_escpos(FILING, 48))
    [ticket] = bench.tickets
    assert ticket.png.startswith(b"\x89PNG")
    assert ticket.picture.width == 576
    words = ticket.text.split("\n")
    assert words[1] == " " * 12 + "异地就医备案"
    assert words[4] == "申请人" + " " * 21 + "欧阳＊＊（尾号 112X）"


JOB = to_escpos([Text("您好𠮷", bold=True), Qr("K001"), Text("完")], 32)


@given(st.integers(0, len(JOB)), st.integers(0, len(JOB)))
def test_it_does_not_matter_how_the_bytes_are_cut(one: int, other: int) -> None:
    first, second = sorted((one, other))
    whole, pieces = Bench(), Bench()
    whole.feed(JOB)
    pieces.feed(JOB[:first], JOB[first:second], JOB[second:])
    assert pieces.lines() == whole.lines()
    assert pieces.tickets[0].picture.tobytes() == whole.tickets[0].picture.tobytes()


COMMANDS = [
    b"\x1b", b"\x1d", b"\x1c&", b"\x1c.", b"\n", b"\x1d(k", CUT, b"\x1dVA\5", b"\x1b@", b"\x1ba\1", b"\x1ba\7",
    b"\x1bE\1", b"\x1d!\x77", b"\x1b3\0", b"\x1bd\xff", b"\x1bJ\xff", b"\x1dv0\0\1\0\1\0", b"\x1dv0\0\0\0\0\0",
    b"\x1dv0\1\xff\0\2\0",
    b"\x1dw\0", b"\x1dw\xff", b"\x1dh\0", b"\x1dh\xff", b"\x1dH\0", b"\x1dkI\4{Bab", b"\x1dkI\0", b"\x1dk\2123\0",
    b"\x1d(k\3\x001C\0", b"\x1d(k\3\x001C\x10", b"\x1d(k\3\x001E0", b"\x1d(k\x08\x001P0abcde", b"\x1d(k\3\x001Q0",
    b"\x1d(k\0\0", b"\x1d(k\xd3\x071P0" + b"\xff" * 2000, b"\x1d(H\6\x0000name", b"\x1dr\1", b"\x10\4\1", b"\x10\5\2",
]  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=30), st.sampled_from(COMMANDS)), max_size=20))
@example([b"\x1d(k\3\x001C\0", b"\x1d(k\3\x001Q0"])
@example([b"\x1dw\0", b"\x1dkI\4{Bab"])
@example([b"\x1d(k\xd3\x071P0" + b"\xff" * 2000, b"\x1d(k\3\x001Q0"])
def test_any_bytes_are_read(pieces: list[bytes]) -> None:
    """Settings that no printer knows change nothing."""
    bench = Bench()
    bench.feed(*pieces)
    bench.printer.set_power(False)
    bench.printer.set_power(True)
    bench.printer.faults.clear()
    bench.feed(b"\x1b@after\n" + CUT)
    assert bench.lines()[-1] == "after"
