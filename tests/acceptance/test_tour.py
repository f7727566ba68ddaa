"""The whole machine with its glass: the tour as somebody at a terminal takes it, and the program's life."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from PIL import Image

from tests.acceptance.whole import ROOT, Surroundings
from tests.toml import toml
from tests.x_windows import close_window


def settings_file(around: Surroundings, folder: Path, kiosk: str, **changes: dict[str, object]) -> Path:
    tables = around.tables(kiosk)
    for section, values in changes.items():
        tables.setdefault(section, {}).update(values)
    file = folder / "kiosk.toml"
    file.write_text(toml(tables), encoding="utf-8")
    return file


@dataclass(frozen=True)
class Ended:
    code: int
    report: dict[str, Any]
    errors: str

    @property
    def journeys(self) -> list[dict[str, Any]]:
        return cast("list[dict[str, Any]]", self.report["journeys"])


def tour(settings: Path, folder: Path, *arguments: str) -> Ended:
    """Runs ``main.py tour`` to its end."""
    command = [sys.executable, "main.py", "--settings", str(settings), "--data", str(folder / "data"), "tour"]
    done = subprocess.run(
        [*command, "--out", str(folder / "out"), *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    return Ended(done.returncode, json.loads(lines[-1]) if lines else {}, done.stderr)


def test_the_whole_tour(around: Surroundings, tmp_path: Path) -> None:
    """Three journeys by touch on the real screens: pictures in order, receipts, records at central, nothing pending."""
    around.put_in_order()
    ended = tour(settings_file(around, tmp_path, "A-001"), tmp_path)
    assert ended.code == 0, ended.errors
    assert "Traceback" not in ended.errors
    journeys = ended.journeys
    assert [journey["name"] for journey in journeys] == ["rider-check-in", "insurance-status", "remote-care-filing"]
    assert [journey["matter"] for journey in journeys] == ["sent", None, "sent"]
    assert [journey["record"] is None for journey in journeys] == [False, True, False]
    assert ended.report["records"] == ended.report["stored"] >= 3, "what befell the machine is recorded too"
    assert ended.report["pending"] == 0
    pictures = sorted((tmp_path / "out").iterdir())
    named = [Path(page) for journey in journeys for page in [*journey["pages"], journey["receipt"]]]
    assert sorted(named) == pictures
    assert [picture.name[:2] for picture in pictures] == [f"{n:02}" for n in range(1, len(pictures) + 1)]
    for picture in pictures:
        with Image.open(picture) as image:
            assert image.size == (1080, 1920) or picture.name.endswith("receipt.png")
            assert len(image.convert("L").getcolors(256) or []) > 20, f"{picture.name} is empty"


def test_one_journey_of_a_named_person_offline_is_kept(around: Surroundings, tmp_path: Path) -> None:
    """Central goes away after the first contact: the tour ends well, the record is kept here, and says so."""
    around.put_in_order()
    settings = settings_file(around, tmp_path, "A-002", central={"answer_within": 0.5})
    assert tour(settings, tmp_path, "rider-check-in").code == 0
    around.control.network(False)
    ended = tour(settings, tmp_path, "remote-care-filing", "--person", "ouyang", "--drain", "0")
    around.control.network(True)
    assert ended.code == 0, ended.errors
    assert [journey["matter"] for journey in ended.journeys] == ["kept"]
    assert ended.report["pending"] >= 1
    assert outbox_status(tmp_path)["matters"] == {"sent": 1, "kept": 1}


def test_somebody_with_a_name_of_fifteen_characters_files_and_queries(around: Surroundings, tmp_path: Path) -> None:
    """From the card to the receipt, on the same way as everybody."""
    around.put_in_order()
    settings = settings_file(around, tmp_path, "A-014")
    ended = tour(settings, tmp_path, "insurance-status", "remote-care-filing", "--person", "long-name-insured")
    assert ended.code == 0, ended.errors
    assert [journey["matter"] for journey in ended.journeys] == [None, "sent"]
    assert ended.report["pending"] == 0


def test_a_journey_that_cannot_finish_is_exit_1(around: Surroundings, tmp_path: Path) -> None:
    around.put_in_order()
    settings = settings_file(around, tmp_path, "A-003")
    assert tour(settings, tmp_path, "rider-check-in").code == 0
    around.control.network(False)
    ended = tour(settings, tmp_path, "insurance-status", "--drain", "0")
    around.control.network(True)
    assert ended.code == 1
    assert "did not come to its end" in ended.errors
    assert "unavailable" in json.dumps(ended.journeys)


def outbox_status(folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "main.py", "--data", str(folder / "data"), "outbox", "status", "--json"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return dict(json.loads(done.stdout))


# -- the program's life ------------------------------------------------------------------------------------------------


@contextmanager
def kiosk(settings: Path, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The kiosk with its window, at its home page; killed at the end if it still runs."""
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "main.py", "--settings", str(settings), "--data", str(folder / "data")],
            cwd=ROOT, stderr=log, text=True,
        )  # fmt: skip
    try:
        until(lambda: "the home page stands" in (folder / "log").read_text(), "the home page")
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def until(true: object, what: str, within: float = 30.0) -> None:
    assert callable(true)
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it_within_two_seconds_and_without_a_traceback(
    around: Surroundings, tmp_path: Path, number: signal.Signals
) -> None:
    around.put_in_order()
    with kiosk(settings_file(around, tmp_path, f"A-004-{number}"), tmp_path) as process:  # each has a key of its own
        began = time.monotonic()
        process.send_signal(number)
        assert process.wait(timeout=60) == 0
        assert time.monotonic() - began < 2.0
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_signal_during_the_start_ends_it_too(tmp_path: Path) -> None:
    """The demonstration's programs are just being started: they end as well, and nothing is said of it."""
    command = [sys.executable, "main.py", "--data", str(tmp_path / "data"), "tour", "--out", str(tmp_path / "out")]
    with (tmp_path / "log").open("w") as log, subprocess.Popen(command, cwd=ROOT, stderr=log) as process:
        until((tmp_path / "data" / "lock").exists, "the start")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_python_still_imports_ends_it_without_a_word(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "main.py", "--data", str(tmp_path / "data")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        loaded = Path(f"/proc/{process.pid}/maps")
        until(lambda: "_asyncio" in loaded.read_text(), "the imports")
        process.send_signal(number)
        out, _nothing = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, b"")
    assert not (tmp_path / "data").exists()


def test_closing_the_window_ends_it(around: Surroundings, tmp_path: Path) -> None:
    around.put_in_order()
    with kiosk(settings_file(around, tmp_path, "A-005"), tmp_path) as process:
        found = xdotool("search", "--onlyvisible", "--pid", str(process.pid))
        close_window(int(found.split()[-1]))
        assert process.wait(timeout=60) == 0
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_touch_of_the_x_server_counts_a_rider(around: Surroundings, tmp_path: Path) -> None:
    """Pointer events from outside the process: home banner, category picture, and a record is there."""
    around.put_in_order()
    with kiosk(settings_file(around, tmp_path, "A-006"), tmp_path) as process:
        before = outbox_status(tmp_path)["matters"]
        deadline = time.monotonic() + 20
        while outbox_status(tmp_path)["matters"] == before and time.monotonic() < deadline:
            for x, y in (BANNER, FIRST_CATEGORY):
                xdotool("mousemove", str(x), str(y), "click", "1")
                time.sleep(0.8)
        assert outbox_status(tmp_path)["matters"] != before
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0


BANNER, FIRST_CATEGORY = (860, 1420), (270, 760)
"""Where the banner's button and the first category picture stand on the panel of 1080×1920 pixels."""


def xdotool(*arguments: str) -> str:
    """What xdotool says to that."""
    return subprocess.run(["xdotool", *arguments], check=True, timeout=60, capture_output=True, text=True).stdout


# -- usage -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["--settings", "nowhere.toml", "tour", "--out", "x"], 2, "nowhere.toml: cannot be read"),
        (["tour", "dancing", "--out", "x"], 2, "there is no journey dancing"),
        (["tour"], 2, "--out"),
        (["--data", "DATA", "outbox", "status"], 1, "the outbox cannot be read"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(tmp_path: Path, arguments: list[str], code: int, word: str) -> None:
    (tmp_path / "outbox.db").write_bytes(b"not a database" * 100)
    arguments = [str(tmp_path) if argument == "DATA" else argument for argument in arguments]
    done = subprocess.run(
        [sys.executable, "main.py", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == code
    assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_display_it_says_so(tmp_path: Path, around: Surroundings) -> None:
    settings = settings_file(around, tmp_path, "A-007")
    done = subprocess.run(
        [sys.executable, "main.py", "--settings", str(settings), "--data", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        env={name: value for name, value in os.environ.items() if name != "DISPLAY"},
    )  # fmt: skip
    assert done.returncode == 2
    assert "DISPLAY is not set" in done.stderr
    assert "Traceback" not in done.stderr


def test_two_kiosks_never_share_a_data_folder(around: Surroundings, tmp_path: Path) -> None:
    around.put_in_order()
    settings = settings_file(around, tmp_path, "A-008")
    with kiosk(settings, tmp_path):
        ended = tour(settings, tmp_path)
    assert ended.code == 2
    assert "another kiosk runs on this data folder" in ended.errors


@pytest.mark.parametrize("readers", [{"social_card"}, {"scanner"}], ids=["social card", "code"])
def test_a_tour_without_a_reader_of_identity_cards(around: Surroundings, tmp_path: Path, readers: set[str]) -> None:
    """The scripted person shows what the machine can read."""
    if "social_card" in readers and not around.social_cards:
        pytest.skip("there can be no PC/SC service here")
    around.put_in_order()
    tables = around.tables("A-013-" + min(readers).replace("_", "-")[:9])
    tables["devices"] = {name: section for name, section in tables["devices"].items() if name in readers}
    settings = tmp_path / "kiosk.toml"
    settings.write_text(toml(tables), encoding="utf-8")
    ended = tour(settings, tmp_path, "insurance-status")
    assert ended.code == 0, ended.errors
    assert "card.png" in " ".join(ended.journeys[0]["pages"])
