"""Drivers that somebody else wrote: the one in the documentation reads a card, and what is wrong with one is said."""

from __future__ import annotations

import os
import re
import socketserver
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from devices import open_driver
from devices.__main__ import app
from devices.card_text import IdCard
from devices.errors import Garbled, NoDriver
from kiosk.settings import SettingsError, check_settings, read_settings

PAGE = (Path(__file__).parents[2] / "docs" / "write-a-driver.md").read_text(encoding="utf-8")
ADDRESS = "tcp://192.168.1.60:4000"
CENTRAL = '[central]\nurl = "http://127.0.0.1:8080"\n'
MINE = {0, os.getuid()}
"""Whose files are trusted here: where the tests do not run as root, they cannot make one of root's."""


def block(language: str) -> str:
    """The one block of that language on the page."""
    (code,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(code)


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder outside the tree that Python imports from, with the driver of the page in it."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "toy_reader.py").write_text(block("python"), encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    return folder


@pytest.fixture
def toy() -> Iterator[str]:
    """The line of a reader that speaks as the page says."""

    class Toy(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for question in self.rfile:
                self.wfile.write(ANSWERS[question])

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Toy) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"tcp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


ANSWERS = {
    b"HELLO?\n": b"OK\n",
    b"CARD?\n": "CARD|陈建国|339902199203180011|1992-03-18|2018-05-10|2038-05-10\n".encode(),
}


def settings_file(folder: Path, text: str) -> Path:
    file = folder / "kiosk.toml"
    file.write_text(CENTRAL + text, encoding="utf-8")
    file.chmod(0o644)
    return file


def test_the_example_is_short() -> None:
    assert len(block("python").splitlines()) <= 40


def test_the_example_reads_a_card_by_its_settings(outside: Path, tmp_path: Path, toy: str) -> None:
    settings = read_settings(settings_file(tmp_path, block("toml").replace(ADDRESS, toy)), owners=MINE)
    device = settings.devices.id_card
    assert device is not None
    reader = open_driver("id_card", device.driver, device.line)
    reader.hello()
    card = reader.read()
    reader.close()
    assert isinstance(card, IdCard)
    assert (card.name, card.birth, card.valid_to) == ("陈建国", date(1992, 3, 18), date(2038, 5, 10))


def test_the_examples_commands(outside: Path, toy: str) -> None:
    commands = re.findall(r"^python -m devices (.+)$", PAGE, re.MULTILINE)
    status, read = (CliRunner().invoke(app, command.replace(ADDRESS, toy).split()) for command in commands)
    assert (status.exit_code, status.output) == (0, "ready\n")
    assert (read.exit_code, read.stderr) == (0, "")
    assert "name: 陈建国" in read.stdout


# ---- Whose settings may name one -------------------------------------------------------------------------------------


def test_settings_that_are_no_file_choose_among_names() -> None:
    tables: dict[str, object] = {
        "central": {"url": "http://127.0.0.1:8080"},
        "devices": {"scanner": {"driver": "toy_reader:ToyReader", "line": "tcp://h:1"}},
    }
    with pytest.raises(SettingsError, match=r"^central: devices\.scanner\.driver: drivers are scanner; .*among names"):
        check_settings(tables, "central")


@pytest.mark.parametrize("kind", ["id_card", "social_card", "printer", "scanner"])
def test_a_file_of_somebody_else_may_name_none(tmp_path: Path, kind: str) -> None:
    file = settings_file(tmp_path, f'[devices.{kind}]\ndriver = "toy_reader:ToyReader"\nline = "tcp://h:1"\n')
    read_settings(file, owners=MINE)
    with pytest.raises(SettingsError) as refused:
        read_settings(file, owners={os.getuid() + 1})
    assert str(refused.value).startswith(f"{file}: devices.{kind}.driver: drivers are ")
    assert str(refused.value).endswith(f"{file} belongs to user {os.getuid()}")


@pytest.mark.parametrize("place", ["kiosk.toml", "."])
@pytest.mark.parametrize("mode", [0o775, 0o757])
def test_what_others_can_write_may_name_none(tmp_path: Path, place: str, mode: int) -> None:
    file = settings_file(tmp_path, block("toml"))
    writable = (tmp_path / place).resolve()
    writable.chmod(mode)
    with pytest.raises(SettingsError, match=re.escape(f"{writable} can be written by others")):
        read_settings(file, owners=MINE)


def test_a_link_is_judged_by_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "link.toml").symlink_to(settings_file(tmp_path / "open", block("toml")))
    with pytest.raises(SettingsError, match="open can be written by others"):
        read_settings(tmp_path / "link.toml", owners=MINE)


def test_a_link_is_judged_by_where_it_stands_too(tmp_path: Path) -> None:
    """Who can put another link there chooses what is read, and may do so between two looks at it."""
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "open" / "link.toml").symlink_to(settings_file(tmp_path, block("toml")))
    with pytest.raises(SettingsError, match="open can be written by others"):
        read_settings(tmp_path / "open" / "link.toml", owners=MINE)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a link of somebody else's")
def test_a_link_of_somebody_elses_in_a_sticky_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "sticky").mkdir()
    (tmp_path / "sticky").chmod(0o1777)
    link = tmp_path / "sticky" / "link.toml"
    link.symlink_to(settings_file(tmp_path, block("toml")))
    os.lchown(link, 65534, 65534)
    with pytest.raises(SettingsError, match=re.escape(f"{link} belongs to user 65534")):
        read_settings(link, owners=MINE)


@pytest.mark.parametrize("driver", [":Reader", "toy_reader:", "toy reader:Reader", "/tmp/toy.py:Reader", "a:b:c"])
def test_another_form_is_refused_with_the_right_one(tmp_path: Path, driver: str) -> None:
    file = settings_file(tmp_path, f"[devices.id_card]\ndriver = '{driver}'\nline = 'tcp://h:1'\n")
    with pytest.raises(SettingsError, match=r"package\.module:ClassName"):
        read_settings(file, owners=MINE)


# ---- What is wrong with one ------------------------------------------------------------------------------------------


FAULTY = """
class Whole:
    LINES = ("tcp",)
    def __init__(self, line): pass
    def hello(self): raise Garbled("noise")
    def read(self): pass
    def cancel(self): pass
    def close(self): pass

class Heir(Whole):
    OPTIONS = ("speed",)

class NoLines(Whole):
    LINES = "tcp"

class OtherLines(Whole):
    LINES = ("serial",)

class StrangeLines(Whole):
    LINES = ("telepathy",)

class Lacking:
    LINES = ("tcp",)
    def __init__(self, line): pass
    def hello(self): pass
    def close(self): pass

not_a_class = 1
"""


@pytest.mark.parametrize(
    ("driver", "words"),
    [
        ("no_such_module:Reader", "cannot be imported: ModuleNotFoundError: No module named 'no_such_module'"),
        ("faulty_syntax:Reader", "cannot be imported: SyntaxError"),
        ("faulty_reader:Missing", "has no class Missing"),
        ("faulty_reader:not_a_class", "has no class not_a_class"),
        ("faulty_reader:Lacking", "is no IdCardReader: it lacks read, cancel"),
        ("faulty_reader:NoLines", "LINES is a tuple of names"),
        ("faulty_reader:StrangeLines", "does not say what it talks over: LINES, some of serial, tcp"),
        ("faulty_reader:OtherLines", "does not talk over that line: not a line URL of a known kind; allowed: serial"),
        ("faulty_reader:Heir", "wants speed, which nobody tells it"),
    ],
)
def test_what_is_wrong_with_a_class_is_said_in_a_line(outside: Path, toy: str, driver: str, words: str) -> None:
    (outside / "faulty_reader.py").write_text(FAULTY)
    (outside / "faulty_syntax.py").write_text("class :")
    with pytest.raises(NoDriver, match=re.escape(words)) as refused:
        open_driver("id_card", driver, toy)
    assert "\n" not in str(refused.value)
    done = CliRunner().invoke(app, ["read", "id-card", "--line", toy, "--driver", driver])
    assert (done.exit_code, done.stderr) == (4, f"{refused.value}\n")


def test_a_printer_may_ask_for_its_options(outside: Path, tmp_path: Path) -> None:
    (outside / "faulty_printer.py").write_text("""
class Printer:
    LINES, OPTIONS = ("file",), ("columns",)
    def __init__(self, line, columns): self.columns, self._line = columns, line
    def hello(self): pass
    def print(self, job): self._line.write(job, 1)
    def cancel(self): pass
    def close(self): self._line.close()
""")
    printer = open_driver("printer", "faulty_printer:Printer", f"file://{tmp_path}/job", columns=32)
    printer.print(b"text")
    printer.close()
    assert printer.columns == 32
    assert (tmp_path / "job").read_bytes() == b"text"


def test_noise_is_an_error_of_the_examples_own(outside: Path, toy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ANSWERS, b"HELLO?\n", b"OLLEH\n")
    reader = open_driver("id_card", "toy_reader:ToyReader", toy)
    with pytest.raises(Garbled):
        reader.hello()
    reader.close()
