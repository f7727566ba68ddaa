"""A worker's PIN: hard to try out, whether from the settings or at the machine."""

from __future__ import annotations

import json
import logging
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

import main
from kiosk.companions import DEMONSTRATION_PIN, demonstration_settings
from kiosk.settings import SettingsError, check_settings
from kiosk.staff import FIRST_WAIT, LONGEST_WAIT, BadPin, PinLock, Staff, StaffMember, is_sealed, sealed_pin

SEALED = sealed_pin("240517")
LIN_FANG = StaffMember(code="w01", name="林芳", pin=SEALED)
CENTRAL = {"central": {"url": "http://127.0.0.1:1"}}


@dataclass
class Clock:
    """Seconds that pass when the test says so."""

    at: float = 1000.0

    def __call__(self) -> float:
        return self.at


def test_settings_hold_no_pin_and_no_two_seals_are_alike() -> None:
    assert "240517" not in SEALED
    assert sealed_pin("240517") != SEALED
    assert LIN_FANG.has("240517")
    assert not LIN_FANG.has("240518")
    assert SEALED not in repr(LIN_FANG)


@pytest.mark.parametrize(
    "pin", ["123456", "890123", "987654", "210987", "000000", "121212", "24051", "2405178", "24O517"]
)
def test_what_is_guessed_first_is_no_pin(pin: str) -> None:
    with pytest.raises(BadPin) as refused:
        sealed_pin(pin)
    assert pin not in str(refused.value) or pin == "123456"


@pytest.mark.parametrize("text", ["240517", "scrypt:AA==:AA==", "scrypt:x:y", "md5:AA==:AA==", ""])
def test_settings_take_only_what_the_command_prints(text: str) -> None:
    """A PIN written there by hand is refused, and not said again."""
    assert not is_sealed(text)
    with pytest.raises(SettingsError) as refused:
        check_settings({**CENTRAL, "staff": [{"code": "w01", "name": "林芳", "pin": text}]}, "kiosk.toml")
    assert "staff.0.pin" in str(refused.value)
    assert not text or text not in str(refused.value)


def test_two_workers_with_one_code_are_a_mistake() -> None:
    """A record could not say whose word it was."""
    twice = [{"code": "w01", "name": name, "pin": SEALED} for name in ("林芳", "郑明")]
    with pytest.raises(SettingsError, match="two workers have one code"):
        check_settings({**CENTRAL, "staff": twice}, "kiosk.toml")


def test_the_third_wrong_pin_begins_to_wait_and_each_further_one_waits_longer(tmp_path: Path) -> None:
    """Whatever the wall clock says: the monotonic one counts. While it waits, even the right PIN is not looked at."""
    clock = Clock()
    staff = Staff(members=(LIN_FANG,), lock=PinLock(tmp_path / "pins", clock))
    waits = []
    for _try in range(6):
        clock.at += staff.lock.waits
        assert staff.recognise("w01", "000000") is None
        waits.append(staff.lock.waits)
    assert waits == [0, 0, FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT, 8 * FIRST_WAIT]
    assert staff.recognise("w01", "240517") is None
    assert staff.lock.waits == waits[-1], "what is not looked at is no try"
    clock.at += waits[-1]
    assert staff.recognise("w01", "240517") is LIN_FANG
    assert (staff.lock.waits, staff.lock.tries_left) == (0, 3)


def test_pulling_the_plug_gives_no_further_tries(tmp_path: Path) -> None:
    """A try is counted before the PIN is looked at; after a start the whole wait begins anew."""
    clock = Clock()
    lock = PinLock(tmp_path / "pins", clock)
    for _try in range(4):
        lock.begin()
    again = PinLock(tmp_path / "pins", clock)
    assert again.waits == 2 * FIRST_WAIT
    for _try in range(40):
        again.begin()
    assert again.waits == LONGEST_WAIT


@pytest.mark.parametrize("content", [b"", b"{", b'{"wrong": "0"}', b'{"wrong": -5}', b"[]"])
def test_a_count_that_cannot_be_read_is_no_fresh_start(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pins").write_bytes(content)
    assert PinLock(tmp_path / "pins", Clock()).waits == FIRST_WAIT


def test_a_try_that_cannot_be_counted_is_none(tmp_path: Path) -> None:
    """Else a full disk would give endless tries."""
    staff = Staff(members=(LIN_FANG,), lock=PinLock(tmp_path / "data" / "pins", Clock()))
    (tmp_path / "data").write_bytes(b"")
    with pytest.raises(FileExistsError):
        staff.recognise("w01", "240517")


def test_no_log_and_no_file_says_what_was_typed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """How often is what the event says (``test_acting``)."""
    staff = Staff(members=(LIN_FANG,), lock=PinLock(tmp_path / "pins", Clock()))
    with caplog.at_level(logging.INFO):
        for _try in range(3):
            staff.recognise("w01", "735201")
    assert staff.lock.in_a_row == 3
    assert "735201" not in caplog.text
    assert json.loads((tmp_path / "pins").read_text()) == {"wrong": 3}


def test_the_command_prints_what_the_settings_take(tmp_path: Path) -> None:
    """Typed twice and unseen; nothing is kept."""
    made = CliRunner().invoke(
        main.app, ["--data", str(tmp_path), "staff", "pin", "--code", "w07", "--name", "周丽"], input="240517\n240517\n"
    )
    assert made.exit_code == 0, made.output
    assert "240517" not in made.output
    table = tomllib.loads(made.output[made.output.index("[[staff]]") :])
    (entry,) = check_settings({**CENTRAL, **table}, "kiosk.toml").staff
    assert (entry.code, entry.name) == ("w07", "周丽")
    assert StaffMember(code=entry.code, name=entry.name, pin=entry.pin).has("240517")
    assert list(tmp_path.iterdir()) == []


def test_a_weak_pin_is_refused_by_the_command() -> None:
    made = CliRunner().invoke(main.app, ["staff", "pin"], input="111111\n111111\n")
    assert made.exit_code == 2
    assert "[[staff]]" not in made.output


def test_the_demonstration_s_workers_have_the_pin_that_the_manual_names() -> None:
    lines = dict.fromkeys(("id_card", "scanner", "printer", "control"), "tcp://127.0.0.1:1")
    made = demonstration_settings({**lines, "network": "http://127.0.0.1:1", "social_card": ""})
    members = check_settings(made, "").staff
    assert [member.name for member in members] == ["林芳", "郑明"]
    assert all(StaffMember(code=one.code, name=one.name, pin=one.pin).has(DEMONSTRATION_PIN) for one in members)


def test_the_number_of_a_worker_s_card_is_sealed_too(tmp_path: Path) -> None:
    """The command asks for it unseen; what is none is refused."""
    number = "11010519491231002X"
    made = CliRunner().invoke(main.app, ["staff", "card"], input=f"{number}\n{number}\n")
    assert made.exit_code == 0, made.output
    assert number not in made.output
    table = tomllib.loads(made.output[made.output.index("card = ") :])
    entry = {"code": "w07", "name": "周丽", "pin": SEALED, **table}
    (kept,) = check_settings({**CENTRAL, "staff": [entry]}, "kiosk.toml").staff
    member = StaffMember(code=kept.code, name=kept.name, pin=kept.pin, card=kept.card)
    assert member.has_card(number.lower())
    assert not member.has_card("110105194912310028")
    assert not LIN_FANG.has_card(number)
    wrong = CliRunner().invoke(main.app, ["staff", "card"], input="110105194912310021\n110105194912310021\n")
    assert wrong.exit_code == 2
