"""The dock without its window: over the real simulators, real HTTP and the real central."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from urllib.parse import urlsplit

import httpx2 as httpx
import pytest

from devices.control import SimulatedPerson, SimulatorControl
from devices.paper import Qr, to_escpos
from devices.simulated.pcscd import Pcscd
from kiosk.credentials import Credential, PaymentCode, route
from screens.dock.life import FAILED, KEPT_MESSAGES, KEPT_PAPERS, NO_CODE, NOT_CONFIRMED, UNKNOWN, Board, Life
from screens.dock.switches import SWITCHES, TROUBLES, Switch, anything_unusual, standing
from screens.dock.telephone import NoAnswer, Telephone, TextMessage, UnknownPerson, grouped
from screens.dock.ways import PAYMENT_CODE, WAYS, CardWay, CodeWay, ways_of
from tests.central.kiosks import CHEN, FakeKiosk, filing
from tests.devices.programs import Simulators, simulators
from tests.screens.telephones import Telephones, telephones

FREE = "tcp://127.0.0.1:0"
ALL = ("--id-card", FREE, "--printer", FREE, "--scanner", FREE, "--network", "http://127.0.0.1:0=http://127.0.0.1:9")
A4 = ("--office-printer", FREE)
CARDS = {way.device: way for way in WAYS if isinstance(way, CardWay)}
MEDICAL, SOCIAL = (way for way in WAYS if isinstance(way, CodeWay))


@pytest.fixture(scope="module")
def rig() -> Iterator[Simulators]:
    with simulators(*ALL, *A4, *([] if Pcscd.why_not() else ["--social-card"])) as running:
        yield running


@pytest.fixture
def central() -> Iterator[Telephones]:
    with telephones() as server:
        yield server


@asynccontextmanager
async def living(control: str, central: str | None = None) -> AsyncIterator[Life]:
    life = Life(control, central, again=0.05)
    running = asyncio.create_task(life.run())
    try:
        yield life
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def shown(life: Life, wanted: Callable[[Board], bool], within: float = 30.0) -> Board:
    """The first board that is as wanted."""
    changed = asyncio.Event()
    life.changed = lambda _board: changed.set()
    async with asyncio.timeout(within):
        while not wanted(life.board):
            await changed.wait()
            changed.clear()
    return life.board


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


# -- People and switches -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", CARDS.values(), ids=CARDS)
async def test_a_person_puts_a_card_down_and_takes_it_away(rig: Simulators, way: CardWay) -> None:
    async with living(rig.control_url) as life:
        board = await shown(life, lambda b: b.state is not None)
        if way not in ways_of(board.state):
            pytest.skip("needs a PC/SC service: make test")
        assert [person["id"] for person in board.people][:2] == ["chen-jianguo", "lin-xiuying"]
        life.put(lambda control: way.put(control, "lin-xiuying"))
        await shown(life, lambda b: b.card_in(way.device) == "lin-xiuying")
        reader = rig.control.state()[way.device]
        assert reader is not None
        assert reader["person"] == "lin-xiuying"
        life.put(way.take)
        await shown(life, lambda b: b.card_in(way.device) is None)


@pytest.mark.parametrize("switch", [*SWITCHES, *TROUBLES], ids=lambda switch: f"{switch.name}-{len(switch.positions)}")
async def test_every_switch_goes_to_every_position_and_says_so(rig: Simulators, switch: Switch) -> None:
    async with living(rig.control_url) as life:
        board = await shown(life, lambda b: b.state is not None)
        if board.state is None or not switch.there(board.state):
            pytest.skip("needs a PC/SC service: make test")
        assert not anything_unusual(board.state)
        for index in (*range(len(switch.positions)), 0):
            life.put(switch.positions[index].put)
            board = await shown(life, lambda b, index=index: where(b, switch) == index)  # type: ignore[misc]
            assert [position.holds(rig.control.state()) for position in switch.positions].index(True) == index
            assert anything_unusual(board.state) == (index > 0)


def where(board: Board, switch: Switch) -> int | None:
    return next(stands.at for stands in standing((switch,), board.state))


async def test_only_what_is_simulated_has_switches() -> None:
    with simulators("--id-card", "tcp://127.0.0.1:0") as only_reader:
        async with living(only_reader.control_url) as life:
            board = await shown(life, lambda b: b.state is not None)
            assert [stands.switch.name for stands in standing((*SWITCHES, *TROUBLES), board.state)] == [
                "身份证读卡器"
            ] * 2
            assert [way.name for way in ways_of(board.state)] == ["身份证"]
            life.put(lambda control: control.paper("out"))
            await shown(life, lambda b: b.notice == FAILED)
            life.put(lambda control: control.present("ouyang"))
            await shown(life, lambda b: b.notice == "" and b.card_in("id_card") == "ouyang")


def test_while_nobody_can_be_asked_no_switch_stands_anywhere() -> None:
    assert [stands.at for stands in standing(SWITCHES, None)] == [None] * len(SWITCHES)
    assert ways_of(None) == WAYS


async def test_presses_before_and_after_its_life_do_nothing(rig: Simulators, central: Telephones) -> None:
    before = scans(rig)
    life = Life(rig.control_url, central.url)
    life.put(lambda control: control.present("ouyang"))
    life.open_code(CHEN_JIANGUO, MEDICAL)
    life.hold_up(PAYMENT_CODE, "付款码")
    life.confirm("token")
    async with living(rig.control_url) as other:
        board = await shown(other, lambda b: b.state is not None)
        assert board.card_in("id_card") is None
        assert scans(rig) == before


# -- Codes before the scanner ------------------------------------------------------------------------------------------

CHEN_JIANGUO = SimulatedPerson(id="chen-jianguo", name="陈建国", about="")
NOBODY_KNOWS = SimulatedPerson(id="long-name", name="阿卜杜克热木江·阿卜杜热西提江", about="")


@pytest.mark.parametrize("way", [MEDICAL, SOCIAL], ids=lambda way: way.kind)
async def test_the_code_on_a_telephone_is_held_before_the_scanner(
    rig: Simulators, central: Telephones, way: CodeWay
) -> None:
    async with living(rig.control_url, central.url) as life:
        with scanner(rig) as heard:
            await shown(life, lambda b: b.state is not None)
            life.open_code(CHEN_JIANGUO, way)
            await shown(life, lambda b: b.scanned == f"陈建国 的{way.name}")
            assert heard() == f"{way.kind} code of chen-jianguo"
            life.put(SimulatorControl.lift)
            await shown(life, lambda b: not b.scanned)


async def test_other_codes_are_held_before_the_scanner(rig: Simulators) -> None:
    async with living(rig.control_url) as life:
        with scanner(rig) as heard:
            await shown(life, lambda b: b.state is not None)
            life.hold_up(PAYMENT_CODE, "付款码")
            await shown(life, lambda b: b.scanned == "付款码")
            assert isinstance(route(heard()), PaymentCode)


async def test_whom_central_does_not_know_has_no_code(rig: Simulators, central: Telephones) -> None:
    before = scans(rig)
    async with living(rig.control_url, central.url) as life:
        await shown(life, lambda b: b.state is not None)
        life.open_code(NOBODY_KNOWS, MEDICAL)
        await shown(life, lambda b: b.notice == UNKNOWN.format(name=NOBODY_KNOWS["name"]))
        central.answer = (500, b"")
        life.open_code(CHEN_JIANGUO, MEDICAL)
        await shown(life, lambda b: b.notice == NO_CODE)
        assert scans(rig) == before


async def test_a_central_without_telephones_is_told_from_one_that_is_away(rig: Simulators, central: Telephones) -> None:
    async with living(rig.control_url, central.url) as life:
        await shown(life, lambda b: b.telephone == "there")
        central.answer = (404, b"{}")
        await shown(life, lambda b: b.telephone == "without")
        central.answer = (500, b"")
        await shown(life, lambda b: b.telephone == "away")


@contextmanager
def scanner(rig: Simulators) -> Iterator[Callable[[], str]]:
    """The kiosk's end of the scanner's line: the next code that it says."""
    place = urlsplit(rig.scanner)
    with socket.create_connection((place.hostname, place.port), 5) as line, line.makefile("r", newline="\r") as codes:
        yield lambda: codes.readline().removesuffix("\r")


def scans(rig: Simulators) -> int:
    state = rig.control.state()["scanner"]
    assert state is not None
    return state["scans"]


# -- Paper -------------------------------------------------------------------------------------------------------------


async def test_the_newest_paper_lies_on_top_and_ten_are_kept(rig: Simulators) -> None:
    async with living(rig.control_url) as life:
        await shown(life, lambda b: b.state is not None)
        for number in range(KEPT_PAPERS + 2):
            print_on(rig.printer, f"piece {number}".encode())
        last = f"piece {KEPT_PAPERS + 1}"
        board = await shown(life, lambda b: bool(b.papers) and last in b.papers[0].text)
        assert [paper.text.split()[-1] for paper in board.papers] == [str(n) for n in range(KEPT_PAPERS + 1, 1, -1)]
        assert board.papers[0].png.startswith(b"\x89PNG")


async def test_the_qr_of_the_newest_receipt_is_known(rig: Simulators) -> None:
    async with living(rig.control_url) as life:
        await shown(life, lambda b: b.state is not None)
        assert life.board.printed_code is None
        for number in ("K001-26-000317-7Q4XM", "K001-26-000318-2B7WE"):
            print_on(rig.printer, to_escpos([Qr(number, "登记号")], 48))
        print_on(rig.printer, b"no code at all")
        board = await shown(life, lambda b: bool(b.papers) and "no code at all" in b.papers[0].text)
        assert board.printed_code == "K001-26-000318-2B7WE"


def print_on(line: str, data: bytes) -> None:
    """This and a cut (GS V), and wait until the printer has worked it off (DLE EOT answers in its turn)."""
    place = urlsplit(line)
    with socket.create_connection((place.hostname, place.port), 5) as printer:
        printer.sendall(data + b"\n\x1dV\x00\x10\x04\x01")
        assert printer.recv(1)


# -- Away and back -----------------------------------------------------------------------------------------------------


async def test_simulators_that_end_are_missed_and_found_again() -> None:
    control = f"tcp://127.0.0.1:{free_port()}"
    async with living(control) as life:
        with simulators("--id-card", "tcp://127.0.0.1:0", "--control", control):
            board = await shown(life, lambda b: b.state is not None)
        await shown(life, lambda b: b.state is None)
        assert life.board.people == board.people
        with simulators("--id-card", "tcp://127.0.0.1:0", "--control", control):
            await shown(life, lambda b: b.state is not None)


async def test_it_may_end_at_any_moment_and_leaves_nothing_open(rig: Simulators, central: Telephones) -> None:
    """A socket that nobody closed is a ResourceWarning when it is collected, and so an error."""
    for moment in range(60):
        running = asyncio.create_task(Life(rig.control_url, central.url, again=0.05).run())
        await asyncio.sleep(moment * 0.0002)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    gc.collect()


async def test_a_telephone_that_comes_back_is_asked_for_everything(rig: Simulators) -> None:
    port = free_port()
    async with living(rig.control_url, f"http://127.0.0.1:{port}") as life:
        assert life.board.telephone == "away"
        with telephones(port) as first:
            first.receive("one")
            first.receive("two")
            await shown(life, lambda b: [m.text for m in b.messages] == ["two", "one"])
        board = await shown(life, lambda b: b.telephone == "away")
        assert len(board.messages) == 2
        with telephones(port) as another:
            another.receive("of another central")
            await shown(life, lambda b: [m.text for m in b.messages] == ["of another central"])


# -- The telephone -----------------------------------------------------------------------------------------------------


async def test_the_newest_message_is_on_top(rig: Simulators, central: Telephones) -> None:
    async with living(rig.control_url, central.url) as life:
        await shown(life, lambda b: b.telephone == "there")
        for number in range(KEPT_MESSAGES + 3):
            central.receive(f"{number}")
        board = await shown(life, lambda b: len(b.messages) == KEPT_MESSAGES)
        assert board.messages[0].text == str(KEPT_MESSAGES + 2)


async def test_a_yes_is_said_once(rig: Simulators, central: Telephones) -> None:
    central.receive("please confirm", token="t" * 32)
    async with living(rig.control_url, central.url) as life:
        await shown(life, lambda b: bool(b.messages))
        life.confirm("t" * 32)
        life.confirm("t" * 32)
        await shown(life, lambda b: b.replies.get("t" * 32) == "said")
        assert central.confirmed == ["t" * 32]


async def test_a_yes_that_nobody_waits_for_is_told(rig: Simulators, central: Telephones) -> None:
    async with living(rig.control_url, central.url) as life:
        await shown(life, lambda b: b.telephone == "there")
        life.confirm("never sent")
        await shown(life, lambda b: b.replies.get("never sent") == "expired")


async def test_a_yes_that_did_not_arrive_can_be_said_again(rig: Simulators, central: Telephones) -> None:
    central.receive("please confirm", token="t" * 32)
    async with living(rig.control_url, central.url) as life:
        await shown(life, lambda b: bool(b.messages))
        central.answer = (500, b"")
        life.confirm("t" * 32)
        board = await shown(life, lambda b: b.notice == NOT_CONFIRMED)
        assert not board.replies
        central.answer = None
        life.confirm("t" * 32)
        await shown(life, lambda b: b.replies.get("t" * 32) == "said" and b.notice == "")


@pytest.mark.parametrize(
    "answer", [(500, b"[]"), (404, b"{}"), (302, b"[]"), (200, b"<html>"), (200, b"{}"), (200, b'[{"id": 0}]')]
)
def test_an_answer_that_no_telephone_shows(central: Telephones, answer: tuple[int, bytes]) -> None:
    central.answer = answer
    telephone = Telephone(central.url)
    with pytest.raises(NoAnswer):
        telephone.received(0)
    with pytest.raises((NoAnswer, UnknownPerson)):
        telephone.open_code("chen-jianguo", "medical")
    telephone.close()


def test_a_central_that_says_nothing_is_not_waited_for(central: Telephones) -> None:
    central.hang.clear()
    telephone = Telephone(central.url, within=0.2)
    with pytest.raises(NoAnswer):
        telephone.received(0)
    telephone.close()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("【医保】验证码 482913，5 分钟内有效。", "482913"),
        ("验证码：0012", "0012"),
        ("验证码是123456789", None),
        ("请在 7 天内点开链接确认。", None),
    ],
)
def test_the_code_of_a_message(text: str, code: str | None) -> None:
    message = TextMessage.model_validate({"id": 1, "to": "13800000001", "text": text, "at": "2026-11-22T01:41:00Z"})
    assert message.code == code
    assert message.heading == "138 0000 0001 · 09:41"


def test_a_number_that_is_no_mobile_number_stays_as_it_is() -> None:
    assert grouped("12393") == "12393"


@pytest.fixture(scope="module")
def real_central(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    database = tmp_path_factory.mktemp("central") / "central.db"
    free = ["--port", "0", "--public-port", "0"]
    command = [sys.executable, "-m", "central", "serve", "--db", f"sqlite:///{database}", *free]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())["listening"]
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(15)


async def test_codes_and_links_of_the_real_central(rig: Simulators, real_central: str) -> None:
    """The code on the telephone is the one that central takes, and the yes sends the matter on its way."""
    with httpx.Client(base_url=real_central, timeout=10) as http:
        kiosk = FakeKiosk(http)
        record = kiosk.write(filing(CHEN, owed=True))
        kiosk.send()
        async with living(rig.control_url, real_central) as life:
            board = await shown(life, lambda b: any(m.token for m in b.messages))
            token = next(message.token for message in board.messages if message.token)
            life.confirm(token)
            await shown(life, lambda b: b.replies.get(token) == "said")
            matter = await asyncio.to_thread(kiosk.matter, record, 10)
            assert matter is not None
            assert matter.state == "sent"
            assert (await asyncio.to_thread(kiosk.ask_code, CHEN)).status_code == 200
            board = await shown(life, lambda b: b.messages[0].code is not None)
            assert (await asyncio.to_thread(kiosk.check_code, board.messages[0].code or "")).right


def test_what_a_telephone_opens_at_the_real_central_is_such_a_code(real_central: str) -> None:
    telephone = Telephone(real_central)
    for way in (MEDICAL, SOCIAL):
        routed = route(telephone.open_code("chen-jianguo", way.kind))
        assert isinstance(routed, Credential)
        assert routed.kind == way.kind
        with pytest.raises(UnknownPerson):
            telephone.open_code("long-name", way.kind)
    telephone.close()
