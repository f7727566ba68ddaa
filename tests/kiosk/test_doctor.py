"""The doctor tells what is well from what is not, whatever hangs or fails, and says what to do.

Devices are simulator programs, central is a real server; the commands run in this process.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
import trustme
from typer.testing import CliRunner, Result

import main
from devices import glyphs
from devices.control import DeviceName
from devices.errors import NotFound
from devices.glyphs import Font
from devices.lines import open_line
from devices.pcsc_reader import READER_REFUSALS
from devices.printer import Hindrance
from kiosk import checkup, doctor
from kiosk.alone import alone_in, is_held
from kiosk.checkup import Finding
from kiosk.contract.messages import BatchAnswer, Health, ItemAnswer, Keys, Problem
from kiosk.contract.records import new_id
from kiosk.doctor import NAMES, Check, Name, examine, in_words
from kiosk.files import file_system, write_durably
from kiosk.keystore import DEVICE_KEY, FileKeyStore
from kiosk.outbox import Outbox
from kiosk.settings import check_settings
from tests.devices.programs import Simulators, simulators
from tests.kiosk.acts import check_in
from tests.kiosk.central_double import CentralDouble, new_pair, raw_server, read_request, reply
from tests.kiosk.outbox_writer import keys

NOWHERE = "tcp://127.0.0.1:1"
NOW = datetime(2026, 11, 22, 1, 46, tzinfo=UTC)


@pytest.fixture(scope="module")
def rig() -> Iterator[Simulators]:
    free = "tcp://127.0.0.1:0"
    with simulators("--id-card", free, "--printer", free, "--scanner", free) as running:
        yield running


@pytest.fixture
def desk(rig: Simulators) -> Iterator[Simulators]:
    yield rig
    devices: tuple[DeviceName, ...] = ("id_card", "printer", "scanner")
    for device in devices:
        rig.control.clear(device)
        rig.control.plug(device)
    rig.control.paper("ok")
    rig.control.cover(False)


@pytest.fixture(scope="module")
def central() -> Iterator[CentralDouble]:
    double = CentralDouble()
    yield double
    double.stop()


class Patient:
    """A kiosk that may be ill."""

    def __init__(self, data: Path, rig: Simulators, central: CentralDouble) -> None:
        self.data = data
        self.outbox, self.keys = data / "outbox.db", data / "keys.json"
        self.devices: dict[str, dict[str, object]] = {
            "id_card": {"line": rig.id_card},
            "printer": {"line": rig.printer},
            "scanner": {"line": rig.scanner},
        }
        self.central: dict[str, object] = {"url": central.url}
        self.pin(central.keys)

    def pin(self, pinned: Keys) -> None:
        write_durably(self.keys, pinned.model_dump_json().encode())

    def examine(self) -> dict[str, Check]:
        tables: dict[str, object] = {"central": self.central, "devices": self.devices}
        settings = check_settings(tables, "the test", distrust="")
        runs = is_held(self.data)
        checks = examine(settings, self.data, outbox=self.outbox, keys=self.keys, kiosk_runs=runs)
        assert tuple(check.name for check in checks) == NAMES
        return {check.name: check for check in checks}

    def ill(self, name: Name) -> Finding:
        """What is found of the one thing that is not well; all else is."""
        checks = self.examine()
        others = {check.name for check in checks.values() if check.finding.state not in ("ok", "absent")}
        assert others <= {name}
        finding = checks[name].finding
        assert finding.state == "ok" or finding.advice
        return finding


@pytest.fixture
def patient(tmp_path: Path, desk: Simulators, central: CentralDouble) -> Patient:
    return Patient(tmp_path, desk, central)


def test_a_loudspeaker_that_takes_a_sound_is_well(patient: Patient, tmp_path: Path) -> None:
    patient.devices["sound"] = {"line": f"wav://{tmp_path}/sounds"}
    assert patient.ill("sound").found == "接上了，它自己不会回答"
    patient.devices["sound"]["earphone"] = "alsa://plughw:CARD=nosuchcard"
    assert patient.ill("sound").found == "没有找到"
    patient.devices["sound"] = {"line": "alsa://nosuchcard"}
    assert patient.ill("sound").found == "没有找到"


def test_a_light_that_does_not_answer_is_not_well(patient: Patient) -> None:
    patient.devices["light"] = {"line": NOWHERE}
    assert patient.ill("light").found == "没有找到"


def test_an_a4_printer_that_nobody_serves_is_not_well(patient: Patient) -> None:
    patient.devices["office_printer"] = {"line": NOWHERE}
    assert patient.ill("office_printer").found == "没有找到"


def test_all_is_well(patient: Patient) -> None:
    checks = patient.examine()
    assert {name: check.finding.state for name, check in checks.items()} == {
        "kiosk": "ok",
        "id_card": "ok",
        "social_card": "absent",
        "printer": "ok",
        "scanner": "ok",
        "sound": "absent",
        "light": "absent",
        "office_printer": "absent",
        "central": "ok",
        "clock": "ok",
        "outbox": "ok",
        "disk": "ok",
        "fonts": "ok",
    }
    assert not any(check.bad for check in checks.values())
    assert {name for name, check in checks.items() if not check.required} == {
        "kiosk", "social_card", "sound", "light", "office_printer",
    }  # fmt: skip
    assert list(in_words(list(checks.values())))[-1] == "都好，可以用。"
    assert sorted(path.name for path in patient.data.iterdir()) == ["keys.json"]


def test_a_sealing_key_that_has_expired(
    patient: Patient, central: CentralDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By central's time where it is heard, else by what has passed in any case; it refuses nobody."""
    key = central.keys.sealing[0].model_copy(update={"not_after": datetime.now(UTC) + timedelta(days=1)})
    monkeypatch.setattr(central, "keys", central.keys.model_copy(update={"sealing": (key,)}))
    patient.pin(central.keys)
    assert patient.ill("central").state == "ok"
    write_durably(patient.data / "clock.json", b'{"floor": "2090-01-01T00:00:00Z"}')
    assert patient.ill("central").state == "ok"
    monkeypatch.setattr(central, "ahead", timedelta(days=2))
    found = patient.examine()["central"].finding
    assert (found.state, found.found, found.detail) == ("warning", "有回答，封存用的密钥过期了", key.id)
    assert "换封存密钥" in found.advice
    patient.central["url"] = "http://127.0.0.1:1"
    found = patient.examine()["central"].finding
    assert (found.state, found.found) == ("failed", "连不上")
    assert "换封存密钥" in found.advice


# ---- Devices ---------------------------------------------------------------------------------------------------------


def test_a_reader_that_is_unplugged(patient: Patient, desk: Simulators) -> None:
    desk.control.unplug("id_card")
    assert patient.ill("id_card").found == "没有找到"


def test_wrong_ports(patient: Patient) -> None:
    for device in patient.devices.values():
        device["line"] = NOWHERE
    checks = patient.examine()
    for kind in ("id_card", "printer", "scanner"):
        assert checks[kind].bad
        assert (checks[kind].finding.found, checks[kind].tried.split()[-1]) == ("没有找到", NOWHERE)


def test_a_port_that_is_no_device(patient: Patient) -> None:
    patient.devices["id_card"]["line"] = "serial:///dev/nowhere"
    assert patient.ill("id_card").detail.startswith("serial port cannot be opened")


def test_a_port_that_another_program_has(patient: Patient) -> None:
    ours, its = os.openpty()
    path = os.ttyname(its)
    held = open_line(f"serial://{path}")
    patient.devices["scanner"]["line"] = f"serial://{path}"
    assert patient.ill("scanner").found == "被别的程序占着"
    held.close()
    os.close(its)
    os.close(ours)


def test_no_permission_is_told_from_no_device() -> None:
    error = NotFound("serial port cannot be opened")
    error.__cause__ = PermissionError(errno.EACCES, "Permission denied")
    assert "dialout" in checkup._not_there(error).advice


def test_devices_that_are_silent(patient: Patient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for kind in ("id_card", "printer"):
            patient.devices[kind]["line"] = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        checks = patient.examine()
        assert {checks[kind].finding.found for kind in ("id_card", "printer")} == {"接通了，但没有回答"}


def test_one_burst_of_noise_is_no_illness(patient: Patient, desk: Simulators) -> None:
    desk.control.fault("id_card", "checksum", 1)
    assert patient.ill("id_card").state == "ok"


def test_a_device_that_speaks_otherwise(patient: Patient, desk: Simulators) -> None:
    desk.control.fault("id_card", "checksum")
    assert patient.ill("id_card").found == "有回答，但听不懂"


def test_a_reader_that_says_that_it_is_broken(patient: Patient, desk: Simulators) -> None:
    desk.control.fault("id_card", "sw3:60")
    finding = patient.ill("id_card")
    assert (finding.found, finding.detail) == ("它说自己不能工作", "self-test failed")


def test_what_a_person_can_mend_is_a_warning(patient: Patient, desk: Simulators) -> None:
    desk.control.paper("near-end")
    assert (found := patient.ill("printer")).state == "warning"
    assert found.found == "纸快用完了"
    desk.control.paper("out")
    assert (found := patient.ill("printer")).state == "warning"
    assert found.found == "没有纸了"
    desk.control.cover(True)
    checks = patient.examine()
    assert checks["printer"].finding.found == "盖子开着"
    assert not checks["printer"].bad
    assert list(in_words(list(checks.values())))[-1] == "可以用。有 1 项请留意。"


@pytest.mark.parametrize("hindrance", [*get_args(Hindrance), *READER_REFUSALS])
def test_what_our_drivers_say_is_said_in_words(hindrance: str) -> None:
    finding = checkup._hindered(hindrance)
    assert hindrance not in finding.found
    assert finding.advice


def test_what_other_drivers_say_is_said_as_they_say_it() -> None:
    assert checkup._hindered("lid ajar") == Finding(
        state="warning", found="它说：lid ajar", advice="请照设备自己的提示处理。"
    )


def test_a_card_service_that_is_not_there(patient: Patient) -> None:
    patient.devices["social_card"] = {"line": "pcsc://?service=/nowhere/pcscd.comm"}
    assert "pcscd" in patient.ill("social_card").advice


def test_a_wedge_cannot_be_tried_from_here(patient: Patient) -> None:
    patient.devices["scanner"]["line"] = "keyboard://"
    assert patient.ill("scanner").state == "skipped"


ROOT = Path(main.__file__).parent
OUTSIDE = """
import threading
class Device:
    LINES = ("tcp",)
    def __init__(self, line): self.close = line.close
    def hello(self): self.greet()
    def read(self): pass
    def cancel(self): pass
class Hanging(Device):
    def greet(self): threading.Event().wait()
class Mistaken(Device):
    def greet(self): raise KeyError("陈建国")
class Exiting(Device):
    def greet(self): raise SystemExit(0)
"""


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path_factory.mktemp("outside")
    (folder / "ill_devices.py").write_text(OUTSIDE, encoding="utf-8")
    monkeypatch.syspath_prepend(folder)


@pytest.mark.usefixtures("outside")
def test_a_driver_that_hangs_holds_up_nobody(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "WITHIN", 1.5)
    patient.devices["id_card"]["driver"] = "ill_devices:Hanging"
    started = time.monotonic()
    assert patient.ill("id_card").found == "一直没有结果"
    assert time.monotonic() - started < 2.5


@pytest.mark.usefixtures("outside")
def test_a_driver_that_makes_a_mistake_fails_alone(patient: Patient, caplog: pytest.LogCaptureFixture) -> None:
    """Where it was goes to the log, what it said does not: it may be personal."""
    patient.devices["id_card"]["driver"] = "ill_devices:Mistaken"
    finding = patient.ill("id_card")
    assert finding.detail.startswith("KeyError in ")
    assert "ill_devices.py" in caplog.text
    assert "陈建国" not in f"{finding} {caplog.text}"


@pytest.mark.usefixtures("outside")
def test_a_driver_that_exits_does_not_end_the_doctor(patient: Patient) -> None:
    patient.devices["id_card"]["driver"] = "ill_devices:Exiting"
    assert patient.ill("id_card").detail.startswith("SystemExit in ")


@pytest.mark.usefixtures("outside")
def test_a_driver_that_is_not_there(patient: Patient) -> None:
    patient.devices["id_card"]["driver"] = "ill_devices:Missing"
    finding = patient.ill("id_card")
    assert finding.found == "驱动装不上"
    assert finding.detail.endswith("ill_devices has no class Missing")


def test_a_running_kiosk_is_not_disturbed(patient: Patient, desk: Simulators) -> None:
    """Not even a device that does not answer is a failure then: nobody asked it."""
    desk.control.unplug("id_card")
    with alone_in(patient.data):
        checks = patient.examine()
    assert checks["kiosk"].finding.found == "正在运行"
    assert {checks[kind].finding.state for kind in ("id_card", "printer", "scanner")} == {"skipped"}
    assert checks["central"].finding.state == "ok"
    assert not any(check.bad for check in checks.values())
    assert not is_held(patient.data)


def test_a_lock_that_may_not_be_looked_at_counts_as_held(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to("lock")
    assert is_held(tmp_path)


def test_a_lock_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "lock")
    assert not is_held(tmp_path)
    with alone_in(tmp_path):
        assert is_held(tmp_path)


def test_a_kiosk_on_a_folder_that_is_none_says_so() -> None:
    said = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "--data", "/dev/null"], capture_output=True, text=True, check=False
    )
    assert (said.returncode, said.stderr) == (2, "/dev/null: cannot be the data folder: File exists\n")


# ---- Central and the clock -------------------------------------------------------------------------------------------


def test_a_central_that_is_down(patient: Patient) -> None:
    patient.central["url"] = "http://127.0.0.1:1"
    checks = patient.examine()
    assert checks["central"].bad
    assert checks["central"].finding.found == "连不上"
    assert checks["central"].finding.advice.endswith("这期间照常办，先存在机器上。")
    assert checks["clock"].finding.found == "看着正常，没和中心对过"
    patient.keys.unlink()
    assert patient.examine()["central"].finding.advice.endswith("连上以前不能办事。")


def test_a_central_under_an_authority_of_its_own(patient: Patient, tmp_path: Path) -> None:
    """The one that the machine was told, or those that the root named: the kiosk itself trusts no other."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    double = CentralDouble(context)
    try:
        patient.central["url"] = double.url
        patient.pin(double.keys)
        assert patient.ill("central").found == "有回答，但不是我们的中心"
        certificate = ssl.PEM_cert_to_DER_cert(authority.cert_pem.bytes().decode())
        patient.pin(double.keys.model_copy(update={"authorities": (certificate,)}))
        assert patient.ill("central").state == "ok"
        patient.pin(double.keys)
        patient.central["ca"] = str(tmp_path / "ca.pem")
        assert patient.ill("central").state == "ok"
    finally:
        double.stop()


def test_a_program_that_is_too_old(patient: Patient, central: CentralDouble) -> None:
    patient.pin(central.keys.model_copy(update={"minimum": (99, 0, 0)}))
    checks = patient.examine()
    assert checks["central"].bad
    assert checks["central"].finding.advice.startswith("请更新程序。")


def test_a_kiosk_that_central_has_suspended(
    patient: Patient, central: CentralDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Central says it to the kiosk's own key; whoever may not use that learns nothing, and no key is made."""
    suspended = Problem(title="no", status=403, code="suspended")
    monkeypatch.setattr(central, "refuse", lambda path: suspended if path == "/v1/heartbeat" else None)
    assert patient.ill("central").state == "ok"
    assert not (patient.data / DEVICE_KEY).exists()
    FileKeyStore(patient.data).device_key()
    finding = patient.ill("central")
    assert (finding.state, finding.found) == ("failed", "中心停用了这台终端，先不让它接待人")
    assert "联系中心的管理员" in finding.advice
    stale = Problem(title="no", status=401, code="stale")
    monkeypatch.setattr(central, "refuse", lambda path: stale if path == "/v1/heartbeat" else None)
    assert patient.ill("central").state == "ok"
    (patient.data / DEVICE_KEY).chmod(0o644)
    assert patient.ill("central").state == "ok"


def test_a_stranger_in_centrals_place(patient: Patient) -> None:
    def portal(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(reply("200 OK", b"<html>login</html>", "text/html"))

    with raw_server(portal) as patient.central["url"]:
        assert patient.ill("central").found == "有回答，但不是我们的中心"


def test_another_central(patient: Patient) -> None:
    _private, key = new_pair("another")
    patient.pin(Keys(version=1, sealing=(key,)))
    assert patient.ill("central").found == "不是这台终端认识的中心"


def test_keys_that_nobody_can_read_are_pinned_anew(patient: Patient) -> None:
    patient.keys.write_bytes(b"{}")
    finding = patient.ill("central")
    assert (finding.state, finding.detail) == ("warning", f"{patient.keys}: damaged")


def test_a_central_without_its_opener(patient: Patient, central: CentralDouble) -> None:
    health = Health(service="kiosk-central", time=datetime.now(UTC), opener="silent")

    def serve(connection: socket.socket) -> None:
        while request := read_request(connection):
            answer = health if request.startswith(b"GET /v1/health") else central.keys
            connection.sendall(reply("200 OK", answer.model_dump_json().encode()))

    with raw_server(serve) as patient.central["url"]:
        assert patient.ill("central").state == "warning"


def test_a_clock_that_went_astray(patient: Patient, central: CentralDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(central, "ahead", timedelta(minutes=2))
    assert patient.ill("clock").state == "warning"
    monkeypatch.setattr(central, "ahead", timedelta(hours=-8))
    assert patient.ill("clock").state == "failed"
    assert patient.ill("clock").found == "比中心快 28800 秒"


def test_a_clock_is_compared_with_what_was_written_where_there_is_no_central(tmp_path: Path) -> None:
    written = tmp_path / "outbox.db"
    written.touch()
    assert checkup.clock(datetime(1970, 1, 1, tzinfo=UTC), None, [tmp_path / "none"]).state == "failed"
    os.utime(written, times=(NOW.timestamp(),) * 2)
    assert checkup.clock(NOW, None, [written]).state == "ok"
    assert checkup.clock(NOW - timedelta(hours=1), None, [written]).state == "failed"


# ---- What is on this machine -----------------------------------------------------------------------------------------


async def keep_two(file: Path) -> None:
    """An outbox with its genesis, a record that central has, and one that it refused."""
    outbox = Outbox(file, kiosk="K-001", mode="demo")
    await outbox.start(keys())
    for _ in range(2):
        await outbox.commit(check_in(), id=new_id(NOW))
    genesis, first, second = await outbox.pending(3)
    items = tuple(ItemAnswer(id=waiting.id, outcome="stored") for waiting in (genesis, first))
    await outbox.answered([genesis, first], BatchAnswer(answers=items, contiguous=2))
    await outbox.quarantine([second])
    await outbox.close()


async def test_an_outbox_with_what_central_did_not_take(patient: Patient) -> None:
    await keep_two(patient.outbox)
    assert (patient.ill("outbox").state, patient.ill("outbox").found) == ("warning", "有 1 件中心没有收下")


async def test_an_outbox_beside_a_running_kiosk(patient: Patient) -> None:
    outbox = Outbox(patient.outbox, kiosk="K-001", mode="demo")
    await outbox.start(keys())
    await outbox.commit(check_in())
    assert patient.ill("outbox").found == "完好，2 件，2 件等着交"
    await outbox.close()


async def test_an_outbox_that_is_damaged(patient: Patient) -> None:
    await keep_two(patient.outbox)
    content = bytearray(patient.outbox.read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    patient.outbox.write_bytes(content)
    assert (patient.ill("outbox").state, patient.ill("outbox").found) == ("failed", "坏了")
    patient.outbox.rename(patient.outbox.with_name("outbox-damaged-20261122T014600Z.db"))
    assert "outbox-damaged-20261122T014600Z.db" in patient.ill("outbox").advice


async def test_somebody_else_may_not_look(patient: Patient, rig: Simulators, central: CentralDouble) -> None:
    """That is no damage, and nothing is made there in passing."""
    with tempfile.TemporaryDirectory() as folder:
        other = Patient(Path(folder), rig, central)
        await keep_two(other.outbox)
        there = sorted(other.data.iterdir())
        other.data.chmod(0o555)
        with another_user():
            checks = other.examine()
        other.data.chmod(0o755)
        assert sorted(other.data.iterdir()) == there
    assert checks["outbox"].finding.found == "读不出来"
    if os.geteuid() == 0:
        assert checks["central"].finding.detail == f"{other.keys}: Permission denied"
    assert (checks["disk"].finding.found, checks["disk"].finding.detail) == ("写不进去", "Permission denied")


@contextmanager
def another_user() -> Iterator[None]:
    """Somebody who is not root: permissions hold for others only."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_folder_that_is_none(patient: Patient) -> None:
    patient.data = patient.data / "file"
    patient.data.touch()
    finding = patient.ill("disk")
    assert (finding.found, finding.detail) == ("写不进去", "Not a directory")


def test_a_folder_that_is_to_come_is_left_to_the_kiosk(patient: Patient) -> None:
    patient.data = patient.data / "new" / "folder"
    assert patient.ill("disk").state == "ok"
    assert not patient.data.parent.exists()
    (patient.data.parents[1] / "file").touch()
    patient.data = patient.data.parents[1] / "file" / "new"
    assert patient.ill("disk").state == "failed"


def test_a_folder_in_memory(patient: Patient) -> None:
    memory = Path("/dev/shm")
    if file_system(memory) != "tmpfs" or shutil.disk_usage(memory).free < 100_000_000:
        pytest.skip("needs 100 MB in /dev/shm")
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        patient.data = Path(folder)
        assert patient.ill("disk").found == "在内存里，断电就没有了"


def test_a_disk_that_is_full(patient: Patient) -> None:
    patient.data = patient.data / "small"
    patient.data.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(patient.data)]
    if subprocess.run(mount, capture_output=True, check=False, timeout=10).returncode:
        pytest.skip("needs the right to mount")
    try:
        assert patient.ill("disk").found == "快满了，只剩 0 MB"
        with pytest.raises(OSError, match="No space"):
            (patient.data / "filler").write_bytes(bytes(100_000))
        assert patient.ill("disk").found == "满了，写不进去"
    finally:
        subprocess.run(["umount", str(patient.data)], check=True, timeout=10)


def test_fonts_that_are_missing(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = Font(name="No Such Han", path=patient.data / "none.ttf")
    monkeypatch.setattr(checkup, "FALLBACKS", (*glyphs.FALLBACKS, missing))
    finding = patient.ill("fonts")
    assert (finding.state, finding.detail) == ("warning", "No Such Han")
    monkeypatch.setattr(glyphs, "EXTRACTED_FOLDER", patient.data)
    finding = patient.ill("fonts")
    assert finding.state == "failed"
    assert "make setup" in finding.detail


def test_a_font_that_is_damaged(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last of all is read as well."""
    damaged = Font(name="Damaged Han", path=patient.data / "damaged.ttf")
    damaged.path.write_bytes(bytes(100))
    monkeypatch.setattr(glyphs, "FALLBACKS", (*glyphs.FALLBACKS, damaged))
    assert patient.ill("fonts").detail == f"{damaged.path} is damaged: install its package again"


# ---- The command -----------------------------------------------------------------------------------------------------


def call(patient: Patient, *options: str) -> Result:
    text = f"[central]\nurl = '{patient.central['url']}'\n" + "".join(
        f'[devices.{kind}]\nline = "{device["line"]}"\n' for kind, device in patient.devices.items()
    )
    file = patient.data / "kiosk.toml"
    file.write_text(text)
    return CliRunner().invoke(main.app, ["--settings", str(file), "--data", str(patient.data), "doctor", *options])


def test_as_json(patient: Patient, desk: Simulators) -> None:
    done = call(patient, "--json")
    said = json.loads(done.stdout)
    assert (done.exit_code, list(said), said["ok"]) == (0, ["ok", "checks"], True)
    assert [check["name"] for check in said["checks"]] == list(NAMES)
    for check in said["checks"]:
        assert list(check) == ["name", "required", "state", "tried", "found", "advice"]
    desk.control.unplug("id_card")
    done = call(patient, "--json")
    said = json.loads(done.stdout)
    assert (done.exit_code, said["ok"]) == (1, False)
    check = said["checks"][NAMES.index("id_card")]
    assert (check["state"], check["tried"]) == ("failed", f"samv, {desk.id_card}")
    assert "cannot be connected" in check["found"]


def test_as_a_table(patient: Patient, desk: Simulators) -> None:
    desk.control.paper("out")
    desk.control.unplug("scanner")
    done = call(patient)
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    rows = [re.split(" {2,}", line) for line in lines]
    assert ["不行", "扫码器", "没有找到", f"scanner, {desk.scanner}"] in rows
    assert ["没有", "社保卡读卡器", "设置里没有写"] in rows
    paper = rows.index(["留意", "凭条打印机", "没有纸了", f"escpos, {desk.printer}"])
    assert lines[paper + 1] == "      → 请换一卷新纸，拉出纸头，再合上盖子。"
    assert lines[-1] == "有 1 项要先处理，请照上面说的做。"
    assert (
        len({doctor._width(line.partition(row[3])[0]) for line, row in zip(lines, rows, strict=True) if row[3:]}) == 1
    )


def test_settings_that_are_wrong_are_2(patient: Patient) -> None:
    patient.devices["printer"]["line"] = "nonsense"
    done = call(patient)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "devices.printer.line" in done.stderr


def test_the_demonstration_is_well_out_of_the_box(tmp_path: Path) -> None:
    done = CliRunner().invoke(main.app, ["--data", str(tmp_path / "data"), "doctor", "--json"])
    said = json.loads(done.stdout)
    assert (done.exit_code, said["ok"]) == (0, True)
    assert "demonstration" in done.stderr or "演示" in done.stderr
    states = {check["name"]: check["state"] for check in said["checks"]}
    assert (states["id_card"], states["printer"], states["central"]) == ("ok", "ok", "ok")


def test_the_demonstration_that_runs_has_its_devices(tmp_path: Path) -> None:
    with alone_in(tmp_path):
        done = CliRunner().invoke(main.app, ["--data", str(tmp_path), "doctor", "--json"])
    states = {check["name"]: check["state"] for check in json.loads(done.stdout)["checks"]}
    assert done.exit_code == 0
    assert {states[name] for name in ("id_card", "printer", "scanner", "social_card", "central")} == {"skipped"}
