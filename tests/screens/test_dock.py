"""The dock's real window over the real simulators: touched from outside, as a person would, and looked at."""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypedDict
from urllib.parse import urlsplit

import pytest
from PIL import Image

from devices.control import State
from devices.simulated.pcscd import Pcscd
from devices.simulated.people import load_people
from screens.dock import HEIGHT, WIDTH, run_dock
from screens.dock.ways import PAYMENT_CODE
from tests.devices.programs import Simulators, simulators
from tests.screens.telephones import Telephones, telephones
from tests.x_windows import close_window

FREE = "tcp://127.0.0.1:0"
ALL = ("--id-card", FREE, "--printer", FREE, "--scanner", FREE, "--network", "http://127.0.0.1:0=http://127.0.0.1:9")
A4 = ("--office-printer", FREE)
LEFT, RIGHT, WHEEL = 1, 3, 5
"""Mouse buttons as X numbers them."""


class SeenPaper(TypedDict):
    text: str
    place: tuple[float, float, float, float]


class Seen(TypedDict):
    """What seen_dock.py tells: places are x and y in the window from its upper left corner, a roll's third is scroll_y;
    a paper's place is x, y, width and height from the lower left corner."""

    held: bool
    known_paper: str | None
    size: tuple[int, int]
    targets: dict[str, tuple[float, float]]
    words: list[str]
    papers: list[SeenPaper]
    rolls: dict[str, tuple[float, float, float]]


@dataclass(frozen=True, kw_only=True)
class Dock:
    process: subprocess.Popen[str]
    port: int

    def look(self, order: str = "") -> Seen:
        with socket.create_connection(("127.0.0.1", self.port), 10) as line, line.makefile("rw") as talk:
            talk.write(order + "\n")
            talk.flush()
            seen: Seen = json.loads(talk.readline())
            return seen

    def touch(self, means: str) -> None:
        """Touch what means this, once it can be touched."""
        self.click(*self.place_of(means), LEFT)

    def place_of(self, means: str) -> tuple[float, float]:
        """Where what means this can be touched, once it can."""
        until = time.monotonic() + 5
        while (place := self.look()["targets"].get(means)) is None:
            assert time.monotonic() < until, f"{means} cannot be touched"
            time.sleep(0.02)
        x, y = place
        return x, y

    def click(self, x: float, y: float, button: int) -> None:
        xdotool("mousemove", "--window", self.window, f"{x:.0f}", f"{y:.0f}", "click", str(button))

    @cached_property
    def window(self) -> str:
        return xdotool("search", "--pid", str(self.process.pid)).split()[-1]

    def says(self, *words: str) -> None:
        eventually(lambda: set(words) <= set(self.look()["words"]), within=30)


def eventually(condition: Callable[[], bool], within: float = 20.0) -> None:
    """Wait until the condition holds; fail when it does not in time."""
    until = time.monotonic() + within
    while not condition():
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.02)


@contextmanager
def dock(control: str, central: str, data: Path) -> Iterator[Dock]:
    """The program, from its window being up to its end, which is waited for."""
    command = [sys.executable, "-m", "tests.screens.seen_dock", control, central, str(data)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            port = read_line(process)["seen"]
            assert read_line(process) == {"dock": "open"}
            yield Dock(process=process, port=int(str(port)))
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def read_line(process: subprocess.Popen[str], within: float = 20.0) -> dict[str, object]:
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        assert selector.select(within), "the dock says nothing"
    line: dict[str, object] = json.loads(process.stdout.readline() or "null")
    assert line, "the dock ended as it started"
    return line


def xdotool(*arguments: str) -> str:
    return subprocess.run(["xdotool", *arguments], check=True, timeout=10, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def rig() -> Iterator[Simulators]:
    """Every device, and the people of the demonstration."""
    with simulators(*ALL, *A4, *([] if Pcscd.why_not() else ["--social-card"])) as running:
        yield running


@pytest.fixture(scope="module")
def central() -> Iterator[Telephones]:
    with telephones() as server:
        yield server


@pytest.fixture(scope="module")
def window(rig: Simulators, central: Telephones, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dock]:
    with dock(rig.control_url, central.url, tmp_path_factory.mktemp("dock")) as running:
        yield running


def on_reader(state: State) -> str | None:
    assert state["id_card"] is not None
    return state["id_card"]["person"]


def paper(state: State) -> str | None:
    assert state["printer"] is not None
    return state["printer"]["paper"]


def in_slot(state: State) -> str | None:
    assert state["social_card"] is not None
    return state["social_card"]["person"]


def test_a_touch_on_a_person_presents_the_card_and_another_takes_it_away(rig: Simulators, window: Dock) -> None:
    window.touch("person:lin-xiuying:put")
    eventually(lambda: on_reader(rig.control.state()) == "lin-xiuying")
    window.says("林秀英 的身份证在读卡器上")
    window.touch("person:rare:put")
    eventually(lambda: on_reader(rig.control.state()) == "rare")
    window.touch("person:rare:take")
    eventually(lambda: on_reader(rig.control.state()) is None)
    window.touch("person:ouyang:put")
    window.touch("take")
    eventually(lambda: on_reader(rig.control.state()) is None)


def test_the_chosen_way_is_what_a_touch_on_a_person_does(rig: Simulators, window: Dock) -> None:
    if rig.social_card:
        window.touch("tab:社保卡")
        window.touch("tab:三代")
        window.touch("person:lin-xiuying:put")
        window.says("林秀英 的社保卡插着")
        assert in_slot(rig.control.state()) == "lin-xiuying"
        window.touch("person:lin-xiuying:take")
        eventually(lambda: in_slot(rig.control.state()) is None)
    place = urlsplit(rig.scanner)
    with socket.create_connection((place.hostname, place.port), 5) as line, line.makefile("r", newline="\r") as codes:
        for tab, kind in (("医保码", "medical"), ("电子社保卡", "social")):
            window.touch(f"tab:{tab}")
            window.touch("person:chen-jianguo:open")
            assert codes.readline() == f"{kind} code of chen-jianguo\r"
            window.says(f"陈建国 的{tab} 扫过了")
        window.touch("scan:payment")
        assert codes.readline() == f"{PAYMENT_CODE}\r"
    window.touch("person:long-name:open")
    window.says("中心不认识 阿卜杜克热木江·阿卜杜热西提江，手机上没有码。")
    assert on_reader(rig.control.state()) is None
    window.touch("tab:身份证")


def test_a_touch_on_a_switch_moves_it(rig: Simulators, window: Dock) -> None:
    window.touch("tab:设备")
    window.touch("switch:纸:用完了")
    eventually(lambda: paper(rig.control.state()) == "out")
    window.touch("switch:纸:有纸")
    eventually(lambda: paper(rig.control.state()) == "ok")
    window.touch("switch:网络:断")
    eventually(lambda: rig.control.state()["network"] == {"up": False})
    window.touch("switch:网络:通")
    eventually(lambda: rig.control.state()["network"] == {"up": True})
    window.touch("switch:扫码器:不回答")
    eventually(lambda: faults(rig.control.state()) == ["silence"])
    window.touch("switch:扫码器:正常")
    eventually(lambda: faults(rig.control.state()) == [])
    window.touch("tab:身份证")


def faults(state: State) -> list[str]:
    assert state["scanner"] is not None
    return state["scanner"]["faults"]


def test_the_paper_is_seen_as_it_was_printed(rig: Simulators, window: Dock, tmp_path: Path) -> None:
    window.says("还没有打印")
    for text in ("第一张", "第二张"):
        job = subprocess.run(
            [sys.executable, "-m", "devices", "print", "--line", rig.printer, "-"],
            input=f"{text}\n", text=True, timeout=20, check=False,
        )  # fmt: skip
        assert job.returncode == 0
    eventually(lambda: [paper["text"].strip() for paper in window.look()["papers"]] == ["第二张", "第一张"])
    picture = tmp_path / "window.png"
    seen = window.look(f"picture {picture}")
    x, y, width, height = map(round, seen["papers"][0]["place"])
    with Image.open(picture) as whole:
        top = whole.height - y - height
        piece = whole.convert("L").crop((x, top, x + width, top + height))
    assert piece.getpixel((width // 2, 2)) == 255
    assert piece.point(lambda grey: grey < 100).getbbox(), "no ink on the paper"


def test_the_telephone_shows_a_code_and_takes_a_yes(central: Telephones, window: Dock) -> None:
    central.receive("【医保】验证码 482913，5 分钟内有效。")
    central.receive("【医保】请点开链接确认。", to="13800000002", token="t" * 32)
    window.says("482913", "138 0000 0001 · 09:01", "【医保】请点开链接确认。")
    window.touch(f"confirm:{'t' * 32}")
    window.says("已确认")
    assert central.confirmed == ["t" * 32]


def test_the_wheel_looks_through_the_messages(central: Telephones, window: Dock) -> None:
    for _ in range(12):
        central.receive("【医保】验证码 000000，5 分钟内有效。不是您本人在办，请不要告诉别人。")
    eventually(lambda: window.look()["words"].count("000000") == 12, within=30)
    x, y, top = window.look()["rolls"]["messages"]
    assert top == 1
    window.click(x, y, WHEEL)
    eventually(lambda: window.look()["rolls"]["messages"][2] < 1)
    assert len(central.confirmed) == 1


@pytest.mark.parametrize("button", [WHEEL, RIGHT])
def test_only_the_left_button_presses(rig: Simulators, window: Dock, button: int) -> None:
    """Presses are obeyed in their order: had this one counted, the card would lie there before the paper changes."""
    window.click(*window.place_of("person:ouyang:put"), button)
    window.touch("tab:设备")
    window.touch("switch:纸:快用完")
    eventually(lambda: paper(rig.control.state()) == "near-end")
    assert on_reader(rig.control.state()) is None
    window.touch("switch:纸:有纸")
    eventually(lambda: paper(rig.control.state()) == "ok")
    window.touch("tab:身份证")


def test_what_changes_under_the_finger_waits_for_it(rig: Simulators, window: Dock) -> None:
    """A press would be lost if the card were drawn anew while it is held down."""
    eventually(lambda: window.look()["known_paper"] == "ok")
    x, y = window.place_of("person:ouyang:put")
    xdotool("mousemove", "--window", window.window, f"{x:.0f}", f"{y:.0f}", "mousedown", "1")
    eventually(lambda: window.look()["held"])
    rig.control.paper("near-end")
    eventually(lambda: window.look()["known_paper"] == "near-end")
    window.look("collect")
    xdotool("mouseup", "1")
    eventually(lambda: on_reader(rig.control.state()) == "ouyang")
    window.touch("person:ouyang:take")
    rig.control.paper("ok")


@pytest.mark.parametrize("size", [(1180, 640), (460, 620), (WIDTH, HEIGHT)])
def test_all_people_and_all_devices_fit_every_size(window: Dock, size: tuple[int, int]) -> None:
    """They are in the window and, where it is upright, leave half of what is below them to telephone and paper."""
    xdotool("windowsize", window.window, *map(str, size))
    eventually(lambda: tuple(window.look()["size"]) == size)
    for tab, kind in (("设备", "switch"), ("身份证", "person")):
        window.touch(f"tab:{tab}")
        eventually(lambda kind=kind: bool(places(window.look(), kind)))  # type: ignore[misc]
        seen = window.look()
        bottom = size[1] if size[0] > size[1] else seen["rolls"]["messages"][1]
        assert all(0 < x < size[0] and 0 < y < bottom for x, y in places(seen, kind))
        assert kind == "switch" or len(places(seen, kind)) == len(load_people())


def places(seen: Seen, kind: str) -> list[tuple[float, float]]:
    return [place for means, place in seen["targets"].items() if means.startswith(kind)]


def test_what_is_away_is_said_and_comes_back(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        control = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
    with dock(control, "", tmp_path) as window:
        window.says("模拟设备不在，正在找", "没有接上中心，这里收不到短信")
        assert not [means for means in window.look()["targets"] if not means.startswith("tab")]
        with simulators(*ALL, "--control", control):
            window.says("模拟设备在", "陈建国")
            window.touch("person:chen-jianguo:put")
            window.says("陈建国 的身份证在读卡器上")
        window.says("模拟设备不在，正在找")


# -- Its end -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["stdin", "SIGTERM", "SIGINT", "window"])
def test_it_ends_cleanly(rig: Simulators, central: Telephones, tmp_path: Path, way: str) -> None:
    with dock(rig.control_url, central.url, tmp_path) as window:
        match way:
            case "stdin":
                assert window.process.stdin is not None
                window.process.stdin.close()
            case "window":
                close_window(int(window.window))
            case name:
                os.kill(window.process.pid, signal.Signals[name])
        assert window.process.wait(2) == 0


@pytest.mark.parametrize(
    ("control", "central"), [("127.0.0.1:1", None), ("serial:///dev/null", None), ("tcp://127.0.0.1:1", "127.0.0.1:80")]
)
def test_a_wrong_address_is_said_in_one_line(
    control: str, central: str | None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert run_dock(control, central, tmp_path) == 2
    assert ["allowed" in line for line in caplog.messages] == [True]


def test_without_a_screen_it_says_so(tmp_path: Path) -> None:
    """In a process of its own: kivy settles at its import where it draws, and here it is imported already."""
    script = "import sys; from pathlib import Path; from screens.dock import run_dock; "
    script += "sys.exit(run_dock('tcp://127.0.0.1:1', None, Path(sys.argv[1])))"
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path],
        env={name: value for name, value in os.environ.items() if name != "DISPLAY"},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 2
    assert "no screen" in done.stderr
